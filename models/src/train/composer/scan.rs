//! The recurrence as one operation of burn: gates, scan over time and output gate, forwards and backwards.
//!
//! Written by hand because a graph of small tensors per time step costs several times more than the arithmetic itself.

use crate::composer::activation::{sigmoid, silu};
use burn::backend::autodiff::checkpoint::{base::Checkpointer, strategy::CheckpointStrategy};
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, Flex, backend_extension};
use burn::tensor::{Device, Tensor, TensorData};
use rayon::prelude::*;

/// The recurrent cells of a block over whole sequences, starting from zero.
///
/// With update gate u, candidate c and output gate o: h_t = h_(t-1) + sigmoid(u_t) (c_t - h_(t-1)), y_t = h_t silu(o_t).
///
/// # Shapes
/// - input: `[batch, time, 3 cells]`: u, c and o
/// - output: `[batch, time, cells]`: y
pub fn gated_scan(gates: Tensor<3>) -> Tensor<3> {
    if gates.device() != Device::flex() {
        return portable_scan(gates);
    }
    Tensor::from_dispatch(<Dispatch as GatedScan>::gated_scan(gates.into_dispatch()))
}

/// The same out of plain operations, for the backends without that operation.
///
/// In passes over all of time (Hillis and Steele, "Data Parallel Algorithms", 1986): once each cell knows what its last n steps add and
/// how much they keep of what was before, it knows it of 2 n.
fn portable_scan(gates: Tensor<3>) -> Tensor<3> {
    let [batch, time, width] = gates.dims();
    let (cells, device) = (width / 3, gates.device());
    let gate = |index: usize| gates.clone().narrow(2, index * cells, cells);
    let update = burn::tensor::activation::sigmoid(gate(0));
    let mut kept = update.clone().neg().add_scalar(1.0);
    let mut held = update * gate(1);
    let mut steps = 1;
    while steps < time {
        // Before the start nothing is added, and all is kept.
        let earlier = |tensor: &Tensor<3>, before: f32| {
            let before = Tensor::full([batch, steps, cells], before, &device);
            Tensor::cat(vec![before, tensor.clone().narrow(1, 0, time - steps)], 1)
        };
        held = held.clone() + kept.clone() * earlier(&held, 0.0);
        kept = kept.clone() * earlier(&kept, 1.0);
        steps *= 2;
    }
    held * burn::tensor::activation::silu(gate(2))
}

/// The operation, for the backends that have it.
#[backend_extension(Flex, Autodiff)]
pub trait GatedScan: Backend {
    /// See [`gated_scan`].
    fn gated_scan(gates: FloatTensor<Self>) -> FloatTensor<Self>;
}

impl GatedScan for Flex {
    fn gated_scan(gates: FloatTensor<Self>) -> FloatTensor<Self> {
        let (gates, [batch, time, cells]) = numbers(gates);
        let mut output = vec![0.0; batch * time * cells];
        output
            .par_chunks_mut((time * cells).max(1))
            .zip(gates.par_chunks((3 * time * cells).max(1)))
            .for_each(|(output, gates)| forward(gates, output, cells));
        <FloatTensor<Self>>::from_data(TensorData::new(output, [batch, time, cells]))
    }
}

/// Gradient of the gates, given that of the output.
fn gated_scan_backward(gates: FloatTensor<Flex>, gradient: FloatTensor<Flex>) -> FloatTensor<Flex> {
    let (gates, [batch, time, cells]) = numbers(gates);
    let gradient = gradient.into_data();
    let gradient = gradient.as_slice::<f32>().expect("networks are trained in f32");
    let mut output = vec![0.0; batch * time * 3 * cells];
    output
        .par_chunks_mut((3 * time * cells).max(1))
        .zip(gates.par_chunks((3 * time * cells).max(1)))
        .zip(gradient.par_chunks((time * cells).max(1)))
        .for_each(|((output, gates), gradient)| backward(gates, gradient, output, cells));
    <FloatTensor<Flex>>::from_data(TensorData::new(output, [batch, time, 3 * cells]))
}

fn numbers(gates: FloatTensor<Flex>) -> (Vec<f32>, [usize; 3]) {
    let data = gates.into_data();
    let shape = data.shape();
    let [batch, time, width] = [shape[0], shape[1], shape[2]];
    (data.try_to_vec::<f32>().expect("networks are trained in f32"), [batch, time, width / 3])
}

/// One sequence forwards.
fn forward(gates: &[f32], output: &mut [f32], cells: usize) {
    let mut held = vec![0.0; cells];
    for (gates, output) in gates.chunks_exact(3 * cells).zip(output.chunks_exact_mut(cells)) {
        let (update, rest) = gates.split_at(cells);
        let (candidate, open) = rest.split_at(cells);
        for index in 0..cells {
            held[index] += sigmoid(update[index]) * (candidate[index] - held[index]);
            output[index] = held[index] * silu(open[index]);
        }
    }
}

