//! Where each matrix of a network lies in its one vector of parameters.

use super::inputs::INPUTS;
use super::relations::COLUMNS;
use crate::composer::layout::Matrix;

/// Sizes of a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sizes {
    /// Width of the residual stream.
    pub hidden: usize,
    /// Recurrent cells in a block.
    pub cells: usize,
    /// Width within a block's gated layer.
    pub wide: usize,
    /// Blocks: recurrent cells, then a gated layer.
    pub blocks: usize,
}

/// The matrices of one block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlockLayout {
    /// Gains of the normalisation before the cells.
    pub norm: Matrix,
    /// To input gate, forget gate, candidate and output gate.
    pub gates: Matrix,
    /// Their biases.
    pub gates_bias: Matrix,
    /// The cells' outputs to their next gates.
    pub recurrent: Matrix,
    /// Back to the residual stream.
    pub out: Matrix,
    /// Gains of the normalisation before the gated layer.
    pub wide_norm: Matrix,
    /// To gate and value.
    pub wide: Matrix,
    /// Back to the residual stream.
    pub narrow: Matrix,
}

/// All matrices of a network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// Its sizes.
    pub sizes: Sizes,
    /// A row for each feature.
    pub input: Matrix,
    /// Their bias.
    pub input_bias: Matrix,
    /// Blocks.
    pub blocks: Vec<BlockLayout>,
    /// Gains of the last normalisation.
    pub norm: Matrix,
    /// To the tables by which keys are scored.
    pub tables: Matrix,
    /// The tables where nothing is known.
    pub tables_bias: Matrix,
    /// Length of the vector of parameters.
    pub total: usize,
}

impl Layout {
    /// The layout of a network of these sizes.
    pub fn new(sizes: Sizes) -> Self {
        let mut total = 0;
        let mut matrix = |rows: usize, columns: usize| {
            let start = total;
            total += rows * columns;
            Matrix { start, rows, columns }
        };
        let Sizes { hidden, cells, wide, blocks } = sizes;
        Self {
            sizes,
            input: matrix(INPUTS, hidden),
            input_bias: matrix(1, hidden),
            blocks: (0..blocks)
                .map(|_| BlockLayout {
                    norm: matrix(1, hidden),
                    gates: matrix(hidden, 4 * cells),
                    gates_bias: matrix(1, 4 * cells),
                    recurrent: matrix(cells, 4 * cells),
                    out: matrix(cells, hidden),
                    wide_norm: matrix(1, hidden),
                    wide: matrix(hidden, 2 * wide),
                    narrow: matrix(wide, hidden),
                })
                .collect(),
            norm: matrix(1, hidden),
            tables: matrix(hidden, COLUMNS),
            tables_bias: matrix(1, COLUMNS),
            total,
        }
    }

    /// Every matrix, in the order of the vector.
    pub fn matrices(&self) -> Vec<Matrix> {
        let blocks = self.blocks.iter().flat_map(|block| {
            let cells = [block.norm, block.gates, block.gates_bias, block.recurrent, block.out];
            cells.into_iter().chain([block.wide_norm, block.wide, block.narrow])
        });
        let first = [self.input, self.input_bias];
        first.into_iter().chain(blocks).chain([self.norm, self.tables, self.tables_bias]).collect()
    }

    /// The normalisations' gains: they start at 1.
    pub fn gains(&self) -> impl Iterator<Item = Matrix> {
        self.blocks.iter().flat_map(|block| [block.norm, block.wide_norm]).chain([self.norm])
    }
}
