//! Waveshaping without aliases: oversampling, and the mean of the curve between samples.
//!
//! First-order antiderivative antialiasing: Parker, Zavalishin and Le Bivic, "Reducing the aliasing of nonlinear waveshaping using
//! continuous-time convolution", 2016. Each curve's mean is written in a form that loses no digits to cancellation.

use super::MAX_BLOCK;
use super::oversample::Oversampler;
use crate::audio::StereoFrame;

/// Runs a curve over both channels.
pub struct Waveshaper {
    oversampler: Oversampler,
    /// The last frame of the block before, then the block, at the higher rate.
    driven: Vec<StereoFrame>,
}

impl Waveshaper {
    /// At 2^`doublings` times the sample rate.
    pub fn new(doublings: usize) -> Self {
        let oversampler = Oversampler::new(doublings);
        let driven = vec![[0.0; 2]; 1 + MAX_BLOCK * oversampler.factor()];
        Self { oversampler, driven }
    }

    /// Frames by which the output lags behind.
    pub fn latency_frames(&self) -> usize {
        self.oversampler.latency_frames()
    }

    /// Raises a block by `gain` and bends it, in place; `mean(a, b)` is the mean of the curve from `a` to `b`.
    pub fn process(&mut self, block: &mut [StereoFrame], gain: f32, mean: impl Fn(f32, f32) -> f32) {
        let driven = &mut self.driven;
        self.oversampler.process(block, |frames| {
            let count = frames.len();
            for (driven, frame) in driven[1..].iter_mut().zip(&*frames) {
                *driven = [gain * frame[0], gain * frame[1]];
            }
            let before = driven[..count].as_flattened();
            let after = driven[1..=count].as_flattened();
            for ((sample, a), b) in frames.as_flattened_mut().iter_mut().zip(before).zip(after) {
                *sample = mean(*a, *b);
            }
            driven[0] = driven[count];
        });
    }

    /// Forgets all input.
    pub fn reset(&mut self) {
        self.oversampler.reset();
        self.driven[0] = [0.0; 2];
    }
}

/// What brings a sine at -12 dBFS, raised by `gain` and bent by `curve`, back to its level; the offset does not count.
pub fn compensation(gain: f32, curve: impl Fn(f32) -> f32) -> f32 {
    const POINTS: usize = 64;
    let sine = |n: usize| 0.25 * (std::f32::consts::TAU * n as f32 / POINTS as f32).sin();
    let mean = (0..POINTS).map(|n| curve(gain * sine(n))).sum::<f32>() / POINTS as f32;
    let power = |f: &dyn Fn(usize) -> f32| (0..POINTS).map(|n| f(n).powi(2)).sum::<f32>();
    (power(&sine) / power(&|n| curve(gain * sine(n)) - mean)).sqrt()
}

/// x / sqrt(1 + x^2). Its antiderivative is sqrt(1 + x^2); the quotient of differences is rationalised.
#[inline]
pub fn soft_mean(a: f32, b: f32) -> f32 {
    (a + b) / ((1.0 + a * a).sqrt() + (1.0 + b * b).sqrt())
}

/// Straight between -1 and 1, flat outside. Its antiderivative is c^2 / 2 + |x - c|, where c is x within the bounds.
#[inline]
pub fn clip_mean(a: f32, b: f32) -> f32 {
    let (c, d) = (a.clamp(-1.0, 1.0), b.clamp(-1.0, 1.0));
    let step = b - a;
    let mean = (0.5 * (d - c) * (d + c) + ((b - d).abs() - (a - c).abs())) / step;
    // Steps too small to divide by are near the curve at their middle, to 1e-5.
    let middle = (0.5 * (a + b)).clamp(-1.0, 1.0);
    if step.abs() < 1e-2 || c == d { middle } else { mean }
}

/// sin(x), which folds. Its antiderivative is -cos(x), and cos(a) - cos(b) = 2 sin((a + b) / 2) sin((b - a) / 2).
#[inline]
pub fn sine_mean(a: f32, b: f32) -> f32 {
    let half = 0.5 * (b - a);
    let sinc = if half.abs() < 1e-3 { 1.0 } else { sine(half) / half };
    sine(0.5 * (a + b)) * sinc
}

/// sin(x) to 1e-6 for |x| < 1 000: turns taken off in two parts, then Taylor's series to x^11 over a quarter turn.
#[inline]
pub fn sine(x: f32) -> f32 {
    use std::f32::consts::{FRAC_1_PI, PI};
    // Cody and Waite, "Software manual for the elementary functions", 1980: pi as a short number and its rest.
    const PI_SHORT: f32 = 3.140_625;
    const PI_REST: f32 = 9.676_536e-4;
    // Rounds to the nearest whole number for up to 2^22, in SIMD on every machine.
    let round = |x: f32| (x + 12_582_912.0) - 12_582_912.0;
    let halves = round(x * FRAC_1_PI);
    let y = ((x - halves * PI_SHORT) - halves * PI_REST).clamp(-PI, PI);
    let z = y * y;
    let series =
        1.0 + z * (-1.0 / 6.0 + z * (1.0 / 120.0 + z * (-1.0 / 5_040.0 + z * (1.0 / 362_880.0 - z / 39_916_800.0))));
    let odd = (halves - 2.0 * round(0.5 * halves)).abs();
    (1.0 - 2.0 * odd) * y * series
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The mean of `curve` from `a` to `b` by the midpoint rule.
    fn numeric(curve: impl Fn(f64) -> f64, a: f32, b: f32) -> f64 {
        const STEPS: usize = 20_000;
        let at = |n: usize| f64::from(a) + (f64::from(b) - f64::from(a)) * (n as f64 + 0.5) / STEPS as f64;
        (0..STEPS).map(|n| curve(at(n))).sum::<f64>() / STEPS as f64
    }

    #[test]
    fn means_are_those_of_their_curves() {
        let pairs = [(0.0, 0.0), (0.3, 0.301), (-0.2, 0.9), (0.99, 1.02), (-3.0, 5.0), (250.0, 249.9), (-250.0, 30.0)];
        for (a, b) in pairs {
            let cases = [
                (soft_mean(a, b), numeric(|x| x / (1.0 + x * x).sqrt(), a, b)),
                (clip_mean(a, b), numeric(|x| x.clamp(-1.0, 1.0), a, b)),
                (sine_mean(a, b), numeric(f64::sin, a, b)),
            ];
            for (index, (found, expected)) in cases.into_iter().enumerate() {
                // -90 dB: what f32 leaves of a quotient of small differences.
                assert!((f64::from(found) - expected).abs() < 3e-5, "curve {index}, {a} to {b}: {found} {expected}");
            }
        }
    }

    #[test]
    fn the_sine_is_a_sine() {
        for n in -90_000..90_000 {
            let x = n as f32 * 0.01;
            assert!((f64::from(sine(x)) - f64::from(x).sin()).abs() < 2e-6, "{x}");
        }
    }
}
