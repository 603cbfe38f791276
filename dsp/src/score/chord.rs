//! Chords: a root, a quality and a bass note.

use super::key::Key;
use super::pitch::PitchClass;
use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// What stands above a chord's root.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Quality {
    /// Major triad.
    Major,
    /// Minor triad.
    Minor,
    /// Diminished triad.
    Diminished,
    /// Augmented triad.
    Augmented,
    /// Suspended second.
    Sus2,
    /// Suspended fourth.
    Sus4,
    /// Root and fifth.
    Power,
    /// Major sixth.
    Sixth,
    /// Minor triad with a major sixth.
    MinorSixth,
    /// Dominant seventh.
    Seventh,
    /// Major seventh.
    MajorSeventh,
    /// Minor seventh.
    MinorSeventh,
    /// Half-diminished: minor seventh, flat fifth.
    HalfDiminished,
    /// Diminished seventh.
    DiminishedSeventh,
    /// Suspended fourth with a minor seventh.
    SeventhSus4,
    /// Major triad with a ninth.
    AddNine,
    /// Dominant ninth.
    Ninth,
    /// Major ninth.
    MajorNinth,
    /// Minor ninth.
    MinorNinth,
}

/// One line per quality: symbol after the root, semitones above the root, other spellings.
const QUALITIES: [(Quality, &str, &[u8], &[&str]); 19] = [
    (Quality::Major, "", &[0, 4, 7], &["maj", "M", "major"]),
    (Quality::Minor, "m", &[0, 3, 7], &["min", "-", "minor"]),
    (Quality::Diminished, "dim", &[0, 3, 6], &["o", "°", "mb5"]),
    (Quality::Augmented, "aug", &[0, 4, 8], &["+", "#5"]),
    (Quality::Sus2, "sus2", &[0, 2, 7], &["2"]),
    (Quality::Sus4, "sus4", &[0, 5, 7], &["sus", "4"]),
    (Quality::Power, "5", &[0, 7], &["power"]),
    (Quality::Sixth, "6", &[0, 4, 7, 9], &["maj6", "M6", "69", "6/9"]),
    (Quality::MinorSixth, "m6", &[0, 3, 7, 9], &["min6", "-6"]),
    (Quality::Seventh, "7", &[0, 4, 7, 10], &["dom7", "dom"]),
    (Quality::MajorSeventh, "maj7", &[0, 4, 7, 11], &["M7", "Maj7", "major7", "Δ", "Δ7"]),
    (Quality::MinorSeventh, "m7", &[0, 3, 7, 10], &["min7", "-7", "mi7"]),
    (Quality::HalfDiminished, "m7b5", &[0, 3, 6, 10], &["min7b5", "-7b5", "ø", "ø7", "hdim7", "m7-5"]),
    (Quality::DiminishedSeventh, "dim7", &[0, 3, 6, 9], &["o7", "°7"]),
    (Quality::SeventhSus4, "7sus4", &[0, 5, 7, 10], &["7sus", "sus7", "9sus4"]),
    (Quality::AddNine, "add9", &[0, 2, 4, 7], &["add2"]),
    (Quality::Ninth, "9", &[0, 4, 7, 10, 14], &["dom9", "13", "11"]),
    (Quality::MajorNinth, "maj9", &[0, 4, 7, 11, 14], &["M9", "maj13"]),
    (Quality::MinorNinth, "m9", &[0, 3, 7, 10, 14], &["min9", "-9", "m11", "min11", "m13"]),
];

impl Quality {
    /// Every quality.
    pub const ALL: [Self; 19] = {
        let mut all = [Self::Major; 19];
        let mut i = 0;
        while i < 19 {
            all[i] = QUALITIES[i].0;
            i += 1;
        }
        all
    };

    /// Semitones above the root, ascending.
    pub fn intervals(self) -> &'static [u8] {
        QUALITIES[self as usize].2
    }

    /// The chord symbol's ending: `m7`.
    pub fn symbol(self) -> &'static str {
        QUALITIES[self as usize].1
    }

    /// The quality that a chord symbol's ending means.
    pub fn from_symbol(symbol: &str) -> Option<Self> {
        QUALITIES
            .iter()
            .find(|(_, own, _, others)| *own == symbol || others.contains(&symbol))
            .map(|(quality, ..)| *quality)
    }
}

