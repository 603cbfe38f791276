//! Training of the composer's networks, and what they are measured against.

mod batch;
mod continuation;
mod evaluate;
pub(super) mod graph;
mod initial;
mod judge;
mod listener;
mod mixture;
mod ngram;
mod plan;
mod sampling;
mod scan;
mod song;
pub mod speed;
#[cfg(test)]
mod tests;
mod trainer;
mod without;

pub use continuation::{Foretelling, Foretold, judged_pieces};
pub use evaluate::{Score, line, table, test_loss};
pub use graph::Nats;
pub use judge::{Amount, Copies, Judged, Losses, Verdict, can_train, held_out_losses, judge};
pub use listener::Listener;
pub use plan::Plan;
pub use trainer::{Progress, Start, Trained, train};
pub use without::Without;

pub use crate::composer::layout::Sizes;

use crate::composer::weights;
use crate::composer::{Composer, Part};

/// A weights file of these networks, and of those of `base` whose parts they do not write.
pub fn weights_file(base: Option<&Composer>, trained: &[Trained]) -> Vec<u8> {
    let of_base = |part: Part| {
        let network = base?.network(part);
        Some((part, network.layout().sizes, network.parameters()))
    };
    let own = |part: Part| {
        let network = trained.iter().rfind(|network| network.part == part)?;
        Some((part, network.sizes, &network.parameters[..]))
    };
    let networks: Vec<(Part, Sizes, &[f32])> =
        Part::ALL.into_iter().filter_map(|part| own(part).or_else(|| of_base(part))).collect();
    weights::write(&networks)
}
