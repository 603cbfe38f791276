//! The network as it is trained: the same arithmetic as [`crate::composer::network`], over whole batches and with gradients.

use super::batch::Batch;
use super::scan::gated_scan;
use crate::composer::grid::{MAX_SLOTS, ONSETS, SLOTS_PER_QUARTER};
use crate::composer::layout::{Layout, Matrix};
use crate::composer::network::NORM_EPSILON;
use crate::train::compute::Compute;
use crate::train::gradients::gathered;
use burn::tensor::activation::{log_softmax, silu};
use burn::tensor::{Device, Int, Tensor, TensorData};
use riffsmith_dsp::Rng;

/// Negative log likelihoods of a batch in nats, summed over its decisions.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Nats {
    /// Of the onsets, bar lines among them.
    pub onset: f64,
    /// Of the symbols.
    pub symbol: f64,
    /// Of the lengths.
    pub length: f64,
    /// Of the velocities.
    pub velocity: f64,
    /// Of the micro-timing.
    pub offset: f64,
    /// Number of notes.
    pub notes: usize,
}

impl Nats {
    /// All factors of all notes, and the bar lines.
    pub fn total(&self) -> f64 {
        self.onset + self.symbol + self.length + self.velocity + self.offset
    }

    /// Nats in a note: all its factors and its share of the bar lines.
    pub fn per_note(&self) -> f64 {
        self.total() / self.notes.max(1) as f64
    }

    /// Adds another batch's.
    pub fn add(&mut self, other: Self) {
        self.onset += other.onset;
        self.symbol += other.symbol;
        self.length += other.length;
        self.velocity += other.velocity;
        self.offset += other.offset;
        self.notes += other.notes;
    }

    /// Without those of a batch that is part of this one.
    pub fn less(self, part: Self) -> Self {
        Self {
            onset: self.onset - part.onset,
            symbol: self.symbol - part.symbol,
            length: self.length - part.length,
            velocity: self.velocity - part.velocity,
            offset: self.offset - part.offset,
            notes: self.notes - part.notes,
        }
    }
}

/// A network's parameters as tensors.
pub struct Graph<'a> {
    layout: &'a Layout,
    device: Device,
    matrices: Vec<(Matrix, Tensor<2>)>,
}

impl<'a> Graph<'a> {
    /// Ready to give gradients.
    pub fn tracked(layout: &'a Layout, parameters: &[f32], compute: Compute) -> Self {
        Self::new(layout, parameters, compute.device().autodiff(), true)
    }

    /// Ready only to be evaluated: a tracked graph that is never run backwards would keep what it computes.
    pub fn plain(layout: &'a Layout, parameters: &[f32]) -> Self {
        Self::new(layout, parameters, Device::flex(), false)
    }

    fn new(layout: &'a Layout, parameters: &[f32], device: Device, tracked: bool) -> Self {
        let tensor = |matrix: Matrix| {
            let data = TensorData::new(matrix.of(parameters).to_vec(), [matrix.rows, matrix.columns]);
            let tensor = Tensor::<2>::from_data(data, &device);
            (matrix, if tracked { tensor.require_grad() } else { tensor })
        };
        Self { layout, matrices: layout.matrices().into_iter().map(tensor).collect(), device }
    }

    /// Evaluates a batch.
    pub fn nats(&self, batch: &Batch) -> Nats {
        self.losses(batch, None).1
    }

    /// Evaluates a batch under dropout, and the gradient of its nats per note.
    pub fn gradient(&self, batch: &Batch, dropout: &mut Dropout<'_>) -> (Nats, Vec<f32>) {
        let (loss, nats) = self.losses(batch, Some(dropout));
        let gradients = (loss / batch.notes.len().max(1) as f32).backward();
        (nats, gathered(&self.matrices, &gradients, self.layout.total))
    }

