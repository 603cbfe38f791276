//! The sine of a phase, as a polynomial: no table, and loops of it run in SIMD.

use std::f64::consts::FRAC_PI_2;

/// Coefficients of `u, u^3 .. u^11` in the Taylor series of `sin(pi u / 2)`, which is off by less than 6e-8 (-144 dB) for u in
/// -1.0 ..= 1.0, as much as an f32 is.
const TAYLOR: [f32; 6] = {
    let mut coefficients = [0.0; 6];
    let mut term = FRAC_PI_2;
    let mut index = 0;
    while index < 6 {
        coefficients[index] = term as f32;
        let order = (2 * index + 2) as f64;
        term *= -FRAC_PI_2 * FRAC_PI_2 / (order * (order + 1.0));
        index += 1;
    }
    coefficients
};

/// A sine of a phase; the whole range of `u32` is one cycle.
#[inline]
pub fn sine(phase: u32) -> f32 {
    // The two outer quarters are mirrored onto the inner ones: where the upper bits differ, all but the sign is flipped.
    let signed = phase as i32;
    let is_outer = ((signed << 1) ^ signed) >> 31;
    let folded = signed ^ (is_outer & i32::MAX);
    let u = folded as f32 * (1.0 / 1_073_741_824.0);
    let square = u * u;
    let [c1, c3, c5, c7, c9, c11] = TAYLOR;
    u * (c1 + square * (c3 + square * (c5 + square * (c7 + square * (c9 + square * c11)))))
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
