//! The discriminator: tells patches of references from patches of refined sounds, at three scales.
//!
//! A patch is 16 bands by 8 frames; at each scale the picture is halved both ways, so that the largest patches span 64 bands and
//! 0.4 s (patches: Isola et al., "Image-to-Image Translation with Conditional Adversarial Networks", 2017; scales: Wang et al.,
//! "High-Resolution Image Synthesis with Conditional GANs", 2018). It sees our sound beside the candidate, and knows the family and
//! where in the spectrum the patch lies. Weights are divided by their largest singular value (Miyato et al., "Spectral
//! Normalization for Generative Adversarial Networks", 2018), but for the last layer's single row, which that would only fix in
//! length.

use crate::refiner::Family;
use crate::refiner::bands::BANDS;
use crate::refiner::parameters::{Maker, numbers};
use burn::Tensor;
use burn::module::{Module, Param};
use burn::tensor::TensorData;
use burn::tensor::activation::leaky_relu;

/// Bands and frames of a patch.
const PATCH: [usize; 2] = [16, 8];

/// Numbers of a patch: our sound's and the candidate's.
const INPUTS: usize = 2 * PATCH[0] * PATCH[1];

/// Channels inside.
const WIDTH: usize = 128;

/// Hidden layers of a scale.
const LAYERS: usize = 3;

/// Times that the picture is halved, and 0.
const SCALES: usize = 3;

/// Frames must be a multiple of this.
pub const FRAMES_UNIT: usize = PATCH[1] << (SCALES - 1);

/// Slope of the rectifiers below 0.
const LEAK: f64 = 0.2;

/// Largest singular value that a layer may have: above 1, so that three layers with leaky rectifiers can tell at all.
const GAIN: f64 = 2.0;

/// Products of the power method; the estimate is within a few per cent of the largest singular value.
const POWER_STEPS: usize = 6;

/// The network.
#[derive(Module, Debug)]
pub struct Discriminator {
    scales: Vec<Scale>,
}

#[derive(Module, Debug)]
struct Scale {
    layers: Vec<Param<Tensor<2>>>,
    biases: Vec<Param<Tensor<2>>>,
    /// Of each family and each patch's place in the spectrum: a shift of the first layer's channels.
    family: Param<Tensor<2>>,
    place: Param<Tensor<2>>,
    output: Param<Tensor<2>>,
}

/// What the discriminator made of a batch, for each scale.
pub struct Judgement {
    /// `[patches, WIDTH]` after each hidden layer.
    pub features: Vec<Tensor<2>>,
    /// `[patches, 1]`: above 0 for a reference.
    pub scores: Vec<Tensor<2>>,
}

impl Discriminator {
    /// A network with the values of `maker`.
    pub fn new(maker: &mut Maker) -> Self {
        Self { scales: (0..SCALES).map(|scale| Scale::new(maker, places(scale))).collect() }
    }

    /// The judgement of candidates beside our sounds.
    ///
    /// # Shapes
    /// - ours, candidate: `[frames batch, BANDS]`, units above the floor, frames a multiple of [`FRAMES_UNIT`]
    /// - families: `[batch, families]`, one of them 1
    pub fn forward(&self, ours: Tensor<2>, candidate: Tensor<2>, families: Tensor<2>) -> Judgement {
        let batch = families.dims()[0];
        let picture = |rows: Tensor<2>| {
            let frames = rows.dims()[0] / batch;
            rows.reshape([frames, batch, BANDS])
        };
        let mut pictures = [picture(ours), picture(candidate)];
        let mut judgement = Judgement { features: Vec::new(), scores: Vec::new() };
        for (index, scale) in self.scales.iter().enumerate() {
            if index > 0 {
                pictures = pictures.map(halve);
            }
            let patches = Tensor::cat(pictures.clone().map(|picture| cut(picture, places(index))).to_vec(), 3);
            scale.judge(patches, families.clone(), &mut judgement);
        }
        judgement
    }
}

