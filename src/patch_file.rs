//! Patches as the user names them: a built-in one, or a file.

use crate::error::{Error, Result};
use crate::{files, suggest};
use riffsmith_dsp::patch::{self, Patch};
use std::path::Path;

/// True for what is read from a file: its name ends in `.toml`.
pub fn is_file(source: &str) -> bool {
    Path::new(source).extension().is_some_and(|ending| ending == "toml")
}

/// The built-in patch of that name, or the one in a .toml file.
///
/// # Errors
/// If there is none, or it is not valid.
pub fn read(source: &str) -> Result<Patch> {
    if is_file(source) {
        let path = Path::new(source);
        let text =
            String::from_utf8(files::read(path)?).map_err(|_| Error::file("use patch", path, "it is no text"))?;
        return Patch::from_toml(&text).map_err(|error| Error::file("use patch", path, error));
    }
    patch::find(source).map_err(|_| {
        let hint = suggest::hint(source, patch::names(), "riffsmith list patches names them all; a file ends in .toml");
        Error::usage(format!("there is no patch {source:?}")).hint(hint)
    })
}
