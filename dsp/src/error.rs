//! The errors of this crate: every way in which outside data can be wrong.

use thiserror::Error;

/// What was wrong with a value, a text or a file's bytes.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum Error {
    /// A value outside its allowed range.
    #[error("{name} must be {allowed}, but was {given}")]
    Range {
        /// What the value is, in the user's words: `tempo`, `cutoff_hz`.
        name: &'static str,
        /// What is allowed, in words: `20 to 300`.
        allowed: String,
        /// What was given.
        given: String,
    },
    /// A name or notation that is not understood.
    #[error("{what} {given:?} is not understood; {expected}")]
    Unknown {
        /// What kind of thing was expected: `key`, `chord`, `patch`.
        what: &'static str,
        /// What was given.
        given: String,
        /// What would have been understood, as a phrase.
        expected: String,
    },
    /// Bytes or text that are broken.
    #[error("not a valid {what}: {reason}")]
    Format {
        /// The format: `MIDI file`, `patch`.
        what: &'static str,
        /// What is wrong and where.
        reason: String,
    },
    /// Valid, but beyond what this program does.
    #[error("{what} not supported: {reason}")]
    Unsupported {
        /// The format or feature.
        what: &'static str,
        /// What exactly.
        reason: String,
    },
}

impl Error {
    /// A [`Error::Range`] from anything printable.
    pub fn range(name: &'static str, allowed: impl Into<String>, given: impl std::fmt::Display) -> Self {
        Self::Range { name, allowed: allowed.into(), given: given.to_string() }
    }

    /// A [`Error::Format`] from anything printable.
    pub fn format(what: &'static str, reason: impl std::fmt::Display) -> Self {
        Self::Format { what, reason: reason.to_string() }
    }
}

/// The result of reading outside data.
pub type Result<T> = std::result::Result<T, Error>;
