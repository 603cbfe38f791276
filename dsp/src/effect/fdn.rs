//! Feedback delay network: the late part of a reverb.

use super::{EffectContext, MAX_BLOCK, Sweep, flush};
use crate::audio::StereoFrame;
use std::f64::consts::TAU;

/// Delay lines that feed each other.
const LINES: usize = 16;

/// Shortest and longest delay at size 1; the others lie between in equal ratios, on prime numbers of frames, so that their echoes
/// seldom coincide. 0.8 s in all: more than one mode a hertz.
const DELAYS_MS: [f64; 2] = [21.0, 87.0];
/// Swing of every other delay, and its two rates: enough to smear modes, too little to be heard as pitch.
const SWING_MS: f64 = 0.35;
const SWING_HZ: [f32; 2] = [0.53, 0.87];
/// Frames that a swinging line reads before and after its place: the swing at the highest sample rate (67), and neighbours.
const REACH: usize = 72;
/// Where `damping` is reckoned.
const DAMPED_HZ: f64 = 6_000.0;

/// Sixteen delay lines, mixed by a Hadamard matrix, each with the loss of its length (Jot and Chaigne, "Digital delay networks
/// for designing artificial reverberators", 1991).
///
/// Every line is longer than a block, so a block is read, damped, mixed and written as a whole.
pub struct FeedbackDelayNetwork {
    /// The lines' rings, one after the other, each of `mask + 1` samples.
    rings: Vec<f32>,
    mask: usize,
    next: usize,
    delays: [usize; LINES],
    swing: f32,
    sweeps: [Sweep; 2],
    /// Loss of each line at 0 Hz, and pole of its damping low-pass.
    gains: [f32; LINES],
    poles: [f32; LINES],
    damped: [f32; LINES],
    output_gain: f32,
    /// A block of every line.
    block: Vec<[f32; MAX_BLOCK]>,
}

