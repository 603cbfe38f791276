//! Hi-hat: the metal bank and noise through a narrow high band.

use super::hit::{Hit, HitContext, Onset};
use super::metal::MetalBank;
use crate::audio::StereoFrame;
use crate::effect::MAX_BLOCK;
use crate::envelope::Decay;
use crate::filter::{FilterMode, Svf, SvfCoefficients};
use crate::osc::Noise;
use crate::parameters::parameters;
use crate::units::SampleRate;

parameters! {
    /// A pair of cymbals.
    pub struct Hat {
        /// Level in decibels.
        level_db: 0.0 in -40.0..=24.0,
        /// -1.0 (left) ..= 1.0 (right).
        pan: -0.15 in -1.0..=1.0,
        /// Factor of the metal's frequencies; 1.0 = the 808's.
        tune: 1.4 in 0.3..=6.0,
        /// 0.0 (six partials and their harmonics) ..= 1.0 (dense).
        ring: 0.6 in 0.0..=1.0,
        /// 0.0 (metal only) ..= 1.0 (noise only).
        noise: 0.4 in 0.0..=1.0,
        /// Where the sound is strongest, in hertz.
        tone_hz: 8500.0 in 2000.0..=16000.0,
        /// What is below this is taken away, in hertz.
        low_hz: 6000.0 in 200.0..=12000.0,
        /// Time to fall by 60 dB, in seconds.
        decay_s: 0.07 in 0.01..=4.0,
        /// Level of the stick.
        stick: 0.3 in 0.0..=1.0,
        /// How different left and right are.
        width: 0.4 in 0.0..=1.0,
        /// How far the six partials lie apart: below 1.0 a cluster, above it a wide spectrum.
        spread: 1.0 in 0.4..=2.0,
        /// Quality of the band at `tone_hz`.
        focus: 0.8 in 0.3..=5.0,
        /// Share of the sound that passes beside that band.
        open: 0.3 in 0.0..=1.0,
        /// Time from silence to full level, in seconds.
        attack_s: 0.0006 in 0.0002..=0.05,
        /// Time for the stick to fall by 60 dB, in seconds.
        stick_s: 0.012 in 0.003..=0.2,
        /// Share of the sound that dies away on its own, slower: the edge of the metal.
        tail: 0.0 in 0.0..=1.0,
        /// Time for the tail to fall by 60 dB, as a multiple of `decay_s`.
        tail_ratio: 3.0 in 1.0..=10.0,
    }
}

pub(super) struct HatHit {
    rate: SampleRate,
    metal: MetalBank,
    metal_level: f32,
    noises: [Noise; 2],
    noise_level: f32,
    onset: Onset,
    ring_out: Decay,
    tail: Decay,
    tail_level: f32,
    stick: Decay,
    stick_level: f32,
    bands: [SvfCoefficients; 2],
    high: SvfCoefficients,
    filters: [[Svf; 3]; 2],
    open: f32,
    width: f32,
}

impl Hat {
    pub(super) fn hit(&self, context: &HitContext) -> HatHit {
        let rate = context.rate;
        let decay_s = self.decay_s * (0.75 + 0.35 * context.force);
        let tone_hz = self.tone_hz * (0.85 + 0.18 * context.force);
        let side = |shift: f32| {
            SvfCoefficients::tuned(FilterMode::Band, tone_hz * (1.0 + 0.08 * shift * self.width), self.focus, rate)
        };
        HatHit {
            rate,
            metal: MetalBank::new(context, self.tune, self.spread, self.ring, context.seed.fork("metal")),
            metal_level: 3.2 * (1.0 - self.noise),
            noises: ["left", "right"].map(|side| Noise::white(context.seed.fork(side))),
            noise_level: 1.3 * self.noise,
            onset: Onset::new(self.attack_s, rate),
            ring_out: Decay::new(decay_s, rate.hz()),
            tail: Decay::new(self.tail_ratio * decay_s, rate.hz()),
            tail_level: self.tail,
            stick: Decay::new(self.stick_s, rate.hz()),
            stick_level: self.stick * context.force,
            bands: [side(-1.0), side(1.0)],
            high: SvfCoefficients::tuned(FilterMode::High, self.low_hz, 0.8, rate),
            filters: Default::default(),
            open: self.open,
            width: self.width,
        }
    }
}

impl Hit for HatHit {
    fn fill(&mut self, block: &mut [StereoFrame]) {
        let mut metal = [0.0; MAX_BLOCK];
        let metal = &mut metal[..block.len()];
        self.metal.fill(metal);
        for (frame, metal) in block.iter_mut().zip(metal.iter()) {
            let ring = (1.0 - self.tail_level) * self.ring_out.step() + self.tail_level * self.tail.step();
            let level = self.onset.step() * (ring + self.stick_level * self.stick.step());
            let [left, right] = &mut self.noises;
            let (left, right) = (left.sample(), right.sample());
            let noises = [left, left + self.width * (right - left)];
            for (side, out) in frame.iter_mut().enumerate() {
                let source = self.metal_level * metal + self.noise_level * noises[side];
                let [band, high, steeper] = &mut self.filters[side];
                let shaped = (1.0 - self.open) * band.process(&self.bands[side], source) + self.open * source;
                *out += level * steeper.process(&self.high, high.process(&self.high, shaped));
            }
        }
    }

    fn choke(&mut self) {
        self.ring_out.hurry(0.04, self.rate.hz());
        self.tail.hurry(0.04, self.rate.hz());
    }

    fn is_finished(&self) -> bool {
        let is_over = self.tail_level == 0.0 || self.tail.is_finished();
        self.ring_out.is_finished() && self.stick.is_finished() && is_over
    }
}
