//! Training of the composer's networks, and what they are measured against.

mod batch;
mod checkpoint;
mod encode;
mod evaluate;
mod graph;
mod initial;
mod ngram;
mod optimizer;
mod sampling;
mod scan;
mod song;
#[cfg(test)]
mod tests;
mod trainer;

pub use evaluate::{Score, line, table};
pub use graph::Nats;
pub use trainer::{Plan, Progress, Trained, Watch, train};

use crate::composer::weights;

/// A weights file of these networks.
pub fn weights_file(networks: &[Trained]) -> Vec<u8> {
    let networks: Vec<_> =
        networks.iter().map(|network| (network.part, network.sizes, &network.parameters[..])).collect();
    weights::write(&networks)
}
