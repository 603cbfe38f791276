//! The engine behind `play` and `audition`: what plays, and what tells it to, without a device.
//!
//! [`Mixer::fill`] is the audio callback. It and the program's other threads share nothing but lock-free queues and atomics
//! ([`link`]): commands go in; sounds that are done with, what happened, and what was heard come back. It neither allocates, frees,
//! locks nor waits.

mod clock;
mod command;
mod deck;
mod engine;
mod link;
mod live;
mod mixer;
mod pulse;
mod ramp;
mod sound;
mod status;
mod synth;
#[cfg(test)]
mod tests;

pub use clock::Clock;
pub use command::{Command, When};
pub use engine::{Engine, Notice};
pub use link::{Link, link};
pub use live::{Live, LiveMixer, live};
pub use mixer::{CROSSFADE_S, FADE_S, Mixer};
pub use sound::{LAYERS, Sound};
pub use status::{Event, Status};
pub use synth::Synth;
