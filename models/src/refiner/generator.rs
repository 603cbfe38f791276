//! The generator: levels of the bands of a sound in, changes of them out.
//!
//! A residual network of dilated convolutions in time with the bands as channels (van den Oord et al., "WaveNet", 2016, for
//! the dilation), told the family and the sound's own mean spectrum by a scale and a shift of each block's channels (Perez et
//! al., "FiLM", 2018). Frames of a batch are rows of one matrix, time first, so that a tap in time is a run of rows and every
//! convolution a few matrix products.

use super::bands::{BANDS, UNIT_DB};
use super::family::Family;
use super::parameters::Maker;
use burn::Tensor;
use burn::module::{Module, Param};
use burn::tensor::activation::relu;
use burn::tensor::{Device, TensorData};

/// Channels inside.
const WIDTH: usize = 176;

/// Frames between the taps of each block's kernel, the longest first, since it costs the most context.
const DILATIONS: [usize; 6] = [16, 8, 4, 2, 1, 1];

/// Frames that the output looks at on either side of its own: 0.38 s.
pub const CONTEXT: usize = 1 + 16 + 8 + 4 + 2 + 1 + 1;

/// Numbers that tell a block about the sound's own spectrum.
const COLOURS: usize = 32;

/// What the network says of each band and frame; see [`Change`].
pub const HEADS: usize = 4;

/// Largest change of a band's level, up or down.
pub const MAX_GAIN_DB: f32 = 40.0;

/// Noise of an untrained network, in units above the floor: 80 dB below the loudest frame, hardly heard, yet near enough to what
/// is heard to find its way.
const FIRST_NOISE: f32 = 0.5;

/// The network.
#[derive(Module, Debug)]
pub struct Generator {
    colour: Layer,
    input: Layer,
    blocks: Vec<Block>,
    output: Layer,
    /// Of each family: what is added to the output, whatever the sound.
    usual: Param<Tensor<2>>,
}

#[derive(Module, Debug)]
struct Block {
    /// Of each family and colour: scales less 1, then shifts.
    modulation: Param<Tensor<2>>,
    spread: Layer,
    mix: Layer,
}

/// A convolution in time: a matrix for each tap, and a bias.
#[derive(Module, Debug)]
struct Layer {
    taps: Vec<Param<Tensor<2>>>,
    bias: Param<Tensor<2>>,
}

/// What the network would change, in units of [`UNIT_DB`]; each `[rows, BANDS]`.
#[derive(Debug, Clone)]
pub struct Change {
    /// Added to every bin's level.
    pub gain: Tensor<2>,
    /// Added where a bin is fully a valley, in proportion in between.
    pub valley_gain: Tensor<2>,
    /// Level of the noise that is added in valleys, above the floor of the input.
    pub noise: Tensor<2>,
    /// Added to the level of the noise on partials.
    pub partial_noise: Tensor<2>,
}

impl Generator {
    /// A network with the values of `maker`.
    pub fn new(maker: &mut Maker) -> Self {
        let colour = Layer::new(maker, 1, (BANDS, COLOURS), 1.0);
        let input = Layer::new(maker, 3, (BANDS, WIDTH), 1.0);
        let blocks = DILATIONS
            .iter()
            .map(|_| Block {
                modulation: maker.parameter([Family::ALL.len() + COLOURS, 2 * WIDTH], 0.1),
                spread: Layer::new(maker, 3, (WIDTH, WIDTH), 2.0),
                // Six blocks add up; a small gain keeps their sum in the range of the input.
                mix: Layer::new(maker, 1, (WIDTH, WIDTH), 0.3),
            })
            .collect();
        let output = Layer::new(maker, 1, (WIDTH, HEADS * BANDS), 0.0);
        Self { colour, input, blocks, output, usual: maker.parameter([Family::ALL.len(), HEADS * BANDS], 0.0) }
    }

    /// Number of values a network holds.
    pub fn size() -> usize {
        let layer = |from: usize, to: usize, taps: usize| from * to * taps + to;
        let modulation = (Family::ALL.len() + COLOURS) * 2 * WIDTH;
        let block = modulation + layer(WIDTH, WIDTH, 3) + layer(WIDTH, WIDTH, 1);
        layer(BANDS, COLOURS, 1)
            + layer(BANDS, WIDTH, 3)
            + DILATIONS.len() * block
            + layer(WIDTH, HEADS * BANDS, 1)
            + Family::ALL.len() * HEADS * BANDS
    }

