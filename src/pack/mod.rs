//! Sample packs: from a recipe to a folder that a producer can use as it is, or sell.
//!
//! [`Plan`] decides what the pack holds; each [`Item`] of it is made from the recipe and its number alone, in any order and on any
//! machine; then the folder is finished from what lies in it: demo, cover, page, manifest, checksums.

pub mod edges;
pub mod kit;
pub mod multisample;
pub mod one_shot;
pub mod page;
pub mod presets;
pub mod sample_map;
pub mod take;
