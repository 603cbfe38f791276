//! Toms, congas and bongos: a skin that is struck, with its second mode, a slap and the stick's noise.

use super::hit::{Hit, HitContext, Onset, SweptSine};
use crate::audio::StereoFrame;
use crate::envelope::Decay;
use crate::filter::{FilterMode, Svf, SvfCoefficients};
use crate::osc::Noise;
use crate::parameters::parameters;

parameters! {
    /// A drum with a pitch.
    pub struct Tom {
        /// Level in decibels.
        level_db: 0.0 in -40.0..=12.0,
        /// -1.0 (left) ..= 1.0 (right), of the middle drum.
        pan: 0.0 in -1.0..=1.0,
        /// The lowest drum, in hertz.
        pitch_hz: 85.0 in 40.0..=600.0,
        /// How much higher it starts, as a part of the pitch.
        sweep: 0.6 in 0.0..=4.0,
        /// Time for the sweep to fall by 60 dB, in seconds.
        sweep_s: 0.2 in 0.005..=1.0,
        /// Time to fall by 60 dB, in seconds.
        decay_s: 0.7 in 0.03..=4.0,
        /// Level of the skin's second mode.
        skin: 0.3 in 0.0..=1.0,
        /// Level of a short slap, 2.92 times as high.
        slap: 0.2 in 0.0..=2.0,
        /// Level of the stick's noise.
        noise: 0.2 in 0.0..=1.0,
        /// Centre of the stick's noise, in hertz.
        noise_hz: 1800.0 in 200.0..=10000.0,
        /// Time for the stick's noise to fall by 60 dB, in seconds.
        noise_s: 0.05 in 0.005..=1.0,
        /// Time for the slap to fall by 60 dB, in seconds.
        slap_s: 0.06 in 0.005..=0.5,
        /// The skin's second mode, as a multiple of the first.
        skin_ratio: 1.59 in 1.2..=4.0,
        /// Time for the second mode to fall by 60 dB, as a part of `decay_s`.
        skin_part: 0.5 in 0.05..=1.5,
        /// Time from silence to full level, in seconds.
        attack_s: 0.0008 in 0.0002..=0.02,
    }
}

pub(super) struct TomHit {
    modes: [SweptSine; 3],
    onset: Onset,
    noise: Noise,
    stick: Decay,
    stick_level: f32,
    filter: (Svf, SvfCoefficients),
}

impl Tom {
    pub(super) fn hit(&self, context: &HitContext) -> TomHit {
        let rate = context.rate;
        let decay_s = self.decay_s / context.ratio.sqrt();
        // Ratios of a circular membrane's modes: 1, 1.59, 2.92 (Fletcher and Rossing, "The Physics of Musical Instruments").
        let mode = |ratio: f32, decay: f32, level: f32| {
            SweptSine::new(context, self.pitch_hz * ratio, self.sweep * context.force, self.sweep_s, decay, level)
        };
        TomHit {
            modes: [
                mode(1.0, decay_s, 0.8),
                mode(self.skin_ratio, self.skin_part * decay_s, 0.6 * self.skin),
                mode(2.92, self.slap_s, self.slap * context.force),
            ],
            onset: Onset::new(self.attack_s, rate),
            noise: Noise::white(context.seed),
            stick: Decay::new(self.noise_s, rate.hz()),
            stick_level: 1.5 * self.noise * context.force,
            filter: (Svf::default(), SvfCoefficients::tuned(FilterMode::Band, self.noise_hz, 0.6, rate)),
        }
    }
}

impl Hit for TomHit {
    fn fill(&mut self, block: &mut [StereoFrame]) {
        for frame in block {
            let tone: f32 = self.modes.iter_mut().map(SweptSine::step).sum();
            let (filter, tuning) = &mut self.filter;
            let stick = filter.process(tuning, self.noise.sample()) * self.stick.step() * self.stick_level;
            let out = self.onset.step() * tone + stick;
            frame[0] += out;
            frame[1] += out;
        }
    }

    fn is_finished(&self) -> bool {
        self.modes.iter().all(SweptSine::is_finished) && self.stick.is_finished()
    }
}
