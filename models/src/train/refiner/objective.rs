//! What the two networks are trained to minimise.

use crate::refiner::bands::BANDS;
use burn::Tensor;

/// Weight of the mean absolute difference of levels, in units of `UNIT_DB`.
const SPECTRAL_WEIGHT: f64 = 10.0;

/// Weight of the same difference after averaging over [`COARSE_FRAMES`] frames: the course of a sound, without its ripple.
const COARSE_WEIGHT: f64 = 5.0;
const COARSE_FRAMES: usize = 8;

/// Weight of the adversarial term: low, for references differ from each other in ways that nothing in our sound foretells.
const ADVERSARIAL_WEIGHT: f64 = 0.3;

/// Weight of feature matching (Salimans et al., "Improved Techniques for Training GANs", 2016).
const FEATURE_WEIGHT: f64 = 1.0;

/// Mean absolute difference of levels, fine and coarse in time.
///
/// # Shapes
/// - refined, reference: `[batch, BANDS, frames]`, frames a multiple of [`COARSE_FRAMES`]
/// - output: `[1]`
pub fn spectral(refined: Tensor<3>, reference: Tensor<3>) -> Tensor<1> {
    let difference = refined - reference;
    let [batch, bands, frames] = difference.dims();
    let coarse = difference.clone().reshape([batch, bands, frames / COARSE_FRAMES, COARSE_FRAMES]).mean_dim(3);
    difference.abs().mean().mul_scalar(SPECTRAL_WEIGHT) + coarse.abs().mean().mul_scalar(COARSE_WEIGHT)
}

/// Least-squares loss of the discriminator (Mao et al., "Least Squares Generative Adversarial Networks", 2017).
pub fn discrimination(reference_scores: Tensor<3>, refined_scores: Tensor<3>) -> Tensor<1> {
    let reference = reference_scores.sub_scalar(1.0).powi_scalar(2).mean();
    (reference + refined_scores.powi_scalar(2).mean()).mul_scalar(0.5)
}

/// What the discriminator adds to the loss of the generator: its scores, and how far its features are from the reference's.
pub fn deception(scores: Tensor<3>, features: Vec<Tensor<3>>, reference_features: Vec<Tensor<3>>) -> Tensor<1> {
    let layers = features.len() as f64;
    let mut loss = scores.sub_scalar(1.0).powi_scalar(2).mean().mul_scalar(ADVERSARIAL_WEIGHT);
    for (own, reference) in features.into_iter().zip(reference_features) {
        loss = loss + (own - reference.detach()).abs().mean().mul_scalar(FEATURE_WEIGHT / layers);
    }
    loss
}

/// Levels after a change of them; nothing is below silence.
///
/// # Shapes
/// - ours, change: `[batch, BANDS, frames]`, as the output
pub fn refined(ours: Tensor<3>, change: Tensor<3>) -> Tensor<3> {
    debug_assert_eq!(ours.dims()[1], BANDS);
    // What is silent stays so: no gain makes sound of nothing.
    let sounding = ours.clone().greater_scalar(0.0).float();
    ((ours + change) * sounding).clamp_min(0.0)
}
