//! The subtractive synthesizer: rich waveforms, and a filter that takes away.

use super::voicing::{
    CONTROL_FRAMES, ControlledVoice, OnGrid, Ramp, overdrive, overdrive_makeup, saturate, velocity_gain,
};
use super::{Instrument, Strike, Voice, control_hz};
use crate::audio::StereoFrame;
use crate::envelope::{Adsr, Decay, Envelope, SILENCE};
use crate::filter::{DcBlocker, FilterMode, Svf, SvfCoefficients};
use crate::lfo::{Lfo, LfoSpec};
use crate::osc::{Noise, NoiseColor, Oscillator, Unison, Waveform, phase_increment, phase_of};
use crate::parameters::parameters;
use crate::units::{SampleRate, db_to_gain, pitch_to_hz};

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
        ;
        /// The cycle's shape.
        waveform: Waveform = Waveform::Saw,
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
        ;
        /// Low, band, high or notch.
        mode: FilterMode = FilterMode::Low,
        /// 24 dB per octave instead of 12.
        steep: bool = false,
    }
}

parameters! {
    /// Two oscillators, a sub and noise through a filter, shaped by two envelopes and a low-frequency oscillator.
    pub struct Subtractive {
        /// Level of a square (or sine) one octave below the first oscillator.
        sub_level: 0.0 in 0.0..=2.0,
        /// Level of the noise.
        noise_level: 0.0 in 0.0..=2.0,
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
        filter_envelope: Adsr = Adsr { attack_s: 0.002, decay_s: 0.4, sustain: 0.0, release_s: 0.2 },
        /// Moves the loudness.
        amp_envelope: Adsr = Adsr::default(),
        /// Vibrato, wah, tremolo, pulse-width modulation.
        lfo: LfoSpec = LfoSpec::default(),
    }
}

impl Instrument for Subtractive {
    fn strike(&self, strike: &Strike) -> Box<dyn Voice> {
        Box::new(OnGrid::new(SubtractiveVoice::new(self, strike), strike.sample_rate))
    }

    fn sustains(&self) -> bool {
        self.amp_envelope.sustain > SILENCE
    }
}

/// 1 / 0.541: the other half of a fourth-order Butterworth low-pass.
const FLAT_DAMPING: f32 = 1.848;

/// One copy of both oscillators.
struct Copy {
    oscillators: [Oscillator; 2],
    ratio: f64,
    gains: [f32; 2],
}

struct SubtractiveVoice {
    spec: Subtractive,
    rate: SampleRate,
    pitch: f64,
    copies: Vec<Copy>,
    /// Frequencies of the oscillators before the copies' detuning, in hertz.
    tuning_hz: [f64; 2],
    pulse_shift: f32,
    sub: Oscillator,
    noise: Noise,
    is_stereo: bool,
    drive: Option<(f32, f32)>,
    damping: f32,
    /// log2 of the cutoff at rest, in hertz.
    cutoff_log2: f32,
    warped: Ramp,
    filters: [[Svf; 2]; 2],
    dc: [DcBlocker; 2],
    gain: Ramp,
    loudness: f32,
    amp_envelope: Envelope,
    filter_envelope: Envelope,
    pitch_start: Decay,
    lfo: Lfo,
}

impl SubtractiveVoice {
    fn new(spec: &Subtractive, strike: &Strike) -> Self {
        let rate = strike.sample_rate;
        let control_hz = control_hz(rate);
        let mut rng = strike.seed.rng();
        let pitch = strike.pitch + f64::from(rng.bipolar() * spec.drift_cents) / 100.0;
        let copies: Vec<Copy> = (spec.unison.voices(&mut rng).iter())
            .map(|voice| Copy {
                oscillators: [&spec.osc1, &spec.osc2]
                    .map(|osc| Oscillator::new(osc.waveform, phase_of(rng.uniform_f64() * f64::from(spec.free_phase)))),
                ratio: voice.ratio,
                gains: voice.gains,
            })
            .collect();
        let softness = 1.0 - strike.velocity.unit();
        let filter = &spec.filter;
        let drive = db_to_gain(filter.drive_db);
        Self {
            rate,
            pitch,
            is_stereo: spec.unison.spread > 0.0 && copies.len() > 1,
            copies,
            tuning_hz: [0.0; 2],
            pulse_shift: 0.0,
            sub: Oscillator::new(spec.sub_waveform, 0),
            noise: Noise::new(spec.noise_color, strike.seed.fork("noise")),
            drive: (filter.drive_db > 0.0).then(|| (drive, overdrive_makeup(drive))),
            damping: 2.0 * 80f32.powf(-filter.resonance),
            cutoff_log2: filter.cutoff_hz.log2() + filter.key_tracking * (pitch as f32 - 60.0) / 12.0
                - filter.velocity_octaves * softness,
            warped: Ramp::default(),
            filters: Default::default(),
            dc: [DcBlocker::new(rate); 2],
            gain: Ramp::default(),
            loudness: velocity_gain(strike.velocity, spec.velocity),
            amp_envelope: Envelope::new(&spec.amp_envelope, rate.hz()),
            filter_envelope: Envelope::new(&spec.filter_envelope, control_hz),
            pitch_start: Decay::new(spec.pitch_start_s, control_hz),
            lfo: Lfo::new(&spec.lfo, control_hz, strike.bpm, strike.seed.fork("lfo")),
            spec: spec.clone(),
        }
    }