/// A chord, such as F#m7 or C/E.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Chord {
    /// The note it is named after.
    pub root: PitchClass,
    /// What stands above the root.
    pub quality: Quality,
    /// The lowest note, if it is not the root.
    pub bass: Option<PitchClass>,
}

impl Chord {
    /// A chord in root position.
    pub fn new(root: PitchClass, quality: Quality) -> Self {
        Self { root, quality, bass: None }
    }

    /// Its pitch classes from the root upwards, without the bass note of a slash chord.
    pub fn classes(self) -> impl Iterator<Item = PitchClass> {
        self.quality.intervals().iter().map(move |&semitones| self.root.transposed(i32::from(semitones)))
    }

    /// True if `class` is one of its notes or its bass.
    pub fn contains(self, class: PitchClass) -> bool {
        self.bass == Some(class) || self.classes().any(|own| own == class)
    }

    /// The lowest note: the bass of a slash chord, else the root.
    pub fn lowest(self) -> PitchClass {
        self.bass.unwrap_or(self.root)
    }

    /// The chord `semitones` higher.
    pub fn transposed(self, semitones: i32) -> Self {
        Self {
            root: self.root.transposed(semitones),
            quality: self.quality,
            bass: self.bass.map(|bass| bass.transposed(semitones)),
        }
    }

    /// True if all its notes lie in the scale of `key`.
    pub fn is_diatonic(self, key: Key) -> bool {
        self.bass.is_none_or(|bass| key.contains(bass)) && self.classes().all(|class| key.contains(class))
    }
}

impl fmt::Display for Chord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.root, self.quality.symbol())?;
        match self.bass {
            Some(bass) => write!(f, "/{bass}"),
            None => Ok(()),
        }
    }
}

impl FromStr for Chord {
    type Err = Error;

    /// `Am7`, `Cmaj7`, `F#dim`, `Bb/D`.
    fn from_str(text: &str) -> Result<Self> {
        let read = || {
            let upper = text.chars().next()?.is_ascii_uppercase();
            let (root, ending) = PitchClass::split(text).filter(|_| upper)?;
            if let Some(quality) = Quality::from_symbol(ending) {
                return Some(Self::new(root, quality));
            }
            let (ending, bass) = ending.rsplit_once('/')?;
            let (bass, rest) = PitchClass::split(bass)?;
            let quality = Quality::from_symbol(ending).filter(|_| rest.is_empty())?;
            Some(Self { root, quality, bass: Some(bass).filter(|&bass| bass != root) })
        };
        read().ok_or_else(|| Error::Unknown {
            what: "chord",
            given: text.to_owned(),
            expected: "write a root and a quality, such as Am7, Fmaj7, Bdim or C/E".to_owned(),
        })
    }
}

impl TryFrom<String> for Chord {
    type Error = Error;
    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

impl From<Chord> for String {
    fn from(chord: Chord) -> Self {
        chord.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_the_order_of_the_enum() {
        for (index, quality) in Quality::ALL.into_iter().enumerate() {
            assert_eq!(quality as usize, index);
            assert_eq!(Quality::from_symbol(quality.symbol()), Some(quality));
        }
    }

    #[test]
    fn chord_symbols_round_trip() {
        for root in (0..12).map(PitchClass::new) {
            for quality in Quality::ALL {
                for bass in [None, Some(root.transposed(7))] {
                    let chord = Chord { root, quality, bass };
                    assert_eq!(chord.to_string().parse(), Ok(chord), "{chord}");
                }
            }
        }
        for text in ["", "am", "H7", "Cmaj99", "C/", "C/x", "7", "é"] {
            assert!(text.parse::<Chord>().is_err(), "{text}");
        }
    }

    #[test]
    fn diatonic_chords_are_recognised() {
        let key: Key = "C".parse().expect("a key");
        let diatonic = |text: &str| text.parse::<Chord>().expect(text).is_diatonic(key);
        assert!(diatonic("Am7") && diatonic("G7") && diatonic("Fmaj9") && diatonic("C/E") && diatonic("Bm7b5"));
        assert!(!diatonic("E7") && !diatonic("Fm") && !diatonic("C7"));
    }
}