impl Scale {
    fn new(maker: &mut Maker, places: usize) -> Self {
        let bound = |inputs: usize| (6.0 / inputs as f32).sqrt();
        let inputs = |layer: usize| if layer == 0 { INPUTS } else { WIDTH };
        Self {
            layers: (0..LAYERS).map(|layer| maker.parameter([inputs(layer), WIDTH], bound(inputs(layer)))).collect(),
            biases: (0..LAYERS).map(|_| maker.parameter([1, WIDTH], 0.0)).collect(),
            family: maker.parameter([Family::ALL.len(), WIDTH], 0.1),
            place: maker.parameter([places, WIDTH], 0.1),
            output: maker.parameter([WIDTH, 1], bound(WIDTH)),
        }
    }

    /// `patches`: `[time, batch, place, INPUTS]`.
    fn judge(&self, patches: Tensor<4>, families: Tensor<2>, judgement: &mut Judgement) {
        let [times, batch, places, _] = patches.dims();
        let rows = times * batch * places;
        let told = families.matmul(self.family.val()).reshape([1, batch, 1, WIDTH])
            + self.place.val().reshape([1, 1, places, WIDTH]);
        let first = patches.reshape([rows, INPUTS]).matmul(normalized(self.layers[0].val())) + self.biases[0].val();
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

/// Patches that lie over each other in the spectrum, at a scale.
fn places(scale: usize) -> usize {
    (BANDS >> scale) / PATCH[0]
}

/// Half as many frames and bands: means of 2 by 2.
fn halve(picture: Tensor<3>) -> Tensor<3> {
    let [frames, batch, bands] = picture.dims();
    let (frames, bands) = (frames / 2, bands / 2);
    let in_time = picture.reshape([frames, 2, batch * bands * 2]).mean_dim(1);
    in_time.reshape([frames * batch, bands, 2]).mean_dim(2).reshape([frames, batch, bands])
}

/// `[frames, batch, bands]` cut into `[time, batch, place, patch]`; bands above the last whole patch are left out.
fn cut(picture: Tensor<3>, places: usize) -> Tensor<4> {
    let [frames, batch, _] = picture.dims();
    let [high, long] = PATCH;
    let cut = picture.narrow(2, 0, places * high).reshape([frames / long, long, batch, places, high]);
    cut.permute([0, 2, 3, 1, 4]).reshape([frames / long, batch, places, long * high])
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
    fn each_patch_is_cut_whole_at_its_place() {
        let device = Device::flex();
        let (frames, batch) = (16, 2);
        let values: Vec<f32> = (0..frames * batch * BANDS).map(|i| i as f32).collect();
        let picture = Tensor::<3>::from_data(TensorData::new(values, [frames, batch, BANDS]), &device);
        let patches = numbers(cut(picture, places(0)));
        let [high, long] = PATCH;
        for (time, example, place, frame, band) in [(0, 0, 0, 0, 0), (1, 1, 22, 7, 15), (0, 1, 3, 5, 9)] {
            let patch = (time * batch + example) * places(0) + place;
            let expected = ((time * long + frame) * batch + example) * BANDS + place * high + band;
            assert_eq!(patches[(patch * long + frame) * high + band], expected as f32);
        }
    }

    #[test]
    fn it_judges_every_patch_at_every_scale() {
        let device = Device::flex();
        let network = Discriminator::new(&mut Maker::draw(Seed(1), &device));
        let rows = Tensor::<2>::ones([3 * FRAMES_UNIT, BANDS], &device);
        let families = family_rows(&[Family::Keys, Family::Kick, Family::Pad], &device);
        let judgement = network.forward(rows.clone(), rows, families);
        let patches: Vec<usize> = judgement.scores.iter().map(|scores| scores.dims()[0]).collect();
        assert_eq!(patches, [4 * 3 * 23, 2 * 3 * 11, 3 * 5]);
        assert_eq!(judgement.features.len(), SCALES * LAYERS);
    }
}
