//! Lengths and losses of a network's delay lines.

use super::LINES;
use crate::units::SampleRate;
use std::f64::consts::TAU;

/// Where `damping` is reckoned.
const DAMPED_HZ: f64 = 6_000.0;

/// What a room's decay is set to.
#[derive(Debug, Clone, Copy)]
pub struct Decay {
    /// Time for 60 dB at low frequencies, in seconds.
    pub decay_s: f64,
    /// 0.0 to 1.0; 1.0 shortens the decay to a tenth at 6 kHz.
    pub damping: f64,
}

/// Delay lines with the loss of their length: a gain, then a one-pole low-pass (Jot and Chaigne, "Digital delay networks for
/// designing artificial reverberators", 1991).
#[derive(Debug, Clone)]
pub struct Lines {
    /// In frames: prime numbers in nearly equal ratios, so that their echoes seldom coincide.
    pub delays: [usize; LINES],
    /// Loss at 0 Hz.
    pub gains: [f32; LINES],
    /// Poles of the low-passes.
    pub poles: [f32; LINES],
}

impl Lines {
    /// From the shortest to the longest delay in seconds, none shorter than `least_frames`.
    pub fn new(rate: SampleRate, [shortest_s, longest_s]: [f64; 2], least_frames: usize, decay: Decay) -> Self {
        let rate_hz = rate.hz();
        let shortest = (shortest_s * rate_hz).max(least_frames as f64);
        let ratio = (longest_s * rate_hz / shortest).max(1.1).powf(1.0 / (LINES - 1) as f64);
        let delays = std::array::from_fn(|line| next_prime((shortest * ratio.powi(line as i32)) as usize));
        let loss = |frames: usize, decay_s: f64| 10f64.powf(-3.0 * frames as f64 / (rate_hz * decay_s));
        let damped_s = decay.decay_s * 10f64.powf(-decay.damping);
        let cos = (TAU * (DAMPED_HZ / rate_hz).min(0.45)).cos();
        let pole = |frames| one_pole(loss(frames, damped_s) / loss(frames, decay.decay_s), cos) as f32;
        Self { delays, gains: delays.map(|frames| loss(frames, decay.decay_s) as f32), poles: delays.map(pole) }
    }

    /// Energy that goes in once comes out this many times: the geometric series over the rounds.
    pub fn rounds(&self) -> f64 {
        let kept = self.gains.iter().map(|gain| f64::from(*gain).powi(2)).sum::<f64>() / LINES as f64;
        kept / (1.0 - kept)
    }

    /// Time for 60 dB at `hz`: sound passes every line alike often, so it is their losses over their lengths.
    pub fn decay_at_s(&self, rate: SampleRate, hz: f64) -> f64 {
        let cos = (TAU * (hz / rate.hz()).min(0.5)).cos();
        let losses = self.gains.iter().zip(&self.poles).map(|(gain, pole)| {
            let pole = f64::from(*pole);
            let low_pass = (1.0 - pole) / (1.0 + pole * pole - 2.0 * pole * cos).sqrt();
            -20.0 * (f64::from(*gain) * low_pass).log10()
        });
        60.0 * rate.seconds(self.delays.iter().sum()) / losses.sum::<f64>()
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

/// The smallest prime from `number` on.
fn next_prime(number: usize) -> usize {
    let is_prime =
        |n: usize| (2..).take_while(|divisor| divisor * divisor <= n).all(|divisor| !n.is_multiple_of(divisor));
    (number.max(2)..).find(|&candidate| is_prime(candidate)).unwrap_or(number)
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn damping_shortens_the_decay_at_6_khz_to_its_share() {
        for damping in [0.0, 0.5, 1.0] {
            let lines = Lines::new(SampleRate::CD, [0.021, 0.087], 100, Decay { decay_s: 2.0, damping });
            assert!((lines.decay_at_s(SampleRate::CD, 10.0) - 2.0).abs() < 1e-3);
            let expected = 2.0 * 10f64.powf(-damping);
            assert!((lines.decay_at_s(SampleRate::CD, 6_000.0) / expected - 1.0).abs() < 1e-3);
        }
    }
}
