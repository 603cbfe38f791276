//! The discriminator: tells references from refined sounds, in three views of their spectra.
//!
//! Each view adds the powers of some bands and frames and cuts the picture into patches (patches: Isola et al., "Image-to-Image
//! Translation with Conditional Adversarial Networks", 2017; several scales: Wang et al., "High-Resolution Image Synthesis with
//! Conditional GANs", 2018): single partials and what lies between them; whole spectra over 0.2 s, an attack or a moment of a decay; and
//! whole spectra over 0.9 s, the course of a note. It sees our sound beside the candidate, and how rough that is,
//! and knows the family and where in the
//! spectrum the patch lies. Weights are divided by their largest singular value (Miyato et al., "Spectral
//! Normalization for Generative Adversarial Networks", 2018), but for the last layer's single row, which that would only fix in
//! length.

use super::objective::UNIT_LN;
use crate::refiner::Family;
use crate::refiner::bands::BANDS;
use crate::refiner::parameters::{Maker, numbers};
use burn::Tensor;
use burn::module::{Module, Param};
use burn::tensor::TensorData;
use burn::tensor::activation::leaky_relu;

/// How a part of the discriminator looks at spectra.
struct View {
    /// Bands and frames whose mean power is one cell of the picture.
    pooled: [usize; 2],
    /// Cells of a patch: high and long.
    patch: [usize; 2],
    /// Cells from one patch to the next in time.
    step: usize,
}

const VIEWS: [View; 3] = [
    View { pooled: [1, 1], patch: [16, 8], step: 8 },
    View { pooled: [4, 1], patch: [92, 16], step: 4 },
    View { pooled: [16, 4], patch: [23, 20], step: 5 },
];

impl View {
    /// Patches that lie over each other in the spectrum; bands above the last whole one are left out.
    const fn places(&self) -> usize {
        BANDS / self.pooled[0] / self.patch[0]
    }

    /// Numbers of a patch: our sound's, the candidate's and how rough that is in time and in frequency.
    const fn inputs(&self) -> usize {
        4 * self.patch[0] * self.patch[1]
    }

    /// `[frames, batch, BANDS]` of levels in units above the floor as this view's picture.
    fn picture(&self, levels: Tensor<3>) -> Tensor<3> {
        let [bands, frames] = self.pooled;
        if self.pooled == [1, 1] {
            return levels;
        }
        let [count, batch, _] = levels.dims();
        let powers = levels.mul_scalar(UNIT_LN).exp().reshape([count / frames, frames, batch * BANDS]).mean_dim(1);
        let powers = powers.reshape([count / frames * batch, BANDS / bands, bands]).mean_dim(2);
        powers.log().div_scalar(UNIT_LN).reshape([count / frames, batch, BANDS / bands])
    }

    /// Patches of our sound and of a candidate, `[time, batch, place, inputs]`.
    fn patches(&self, [ours, candidate]: [Tensor<3>; 2]) -> Tensor<4> {
        let [ours, candidate] = [ours, candidate].map(|levels| self.picture(levels));
        let rough = [0, 2].map(|axis| roughness(candidate.clone(), axis));
        let [in_time, in_frequency] = rough;
        Tensor::cat([ours, candidate, in_time, in_frequency].map(|picture| self.cut(picture)).to_vec(), 3)
    }

    /// A picture cut into `[time, batch, place, patch]`.
    fn cut(&self, picture: Tensor<3>) -> Tensor<4> {
        let [frames, batch, _] = picture.dims();
        let ([high, long], places) = (self.patch, self.places());
        let (steps, parts) = (frames / self.step, long / self.step);
        let shape = [steps, self.step, batch, places, high];
        let strips = picture.narrow(2, 0, places * high).narrow(0, 0, steps * self.step).reshape(shape);
        let strips = strips.permute([0, 2, 3, 1, 4]).reshape([steps, batch, places, self.step * high]);
        let count = steps + 1 - parts;
        Tensor::cat((0..parts).map(|part| strips.clone().narrow(0, part, count)).collect(), 3)
    }
}

/// How far each cell of a picture is from the next one along an axis, up or down; 0 for the last.
///
/// What a network is told of spectra is mostly right on average and too smooth. That shows in these, where it takes a network of products
/// to find it in the levels.
fn roughness(picture: Tensor<3>, axis: usize) -> Tensor<3> {
    let count = picture.dims()[axis];
    let first = picture.clone().narrow(axis, 0, count - 1);
    let next = picture.clone().narrow(axis, 1, count - 1);
    let last = picture.narrow(axis, count - 1, 1).zeros_like();
    Tensor::cat(vec![(next - first).abs(), last], axis)
}

/// Channels inside.
const WIDTH: usize = 128;

/// Hidden layers of a view.
const LAYERS: usize = 3;

