//! Instruments: a struck pitch in, the sound of one voice out.
//!
//! An instrument's parameters are the instrument: [`InstrumentSpec`] is read from a patch and strikes voices.

mod body;
mod burst;
#[cfg(test)]
mod contract;
mod controllers;
pub mod electric_piano;
pub mod fm;
pub mod general_midi;
pub mod kit;
pub mod modal;
pub mod organ;
pub mod pluck;
mod spec;
mod string;
pub mod sub_bass;
pub mod subtractive;
pub mod texture;
mod voicing;

pub use controllers::Controllers;
pub use spec::{INSTRUMENTS, InstrumentEntry, InstrumentSpec};
use voicing::control_hz;
pub use voicing::velocity_gain;

use crate::audio::StereoFrame;
use crate::rng::Seed;
use crate::score::Velocity;
use crate::units::SampleRate;

/// What a voice is started with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Strike {
    /// MIDI pitch; fractions are allowed. For a kit: the General MIDI drum.
    pub pitch: f64,
    /// How hard.
    pub velocity: Velocity,
    /// Frames per second.
    pub sample_rate: SampleRate,
    /// Quarter notes per minute, for modulation in beats.
    pub bpm: f64,
    /// For noise, phases and drift.
    pub seed: Seed,
}

/// One sounding note. Built with all its memory; `render` neither allocates nor locks.
pub trait Voice: Send {
    /// Adds at most [`crate::effect::MAX_BLOCK`] frames of sound onto `block`.
    fn render(&mut self, block: &mut [StereoFrame]);

    /// The key is let go; the voice sounds on until it [`Voice::is_finished`]. One-shots take no notice.
    fn release(&mut self);

    /// Bends the pitch by `semitones` from the struck one, from the next control period on.
    fn bend(&mut self, semitones: f32);

    /// Hears where the player's controllers stand, from the next control period on; what has no matrix takes no notice.
    fn listen(&mut self, controllers: &Controllers) {
        let _ = controllers;
    }

    /// Another note takes the voice's place, as a closed hi-hat does an open one's: fades out quickly.
    fn choke(&mut self) {
        self.release();
    }

    /// True once nothing more will sound.
    fn is_finished(&self) -> bool;
}

/// A set of parameters that strikes voices.
pub trait Instrument: Send + Sync {
    /// A new voice.
    fn strike(&self, strike: &Strike) -> Box<dyn Voice>;

    /// True if a note sounds on for as long as it is held; what is struck or plucked dies away by itself.
    fn sustains(&self) -> bool {
        false
    }

    /// True if its matrix gives `source` something to move.
    fn routes(&self, source: subtractive::Source) -> bool {
        let _ = source;
        false
    }

    /// True if striking `struck` silences `sounding`: the hi-hats of a kit.
    fn chokes(&self, struck: f64, sounding: f64) -> bool {
        let _ = (struck, sounding);
        false
    }
}
