//! The files of a data set.

use crate::error::{Error, Result};
use std::collections::BTreeMap;
use std::io::{Cursor, Read};
use zip::ZipArchive;

/// Most bytes that a packed file may unpack to: a hundred times the largest one of the corpus.
const MAX_UNPACKED: u64 = 1 << 28;

/// Bytes by relative path, `/` between the parts. What a `.zip` archive holds stands beside it, under its own path.
#[derive(Debug, Default)]
pub struct Files(BTreeMap<String, Vec<u8>>);

impl Files {
    /// # Errors
    /// A broken `.zip` archive.
    pub fn new(files: impl IntoIterator<Item = (String, Vec<u8>)>) -> Result<Self> {
        let mut all = BTreeMap::new();
        for (name, bytes) in files {
            if name.ends_with(".zip") {
                all.extend(unpacked(&name, &bytes)?);
            } else {
                all.insert(name, bytes);
            }
        }
        Ok(Self(all))
    }

    /// Path and bytes of each file in a `.zip` archive, for those who go on without the broken ones.
    ///
    /// # Errors
    /// It is broken, or a file is larger than 256 MiB.
    pub fn unpacked(name: &str, bytes: &[u8]) -> Result<Vec<(String, Vec<u8>)>> {
        unpacked(name, bytes)
    }

    /// Path and bytes of the files whose path ends so, sorted by path.
    pub fn ending<'a>(&'a self, ending: &'a str) -> impl Iterator<Item = (&'a str, &'a [u8])> {
        self.0
            .iter()
            .filter(move |(name, _)| name.ends_with(ending))
            .map(|(name, bytes)| (name.as_str(), bytes.as_slice()))
    }

    /// The bytes of a file.
    ///
    /// # Errors
    /// There is no such file.
    pub fn bytes(&self, name: &str) -> Result<&[u8]> {
        self.0.get(name).map(Vec::as_slice).ok_or_else(|| Error::format("data set", format!("{name} is missing")))
    }

    /// A file as text.
    ///
    /// # Errors
    /// There is no such file, or it is not UTF-8.
    pub fn text(&self, name: &str) -> Result<&str> {
        std::str::from_utf8(self.bytes(name)?).map_err(|error| Error::format("data set", format!("{name}: {error}")))
    }

    /// A JSON file as a value.
    ///
    /// # Errors
    /// There is no such file, or it is not what `T` expects.
    pub fn json<T: serde::de::DeserializeOwned>(&self, name: &str) -> Result<T> {
        serde_json::from_slice(self.bytes(name)?).map_err(|error| Error::format("data set", format!("{name}: {error}")))
    }
}

/// Path and bytes of each file in a `.zip` archive.
///
/// # Errors
/// It is broken, or a file is larger than 256 MiB.
pub fn unpacked(name: &str, bytes: &[u8]) -> Result<Vec<(String, Vec<u8>)>> {
    let broken = |error: &dyn std::fmt::Display| Error::format("zip archive", format!("{name}: {error}"));
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| broken(&error))?;
    let mut files = Vec::new();
    for index in 0..archive.len() {
        let entry = archive.by_index(index).map_err(|error| broken(&error))?;
        if entry.is_dir() {
            continue;
        }
        let path = entry.name().map_err(|error| broken(&error))?.into_owned();
        let mut data = Vec::new();
        entry.take(MAX_UNPACKED + 1).read_to_end(&mut data).map_err(|error| broken(&error))?;
        if data.len() as u64 > MAX_UNPACKED {
            return Err(broken(&format!("{path} is larger than {MAX_UNPACKED} bytes")));
        }
        files.push((path, data));
    }
    Ok(files)
}
