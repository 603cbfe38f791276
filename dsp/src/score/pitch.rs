//! Pitches, pitch classes and velocities.

use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A MIDI note number, 0 to 127; 60 = C4 (middle C), 69 = A4 = 440 Hz.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Pitch(u8);

impl Pitch {
    /// The pitch with this MIDI note number; numbers above 127 are brought down by octaves.
    pub fn new(number: u8) -> Self {
        Self(if number > 127 { 116 + (number - 128) % 12 } else { number })
    }

    /// The nearest pitch in range with the pitch class of `number`.
    pub fn folded(number: i32) -> Self {
        let class = number.rem_euclid(12);
        let folded = match number {
            ..0 => class,
            128.. => 108 + class + if class <= 7 { 12 } else { 0 },
            _ => number,
        };
        Self(folded as u8)
    }

    /// The MIDI note number.
    pub fn number(self) -> u8 {
        self.0
    }

    /// C, C#, ... B without the octave.
    pub fn class(self) -> PitchClass {
        PitchClass(self.0 % 12)
    }

    /// The pitch `semitones` higher, folded into range by octaves.
    pub fn transposed(self, semitones: i32) -> Self {
        Self::folded(i32::from(self.0) + semitones)
    }

    /// Frequency in hertz, equal temperament.
    pub fn hz(self) -> f64 {
        crate::units::pitch_to_hz(f64::from(self.0))
    }
}

impl fmt::Display for Pitch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.class(), i32::from(self.0) / 12 - 1)
    }
}

impl FromStr for Pitch {
    type Err = Error;

    /// `C3`, `F#2`, `Bb-1`, or a MIDI note number.
    fn from_str(text: &str) -> Result<Self> {
        let unknown = || Error::Unknown {
            what: "pitch",
            given: text.to_owned(),
            expected: "write a note and an octave, such as C3 or F#2, or a MIDI number from 0 to 127".to_owned(),
        };
        if let Ok(number) = text.parse::<u8>() {
            return if number <= 127 { Ok(Self(number)) } else { Err(unknown()) };
        }
        let (class, octave) = PitchClass::split(text).ok_or_else(unknown)?;
        let octave: i32 = octave.parse().map_err(|_| unknown())?;
        let accidental = PitchClass::accidental(&text[1..]).0;
        let natural = i32::from(class.0) - accidental;
        // B#3 is C4 and Cb4 is B3: the octave belongs to the letter.
        let wrap = if natural < 0 {
            12
        } else if natural > 11 {
            -12
        } else {
            0
        };
        let number =
            (octave.checked_add(1).and_then(|o| o.checked_mul(12))).ok_or_else(unknown)? + natural + wrap + accidental;
        if (0..=127).contains(&number) { Ok(Self(number as u8)) } else { Err(unknown()) }
    }
}

/// One of the twelve pitch classes, 0 = C to 11 = B.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PitchClass(u8);

/// Names with sharps, as in file names.
const CLASS_NAMES: [&str; 12] = ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"];

impl PitchClass {
    /// C.
    pub const C: Self = Self(0);

    /// The class of any number of semitones above C.
    pub fn new(semitones: i32) -> Self {
        Self(semitones.rem_euclid(12) as u8)
    }

    /// Semitones above C, 0 to 11.
    pub fn semitones(self) -> u8 {
        self.0
    }

    /// Place on the line of fifths from C, from the lowered second, -5, to the raised fourth, 6: the higher, the brighter (Temperley, "The
    /// Cognition of Basic Musical Structures", 2001).
    pub fn fifths(self) -> i32 {
        // Seven semitones are a fifth.
        (i32::from(self.0) * 7 + 5).rem_euclid(12) - 5
    }

    /// The class `semitones` higher.
    pub fn transposed(self, semitones: i32) -> Self {
        Self::new(i32::from(self.0) + semitones)
    }

    /// Semitones upwards from `origin` to this class, 0 to 11.
    pub fn above(self, origin: Self) -> u8 {
        (self.0 + 12 - origin.0) % 12
    }

    /// Reads a letter and its accidentals off the start of `text`; what follows is returned too.
    pub(crate) fn split(text: &str) -> Option<(Self, &str)> {
        let letter = text.chars().next()?;
        let natural = match letter.to_ascii_uppercase() {
            'C' => 0,
            'D' => 2,
            'E' => 4,
            'F' => 5,
            'G' => 7,
            'A' => 9,
            'B' => 11,
            _ => return None,
        };
        let (shift, rest) = Self::accidental(&text[1..]);
        Some((Self::new(natural + shift), rest))
    }

    /// Reads at most two sharps or flats.
    fn accidental(text: &str) -> (i32, &str) {
        let mut rest = text;
        let mut shift = 0;
        for _ in 0..2 {
            if let Some(after) = rest.strip_prefix('#').or_else(|| rest.strip_prefix('♯')) {
                (shift, rest) = (shift + 1, after);
            } else if let Some(after) = rest.strip_prefix('b').or_else(|| rest.strip_prefix('♭')) {
                (shift, rest) = (shift - 1, after);
            } else {
                break;
            }
        }
        (shift, rest)
    }
}

impl fmt::Display for PitchClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(CLASS_NAMES[usize::from(self.0)])
    }
}

/// How hard a note is struck, 1 to 127.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Velocity(u8);

impl Velocity {
    /// The velocity nearest to `value` in 1 to 127.
    pub fn new(value: u8) -> Self {
        Self(value.clamp(1, 127))
    }

    /// From 0.0 ..= 1.0.
    pub fn from_unit(value: f32) -> Self {
        Self::new((value * 127.0).round() as u8)
    }

    /// 1 to 127.
    pub fn value(self) -> u8 {
        self.0
    }

    /// 0.0 ..= 1.0.
    pub fn unit(self) -> f32 {
        f32::from(self.0) / 127.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pitches_are_read_and_written_as_musicians_do() {
        for (text, number) in
            [("C4", 60), ("A4", 69), ("F#2", 42), ("Bb-1", 10), ("G9", 127), ("60", 60), ("B#3", 60), ("Cb4", 59)]
        {
            assert_eq!(text.parse::<Pitch>().map(Pitch::number), Ok(number), "{text}");
        }
        for pitch in (0..=127).map(Pitch::new) {
            assert_eq!(pitch.to_string().parse(), Ok(pitch));
        }
        for text in ["", "H2", "C", "G#9", "128", "C99999999999", "é3"] {
            assert!(text.parse::<Pitch>().is_err(), "{text}");
        }
    }

    #[test]
    fn fifths_go_up_by_seven_semitones() {
        let line = (-5..=6).map(|fifths| PitchClass::new(7 * fifths).fifths());
        assert!(line.eq(-5..=6));
    }

    #[test]
    fn folding_keeps_the_pitch_class() {
        for number in -40..200 {
            let pitch = Pitch::folded(number);
            assert!(pitch.number() <= 127);
            assert_eq!(i32::from(pitch.number() % 12), number.rem_euclid(12));
        }
    }
}
