//! The generator: levels of the bands of a sound in, changes of them out.
//!
//! Two parts, whose outputs are added. One sees the whole spectrum:
//! a residual network of dilated convolutions in time with the bands as channels (van den Oord et al., "WaveNet", 2016, for
//! the dilation), told the family and the sound's own mean spectrum by a scale and a shift of each block's channels (Perez et
//! al., "FiLM", 2018). Frames of a batch are rows of one matrix, time first, so that a tap in time is a run of rows and every
//! convolution a few matrix products. The other, of three layers, sees the surroundings of each cell and what the first one makes of the
//! moment, and is the same for all cells but for what it is told of the band: what is learnt of one partial holds for all.

use super::bands::{BANDS, UNIT_DB};
use super::family::Family;
use super::local::{FEATURES, features};
use super::parameters::Maker;
use burn::Tensor;
use burn::module::{Module, Param};
use burn::tensor::activation::relu;
use burn::tensor::{Device, TensorData};

/// Channels inside.
const WIDTH: usize = 224;

/// Frames between the taps of each block's kernel, the longest first, since it costs the most context.
const DILATIONS: [usize; 6] = [16, 8, 4, 2, 1, 1];

/// Frames that the output looks at on either side of its own: 0.38 s.
pub const CONTEXT: usize = 1 + 16 + 8 + 4 + 2 + 1 + 1;

/// Numbers that tell a block about the sound's own spectrum.
const COLOURS: usize = 32;

/// What the network says of each band and frame; see [`Change`].
pub const HEADS: usize = 5;

/// Channels inside the part that is the same for all cells, and the values that it holds.
const LOCAL: usize = 32;
pub const LOCAL_SIZE: usize = LOCAL * (FEATURES + 2 * WIDTH + 2 * BANDS + LOCAL + HEADS);

/// Largest change of a band's level, up or down.
pub const MAX_GAIN_DB: f32 = 40.0;

/// Noise of an untrained network, in units above the floor: 80 dB below the loudest frame, hardly heard, yet near enough to what
/// is heard to find its way.
const FIRST_NOISE: f32 = 0.5;

/// What rings on in an untrained network, in units below the held level: not heard.
const FIRST_RING: f32 = -2.0;

/// Highest level of what rings on re the held level.
const MAX_RING: f64 = 0.5;

/// The network.
#[derive(Module, Debug)]
pub struct Generator {
    colour: Layer,
    input: Layer,
    blocks: Vec<Block>,
    output: Layer,
    /// Of each family: what is added to the output, whatever the sound.
    usual: Param<Tensor<2>>,
    local: Local,
}

/// The part that is the same for all cells.
#[derive(Module, Debug)]
struct Local {
    cell: Param<Tensor<2>>,
    moment: Param<Tensor<2>>,
    /// `[BANDS, LOCAL]`: what is different in each band.
    band: Param<Tensor<2>>,
    mix: Param<Tensor<2>>,
    mix_band: Param<Tensor<2>>,
    /// Of each moment: scales less 1 of what was mixed.
    scale: Param<Tensor<2>>,
    output: Param<Tensor<2>>,
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
    /// Level of what rings on, see `Ring`, re the level at which it is held.
    pub ring: Tensor<2>,
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
        let usual = maker.parameter([Family::ALL.len(), HEADS * BANDS], 0.0);
        Self { colour, input, blocks, output, usual, local: Local::new(maker) }
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
            + LOCAL_SIZE
    }

    /// What to change.
    ///
    /// # Shapes
    /// - levels: `[(frames + 2 CONTEXT) batch, BANDS]`, the batch's rows of one frame together
    /// - rings: `[frames batch, BANDS]`, levels of what would ring on
    /// - families: `[batch, families]`, one of them 1
    /// - colours: `[batch, BANDS]`, see `Survey::colour`
    /// - output: `[frames batch, BANDS]` each
    pub fn forward(&self, levels: &[f32], rings: &[f32], families: Tensor<2>, colours: Tensor<2>) -> Change {
        let (batch, device) = (families.dims()[0], families.device());
        let matrix = |values: Vec<f32>, columns: usize| {
            let rows = values.len() / columns;
            Tensor::<2>::from_data(TensorData::new(values, [rows, columns]), &device)
        };
        let usual = families.clone().matmul(self.usual.val()).unsqueeze_dim::<3>(0);
        let told = Tensor::cat(vec![families, relu(self.colour.forward(colours, 1))], 1);
        let mut state = self.input.forward(matrix(levels.to_vec(), BANDS), batch);
        for (block, dilation) in self.blocks.iter().zip(DILATIONS) {
            let rows = state.dims()[0] - 2 * dilation * batch;
            let kept = state.clone().narrow(0, dilation * batch, rows);
            state = kept + block.forward(state, told.clone(), dilation);
        }
        let state = relu(state);
        let local = self.local.forward(matrix(features(levels, rings, batch), FEATURES), state.clone());
        let heads = self.output.forward(state, batch);
        let rows = heads.dims()[0];
        let heads = (heads.reshape([rows / batch, batch, HEADS * BANDS]) + usual).reshape([rows, HEADS * BANDS]);
        let head = |index: usize| {
            let own = local.clone().narrow(1, index, 1).reshape([rows, BANDS]);
            heads.clone().narrow(1, index * BANDS, BANDS) + own
        };
        let bound = f64::from(MAX_GAIN_DB / UNIT_DB);
        Change {
            gain: head(0).clamp(-bound, bound),
            valley_gain: head(1).clamp(-bound, bound),
            noise: head(2).add_scalar(FIRST_NOISE),
            partial_noise: head(3),
            ring: head(4).add_scalar(FIRST_RING).clamp_max(MAX_RING),
        }
    }
}

