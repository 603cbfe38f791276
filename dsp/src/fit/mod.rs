//! Fitting: a patch's numbers are moved until it sounds as near to a recorded sound as its instrument can.
//!
//! Audio in, patch out; what is kept of a recording is a few numbers. The search is CMA-ES (Hansen, "The CMA Evolution
//! Strategy: A Tutorial", 2016), which fits ten to thirty numbers that depend on each other, over a landscape with kinks. The
//! same seed finds the same patch on any number of threads.

mod axis;
mod ear;
mod level;
mod part;
mod portrait;
mod search;
mod space;
mod target;
mod texture;
mod vary;

pub use axis::Axis;
pub use ear::Ear;
pub use level::loudness_lufs;
pub use part::{DRUM_PARTS, DrumPart};
pub use portrait::Portrait;
pub use search::{FitSettings, Fitted, fit};
pub use space::Space;
pub use target::{Hit, Target, hear};
pub use vary::{morph, mutate};