    fn losses(&self, batch: &Batch, mut dropout: Option<&mut Dropout<'_>>) -> (Tensor<1>, Nats) {
        let layout = self.layout;
        let output = self.outputs(batch, &mut dropout);
        let steps = batch.steps.len();
        let notes = batch.notes.len();
        let mut sums = [(); 5].map(|()| None);

        let at_steps = output.clone().select(0, self.indices(&batch.steps));
        let phases = at_steps.clone().matmul(self.matrix(layout.phase)).repeat_dim(1, MAX_SLOTS / SLOTS_PER_QUARTER);
        let next_bar = Tensor::zeros([steps, ONSETS - MAX_SLOTS], &self.device);
        let logits = at_steps.clone().matmul(self.matrix(layout.onset))
            + self.matrix(layout.onset_bias)
            + Tensor::cat(vec![phases, next_bar], 1)
            + self.scores(at_steps, layout.onset_query, &batch.onset_features, ONSETS)
            + self.tensor(&batch.onset_mask, [steps, ONSETS]);
        sums[0] = Some(self.nll(logits, &batch.onsets));

        if notes > 0 {
            let symbols = layout.part.symbols();
            let at_notes = output.select(0, self.indices(&batch.notes));
            let at = self.tensor(&batch.at, [notes, layout.widths.at]);
            let mix = silu(
                at_notes.matmul(self.matrix(layout.mix_state))
                    + at.matmul(self.matrix(layout.mix_at))
                    + self.matrix(layout.mix_bias),
            );
            let mix = dropped(mix, &mut dropout, &self.device);
            let logits = mix.clone().matmul(self.matrix(layout.symbol))
                + self.matrix(layout.symbol_bias)
                + self.scores(mix.clone(), layout.symbol_query, &batch.symbol_features, symbols)
                + self.tensor(&batch.symbol_mask, [notes, symbols]);
            sums[1] = Some(self.nll(logits, &batch.symbols));
            if layout.part.has_velocity() {
                self.tail_losses(batch, mix, &mut dropout, &mut sums);
            }
        }

        let value =
            |sum: &Option<Tensor<1>>| sum.as_ref().map_or(0.0, |sum| f64::from(sum.clone().into_scalar::<f32>()));
        let [onset, symbol, length, velocity, offset] = [0, 1, 2, 3, 4].map(|index| value(&sums[index]));
        let loss = sums.into_iter().flatten().reduce(|a, b| a + b).expect("the onsets always have a loss");
        (loss, Nats { onset, symbol, length, velocity, offset, notes })
    }

    fn tail_losses(
        &self,
        batch: &Batch,
        mix: Tensor<2>,
        dropout: &mut Option<&mut Dropout<'_>>,
        sums: &mut [Option<Tensor<1>>; 5],
    ) {
        let layout = self.layout;
        let features = self.tensor(&batch.tail, [batch.notes.len(), layout.widths.tail]);
        let tail = silu(
            mix.matmul(self.matrix(layout.tail_mix))
                + features.matmul(self.matrix(layout.tail_features))
                + self.matrix(layout.tail_bias),
        );
        let tail = dropped(tail, dropout, &self.device);
        let scored = |matrix: Matrix, query: Matrix, features: &[f32]| {
            tail.clone().matmul(self.matrix(matrix)) + self.scores(tail.clone(), query, features, matrix.columns)
        };
        let mut velocity = scored(layout.velocity, layout.velocity_query, &batch.velocity_features);
        if layout.part.has_length() {
            let length = scored(layout.length, layout.length_query, &batch.length_features);
            sums[2] = Some(self.nll(length, &batch.lengths));
            velocity = velocity + self.matrix(layout.velocity_of_length).select(0, self.indices(&batch.lengths));
        }
        sums[3] = Some(self.nll(velocity, &batch.velocities));
        if layout.part.has_offset() {
            let given = self.matrix(layout.offset_of_velocity).select(0, self.indices(&batch.velocities));
            let offset = scored(layout.offset, layout.offset_query, &batch.offset_features);
            sums[4] = Some(self.nll(offset + given, &batch.offsets));
        }
    }

