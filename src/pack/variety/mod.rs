//! How different two loops or two sounds are: what a pack is planned by, and checked by.

mod notes;
mod origin;
mod sound;

pub use notes::{Character, Outline, jaccard, least_distance};
pub use origin::{Origin, corpus_distance};
pub use sound::{Fingerprint, LEAST_SOUND_DISTANCE};
