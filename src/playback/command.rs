//! What the engine is told.

use super::sound::{LAYERS, Sound};
use std::sync::Arc;

/// When a sound takes the place of the one that plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// At the next bar line, from its own first bar on: it comes in over the last milliseconds before the line, from its own end, so
    /// that what is struck on the line stays whole.
    Line,
    /// At once, by a cross-fade, as far into its bar as the other one is.
    Now,
    /// At once, from a frame of it: to go on where a device was lost.
    From(usize),
}

/// What the engine is told to do.
#[derive(Debug)]
pub enum Command {
    /// Plays a sound. One that waits for its line gives way to it.
    Play(Arc<Sound>, When),
    /// Moves the gains of the layers: the mix, then a stem for each role.
    Layers([f32; LAYERS]),
    /// Moves the volume, an amplitude factor; 1.0 leaves the samples as they are.
    Volume(f32),
    /// Fades out and holds where it is, or goes on from there.
    Pause(bool),
    /// Fades out, and has finished.
    Stop,
}
