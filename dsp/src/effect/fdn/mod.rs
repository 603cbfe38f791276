//! Feedback delay network: the late part of a reverb.

mod lines;

pub use lines::{Decay, Lines};

use super::{EffectContext, MAX_BLOCK, Sweep, flush};
use crate::audio::StereoFrame;

/// Delay lines that feed each other.
const LINES: usize = 16;

/// Turns per second at which neighbouring lines turn into each other, a rate for two pairs: they smear every mode by some hertz, low
/// ones as much as high ones, without detuning anything.
const TURN_HZ: [f32; PAIRS / 2] = [0.71, 1.13, 1.61, 2.17];
const PAIRS: usize = LINES / 2;

/// Sixteen delay lines, each with the loss of its length, mixed by a Hadamard matrix and by slow rotations of pairs (Schlecht and
/// Habets, "Time-varying feedback matrices in feedback delay networks and their application in artificial reverberation", 2015).
///
/// Every line is longer than a block, so a block is read, damped, mixed and written as a whole.
pub struct FeedbackDelayNetwork {
    lines: Lines,
    /// The lines' rings, one after the other, each of `mask + 1` samples.
    rings: Vec<f32>,
    mask: usize,
    next: usize,
    sweeps: [Sweep; PAIRS / 2],
    damped: [f32; LINES],
    output_gain: f32,
    /// A block of every line.
    block: Vec<[f32; MAX_BLOCK]>,
}

impl FeedbackDelayNetwork {
    /// With the shortest and the longest delay in seconds.
    pub fn new(context: &EffectContext, delays_s: [f64; 2], decay: Decay) -> Self {
        let lines = Lines::new(context.sample_rate, delays_s, MAX_BLOCK, decay);
        let size = (lines.delays[LINES - 1] + MAX_BLOCK).next_power_of_two();
        Self {
            rings: vec![0.0; LINES * size],
            mask: size - 1,
            next: 0,
            sweeps: TURN_HZ.map(|hz| Sweep::new(context, hz)),
            damped: [0.0; LINES],
            output_gain: (1.0 / lines.rounds()).sqrt() as f32,
            lines,
            block: vec![[0.0; MAX_BLOCK]; LINES],
        }
    }

    /// A block through, in place: left feeds the even lines and hears them, right the odd ones.
    pub fn process(&mut self, frames: &mut [StereoFrame]) {
        let count = frames.len();
        self.read(count);
        self.damp(count);
        let mut heard = [[0.0; 2]; MAX_BLOCK];
        for (line, samples) in self.block.iter().enumerate() {
            // Changes of sign keep the lines' first echoes from adding up alike in and out.
            let gain = if line & 4 == 0 { self.output_gain } else { -self.output_gain };
            for (heard, sample) in heard.iter_mut().zip(&samples[..count]) {
                heard[line % 2] += gain * sample;
            }
        }
        self.rotate(count);
        hadamard(&mut self.block, count);
        self.write(frames);
        frames.copy_from_slice(&heard[..count]);
    }

    fn read(&mut self, count: usize) {
        let size = self.mask + 1;
        for (line, samples) in self.block.iter_mut().enumerate() {
            let ring = &self.rings[line * size..(line + 1) * size];
            copy_from_ring(ring, (self.next + size - self.lines.delays[line]) & self.mask, &mut samples[..count]);
        }
    }

    fn damp(&mut self, count: usize) {
        // Four lines at a time: each waits for its own last sample, the others fill the gaps.
        for (group, lines) in self.block.chunks_exact_mut(4).enumerate() {
            let of = |values: &[f32; LINES]| -> [f32; 4] { std::array::from_fn(|line| values[4 * group + line]) };
            let (gains, poles, mut damped) = (of(&self.lines.gains), of(&self.lines.poles), of(&self.damped));
            let [a, b, c, d] = lines else { unreachable!("chunks of four") };
            for (((a, b), c), d) in a.iter_mut().zip(b).zip(c).zip(d).take(count) {
                let heard = [*a, *b, *c, *d];
                for line in 0..4 {
                    let lost = gains[line] * heard[line];
                    damped[line] = lost + poles[line] * (damped[line] - lost);
                }
                [*a, *b, *c, *d] = damped;
            }
            self.damped[4 * group..4 * group + 4].copy_from_slice(&damped.map(flush));
        }
    }

