//! The discriminator: tells levels of references from refined ones, patch by patch in time.
//!
//! Convolutions in time with the bands as channels, each score seeing some 200 ms (the patch discriminator of Isola et al.,
//! "Image-to-Image Translation with Conditional Adversarial Networks", 2017). It sees our sound beside the candidate, and
//! knows the family.

use crate::refiner::Family;
use crate::refiner::bands::BANDS;
use crate::refiner::parameters::Maker;
use burn::Tensor;
use burn::module::{Module, Param};
use burn::nn::conv::Conv1d;
use burn::tensor::Int;
use burn::tensor::activation::leaky_relu;

/// Channels inside.
const WIDTH: usize = 128;

/// Slope of the rectifiers below 0.
const LEAK: f64 = 0.2;

/// The network.
#[derive(Module, Debug)]
pub struct Discriminator {
    input: Conv1d,
    /// Of each family: a shift of the input layer's channels.
    family: Param<Tensor<2>>,
    hidden: Vec<Conv1d>,
    output: Conv1d,
}

impl Discriminator {
    /// A network with the values of `maker`.
    pub fn new(maker: &mut Maker) -> Self {
        Self {
            input: maker.conv((2 * BANDS, WIDTH), 5, 1, 1, 1.0),
            family: maker.parameter([Family::ALL.len(), WIDTH], 0.1),
            hidden: (0..2).map(|_| maker.conv((WIDTH, WIDTH), 5, 2, 1, 2.0)).collect(),
            output: maker.conv((WIDTH, 1), 3, 1, 1, 1.0),
        }
    }

    /// The features of each hidden layer, and last the scores: 1 for a reference, 0 for a refined sound.
    ///
    /// # Shapes
    /// - ours, candidate: `[batch, BANDS, frames]`
    /// - families: `[batch]`
    /// - output: `[batch, WIDTH, fewer frames]` each; the scores `[batch, 1, patches]`
    pub fn forward(
        &self,
        ours: Tensor<3>,
        candidate: Tensor<3>,
        families: Tensor<1, Int>,
    ) -> (Vec<Tensor<3>>, Tensor<3>) {
        let family = self.family.val().select(0, families).unsqueeze_dim::<3>(2);
        let both = Tensor::cat(vec![ours, candidate], 1);
        let mut state = leaky_relu(self.input.forward(both) + family, LEAK);
        let mut features = vec![state.clone()];
        for layer in &self.hidden {
            state = leaky_relu(layer.forward(state), LEAK);
            features.push(state.clone());
        }
        (features, self.output.forward(state))
    }
}
