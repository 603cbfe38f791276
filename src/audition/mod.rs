//! Auditioning: the next idea is one key away, and what is kept becomes files or a pack.
//!
//! [`Workshop`] makes takes on a thread of its own, ahead of who listens; [`Player`] holds the list of takes and the engine, and does what
//! [`Action`]s ask; [`Session`] remembers what is kept; `view` shows it on a terminal, `lines` without one.

#[cfg(feature = "playback")]
mod action;
#[cfg(feature = "playback")]
mod export;
#[cfg(feature = "playback")]
mod keys;
#[cfg(feature = "playback")]
pub mod lines;
#[cfg(feature = "playback")]
mod log;
#[cfg(feature = "playback")]
mod meters;
mod patch;
#[cfg(feature = "playback")]
mod player;
#[cfg(feature = "playback")]
mod screen;
pub mod session;
#[cfg(feature = "playback")]
pub mod source;
#[cfg(feature = "playback")]
mod take;
#[cfg(feature = "playback")]
mod variation;
#[cfg(feature = "playback")]
pub mod view;
#[cfg(feature = "playback")]
mod workshop;

#[cfg(feature = "playback")]
pub use action::{Action, Distance, Step};
#[cfg(feature = "playback")]
pub use log::Log;
pub use patch::patch;
#[cfg(feature = "playback")]
pub use player::{Opening, Player};
pub use session::Session;
#[cfg(feature = "playback")]
pub use workshop::{Source, Workshop};
