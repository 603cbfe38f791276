//! Finite impulse responses: windowed-sinc design and block convolution.

use crate::audio::StereoFrame;

/// Kaiser's window at `x` in -1.0 ..= 1.0 (Kaiser and Schafer, "On the use of the I0-sinh window", 1980).
pub fn kaiser(x: f64, beta: f64) -> f64 {
    bessel_i0(beta * (1.0 - x * x).max(0.0).sqrt()) / bessel_i0(beta)
}

/// sin(pi x) / (pi x).
pub fn sinc(x: f64) -> f64 {
    let angle = std::f64::consts::PI * x;
    if angle.abs() < 1e-9 { 1.0 } else { angle.sin() / angle }
}

/// Modified Bessel function of the first kind, order 0: its power series.
fn bessel_i0(x: f64) -> f64 {
    let mut term = 1.0;
    let mut sum = 1.0;
    for k in 1..60 {
        term *= (x / (2.0 * f64::from(k))).powi(2);
        sum += term;
    }
    sum
}

/// `output[n]` = sum over j of `taps[j] * input[n + taps.len() - 1 - j]`.
///
/// `input` holds the `taps.len() - 1` frames before the block, then the block. Taps outside, frames inside: that loop runs in
/// SIMD, and each output sums in the same order whatever the block.
pub fn convolve(taps: &[f32], input: &[StereoFrame], output: &mut [StereoFrame]) {
    output.fill([0.0; 2]);
    let count = output.len();
    for (j, &tap) in taps.iter().enumerate() {
        let start = taps.len() - 1 - j;
        let delayed = input[start..start + count].as_flattened();
        for (sum, sample) in output.as_flattened_mut().iter_mut().zip(delayed) {
            *sum += tap * sample;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn convolution_delays_by_the_tap() {
        let input: Vec<StereoFrame> = (0..10).map(|n| [n as f32, -(n as f32)]).collect();
        let mut output = vec![[0.0; 2]; 8];
        convolve(&[0.0, 0.0, 2.0], &input, &mut output);
        assert_eq!(output[0], [0.0, 0.0]);
        assert_eq!(output[7], [14.0, -14.0]);
    }
}
