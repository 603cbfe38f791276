//! Training: what is learnt from, and how. The caller owns files and clock; training takes bytes and hands bytes out.

pub mod composer;
pub mod corpus;
pub mod polyphonic;
pub mod refiner;
