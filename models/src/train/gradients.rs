//! From the graph's gradients to one vector.

use crate::composer::layout::Matrix;
use burn::tensor::{Gradients, Tensor};

/// The gradients of these matrices, each in its place in a vector of `total` parameters; 0 where nothing depends on one.
pub fn gathered(matrices: &[(Matrix, Tensor<2>)], gradients: &Gradients, total: usize) -> Vec<f32> {
    let mut all = vec![0.0; total];
    for (matrix, tensor) in matrices {
        if let Some(gradient) = tensor.grad(gradients) {
            let gradient = gradient.into_data();
            matrix.of_mut(&mut all).copy_from_slice(gradient.as_slice::<f32>().expect("networks are trained in f32"));
        }
    }
    all
}
