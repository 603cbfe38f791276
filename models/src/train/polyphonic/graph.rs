//! The network: features to residual stream, blocks of recurrent cells and gated layers, tables of logits.
//!
//! burn sees what is dense. The features are a few of many and the logits gather from tables, so both ends are plain loops: the
//! graph starts from a leaf and ends in a product with the loss's gradient, which hands each its gradient.

use super::batch::Batch;
use super::lstm::lstm;
use crate::composer::layout::Matrix;
use crate::composer::network::NORM_EPSILON;
use crate::polyphonic::layout::Layout;
use crate::polyphonic::relations::{COLUMNS, add_gradient, log_probabilities};
use crate::train::composer::graph::{Dropout, dropped};
use crate::train::gradients::gathered;
use burn::tensor::activation::silu;
use burn::tensor::{Device, Int, Tensor, TensorData};

/// A network's parameters as tensors.
pub struct Graph<'a> {
    layout: &'a Layout,
    parameters: &'a [f32],
    device: Device,
    matrices: Vec<(Matrix, Tensor<2>)>,
}

impl<'a> Graph<'a> {
    /// Ready to give gradients.
    pub fn tracked(layout: &'a Layout, parameters: &'a [f32]) -> Self {
        Self::new(layout, parameters, Device::flex().autodiff(), true)
    }

    /// Ready only to be evaluated: a tracked graph that is never run backwards would keep what it computes.
    pub fn plain(layout: &'a Layout, parameters: &'a [f32]) -> Self {
        Self::new(layout, parameters, Device::flex(), false)
    }

    fn new(layout: &'a Layout, parameters: &'a [f32], device: Device, tracked: bool) -> Self {
        let tensor = |matrix: Matrix| {
            let data = TensorData::new(matrix.of(parameters).to_vec(), [matrix.rows, matrix.columns]);
            let tensor = Tensor::<2>::from_data(data, &device);
            (matrix, if tracked { tensor.require_grad() } else { tensor })
        };
        // The features' rows are summed by a loop of our own.
        let dense = layout.matrices().into_iter().filter(|&matrix| matrix != layout.input);
        Self { layout, parameters, matrices: dense.map(tensor).collect(), device }
    }

    /// Log probabilities of what could be chosen, for each decision of a batch in its order.
    pub fn log_probabilities(&self, batch: &Batch<'_>) -> Vec<Vec<f32>> {
        let present: Vec<Vec<u16>> = batch.each().map(|(_, decision)| decision.inputs.to_vec()).collect();
        let columns = self.columns(batch, self.embedded(batch, &present, 1.0), &mut None);
        let columns = columns.into_data();
        let columns = columns.as_slice::<f32>().expect("networks run in f32").chunks_exact(COLUMNS);
        let all = batch.each().zip(columns);
        all.map(|((_, decision), columns)| {
            log_probabilities(columns, decision.anchors, usize::from(decision.floor), usize::from(decision.limit))
        })
        .collect()
    }

    /// Nats of a batch under dropout, of a share of the features among others, and the gradient of its nats per decision.
    pub fn gradient(&self, batch: &Batch<'_>, drop_inputs: f32, dropout: &mut Dropout<'_>) -> (f64, Vec<f32>) {
        let (present, kept) = thinned(batch, drop_inputs, dropout);
        let input = self.embedded(batch, &present, kept).require_grad();
        let output = self.columns(batch, input.clone(), &mut Some(dropout));
        let (nats, slopes) = losses(batch, output.clone());
        let slopes = Tensor::<2>::from_data(TensorData::new(slopes, output.dims()), &self.device);
        let gradients = (output * slopes).sum().backward();

        let mut all = gathered(&self.matrices, &gradients, self.layout.total);
        let gradient = input.grad(&gradients).expect("the tables depend on the features").into_data();
        let gradient = gradient.as_slice::<f32>().expect("networks are trained in f32");
        let width = self.layout.sizes.hidden;
        let rows = self.layout.input.of_mut(&mut all);
        for ((row, _), present) in batch.each().zip(&present) {
            let gradient = &gradient[row * width..(row + 1) * width];
            for &feature in present {
                let row = &mut rows[usize::from(feature) * width..(usize::from(feature) + 1) * width];
                row.iter_mut().zip(gradient).for_each(|(sum, slope)| *sum += kept * slope);
            }
        }
        (nats, all)
    }

