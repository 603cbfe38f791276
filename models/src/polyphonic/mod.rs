//! A recurrent network over piano rolls of any polyphony, for the standard sets that such networks are measured on.

mod baseline;
pub(crate) mod chain;
pub(crate) mod inputs;
pub(crate) mod layout;
mod order;
pub(crate) mod relations;
mod repetition;
pub mod roll;
pub(crate) mod weights;

pub use baseline::{Baselines, baselines};
pub use order::Order;
