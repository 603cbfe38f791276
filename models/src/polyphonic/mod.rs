//! A recurrent network over piano rolls of any polyphony, for the standard sets that such networks are measured on.

pub(crate) mod chain;
pub(crate) mod inputs;
pub(crate) mod layout;
pub(crate) mod relations;
mod repetition;
pub mod roll;
