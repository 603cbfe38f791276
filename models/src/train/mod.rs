//! Training: what is learnt from, and how.

pub mod corpus;
