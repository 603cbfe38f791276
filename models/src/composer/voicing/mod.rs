//! Comping: what the network says about a chord (size and motion), and the notes that say it.

mod comp;
mod lead;

pub use comp::{Comp, Motion, Size};
pub use lead::{Register, voice};
