//! Notes and the tracks that hold them.

use super::pitch::{Pitch, Velocity};
use super::time::Ticks;
use serde::{Deserialize, Serialize};
use std::fmt;

/// One note. Ordered by start, then pitch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Note {
    /// When it is struck.
    pub start: Ticks,
    /// Which note; on a drum track, which General MIDI drum.
    pub pitch: Pitch,
    /// How long it is held, at least 1 tick.
    pub length: Ticks,
    /// How hard it is struck.
    pub velocity: Velocity,
}

impl Note {
    /// When it is let go.
    pub fn end(&self) -> Ticks {
        self.start + self.length
    }
}

/// What a track does in the piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Unpitched percussion, General MIDI drum numbers.
    Drums,
    /// The lowest line.
    Bass,
    /// Harmony: comped or held chords.
    Chords,
    /// Melody, riff or arpeggio.
    Lead,
}

impl Role {
    /// All roles, in the order in which they are composed and mixed.
    pub const ALL: [Self; 4] = [Self::Drums, Self::Bass, Self::Chords, Self::Lead];

    /// Its name: `drums`, `bass`, `chords`, `lead`.
    pub fn name(self) -> &'static str {
        ["drums", "bass", "chords", "lead"][self as usize]
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A change of a track's sound at a moment, as MIDI has them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Control {
    /// A controller (0 to 127) takes a value (0 to 127): 1 modulation, 7 volume, 10 pan, 11 expression, 64 sustain pedal.
    Controller(u8, u8),
    /// Pitch bend, -8192 to 8191; the whole range is two semitones unless a controller says otherwise.
    PitchBend(i16),
    /// Channel pressure, 0 to 127.
    Pressure(u8),
    /// A change of program, 0 to 127.
    Program(u8),
}

/// One line of the score: the notes of one instrument.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Track {
    /// Its name, as a DAW shows it.
    pub name: String,
    /// What it does, where known.
    pub role: Option<Role>,
    /// MIDI channel, 0 to 15; 9 is drums.
    pub channel: u8,
    /// General MIDI program at the start, 0 to 127.
    pub program: u8,
    /// Its notes, sorted by (start, pitch).
    pub notes: Vec<Note>,
    /// Its control changes, sorted by time.
    pub controls: Vec<(Ticks, Control)>,
}

impl Track {
    /// MIDI's drum channel.
    pub const DRUM_CHANNEL: u8 = 9;

    /// True if its notes name drums, not pitches.
    pub fn is_drums(&self) -> bool {
        self.channel == Self::DRUM_CHANNEL
    }
}
