//! Crash and ride: two metal banks, one for each side, in three bands that die away on their own, the upper ones first; a
//! stick and the bell's ping.

use super::hit::{Hit, HitContext, Onset, SweptSine};
use super::metal::MetalBank;
use crate::audio::StereoFrame;
use crate::effect::MAX_BLOCK;
use crate::envelope::Decay;
use crate::filter::{FilterMode, Svf, SvfCoefficients};
use crate::osc::Noise;
use crate::parameters::parameters;

/// Modes of a cymbal's bell, as multiples of its lowest: spread like those of a thick dome, tuned by comparison with recordings.
const BELL_RATIOS: [f32; 5] = [1.0, 1.483, 2.11, 2.84, 4.07];

/// Time for the stick's click to fall by 60 dB, in seconds.
const STICK_S: f32 = 0.012;

parameters! {
    /// A crash or ride cymbal.
    pub struct Cymbal {
        /// Level in decibels.
        level_db: -1.0 in -40.0..=12.0,
        /// -1.0 (left) ..= 1.0 (right).
        pan: 0.2 in -1.0..=1.0,
        /// Factor of the metal's frequencies.
        tune: 1.7 in 0.3..=6.0,
        /// 0.0 (metal only) ..= 1.0 (noise only).
        noise: 0.35 in 0.0..=1.0,
        /// Centre of the body, in hertz; the shimmer is an octave above.
        tone_hz: 6200.0 in 1000.0..=10000.0,
        /// Time for the body to fall by 60 dB, in seconds.
        decay_s: 3.2 in 0.1..=8.0,
        /// Level of the bell's ping.
        ping: 0.0 in 0.0..=2.0,
        /// The bell's lowest mode, in hertz.
        ping_hz: 620.0 in 200.0..=4000.0,
        /// How different left and right are.
        width: 0.7 in 0.0..=1.0,
        /// How far the six partials lie apart: below 1.0 a cluster, above it a wide spectrum.
        spread: 1.0 in 0.4..=2.0,
        /// 0.0 (six partials and their harmonics) ..= 1.0 (dense).
        ring: 0.85 in 0.0..=1.0,
        /// Time in which the plate sets in, in seconds: energy climbs from low modes to high ones.
        attack_s: 0.002 in 0.0005..=0.2,
        /// Level of the shimmer beside 0.8 of the body.
        shimmer: 0.9 in 0.0..=2.0,
        /// Time for the shimmer to fall by 60 dB, as a part of `decay_s`.
        shimmer_part: 0.6 in 0.05..=1.5,
        /// How much louder the first moment is.
        splash: 0.8 in 0.0..=6.0,
        /// Time for that to fall by 60 dB, in seconds.
        splash_s: 0.12 in 0.01..=2.0,
        /// Level of the plate's low modes.
        wash: 0.0 in 0.0..=2.0,
        /// Centre of the low modes, in hertz.
        wash_hz: 900.0 in 150.0..=4000.0,
        /// Time for them to fall by 60 dB, as a part of `decay_s`.
        wash_part: 0.8 in 0.05..=2.0,
        /// Time for the bell to fall by 60 dB, as a part of `decay_s`.
        ping_part: 0.35 in 0.02..=1.5,
        /// Level of the stick's click.
        stick: 0.0 in 0.0..=2.0,
    }
}

pub(super) struct CymbalHit {
    metals: [MetalBank; 2],
    noises: [Noise; 2],
    metal_level: f32,
    noise_level: f32,
    onset: Onset,
    body: Decay,
    shimmer: Decay,
    wash: Decay,
    wash_level: f32,
    shimmer_level: f32,
    splash: Decay,
    splash_level: f32,
    stick: Decay,
    stick_level: f32,
    bell: [SweptSine; 5],
    deep: SvfCoefficients,
    low: SvfCoefficients,
    high: SvfCoefficients,
    filters: [[Svf; 3]; 2],
    width: f32,
}

impl Cymbal {
    pub(super) fn hit(&self, context: &HitContext) -> CymbalHit {
        let rate = context.rate;
        let detuned = self.tune * (1.0 + 0.021 * self.width);
        let decay_s = self.decay_s * (0.7 + 0.4 * context.force);
        let mut rng = context.seed.rng();
        CymbalHit {
            metals: [
                MetalBank::new(context, self.tune, self.spread, self.ring, context.seed.fork("metal left")),
                MetalBank::new(context, detuned, self.spread, self.ring, context.seed.fork("metal right")),
            ],
            noises: ["left", "right"].map(|side| Noise::white(context.seed.fork(side))),
            metal_level: 1.4 * (1.0 - self.noise),
            noise_level: 0.7 * self.noise,
            onset: Onset::new(self.attack_s, rate),
            body: Decay::new(decay_s, rate.hz()),
            shimmer: Decay::new(self.shimmer_part * decay_s, rate.hz()),
            shimmer_level: self.shimmer,
            wash: Decay::new(self.wash_part * decay_s, rate.hz()),
            wash_level: self.wash,
            splash: Decay::new(self.splash_s, rate.hz()),
            splash_level: self.splash,
            stick: Decay::new(STICK_S, rate.hz()),
            stick_level: self.stick * context.force,
            bell: std::array::from_fn(|mode| {
                let level = 0.16 * self.ping * context.force / (1.0 + 0.5 * mode as f32);
                SweptSine::new(context, self.ping_hz * BELL_RATIOS[mode], 0.0, 1.0, self.ping_part * decay_s, level)
                    .at_phase(rng.uniform())
            }),
            deep: SvfCoefficients::tuned(FilterMode::Band, self.wash_hz * context.ratio, 0.7, rate),
            low: SvfCoefficients::tuned(FilterMode::Band, self.tone_hz, 0.9, rate),
            high: SvfCoefficients::tuned(FilterMode::High, (2.0 * self.tone_hz).min(0.4 * rate.hz() as f32), 0.7, rate),
            filters: Default::default(),
            width: self.width,
        }
    }
}

impl Hit for CymbalHit {
    fn fill(&mut self, block: &mut [StereoFrame]) {
        let mut metals = [[0.0; MAX_BLOCK]; 2];
        for (bank, samples) in self.metals.iter_mut().zip(&mut metals) {
            bank.fill(&mut samples[..block.len()]);
        }
        for (index, frame) in block.iter_mut().enumerate() {
            let onset = self.onset.step();
            let splash = 1.0 + self.splash_level * self.splash.step();
            let wash = self.wash_level * self.wash.step();
            let stick = self.stick_level * self.stick.step();
            let (body, shimmer) = (self.body.step() * splash, self.shimmer_level * self.shimmer.step() * splash);
            let bell: f32 = self.bell.iter_mut().map(SweptSine::step).sum();
            let [left, right] = &mut self.noises;
            let (left, right) = (left.sample(), right.sample());
            let noises = [left, left + self.width * (right - left)];
            for (side, out) in frame.iter_mut().enumerate() {
                let source = self.metal_level * metals[side][index] + self.noise_level * noises[side];
                let [deep, low, high] = &mut self.filters[side];
                let deep = deep.process(&self.deep, source);
                let low = low.process(&self.low, source);
                let high = high.process(&self.high, source);
                let plate = wash * deep + 0.8 * body * low + shimmer * high;
                *out += onset * (plate + bell) + stick * high;
            }
        }
    }

    fn is_finished(&self) -> bool {
        let is_deep_over = self.wash_level == 0.0 || self.wash.is_finished();
        self.body.is_finished() && self.shimmer.is_finished() && is_deep_over
    }
}
