//! Training of the polyphonic network.

mod batch;
mod evaluate;
mod graph;
mod initial;
mod lstm;
#[cfg(test)]
mod tests;
mod trainer;

pub use crate::polyphonic::layout::Sizes;
pub use evaluate::{Ensemble, Likelihood};
pub use trainer::{Plan, Progress, Trained, train};
