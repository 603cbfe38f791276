//! What happened while takes were auditioned, for measuring: a JSON object a line.

use crate::error::{Error, Result};
use crate::files;
use serde_json::{Value, json};
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// A log that is being written; without a file, nothing is.
#[derive(Debug)]
pub struct Log {
    file: Option<(File, PathBuf)>,
    began: Instant,
}

impl Log {
    /// A new file, or none.
    ///
    /// # Errors
    /// If it exists, or cannot be written.
    pub fn create(path: Option<&Path>) -> Result<Self> {
        let create = |path: &Path| {
            let file = File::create_new(path).map_err(|error| Error::file("write", path, files::reason(&error)));
            file.map(|file| (file, path.to_owned()))
        };
        Ok(Self { file: path.map(create).transpose()?, began: Instant::now() })
    }

    /// Writes what happened, and when, in seconds since the start.
    ///
    /// # Errors
    /// If there is no room.
    pub fn write(&mut self, event: &str, mut facts: Value) -> Result<()> {
        let Some((file, path)) = &mut self.file else { return Ok(()) };
        let at_s = self.began.elapsed().as_secs_f64();
        if let Some(facts) = facts.as_object_mut() {
            facts.insert("event".to_owned(), json!(event));
            facts.insert("at_s".to_owned(), json!(at_s));
        }
        writeln!(file, "{facts}").map_err(|error| Error::file("write", path, files::reason(&error)))
    }
}
