//! Training of the composer's networks.

mod batch;
mod encode;
mod graph;
mod initial;
mod optimizer;
mod scan;
mod song;

use crate::composer::Part;
use crate::composer::layout::{Layout, Sizes};
use crate::composer::weights;
use riffsmith_dsp::Seed;

/// A weights file of networks that have learnt nothing yet.
pub fn untrained(seed: Seed) -> Vec<u8> {
    let networks = Part::ALL.map(|part| {
        let sizes = Sizes { hidden: 8, cells: 8, blocks: 1, mix: 8, tail: 8 };
        (part, sizes, initial::parameters(&Layout::new(part, sizes), seed.fork(part.name())))
    });
    let networks: Vec<_> = networks.iter().map(|(part, sizes, all)| (*part, *sizes, &all[..])).collect();
    weights::write(&networks)
}
