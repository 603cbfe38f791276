//! State-variable filter with trapezoidal integrators (Simper, "Solving the continuous SVF equations using trapezoidal
//! integration and equivalent currents", 2013).

use super::ANTI_DENORMAL;
use crate::units::SampleRate;
use serde::{Deserialize, Serialize};
use std::f64::consts::PI;

/// Which output of the filter is heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FilterMode {
    /// What is below the cutoff, 12 dB per octave.
    #[default]
    Low,
    /// What is around the cutoff, 0 dB there, 6 dB per octave on both sides.
    Band,
    /// What is above the cutoff, 12 dB per octave.
    High,
    /// What is not at the cutoff.
    Notch,
}

impl crate::parameters::Checked for FilterMode {}

impl FilterMode {
    /// How much of the input, the band-pass and the low-pass state make this output, at damping `k`.
    #[inline]
    fn weights(self, k: f32) -> [f32; 3] {
        match self {
            Self::Low => [0.0, 0.0, 1.0],
            Self::Band => [0.0, k, 0.0],
            Self::High => [1.0, -k, -1.0],
            Self::Notch => [1.0, -k, 0.0],
        }
    }
}

/// A tuning of the filter.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SvfCoefficients {
    a1: f32,
    a2: f32,
    a3: f32,
    weights: [f32; 3],
}

impl SvfCoefficients {
    /// From the warped frequency `g = tan(pi cutoff / rate)` and the damping `k = 1 / Q`.
    #[inline]
    pub fn new(mode: FilterMode, g: f32, k: f32) -> Self {
        let a1 = 1.0 / (1.0 + g * (g + k));
        let a2 = g * a1;
        Self { a1, a2, a3: g * a2, weights: mode.weights(k) }
    }

    /// - `cutoff_hz`: 1.0 up to 0.49 of the sample rate, beyond which it stays
    /// - `q`: quality, 0.707 = no peak
    pub fn tuned(mode: FilterMode, cutoff_hz: f32, q: f32, rate: SampleRate) -> Self {
        Self::new(mode, Self::warp(cutoff_hz, rate), 1.0 / q)
    }

    /// `g` of a cutoff.
    pub fn warp(cutoff_hz: f32, rate: SampleRate) -> f32 {
        (PI * (f64::from(cutoff_hz) / rate.hz()).clamp(1e-5, 0.49)).tan() as f32
    }
}

/// The state of one channel.
#[derive(Debug, Clone, Copy, Default)]
pub struct Svf {
    ic1: f32,
    ic2: f32,
}

impl Svf {
    /// The next sample.
    #[inline]
    pub fn process(&mut self, c: &SvfCoefficients, input: f32) -> f32 {
        let v0 = input + ANTI_DENORMAL;
        let v3 = v0 - self.ic2;
        let v1 = c.a1 * self.ic1 + c.a2 * v3;
        let v2 = self.ic2 + c.a2 * self.ic1 + c.a3 * v3;
        self.ic1 = 2.0 * v1 - self.ic1;
        self.ic2 = 2.0 * v2 - self.ic2;
        c.weights[0] * v0 + c.weights[1] * v1 + c.weights[2] * v2
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustfft::num_complex::Complex64;

    /// The analogue prototype at the frequency that the bilinear transform maps to `hz`.
    fn analytic(mode: FilterMode, hz: f64, cutoff_hz: f64, q: f64, rate: f64) -> f64 {
        let s = Complex64::new(0.0, (PI * hz / rate).tan() / (PI * cutoff_hz / rate).tan());
        let denominator = s * s + s / q + 1.0;
        let numerator = match mode {
            FilterMode::Low => Complex64::new(1.0, 0.0),
            FilterMode::Band => s / q,
            FilterMode::High => s * s,
            FilterMode::Notch => s * s + 1.0,
        };
        (numerator / denominator).norm()
    }

    #[test]
    fn the_response_is_that_of_the_analogue_filter() {
        let rate = SampleRate::CD;
        for mode in [FilterMode::Low, FilterMode::Band, FilterMode::High, FilterMode::Notch] {
            for (cutoff_hz, q) in [(200.0, 0.707), (1000.0, 8.0), (9000.0, 2.0)] {
                let coefficients = SvfCoefficients::tuned(mode, cutoff_hz, q, rate);
                let mut svf = Svf::default();
                let response: Vec<f32> =
                    (0..16_384).map(|n| svf.process(&coefficients, if n == 0 { 1.0 } else { 0.0 })).collect();
                for hz in [50.0, 300.0, 1000.0, 2500.0, 8000.0, 16_000.0] {
                    let sum: Complex64 = response
                        .iter()
                        .enumerate()
                        .map(|(n, &y)| Complex64::from_polar(f64::from(y), -2.0 * PI * hz * n as f64 / rate.hz()))
                        .sum();
                    let expected = analytic(mode, hz, f64::from(cutoff_hz), f64::from(q), rate.hz());
                    // Single precision over 16 384 terms; -80 dB of the passband.
                    assert!((sum.norm() - expected).abs() < 1e-4 * expected.max(1.0), "{mode:?} {cutoff_hz} {hz}");
                }
            }
        }
    }

    #[test]
    fn it_stays_bounded_under_fast_modulation_at_full_resonance() {
        let mut rng = crate::rng::Seed(1).rng();
        for mode in [FilterMode::Low, FilterMode::Band, FilterMode::High, FilterMode::Notch] {
            let mut svf = Svf::default();
            for n in 0..44_100 {
                let cutoff_hz = 1000.0 * (3.0 * (2.0 * PI * 1234.0 * f64::from(n) / 44_100.0).sin()).exp2();
                let coefficients = SvfCoefficients::tuned(mode, cutoff_hz as f32, 40.0, SampleRate::CD);
                let out = svf.process(&coefficients, 0.25 * rng.bipolar());
                // A quality of 40 at rest gives a sine 32 dB; noise and a moving cutoff far less.
                assert!(out.abs() < 10.0, "{mode:?}, frame {n}: {out}");
            }
        }
    }
}
