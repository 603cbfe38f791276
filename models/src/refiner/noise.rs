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

/// Noise less than this above the threshold of what is heard, 7 dB in units, is no nearer to a recorded sound's own noise than none: two
/// draws are 6 to 8 dB apart. It is faded by this much more than it is lower: alone it earns nothing, in a thousand bins it hisses.
pub const FAINT: f32 = 0.35;
pub const FADE: f32 = 3.0;

/// A level of noise as it sounds, where what is below `threshold` is not heard; both in units.
pub fn faded(level: f32, threshold: f32) -> f32 {
    level - FADE * (threshold + FAINT - level).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_faint_noise_is_faded() {
        assert_eq!(faded(1.35, 1.0), 1.35);
        assert!((faded(1.25, 1.0) - 0.95).abs() < 1e-6);
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
