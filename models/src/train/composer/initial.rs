//! Parameters before training.

use crate::composer::layout::{Layout, Matrix};
use riffsmith_dsp::Seed;

/// Slowest update gate at the start: a cell that forgets half in 2^5 steps.
const SLOWEST_GATE: f32 = -4.0;

/// Random parameters: each matrix uniform with variance one third over its number of inputs, gains 1, biases 0, and the update
/// gates' biases spread so that cells remember for between two and a hundred tokens.
pub fn parameters(layout: &Layout, seed: Seed) -> Vec<f32> {
    let mut rng = seed.rng();
    let mut parameters = vec![0.0; layout.total];
    for matrix in layout.matrices() {
        // Most inputs of the one-hot features are zero: about this many share the variance.
        let one_hot = [layout.input, layout.mix_at, layout.tail_features].contains(&matrix);
        let inputs = if one_hot { 64.0 } else { matrix.rows as f32 };
        let bound = if matrix.rows == 1 { 0.0 } else { 1.0 / inputs.sqrt() };
        matrix.of_mut(&mut parameters).fill_with(|| bound * rng.bipolar());
    }
    for gains in layout.gains() {
        gains.of_mut(&mut parameters).fill(1.0);
    }
    for block in &layout.blocks {
        let update = Matrix { columns: layout.sizes.cells, ..block.gates_bias };
        update.of_mut(&mut parameters).fill_with(|| SLOWEST_GATE * rng.uniform());
    }
    parameters
}
