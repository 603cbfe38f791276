//! AdamW over one vector of parameters, clipped by the global norm, with an average of the weights.
//!
//! burn's own clips each tensor by itself; here the whole gradient keeps its direction, and a checkpoint is four vectors.

use crate::composer::layout::Matrix;

/// Decay of the first moment.
const FIRST: f32 = 0.9;
/// Decay of the second moment.
const SECOND: f32 = 0.98;
/// Keeps the quotient finite.
const EPSILON: f32 = 1e-8;
/// Largest norm of a gradient.
const LARGEST_NORM: f64 = 1.0;
/// Decay of the average of the weights, once warm.
const AVERAGE: f32 = 0.998;

/// Parameters in training (Loshchilov and Hutter, "Decoupled Weight Decay Regularization", 2019).
#[derive(Debug, Clone, PartialEq)]
pub struct Optimizer {
    /// The parameters.
    pub parameters: Vec<f32>,
    /// Their moving average, which is what is evaluated and kept.
    pub average: Vec<f32>,
    pub(in crate::train) first: Vec<f32>,
    pub(in crate::train) second: Vec<f32>,
    pub(in crate::train) steps: u32,
    decay: Vec<f32>,
}

impl Optimizer {
    /// Starts from these parameters; matrices decay by `weight_decay` times the learning rate, biases and gains do not.
    pub fn new(matrices: &[Matrix], parameters: Vec<f32>, weight_decay: f32) -> Self {
        let mut decay = vec![0.0; parameters.len()];
        for matrix in matrices.iter().filter(|matrix| matrix.rows > 1) {
            matrix.of_mut(&mut decay).fill(weight_decay);
        }
        let zeros = vec![0.0; parameters.len()];
        Self { average: parameters.clone(), parameters, first: zeros.clone(), second: zeros, steps: 0, decay }
    }

    /// Steps taken.
    pub fn steps(&self) -> u32 {
        self.steps
    }

    /// One step down the gradient.
    pub fn step(&mut self, gradient: &[f32], learning_rate: f32) {
        self.steps += 1;
        let norm = gradient.iter().map(|&slope| f64::from(slope).powi(2)).sum::<f64>().sqrt();
        let scale = if norm > LARGEST_NORM { (LARGEST_NORM / norm) as f32 } else { 1.0 };
        let steps = self.steps as i32;
        let (first_bias, second_bias) = (1.0 - FIRST.powi(steps), 1.0 - SECOND.powi(steps));
        // While young, the average follows closely: the first steps are soon forgotten.
        let average = AVERAGE.min(self.steps as f32 / (self.steps as f32 + 10.0));
        for (index, &slope) in gradient.iter().enumerate() {
            let slope = slope * scale;
            self.first[index] = FIRST * self.first[index] + (1.0 - FIRST) * slope;
            self.second[index] = SECOND * self.second[index] + (1.0 - SECOND) * slope * slope;
            let step = (self.first[index] / first_bias) / ((self.second[index] / second_bias).sqrt() + EPSILON);
            let parameter = &mut self.parameters[index];
            *parameter -= learning_rate * (step + self.decay[index] * *parameter);
            self.average[index] += (1.0 - average) * (*parameter - self.average[index]);
        }
    }
}
