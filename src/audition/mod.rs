//! Auditioning.
mod patch;
#[cfg(feature = "playback")]
pub mod source;
pub use patch::patch;
