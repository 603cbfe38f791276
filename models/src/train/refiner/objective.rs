//! What the two networks are trained to minimise.

use super::discriminator::Judgement;
use crate::refiner::bands::{BANDS, bins_of};
use crate::refiner::generator::Change;
use crate::refiner::noise::{FADE, FAINT};
use burn::Tensor;
use burn::tensor::{Device, TensorData};
use riffsmith_dsp::SampleRate;
use riffsmith_dsp::loudness::k_weight;

/// Units per natural logarithm of a power: a unit of 20 dB is a factor of 100.
pub const UNIT_LN: f64 = 2.0 * std::f64::consts::LN_10;

/// Levels below the floor of the measure still count a little where the reference is above it, so that there is a way up.
const LEAK: f64 = 0.2;

/// Cells, as frames and bands, whose powers are added for the coarser resolutions of the loss.
const COARSE: [(usize, usize); 2] = [(4, 2), (2, 8)];

/// Weight of each coarser resolution beside the finest.
const COARSE_WEIGHT: f64 = 0.25;

/// Frames in 0.4 s.
const BLOCK: usize = 34;

/// Samples of the transform's window at [`SampleRate::CD`].
const FFT_SIZE: f64 = 2048.0;

/// Weight of feature matching (Salimans et al., "Improved Techniques for Training GANs", 2016) beside the scores.
const FEATURE_WEIGHT: f64 = 10.0;

/// Cells of a batch, `[frames batch, BANDS]` each, levels in units above the floor of the network's input. Each band is stood
/// for by one of its bins, drawn for each example.
pub struct Cells {
    /// Number of examples.
    pub batch: usize,
    /// Our level.
    pub ours: Tensor<2>,
    /// Level of what would ring on; far below 0 for nothing.
    pub rings: Tensor<2>,
    /// How far the bin is a valley, 0 to 1.
    pub valleys: Tensor<2>,
    /// Level of the reference, nothing below the measure's floor.
    pub reference: Tensor<2>,
    /// The measure's floor, `[frames batch, 1]`.
    pub floor: Tensor<2>,
    /// Even noise of mean power 1, real and imaginary part re the phase of our sound.
    pub hiss: [Tensor<2>; 2],
}

impl Cells {
    /// Levels of our sound after a change, as natural logarithms of powers.
    ///
    /// # Shapes
    /// - output: `[frames batch, BANDS]`
    fn changed_ln(&self, change: Change) -> Tensor<2> {
        let half = UNIT_LN / 2.0;
        let own_units = self.ours.clone() + change.gain + change.valley_gain * self.valleys.clone();
        // What rings on is added by power: the phases of the two have nothing to do with each other.
        let ring = (self.rings.clone() + change.ring).mul_scalar(UNIT_LN).exp();
        let own = own_units.mul_scalar(half).exp();
        let partials = self.valleys.clone().neg().add_scalar(1.0);
        let noise = change.noise + change.partial_noise * partials;
        let faint = (noise.clone() - self.floor.clone()).sub_scalar(FAINT).clamp_max(0.0);
        let hiss = (noise + faint.mul_scalar(FADE)).clamp_max(4.5).mul_scalar(half).exp();
        let real = own + hiss.clone() * self.hiss[0].clone();
        let imaginary = hiss * self.hiss[1].clone();
        // Far below any floor.
        (real.powi_scalar(2) + imaginary.powi_scalar(2) + ring).clamp_min(1e-6).log()
    }

    /// Levels in units of our sound after a change, as loud as it was, nothing below the floor but by the leak; and by how much that was too
    /// loud in each example, in units.
    ///
    /// # Shapes
    /// - output: `[frames batch, BANDS]`, `[1, batch]`
    pub fn refined(&self, change: Change) -> (Tensor<2>, Tensor<2>) {
        let changed = self.changed_ln(change);
        let ours = self.ours.clone().mul_scalar(UNIT_LN).exp();
        let louder = self.loudness_ln(changed.clone().exp()) - self.loudness_ln(ours);
        let [rows, bands] = changed.dims();
        let shape = [rows / self.batch, self.batch, bands];
        let matched = (changed.reshape(shape) - louder.clone().reshape([1, self.batch, 1])).reshape([rows, bands]);
        (leaky(matched.div_scalar(UNIT_LN), self.floor.clone()), louder.div_scalar(UNIT_LN))
    }

    /// How loud each example is, from powers, as natural logarithm of one: K-weighted, mean of the blocks of 0.4 s that are no more than 10 dB
    /// below the mean of all (ITU-R BS.1770-4).
    ///
    /// # Shapes
    /// - powers: `[frames batch, BANDS]`
    /// - output: `[1, batch]`
    fn loudness_ln(&self, powers: Tensor<2>) -> Tensor<2> {
        let frames = powers.dims()[0] / self.batch;
        let weighted = powers.matmul(loudness_weights(&self.floor.device())).reshape([frames, self.batch]);
        let last = frames.saturating_sub(BLOCK);
        let block = |first: usize| weighted.clone().narrow(0, first, BLOCK.min(frames)).mean_dim(0);
        let blocks = Tensor::cat((0..=last).step_by(BLOCK / 4).map(block).collect(), 0);
        let found = blocks.clone().detach();
        let gate = found.clone().mean_dim(0).mul_scalar(0.1).expand(blocks.dims());
        let heard = found.greater(gate).float();
        ((blocks * heard.clone()).sum_dim(0) / heard.sum_dim(0)).log()
    }