/// Slope of the rectifiers below 0.
const LEAK: f64 = 0.2;

/// Largest singular value that a layer may have: above 1, so that three layers with leaky rectifiers can tell at all.
const GAIN: f64 = 2.0;

/// Products of the power method; the estimate is within a few per cent of the largest singular value.
const POWER_STEPS: usize = 6;

/// The network.
#[derive(Module, Debug)]
pub struct Discriminator {
    judges: Vec<Judge>,
}

/// What judges one view.
#[derive(Module, Debug)]
struct Judge {
    layers: Vec<Param<Tensor<2>>>,
    biases: Vec<Param<Tensor<2>>>,
    /// Of each family and each patch's place in the spectrum: a shift of the first layer's channels.
    family: Param<Tensor<2>>,
    place: Param<Tensor<2>>,
    output: Param<Tensor<2>>,
}

/// What the discriminator made of a batch, for each view.
pub struct Judgement {
    /// `[patches, WIDTH]` after each hidden layer.
    pub features: Vec<Tensor<2>>,
    /// `[patches, 1]`: above 0 for a reference.
    pub scores: Vec<Tensor<2>>,
}

impl Discriminator {
    /// A network with the values of `maker`.
    pub fn new(maker: &mut Maker) -> Self {
        Self { judges: VIEWS.iter().map(|view| Judge::new(maker, view)).collect() }
    }

    /// The judgement of candidates beside our sounds.
    ///
    /// # Shapes
    /// - ours, candidate: `[frames batch, BANDS]`, units above the floor; at least 80 frames, a multiple of 4
    /// - families: `[batch, families]`, one of them 1
    pub fn forward(&self, ours: Tensor<2>, candidate: Tensor<2>, families: Tensor<2>) -> Judgement {
        let batch = families.dims()[0];
        let frames = ours.dims()[0] / batch;
        let sounds = [ours, candidate].map(|rows| rows.reshape([frames, batch, BANDS]));
        let mut judgement = Judgement { features: Vec::new(), scores: Vec::new() };
        for (view, judge) in VIEWS.iter().zip(&self.judges) {
            judge.judge(view.patches(sounds.clone()), families.clone(), &mut judgement);
        }
        judgement
    }
}

impl Judge {
    fn new(maker: &mut Maker, view: &View) -> Self {
        let bound = |inputs: usize| (6.0 / inputs as f32).sqrt();
        let inputs = |layer: usize| if layer == 0 { view.inputs() } else { WIDTH };
        Self {
            layers: (0..LAYERS).map(|layer| maker.parameter([inputs(layer), WIDTH], bound(inputs(layer)))).collect(),
            biases: (0..LAYERS).map(|_| maker.parameter([1, WIDTH], 0.0)).collect(),
            family: maker.parameter([Family::ALL.len(), WIDTH], 0.1),
            place: maker.parameter([view.places(), WIDTH], 0.1),
            output: maker.parameter([WIDTH, 1], bound(WIDTH)),
        }
    }

    /// `patches`: `[time, batch, place, inputs]`.
    fn judge(&self, patches: Tensor<4>, families: Tensor<2>, judgement: &mut Judgement) {
        let [times, batch, places, inputs] = patches.dims();
        let rows = times * batch * places;
        let told = families.matmul(self.family.val()).reshape([1, batch, 1, WIDTH])
            + self.place.val().reshape([1, 1, places, WIDTH]);
        let first = patches.reshape([rows, inputs]).matmul(normalized(self.layers[0].val())) + self.biases[0].val();
        let first = (first.reshape([times, batch, places, WIDTH]) + told).reshape([rows, WIDTH]);
        let mut state = leaky_relu(first, LEAK);
        judgement.features.push(state.clone());
        for (layer, bias) in self.layers.iter().zip(&self.biases).skip(1) {
            state = leaky_relu(state.matmul(normalized(layer.val())) + bias.val(), LEAK);
            judgement.features.push(state.clone());
        }
        judgement.scores.push(state.matmul(self.output.val()));
    }
}

/// The matrix over its largest singular value, times [`GAIN`].
fn normalized(weight: Tensor<2>) -> Tensor<2> {
    let [rows, columns] = weight.dims();
    let values = numbers(weight.clone().detach());
    let (mut u, mut v) = (vec![0.0f32; rows], vec![1.0f32; columns]);
    for _ in 0..POWER_STEPS {
        for (u, row) in u.iter_mut().zip(values.chunks_exact(columns)) {
            *u = row.iter().zip(&v).map(|(weight, v)| weight * v).sum();
        }
        to_length_1(&mut u);
        v.fill(0.0);
        for (u, row) in u.iter().zip(values.chunks_exact(columns)) {
            for (v, weight) in v.iter_mut().zip(row) {
                *v += u * weight;
            }
        }
        to_length_1(&mut v);
    }
    let device = weight.device();
    let vector = |values: Vec<f32>, shape: [usize; 2]| Tensor::<2>::from_data(TensorData::new(values, shape), &device);
    let largest = vector(u, [1, rows]).matmul(weight.clone()).matmul(vector(v, [columns, 1]));
    weight.div(largest.clamp_min(1e-6)).mul_scalar(GAIN)
}

