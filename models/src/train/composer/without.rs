//! Hiding something that networks hear, to measure what it is worth.

use crate::composer::Part;
use crate::composer::context::Known;

/// What stays hidden from a network, in training and wherever it is measured: all that tells it is blank.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Without {
    /// The style tags.
    Style,
    /// The chords, and where they change. Comping is still written as sizes and motions over them, and the mode is known.
    Chord,
    /// The parts written before.
    Roles,
}

impl Without {
    /// Everything that can be hidden.
    pub const ALL: [Self; 3] = [Self::Style, Self::Chord, Self::Roles];

    /// Its name.
    pub fn name(self) -> &'static str {
        ["style", "chord", "roles"][self as usize]
    }

    /// True if a part hears it at all.
    pub fn concerns(self, part: Part) -> bool {
        match self {
            Self::Style => true,
            Self::Chord => part != Part::Harmony,
            Self::Roles => !matches!(part, Part::Harmony | Part::Drums),
        }
    }

    /// What is left of what is known.
    pub(super) fn left(self, known: Known) -> Known {
        match self {
            Self::Style => Known { styles: false, ..known },
            Self::Chord => Known { harmony: false, ..known },
            Self::Roles => Known { drums: false, chords: false, bass: false, ..known },
        }
    }
}
