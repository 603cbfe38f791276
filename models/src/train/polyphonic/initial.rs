//! Parameters before training.

use crate::composer::layout::Matrix;
use crate::polyphonic::layout::Layout;
use riffsmith_dsp::Seed;

/// Slowest forget gate at the start: a cell that forgets half in 2^5 decisions.
const SLOWEST_GATE: f32 = 4.0;
/// Features that are present at once, about: they share the variance of the first layer.
const PRESENT: f32 = 64.0;

/// Random parameters: each matrix uniform with variance one third over its number of inputs, gains 1, biases 0, the tables small,
/// and the forget gates' biases spread so that cells remember for between two and a hundred decisions.
pub fn parameters(layout: &Layout, seed: Seed) -> Vec<f32> {
    let mut rng = seed.rng();
    let mut parameters = vec![0.0; layout.total];
    for matrix in layout.matrices().into_iter().filter(|matrix| matrix.rows > 1) {
        let inputs = if matrix == layout.input { PRESENT } else { matrix.rows as f32 };
        let gain = if matrix == layout.tables { 0.1 } else { 1.0 };
        matrix.of_mut(&mut parameters).fill_with(|| gain / inputs.sqrt() * rng.bipolar());
    }
    for gains in layout.gains() {
        gains.of_mut(&mut parameters).fill(1.0);
    }
    for block in &layout.blocks {
        let cells = layout.sizes.cells;
        let forget = Matrix { start: block.gates_bias.start + cells, rows: 1, columns: cells };
        forget.of_mut(&mut parameters).fill_with(|| SLOWEST_GATE * rng.uniform());
    }
    parameters
}
