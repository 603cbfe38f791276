//! Where each matrix of a network lies in its one vector of parameters.
//!
//! One vector, so that optimizer, averaging, checkpoints and the weights file need to know nothing of the network's form.

use super::features::Widths;
use super::grid::{ONSETS, SLOTS_PER_QUARTER};
use super::part::Part;
use super::quantise::{LENGTHS, OFFSETS, VELOCITIES};

/// Sizes of a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sizes {
    /// Width of the residual stream.
    pub hidden: usize,
    /// Recurrent cells in a block.
    pub cells: usize,
    /// Blocks.
    pub blocks: usize,
    /// Width before the symbol head.
    pub mix: usize,
    /// Width before the heads of length, strength and micro-timing.
    pub tail: usize,
}

impl Sizes {
    /// What each part is trained with: by the amount of its data and the size of its alphabet.
    pub fn of(part: Part) -> Self {
        match part {
            Part::Harmony => Self { hidden: 96, cells: 128, blocks: 2, mix: 96, tail: 8 },
            Part::Drums => Self { hidden: 176, cells: 256, blocks: 2, mix: 144, tail: 112 },
            Part::Chords => Self { hidden: 128, cells: 192, blocks: 2, mix: 96, tail: 80 },
            Part::Bass | Part::Lead => Self { hidden: 144, cells: 208, blocks: 2, mix: 112, tail: 80 },
        }
    }
}

/// A matrix inside the vector of parameters, row by row; `rows` are inputs, `columns` outputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Matrix {
    /// Index of its first number.
    pub start: usize,
    /// Inputs.
    pub rows: usize,
    /// Outputs.
    pub columns: usize,
}

impl Matrix {
    /// Its numbers.
    pub fn of(self, parameters: &[f32]) -> &[f32] {
        &parameters[self.start..self.start + self.rows * self.columns]
    }

    /// Its numbers, to be changed.
    pub fn of_mut(self, parameters: &mut [f32]) -> &mut [f32] {
        &mut parameters[self.start..self.start + self.rows * self.columns]
    }
}

/// The matrices of one recurrent block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlockLayout {
    /// Gains of the normalisation.
    pub norm: Matrix,
    /// To update gate, candidate and output gate.
    pub gates: Matrix,
    /// Their biases.
    pub gates_bias: Matrix,
    /// Back to the residual stream.
    pub out: Matrix,
}

/// All matrices of a network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// The part it writes.
    pub part: Part,
    /// Its sizes.
    pub sizes: Sizes,
    /// Widths of what it is told.
    pub widths: Widths,
    /// Inputs to residual stream.
    pub input: Matrix,
    /// Its bias.
    pub input_bias: Matrix,
    /// Recurrent blocks.
    pub blocks: Vec<BlockLayout>,
    /// Gains of the last normalisation.
    pub norm: Matrix,
    /// To a logit for each onset class.
    pub onset: Matrix,
    /// Their biases.
    pub onset_bias: Matrix,
    /// To a logit for each slot of a quarter note, whichever quarter.
    pub phase: Matrix,
    /// To the query that scores the slots' features.
    pub onset_query: Matrix,
    /// State to mix.
    pub mix_state: Matrix,
    /// Features at the chosen slot to mix.
    pub mix_at: Matrix,
    /// Bias of the mix.
    pub mix_bias: Matrix,
    /// To a logit for each symbol.
    pub symbol: Matrix,
    /// Their biases.
    pub symbol_bias: Matrix,
    /// To the query that scores the symbols' features.
    pub symbol_query: Matrix,
    /// Mix to tail.
    pub tail_mix: Matrix,
    /// Tail features to tail.
    pub tail_features: Matrix,
    /// Bias of the tail.
    pub tail_bias: Matrix,
    /// To lengths; no columns where the part has none, as in all that follow.
    pub length: Matrix,
    /// To the query that scores the lengths' features.
    pub length_query: Matrix,
    /// To velocities.
    pub velocity: Matrix,
    /// To the query that scores the velocities' features.
    pub velocity_query: Matrix,
    /// Velocities given the length.
    pub velocity_of_length: Matrix,
    /// To micro-timing.
    pub offset: Matrix,
    /// To the query that scores the micro-timing's features.
    pub offset_query: Matrix,
    /// Micro-timing given the velocity.
    pub offset_of_velocity: Matrix,
    /// Length of the vector of parameters.
    pub total: usize,
}