fn to_length_1(vector: &mut [f32]) {
    let length = vector.iter().map(|value| value * value).sum::<f32>().sqrt().max(1e-12);
    vector.iter_mut().for_each(|value| *value /= length);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::refiner::generator::family_rows;
    use burn::tensor::Device;
    use riffsmith_dsp::Seed;

    #[test]
    fn a_normalized_matrix_stretches_nothing_by_more_than_its_gain() {
        let device = Device::flex();
        let mut maker = Maker::draw(Seed(1), &device);
        let weight = normalized(maker.parameter::<2>([40, 30], 3.0).val());
        let stretched = |direction: Vec<f32>| {
            let row = Tensor::<2>::from_data(TensorData::new(direction, [1, 40]), &device);
            let length = |row: Tensor<2>| numbers(row.powi_scalar(2).sum())[0].sqrt();
            length(row.clone().matmul(weight.clone())) / length(row)
        };
        let mut rng = Seed(2).rng();
        let largest = (0..200).map(|_| stretched((0..40).map(|_| rng.bipolar()).collect())).fold(0.0, f32::max);
        // Random directions are stretched less than the worst one; the power method falls short of it by per cents.
        assert!((0.5 * GAIN as f32..=1.05 * GAIN as f32).contains(&largest), "{largest}");
    }

    #[test]
    fn each_patch_is_cut_whole_at_its_place_and_time() {
        let device = Device::flex();
        let (frames, batch) = (16, 2);
        let values: Vec<f32> = (0..frames * batch * BANDS).map(|i| i as f32).collect();
        let picture = Tensor::<3>::from_data(TensorData::new(values, [frames, batch, BANDS]), &device);
        for view in
            [View { pooled: [1, 1], patch: [16, 8], step: 8 }, View { pooled: [1, 1], patch: [100, 8], step: 2 }]
        {
            let patches = numbers(view.cut(picture.clone()));
            let ([high, long], places) = (view.patch, view.places());
            let last = (frames - long) / view.step;
            for (time, example, place, frame, band) in
                [(0, 0, 0, 0, 0), (last, 1, places - 1, 7, 15), (last, 0, 2, 5, 9)]
            {
                let patch = (time * batch + example) * places + place;
                let expected = ((time * view.step + frame) * batch + example) * BANDS + place * high + band;
                assert_eq!(patches[(patch * long + frame) * high + band], expected as f32);
            }
        }
    }

    #[test]
    fn a_pooled_cell_is_the_level_of_the_mean_power() {
        let device = Device::flex();
        let levels: Vec<f32> = (0..4 * BANDS).map(|i| if i == BANDS + 18 { 2.0 } else { 0.0 }).collect();
        let levels = Tensor::<3>::from_data(TensorData::new(levels, [4, 1, BANDS]), &device);
        let picture = numbers(VIEWS[2].picture(levels));
        assert_eq!(picture.len(), 23);
        // One of 64 cells with a power of 10 000, the rest with 1.
        let expected = ((10_000.0 + 63.0) / 64.0f32).log(100.0);
        assert!((picture[1] - expected).abs() < 1e-4 && picture[0].abs() < 1e-6, "{picture:?}");
    }

    #[test]
    fn steps_are_rough_and_what_is_even_is_not() {
        let device = Device::flex();
        let values = vec![0.0, 0.0, 3.0, 0.0, 1.0, 3.0];
        let picture = Tensor::<3>::from_data(TensorData::new(values, [2, 1, 3]), &device);
        assert_eq!(numbers(roughness(picture.clone(), 0)), [0.0, 1.0, 0.0, 0.0, 0.0, 0.0]);
        assert_eq!(numbers(roughness(picture, 2)), [0.0, 3.0, 0.0, 1.0, 2.0, 0.0]);
    }

    #[test]
    fn it_judges_every_patch_of_every_view() {
        let device = Device::flex();
        let network = Discriminator::new(&mut Maker::draw(Seed(1), &device));
        let rows = Tensor::<2>::ones([3 * 160, BANDS], &device);
        let families = family_rows(&[Family::Keys, Family::Kick, Family::Pad], &device);
        let judgement = network.forward(rows.clone(), rows, families);
        let patches: Vec<usize> = judgement.scores.iter().map(|scores| scores.dims()[0]).collect();
        assert_eq!(patches, [20 * 3 * 23, 37 * 3, 5 * 3]);
        assert_eq!(judgement.features.len(), VIEWS.len() * LAYERS);
    }
}
