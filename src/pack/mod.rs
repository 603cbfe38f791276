//! Sample packs: from a recipe to a folder that a producer can use as it is, or sell.
//!
//! [`Plan`] decides what the pack holds; each [`Item`] of it is made from the recipe and its number alone, in any order and on any
//! machine; then the folder is finished from what lies in it: demo, cover, page, manifest, checksums.

pub mod cover;
pub mod demo;
pub mod edges;
pub mod kit;
pub mod multisample;
pub mod one_shot;
pub mod page;
pub mod presets;
pub mod sample_map;
pub mod take;

mod archive;
mod finish;
mod index;
mod make;
mod manifest;
mod naming;
mod one_shots;
mod plan;
mod produce;
mod recipe;
mod shard;
mod showcase;
mod texts;
pub mod variety;
pub mod work;

pub use archive::zip_folder;
pub use finish::{files_below, finish};
pub use make::make;
pub use manifest::{Kind, Manifest, Row};
pub use naming::{Naming, capitalised};
pub use plan::{Item, LoopItem, Plan};
pub use produce::{Production, Stop};
pub use recipe::{INSTRUMENTS, LOOPS, ONE_SHOTS, PackRecipe};
pub use shard::Shard;
pub use variety::{Outline, corpus_distance};
pub use work::{Receipt, Work};
