//! Networks of riffsmith: the composer and the refiner. Scores, spectrograms and bytes in and out; no I/O, no clock, no
//! entropy, and burn's types stay inside.

pub mod composer;
pub mod error;
pub mod groove;
pub mod kit;
mod of_score;
pub mod originality;
pub mod piece;
pub mod polyphonic;
pub mod refiner;
pub mod train;
pub mod traits;

pub use error::{Error, Result};
pub use of_score::{is_swung, moment, of_score, step, swung_late};
