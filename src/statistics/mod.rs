//! Statistics of music, for what is generated beside what is real.

mod basics;
mod classifier;
mod features;
mod overlap;

pub use basics::{deviation, entropy, mean, spearman};
pub use classifier::Classifier;
pub use features::{FEATURES, of_piece, outline};
pub use overlap::overlapped_area;
