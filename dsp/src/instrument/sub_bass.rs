//! Sub bass: a sine with a few harmonics, a falling start, and saturation: from a plain sub to the long kick of the 808 that is
//! played as a bass.

use super::voicing::{ControlledVoice, OnGrid, overdrive, overdrive_makeup, velocity_gain};
use super::{Instrument, Strike, Voice, control_hz};
use crate::audio::StereoFrame;
use crate::envelope::{Adsr, Decay, Envelope, SILENCE};
use crate::filter::{DcBlocker, FilterMode, Svf, SvfCoefficients};
use crate::osc::{Noise, phase_increment, sine};
use crate::parameters::parameters;
use crate::units::{SampleRate, db_to_gain, pitch_to_hz};

parameters! {
    /// A sine, its harmonics and what overdrives them.
    pub struct SubBass {
        /// Level of the octave.
        second: 0.0 in 0.0..=1.0,
        /// Level of the twelfth.
        third: 0.0 in 0.0..=1.0,
        /// How much higher the pitch starts, in semitones.
        drop_semitones: 0.0 in 0.0..=48.0,
        /// Time for that to fall by 60 dB, in seconds.
        drop_s: 0.12 in 0.005..=2.0,
        /// Saturation in decibels; 0 = nearly clean.
        drive_db: 0.0 in 0.0..=36.0,
        /// Off-centre saturation, which adds even harmonics.
        bias: 0.0 in 0.0..=0.6,
        /// Level of the click at the start.
        click: 0.0 in 0.0..=1.0,
        /// How far velocity moves the loudness: 1.0 = 40 log10(velocity / 127) dB.
        velocity: 0.4 in 0.0..=1.0,
        /// How much of the harmonics is left an octave higher, in decibels below.
        key_scaling_db: 2.0 in 0.0..=12.0,
        ;
        /// Moves the loudness.
        amp_envelope: Adsr = Adsr { attack_s: 0.004, decay_s: 1.0, sustain: 0.9, release_s: 0.08, ..Adsr::default() },
    }
}

impl Instrument for SubBass {
    fn strike(&self, strike: &Strike) -> Box<dyn Voice> {
        Box::new(OnGrid::new(SubBassVoice::new(self, strike), strike.sample_rate))
    }

    fn sustains(&self) -> bool {
        self.amp_envelope.sustain > SILENCE
    }
}

struct SubBassVoice {
    rate: SampleRate,
    pitch: f64,
    phase: u32,
    increment: u32,
    levels: [f32; 2],
    drop: Decay,
    drop_semitones: f32,
    envelope: Envelope,
    drive: f32,
    makeup: f32,
    bias: f32,
    rest: f32,
    loudness: f32,
    noise: Noise,
    click: Decay,
    click_level: f32,
    click_filter: (Svf, SvfCoefficients),
    dc: DcBlocker,
}

impl SubBassVoice {
    fn new(bass: &SubBass, strike: &Strike) -> Self {
        let rate = strike.sample_rate;
        let scaling = db_to_gain(-bass.key_scaling_db * (strike.pitch as f32 - 36.0) / 12.0).min(2.0);
        let drive = db_to_gain(bass.drive_db);
        let makeup = overdrive_makeup(drive);
        Self {
            rate,
            pitch: strike.pitch,
            phase: 0,
            increment: 0,
            levels: [bass.second * scaling, bass.third * scaling],
            drop: Decay::new(bass.drop_s, control_hz(rate)),
            drop_semitones: bass.drop_semitones,
            envelope: Envelope::new(&bass.amp_envelope, rate.hz()),
            drive,
            makeup,
            bias: bass.bias,
            rest: overdrive(bass.bias, drive, makeup),
            loudness: velocity_gain(strike.velocity, bass.velocity),
            noise: Noise::white(strike.seed),
            click: Decay::new(0.02, rate.hz()),
            click_level: bass.click * strike.velocity.unit(),
            click_filter: (Svf::default(), SvfCoefficients::tuned(FilterMode::Band, 2200.0, 0.7, rate)),
            dc: DcBlocker::new(rate),
        }
    }
}

impl ControlledVoice for SubBassVoice {
    fn control(&mut self, bend_semitones: f32) {
        let moved = bend_semitones + self.drop_semitones * self.drop.step();
        self.increment = phase_increment(pitch_to_hz(self.pitch + f64::from(moved)), self.rate);
    }

    fn fill(&mut self, block: &mut [StereoFrame]) {
        for frame in block {
            let tone = sine(self.phase)
                + self.levels[0] * sine(self.phase.wrapping_mul(2))
                + self.levels[1] * sine(self.phase.wrapping_mul(3));
            self.phase = self.phase.wrapping_add(self.increment);
            let shaped = self.envelope.step() * tone;
            let (filter, tuning) = &mut self.click_filter;
            let click = filter.process(tuning, self.noise.sample()) * self.click.step() * self.click_level;
            let driven = overdrive(shaped + self.bias, self.drive, self.makeup) - self.rest;
            let out = self.loudness * (self.dc.process(driven) + click);
            frame[0] += out;
            frame[1] += out;
        }
    }

    fn release(&mut self) {
        self.envelope.release();
    }

    fn is_finished(&self) -> bool {
        self.envelope.is_finished()
    }
}
