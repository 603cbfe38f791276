//! The five parts, in the order in which they are written: each hears those before it.

use super::{chord_symbol, kit, pitches, voicing};
use riffsmith_dsp::score::Role;

/// What one network writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Part {
    /// When the chord changes, and to what.
    Harmony,
    /// The drum kit.
    Drums,
    /// How the chords are comped: rhythm, size and motion of the voicing.
    Chords,
    /// The bass line, one note at a time.
    Bass,
    /// The melody, one note at a time.
    Lead,
}

impl Part {
    /// All parts, in the order of writing.
    pub const ALL: [Self; 5] = [Self::Harmony, Self::Drums, Self::Chords, Self::Bass, Self::Lead];

    /// Its name: the label of its seed and of its weights.
    pub fn name(self) -> &'static str {
        ["harmony", "drums", "chords", "bass", "lead"][self as usize]
    }

    /// The part called `name`.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.name() == name)
    }

    /// The part that plays `role`.
    pub fn of_role(role: Role) -> Self {
        match role {
            Role::Drums => Self::Drums,
            Role::Bass => Self::Bass,
            Role::Chords => Self::Chords,
            Role::Lead => Self::Lead,
        }
    }

    /// The role that it plays; the harmony is heard only through the others.
    pub fn role(self) -> Option<Role> {
        match self {
            Self::Harmony => None,
            Self::Drums => Some(Role::Drums),
            Self::Chords => Some(Role::Chords),
            Self::Bass => Some(Role::Bass),
            Self::Lead => Some(Role::Lead),
        }
    }

    /// How many symbols its events choose from.
    pub fn symbols(self) -> usize {
        match self {
            Self::Harmony => chord_symbol::COUNT,
            Self::Drums => kit::COUNT,
            Self::Chords => voicing::Comp::COUNT,
            Self::Bass => pitches::BASS.count(),
            Self::Lead => pitches::LEAD.count(),
        }
    }

    /// True where several symbols may sound at one onset.
    pub fn is_polyphonic(self) -> bool {
        self == Self::Drums
    }

    /// True where the length of an event means something.
    pub fn has_length(self) -> bool {
        matches!(self, Self::Chords | Self::Bass | Self::Lead)
    }

    /// True where events are struck harder or softer.
    pub fn has_velocity(self) -> bool {
        self != Self::Harmony
    }

    /// True where events lie a little off the grid.
    pub fn has_offset(self) -> bool {
        self == Self::Drums
    }

    /// True where the symbols are pitches above the tonic.
    pub fn is_melodic(self) -> bool {
        matches!(self, Self::Bass | Self::Lead)
    }
}