impl Local {
    fn new(maker: &mut Maker) -> Self {
        let bound = |inputs: usize, gain: f32| (3.0 * gain / inputs as f32).sqrt();
        Self {
            cell: maker.parameter([FEATURES, LOCAL], bound(FEATURES, 1.0)),
            moment: maker.parameter([WIDTH, LOCAL], bound(WIDTH, 0.3)),
            band: maker.parameter([BANDS, LOCAL], 0.3),
            mix: maker.parameter([LOCAL, LOCAL], bound(LOCAL, 2.0)),
            mix_band: maker.parameter([BANDS, LOCAL], 0.1),
            scale: maker.parameter([WIDTH, LOCAL], bound(WIDTH, 0.1)),
            output: maker.parameter([LOCAL, HEADS], 0.0),
        }
    }

    /// # Shapes
    /// - cells: `[rows BANDS, FEATURES]`
    /// - moments: `[rows, WIDTH]`
    /// - output: `[rows BANDS, HEADS]`
    fn forward(&self, cells: Tensor<2>, moments: Tensor<2>) -> Tensor<2> {
        let rows = moments.dims()[0];
        let by_moment = |weight: &Param<Tensor<2>>| moments.clone().matmul(weight.val()).reshape([rows, 1, LOCAL]);
        let by_cell = |state: Tensor<2>| state.reshape([rows, BANDS, LOCAL]);
        let by_band = |band: &Param<Tensor<2>>| band.val().reshape([1, BANDS, LOCAL]);
        let first = by_cell(cells.matmul(self.cell.val())) + by_band(&self.band) + by_moment(&self.moment);
        let mixed = by_cell(relu(first).reshape([rows * BANDS, LOCAL]).matmul(self.mix.val()));
        let second = mixed * by_moment(&self.scale).add_scalar(1.0) + by_band(&self.mix_band);
        let second = relu(second).reshape([rows * BANDS, LOCAL]);
        second.matmul(self.output.val())
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

    fn noise(rows: usize) -> Vec<f32> {
        let mut rng = Seed(3).rng();
        (0..rows * BANDS).map(|_| 4.0 * rng.uniform()).collect()
    }

    fn colours(rows: usize, device: &Device) -> Tensor<2> {
        Tensor::from_data(TensorData::new(noise(rows), [rows, BANDS]), device)
    }

    /// A network whose last layer is not 0 any more.
    fn busy(device: &Device) -> Generator {
        let mut drawn = values(&Generator::new(&mut Maker::draw(Seed(1), device)));
        let mut rng = Seed(2).rng();
        let last = drawn.len() - LOCAL_SIZE - (WIDTH + 1 + Family::ALL.len()) * HEADS * BANDS;
        drawn[last..].iter_mut().for_each(|value| *value = 0.1 * rng.bipolar());
        Generator::new(&mut Maker::take(&drawn, device))
    }

    fn all_heads(change: Change) -> Vec<f32> {
        [change.gain, change.valley_gain, change.noise, change.partial_noise, change.ring]
            .into_iter()
            .flat_map(numbers)
            .collect()
    }

    #[test]
    fn untrained_it_changes_nothing_that_is_heard() {
        let device = Device::flex();
        let network = Generator::new(&mut Maker::draw(Seed(1), &device));
        let families = family_rows(&[Family::Keys, Family::Kick], &device);
        let change = network.forward(&noise(2 * (10 + 2 * CONTEXT)), &noise(20), families, colours(2, &device));
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
            let families = family_rows(&[Family::Bass], &device);
            all_heads(network.forward(&noise(4 + 2 * CONTEXT), &noise(4), families, colours(1, &device)))
        };
        assert_eq!(of(&network), of(&again));
    }

    #[test]
    fn its_gains_are_bounded_and_differ_by_family_and_by_colour() {
        let device = Device::flex();
        let network = busy(&device);
        let of = |family, colour: f64| {
            let rows: Vec<f32> = noise(4 + 2 * CONTEXT).iter().map(|level| 1000.0 * level).collect();
            network.forward(&rows, &noise(4), family_rows(&[family], &device), colours(1, &device).mul_scalar(colour))
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
        let plain = noise(batch * frames);
        let families = family_rows(&[Family::Lead, Family::Keys], &device);
        let of = |rows: &[f32]| {
            numbers(network.forward(rows, &noise(batch * 3), families.clone(), colours(2, &device)).gain)
        };
        let with_click = |row: usize| {
            let mut clicked = plain.clone();
            clicked[row * BANDS..][..BANDS].iter_mut().for_each(|level| *level += 1.0);
            of(&clicked)
        };
        let before = of(&plain);
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
        let (rows, rings) = (noise(10 * (2 * CONTEXT + 4)), noise(10 * 4));
        let change = network.forward(&rows, &rings, family_rows(&Family::ALL, &device), colours(10, &device));
        let heads = change.gain + change.valley_gain + change.noise + change.partial_noise + change.ring;
        let sum = heads.powi_scalar(2).mean();
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
        assert_eq!(check.1, 2 + 4 + DILATIONS.len() * (1 + 4 + 2) + 3 + 7);
    }
}