    /// Sums of the rows of the features that are present, in each row.
    fn embedded(&self, batch: &Batch<'_>, present: &[Vec<u16>], scale: f32) -> Tensor<2> {
        let width = self.layout.sizes.hidden;
        let rows = self.layout.input.of(self.parameters);
        let mut sums = vec![0.0; batch.rows() * width];
        for ((row, _), present) in batch.each().zip(present) {
            let sum = &mut sums[row * width..(row + 1) * width];
            for &feature in present {
                let row = &rows[usize::from(feature) * width..(usize::from(feature) + 1) * width];
                sum.iter_mut().zip(row).for_each(|(sum, number)| *sum += number);
            }
            sum.iter_mut().for_each(|sum| *sum *= scale);
        }
        Tensor::from_data(TensorData::new(sums, [batch.rows(), width]), &self.device)
    }

    /// # Shapes
    /// - input: `[windows * time, hidden]`
    /// - output: `[decisions, COLUMNS]`
    fn columns(&self, batch: &Batch<'_>, input: Tensor<2>, dropout: &mut Option<&mut Dropout<'_>>) -> Tensor<2> {
        let layout = self.layout;
        let (rows, cells, wide) = (batch.rows(), layout.sizes.cells, layout.sizes.wide);
        let mut stream = dropped(input + self.matrix(layout.input_bias), dropout, &self.device);
        for block in &layout.blocks {
            let gates = self.normalised(block.norm, stream.clone()).matmul(self.matrix(block.gates))
                + self.matrix(block.gates_bias);
            let gates = gates.reshape([batch.windows.len(), batch.time, 4 * cells]);
            let open = lstm(gates, self.matrix(block.recurrent)).reshape([rows, cells]);
            stream = stream + dropped(open, dropout, &self.device).matmul(self.matrix(block.out));
            let both = self.normalised(block.wide_norm, stream.clone()).matmul(self.matrix(block.wide));
            let gated = silu(both.clone().narrow(1, 0, wide)) * both.narrow(1, wide, wide);
            stream = stream + dropped(gated, dropout, &self.device).matmul(self.matrix(block.narrow));
        }
        let places: Vec<i32> = batch.each().map(|(row, _)| row as i32).collect();
        let places = Tensor::<1, Int>::from_data(TensorData::new(places, [batch.decisions()]), &self.device);
        let state = self.normalised(layout.norm, stream.select(0, places));
        dropped(state, dropout, &self.device).matmul(self.matrix(layout.tables)) + self.matrix(layout.tables_bias)
    }

    fn normalised(&self, gains: Matrix, stream: Tensor<2>) -> Tensor<2> {
        let scale = stream.clone().square().mean_dim(1).add_scalar(NORM_EPSILON).sqrt();
        stream / scale * self.matrix(gains)
    }

    fn matrix(&self, matrix: Matrix) -> Tensor<2> {
        let index = self.matrices.partition_point(|(own, _)| own.start < matrix.start);
        self.matrices[index].1.clone()
    }
}

/// The features of each decision that are not dropped, and what they are scaled up by.
fn thinned(batch: &Batch<'_>, share: f32, dropout: &mut Dropout<'_>) -> (Vec<Vec<u16>>, f32) {
    // Eight draws of eight bits from each random number.
    let threshold = (share * 256.0) as u64;
    let mut thin = |features: &[u16]| {
        let mut left = Vec::with_capacity(features.len());
        for some in features.chunks(8) {
            let bits = dropout.rng.bits();
            let kept = some.iter().enumerate().filter(|(byte, _)| bits >> (8 * byte) & 0xff >= threshold);
            left.extend(kept.map(|(_, &feature)| feature));
        }
        left
    };
    let present = batch.each().map(|(_, decision)| thin(decision.inputs)).collect();
    (present, 1.0 / (1.0 - threshold as f32 / 256.0))
}

/// Nats of a batch, and the gradient of its nats per decision with respect to the columns.
fn losses(batch: &Batch<'_>, columns: Tensor<2>) -> (f64, Vec<f32>) {
    let columns = columns.into_data();
    let columns = columns.as_slice::<f32>().expect("networks are trained in f32");
    let mut slopes = vec![0.0; columns.len()];
    let scale = 1.0 / batch.decisions().max(1) as f32;
    let mut nats = 0.0;
    let rows = columns.chunks_exact(COLUMNS).zip(slopes.chunks_exact_mut(COLUMNS));
    for ((_, decision), (columns, slopes)) in batch.each().zip(rows) {
        let limit = usize::from(decision.limit);
        let mut logits = log_probabilities(columns, decision.anchors, usize::from(decision.floor), limit);
        let choice = usize::from(decision.choice).min(limit);
        nats -= f64::from(logits[choice]);
        logits.iter_mut().for_each(|logit| *logit = logit.exp() * scale);
        logits[choice] -= scale;
        add_gradient(slopes, decision.anchors, &logits);
    }
    (nats, slopes)
}
