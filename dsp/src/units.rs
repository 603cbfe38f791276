//! Conversions between the units of music and of signal processing.

use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};

/// Frames per second, 8 000 to 192 000 Hz.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct SampleRate(u32);

impl SampleRate {
    /// 44 100 Hz, the default everywhere.
    pub const CD: Self = Self(44_100);

    /// # Errors
    /// Outside 8 000 to 192 000 Hz.
    pub fn new(hz: u32) -> Result<Self> {
        match hz {
            8_000..=192_000 => Ok(Self(hz)),
            _ => Err(Error::range("sample rate", "8000 to 192000 Hz", hz)),
        }
    }

    /// In hertz.
    pub fn hz(self) -> f64 {
        f64::from(self.0)
    }

    /// As the whole number of hertz.
    pub fn as_u32(self) -> u32 {
        self.0
    }

    /// `seconds` in frames, rounded to the nearest.
    pub fn frames(self, seconds: f64) -> usize {
        (seconds * self.hz()).round().max(0.0) as usize
    }

    /// `frames` in seconds.
    pub fn seconds(self, frames: usize) -> f64 {
        frames as f64 / self.hz()
    }
}

impl TryFrom<u32> for SampleRate {
    type Error = Error;
    fn try_from(hz: u32) -> Result<Self> {
        Self::new(hz)
    }
}

impl From<SampleRate> for u32 {
    fn from(rate: SampleRate) -> Self {
        rate.0
    }
}

/// Decibels to an amplitude factor: 0 dB is 1, -6.02 dB is 0.5.
pub fn db_to_gain(db: f32) -> f32 {
    10f32.powf(db / 20.0)
}

/// An amplitude factor to decibels; silence is -infinity.
pub fn gain_to_db(gain: f32) -> f32 {
    20.0 * gain.abs().log10()
}

/// Frequency of a (fractional) MIDI pitch in equal temperament, 69 = A4 = 440 Hz.
pub fn pitch_to_hz(pitch: f64) -> f64 {
    440.0 * ((pitch - 69.0) / 12.0).exp2()
}

/// The (fractional) MIDI pitch of a frequency.
pub fn hz_to_pitch(hz: f64) -> f64 {
    69.0 + 12.0 * (hz / 440.0).log2()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a4_is_440_hz_and_an_octave_doubles() {
        assert_eq!(pitch_to_hz(69.0), 440.0);
        assert_eq!(pitch_to_hz(81.0), 880.0);
        assert!((hz_to_pitch(pitch_to_hz(60.25)) - 60.25).abs() < 1e-12);
    }

    #[test]
    fn decibels_round_trip() {
        for db in [-60.0f32, -6.0, 0.0, 12.0] {
            assert!((gain_to_db(db_to_gain(db)) - db).abs() < 1e-4);
        }
        assert_eq!(gain_to_db(0.0), f32::NEG_INFINITY);
    }

    #[test]
    fn a_sample_rate_names_its_range() {
        let error = SampleRate::new(7_999).expect_err("below the range");
        assert_eq!(error.to_string(), "sample rate must be 8000 to 192000 Hz, but was 7999");
    }
}
