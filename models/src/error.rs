//! The errors of this crate: every way in which a request, a corpus or a weights file can be wrong.

use thiserror::Error;

/// What was wrong with a value or with a file's bytes.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum Error {
    /// A value outside its allowed range.
    #[error("{name} must be {allowed}, but was {given}")]
    Range {
        /// What the value is, in the user's words: `temperature`.
        name: &'static str,
        /// What is allowed, in words: `0.1 to 2`.
        allowed: String,
        /// What was given.
        given: String,
    },
    /// A name that is not in a table.
    #[error("{what} {given:?} is not known; {expected}")]
    Unknown {
        /// What kind of thing was expected: `style tag`.
        what: &'static str,
        /// What was given.
        given: String,
        /// What is known, as a phrase.
        expected: String,
    },
    /// Bytes or text that are broken.
    #[error("not a valid {what}: {reason}")]
    Format {
        /// The format: `composer weights file`.
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
    /// An error of the score's own types.
    #[error(transparent)]
    Score(#[from] riffsmith_dsp::Error),
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

/// Checks that a value lies in its range.
///
/// # Errors
/// [`Error::Range`] that names the value and what is allowed.
pub fn within<T: PartialOrd + Copy + std::fmt::Display>(
    name: &'static str,
    allowed: &std::ops::RangeInclusive<T>,
    given: T,
) -> Result<()> {
    if allowed.contains(&given) {
        return Ok(());
    }
    Err(Error::range(name, format!("{} to {}", allowed.start(), allowed.end()), given))
}

/// The result of reading outside data.
pub type Result<T> = std::result::Result<T, Error>;
