//! Long short-term memory as one operation of burn: gates and memory over whole sequences, forwards and backwards.
//!
//! Only the product of the last output with the recurrent matrix goes step by step; what the inputs say to the gates comes from one
//! product before, and the recurrent matrix's gradient from one after.

use crate::composer::activation::sigmoid;
use burn::backend::autodiff::checkpoint::{base::Checkpointer, strategy::CheckpointStrategy};
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::ops::FloatTensorOps;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, Flex, backend_extension};
use burn::tensor::{Tensor, TensorData};

/// The recurrent cells of a block over whole sequences, starting from zero (Hochreiter and Schmidhuber, 1997; Gers, Schmidhuber and
/// Cummins, 2000).
///
/// With (i, f, g, o) = gates_t + h_(t-1) R: c_t = sigmoid(f) c_(t-1) + sigmoid(i) tanh(g), h_t = sigmoid(o) tanh(c_t).
///
/// # Shapes
/// - gates: `[batch, time, 4 cells]`: i, f, g and o
/// - recurrent: `[cells, 4 cells]`: R
/// - output: `[batch, time, cells]`: h
pub fn lstm(gates: Tensor<3>, recurrent: Tensor<2>) -> Tensor<3> {
    Tensor::from_dispatch(<Dispatch as Lstm>::lstm(gates.into_dispatch(), recurrent.into_dispatch()))
}

/// The operation, for the backends that have it.
#[backend_extension(Flex, Autodiff)]
pub trait Lstm: Backend {
    /// See [`lstm`].
    fn lstm(gates: FloatTensor<Self>, recurrent: FloatTensor<Self>) -> FloatTensor<Self>;
}

type Numbers = FloatTensor<Flex>;

impl Lstm for Flex {
    fn lstm(gates: Numbers, recurrent: Numbers) -> Numbers {
        let (gates, shape) = Shape::of(gates);
        let run = shape.forward(&gates, &recurrent);
        tensor(shape.by_sequence(&run.outputs[shape.batch * shape.cells..], shape.cells), &shape.of_width(shape.cells))
    }
}

/// Sizes of the sequences. Inside, all steps lie one after another, each with all sequences; outside, one sequence after another.
#[derive(Debug, Clone, Copy)]
struct Shape {
    batch: usize,
    time: usize,
    cells: usize,
}

/// What a run forwards leaves: gates after their activation, and memories and outputs from the zeros before the first step on.
struct Run {
    gates: Vec<f32>,
    memories: Vec<f32>,
    outputs: Vec<f32>,
}

impl Shape {
    fn of(gates: Numbers) -> (Vec<f32>, Self) {
        let data = gates.into_data();
        let shape = data.shape();
        let shape = Self { batch: shape[0], time: shape[1], cells: shape[2] / 4 };
        (data.try_to_vec::<f32>().expect("networks are trained in f32"), shape)
    }

    fn of_width(self, width: usize) -> [usize; 3] {
        [self.batch, self.time, width]
    }

    /// Rows of this width, from all sequences of a step together to all steps of a sequence together.
    fn by_sequence(self, rows: &[f32], width: usize) -> Vec<f32> {
        let mut output = vec![0.0; rows.len()];
        for (index, row) in rows.chunks_exact(width.max(1)).enumerate() {
            let (step, sequence) = (index / self.batch, index % self.batch);
            output[(sequence * self.time + step) * width..][..width].copy_from_slice(row);
        }
        output
    }

    fn forward(self, inputs: &[f32], recurrent: &Numbers) -> Run {
        let Self { batch, time, cells } = self;
        let mut gates = vec![0.0; time * batch * 4 * cells];
        let mut memories = vec![0.0; (time + 1) * batch * cells];
        let mut outputs = vec![0.0; (time + 1) * batch * cells];
        for step in 0..time {
            let rows = step * batch..(step + 1) * batch;
            let heard = if step == 0 {
                vec![0.0; batch * 4 * cells]
            } else {
                let last = outputs[rows.start * cells..rows.end * cells].to_vec();
                product(tensor(last, &[batch, cells]), recurrent.clone())
            };
            for (sequence, row) in rows.enumerate() {
                let input = &inputs[(sequence * time + step) * 4 * cells..][..4 * cells];
                let heard = &heard[sequence * 4 * cells..][..4 * cells];
                let gates = &mut gates[row * 4 * cells..][..4 * cells];
                for cell in 0..cells {
                    let [i, f, g, o] = [0, 1, 2, 3].map(|gate| input[gate * cells + cell] + heard[gate * cells + cell]);
                    let (i, f, g, o) = (sigmoid(i), sigmoid(f), tanh(g), sigmoid(o));
                    let memory = f * memories[row * cells + cell] + i * g;
                    memories[(row + batch) * cells + cell] = memory;
                    outputs[(row + batch) * cells + cell] = o * tanh(memory);
                    [i, f, g, o].into_iter().enumerate().for_each(|(gate, open)| gates[gate * cells + cell] = open);
                }
            }
        }
        Run { gates, memories, outputs }
    }
}

