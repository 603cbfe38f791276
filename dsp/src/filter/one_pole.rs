//! First-order filters.

use super::ANTI_DENORMAL;
use crate::units::SampleRate;
use std::f64::consts::TAU;

/// Low-pass filter, 6 dB per octave: `y += a (x - y)` with `a = 1 - exp(-2 pi cutoff / rate)`.
#[derive(Debug, Clone, Copy)]
pub struct OnePole {
    a: f32,
    state: f32,
}

impl OnePole {
    /// `cutoff_hz` is brought below half the sample rate.
    pub fn new(cutoff_hz: f32, rate: SampleRate) -> Self {
        let ratio = (f64::from(cutoff_hz) / rate.hz()).clamp(0.0, 0.49);
        Self { a: (1.0 - (-TAU * ratio).exp()) as f32, state: 0.0 }
    }

    /// The next low-passed sample.
    #[inline]
    pub fn low(&mut self, input: f32) -> f32 {
        self.state += self.a * (input + ANTI_DENORMAL - self.state);
        self.state
    }

    /// The next sample without what is below the cutoff.
    #[inline]
    pub fn high(&mut self, input: f32) -> f32 {
        input - self.low(input)
    }
}

/// Takes away DC: a high-pass filter at 10 Hz.
#[derive(Debug, Clone, Copy)]
pub struct DcBlocker(OnePole);

impl DcBlocker {
    /// At rest.
    pub fn new(rate: SampleRate) -> Self {
        Self(OnePole::new(10.0, rate))
    }

    /// The next sample.
    #[inline]
    pub fn process(&mut self, input: f32) -> f32 {
        self.0.high(input)
    }
}