    /// The recurrent blocks over the whole batch.
    ///
    /// # Shapes
    /// - output: `[count * time, hidden]`
    pub fn outputs(&self, batch: &Batch, dropout: &mut Option<&mut Dropout<'_>>) -> Tensor<2> {
        let layout = self.layout;
        let (rows, cells) = (batch.count * batch.time, layout.sizes.cells);
        let inputs = self.tensor(&batch.inputs, [rows, layout.widths.inputs]);
        let mut stream = inputs.matmul(self.matrix(layout.input)) + self.matrix(layout.input_bias);
        for block in &layout.blocks {
            let gates = self.normalised(block.norm, stream.clone()).matmul(self.matrix(block.gates))
                + self.matrix(block.gates_bias);
            let open = gated_scan(gates.reshape([batch.count, batch.time, 3 * cells])).reshape([rows, cells]);
            stream = stream + dropped(open, dropout, &self.device).matmul(self.matrix(block.out));
        }
        self.normalised(layout.norm, stream)
    }

    fn normalised(&self, gains: Matrix, stream: Tensor<2>) -> Tensor<2> {
        let scale = stream.clone().square().mean_dim(1).add_scalar(NORM_EPSILON).sqrt();
        stream / scale * self.matrix(gains)
    }

    /// Products of each row's query with each row of its features.
    fn scores(&self, state: Tensor<2>, query: Matrix, features: &[f32], classes: usize) -> Tensor<2> {
        let rows = state.dims()[0];
        let width = query.columns;
        let query = state.matmul(self.matrix(query)).reshape([rows, width, 1]);
        let features = Tensor::<3>::from_data(TensorData::new(features.to_vec(), [rows, classes, width]), &self.device);
        features.matmul(query).reshape([rows, classes])
    }

    fn nll(&self, logits: Tensor<2>, classes: &[i32]) -> Tensor<1> {
        let classes = self.indices(classes).reshape([classes.len(), 1]);
        -log_softmax(logits, 1).gather(1, classes).sum()
    }

    fn matrix(&self, matrix: Matrix) -> Tensor<2> {
        let index = self.matrices.partition_point(|(own, _)| own.start < matrix.start);
        self.matrices[index].1.clone()
    }

    fn tensor(&self, numbers: &[f32], shape: [usize; 2]) -> Tensor<2> {
        Tensor::from_data(TensorData::new(numbers.to_vec(), shape), &self.device)
    }

    fn indices(&self, indices: &[i32]) -> Tensor<1, Int> {
        Tensor::from_data(TensorData::new(indices.to_vec(), [indices.len()]), &self.device)
    }
}

/// Sets numbers to zero at random, and scales the rest up (Srivastava et al., 2014).
pub struct Dropout<'a> {
    /// Share that is dropped.
    pub share: f32,
    /// Where the randomness is from.
    pub rng: &'a mut Rng,
}

/// A tensor under dropout, or as it is where there is none.
pub fn dropped(tensor: Tensor<2>, dropout: &mut Option<&mut Dropout<'_>>, device: &Device) -> Tensor<2> {
    let Some(dropout) = dropout.as_deref_mut().filter(|dropout| dropout.share > 0.0) else { return tensor };
    let shape = tensor.dims();
    // Eight draws of eight bits from each random number.
    let threshold = (dropout.share * 256.0) as u64;
    let kept = 1.0 / (1.0 - threshold as f32 / 256.0);
    let mut mask = Vec::with_capacity(shape[0] * shape[1] + 8);
    while mask.len() < shape[0] * shape[1] {
        let bits = dropout.rng.bits();
        mask.extend((0..8).map(|byte| if bits >> (8 * byte) & 0xff < threshold { 0.0 } else { kept }));
    }
    mask.truncate(shape[0] * shape[1]);
    tensor * Tensor::from_data(TensorData::new(mask, shape), device)
}