/// Gradients of the gates and of the recurrent matrix, given that of the output; what was computed forwards is computed again.
fn backward(gates: Numbers, recurrent: Numbers, gradient: Numbers) -> (Numbers, Numbers) {
    let (inputs, shape) = Shape::of(gates);
    let Shape { batch, time, cells } = shape;
    let Run { gates, memories, outputs } = shape.forward(&inputs, &recurrent);
    let gradient = gradient.into_data();
    let gradient = gradient.as_slice::<f32>().expect("networks are trained in f32");
    let transposed = Flex::float_transpose(recurrent);
    let mut slopes = vec![0.0; time * batch * 4 * cells];
    let (mut to_memory, mut to_output) = (vec![0.0; batch * cells], vec![0.0; batch * cells]);
    for step in (0..time).rev() {
        for sequence in 0..batch {
            let row = step * batch + sequence;
            let gates = &gates[row * 4 * cells..][..4 * cells];
            let slopes = &mut slopes[row * 4 * cells..][..4 * cells];
            for cell in 0..cells {
                let [i, f, g, o] = [0, 1, 2, 3].map(|gate| gates[gate * cells + cell]);
                let own = sequence * cells + cell;
                let to_output = to_output[own] + gradient[(sequence * time + step) * cells + cell];
                let squashed = tanh(memories[(row + batch) * cells + cell]);
                let through = to_memory[own] + to_output * o * (1.0 - squashed * squashed);
                slopes[cell] = through * g * i * (1.0 - i);
                slopes[cells + cell] = through * memories[row * cells + cell] * f * (1.0 - f);
                slopes[2 * cells + cell] = through * i * (1.0 - g * g);
                slopes[3 * cells + cell] = to_output * squashed * o * (1.0 - o);
                to_memory[own] = through * f;
            }
        }
        if step > 0 {
            let rows = step * batch * 4 * cells..(step + 1) * batch * 4 * cells;
            to_output = product(tensor(slopes[rows].to_vec(), &[batch, 4 * cells]), transposed.clone());
        }
    }
    let before = tensor(outputs[..time * batch * cells].to_vec(), &[time * batch, cells]);
    let to_gates = tensor(shape.by_sequence(&slopes, 4 * cells), &shape.of_width(4 * cells));
    let to_recurrent = Flex::float_matmul(Flex::float_transpose(before), tensor(slopes, &[time * batch, 4 * cells]));
    (to_gates, to_recurrent)
}

fn tanh(x: f32) -> f32 {
    2.0 * sigmoid(2.0 * x) - 1.0
}

fn tensor(numbers: Vec<f32>, shape: &[usize]) -> Numbers {
    Numbers::from_data(TensorData::new(numbers, shape.to_vec()))
}

fn product(left: Numbers, right: Numbers) -> Vec<f32> {
    Flex::float_matmul(left, right).into_data().try_to_vec::<f32>().expect("networks are trained in f32")
}

