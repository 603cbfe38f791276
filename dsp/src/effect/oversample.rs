//! Two to sixteen times the sample rate and back, for waveshapers.

use super::MAX_BLOCK;
use crate::audio::StereoFrame;
use crate::fir::{convolve, kaiser, sinc};

/// Kaiser window for 100 dB of stop band: images 80 dB down, raised by a folder's 30 dB, would be heard.
const BETA: f64 = 10.06;

/// Non-zero taps beside the centre of each doubling's half-band filter, by Kaiser's formulas. The first has to part what is below
/// half the sample rate from what is above: pass band to 19.7 kHz, stop band from 24.4 kHz on at 44.1 kHz. What the others
/// let through at the top of their bands, the first takes away.
const TAPS: [usize; Oversampler::MOST_DOUBLINGS] = [64, 16, 12, 8];

/// Runs a waveshaper at a multiple of the sample rate, between linear-phase half-band filters.
pub struct Oversampler {
    doublings: Vec<Doubling>,
    /// The block at the sample rate of the waveshaper and of each doubling below it.
    blocks: Vec<Vec<StereoFrame>>,
}

impl Oversampler {
    /// For 16 times the sample rate.
    pub const MOST_DOUBLINGS: usize = 4;

    /// At 2^`doublings` times the sample rate, its filters at rest.
    pub fn new(doublings: usize) -> Self {
        let doublings = doublings.clamp(1, Self::MOST_DOUBLINGS);
        Self {
            doublings: (0..doublings).map(Doubling::new).collect(),
            blocks: (1..=doublings).map(|level| vec![[0.0; 2]; MAX_BLOCK << level]).collect(),
        }
    }

    /// Delay of all filters together, in frames of the sample rate.
    pub fn latency_frames(&self) -> usize {
        let at = |(level, doubling): (usize, &Doubling)| doubling.latency_frames() >> level;
        self.doublings.iter().enumerate().map(at).sum()
    }

    /// Frames that the waveshaper sees for each one.
    pub fn factor(&self) -> usize {
        1 << self.doublings.len()
    }

    /// Shapes a block in place; `shape` sees all of it at the higher rate.
    pub fn process(&mut self, block: &mut [StereoFrame], mut shape: impl FnMut(&mut [StereoFrame])) {
        let count = block.len();
        for (level, doubling) in self.doublings.iter_mut().enumerate() {
            let (below, above) = self.blocks.split_at_mut(level);
            let input = below.last().map_or(&*block, |below| &below[..count << level]);
            doubling.up(input, &mut above[0][..count << (level + 1)]);
        }
        if let Some(top) = self.blocks.last_mut() {
            shape(&mut top[..count << self.doublings.len()]);
        }
        for (level, doubling) in self.doublings.iter_mut().enumerate().rev() {
            let (below, above) = self.blocks.split_at_mut(level);
            let output = below.last_mut().map_or(&mut *block, |below| &mut below[..count << level]);
            doubling.down(&above[0][..count << (level + 1)], output);
        }
    }

    /// Forgets all input.
    pub fn reset(&mut self) {
        self.doublings.iter_mut().for_each(Doubling::reset);
    }
}

/// Twice the rate and back, by the two branches of a half-band filter.
struct Doubling {
    taps: Vec<f32>,
    /// A frame of delay that makes the latency of an inner doubling a whole number of frames at the outer rate.
    extra: usize,
    /// `history` frames of the past, then the block.
    input: Vec<StereoFrame>,
    even: Vec<StereoFrame>,
    odd: Vec<StereoFrame>,
}

impl Doubling {
    fn new(level: usize) -> Self {
        let count = TAPS[level];
        let half = count as f64 / 2.0;
        let window = |j: usize| {
            // Half a frame off the centre, in frames of the lower rate.
            let x = j as f64 - half + 0.5;
            sinc(x) * kaiser(x / half, BETA)
        };
        let sum: f64 = (0..count).map(window).sum();
        let silence = vec![[0.0; 2]; count + 1 + (MAX_BLOCK << level)];
        Self {
            taps: (0..count).map(|j| (window(j) / sum) as f32).collect(),
            extra: usize::from(level > 0),
            input: silence.clone(),
            even: silence.clone(),
            odd: silence,
        }
    }

    /// Of both directions, in frames of the lower rate.
    fn latency_frames(&self) -> usize {
        self.taps.len() - 1 + self.extra
    }

    fn history(&self) -> usize {
        self.taps.len() + 1
    }

    fn up(&mut self, block: &[StereoFrame], output: &mut [StereoFrame]) {
        let (count, taps, history) = (block.len(), self.taps.len(), self.history());
        self.input[history..history + count].copy_from_slice(block);
        let newest = history - self.extra;
        // The even frames are interpolated, the odd ones are the input itself, delayed.
        let even = &mut self.even[history..history + count];
        convolve(&self.taps, &self.input[newest + 1 - taps..newest + count], even);
        let straight = &self.input[newest + 1 - taps / 2..];
        for ((pair, even), odd) in output.chunks_exact_mut(2).zip(even).zip(straight) {
            pair.copy_from_slice(&[*even, *odd]);
        }
        self.input.copy_within(count..count + history, 0);
    }

    fn down(&mut self, block: &[StereoFrame], output: &mut [StereoFrame]) {
        let (count, taps, history) = (output.len(), self.taps.len(), self.history());
        let branches = self.even[history..].iter_mut().zip(&mut self.odd[history..]);
        for (pair, (even, odd)) in block.chunks_exact(2).zip(branches) {
            (*even, *odd) = (pair[0], pair[1]);
        }
        convolve(&self.taps, &self.even[history + 1 - taps..history + count], output);
        for (frame, odd) in output.iter_mut().zip(&self.odd[history - taps / 2..]) {
            *frame = [0.5 * (frame[0] + odd[0]), 0.5 * (frame[1] + odd[1])];
        }
        for branch in [&mut self.even, &mut self.odd] {
            branch.copy_within(count..count + history, 0);
        }
    }

    fn reset(&mut self) {
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
        for doublings in 1..=Oversampler::MOST_DOUBLINGS {
            for hz in [100.0, 5_000.0, 18_000.0] {
                let sine = |n: f64| (TAU * hz / 44_100.0 * n).sin() as f32;
                let mut oversampler = Oversampler::new(doublings);
                let delay = oversampler.latency_frames();
                let mut frames: Vec<StereoFrame> = (0..640).map(|n| [sine(f64::from(n)), 0.0]).collect();
                frames.chunks_mut(MAX_BLOCK - 3).for_each(|block| oversampler.process(block, |_| ()));
                for (n, frame) in frames.iter().enumerate().skip(3 * delay) {
                    let expected = sine(n as f64 - delay as f64);
                    // A hundredth of a decibel or so: the pass-band ripple of up to eight filters.
                    assert!((frame[0] - expected).abs() < 1.5e-3, "{doublings}, {hz} Hz, {n}: {} {expected}", frame[0]);
                }
            }
        }
    }
}
