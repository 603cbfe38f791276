//! The music to learn from: data sets, someone's own MIDI files, a corpus file made of them, and our own grooves.

use crate::console::Console;
use crate::error::{Error, Result};
use crate::files;
use riffsmith_models::groove;
use riffsmith_models::piece::Piece;
use riffsmith_models::train::corpus::{self, Corpus, ENDINGS, Files, READERS, unpack};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// The pieces of a corpus file or a directory, and the built-in grooves.
///
/// # Errors
/// If the path cannot be read, or holds no music.
pub fn read(path: &Path, console: Console) -> Result<Vec<Piece>> {
    let Corpus { mut pieces, .. } = open(path, console)?;
    pieces.extend(grooves()?);
    Ok(pieces)
}

/// What a corpus file or a directory holds.
///
/// # Errors
/// If the path cannot be read, or holds no music.
pub fn open(path: &Path, console: Console) -> Result<Corpus> {
    open_all(&[path.to_owned()], console)
}

/// What one corpus file holds, or directories and single files of music together.
///
/// # Errors
/// If a path cannot be read, or they hold no music.
pub fn open_all(paths: &[PathBuf], console: Console) -> Result<Corpus> {
    let start = Instant::now();
    let corpus = match paths {
        [path] if path.is_file() && !is_music(path) => unpack(&files::read(path)?).map_err(|error| {
            Error::file("read", path, error)
                .hint("riffsmith corpus build makes corpus files; directories and MIDI files are read as they are")
        })?,
        _ => gather(paths)?,
    };
    corpus.report.unread.iter().for_each(|file| console.warn(&format!("not readable: {file}")));
    let (count, sets, seconds) = (corpus.pieces.len(), corpus.report.licences.len(), start.elapsed().as_secs_f64());
    let plural = if sets == 1 { "" } else { "s" };
    console.note(&format!("corpus: {count} pieces from {sets} data set{plural}, read in {seconds:.1} s"));
    Ok(corpus)
}

/// Our own grooves.
///
/// # Errors
/// Where the program itself was damaged.
pub fn grooves() -> Result<Vec<Piece>> {
    groove::builtin().into_iter().map(|(name, text)| groove::read(name, text).map_err(Error::failed)).collect()
}

/// True for a MIDI or MusicXML file, by its ending.
fn is_music(path: &Path) -> bool {
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
    ending.is_some_and(|ending| ENDINGS.contains(&ending.as_str()))
}

/// All music below some directories, and single files.
///
/// A directory of data sets holds directories of their names; a directory may itself be a data set; any other is someone's own
/// folder of MIDI and MusicXML files, called by its name.
///
/// # Errors
/// If a directory or a data set cannot be read, or there is no music. Single files that cannot be read are in the report.
pub fn gather(directories: &[PathBuf]) -> Result<Corpus> {
    let (mut sets, mut folders, mut unread) = (BTreeMap::new(), BTreeMap::new(), Vec::new());
    let mut single = Vec::new();
    for directory in directories {
        if is_music(directory) && directory.is_file() {
            single.push((directory.to_string_lossy().replace('\\', "/"), files::read(directory)?));
            continue;
        }
        // What cannot be opened is an error in itself.
        std::fs::read_dir(directory).map_err(|error| Error::file("read", directory, files::reason(&error)))?;
        let name = name(directory);
        let inside: Vec<&str> =
            READERS.iter().map(|reader| reader.set).filter(|set| directory.join(set).is_dir()).collect();
        if !inside.is_empty() {
            for set in inside {
                sets.insert(set.to_owned(), data_set(&directory.join(set))?);
            }
        } else if READERS.iter().any(|reader| reader.set == name) {
            sets.insert(name, data_set(directory)?);
        } else {
            let name = free_name(&name, &folders);
            let files = own_files(directory, &name, &mut unread)?;
            folders.insert(name, files);
        }
    }
    if !single.is_empty() {
        let files = Files::new(single).map_err(|error| Error::failed(error.to_string()))?;
        folders.insert(free_name("files", &folders), files);
    }
    let mut corpus = corpus::read(&sets, &folders).map_err(Error::failed)?;
    corpus.report.unread.extend(unread);
    if corpus.pieces.is_empty() {
        let names: Vec<String> = directories.iter().map(|directory| directory.display().to_string()).collect();
        let reason = corpus.report.unread.first().map_or(String::new(), |file| format!("; {file}"));
        return Err(Error::failed(format!("no music in {}{reason}", names.join(", "))).hint(format!(
            "it may hold files ending in {}, or data sets",
            ENDINGS.map(|own| format!(".{own}")).join(", ")
        )));
    }
    Ok(corpus)
}

/// What a directory is called, wherever it is given from.
fn name(directory: &Path) -> String {
    let path = std::fs::canonicalize(directory).unwrap_or_else(|_| directory.to_owned());
    path.file_name().map_or_else(|| "music".to_owned(), |name| name.to_string_lossy().into_owned())
}

/// A name that no other folder and none of our own sets has.
fn free_name(name: &str, folders: &BTreeMap<String, Files>) -> String {
    let name = if name == "grooves" { "own-grooves" } else { name };
    let numbered = (2..).map(|number| format!("{name}-{number}"));
    std::iter::once(name.to_owned()).chain(numbered).find(|name| !folders.contains_key(name)).unwrap_or_default()
}

/// The files of a data set, archives opened.
///
/// # Errors
/// If one cannot be read.
pub fn data_set(root: &Path) -> Result<Files> {
    let mut paths = Vec::new();
    collect(root, &mut paths)?;
    let read = paths.into_iter().map(|path| Ok((relative(root, &path), files::read(&path)?)));
    Files::new(read.collect::<Result<Vec<_>>>()?).map_err(|error| Error::file("read", root, error))
}

/// The files of someone's own folder. What cannot be read is left out and said.
fn own_files(root: &Path, set: &str, unread: &mut Vec<String>) -> Result<Files> {
    let mut paths = Vec::new();
    collect(root, &mut paths)?;
    let mut all = Vec::new();
    for path in paths {
        let name = relative(root, &path);
        match files::read(&path) {
            Ok(bytes) if name.ends_with(".zip") => match Files::unpacked(&name, &bytes) {
                // An archive within an archive is left alone.
                Ok(files) => all.extend(files.into_iter().filter(|(name, _)| !name.ends_with(".zip"))),
                Err(error) => unread.push(format!("{set}/{name}: {error}")),
            },
            Ok(bytes) => all.push((name, bytes)),
            Err(error) => unread.push(format!("{set}/{name}: {error}")),
        }
    }
    Files::new(all).map_err(|error| Error::file("read", root, error))
}

/// A path from `root`, with `/` between its parts.
fn relative(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).to_string_lossy().replace('\\', "/")
}

/// The files below a directory, in order; hidden ones are left out.
fn collect(directory: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    let refused = |error: std::io::Error| Error::file("read", directory, files::reason(&error));
    let entries = std::fs::read_dir(directory).map_err(refused)?;
    let mut paths = entries
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<std::io::Result<Vec<PathBuf>>>()
        .map_err(refused)?;
    paths.retain(|path| !path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.')));
    paths.sort();
    for path in paths {
        // A link to a directory may lead round in a circle.
        if path.is_dir() && !path.is_symlink() {
            collect(&path, found)?;
        } else if path.is_file() {
            found.push(path);
        }
    }
    Ok(())
}