    fn rotate(&mut self, count: usize) {
        let (half_a, half_b) = self.block.split_at_mut(PAIRS);
        for (index, sweep) in self.sweeps.iter_mut().enumerate() {
            let mut turns = [[0.0; 2]; MAX_BLOCK];
            turns[..count].iter_mut().for_each(|turn| *turn = sweep.tick());
            // The second pair of the rate turns the other way.
            for (pair, side) in [(index, 1.0), (index + PAIRS / 2, -1.0)] {
                let lines = half_a[pair][..count].iter_mut().zip(&mut half_b[pair][..count]);
                for ((a, b), [cos, sin]) in lines.zip(&turns) {
                    (*a, *b) = (cos * *a - side * sin * *b, side * sin * *a + cos * *b);
                }
            }
        }
    }

    fn write(&mut self, input: &[StereoFrame]) {
        // 1 / sqrt(16) makes the matrix orthogonal; 1 / sqrt(8) shares a side's input among its lines.
        const MATRIX_GAIN: f32 = 0.25;
        const INPUT_GAIN: f32 = 0.353_553_4;
        let size = self.mask + 1;
        for (line, samples) in self.block.iter_mut().enumerate() {
            let gain = if line & 8 == 0 { INPUT_GAIN } else { -INPUT_GAIN };
            for (sample, input) in samples.iter_mut().zip(input) {
                *sample = flush(MATRIX_GAIN * *sample + gain * input[line % 2]);
            }
            let ring = &mut self.rings[line * size..(line + 1) * size];
            copy_to_ring(ring, self.next, &samples[..input.len()]);
        }
        self.next = (self.next + input.len()) & self.mask;
    }

    /// Silence.
    pub fn reset(&mut self) {
        self.rings.fill(0.0);
        self.next = 0;
        self.damped = [0.0; LINES];
        self.sweeps.iter_mut().for_each(Sweep::reset);
    }
}

/// Copies what follows `position` in a ring.
fn copy_from_ring(ring: &[f32], position: usize, samples: &mut [f32]) {
    let straight = samples.len().min(ring.len() - position);
    let (head, rest) = samples.split_at_mut(straight);
    head.copy_from_slice(&ring[position..position + straight]);
    rest.copy_from_slice(&ring[..rest.len()]);
}

/// Copies to what follows `position` in a ring.
fn copy_to_ring(ring: &mut [f32], position: usize, samples: &[f32]) {
    let (head, rest) = samples.split_at(samples.len().min(ring.len() - position));
    ring[position..position + head.len()].copy_from_slice(head);
    ring[..rest.len()].copy_from_slice(rest);
}

/// The Hadamard matrix of order 16, without its scale, as a fast transform across the lines.
fn hadamard(lines: &mut [[f32; MAX_BLOCK]], count: usize) {
    for stride in [1, 2, 4, 8] {
        for group in lines.chunks_exact_mut(2 * stride) {
            let (upper, lower) = group.split_at_mut(stride);
            for (a, b) in upper.iter_mut().zip(lower) {
                for (a, b) in a[..count].iter_mut().zip(&mut b[..count]) {
                    (*a, *b) = (*a + *b, *a - *b);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_matrix_loses_no_energy() {
        let mut lines: Vec<[f32; MAX_BLOCK]> = (0..LINES).map(|line| [(line as f32 * 1.7).sin(); MAX_BLOCK]).collect();
        let energy = |lines: &[[f32; MAX_BLOCK]]| lines.iter().map(|line| line[5] * line[5]).sum::<f32>();
        let before = energy(&lines);
        hadamard(&mut lines, MAX_BLOCK);
        assert!((energy(&lines) / (16.0 * before) - 1.0).abs() < 1e-5);
    }
}
