//! Keys: a tonic and a mode.

use super::pitch::PitchClass;
use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Major, minor and the other five modes of the major scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Mode {
    /// Ionian.
    Major,
    /// Second mode.
    Dorian,
    /// Third mode.
    Phrygian,
    /// Fourth mode.
    Lydian,
    /// Fifth mode.
    Mixolydian,
    /// Aeolian: natural minor.
    Minor,
    /// Seventh mode.
    Locrian,
}

/// Semitones of the major scale above its tonic.
const MAJOR_SCALE: [u8; 7] = [0, 2, 4, 5, 7, 9, 11];

impl Mode {
    /// All modes, by the degree of the major scale that they start on.
    pub const ALL: [Self; 7] =
        [Self::Major, Self::Dorian, Self::Phrygian, Self::Lydian, Self::Mixolydian, Self::Minor, Self::Locrian];

    /// Its name as people write it.
    pub fn name(self) -> &'static str {
        ["major", "dorian", "phrygian", "lydian", "mixolydian", "minor", "locrian"][self as usize]
    }

    /// Its short form in file names: `maj`, `min`, `dor`.
    pub fn short(self) -> &'static str {
        &self.name()[..3]
    }

    /// Semitones of the seven degrees above the tonic.
    pub fn intervals(self) -> [u8; 7] {
        let start = self as usize;
        std::array::from_fn(|degree| (MAJOR_SCALE[(start + degree) % 7] + 12 - MAJOR_SCALE[start]) % 12)
    }

    /// True where the third above the tonic is minor.
    pub fn is_minor(self) -> bool {
        self.intervals()[2] == 3
    }

    /// The mode that a word means, in any case: `m`, `min`, `Minor`, `aeolian`; `M` alone is major.
    fn from_word(word: &str) -> Option<Self> {
        let mode = match word {
            "M" => Self::Major,
            "m" => Self::Minor,
            _ => match word.to_lowercase().as_str() {
                "" | "maj" | "major" | "ion" | "ionian" | "dur" => Self::Major,
                "dor" | "dorian" => Self::Dorian,
                "phr" | "phry" | "phrygian" => Self::Phrygian,
                "lyd" | "lydian" => Self::Lydian,
                "mix" | "mixo" | "mixolydian" => Self::Mixolydian,
                "min" | "minor" | "aeo" | "aeolian" | "moll" | "-" => Self::Minor,
                "loc" | "locrian" => Self::Locrian,
                _ => return None,
            },
        };
        Some(mode)
    }
}

/// A tonic and a mode: A minor, D dorian.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Key {
    /// The home note.
    pub tonic: PitchClass,
    /// The scale above it.
    pub mode: Mode,
}

impl Key {
    /// The pitch classes of its scale, from the tonic upwards.
    pub fn scale(self) -> [PitchClass; 7] {
        self.mode.intervals().map(|semitones| self.tonic.transposed(i32::from(semitones)))
    }

    /// True if `class` is one of the seven notes of the scale.
    pub fn contains(self, class: PitchClass) -> bool {
        self.mode.intervals().contains(&class.above(self.tonic))
    }

    /// As in file names: `Amin`, `F#maj`, `Ddor`.
    pub fn short(self) -> String {
        format!("{}{}", self.tonic, self.mode.short())
    }

    /// Sharps (positive) or flats (negative) of the key signature, -6 to 6.
    pub fn signature(self) -> i8 {
        let parent = self.tonic.transposed(-i32::from(MAJOR_SCALE[self.mode as usize]));
        let fifths = (i32::from(parent.semitones()) * 7 + 5).rem_euclid(12) - 5;
        fifths as i8
    }

    /// The major or minor key with a signature of `sharps` (flats if negative).
    pub fn from_signature(sharps: i8, minor: bool) -> Self {
        let parent = PitchClass::new(i32::from(sharps) * 7);
        if minor {
            Self { tonic: parent.transposed(9), mode: Mode::Minor }
        } else {
            Self { tonic: parent, mode: Mode::Major }
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.tonic, self.mode.name())
    }
}

impl FromStr for Key {
    type Err = Error;

    /// `Am`, `A minor`, `F#maj`, `bb`, `D dorian`, `C_min`.
    fn from_str(text: &str) -> Result<Self> {
        let trimmed = text.trim();
        // "Fs" and "Fsharp" are what file names hold where `#` is not welcome.
        let spelled = trimmed.replacen("sharp", "#", 1).replacen("flat", "b", 1);
        PitchClass::split(&spelled)
            .and_then(|(tonic, rest)| {
                let word = rest.trim_matches([' ', '_', '-']);
                let word = if word.is_empty() && rest == "-" { "-" } else { word };
                Some(Self { tonic, mode: Mode::from_word(word)? })
            })
            .ok_or_else(|| Error::Unknown {
                what: "key",
                given: text.to_owned(),
                expected: "write a note and a mode, such as Am, \"F# major\" or \"D dorian\"".to_owned(),
            })
    }
}

impl TryFrom<String> for Key {
    type Error = Error;
    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

impl From<Key> for String {
    fn from(key: Key) -> Self {
        key.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> Key {
        text.parse().expect(text)
    }

    #[test]
    fn keys_are_read_as_people_write_them() {
        for (text, shown) in [
            ("Am", "A minor"),
            ("A minor", "A minor"),
            ("a", "A major"),
            ("F#maj", "F# major"),
            ("D dorian", "D dorian"),
            ("Bbm", "A# minor"),
            ("C", "C major"),
            ("CM", "C major"),
            ("Cmin", "C minor"),
            ("eb MIXOLYDIAN", "D# mixolydian"),
            ("G_phr", "G phrygian"),
            ("Fsharp minor", "F# minor"),
            ("A-", "A minor"),
        ] {
            assert_eq!(key(text).to_string(), shown, "{text}");
            assert_eq!(key(&key(text).to_string()), key(text));
            assert_eq!(key(&key(text).short()), key(text));
        }
        for text in ["", "H", "A mino", "Q minor", "Amm", "é"] {
            assert!(text.parse::<Key>().is_err(), "{text}");
        }
    }

    #[test]
    fn scales_and_signatures_agree_with_theory() {
        let names = |text: &str| key(text).scale().map(|class| class.to_string()).join(" ");
        assert_eq!(names("A minor"), "A B C D E F G");
        assert_eq!(names("D dorian"), "D E F G A B C");
        assert_eq!(names("E major"), "E F# G# A B C# D#");
        for (text, sharps) in [("C", 0), ("Am", 0), ("E", 4), ("Fm", -4), ("D dorian", 0), ("F#", 6), ("Bb", -2)] {
            assert_eq!(key(text).signature(), sharps, "{text}");
        }
        for sharps in -5..=6 {
            assert_eq!(Key::from_signature(sharps, true).signature(), sharps);
        }
    }
}