    /// What to change.
    ///
    /// # Shapes
    /// - levels: `[(frames + 2 CONTEXT) batch, BANDS]`, the batch's rows of one frame together
    /// - families: `[batch, families]`, one of them 1
    /// - colours: `[batch, BANDS]`, see `Survey::colour`
    /// - output: `[frames batch, BANDS]` each
    pub fn forward(&self, levels: Tensor<2>, families: Tensor<2>, colours: Tensor<2>) -> Change {
        let batch = families.dims()[0];
        let usual = families.clone().matmul(self.usual.val()).unsqueeze_dim::<3>(0);
        let told = Tensor::cat(vec![families, relu(self.colour.forward(colours, 1))], 1);
        let mut state = self.input.forward(levels, batch);
        for (block, dilation) in self.blocks.iter().zip(DILATIONS) {
            let rows = state.dims()[0] - 2 * dilation * batch;
            let kept = state.clone().narrow(0, dilation * batch, rows);
            state = kept + block.forward(state, told.clone(), dilation);
        }
        let heads = self.output.forward(relu(state), batch);
        let rows = heads.dims()[0];
        let heads = (heads.reshape([rows / batch, batch, HEADS * BANDS]) + usual).reshape([rows, HEADS * BANDS]);
        let head = |index: usize| heads.clone().narrow(1, index * BANDS, BANDS);
        let bound = f64::from(MAX_GAIN_DB / UNIT_DB);
        Change {
            gain: head(0).clamp(-bound, bound),
            valley_gain: head(1).clamp(-bound, bound),
            noise: head(2).add_scalar(FIRST_NOISE),
            partial_noise: head(3),
        }
    }
}

impl Block {
    fn forward(&self, state: Tensor<2>, told: Tensor<2>, dilation: usize) -> Tensor<2> {
        let batch = told.dims()[0];
        let modulation = told.matmul(self.modulation.val()).unsqueeze_dim::<3>(0);
        let scale = modulation.clone().narrow(2, 0, WIDTH).add_scalar(1.0);
        let shift = modulation.narrow(2, WIDTH, WIDTH);
        let spread = self.spread.forward(relu(state), dilation * batch);
        let rows = spread.dims()[0];
        let told = spread.reshape([rows / batch, batch, WIDTH]) * scale + shift;
        self.mix.forward(relu(told.reshape([rows, WIDTH])), batch)
    }
}

impl Layer {
    /// Weights of variance `gain / fan-in` (He et al., "Delving Deep into Rectifiers", 2015, has gain 2), biases 0.
    fn new(maker: &mut Maker, taps: usize, (from, to): (usize, usize), gain: f32) -> Self {
        // A uniform variable within +-b has the variance b^2 / 3.
        let bound = (3.0 * gain / (from * taps) as f32).sqrt();
        Self {
            taps: (0..taps).map(|_| maker.parameter([from, to], bound)).collect(),
            bias: maker.parameter([1, to], 0.0),
        }
    }

    /// Each row with those `stride` rows apart; the rows become fewer.
    fn forward(&self, rows: Tensor<2>, stride: usize) -> Tensor<2> {
        if let [only] = &self.taps[..] {
            return rows.matmul(only.val()) + self.bias.val();
        }
        let count = rows.dims()[0] - (self.taps.len() - 1) * stride;
        let tap =
            |(k, weight): (usize, &Param<Tensor<2>>)| rows.clone().narrow(0, k * stride, count).matmul(weight.val());
        self.taps.iter().enumerate().map(tap).fold(self.bias.val(), |sum, tap| tap + sum)
    }
}

/// `[families.len(), all families]`: each row 1 at its family, as the network takes them.
pub fn family_rows(families: &[Family], device: &Device) -> Tensor<2> {
    let count = Family::ALL.len();
    let mut values = vec![0.0f32; families.len() * count];
    for (row, family) in families.iter().enumerate() {
        values[row * count + family.index()] = 1.0;
    }
    Tensor::from_data(TensorData::new(values, [families.len(), count]), device)
}

#[cfg(test)]
mod tests {
    use super::super::parameters::{numbers, values};
    use super::*;
    use riffsmith_dsp::Seed;

    fn noise(rows: usize, device: &Device) -> Tensor<2> {
        let mut rng = Seed(3).rng();
        let numbers: Vec<f32> = (0..rows * BANDS).map(|_| 4.0 * rng.uniform()).collect();
        Tensor::from_data(TensorData::new(numbers, [rows, BANDS]), device)
    }

