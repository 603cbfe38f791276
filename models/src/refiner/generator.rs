//! The generator: levels of the bands of a sound in, changes of them out.
//!
//! A residual network of dilated convolutions in time with the bands as channels (van den Oord et al., "WaveNet", 2016, for
//! the dilation), told the family by a scale and a shift of each block's channels (Perez et al., "FiLM", 2018). Its last layer
//! starts at 0, so that an untrained network changes nothing.

use super::bands::{BANDS, MAX_GAIN_DB, UNIT_DB};
use super::family::Family;
use super::parameters::Maker;
use burn::Tensor;
use burn::module::{Module, Param};
use burn::nn::conv::Conv1d;
use burn::tensor::activation::leaky_relu;
use burn::tensor::{Device, Int};

/// Channels inside.
const WIDTH: usize = 128;

/// Frames between the taps of each block's kernel.
const DILATIONS: [usize; 6] = [1, 2, 4, 8, 16, 1];

/// Frames that the output looks at on either side of its own: 190 ms.
pub const CONTEXT: usize = 1 + 1 + 2 + 4 + 8 + 16 + 1;

/// Slope of the rectifiers below 0.
const LEAK: f64 = 0.1;

/// The network.
#[derive(Module, Debug)]
pub struct Generator {
    input: Conv1d,
    blocks: Vec<Block>,
    output: Conv1d,
}

#[derive(Module, Debug)]
struct Block {
    /// Of each family: scales less 1, then shifts.
    modulation: Param<Tensor<2>>,
    spread: Conv1d,
    mix: Conv1d,
}

impl Generator {
    /// A network with the values of `maker`.
    pub fn new(maker: &mut Maker) -> Self {
        let input = maker.conv((BANDS, WIDTH), 3, 1, 1, 1.0);
        let blocks = DILATIONS
            .iter()
            .map(|&dilation| Block {
                modulation: maker.parameter([Family::ALL.len(), 2 * WIDTH], 0.1),
                spread: maker.conv((WIDTH, WIDTH), 3, 1, dilation, 2.0),
                // Six blocks add up; a small gain keeps their sum in the range of the input.
                mix: maker.conv((WIDTH, WIDTH), 1, 1, 1, 0.3),
            })
            .collect();
        Self { input, blocks, output: maker.conv((WIDTH, BANDS), 1, 1, 1, 0.0) }
    }

    /// Number of values a network holds.
    pub fn size() -> usize {
        let conv = |from: usize, to: usize, kernel: usize| from * to * kernel + to;
        let block = Family::ALL.len() * 2 * WIDTH + conv(WIDTH, WIDTH, 3) + conv(WIDTH, WIDTH, 1);
        conv(BANDS, WIDTH, 3) + DILATIONS.len() * block + conv(WIDTH, BANDS, 1)
    }

    /// What to add to the levels, within `MAX_GAIN_DB / UNIT_DB` either way.
    ///
    /// # Shapes
    /// - levels: `[batch, BANDS, frames + 2 CONTEXT]`
    /// - families: `[batch]`, indices of [`Family::ALL`]
    /// - output: `[batch, BANDS, frames]`
    pub fn forward(&self, levels: Tensor<3>, families: Tensor<1, Int>) -> Tensor<3> {
        let mut state = self.input.forward(levels);
        for (block, dilation) in self.blocks.iter().zip(DILATIONS) {
            let frames = state.dims()[2] - 2 * dilation;
            let kept = state.clone().narrow(2, dilation, frames);
            state = kept + block.forward(state, families.clone());
        }
        let bound = f64::from(MAX_GAIN_DB / UNIT_DB);
        self.output.forward(leaky_relu(state, LEAK)).div_scalar(bound).tanh().mul_scalar(bound)
    }
}

impl Block {
    fn forward(&self, state: Tensor<3>, families: Tensor<1, Int>) -> Tensor<3> {
        let modulation = self.modulation.val().select(0, families).unsqueeze_dim::<3>(2);
        let scale = modulation.clone().narrow(1, 0, WIDTH).add_scalar(1.0);
        let shift = modulation.narrow(1, WIDTH, WIDTH);
        let spread = self.spread.forward(leaky_relu(state, LEAK));
        self.mix.forward(leaky_relu(spread * scale + shift, LEAK))
    }
}

/// `[families.len()]`: indices of the families, as the network takes them.
pub fn family_tensor(families: &[Family], device: &Device) -> Tensor<1, Int> {
    let indices: Vec<i32> = families.iter().map(|family| family.index() as i32).collect();
    Tensor::from_data(indices.as_slice(), device)
}

