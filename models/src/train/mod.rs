//! Training: what is learnt from, and how. The caller owns files and clock; training takes bytes and hands bytes out.

mod checkpoint;
pub mod composer;
mod compute;
pub mod corpus;
mod gradients;
mod optimizer;
pub mod polyphonic;
pub mod refiner;
mod schedule;
mod watch;

pub use compute::Compute;
pub use watch::Watch;
