//! The standard sets of piano rolls, as the corpus holds them.

use crate::error::{Error, Result};
use crate::files;
use clap::ValueEnum;
use riffsmith_models::polyphonic::roll::Set;
use std::path::Path;

/// A standard set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Rolls {
    /// Chorales by Bach, in quarter notes
    Jsb,
    /// Folk tunes with chords
    Nottingham,
}

impl Rolls {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Jsb, Self::Nottingham];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Jsb => "jsb",
            Self::Nottingham => "nottingham",
        }
    }

    /// Reads it from a directory of data sets.
    ///
    /// # Errors
    /// If the directory does not have it, or it is broken.
    pub fn read(self, corpus: &Path) -> Result<Set> {
        let file = match self {
            Self::Jsb => "jsb-chorales-quarter.json",
            Self::Nottingham => "nottingham.json",
        };
        let path = corpus.join("benchmark-polyphonic").join(file);
        Set::from_json(&files::read(&path)?).map_err(|error| Error::file("read", &path, error))
    }
}