#[cfg(test)]
mod tests {
    use super::super::parameters::{numbers, values};
    use super::*;
    use riffsmith_dsp::Seed;

    fn noise(batch: usize, frames: usize, device: &Device) -> Tensor<3> {
        let mut rng = Seed(3).rng();
        let numbers: Vec<f32> = (0..batch * BANDS * frames).map(|_| 4.0 * rng.uniform()).collect();
        Tensor::from_data(burn::tensor::TensorData::new(numbers, [batch, BANDS, frames]), device)
    }

    /// A network whose last layer is not 0 any more.
    fn busy(device: &Device) -> Generator {
        let mut drawn = values(&Generator::new(&mut Maker::draw(Seed(1), device)));
        let mut rng = Seed(2).rng();
        let last = drawn.len() - (WIDTH * BANDS + BANDS);
        drawn[last..].iter_mut().for_each(|value| *value = 0.3 * rng.bipolar());
        Generator::new(&mut Maker::take(&drawn, device))
    }

    #[test]
    fn untrained_it_changes_nothing() {
        let device = Device::flex();
        let network = Generator::new(&mut Maker::draw(Seed(1), &device));
        let output = network.forward(noise(2, 80, &device), family_tensor(&[Family::Keys, Family::Kick], &device));
        assert_eq!(output.dims(), [2, BANDS, 80 - 2 * CONTEXT]);
        assert!(numbers(output).iter().all(|&change| change == 0.0));
    }

    #[test]
    fn values_listed_and_taken_again_make_the_same_network() {
        let device = Device::flex();
        let network = busy(&device);
        let listed = values(&network);
        assert_eq!(listed.len(), Generator::size());
        let again = Generator::new(&mut Maker::take(&listed, &device));
        let (input, family) = (noise(1, 70, &device), family_tensor(&[Family::Bass], &device));
        assert_eq!(numbers(network.forward(input.clone(), family.clone())), numbers(again.forward(input, family)));
    }

    #[test]
    fn its_changes_are_bounded_and_differ_by_family() {
        let device = Device::flex();
        let network = busy(&device);
        let loud = noise(1, 70, &device).mul_scalar(1000.0);
        let [bass, pad] = [Family::Bass, Family::Pad]
            .map(|family| numbers(network.forward(loud.clone(), family_tensor(&[family], &device))));
        assert!(bass.iter().all(|change| change.abs() <= MAX_GAIN_DB / UNIT_DB));
        assert_ne!(bass, pad);
    }

    #[test]
    fn it_sees_as_far_as_its_context_and_no_farther() {
        let device = Device::flex();
        let (network, family) = (busy(&device), family_tensor(&[Family::Lead], &device));
        let frames = 2 * CONTEXT + 3;
        let plain = noise(1, frames, &device);
        let at = |index: usize| {
            let mut one = vec![0.0f32; frames];
            one[index] = 1.0;
            let click = Tensor::<1>::from_data(one.as_slice(), &device).reshape([1, 1, frames]);
            numbers(network.forward(plain.clone() + click, family.clone()))
        };
        let before = numbers(network.forward(plain.clone(), family.clone()));
        let middle = |output: &[f32]| output.chunks_exact(3).map(|frames| frames[1]).collect::<Vec<_>>();
        assert_eq!(middle(&at(0)), middle(&before));
        assert_ne!(middle(&at(1)), middle(&before));
        assert_ne!(middle(&at(frames - 2)), middle(&before));
        assert_eq!(middle(&at(frames - 1)), middle(&before));
    }

    #[test]
    fn gradients_reach_every_parameter() {
        let device = Device::flex().autodiff();
        let network = busy(&device);
        let families: Vec<Family> = Family::ALL.to_vec();
        let output = network.forward(noise(10, 2 * CONTEXT + 4, &device), family_tensor(&families, &device));
        let gradients = burn::optim::GradientsParams::from_grads(output.powi_scalar(2).mean().backward(), &network);
        struct Check(burn::optim::GradientsParams, usize);
        impl burn::module::ModuleVisitor for Check {
            fn visit_float<const D: usize>(&mut self, parameter: &Param<Tensor<D>>) {
                let gradient = self.0.get::<D>(parameter.id).expect("every parameter has a gradient");
                assert!(numbers(gradient).iter().any(|&slope| slope != 0.0));
                self.1 += 1;
            }
        }
        let mut check = Check(gradients, 0);
        network.visit(&mut check);
        assert_eq!(check.1, 2 + 6 * 5 + 2);
    }
}
