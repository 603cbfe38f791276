//! Twice the sample rate and back, for one channel inside a voice.

use super::MAX_FRAMES;
use crate::fir::{kaiser, sinc};
use std::sync::LazyLock;

/// Non-zero taps beside the centre of the half-band filter.
const TAPS: usize = 16;
/// Kaiser window for 60 dB of stop band: pass band to 17 kHz at a rate of 44.1 kHz.
const BETA: f64 = 5.65;
const LENGTH: usize = TAPS + MAX_FRAMES;

/// Taps of the branch that lies between the frames: a windowed sinc, half a frame off the centre.
static BETWEEN: LazyLock<[f32; TAPS]> = LazyLock::new(|| {
    let tap = |j: usize| {
        let x = j as f64 - TAPS as f64 / 2.0 + 0.5;
        sinc(x) * kaiser(x / (TAPS as f64 / 2.0), BETA)
    };
    let sum: f64 = (0..TAPS).map(tap).sum();
    std::array::from_fn(|j| (tap(j) / sum) as f32)
});

/// Runs something non-linear at twice the sample rate, between two linear-phase half-band filters.
#[derive(Debug, Clone)]
pub struct HalfBand {
    input: [f32; LENGTH],
    /// What came out of it in the middle of each frame, and at its end.
    middle: [f32; LENGTH],
    end: [f32; LENGTH],
}

impl HalfBand {
    /// Delay of both filters together.
    pub const LATENCY_FRAMES: usize = TAPS - 1;

    /// At rest.
    pub fn new() -> Self {
        Self { input: [0.0; LENGTH], middle: [0.0; LENGTH], end: [0.0; LENGTH] }
    }

    /// Puts at most [`MAX_FRAMES`] frames of each channel through `shape`, in place; it sees two samples of all channels for each
    /// frame, and that one's index. `bands` has a filter for each channel.
    pub fn process<const CHANNELS: usize>(
        bands: &mut [Self],
        mut blocks: [&mut [f32]; CHANNELS],
        mut shape: impl FnMut(usize, [f32; CHANNELS]) -> [f32; CHANNELS],
    ) {
        let count = blocks[0].len();
        let mut between = [[0.0; MAX_FRAMES]; CHANNELS];
        for ((band, block), between) in bands.iter_mut().zip(&blocks).zip(&mut between) {
            *between = band.begin(block);
        }
        #[expect(clippy::needless_range_loop, reason = "the channels come first, the frames second")]
        for index in 0..count {
            let middle = shape(index, std::array::from_fn(|channel| between[channel][index]));
            let end = shape(index, std::array::from_fn(|channel| bands[channel].input[TAPS / 2 + 1 + index]));
            for (channel, band) in bands.iter_mut().enumerate().take(CHANNELS) {
                band.middle[TAPS + index] = middle[channel];
                band.end[TAPS + index] = end[channel];
            }
        }
        bands.iter_mut().zip(&mut blocks).for_each(|(band, block)| band.finish(block));
    }

    /// Takes a block in; what lies between its frames.
    fn begin(&mut self, block: &[f32]) -> [f32; MAX_FRAMES] {
        self.input[TAPS..TAPS + block.len()].copy_from_slice(block);
        convolve(&BETWEEN, &self.input[1..])
    }

    /// Puts out what has been shaped.
    fn finish(&mut self, block: &mut [f32]) {
        let count = block.len();
        let between = convolve(&BETWEEN, &self.middle[1..]);
        let straight = &self.end[TAPS / 2..];
        for ((out, between), end) in block.iter_mut().zip(&between).zip(straight) {
            *out = 0.5 * (between + end);
        }
        for history in [&mut self.input, &mut self.middle, &mut self.end] {
            history.copy_within(count..count + TAPS, 0);
        }
    }
}

impl Default for HalfBand {
    fn default() -> Self {
        Self::new()
    }
}

/// `sums[n]` = sum over j of `taps[j] * input[n + TAPS - 1 - j]`; taps outside, frames inside, which runs in SIMD.
fn convolve(taps: &[f32; TAPS], input: &[f32]) -> [f32; MAX_FRAMES] {
    let mut sums = [0.0; MAX_FRAMES];
    for (j, &tap) in taps.iter().enumerate() {
        for (sum, sample) in sums.iter_mut().zip(&input[TAPS - 1 - j..]) {
            *sum += tap * sample;
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::TAU;

    #[test]
    fn without_shaping_the_signal_is_only_delayed() {
        for hz in [100.0, 5_000.0, 14_000.0] {
            let sine = |n: f64| (TAU * hz / 44_100.0 * n).sin() as f32;
            let mut samples: Vec<f32> = (0..640).map(|n| sine(f64::from(n))).collect();
            let mut half_band = [HalfBand::new()];
            let mut rest = &mut samples[..];
            for size in [32, 7, 1, 32, 20].into_iter().cycle() {
                let (block, later) = rest.split_at_mut(size.min(rest.len()));
                HalfBand::process(&mut half_band, [block], |_, sample| sample);
                rest = later;
                if rest.is_empty() {
                    break;
                }
            }
            for (n, &sample) in samples.iter().enumerate().skip(2 * TAPS) {
                let expected = sine(n as f64 - HalfBand::LATENCY_FRAMES as f64);
                // The filter's ripple, 60 dB down, in both directions.
                assert!((sample - expected).abs() < 3e-3, "{hz} Hz, frame {n}: {sample} {expected}");
            }
        }
    }
}
