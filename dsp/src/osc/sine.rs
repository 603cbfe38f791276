//! The sine of a phase, as a polynomial: no table, and loops of it run in SIMD.

use std::f32::consts::FRAC_PI_2;

/// Coefficients of `u, u^3 .. u^9` that come nearest to `sin(pi u / 2)` for u in -1.0 ..= 1.0: least squares at Chebyshev points,
/// reweighted towards the largest error (Lawson, 1961), which ends at 3.4e-9 (-169 dB). Roundings of an f32 leave 2.5e-7 (-132 dB).
const NEAREST: [f32; 5] = [FRAC_PI_2, -0.645_963_4, 0.079_688_48, -0.004_672_228, 0.000_150_820_6];

/// A sine of a phase; the whole range of `u32` is one cycle.
#[inline]
pub fn sine(phase: u32) -> f32 {
    // The two outer quarters are mirrored onto the inner ones: where the upper bits differ, all but the sign is flipped.
    let signed = phase as i32;
    let is_outer = ((signed << 1) ^ signed) >> 31;
    let folded = signed ^ (is_outer & i32::MAX);
    let u = folded as f32 * (1.0 / 1_073_741_824.0);
    let square = u * u;
    let [c1, c3, c5, c7, c9] = NEAREST;
    let fourth = square * square;
    // In pairs: fewer steps that wait for each other (Estrin, 1960).
    u * ((c1 + c3 * square) + fourth * ((c5 + c7 * square) + c9 * fourth))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_polynomial_is_a_sine_within_minus_130_db() {
        for step in 0..100_000u32 {
            let phase = step.wrapping_mul(42_949);
            let expected = (f64::from(phase) / 4_294_967_296.0 * std::f64::consts::TAU).sin();
            // A few roundings of an f32.
            assert!((f64::from(sine(phase)) - expected).abs() < 3e-7, "{phase}: {} {expected}", sine(phase));
        }
    }
}
