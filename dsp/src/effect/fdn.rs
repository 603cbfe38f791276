//! Feedback delay network: the late part of a reverb.

use super::{EffectContext, Sweep, flush};
use crate::audio::StereoFrame;
use std::f64::consts::TAU;

/// Delay lines that feed each other.
const LINES: usize = 8;

/// Delays in ms at size 1: mutually prime in frames at usual rates, spread over little more than an octave.
const DELAYS_MS: [f64; LINES] = [31.71, 37.11, 40.23, 44.14, 50.77, 55.63, 61.42, 67.03];
/// Swing of the delays, and its two rates: enough to smear modes, too little to be heard as pitch.
const SWING_MS: f64 = 0.18;
const SWING_HZ: [f32; 2] = [0.53, 0.87];
/// Where `damping` is reckoned.
const DAMPED_HZ: f64 = 6_000.0;

/// Eight delay lines, mixed by a Hadamard matrix, each with the loss of its length (Jot and Chaigne, "Digital delay networks for
/// designing artificial reverberators", 1991).
pub struct FeedbackDelayNetwork {
    /// All lines, interleaved: one store a frame.
    ring: Vec<[f32; LINES]>,
    next: usize,
    delays: [f32; LINES],
    swing: f32,
    sweeps: [Sweep; 2],
    /// Loss of each line at 0 Hz, and pole of its damping low-pass.
    gains: [f32; LINES],
    poles: [f32; LINES],
    damped: [f32; LINES],
    output_gain: f32,
}

impl FeedbackDelayNetwork {
    /// - `size`: scale of the delays
    /// - `decay_s`: time for 60 dB at low frequencies
    /// - `damping`: 0.0 to 1.0; 1.0 shortens the decay to a tenth at 6 kHz
    pub fn new(context: &EffectContext, size: f32, decay_s: f32, damping: f32) -> Self {
        let rate_hz = context.sample_rate.hz();
        let delays = DELAYS_MS.map(|ms| (ms * 1e-3 * f64::from(size) * rate_hz).round());
        let loss = |frames: f64, decay_s: f64| 10f64.powf(-3.0 * frames / (rate_hz * decay_s));
        let decay_s = f64::from(decay_s);
        let damped_s = decay_s * 10f64.powf(-f64::from(damping));
        let cos = (TAU * (DAMPED_HZ / rate_hz).min(0.45)).cos();
        let pole = |frames: f64| one_pole(loss(frames, damped_s) / loss(frames, decay_s), cos);
        let swing = SWING_MS * 1e-3 * rate_hz;
        let longest = delays[LINES - 1] + swing + 4.0;
        let mean_loss = delays.iter().map(|&frames| loss(frames, decay_s).powi(2)).sum::<f64>() / LINES as f64;
        Self {
            ring: vec![[0.0; LINES]; (longest as usize).next_power_of_two()],
            next: 0,
            delays: delays.map(|frames| frames as f32),
            swing: swing as f32,
            sweeps: SWING_HZ.map(|hz| Sweep::new(context, hz)),
            gains: delays.map(|frames| loss(frames, decay_s) as f32),
            poles: delays.map(|frames| pole(frames) as f32),
            damped: [0.0; LINES],
            // Energy that comes out of one frame in: the geometric series over the rounds.
            output_gain: ((1.0 - mean_loss) / mean_loss).sqrt() as f32,
        }
    }

    /// One frame through: left feeds the even lines and hears them, right the odd ones.
    #[inline]
    pub fn tick(&mut self, input: StereoFrame) -> StereoFrame {
        let [[c0, s0], [c1, s1]] = [self.sweeps[0].tick(), self.sweeps[1].tick()];
        let swings = [c0, s1, -s0, -c1, -c0, -s1, s0, c1];
        let mask = self.ring.len() - 1;
        let mut heard = [0.0; LINES];
        for line in 0..LINES {
            let delay = self.delays[line] + self.swing * swings[line];
            heard[line] = self.read_cubic(line, delay, mask);
        }
        for line in 0..LINES {
            let lost = self.gains[line] * heard[line];
            self.damped[line] = flush(lost + self.poles[line] * (self.damped[line] - lost));
        }
        let mut mixed = hadamard(self.damped);
        // Signs: the inputs are not all alike, so that the first echoes are not either.
        const SIGNS: [f32; LINES] = [0.5, 0.5, -0.5, 0.5, 0.5, -0.5, -0.5, -0.5];
        for (line, mixed) in mixed.iter_mut().enumerate() {
            *mixed += SIGNS[line] * input[line % 2];
        }
        self.ring[self.next & mask] = mixed;
        self.next = self.next.wrapping_add(1);
        let d = &self.damped;
        [self.output_gain * (d[0] + d[2] - d[4] - d[6]), self.output_gain * (d[1] - d[3] + d[5] - d[7])]
    }

    /// Cubic interpolation, as [`crate::delay_line::DelayLine::read_cubic`].
    #[inline]
    fn read_cubic(&self, line: usize, frames: f32, mask: usize) -> f32 {
        let whole = frames as usize;
        let t = frames - whole as f32;
        let newest = self.next.wrapping_sub(whole);
        let read = |offset: usize| self.ring[newest.wrapping_sub(offset).wrapping_add(1) & mask][line];
        let [a, b, c, d] = [read(0), read(1), read(2), read(3)];
        let linear = 0.5 * (c - a);
        let square = a - 2.5 * b + 2.0 * c - 0.5 * d;
        let cube = 0.5 * (d - a) + 1.5 * (b - c);
        ((cube * t + square) * t + linear) * t + b
    }

    /// Silence.
    pub fn reset(&mut self) {
        self.ring.fill([0.0; LINES]);
        self.next = 0;
        self.damped = [0.0; LINES];
        self.sweeps.iter_mut().for_each(Sweep::reset);
    }
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

/// The orthogonal Hadamard matrix of order 8, as a fast transform.
#[inline]
fn hadamard(mut x: [f32; LINES]) -> [f32; LINES] {
    for stride in [1, 2, 4] {
        for line in 0..LINES {
            if line & stride == 0 {
                let (a, b) = (x[line], x[line + stride]);
                (x[line], x[line + stride]) = (a + b, a - b);
            }
        }
    }
    // 1 / sqrt(8).
    x.map(|sample| 0.353_553_4 * sample)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_matrix_loses_no_energy() {
        let x = [0.3, -1.0, 0.25, 0.0, 2.0, -0.5, 0.125, 0.75];
        let energy = |x: &[f32]| x.iter().map(|x| x * x).sum::<f32>();
        assert!((energy(&hadamard(x)) / energy(&x) - 1.0).abs() < 1e-6);
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
}