    /// The levels of our sound as it is, nothing below the floor.
    pub fn unrefined(&self) -> Tensor<2> {
        self.ours.clone().max_pair(self.floor.clone().expand(self.ours.dims()))
    }
}

fn leaky(levels: Tensor<2>, floor: Tensor<2>) -> Tensor<2> {
    let above = levels - floor.clone();
    above.clone().clamp_min(0.0) + above.clamp_max(0.0).mul_scalar(LEAK) + floor
}

/// K-weighting of the bands' powers, and how many bins each stands for; `[BANDS, 1]`.
fn loudness_weights(device: &Device) -> Tensor<2> {
    let weight = |band: usize| {
        let bins = bins_of(band);
        let middle = 0.5 * (bins.start + bins.end - 1) as f64;
        bins.len() as f32 * k_weight(SampleRate::CD, middle * SampleRate::CD.hz() / FFT_SIZE) as f32
    };
    Tensor::from_data(TensorData::new((0..BANDS).map(weight).collect::<Vec<_>>(), [BANDS, 1]), device)
}

/// Weights of the bands: how many bins each stands for, with a mean of 1; `[1, BANDS]`.
fn band_weights(device: &Device) -> Tensor<2> {
    let bins = bins_of(BANDS - 1).end as f32;
    let weights: Vec<f32> = (0..BANDS).map(|band| bins_of(band).len() as f32 * BANDS as f32 / bins).collect();
    Tensor::from_data(TensorData::new(weights, [1, BANDS]), device)
}

/// The log-spectral distance nearly as the measure has it: root mean square over each example's cells, mean over examples; in units.
///
/// The measure's mean is over cells where the refined sound or the reference is above the floor, so that a bed of noise just above the
/// floor would make it smaller by being counted. Here such cells add their error, but only those count where our sound as it is, or
/// the reference, is above the floor.
///
/// # Shapes
/// - refined: `[frames batch, BANDS]`
/// - output: `[1]`
pub fn distance(cells: &Cells, refined: Tensor<2>) -> Tensor<1> {
    let batch = cells.batch;
    let weights = band_weights(&refined.device());
    let threshold = cells.floor.clone().add_scalar(1e-3).expand(refined.dims());
    let heard =
        |level: Tensor<2>| level.max_pair(cells.reference.clone()).greater(threshold.clone()).float() * weights.clone();
    let by_example = |cells: Tensor<2>| {
        let frames = cells.dims()[0] / batch;
        cells.sum_dim(1).reshape([frames, batch]).sum_dim(0)
    };
    let active = heard(refined.clone().detach());
    let squares = by_example((refined - cells.reference.clone()).powi_scalar(2) * active);
    (squares / by_example(heard(cells.ours.clone())).add_scalar(1.0)).add_scalar(1e-4).sqrt().mean()
}

/// The distance at all resolutions, in units.
pub fn spectral(cells: &Cells, refined: Tensor<2>) -> Tensor<1> {
    let (mut loss, batch) = (distance(cells, refined.clone()), cells.batch);
    for (frames, bands) in COARSE {
        let pooled = |levels: Tensor<2>| {
            let rows = levels.dims()[0] / batch;
            let shape = [rows / frames, frames, batch * BANDS];
            let powers = (levels - cells.floor.clone()).mul_scalar(UNIT_LN).exp();
            let in_time = powers.reshape(shape).mean_dim(1).reshape([rows / frames * batch * BANDS / bands, bands]);
            in_time.mean_dim(1).log().div_scalar(UNIT_LN)
        };
        let difference = pooled(refined.clone()) - pooled(cells.reference.clone());
        loss = loss + difference.abs().mean().mul_scalar(COARSE_WEIGHT);
    }
    loss
}

/// Hinge loss of the discriminator (Lim and Ye, "Geometric GAN", 2017), mean over views.
pub fn discrimination(reference: Judgement, refined: Judgement) -> Tensor<1> {
    let views = reference.scores.len() as f64;
    let hinge = |scores: Tensor<2>, sign: f64| scores.mul_scalar(-sign).add_scalar(1.0).clamp_min(0.0).mean();
    let losses = reference.scores.into_iter().map(|scores| hinge(scores, 1.0));
    let losses = losses.chain(refined.scores.into_iter().map(|scores| hinge(scores, -1.0)));
    losses.reduce(|sum, loss| sum + loss).expect("there are views").div_scalar(2.0 * views)
}

/// What the discriminator adds to the loss of the generator: its scores, and how far its features are from the reference's.
pub fn deception(refined: Judgement, reference: Judgement) -> Tensor<1> {
    let (views, layers) = (refined.scores.len() as f64, refined.features.len() as f64);
    let scores = refined.scores.into_iter().map(|scores| scores.mean().mul_scalar(-1.0 / views));
    let pairs = refined.features.into_iter().zip(reference.features);
    let features = pairs.map(|(own, other)| (own - other.detach()).abs().mean().mul_scalar(FEATURE_WEIGHT / layers));
    scores.chain(features).reduce(|sum, loss| sum + loss).expect("there are views")
}