/// One sequence backwards; what the cells held is computed again rather than kept.
fn backward(gates: &[f32], gradient: &[f32], output: &mut [f32], cells: usize) {
    let time = gates.len() / (3 * cells);
    let mut held = vec![0.0; (time + 1) * cells];
    for (step, gates) in gates.chunks_exact(3 * cells).enumerate() {
        let (before, after) = held[step * cells..(step + 2) * cells].split_at_mut(cells);
        for index in 0..cells {
            after[index] = before[index] + sigmoid(gates[index]) * (gates[cells + index] - before[index]);
        }
    }
    let mut carried = vec![0.0; cells];
    for step in (0..time).rev() {
        let gates = &gates[step * 3 * cells..(step + 1) * 3 * cells];
        let gradient = &gradient[step * cells..(step + 1) * cells];
        let (before, after) = held[step * cells..(step + 2) * cells].split_at(cells);
        let (to_update, rest) = output[step * 3 * cells..(step + 1) * 3 * cells].split_at_mut(cells);
        let (to_candidate, to_open) = rest.split_at_mut(cells);
        for index in 0..cells {
            let update = sigmoid(gates[index]);
            let candidate = gates[cells + index];
            let open = gates[2 * cells + index];
            let gate = sigmoid(open);
            let to_held = gradient[index] * open * gate + carried[index];
            to_open[index] = gradient[index] * after[index] * gate * (1.0 + open * (1.0 - gate));
            to_update[index] = to_held * (candidate - before[index]) * update * (1.0 - update);
            to_candidate[index] = to_held * update;
            carried[index] = to_held * (1.0 - update);
        }
    }
}

impl<C: CheckpointStrategy> GatedScan for Autodiff<Flex, C> {
    fn gated_scan(gates: FloatTensor<Self>) -> FloatTensor<Self> {
        #[derive(Debug)]
        struct GatedScanBackward;

        impl Backward<Flex, 1> for GatedScanBackward {
            type State = FloatTensor<Flex>;

            fn backward(self, ops: Ops<Self::State, 1>, gradients: &mut Gradients, _: &mut Checkpointer) {
                let [parent] = ops.parents;
                let gradient = gradients.consume::<Flex>(&ops.node);
                if let Some(parent) = parent {
                    gradients.register::<Flex>(parent.id, gated_scan_backward(ops.state, gradient));
                }
            }
        }

        match GatedScanBackward.prepare::<C>([gates.node()]).compute_bound().stateful() {
            OpsKind::Tracked(prepared) => {
                let state = gates.primitive().clone();
                prepared.finish(state, Flex::gated_scan(gates.primitive().clone()))
            }
            OpsKind::UnTracked(prepared) => prepared.finish(Flex::gated_scan(gates.primitive().clone())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use riffsmith_dsp::Seed;

    const SHAPE: [usize; 3] = [3, 7, 15];

    fn gates() -> Vec<f32> {
        let mut rng = Seed(4).rng();
        (0..SHAPE.iter().product()).map(|_| rng.normal()).collect()
    }

    /// Weights of the outputs in a scalar loss.
    fn weights() -> Vec<f64> {
        let mut rng = Seed(5).rng();
        (0..SHAPE[0] * SHAPE[1] * SHAPE[2] / 3).map(|_| f64::from(rng.normal())).collect()
    }

    /// The formulas, plainly, in double precision.
    fn loss(gates: &[f64]) -> f64 {
        let logistic = |x: f64| 1.0 / (1.0 + (-x).exp());
        let [batch, time, width] = SHAPE;
        let cells = width / 3;
        let weights = weights();
        let mut loss = 0.0;
        for row in 0..batch {
            let mut held = vec![0.0; cells];
            for step in 0..time {
                let at = (row * time + step) * width;
                for cell in 0..cells {
                    let [update, candidate, open] = [0, 1, 2].map(|gate| gates[at + gate * cells + cell]);
                    held[cell] = (1.0 - logistic(update)) * held[cell] + logistic(update) * candidate;
                    loss += weights[(row * time + step) * cells + cell] * held[cell] * open * logistic(open);
                }
            }
        }
        loss
    }

    type Scan = fn(Tensor<3>) -> Tensor<3>;

    /// The loss of the random gates, and its gradient.
    fn of(scan: Scan, device: &Device) -> (f64, Vec<f32>) {
        let input = Tensor::<3>::from_data(TensorData::new(gates(), SHAPE), device).require_grad();
        let weights: Vec<f32> = weights().into_iter().map(|weight| weight as f32).collect();
        let weights = Tensor::<3>::from_data(TensorData::new(weights, [SHAPE[0], SHAPE[1], SHAPE[2] / 3]), device);
        let value = (scan(input.clone()) * weights).sum();
        let gradients = value.backward();
        let gradient = input.grad(&gradients).expect("tracked").into_data().try_to_vec::<f32>().expect("f32");
        (f64::from(value.into_scalar::<f32>()), gradient)
    }

    fn check_gradients(scan: Scan, device: &Device) {
        let (value, gradient) = of(scan, device);
        let exact: Vec<f64> = gates().into_iter().map(f64::from).collect();
        // Single precision over 105 outputs of size 1.
        assert!((value - loss(&exact)).abs() < 1e-4);
        for (index, gradient) in gradient.into_iter().enumerate() {
            let mut moved = exact.clone();
            moved[index] += 1e-5;
            let above = loss(&moved);
            moved[index] -= 2e-5;
            let difference = (above - loss(&moved)) / 2e-5;
            assert!((f64::from(gradient) - difference).abs() < 1e-5 * (1.0 + difference.abs()), "{index}");
        }
    }

    #[test]
    fn gradients_agree_with_finite_differences() {
        check_gradients(gated_scan, &Device::flex().autodiff());
    }

    #[test]
    fn plain_operations_agree_with_finite_differences() {
        check_gradients(portable_scan, &Device::flex().autodiff());
    }
}
