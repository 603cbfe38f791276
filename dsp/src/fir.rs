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
/// `input` holds the `taps.len() - 1` frames before the block, then the block. Each output sums in the same order whatever the block.
pub fn convolve(taps: &[f32], input: &[StereoFrame], output: &mut [StereoFrame]) {
    let mut chunks = output.chunks_exact_mut(CHUNK);
    let mut newest = taps.len() - 1;
    for chunk in &mut chunks {
        let mut sums = [0.0; 2 * CHUNK];
        for (j, &tap) in taps.iter().enumerate() {
            let delayed = input[newest - j..][..CHUNK].as_flattened();
            sums.iter_mut().zip(delayed).for_each(|(sum, sample)| *sum += tap * sample);
        }
        chunk.as_flattened_mut().copy_from_slice(&sums);
        newest += CHUNK;
    }
    for (frame, newest) in chunks.into_remainder().iter_mut().zip(newest..) {
        *frame = taps
            .iter()
            .zip(input[..=newest].iter().rev())
            .fold([0.0; 2], |[left, right], (tap, sample)| [left + tap * sample[0], right + tap * sample[1]]);
    }
}

/// Frames whose sums fit in a processor's registers.
const CHUNK: usize = 16;

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

    #[test]
    fn a_long_block_is_convolved_as_its_frames_alone() {
        let mut rng = crate::rng::Seed(5).rng();
        let taps: Vec<f32> = (0..24).map(|_| rng.bipolar()).collect();
        let input: Vec<StereoFrame> = (0..23 + 50).map(|_| [rng.bipolar(), rng.bipolar()]).collect();
        let mut output = vec![[0.0; 2]; 50];
        convolve(&taps, &input, &mut output);
        for (n, frame) in output.iter().enumerate() {
            let mut alone = [[0.0; 2]];
            convolve(&taps, &input[n..n + 24], &mut alone);
            assert_eq!(*frame, alone[0], "{n}");
        }
    }
}
