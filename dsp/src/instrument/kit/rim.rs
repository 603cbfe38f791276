//! Side stick, claves and wood blocks: two short modes, and a click that the shell and the wires prolong.

use super::hit::{Hit, HitContext, SweptSine};
use crate::audio::StereoFrame;
use crate::envelope::Decay;
use crate::filter::{FilterMode, OnePole, Svf, SvfCoefficients};
use crate::instrument::voicing::{overdrive, overdrive_makeup};
use crate::osc::Noise;
use crate::parameters::parameters;
use crate::units::db_to_gain;

parameters! {
    /// Struck wood.
    pub struct Rim {
        /// Level in decibels.
        level_db: -1.0 in -40.0..=12.0,
        /// -1.0 (left) ..= 1.0 (right).
        pan: 0.1 in -1.0..=1.0,
        /// The main mode, in hertz.
        pitch_hz: 1650.0 in 200.0..=6000.0,
        /// The other mode, as a multiple of the main one.
        ratio: 0.28 in 0.1..=4.0,
        /// Time to fall by 60 dB, in seconds.
        decay_s: 0.06 in 0.01..=1.0,
        /// Level of the click.
        click: 0.8 in 0.0..=2.0,
        /// Time for the click to fall by 60 dB, in seconds.
        click_s: 0.008 in 0.002..=0.2,
        /// Upper end of the click's noise, in hertz; 20 kHz leaves it white.
        click_hz: 20_000.0 in 500.0..=20_000.0,
        /// How much of the click rings on, as a share of it.
        tail: 0.0 in 0.0..=1.0,
        /// Time for what rings on to fall by 60 dB, in seconds.
        tail_s: 0.15 in 0.02..=1.0,
        /// Level of the other mode beside 0.6 of the main one.
        other: 0.5 in 0.0..=1.5,
        /// What is below this is taken away, in hertz.
        low_hz: 250.0 in 30.0..=4000.0,
        /// Saturation in decibels: the bite of the 808's rim shot comes from clipping.
        drive_db: 6.02 in 0.0..=24.0,
    }
}

/// From here on the click's noise is left as it is.
const WHITE_HZ: f32 = 20_000.0;
/// The quality of a low-pass without a peak.
const FLAT_Q: f32 = std::f32::consts::FRAC_1_SQRT_2;

pub(super) struct RimHit {
    modes: [SweptSine; 2],
    noise: Noise,
    click: Decay,
    tail: Decay,
    /// Levels of the click's noise: of what ends at once, and of what rings on.
    levels: [f32; 2],
    upper: Option<(SvfCoefficients, Svf)>,
    low: OnePole,
    drive: f32,
    makeup: f32,
}

impl Rim {
    pub(super) fn hit(&self, context: &HitContext) -> RimHit {
        let drive = db_to_gain(self.drive_db);
        let click = self.click * context.force;
        RimHit {
            modes: [
                SweptSine::new(context, self.pitch_hz, 0.0, 1.0, self.decay_s, 0.6),
                SweptSine::new(context, self.pitch_hz * self.ratio, 0.1, 0.02, 0.8 * self.decay_s, self.other),
            ],
            noise: Noise::white(context.seed),
            click: Decay::new(self.click_s, context.rate.hz()),
            tail: Decay::new(self.tail_s, context.rate.hz()),
            levels: [(1.0 - self.tail) * click, self.tail * click],
            upper: (self.click_hz < WHITE_HZ).then(|| {
                let low_pass = SvfCoefficients::tuned(FilterMode::Low, self.click_hz, FLAT_Q, context.rate);
                (low_pass, Svf::default())
            }),
            low: OnePole::new(self.low_hz, context.rate),
            drive,
            makeup: overdrive_makeup(drive),
        }
    }
}

impl Hit for RimHit {
    fn fill(&mut self, block: &mut [StereoFrame]) {
        for frame in block {
            let level = self.click.step() * self.levels[0] + self.tail.step() * self.levels[1];
            let white = self.noise.sample() * level;
            let click = match &mut self.upper {
                Some((low_pass, state)) => state.process(low_pass, white),
                None => white,
            };
            let tone = self.modes[0].step() + self.modes[1].step() + click;
            let out = self.low.high(overdrive(tone, self.drive, self.makeup));
            frame[0] += out;
            frame[1] += out;
        }
    }

    fn is_finished(&self) -> bool {
        let tail_is_finished = self.levels[1] == 0.0 || self.tail.is_finished();
        self.modes.iter().all(SweptSine::is_finished) && self.click.is_finished() && tail_is_finished
    }
}
