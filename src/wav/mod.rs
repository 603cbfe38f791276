//! WAV files: samples by hound, and around them what DAWs look for: tempo, root, loop points and text.

pub mod chunks;
mod read;
mod write;

pub use read::{comment, decode};
pub use write::encode;

use crate::error::Error;
use riffsmith_dsp::score::{Meter, Tempo};
use serde::{Deserialize, Serialize};
use std::fmt;

/// How a sample is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub enum BitDepth {
    /// 16-bit integers, dithered.
    Int16,
    /// 24-bit integers: the default.
    #[default]
    Int24,
    /// 32-bit floating point: the samples as they are.
    Float32,
}

impl BitDepth {
    /// Bits in a sample.
    pub fn bits(self) -> u16 {
        match self {
            Self::Int16 => 16,
            Self::Int24 => 24,
            Self::Float32 => 32,
        }
    }
}

impl TryFrom<u16> for BitDepth {
    type Error = Error;

    fn try_from(bits: u16) -> Result<Self, Error> {
        match bits {
            16 => Ok(Self::Int16),
            24 => Ok(Self::Int24),
            32 => Ok(Self::Float32),
            _ => Err(Error::usage(format!("must be 16, 24 or 32, but was {bits}"))),
        }
    }
}

impl From<BitDepth> for u16 {
    fn from(depth: BitDepth) -> Self {
        depth.bits()
    }
}

impl std::str::FromStr for BitDepth {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let bits: u16 = text.parse().map_err(|_| Error::usage(format!("must be 16, 24 or 32, but was {text}")))?;
        Self::try_from(bits)
    }
}

impl fmt::Display for BitDepth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.bits())
    }
}

/// What a file says about its sound.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Tags {
    /// Its name.
    pub title: String,
    /// Its style.
    pub genre: String,
    /// Where it came from: the recipe, as JSON.
    pub comment: String,
    /// How it repeats; `None` if it is not a loop.
    pub repeat: Option<Repeat>,
}

/// A loop's musical frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Repeat {
    /// Frames after which it starts again; a tail may follow them.
    pub frames: usize,
    /// The tempo asked for.
    pub tempo: Tempo,
    /// Quarter notes in it.
    pub quarters: u32,
    /// Its metre.
    pub meter: Meter,
    /// MIDI pitch of its tonic, 48 to 59; `None` for drums.
    pub root: Option<u8>,
}
