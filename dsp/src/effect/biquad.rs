//! Second-order filters for equalisers and meters.
//!
//! Designs: Bristow-Johnson, "Cookbook formulae for audio EQ biquad filter coefficients" (W3C note, 2021). State and
//! coefficients are f64: at 20 Hz the poles of an f32 filter are too coarse, and two channels of f64 fill one SIMD register.

use crate::audio::StereoFrame;
use crate::units::SampleRate;
use std::f64::consts::{SQRT_2, TAU};

/// A stereo second-order filter, transposed direct form II.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Biquad {
    b: [f64; 3],
    a: [f64; 2],
    state: [[f64; 2]; 2],
}

impl Biquad {
    /// The filter (b0 + b1 z^-1 + b2 z^-2) / (a0 + a1 z^-1 + a2 z^-2).
    pub fn from_coefficients(b: [f64; 3], a: [f64; 3]) -> Self {
        Self { b: b.map(|value| value / a[0]), a: [a[1] / a[0], a[2] / a[0]], state: [[0.0; 2]; 2] }
    }

    /// Low-pass, 12 dB per octave, Butterworth.
    pub fn low_pass(rate: SampleRate, hz: f64) -> Self {
        let (cos, alpha) = angle(rate, hz, SQRT_2 / 2.0);
        Self::from_coefficients(
            [(1.0 - cos) / 2.0, 1.0 - cos, (1.0 - cos) / 2.0],
            [1.0 + alpha, -2.0 * cos, 1.0 - alpha],
        )
    }

    /// High-pass, 12 dB per octave; `q` 0.707 is Butterworth.
    pub fn high_pass(rate: SampleRate, hz: f64, q: f64) -> Self {
        let (cos, alpha) = angle(rate, hz, q);
        Self::from_coefficients(
            [(1.0 + cos) / 2.0, -(1.0 + cos), (1.0 + cos) / 2.0],
            [1.0 + alpha, -2.0 * cos, 1.0 - alpha],
        )
    }

    /// All-pass: turns the phase by half a turn at `hz`, by a whole one far above.
    pub fn all_pass(rate: SampleRate, hz: f64, q: f64) -> Self {
        let (cos, alpha) = angle(rate, hz, q);
        Self::from_coefficients([1.0 - alpha, -2.0 * cos, 1.0 + alpha], [1.0 + alpha, -2.0 * cos, 1.0 - alpha])
    }

    /// Band-pass, 0 dB at `hz`, 6 dB per octave to either side.
    pub fn band_pass(rate: SampleRate, hz: f64, q: f64) -> Self {
        let (cos, alpha) = angle(rate, hz, q);
        Self::from_coefficients([alpha, 0.0, -alpha], [1.0 + alpha, -2.0 * cos, 1.0 - alpha])
    }

    /// Bell of `gain_db` around `hz`.
    pub fn peak(rate: SampleRate, hz: f64, gain_db: f64, q: f64) -> Self {
        let (cos, alpha) = angle(rate, hz, q);
        let a = 10f64.powf(gain_db / 40.0);
        Self::from_coefficients(
            [1.0 + alpha * a, -2.0 * cos, 1.0 - alpha * a],
            [1.0 + alpha / a, -2.0 * cos, 1.0 - alpha / a],
        )
    }

    /// Raises or lowers what lies below `hz` by `gain_db`; half of it at `hz`.
    pub fn low_shelf(rate: SampleRate, hz: f64, gain_db: f64, q: f64) -> Self {
        let (cos, alpha) = angle(rate, hz, q);
        let a = 10f64.powf(gain_db / 40.0);
        let slope = 2.0 * a.sqrt() * alpha;
        Self::from_coefficients(
            [
                a * ((a + 1.0) - (a - 1.0) * cos + slope),
                2.0 * a * ((a - 1.0) - (a + 1.0) * cos),
                a * ((a + 1.0) - (a - 1.0) * cos - slope),
            ],
            [
                (a + 1.0) + (a - 1.0) * cos + slope,
                -2.0 * ((a - 1.0) + (a + 1.0) * cos),
                (a + 1.0) + (a - 1.0) * cos - slope,
            ],
        )
    }

    /// Raises or lowers what lies above `hz` by `gain_db`; half of it at `hz`.
    pub fn high_shelf(rate: SampleRate, hz: f64, gain_db: f64, q: f64) -> Self {
        let (cos, alpha) = angle(rate, hz, q);
        let a = 10f64.powf(gain_db / 40.0);
        let slope = 2.0 * a.sqrt() * alpha;
        Self::from_coefficients(
            [
                a * ((a + 1.0) + (a - 1.0) * cos + slope),
                -2.0 * a * ((a - 1.0) + (a + 1.0) * cos),
                a * ((a + 1.0) + (a - 1.0) * cos - slope),
            ],
            [
                (a + 1.0) - (a - 1.0) * cos + slope,
                2.0 * ((a - 1.0) - (a + 1.0) * cos),
                (a + 1.0) - (a - 1.0) * cos - slope,
            ],
        )
    }

    /// Filters one frame in f64.
    #[inline]
    pub fn tick(&mut self, input: [f64; 2]) -> [f64; 2] {
        let [b0, b1, b2] = self.b;
        let [a1, a2] = self.a;
        let [s1, s2] = self.state;
        let output = [b0 * input[0] + s1[0], b0 * input[1] + s1[1]];
        self.state = [
            [b1 * input[0] - a1 * output[0] + s2[0], b1 * input[1] - a1 * output[1] + s2[1]],
            [b2 * input[0] - a2 * output[0], b2 * input[1] - a2 * output[1]],
        ];
        output
    }

