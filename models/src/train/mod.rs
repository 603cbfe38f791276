//! Training: what is learnt from, and how.

pub mod composer;
pub mod corpus;
