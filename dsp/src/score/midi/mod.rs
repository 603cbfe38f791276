//! Standard MIDI files (MIDI Manufacturers Association, "Standard MIDI Files 1.0", 1996): bytes to
//! [`Score`](super::Score) and back; or to a [`Document`], of which some notes are changed and all else is kept.

mod document;
mod file;
mod read;
#[cfg(test)]
mod tests;
mod write;

pub use document::{Document, Voice};
pub use read::read;
pub use write::write;
