//! Twice the sample rate and back, for waveshapers.

use super::MAX_BLOCK;
use crate::audio::StereoFrame;
use crate::fir::{convolve, kaiser, sinc};

/// Non-zero taps beside the centre of the half-band filter.
const TAPS: usize = 24;
/// Kaiser window for 80 dB of stop band: pass band to 17.3 kHz at a rate of 44.1 kHz.
const BETA: f64 = 7.86;
/// Frames before the block that the filters look back on.
const HISTORY: usize = TAPS;

/// Runs a waveshaper at twice the sample rate, between two linear-phase half-band filters.
pub struct Oversampler {
    taps: [f32; TAPS],
    input: [StereoFrame; HISTORY + MAX_BLOCK],
    even: [StereoFrame; HISTORY + MAX_BLOCK],
    odd: [StereoFrame; HISTORY + MAX_BLOCK],
}

impl Oversampler {
    /// Delay of both filters together.
    pub const LATENCY_FRAMES: usize = TAPS - 1;

    /// With its filters at rest.
    pub fn new() -> Self {
        let mut taps = [0.0; TAPS];
        let half = TAPS as f64 / 2.0;
        let window = |j: usize| {
            // Half a frame off the centre, in frames of the lower rate.
            let x = j as f64 - half + 0.5;
            sinc(x) * kaiser(x / half, BETA)
        };
        let sum: f64 = (0..TAPS).map(window).sum();
        for (j, tap) in taps.iter_mut().enumerate() {
            *tap = (window(j) / sum) as f32;
        }
        let silence = [[0.0; 2]; HISTORY + MAX_BLOCK];
        Self { taps, input: silence, even: silence, odd: silence }
    }

    /// Shapes a block in place; `shape` sees two frames for each one.
    pub fn process(&mut self, block: &mut [StereoFrame], mut shape: impl FnMut(StereoFrame) -> StereoFrame) {
        let count = block.len();
        self.input[HISTORY..HISTORY + count].copy_from_slice(block);
        // Up: the even frames are interpolated, the odd ones are the input itself, delayed.
        convolve(&self.taps, &self.input[1..HISTORY + count], &mut self.even[HISTORY..HISTORY + count]);
        let straight = HISTORY + 1 - TAPS / 2;
        self.odd[HISTORY..HISTORY + count].copy_from_slice(&self.input[straight..straight + count]);
        for (even, odd) in self.even.iter_mut().zip(&mut self.odd).skip(HISTORY).take(count) {
            *even = shape(*even);
            *odd = shape(*odd);
        }
        // Down: the same two branches, added.
        convolve(&self.taps, &self.even[1..HISTORY + count], block);
        let straight = HISTORY - TAPS / 2;
        for (frame, odd) in block.iter_mut().zip(&self.odd[straight..]) {
            *frame = [0.5 * (frame[0] + odd[0]), 0.5 * (frame[1] + odd[1])];
        }
        for history in [&mut self.input, &mut self.even, &mut self.odd] {
            history.copy_within(count..count + HISTORY, 0);
        }
    }

    /// Forgets all input.
    pub fn reset(&mut self) {
        for history in [&mut self.input, &mut self.even, &mut self.odd] {
            history.fill([0.0; 2]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::TAU;

    #[test]
    fn without_shaping_the_signal_is_only_delayed() {
        for hz in [100.0, 5_000.0, 15_000.0] {
            let sine = |n: f64| (TAU * hz / 44_100.0 * n).sin() as f32;
            let mut oversampler = Oversampler::new();
            let mut frames: Vec<StereoFrame> = (0..640).map(|n| [sine(f64::from(n)), 0.0]).collect();
            frames.chunks_mut(MAX_BLOCK).for_each(|block| oversampler.process(block, |frame| frame));
            for (n, frame) in frames.iter().enumerate().skip(2 * TAPS) {
                let expected = sine(n as f64 - Oversampler::LATENCY_FRAMES as f64);
                // The filter's pass-band ripple, 80 dB down, in both directions.
                assert!((frame[0] - expected).abs() < 3e-4, "{hz} Hz, frame {n}: {} {expected}", frame[0]);
            }
        }
    }
}
