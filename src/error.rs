//! Why a command did not succeed, in the words that the user reads.

use std::fmt;
use std::path::Path;

/// The two ways to fail, as the exit code tells them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Something went wrong: exit code 1.
    Failed = 1,
    /// The command was not understood: exit code 2.
    Usage = 2,
}

/// One line on what was wrong and, where there is one, a hint at the next step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// Decides the exit code.
    pub exit: Exit,
    /// Lower case, no final stop; names the value given and what is allowed.
    pub message: String,
    /// The next step.
    pub hint: Option<String>,
}

/// The result of anything a command does.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// Something went wrong.
    pub fn failed(message: impl fmt::Display) -> Self {
        Self { exit: Exit::Failed, message: message.to_string(), hint: None }
    }

    /// The command was not understood.
    pub fn usage(message: impl fmt::Display) -> Self {
        Self { exit: Exit::Usage, message: message.to_string(), hint: None }
    }

    /// A value given with `flag` is not what the flag takes: `--bpm must be 20 to 300, but was 999`.
    pub fn flag(flag: &str, error: &riffsmith_dsp::Error) -> Self {
        match error {
            riffsmith_dsp::Error::Range { allowed, given, .. } => {
                Self::usage(format!("{flag} must be {allowed}, but was {given}"))
            }
            riffsmith_dsp::Error::Unknown { what, given, expected } => {
                Self::usage(format!("{flag}: {what} {given:?} is not understood")).hint(expected)
            }
            _ => Self::usage(format!("{flag}: {error}")),
        }
    }

    /// An operation on a file failed: `cannot write out.wav: permission denied`.
    pub fn file(verb: &str, path: &Path, reason: impl fmt::Display) -> Self {
        Self::failed(format!("cannot {verb} {}: {reason}", path.display()))
    }

    /// Adds a hint at the next step.
    #[must_use]
    pub fn hint(mut self, hint: impl fmt::Display) -> Self {
        self.hint = Some(hint.to_string());
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

impl From<riffsmith_dsp::Error> for Error {
    fn from(error: riffsmith_dsp::Error) -> Self {
        Self::failed(error)
    }
}
