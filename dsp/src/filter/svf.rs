//! State-variable filter with trapezoidal integrators (Simper, "Solving the continuous SVF equations using trapezoidal
//! integration and equivalent currents", 2013).

use super::{ANTI_DENORMAL, MAX_FRAMES};
use crate::units::SampleRate;
use serde::{Deserialize, Serialize};
use std::f64::consts::PI;
use wide::f32x4;

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
    #[inline(always)]
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
///
/// The integrators' next states are written as what is added to them: with `a1 = 1 / (1 + g (g + k))` as in the paper,
/// `decay = 2 g (g + k) a1`, `cross = 2 g a1` and `follow = 2 g^2 a1`. So they lose no precision at low cutoffs, and the next
/// sample has to wait for half as many operations.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SvfCoefficients {
    decay: f32,
    cross: f32,
    follow: f32,
    weights: [f32; 3],
}

impl SvfCoefficients {
    /// From the warped frequency `g = tan(pi cutoff / rate)` and the damping `k = 1 / Q`.
    #[inline]
    pub fn new(mode: FilterMode, g: f32, k: f32) -> Self {
        let damped = g * (g + k);
        let cross = 2.0 * g / (1.0 + damped);
        Self { decay: cross * (g + k), cross, follow: cross * g, weights: mode.weights(k) }
    }

    /// - `cutoff_hz`: 1.0 up to 0.49 of the sample rate, beyond which it stays
    /// - `q`: quality, 0.707 = no peak
    pub fn tuned(mode: FilterMode, cutoff_hz: f32, q: f32, rate: SampleRate) -> Self {
        Self::new(mode, Self::warp(cutoff_hz, rate), 1.0 / q)
    }

    /// `decay`, `cross` and `follow`.
    pub(crate) fn steps(&self) -> [f32; 3] {
        [self.decay, self.cross, self.follow]
    }

    /// `g` of a cutoff.
    pub fn warp(cutoff_hz: f32, rate: SampleRate) -> f32 {
        (PI * (f64::from(cutoff_hz) / rate.hz()).clamp(1e-5, 0.49)).tan() as f32
    }
}

/// The state of one channel.
#[derive(Debug, Clone, Copy, Default)]
pub struct Svf {
    band: f32,
    low: f32,
}

impl Svf {
    /// The next sample.
    #[inline]
    pub fn process(&mut self, c: &SvfCoefficients, input: f32) -> f32 {
        let input = input + ANTI_DENORMAL;
        let band = (self.band + c.cross * input) - (c.decay * self.band + c.cross * self.low);
        let low = (self.low + c.follow * input) + (c.cross * self.band - c.follow * self.low);
        // The outputs lie in the middle between each state and its next one.
        let outputs = [0.5 * (self.band + band), 0.5 * (self.low + low)];
        (self.band, self.low) = (band, low);
        c.weights[0] * input + c.weights[1] * outputs[0] + c.weights[2] * outputs[1]
    }
}

/// The states of up to four channels, one in each lane: their filters take as long as one.
#[derive(Debug, Clone, Copy)]
pub struct SvfLanes {
    band: f32x4,
    low: f32x4,
}

impl Default for SvfLanes {
    fn default() -> Self {
        Self { band: f32x4::ZERO, low: f32x4::ZERO }
    }
}

/// The tunings of the frames of a control period, computed together.
#[derive(Debug, Clone, Copy)]
pub struct SvfSweep {
    mode: FilterMode,
    /// `decay`, `cross`, `follow` and the damping of each frame.
    tunings: [[f32; 4]; MAX_FRAMES],
}

impl SvfSweep {
    /// One that stands still until it is tuned.
    pub fn new(mode: FilterMode) -> Self {
        Self { mode, tunings: [[0.0; 4]; MAX_FRAMES] }
    }

    /// Tunes each frame to its warped frequency `g` and damping `k`.
    pub fn tune(&mut self, g: &[f32; MAX_FRAMES], k: &[f32; MAX_FRAMES]) {
        for (tuning, (g, k)) in self.tunings.iter_mut().zip(g.iter().zip(k)) {
            let SvfCoefficients { decay, cross, follow, .. } = SvfCoefficients::new(self.mode, *g, *k);
            *tuning = [decay, cross, follow, *k];
        }
    }

    /// Frame `n` of the control period, in all channels.
    #[inline(always)]
    pub fn process(&self, n: usize, state: &mut SvfLanes, input: f32x4) -> f32x4 {
        let [decay, cross, follow, _] = self.tunings[n].map(f32x4::splat);
        let input = input + f32x4::splat(ANTI_DENORMAL);
        // As in `Svf`.
        let band = (state.band + cross * input) - (decay * state.band + cross * state.low);
        let low = (state.low + follow * input) + (cross * state.band - follow * state.low);
        let half = f32x4::splat(0.5);
        let outputs = [half * (state.band + band), half * (state.low + low)];
        (state.band, state.low) = (band, low);
        match self.mode {
            FilterMode::Low => outputs[1],
            mode => {
                let [through, around, below] = mode.weights(self.tunings[n][3]).map(f32x4::splat);
                through * input + around * outputs[0] + below * outputs[1]
            }
        }
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