impl Layout {
    /// The layout of a part's network.
    pub fn new(part: Part, sizes: Sizes) -> Self {
        let widths = Widths::of(part);
        let mut total = 0;
        let mut matrix = |rows: usize, columns: usize| {
            let start = total;
            total += rows * columns;
            Matrix { start, rows, columns }
        };
        let Sizes { hidden, cells, blocks, mix, tail } = sizes;
        let only = |has: bool, count: usize| if has { count } else { 0 };
        let lengths = only(part.has_length(), LENGTHS.len());
        let velocities = only(part.has_velocity(), VELOCITIES);
        let offsets = only(part.has_offset(), OFFSETS);
        Self {
            part,
            sizes,
            widths,
            input: matrix(widths.inputs, hidden),
            input_bias: matrix(1, hidden),
            blocks: (0..blocks)
                .map(|_| BlockLayout {
                    norm: matrix(1, hidden),
                    gates: matrix(hidden, 3 * cells),
                    gates_bias: matrix(1, 3 * cells),
                    out: matrix(cells, hidden),
                })
                .collect(),
            norm: matrix(1, hidden),
            onset: matrix(hidden, ONSETS),
            onset_bias: matrix(1, ONSETS),
            phase: matrix(hidden, SLOTS_PER_QUARTER),
            onset_query: matrix(hidden, widths.onset),
            mix_state: matrix(hidden, mix),
            mix_at: matrix(widths.at, mix),
            mix_bias: matrix(1, mix),
            symbol: matrix(mix, part.symbols()),
            symbol_bias: matrix(1, part.symbols()),
            symbol_query: matrix(mix, widths.symbol),
            tail_mix: matrix(mix, tail),
            tail_features: matrix(widths.tail, tail),
            tail_bias: matrix(1, tail),
            length: matrix(tail, lengths),
            length_query: matrix(tail, widths.length),
            velocity: matrix(tail, velocities),
            velocity_query: matrix(tail, widths.velocity),
            velocity_of_length: matrix(lengths, velocities),
            offset: matrix(tail, offsets),
            offset_query: matrix(tail, widths.offset),
            offset_of_velocity: matrix(if offsets > 0 { velocities } else { 0 }, offsets),
            total,
        }
    }

    /// Every matrix that is not empty, in the order of the vector.
    pub fn matrices(&self) -> Vec<Matrix> {
        let blocks = self.blocks.iter().flat_map(|block| [block.norm, block.gates, block.gates_bias, block.out]);
        let heads = [
            self.norm,
            self.onset,
            self.onset_bias,
            self.phase,
            self.onset_query,
            self.mix_state,
            self.mix_at,
            self.mix_bias,
            self.symbol,
            self.symbol_bias,
            self.symbol_query,
            self.tail_mix,
            self.tail_features,
            self.tail_bias,
            self.length,
            self.length_query,
            self.velocity,
            self.velocity_query,
            self.velocity_of_length,
            self.offset,
            self.offset_query,
            self.offset_of_velocity,
        ];
        let all = [self.input, self.input_bias].into_iter().chain(blocks).chain(heads);
        all.filter(|matrix| matrix.rows * matrix.columns > 0).collect()
    }

    /// The normalisations' gains: they start at 1.
    pub fn gains(&self) -> impl Iterator<Item = Matrix> {
        self.blocks.iter().map(|block| block.norm).chain([self.norm])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matrices_fill_the_vector_without_gap_or_overlap() {
        for part in Part::ALL {
            let layout = Layout::new(part, Sizes::of(part));
            let mut end = 0;
            for matrix in layout.matrices() {
                assert_eq!(matrix.start, end);
                end += matrix.rows * matrix.columns;
            }
            assert_eq!(end, layout.total);
        }
    }
}
