//! What a sample pack holds beside its loops: its cover and its demo track.

pub mod cover;
pub mod demo;
