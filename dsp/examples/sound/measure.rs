//! What the tables share.

use riffsmith_dsp::StereoFrame;
use riffsmith_dsp::effect::{EffectContext, EffectSpec, MAX_BLOCK};
use riffsmith_dsp::score::Tempo;
use riffsmith_dsp::units::SampleRate;
use rustfft::{FftPlanner, num_complex::Complex64};

/// The effect in a piece at 44.1 kHz and 120 beats a minute.
pub fn context() -> EffectContext {
    EffectContext { sample_rate: SampleRate::CD, tempo: Tempo::from_micros_per_quarter(500_000), period_frames: None }
}

/// `frames` through the effect of `spec`, from rest.
pub fn run(spec: &EffectSpec, mut frames: Vec<StereoFrame>) -> Vec<StereoFrame> {
    let mut effect = spec.build(&context());
    frames.chunks_mut(MAX_BLOCK).for_each(|block| effect.process(block, None));
    frames
}

/// Powers of the bins from 0 Hz to half the sample rate.
pub fn powers(samples: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut bins: Vec<Complex64> = samples.map(|sample| Complex64::new(sample, 0.0)).collect();
    FftPlanner::new().plan_fft_forward(bins.len()).process(&mut bins);
    bins[..bins.len() / 2].iter().map(Complex64::norm_sqr).collect()
}

/// A ratio of powers in decibels.
pub fn db(ratio: f64) -> f64 {
    10.0 * ratio.max(1e-30).log10()
}
