//! Piano rolls, and the sets of them that polyphonic models are measured on.

use crate::error::{Error, Result};
use serde::Deserialize;

/// Keys of the piano, MIDI 21 to 108.
pub const KEYS: usize = 88;

const LOWEST: u8 = 21;

/// The keys that sound together, 0 to 87, from the highest down.
pub type Frame = Vec<u8>;

/// A piece: one frame after another.
pub type Roll = Vec<Frame>;

/// A set with its standard split (Boulanger-Lewandowski, Bengio and Vincent, "Modeling temporal dependencies in high-dimensional
/// sequences", 2012).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Set {
    /// To train on.
    pub train: Vec<Roll>,
    /// To choose by.
    pub valid: Vec<Roll>,
    /// To measure on in the end.
    pub test: Vec<Roll>,
}

impl Set {
    /// From JSON: an object of three lists of pieces; a piece lists its frames, a frame its MIDI notes.
    ///
    /// # Errors
    /// Other bytes, or a note that no piano has.
    pub fn from_json(bytes: &[u8]) -> Result<Self> {
        let mut set: Self =
            serde_json::from_slice(bytes).map_err(|error| Error::format("set of piano rolls", error))?;
        for frame in [&mut set.train, &mut set.valid, &mut set.test].into_iter().flatten().flatten() {
            for note in frame.iter_mut() {
                *note = note.checked_sub(LOWEST).filter(|&key| usize::from(key) < KEYS).ok_or_else(|| {
                    Error::format("set of piano rolls", format!("note {note} is not between 21 and 108"))
                })?;
            }
            frame.sort_unstable_by(|a, b| b.cmp(a));
            frame.dedup();
        }
        Ok(set)
    }
}

/// The roll upside down: its lowest voice becomes the highest.
pub(super) fn mirrored(roll: &Roll) -> Roll {
    roll.iter().map(|frame| frame.iter().rev().map(|key| KEYS as u8 - 1 - key).collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_is_read_from_the_highest_key_down() {
        let set = Set::from_json(br#"{"train": [[[60, 64, 21], []]], "valid": [], "test": [[[108]]]}"#).expect("valid");
        assert_eq!(set.train, [[vec![43, 39, 0], vec![]]]);
        assert_eq!(set.test, [[vec![87]]]);
        assert_eq!(mirrored(&set.train[0]), [vec![87, 48, 44], vec![]]);
        assert!(Set::from_json(br#"{"train": [[[20]]], "valid": [], "test": []}"#).is_err());
        assert!(Set::from_json(b"[]").is_err());
    }
}
