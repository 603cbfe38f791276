//! Shaker, maracas and tambourine: grains that swell and stop, and jingles.

use super::hit::{Hit, HitContext, Onset};
use super::metal::MetalBank;
use crate::audio::StereoFrame;
use crate::effect::MAX_BLOCK;
use crate::envelope::Decay;
use crate::filter::{FilterMode, Svf, SvfCoefficients};
use crate::osc::Noise;
use crate::parameters::parameters;

parameters! {
    /// Something that is shaken.
    pub struct Shaker {
        /// Level in decibels.
        level_db: -4.0 in -40.0..=24.0,
        /// -1.0 (left) ..= 1.0 (right).
        pan: 0.3 in -1.0..=1.0,
        /// Where the grains are loudest, in hertz.
        tone_hz: 6500.0 in 1000.0..=14000.0,
        /// Time from the start to full level, in seconds.
        attack_s: 0.012 in 0.0005..=0.2,
        /// Time to fall by 60 dB, in seconds.
        decay_s: 0.13 in 0.02..=2.0,
        /// 0.0 (grains only) ..= 1.0 (jingles only).
        jingle: 0.0 in 0.0..=1.0,
        /// Quality of the band at `tone_hz`.
        focus: 1.1 in 0.3..=5.0,
        /// What is below this part of `tone_hz` is taken away.
        low_part: 0.5 in 0.05..=1.0,
        /// Factor of the jingles' frequencies.
        tune: 3.1 in 1.0..=8.0,
        /// Share of the sound that dies away four times as slowly: jingles and grains that settle.
        tail: 0.0 in 0.0..=1.0,
    }
}

pub(super) struct ShakerHit {
    noise: Noise,
    metal: MetalBank,
    jingle: f32,
    onset: Onset,
    decay: Decay,
    tail: Decay,
    tail_level: f32,
    band: SvfCoefficients,
    high: SvfCoefficients,
    filters: [Svf; 2],
}

impl Shaker {
    pub(super) fn hit(&self, context: &HitContext) -> ShakerHit {
        let rate = context.rate;
        ShakerHit {
            noise: Noise::white(context.seed),
            metal: MetalBank::new(context, self.tune, 1.0, 0.9, context.seed.fork("jingle")),
            jingle: self.jingle,
            onset: Onset::new(self.attack_s * (1.3 - 0.5 * context.force), rate),
            decay: Decay::new(self.decay_s, rate.hz()),
            tail: Decay::new(4.0 * self.decay_s, rate.hz()),
            tail_level: self.tail,
            band: SvfCoefficients::tuned(FilterMode::Band, self.tone_hz * context.ratio, self.focus, rate),
            high: SvfCoefficients::tuned(FilterMode::High, self.low_part * self.tone_hz * context.ratio, 0.707, rate),
            filters: Default::default(),
        }
    }
}

impl Hit for ShakerHit {
    fn fill(&mut self, block: &mut [StereoFrame]) {
        let mut metal = [0.0; MAX_BLOCK];
        let metal = &mut metal[..block.len()];
        if self.jingle > 0.0 {
            self.metal.fill(metal);
        }
        let [band, high] = &mut self.filters;
        for (frame, metal) in block.iter_mut().zip(metal.iter()) {
            let onset = self.onset.step();
            let source = (1.0 - self.jingle) * self.noise.sample() + 2.5 * self.jingle * metal;
            let shaped = high.process(&self.high, band.process(&self.band, source));
            let level = (1.0 - self.tail_level) * self.decay.step() + self.tail_level * self.tail.step();
            let out = 1.6 * onset * onset * level * shaped;
            frame[0] += out;
            frame[1] += out;
        }
    }

    fn is_finished(&self) -> bool {
        self.decay.is_finished() && (self.tail_level == 0.0 || self.tail.is_finished())
    }
}
