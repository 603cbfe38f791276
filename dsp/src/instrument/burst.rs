//! A burst of noise in a band: the knock of a hammer, the click of a key.

use super::voicing::CONTROL_FRAMES;
use crate::envelope::Decay;
use crate::filter::{FilterMode, Svf, SvfCoefficients};
use crate::osc::Noise;
use crate::rng::Seed;
use crate::units::SampleRate;

/// Where a [`Burst`] lies, and how it decays.
pub(super) struct BurstShape {
    /// Amplitude of the noise.
    pub(super) level: f32,
    /// Middle of the band, in hertz.
    pub(super) hz: f32,
    /// Quality of the band.
    pub(super) q: f32,
    /// Time to fall by 60 dB, in seconds.
    pub(super) decay_s: f32,
}

/// A decaying, band-passed noise.
pub(super) struct Burst {
    noise: Noise,
    level: f32,
    decay: Decay,
    filter: Svf,
    band: SvfCoefficients,
    is_over: bool,
}

impl Burst {
    pub(super) fn new(shape: &BurstShape, rate: SampleRate, seed: Seed) -> Self {
        Self {
            noise: Noise::white(seed),
            level: shape.level,
            decay: Decay::new(shape.decay_s, rate.hz()),
            filter: Svf::default(),
            band: SvfCoefficients::tuned(FilterMode::Band, shape.hz, shape.q, rate),
            is_over: false,
        }
    }

    /// At the beginning of each control period: silent from there on once it is not heard any more.
    pub(super) fn control(&mut self) {
        self.is_over = self.level == 0.0 || self.decay.is_inaudible();
    }

    /// Adds what lies within one control period.
    pub(super) fn add(&mut self, out: &mut [f32]) {
        if self.is_over {
            return;
        }
        let mut levels = [0.0; CONTROL_FRAMES];
        let levels = &mut levels[..out.len()];
        self.decay.fill(levels);
        for (out, level) in out.iter_mut().zip(levels) {
            *out += self.filter.process(&self.band, self.noise.sample()) * *level * self.level;
        }
    }
}
