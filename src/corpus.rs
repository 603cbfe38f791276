//! The music to learn from: a directory of data sets, and our own grooves.

use crate::console::Console;
use crate::error::{Error, Result};
use crate::files;
use riffsmith_models::groove;
use riffsmith_models::piece::Piece;
use riffsmith_models::train::corpus::{self, Files, READERS};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Reads every known data set that lies in `directory`, each in a directory of its own name, and the built-in grooves.
///
/// # Errors
/// If the directory or a file cannot be read, or holds none of the data sets.
pub fn read(directory: &Path, console: Console) -> Result<Vec<Piece>> {
    let mut sets = BTreeMap::new();
    for reader in READERS {
        let root = directory.join(reader.set);
        if root.is_dir() {
            let mut found = Vec::new();
            collect(&root, &root, &mut found)?;
            let files = Files::new(found).map_err(|error| Error::file("read", &root, error))?;
            sets.insert(reader.set.to_owned(), files);
        }
    }
    if sets.is_empty() {
        let names: Vec<&str> = READERS.iter().map(|reader| reader.set).collect();
        return Err(Error::failed(format!("no data sets in {}", directory.display()))
            .hint(format!("it needs directories called {}", names.join(", "))));
    }
    let corpus = corpus::read(&sets).map_err(|error| Error::file("read", directory, error))?;
    let mut pieces = corpus.pieces;
    for (name, text) in groove::builtin() {
        pieces.push(groove::read(name, text).map_err(Error::failed)?);
    }
    console.note(&format!("corpus: {} pieces from {} data sets and our own grooves", pieces.len(), sets.len()));
    Ok(pieces)
}

/// The files below a directory, by their path from `root`, in order.
fn collect(root: &Path, directory: &Path, found: &mut Vec<(String, Vec<u8>)>) -> Result<()> {
    let entries = std::fs::read_dir(directory).map_err(|error| Error::file("read", directory, error))?;
    let mut paths = entries
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<std::io::Result<Vec<PathBuf>>>()
        .map_err(|error| Error::file("read", directory, error))?;
    paths.sort();
    for path in paths {
        if path.is_dir() {
            collect(root, &path, found)?;
        } else {
            let name = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().replace('\\', "/");
            found.push((name, files::read(&path)?));
        }
    }
    Ok(())
}
