//! How different two loops or two sounds are: what a pack is planned by, and checked by.

mod corpus_distance;
mod notes;
mod sound;

pub use corpus_distance::corpus_distance;
pub use notes::{Character, Outline, jaccard, least_distance};

pub use sound::{Fingerprint, LEAST_SOUND_DISTANCE};
