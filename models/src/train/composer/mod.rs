//! Training of the composer's networks, and what they are measured against.

mod batch;
mod encode;
mod evaluate;
pub(super) mod graph;
mod initial;
mod mixture;
mod ngram;
mod sampling;
mod scan;
mod song;
#[cfg(test)]
mod tests;
mod trainer;

pub use evaluate::{Score, line, table};
pub use graph::Nats;
pub use trainer::{Plan, Progress, Trained, train};

pub use crate::composer::layout::Sizes;

use crate::composer::Part;
use crate::composer::weights;
use crate::error::Result;

/// A weights file of these networks, and of those of `base` whose parts they do not write.
///
/// # Errors
/// Where `base` is not a weights file.
pub fn weights_file(base: Option<&[u8]>, trained: &[Trained]) -> Result<Vec<u8>> {
    let mut networks: Vec<(Part, Sizes, Vec<f32>)> = Vec::new();
    if let Some(bytes) = base {
        let own = |entry: weights::Entry| {
            let parameters = entry.network(bytes).parameters().to_vec();
            (entry.layout.part, entry.layout.sizes, parameters)
        };
        networks.extend(weights::read(bytes)?.into_iter().map(own));
    }
    for network in trained {
        networks.retain(|(part, ..)| *part != network.part);
        networks.push((network.part, network.sizes, network.parameters.clone()));
    }
    networks.sort_by_key(|(part, ..)| *part);
    let networks: Vec<_> = networks.iter().map(|(part, sizes, all)| (*part, *sizes, &all[..])).collect();
    Ok(weights::write(&networks))
}
