//! Soft clipping.

use wide::f32x4;

/// Soft saturation towards +-1: tanh as a quotient of polynomials, exact to third order at 0.
#[inline]
pub(crate) fn saturate(x: f32) -> f32 {
    let x = x.clamp(-3.0, 3.0);
    let square = x * x;
    x * (27.0 + square) / (27.0 + 9.0 * square)
}

/// The same of each lane.
#[inline(always)]
pub(super) fn saturate_lanes(x: f32x4) -> f32x4 {
    let x = x.fast_max(f32x4::splat(-3.0)).fast_min(f32x4::splat(3.0));
    let square = x * x;
    let [linear, cubic] = [27.0, 9.0].map(f32x4::splat);
    x * (linear + square) / (linear + cubic * square)
}