impl<C: CheckpointStrategy> Lstm for Autodiff<Flex, C> {
    fn lstm(gates: FloatTensor<Self>, recurrent: FloatTensor<Self>) -> FloatTensor<Self> {
        #[derive(Debug)]
        struct LstmBackward;

        impl Backward<Flex, 2> for LstmBackward {
            type State = (Numbers, Numbers);

            fn backward(self, ops: Ops<Self::State, 2>, gradients: &mut Gradients, _: &mut Checkpointer) {
                let (gates, recurrent) = ops.state;
                let gradient = gradients.consume::<Flex>(&ops.node);
                let (to_gates, to_recurrent) = backward(gates, recurrent, gradient);
                for (parent, gradient) in ops.parents.into_iter().zip([to_gates, to_recurrent]) {
                    if let Some(parent) = parent {
                        gradients.register::<Flex>(parent.id, gradient);
                    }
                }
            }
        }

        let state = (gates.primitive().clone(), recurrent.primitive().clone());
        let output = Flex::lstm(state.0.clone(), state.1.clone());
        match LstmBackward.prepare::<C>([gates.node(), recurrent.node()]).compute_bound().stateful() {
            OpsKind::Tracked(prepared) => prepared.finish(state, output),
            OpsKind::UnTracked(prepared) => prepared.finish(output),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::Device;
    use riffsmith_dsp::Seed;

    const BATCH: usize = 2;
    const TIME: usize = 5;
    const CELLS: usize = 3;

    fn numbers(seed: u64, count: usize) -> Vec<f32> {
        let mut rng = Seed(seed).rng();
        (0..count).map(|_| rng.normal()).collect()
    }

    /// The formulas, plainly, in double precision; the loss weights each output.
    fn loss(gates: &[f64], recurrent: &[f64], weights: &[f64]) -> f64 {
        let logistic = |x: f64| 1.0 / (1.0 + (-x).exp());
        let mut loss = 0.0;
        for sequence in 0..BATCH {
            let (mut memory, mut output) = ([0.0; CELLS], [0.0; CELLS]);
            for step in 0..TIME {
                let at = sequence * TIME + step;
                let gate = |gate: usize, cell: usize| {
                    let column = gate * CELLS + cell;
                    let heard = (0..CELLS).map(|from| output[from] * recurrent[from * 4 * CELLS + column]).sum::<f64>();
                    gates[at * 4 * CELLS + column] + heard
                };
                let rows: Vec<[f64; 4]> = (0..CELLS).map(|cell| [0, 1, 2, 3].map(|index| gate(index, cell))).collect();
                for (cell, [i, f, g, o]) in rows.into_iter().enumerate() {
                    memory[cell] = logistic(f) * memory[cell] + logistic(i) * g.tanh();
                    output[cell] = logistic(o) * memory[cell].tanh();
                    loss += weights[at * CELLS + cell] * output[cell];
                }
            }
        }
        loss
    }

    #[test]
    fn gradients_agree_with_finite_differences() {
        let device = Device::flex().autodiff();
        let [gates, recurrent, weights] =
            [(1, BATCH * TIME * 4 * CELLS), (2, CELLS * 4 * CELLS), (3, BATCH * TIME * CELLS)]
                .map(|(seed, count)| numbers(seed, count));
        let [exact_gates, exact_recurrent, exact_weights] =
            [&gates, &recurrent, &weights].map(|numbers| numbers.iter().copied().map(f64::from).collect::<Vec<f64>>());
        let gates = Tensor::<3>::from_data(TensorData::new(gates, [BATCH, TIME, 4 * CELLS]), &device).require_grad();
        let recurrent = Tensor::<2>::from_data(TensorData::new(recurrent, [CELLS, 4 * CELLS]), &device).require_grad();
        let weights = Tensor::<3>::from_data(TensorData::new(weights, [BATCH, TIME, CELLS]), &device);
        let value = (lstm(gates.clone(), recurrent.clone()) * weights).sum();
        let gradients = value.backward();
        let numbers = |data: TensorData| data.try_to_vec::<f32>().expect("f32");
        let to_gates = numbers(gates.grad(&gradients).expect("tracked").into_data());
        let to_recurrent = numbers(recurrent.grad(&gradients).expect("tracked").into_data());
        let value = f64::from(value.into_scalar::<f32>());
        // Single precision over 30 outputs of size 1.
        assert!((value - loss(&exact_gates, &exact_recurrent, &exact_weights)).abs() < 1e-5);
        for (slopes, place) in [(to_gates, 0), (to_recurrent, 1)] {
            for (index, slope) in slopes.into_iter().enumerate() {
                let moved = |by: f64| {
                    let mut both = [exact_gates.clone(), exact_recurrent.clone()];
                    both[place][index] += by;
                    loss(&both[0], &both[1], &exact_weights)
                };
                let difference = (moved(1e-5) - moved(-1e-5)) / 2e-5;
                assert!((f64::from(slope) - difference).abs() < 1e-5 * (1.0 + difference.abs()), "{place} {index}");
            }
        }
    }
}
