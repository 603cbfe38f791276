//! The network as it writes: one token at a time, in plain loops over its vector of parameters.
//!
//! Embedding of the inputs, residual blocks of gated minimal recurrent units (Feng, Tung, Ahmed, Bengio and Hajimirsadeghi, "Were
//! RNNs All We Needed?", 2024), then chained heads: onset, symbol given onset, length, velocity and micro-timing given both.

use super::activation::{sigmoid, silu};
use super::grid::{MAX_SLOTS, ONSETS, SLOTS_PER_QUARTER};
use super::layout::{Layout, Matrix};

/// Added to the mean square before the root of a normalisation.
pub const NORM_EPSILON: f32 = 1e-5;

/// Rows of a matrix that are added at a time: their inputs, a sum and a product fit the sixteen registers of any x86-64.
const ROWS: usize = 8;

/// A trained network of one part.
#[derive(Debug, Clone, PartialEq)]
pub struct Network {
    layout: Layout,
    parameters: Vec<f32>,
}

/// What the recurrent cells hold.
#[derive(Debug, Clone, PartialEq)]
pub struct State(Vec<Vec<f32>>);

impl Network {
    /// From a vector of parameters of the layout's length.
    pub fn new(layout: Layout, parameters: Vec<f32>) -> Self {
        debug_assert_eq!(layout.total, parameters.len());
        Self { layout, parameters }
    }

    /// Its layout.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Its vector of parameters.
    pub fn parameters(&self) -> &[f32] {
        &self.parameters
    }

    /// The state before the first token.
    pub fn start(&self) -> State {
        State(vec![vec![0.0; self.layout.sizes.cells]; self.layout.blocks.len()])
    }

    /// One recurrent step: inputs to the output that all heads read, `hidden` numbers.
    pub fn step(&self, state: &mut State, inputs: &[f32]) -> Vec<f32> {
        let mut stream = self.bias(self.layout.input_bias);
        self.add_product(self.layout.input, inputs, &mut stream);
        for (block, held) in self.layout.blocks.iter().zip(&mut state.0) {
            let mut gates = self.bias(block.gates_bias);
            self.add_product(block.gates, &self.normalised(block.norm, &stream), &mut gates);
            let (update, rest) = gates.split_at(held.len());
            let (candidate, output) = rest.split_at(held.len());
            let mut open = vec![0.0; held.len()];
            for index in 0..held.len() {
                held[index] += sigmoid(update[index]) * (candidate[index] - held[index]);
                open[index] = held[index] * silu(output[index]);
            }
            self.add_product(block.out, &open, &mut stream);
        }
        self.normalised(self.layout.norm, &stream)
    }

    /// Logits of the onset classes; `features` holds a row for each.
    pub fn onset_logits(&self, output: &[f32], features: &[f32]) -> Vec<f32> {
        let mut logits = self.bias(self.layout.onset_bias);
        self.add_product(self.layout.onset, output, &mut logits);
        let phases = self.product(self.layout.phase, output);
        for slot in 0..MAX_SLOTS {
            logits[slot] += phases[slot % SLOTS_PER_QUARTER];
        }
        debug_assert_eq!(logits.len(), ONSETS);
        self.add_scores(self.layout.onset_query, output, features, &mut logits);
        logits
    }

    /// What the symbol and the tail depend on, given the features at the chosen slot.
    pub fn mix(&self, output: &[f32], at: &[f32]) -> Vec<f32> {
        let mut mix = self.bias(self.layout.mix_bias);
        self.add_product(self.layout.mix_state, output, &mut mix);
        self.add_product(self.layout.mix_at, at, &mut mix);
        mix.iter_mut().for_each(|value| *value = silu(*value));
        mix
    }

    /// Logits of the symbols; `features` holds a row for each.
    pub fn symbol_logits(&self, mix: &[f32], features: &[f32]) -> Vec<f32> {
        let mut logits = self.bias(self.layout.symbol_bias);
        self.add_product(self.layout.symbol, mix, &mut logits);
        self.add_scores(self.layout.symbol_query, mix, features, &mut logits);
        logits
    }

    /// What length, velocity and micro-timing depend on.
    pub fn tail(&self, mix: &[f32], features: &[f32]) -> Vec<f32> {
        let mut tail = self.bias(self.layout.tail_bias);
        self.add_product(self.layout.tail_mix, mix, &mut tail);
        self.add_product(self.layout.tail_features, features, &mut tail);
        tail.iter_mut().for_each(|value| *value = silu(*value));
        tail
    }