impl FeedbackDelayNetwork {
    /// - `size`: scale of the delays
    /// - `decay_s`: time for 60 dB at low frequencies
    /// - `damping`: 0.0 to 1.0; 1.0 shortens the decay to a tenth at 6 kHz
    pub fn new(context: &EffectContext, size: f32, decay_s: f32, damping: f32) -> Self {
        let rate_hz = context.sample_rate.hz();
        let swing = SWING_MS * 1e-3 * rate_hz;
        let [shortest, longest] = DELAYS_MS.map(|ms| ms * 1e-3 * f64::from(size) * rate_hz);
        // Even where rate and size are smallest, a swinging line is longer than a block.
        let shortest = shortest.max((MAX_BLOCK + REACH) as f64);
        let ratio = (longest / shortest).max(1.1).powf(1.0 / (LINES - 1) as f64);
        let delays = std::array::from_fn(|line| next_prime((shortest * ratio.powi(line as i32)) as usize));
        let loss = |frames: usize, decay_s: f64| 10f64.powf(-3.0 * frames as f64 / (rate_hz * decay_s));
        let decay_s = f64::from(decay_s);
        let damped_s = decay_s * 10f64.powf(-f64::from(damping));
        let cos = (TAU * (DAMPED_HZ / rate_hz).min(0.45)).cos();
        let pole = |frames| one_pole(loss(frames, damped_s) / loss(frames, decay_s), cos) as f32;
        let size = (delays[LINES - 1] + MAX_BLOCK + REACH).next_power_of_two();
        let mean_loss = delays.iter().map(|&frames| loss(frames, decay_s).powi(2)).sum::<f64>() / LINES as f64;
        Self {
            rings: vec![0.0; LINES * size],
            mask: size - 1,
            next: 0,
            delays,
            swing: swing as f32,
            sweeps: SWING_HZ.map(|hz| Sweep::new(context, hz)),
            gains: delays.map(|frames| loss(frames, decay_s) as f32),
            poles: delays.map(pole),
            damped: [0.0; LINES],
            // Energy that comes out for one frame in: the geometric series over the rounds.
            output_gain: ((1.0 - mean_loss) / mean_loss).sqrt() as f32,
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
        hadamard(&mut self.block, count);
        self.write(frames);
        frames.copy_from_slice(&heard[..count]);
    }

    fn read(&mut self, count: usize) {
        let mut swings = [[0.0; MAX_BLOCK]; 4];
        for frame in 0..count {
            let [[c0, s0], [c1, s1]] = [self.sweeps[0].tick(), self.sweeps[1].tick()];
            for (swing, turn) in swings.iter_mut().zip([c0, s1, s0, c1]) {
                swing[frame] = self.swing * turn;
            }
        }
        let size = self.mask + 1;
        let mut scratch = [0.0; MAX_BLOCK + 2 * REACH];
        for (line, samples) in self.block.iter_mut().enumerate() {
            let ring = &self.rings[line * size..(line + 1) * size];
            let start = self.next + 2 * size - self.delays[line];
            if line % 4 < 2 {
                copy_from_ring(ring, start & self.mask, &mut samples[..count]);
                continue;
            }
            copy_from_ring(ring, (start - REACH) & self.mask, &mut scratch[..count + 2 * REACH]);
            let side = if line & 1 == 0 { 1.0 } else { -1.0 };
            for ((frame, sample), swing) in samples[..count].iter_mut().enumerate().zip(&swings[line / 4]) {
                *sample = read_cubic(&scratch[frame..], REACH as f32 + side * swing);
            }
        }
    }

    fn damp(&mut self, count: usize) {
        // Four lines at a time: each waits for its own last sample, the others fill the gaps.
        for (group, lines) in self.block.chunks_exact_mut(4).enumerate() {
            let of = |values: &[f32; LINES]| -> [f32; 4] { std::array::from_fn(|line| values[4 * group + line]) };
            let (gains, poles, mut damped) = (of(&self.gains), of(&self.poles), of(&self.damped));
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

/// Cubic interpolation as in [`crate::delay_line::DelayLine::read_cubic`], at a fractional index of at least 1.
#[inline]
fn read_cubic(samples: &[f32], index: f32) -> f32 {
    let whole = index as usize;
    let t = index - whole as f32;
    let Some(&[a, b, c, d]) = samples[whole - 1..].first_chunk() else { return 0.0 };
    let linear = 0.5 * (c - a);
    let square = a - 2.5 * b + 2.0 * c - 0.5 * d;
    let cube = 0.5 * (d - a) + 1.5 * (b - c);
    ((cube * t + square) * t + linear) * t + b
}

/// The pole p of (1 - p) / (1 - p z^-1) with amplitude `gain` at the angle whose cosine is `cos`.
fn one_pole(gain: f64, cos: f64) -> f64 {
    let squared = gain.min(1.0).powi(2);
    if squared > 1.0 - 1e-9 {
        return 0.0;
    }
    let half = (1.0 - squared * cos) / (1.0 - squared);
    half - (half * half - 1.0).sqrt()
}

/// The smallest prime from `number` on.
fn next_prime(number: usize) -> usize {
    let is_prime =
        |n: usize| (2..).take_while(|divisor| divisor * divisor <= n).all(|divisor| !n.is_multiple_of(divisor));
    (number.max(2)..).find(|&candidate| is_prime(candidate)).unwrap_or(number)
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

    #[test]
    fn the_damping_pole_has_its_gain() {
        let cos = (TAU * 6_000.0 / 44_100.0).cos();
        for gain in [0.999, 0.7, 0.1] {
            let p = one_pole(gain, cos);
            let response = (1.0 - p) / (1.0 + p * p - 2.0 * p * cos).sqrt();
            assert!((response - gain).abs() < 1e-9 && (0.0..1.0).contains(&p));
        }
    }

    #[test]
    fn primes_are_found() {
        assert_eq!([1, 90, 926, 3840].map(next_prime), [2, 97, 929, 3847]);
    }
}