    /// Adds the oscillators of all copies, the sub and the noise.
    fn sources(&mut self, left: &mut [f32], right: &mut [f32]) {
        let mut scratch = [0.0; CONTROL_FRAMES];
        let scratch = &mut scratch[..left.len()];
        for copy in &mut self.copies {
            scratch.fill(0.0);
            for (index, spec) in [&self.spec.osc1, &self.spec.osc2].into_iter().enumerate() {
                if spec.level > 0.0 {
                    let increment = phase_increment(self.tuning_hz[index] * copy.ratio, self.rate);
                    let width = spec.pulse_width + self.pulse_shift;
                    copy.oscillators[index].add(scratch, increment, width, spec.level);
                }
            }
            for ((left, right), &sample) in left.iter_mut().zip(right.iter_mut()).zip(scratch.iter()) {
                *left += copy.gains[0] * sample;
                *right += copy.gains[1] * sample;
            }
        }
        if self.spec.sub_level > 0.0 {
            let increment = phase_increment(0.5 * self.tuning_hz[0], self.rate);
            self.sub.fill(scratch, increment, 0.5);
            add_both(left, right, scratch, self.spec.sub_level);
        }
        if self.spec.noise_level > 0.0 {
            scratch.fill_with(|| self.noise.sample());
            add_both(left, right, scratch, self.spec.noise_level);
        }
    }

    /// Drive, the resonant stage and, if it is steep, a flat one; both channels step by step, so that they overlap in time.
    fn filter<const CHANNELS: usize>(&mut self, channels: [&mut [f32]; CHANNELS]) {
        let (mode, steep) = (self.spec.filter.mode, self.spec.filter.steep);
        for index in 0..channels[0].len() {
            let g = self.warped.step();
            let resonant = SvfCoefficients::new(mode, g, self.damping);
            let flat = SvfCoefficients::new(mode, g, FLAT_DAMPING);
            for (channel, [first, second]) in self.filters.iter_mut().enumerate().take(CHANNELS) {
                let mut sample = channels[channel][index];
                if let Some((gain, makeup)) = self.drive {
                    let driven = overdrive(0.5 * sample, gain, 2.0 * makeup);
                    // The resonance saturates too, at about twice full scale.
                    sample = 2.0 * saturate(0.5 * first.process(&resonant, driven));
                    // What a crooked wave gains in DC there.
                    sample = self.dc[channel].process(sample);
                } else {
                    sample = first.process(&resonant, sample);
                }
                channels[channel][index] = if steep { second.process(&flat, sample) } else { sample };
            }
        }
    }
}

fn add_both(left: &mut [f32], right: &mut [f32], added: &[f32], gain: f32) {
    for ((left, right), &sample) in left.iter_mut().zip(right).zip(added) {
        *left += gain * sample;
        *right += gain * sample;
    }
}

impl ControlledVoice for SubtractiveVoice {
    fn control(&mut self, bend_semitones: f32) {
        let spec = &self.spec;
        let lfo = self.lfo.step();
        let moved = f64::from(
            bend_semitones + lfo * spec.lfo_pitch_cents / 100.0 + self.pitch_start.step() * spec.pitch_start_semitones,
        );
        self.tuning_hz = [&spec.osc1, &spec.osc2]
            .map(|osc| pitch_to_hz(self.pitch + moved + f64::from(osc.semitones) + f64::from(osc.cents) / 100.0));
        self.pulse_shift = lfo * spec.lfo_pulse_width;
        let cutoff_hz = (self.cutoff_log2
            + spec.filter.envelope_octaves * self.filter_envelope.step()
            + spec.lfo_filter_octaves * lfo
            + spec.filter.key_tracking * bend_semitones / 12.0)
            .exp2();
        self.warped.aim(SvfCoefficients::warp(cutoff_hz.clamp(10.0, 20_000.0), self.rate));
        self.gain.aim(self.loudness * (1.0 - spec.lfo_amplitude * 0.5 * (1.0 - lfo)));
    }

    fn fill(&mut self, block: &mut [StereoFrame]) {
        let mut left = [0.0; CONTROL_FRAMES];
        let mut right = [0.0; CONTROL_FRAMES];
        let (left, right) = (&mut left[..block.len()], &mut right[..block.len()]);
        self.sources(left, right);

        if self.is_stereo {
            self.filter([left, right]);
        } else {
            self.filter([left]);
        }
        let right: &[f32] = if self.is_stereo { right } else { left };
        for ((frame, &left), &right) in block.iter_mut().zip(left.iter()).zip(right) {
            let gain = self.gain.step() * self.amp_envelope.step();
            frame[0] += gain * left;
            frame[1] += gain * right;
        }
    }

    fn release(&mut self) {
        self.amp_envelope.release();
        self.filter_envelope.release();
    }

    fn is_finished(&self) -> bool {
        self.amp_envelope.is_finished()
    }
}
