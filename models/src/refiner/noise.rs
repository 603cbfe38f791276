//! The noise that is added where our sound is silent and recorded ones are not.

use riffsmith_dsp::Seed;
use riffsmith_dsp::spectral::{Edges, Stft, griffin_lim};

/// Frames after which the noise begins again: 3 s.
pub const PERIOD: usize = 256;

/// Steps of Griffin and Lim's: the levels of its cells then differ by 2 dB where those of white noise differ by 5.6 dB.
const STEPS: usize = 5;

/// A circle of `frames` frames of even noise of mean power 1 in each bin: random phases, and nearly the same level in every cell (cf.
/// Pumplin, "Low-noise noise", 1985). Noise of the recorded instruments' levels is nearer to them, cell for cell, if it is not uneven
/// on its own besides.
pub fn even(stft: &Stft, frames: usize, channel: u64) -> Vec<f32> {
    let magnitudes = vec![1.0; frames * stft.bins()];
    let seed = Seed(1).fork("even noise").fork_index(channel);
    griffin_lim(stft, &magnitudes, frames * stft.hop(), Edges::Loop, STEPS, seed)
}

/// How much softer noise can be one, two and three frames later than in a frame itself, in units: the window spreads it so far.
const SPREAD: [f32; 3] = [0.4, 1.35, 3.0];

/// Lowers levels of noise, frame after frame of `bands` bands in units, so that none is spread by the window over frames that were to
/// have less. What is spread to earlier frames is the attack guard's matter.
pub fn fall_slowly(levels: &mut [f32], bands: usize) {
    let frames = levels.len() / bands;
    for t in (0..frames).rev() {
        for (later, spread) in SPREAD.iter().enumerate().take_while(|(later, _)| t + later + 1 < frames) {
            let (now, then) = levels.split_at_mut((t + later + 1) * bands);
            for (level, next) in now[t * bands..][..bands].iter_mut().zip(then) {
                *level = level.min(*next + spread);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_falls_no_faster_than_the_window_lets_it_and_rises_at_once() {
        let mut levels = vec![0.0, 1.0, 0.0, 9.0, 3.0, 3.0, 2.9, 3.0, 0.5, 3.0, 0.5, 3.0];
        fall_slowly(&mut levels, 2);
        // Of the first band 0, 0, 3, 2.9, 0.5, 0.5; the second one rises from 1 to 9 and is then 3.
        let expected = [0.0, 1.0, 0.0, 3.4, 1.3, 3.0, 0.9, 3.0, 0.5, 3.0, 0.5, 3.0];
        for (level, expected) in levels.iter().zip(expected) {
            assert!((level - expected).abs() < 1e-5, "{levels:?}");
        }
    }

    #[test]
    fn it_is_even_and_its_channels_are_independent() {
        let stft = Stft::new(2048, 512);
        let [left, right] = [0, 1].map(|channel| even(&stft, 64, channel));
        let (mut levels, mut bins) = (Vec::new(), Vec::new());
        stft.for_each_frame(&left, Edges::Loop, |_, frame| {
            levels.extend(frame[2..1023].iter().map(|bin| 20.0 * bin.norm().log10()));
            bins.extend_from_slice(&frame[2..1023]);
        });
        let mean = levels.iter().sum::<f32>() / levels.len() as f32;
        let deviation = (levels.iter().map(|level| (level - mean).powi(2)).sum::<f32>() / levels.len() as f32).sqrt();
        assert!(mean.abs() < 1.0 && deviation < 3.0, "{mean} dB, give or take {deviation} dB");
        let product: f32 = left.iter().zip(&right).map(|(a, b)| a * b).sum();
        let energy: f32 = left.iter().map(|a| a * a).sum();
        // Four standard deviations of the correlation of so many samples.
        assert!((product / energy).abs() < 4.0 / (left.len() as f32).sqrt());
    }
}
