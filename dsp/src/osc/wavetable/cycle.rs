//! One period of a waveform, read between its samples.

use realfft::RealFftPlanner;
use realfft::num_complex::Complex64;
use std::f64::consts::TAU;
use wide::{f32x4, i32x4};

/// Fewest samples in a cycle; reading [`Short`] ones needs neither a variable shift nor a bounds check.
pub const SHORT: usize = 512;

/// log2 of it.
const SHORT_BITS: u32 = SHORT.trailing_zeros();
/// 2^-24: what the upper 24 bits of a part are counted in.
const PER_PART: f32 = 1.0 / 16_777_216.0;

/// The cubics of a cycle of [`SHORT`] samples.
pub type Short = [[f32; 4]; SHORT];

/// One cycle with a limited number of harmonics, read with cubic Hermite interpolation.
///
/// The cubic between two samples has the waveform's exact values and slopes at both (the slopes come from the spectrum too), so
/// that it is off by at most `(tau k / samples)^4 / 384` of harmonic k (de Boor, "A Practical Guide to Splines", 1978, ch. IV).
/// With 8 samples per period of the highest harmonic, the images of a saw's harmonics together stay below -95 dB.
#[derive(Debug)]
pub struct Cycle {
    pub(super) harmonics: usize,
    /// log2 of the samples in the cycle.
    pub(super) bits: u32,
    pub(super) cubics: Vec<[f32; 4]>,
}

impl Cycle {
    /// The first `harmonics` of a spectrum whose bin k is half of harmonic k's complex amplitude; DC is left out.
    pub(super) fn of_spectrum(spectrum: &[Complex64], harmonics: usize, planner: &mut RealFftPlanner<f64>) -> Self {
        let length = (8 * harmonics).next_power_of_two().max(SHORT);
        let plan = planner.plan_fft_inverse(length);
        let transform = |value: &dyn Fn(usize) -> Complex64| {
            let mut bins = plan.make_input_vec();
            (1..=harmonics.min(spectrum.len() - 1)).for_each(|k| bins[k] = value(k));
            let mut cycle = plan.make_output_vec();
            plan.process(&mut bins, &mut cycle).expect("vectors made by the plan have its lengths");
            cycle
        };
        let values = transform(&|k| spectrum[k]);
        let slopes = transform(&|k| spectrum[k] * Complex64::new(0.0, TAU * k as f64 / length as f64));
        Self { harmonics, bits: length.trailing_zeros(), cubics: hermite(&values, &slopes) }
    }

    /// From the amplitudes of harmonics 0 (not heard), 1, 2 ... in sine phase, up to the 32nd.
    pub fn of_harmonics(amplitudes: &[f64]) -> Self {
        let mut values = vec![0.0; SHORT];
        let mut slopes = vec![0.0; SHORT];
        for (harmonic, &amplitude) in amplitudes.iter().enumerate().filter(|(_, amplitude)| **amplitude != 0.0) {
            let step = TAU * harmonic as f64 / SHORT as f64;
            for (index, (value, slope)) in values.iter_mut().zip(&mut slopes).enumerate() {
                let (sin, cos) = (step * index as f64).sin_cos();
                *value += amplitude * sin;
                *slope += amplitude * step * cos;
            }
        }
        Self { harmonics: amplitudes.len(), bits: SHORT.trailing_zeros(), cubics: hermite(&values, &slopes) }
    }

    /// Hands `put` the value for each of `out`, while the phase grows by `increment`.
    pub fn sweep(&self, phase: u32, increment: u32, out: &mut [f32], put: impl Fn(&mut f32, f32)) {
        match self.short() {
            Some(cubics) => in_fours(phase, increment, SHORT_BITS, |index| cubics[index], out, put),
            None => in_fours(phase, increment, self.bits, |index| self.cubics[index], out, put),
        }
    }

    /// The cubics if there are [`SHORT`] of them, as in all but the lowest octaves.
    #[inline]
    fn short(&self) -> Option<&Short> {
        self.cubics.as_slice().try_into().ok()
    }
}

/// For each sample, the cubic from it to the next one; `slopes` are per sample.
fn hermite(values: &[f64], slopes: &[f64]) -> Vec<[f32; 4]> {
    let count = values.len();
    (0..count)
        .map(|index| {
            let next = (index + 1) % count;
            let rise = values[next] - values[index];
            let square = 3.0 * rise - 2.0 * slopes[index] - slopes[next];
            let cube = slopes[index] + slopes[next] - 2.0 * rise;
            [values[index] as f32, slopes[index] as f32, square as f32, cube as f32]
        })
        .collect()
}

/// [`interpolate`] at four phases at a time, with the same result: a cubic is a vector, and four of them are turned so that each
/// vector holds one power of all.
#[inline(always)]
fn in_fours(
    mut phase: u32,
    increment: u32,
    bits: u32,
    cubic: impl Fn(usize) -> [f32; 4],
    out: &mut [f32],
    put: impl Fn(&mut f32, f32),
) {
    for out in out.chunks_mut(4) {
        let phases = [
            phase,
            phase.wrapping_add(increment),
            phase.wrapping_add(increment.wrapping_mul(2)),
            phase.wrapping_add(increment.wrapping_mul(3)),
        ];
        let row = |n: usize| f32x4::new(cubic((phases[n] >> (32 - bits)) as usize));
        let [constant, slope, square, cube] = f32x4::transpose([row(0), row(1), row(2), row(3)]);
        let part = |n: usize| (phases[n] << bits) as i32;
        let parts = (i32x4::new([part(0), part(1), part(2), part(3)]) >> 8) & i32x4::splat(0x00ff_ffff);
        let t = f32x4::from_i32x4(parts) * f32x4::splat(PER_PART);
        let values = (((cube * t + square) * t + slope) * t + constant).to_array();
        if let Ok(out) = <&mut [f32; 4]>::try_from(&mut *out) {
            // A copy of its own for whole fours, so that they are put down at once.
            out.iter_mut().zip(values).for_each(|(out, value)| put(out, value));
        } else {
            for (out, value) in out.iter_mut().zip(&values) {
                put(out, *value);
            }
        }
        phase = phase.wrapping_add(increment.wrapping_mul(4));
    }
}

/// `part` is how far it is to the next sample, the whole range of `u32` being all the way.
#[inline]
pub fn interpolate(cubic: &[f32; 4], part: u32) -> f32 {
    let t = fraction(part);
    ((cubic[3] * t + cubic[2]) * t + cubic[1]) * t + cubic[0]
}

/// The slope there, per sample.
#[inline]
pub fn interpolate_slope(cubic: &[f32; 4], part: u32) -> f32 {
    let t = fraction(part);
    (3.0 * cubic[3] * t + 2.0 * cubic[2]) * t + cubic[1]
}

/// 24 bits of `part` fill an f32, and convert fast as a signed number.
#[inline]
fn fraction(part: u32) -> f32 {
    (part >> 8) as i32 as f32 * PER_PART
}