    /// A network whose last layer is not 0 any more.
    fn busy(device: &Device) -> Generator {
        let mut drawn = values(&Generator::new(&mut Maker::draw(Seed(1), device)));
        let mut rng = Seed(2).rng();
        let last = drawn.len() - (WIDTH + 1 + Family::ALL.len()) * HEADS * BANDS;
        drawn[last..].iter_mut().for_each(|value| *value = 0.1 * rng.bipolar());
        Generator::new(&mut Maker::take(&drawn, device))
    }

    fn all_heads(change: Change) -> Vec<f32> {
        [change.gain, change.valley_gain, change.noise, change.partial_noise].into_iter().flat_map(numbers).collect()
    }

    #[test]
    fn untrained_it_changes_nothing_that_is_heard() {
        let device = Device::flex();
        let network = Generator::new(&mut Maker::draw(Seed(1), &device));
        let families = family_rows(&[Family::Keys, Family::Kick], &device);
        let change = network.forward(noise(2 * (10 + 2 * CONTEXT), &device), families, noise(2, &device));
        assert_eq!(change.gain.dims(), [20, BANDS]);
        assert!(numbers(change.gain).iter().chain(&numbers(change.valley_gain)).all(|&change| change == 0.0));
        assert!(numbers(change.noise).iter().all(|&level| level == FIRST_NOISE));
    }

    #[test]
    fn values_listed_and_taken_again_make_the_same_network() {
        let device = Device::flex();
        let network = busy(&device);
        let listed = values(&network);
        assert_eq!(listed.len(), Generator::size());
        let again = Generator::new(&mut Maker::take(&listed, &device));
        let of = |network: &Generator| {
            let rows = noise(4 + 2 * CONTEXT, &device);
            all_heads(network.forward(rows, family_rows(&[Family::Bass], &device), noise(1, &device)))
        };
        assert_eq!(of(&network), of(&again));
    }

    #[test]
    fn its_gains_are_bounded_and_differ_by_family_and_by_colour() {
        let device = Device::flex();
        let network = busy(&device);
        let of = |family, colour: f64| {
            let rows = noise(4 + 2 * CONTEXT, &device).mul_scalar(1000.0);
            network.forward(rows, family_rows(&[family], &device), noise(1, &device).mul_scalar(colour))
        };
        let bass = numbers(of(Family::Bass, 1.0).gain);
        assert!(bass.iter().all(|change| change.abs() <= MAX_GAIN_DB / UNIT_DB));
        assert_ne!(bass, numbers(of(Family::Pad, 1.0).gain));
        assert_ne!(bass, numbers(of(Family::Bass, 5.0).gain));
    }

    #[test]
    fn it_sees_as_far_as_its_context_and_no_farther_and_keeps_a_batch_apart() {
        let device = Device::flex();
        let network = busy(&device);
        let (batch, frames) = (2, 2 * CONTEXT + 3);
        let plain = noise(batch * frames, &device);
        let families = family_rows(&[Family::Lead, Family::Keys], &device);
        let of = |rows: Tensor<2>| numbers(network.forward(rows, families.clone(), noise(2, &device)).gain);
        let with_click = |row: usize| {
            let mut one = vec![0.0f32; batch * frames];
            one[row] = 1.0;
            let click = Tensor::<1>::from_data(one.as_slice(), &device).reshape([batch * frames, 1]);
            of(plain.clone() + click)
        };
        let before = of(plain.clone());
        // The middle one of three frames of output, of either example.
        let row = |output: &[f32], example: usize| output[(batch + example) * BANDS..][..BANDS].to_vec();
        for (frame, is_seen) in [(0, false), (1, true), (frames - 2, true), (frames - 1, false)] {
            let after = with_click(frame * batch);
            assert_eq!(row(&after, 0) != row(&before, 0), is_seen, "frame {frame}");
            assert_eq!(row(&after, 1), row(&before, 1));
        }
    }

    #[test]
    fn gradients_reach_every_parameter() {
        let device = Device::flex().autodiff();
        let network = busy(&device);
        let rows = noise(10 * (2 * CONTEXT + 4), &device);
        let change = network.forward(rows, family_rows(&Family::ALL, &device), noise(10, &device));
        let sum = (change.gain + change.valley_gain + change.noise + change.partial_noise).powi_scalar(2).mean();
        let gradients = burn::optim::GradientsParams::from_grads(sum.backward(), &network);
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
        assert_eq!(check.1, 2 + 4 + DILATIONS.len() * (1 + 4 + 2) + 3);
    }
}
