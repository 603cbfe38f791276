//! The decay of what is struck.

use super::{SILENCE, TIME_CONSTANTS_TO_60_DB};

/// An exponential decay from 1.0.
#[derive(Debug, Clone, Copy)]
pub struct Decay {
    level: f32,
    factor: f32,
}

impl Decay {
    /// `decay_s`: time to fall by 60 dB, in seconds; stepped `rate_hz` times per second.
    pub fn new(decay_s: f32, rate_hz: f64) -> Self {
        Self { level: 1.0, factor: Self::factor(decay_s, rate_hz) }
    }

    /// What the level is multiplied by in each step.
    pub fn factor(decay_s: f32, rate_hz: f64) -> f32 {
        (-TIME_CONSTANTS_TO_60_DB / (f64::from(decay_s) * rate_hz).max(1e-3)).exp() as f32
    }

    /// The level now; then one step on.
    #[inline]
    pub fn step(&mut self) -> f32 {
        let level = self.level;
        // Stops at zero before denormal numbers.
        self.level = if level > 1e-12 { level * self.factor } else { 0.0 };
        level
    }

    /// Steps once for each of `levels`, with the same result.
    pub fn fill(&mut self, levels: &mut [f32]) {
        for out in levels {
            *out = self.step();
        }
    }

    /// Makes the rest of the decay take `decay_s` per 60 dB.
    pub fn hurry(&mut self, decay_s: f32, rate_hz: f64) {
        self.factor = self.factor.min(Self::factor(decay_s, rate_hz));
    }

    /// True below -120 dB: a part of a sound that is not worth computing.
    #[inline]
    pub fn is_inaudible(&self) -> bool {
        self.level < 1e-6
    }

    /// True below -90 dB.
    #[inline]
    pub fn is_finished(&self) -> bool {
        self.level < SILENCE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE_HZ: f64 = 10_000.0;

    #[test]
    fn a_decay_falls_by_60_db_in_its_time() {
        let mut decay = Decay::new(0.25, RATE_HZ);
        let levels: Vec<f32> = (0..=2500).map(|_| decay.step()).collect();
        assert_eq!(levels[0], 1.0);
        assert!((levels[2500] - 1e-3).abs() < 1e-6);
    }
}