    /// Logits of the lengths; `features` holds a row for each.
    pub fn length_logits(&self, tail: &[f32], features: &[f32]) -> Vec<f32> {
        let mut logits = self.product(self.layout.length, tail);
        self.add_scores(self.layout.length_query, tail, features, &mut logits);
        logits
    }

    /// Logits of the velocities, given the length's class; `features` holds a row for each.
    pub fn velocity_logits(&self, tail: &[f32], length: u8, features: &[f32]) -> Vec<f32> {
        let mut logits = self.product(self.layout.velocity, tail);
        self.add_row(self.layout.velocity_of_length, length, &mut logits);
        self.add_scores(self.layout.velocity_query, tail, features, &mut logits);
        logits
    }

    /// Logits of the micro-timing, given the velocity's class; `features` holds a row for each.
    pub fn offset_logits(&self, tail: &[f32], velocity: u8, features: &[f32]) -> Vec<f32> {
        let mut logits = self.product(self.layout.offset, tail);
        self.add_row(self.layout.offset_of_velocity, velocity, &mut logits);
        self.add_scores(self.layout.offset_query, tail, features, &mut logits);
        logits
    }

    fn bias(&self, bias: Matrix) -> Vec<f32> {
        bias.of(&self.parameters).to_vec()
    }

    fn product(&self, matrix: Matrix, input: &[f32]) -> Vec<f32> {
        let mut out = vec![0.0; matrix.columns];
        self.add_product(matrix, input, &mut out);
        out
    }

    /// Adds `input` times the matrix; rows of zero inputs, most of the one-hot features, are skipped.
    ///
    /// Several rows at a time, so that each sum is loaded and stored once for all of them. Every sum still adds up row by row, in the
    /// same order on any processor: how wide its registers are makes no difference to the bits.
    fn add_product(&self, matrix: Matrix, input: &[f32], out: &mut [f32]) {
        debug_assert_eq!((matrix.rows, matrix.columns), (input.len(), out.len()));
        let columns = out.len();
        if columns == 0 {
            return;
        }
        let weights = matrix.of(&self.parameters).chunks_exact(columns);
        let (mut rows, mut values, mut filled) = ([&[][..]; ROWS], [0.0; ROWS], 0);
        for (row, &value) in weights.zip(input).filter(|(_, value)| **value != 0.0) {
            (rows[filled], values[filled]) = (row, value);
            filled += 1;
            if filled == ROWS {
                filled = 0;
                let rows = rows.map(|row| &row[..columns]);
                for (column, sum) in out.iter_mut().enumerate() {
                    for index in 0..ROWS {
                        *sum += values[index] * rows[index][column];
                    }
                }
            }
        }
        for (row, value) in rows.into_iter().zip(values).take(filled) {
            for (sum, weight) in out.iter_mut().zip(row) {
                *sum += value * weight;
            }
        }
    }

    /// Adds to each logit the product of the query with the logit's row of features.
    fn add_scores(&self, query: Matrix, state: &[f32], features: &[f32], logits: &mut [f32]) {
        let query = self.product(query, state);
        debug_assert_eq!(features.len(), query.len() * logits.len());
        for (logit, row) in logits.iter_mut().zip(features.chunks_exact(query.len())) {
            *logit += row.iter().zip(&query).map(|(feature, weight)| feature * weight).sum::<f32>();
        }
    }

    fn add_row(&self, matrix: Matrix, row: u8, logits: &mut [f32]) {
        if let Some(row) = matrix.of(&self.parameters).chunks_exact(matrix.columns.max(1)).nth(usize::from(row)) {
            logits.iter_mut().zip(row).for_each(|(logit, weight)| *logit += weight);
        }
    }

    /// Root mean square normalisation (Zhang and Sennrich, 2019).
    fn normalised(&self, gains: Matrix, stream: &[f32]) -> Vec<f32> {
        let mean = stream.iter().map(|value| value * value).sum::<f32>() / stream.len() as f32;
        let scale = 1.0 / (mean + NORM_EPSILON).sqrt();
        stream.iter().zip(gains.of(&self.parameters)).map(|(value, gain)| value * scale * gain).collect()
    }
}