    /// Filters a block in place.
    pub fn process(&mut self, block: &mut [StereoFrame]) {
        for frame in block {
            *frame = self.tick(frame.map(f64::from)).map(|sample| sample as f32);
        }
        self.flush();
    }

    /// Sets state that has decayed below hearing to zero.
    pub fn flush(&mut self) {
        for state in self.state.iter_mut().flatten() {
            if state.abs() < 1e-30 {
                *state = 0.0;
            }
        }
    }

    /// Forgets all input.
    pub fn reset(&mut self) {
        self.state = [[0.0; 2]; 2];
    }

    /// Amplitude response at a frequency.
    pub fn gain_at(&self, rate: SampleRate, hz: f64) -> f64 {
        let omega = TAU * hz / rate.hz();
        let squared = |[c0, c1, c2]: [f64; 3]| {
            let re = c0 + c1 * omega.cos() + c2 * (2.0 * omega).cos();
            let im = c1 * omega.sin() + c2 * (2.0 * omega).sin();
            re * re + im * im
        };
        (squared(self.b) / squared([1.0, self.a[0], self.a[1]])).sqrt()
    }

    /// Frames until its impulse response has fallen below -90 dB: from the radius of its slower pole.
    pub fn tail_frames(&self) -> usize {
        let [a1, a2] = self.a;
        let discriminant = a1 * a1 / 4.0 - a2;
        let radius = if discriminant < 0.0 { a2.sqrt() } else { a1.abs() / 2.0 + discriminant.sqrt() };
        // 10^(-90/20) = e^-10.36; a resonance starts out above 1, hence the round 12.
        if radius < 1e-3 { 2 } else { (12.0 / -radius.min(1.0 - 1e-9).ln()).ceil() as usize }
    }
}

/// cos(w0) and alpha of the cookbook; the frequency is kept below Nyquist.
fn angle(rate: SampleRate, hz: f64, q: f64) -> (f64, f64) {
    let omega = TAU * hz.min(0.49 * rate.hz()) / rate.hz();
    (omega.cos(), omega.sin() / (2.0 * q))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The bilinear transform of an analogue second-order filter, evaluated without any z: the oracle.
    fn analogue(hz: f64, corner_hz: f64, q: f64, rate: SampleRate, b: [f64; 3], a: [f64; 3]) -> f64 {
        // s = j tan(w/2) / tan(w0/2): the bilinear transform's frequency warping.
        let warp = |hz: f64| (std::f64::consts::PI * hz / rate.hz()).tan();
        let s = warp(hz) / warp(corner_hz);
        let magnitude = |[c0, c1, c2]: [f64; 3]| ((c0 - c2 * s * s).powi(2) + (c1 * s / q).powi(2)).sqrt();
        magnitude(b) / magnitude(a)
    }

    #[test]
    fn responses_follow_their_analogue_prototypes() {
        let rate = SampleRate::CD;
        let q = SQRT_2 / 2.0;
        let a = 10f64.powf(6.0 / 40.0);
        for hz in [20.0, 100.0, 999.0, 1000.0, 5_000.0, 15_000.0, 21_000.0] {
            let cases = [
                (Biquad::low_pass(rate, 1000.0), analogue(hz, 1000.0, q, rate, [1.0, 0.0, 0.0], [1.0, 1.0, 1.0])),
                (Biquad::high_pass(rate, 1000.0, q), analogue(hz, 1000.0, q, rate, [0.0, 0.0, 1.0], [1.0, 1.0, 1.0])),
                (
                    Biquad::peak(rate, 1000.0, 6.0, 2.0),
                    analogue(hz, 1000.0, 2.0, rate, [1.0, a, 1.0], [1.0, 1.0 / a, 1.0]),
                ),
                (
                    Biquad::low_shelf(rate, 1000.0, 6.0, q),
                    a * analogue(hz, 1000.0, q, rate, [a, a.sqrt(), 1.0], [1.0, a.sqrt(), a]),
                ),
                (
                    Biquad::high_shelf(rate, 1000.0, 6.0, q),
                    a * analogue(hz, 1000.0, q, rate, [1.0, a.sqrt(), a], [a, a.sqrt(), 1.0]),
                ),
            ];
            for (index, (filter, expected)) in cases.iter().enumerate() {
                // Rounding only: both are f64.
                assert!((filter.gain_at(rate, hz) / expected - 1.0).abs() < 1e-6, "filter {index} at {hz} Hz");
            }
        }
    }

    #[test]
    fn a_filtered_sine_has_the_gain_of_the_formula() {
        let rate = SampleRate::CD;
        let mut filter = Biquad::high_pass(rate, 200.0, 1.0);
        let step = TAU * 441.0 / rate.hz();
        let outputs: Vec<f64> =
            (0..44_100).map(|n| filter.tick([(step * n as f64).sin(), 0.0])).map(|frame| frame[0]).collect();
        // Whole periods of 100 frames, after the filter has settled.
        let rms = (outputs[34_100..].iter().map(|x| x * x).sum::<f64>() / 10_000.0).sqrt();
        assert!((rms * SQRT_2 - filter.gain_at(rate, 441.0)).abs() < 1e-9);
    }

    #[test]
    fn the_tail_is_as_long_as_it_says() {
        for filter in [Biquad::high_pass(SampleRate::CD, 30.0, 0.707), Biquad::peak(SampleRate::CD, 100.0, 12.0, 4.0)] {
            let mut filter = filter;
            let first = filter.tick([1.0, 1.0])[0].abs();
            let tail = filter.tail_frames();
            for _ in 0..tail {
                filter.tick([0.0; 2]);
            }
            let rest = (0..tail).map(|_| filter.tick([0.0; 2])[0].abs()).fold(0.0, f64::max);
            assert!(rest < first * 10f64.powf(-90.0 / 20.0));
        }
    }
}
