//! Standard MIDI files (MIDI Manufacturers Association, "Standard MIDI Files 1.0", 1996): bytes to
//! [`Score`](super::Score) and back.

mod read;
#[cfg(test)]
mod tests;
mod write;

pub use read::read;
pub use write::write;
