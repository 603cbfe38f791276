//! The subtractive synthesizer: rich waveforms, and a filter that takes away.

mod filter;
mod modulation;
mod source;
mod state_variable;
mod voice;

pub use filter::FilterKind;
pub use modulation::{Modulation, Source, Target};

use super::voicing::OnGrid;
use super::{Instrument, Strike, Voice};
use crate::envelope::{Adsr, SILENCE};
use crate::lfo::LfoSpec;
use crate::osc::wavetable::Table;
use crate::osc::{NoiseColor, Unison, Waveform};
use crate::parameters::parameters;
use voice::SubtractiveVoice;

parameters! {
    /// One of the oscillators.
    pub struct OscillatorSpec {
        /// Amplitude.
        level: 1.0 in 0.0..=2.0,
        /// Transposition in semitones.
        semitones: 0.0 in -48.0..=48.0,
        /// Fine tuning in cents.
        cents: 0.0 in -100.0..=100.0,
        /// Part of a pulse's cycle that is high.
        pulse_width: 0.5 in 0.02..=0.98,
        /// Position in the wavetable, 0.0 ..= 1.0.
        position: 0.0 in 0.0..=1.0,
        /// Hard sync: the waveform runs this many times as fast as the pitch, whose periods restart it; 0 = not synced.
        sync_ratio: 0.0 in 0.0..=16.0,
        ;
        /// The cycle's shape.
        waveform: Waveform = Waveform::Saw,
        /// A morphing wavetable in its place.
        wavetable: Option<Table> = None,
    }
}

parameters! {
    /// The filter and what moves its cutoff.
    pub struct FilterSpec {
        /// For middle C at full velocity, in hertz.
        cutoff_hz: 8000.0 in 20.0..=20000.0,
        /// 0.0 (quality 0.5) ..= 1.0 (quality 40), exponentially.
        resonance: 0.1 in 0.0..=1.0,
        /// How far the filter envelope raises the cutoff, in octaves.
        envelope_octaves: 0.0 in -8.0..=8.0,
        /// How far the cutoff follows the pitch: 1.0 = fully.
        key_tracking: 0.3 in 0.0..=1.0,
        /// How much lower the cutoff is at the softest velocity, in octaves.
        velocity_octaves: 1.0 in 0.0..=6.0,
        /// Saturation before the filter, in decibels; 0 = clean.
        drive_db: 0.0 in 0.0..=36.0,
        /// Of the formant filter: a (0.0), e, i, o, u (1.0).
        vowel: 0.0 in 0.0..=1.0,
        ;
        /// What it does.
        mode: FilterKind = FilterKind::Low,
        /// 24 dB per octave instead of 12; the ladder always is.
        steep: bool = false,
    }
}

parameters! {
    /// Two oscillators, a sub and noise through a filter, shaped by three envelopes, two low-frequency oscillators and a matrix.
    pub struct Subtractive {
        /// Level of a square (or sine) one octave below the first oscillator.
        sub_level: 0.0 in 0.0..=2.0,
        /// Level of the noise.
        noise_level: 0.0 in 0.0..=2.0,
        /// Level of the product of both oscillators.
        ring_level: 0.0 in 0.0..=2.0,
        /// How far velocity moves the loudness: 1.0 = 40 log10(velocity / 127) dB.
        velocity: 0.5 in 0.0..=1.0,
        /// 0.0 (each note starts at the same phase) ..= 1.0 (anywhere).
        free_phase: 0.0 in 0.0..=1.0,
        /// How far each note may be out of tune, in cents.
        drift_cents: 0.0 in 0.0..=30.0,
        /// Vibrato: depth of the LFO on the pitch, in cents.
        lfo_pitch_cents: 0.0 in 0.0..=1200.0,
        /// Depth of the LFO on the cutoff, in octaves.
        lfo_filter_octaves: 0.0 in 0.0..=6.0,
        /// Depth of the LFO on the pulse width.
        lfo_pulse_width: 0.0 in 0.0..=0.48,
        /// Tremolo: depth of the LFO on the loudness.
        lfo_amplitude: 0.0 in 0.0..=1.0,
        /// Where the pitch starts, in semitones from the struck one.
        pitch_start_semitones: 0.0 in -48.0..=48.0,
        /// Time for the pitch to get home within -60 dB, in seconds.
        pitch_start_s: 0.05 in 0.001..=5.0,
        ;
        /// The first oscillator.
        osc1: OscillatorSpec = OscillatorSpec::default(),
        /// The second oscillator, silent unless it is given a level.
        osc2: OscillatorSpec = OscillatorSpec { level: 0.0, ..OscillatorSpec::default() },
        /// The shape of the sub.
        sub_waveform: Waveform = Waveform::Pulse,
        /// The noise's spectrum.
        noise_color: NoiseColor = NoiseColor::White,
        /// Copies of both oscillators.
        unison: Unison = Unison::default(),
        /// The filter.
        filter: FilterSpec = FilterSpec::default(),
        /// Moves the cutoff.
        filter_envelope: Adsr = Adsr { attack_s: 0.002, decay_s: 0.4, sustain: 0.0, release_s: 0.2, ..Adsr::default() },
        /// Moves the loudness.
        amp_envelope: Adsr = Adsr::default(),
        /// Moves what the matrix says.
        mod_envelope: Adsr = Adsr { attack_s: 0.002, decay_s: 0.4, sustain: 0.0, release_s: 0.2, ..Adsr::default() },
        /// Vibrato, wah, tremolo, pulse-width modulation, and what the matrix says.
        lfo: LfoSpec = LfoSpec::default(),
        /// Moves what the matrix says.
        lfo2: LfoSpec = LfoSpec::default(),
        /// The matrix: what else moves what.
        modulation: Vec<Modulation> = Vec::new(),
    }
}

impl Instrument for Subtractive {
    fn strike(&self, strike: &Strike) -> Box<dyn Voice> {
        Box::new(OnGrid::new(SubtractiveVoice::new(self, strike), strike.sample_rate))
    }

    fn routes(&self, source: Source) -> bool {
        self.modulation.iter().any(|modulation| modulation.source == source)
    }

    fn sustains(&self) -> bool {
        self.amp_envelope.sustain > SILENCE
    }
}
