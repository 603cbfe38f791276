//! Musical time: ticks, tempo and metre.

use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Musical time in ticks, 480 per quarter note.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Ticks(pub u32);

impl Ticks {
    /// Ticks in a quarter note.
    pub const PER_QUARTER: u32 = 480;
    /// A quarter note.
    pub const QUARTER: Self = Self(Self::PER_QUARTER);
    /// A sixteenth note.
    pub const SIXTEENTH: Self = Self(Self::PER_QUARTER / 4);

    /// In quarter notes.
    pub fn quarters(self) -> f64 {
        f64::from(self.0) / f64::from(Self::PER_QUARTER)
    }

    /// The nearest tick to a number of quarter notes; negative numbers give 0.
    pub fn from_quarters(quarters: f64) -> Self {
        Self((quarters * f64::from(Self::PER_QUARTER)).round() as u32)
    }
}

impl std::ops::Add for Ticks {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl std::ops::Sub for Ticks {
    type Output = Self;
    /// Stops at 0.
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl std::ops::Mul<u32> for Ticks {
    type Output = Self;
    fn mul(self, times: u32) -> Self {
        Self(self.0.saturating_mul(times))
    }
}

/// Quarter notes per minute, 20 to 300 where a user asks; MIDI files may hold any positive tempo.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Tempo(f64);

impl Tempo {
    /// # Errors
    /// Outside 20 to 300 BPM, or not a number.
    pub fn new(bpm: f64) -> Result<Self> {
        if (20.0..=300.0).contains(&bpm) { Ok(Self(bpm)) } else { Err(Error::range("bpm", "20 to 300", bpm)) }
    }

    /// From a MIDI tempo event: microseconds in a quarter note, 1 to 2^24 - 1.
    pub fn from_micros_per_quarter(micros: u32) -> Self {
        Self(60e6 / f64::from(micros.clamp(1, 0xff_ffff)))
    }

    /// Microseconds in a quarter note, as a MIDI tempo event holds them.
    pub fn micros_per_quarter(self) -> u32 {
        (60e6 / self.0).round() as u32
    }

    /// In quarter notes per minute.
    pub fn bpm(self) -> f64 {
        self.0
    }

    /// Seconds in a quarter note.
    pub fn seconds_per_quarter(self) -> f64 {
        60.0 / self.0
    }
}

/// A time signature: 4/4, 7/8.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Meter {
    numerator: u8,
    denominator: u8,
}

impl Meter {
    /// 4/4.
    pub const COMMON: Self = Self { numerator: 4, denominator: 4 };

    /// # Errors
    /// Unless 1 to 32 beats of a half (2), quarter (4), eighth (8), sixteenth (16), 32nd note or whole note (1).
    pub fn new(numerator: u8, denominator: u8) -> Result<Self> {
        let possible = (1..=32).contains(&numerator) && denominator.is_power_of_two() && denominator <= 32;
        if possible {
            Ok(Self { numerator, denominator })
        } else {
            Err(Error::range(
                "meter",
                "1 to 32 beats of 1, 2, 4, 8, 16 or 32, such as 4/4 or 7/8",
                format!("{numerator}/{denominator}"),
            ))
        }
    }

    /// Beats in a bar.
    pub fn numerator(self) -> u8 {
        self.numerator
    }

    /// The note value that is one beat: 4 = a quarter note.
    pub fn denominator(self) -> u8 {
        self.denominator
    }

    /// Length of a beat.
    pub fn beat(self) -> Ticks {
        Ticks(4 * Ticks::PER_QUARTER / u32::from(self.denominator))
    }

    /// Length of a bar.
    pub fn bar(self) -> Ticks {
        self.beat() * u32::from(self.numerator)
    }
}

impl fmt::Display for Meter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.numerator, self.denominator)
    }
}

impl FromStr for Meter {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self> {
        let unknown = || Error::Unknown {
            what: "meter",
            given: text.to_owned(),
            expected: "write beats and note value, such as 4/4, 3/4 or 7/8".to_owned(),
        };
        let (numerator, denominator) = text.split_once('/').ok_or_else(unknown)?;
        let read = |part: &str| part.trim().parse::<u8>().map_err(|_| unknown());
        Self::new(read(numerator)?, read(denominator)?)
    }
}

impl TryFrom<String> for Meter {
    type Error = Error;
    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

impl From<Meter> for String {
    fn from(meter: Meter) -> Self {
        meter.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn meters_have_their_bar_lengths() {
        for (text, ticks) in [("4/4", 1920), ("3/4", 1440), ("6/8", 1440), ("7/8", 1680), ("5/4", 2400)] {
            assert_eq!(text.parse::<Meter>().map(|meter| meter.bar().0), Ok(ticks), "{text}");
        }
        for text in ["", "4", "0/4", "4/3", "4/0", "33/4", "4/64", "x/4", "-1/4"] {
            assert!(text.parse::<Meter>().is_err(), "{text}");
        }
    }

    #[test]
    fn tempos_are_checked() {
        for bpm in [0.0, -5.0, 19.9, 300.1, 1e9, f64::NAN, f64::INFINITY] {
            assert!(Tempo::new(bpm).is_err(), "{bpm}");
        }
        assert_eq!(Tempo::new(120.0).map(Tempo::micros_per_quarter), Ok(500_000));
    }
}
