//! Training of the polyphonic network.

mod batch;
mod checkpoint;
mod graph;
mod initial;
mod trainer;

pub use crate::polyphonic::layout::Sizes;
pub use trainer::{Plan, Progress, Trained, Watch, train};
