//! How samples are stored.

use crate::error::Error;
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
