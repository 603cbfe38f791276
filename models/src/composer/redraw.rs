//! Writing parts of a loop anew, and keeping the others.

use riffsmith_dsp::Seed;
use riffsmith_dsp::score::Role;
use serde::{Deserialize, Serialize};

/// One more go at a loop: some parts stay, the others are written anew to them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Redraw {
    /// The origin of what is new.
    pub seed: Seed,
    /// The parts that stay, note for note. With a pitched one, the chords stay too.
    pub keeps: Vec<Role>,
}
