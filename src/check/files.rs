//! The files of a pack against its lists: manifest and checksums.

use super::Violation;
use crate::checksum::sha256;
use crate::error::Result;
use crate::files;
use crate::pack::Manifest;
use std::collections::BTreeMap;
use std::path::Path;

/// Lists that cannot name themselves.
const CHECKSUMS: &str = "checksums.sha256";
const MANIFEST: &str = "manifest.json";

/// The manifest, if there is one that is understood.
pub fn manifest(directory: &Path, paths: &[String]) -> Result<Option<Manifest>> {
    if !paths.iter().any(|path| path == MANIFEST) {
        return Ok(None);
    }
    let bytes = files::read(&directory.join(MANIFEST))?;
    Ok(std::str::from_utf8(&bytes).ok().and_then(|text| Manifest::from_json(text).ok()))
}

/// What manifest and checksums say that is not so, and what they leave out.
pub fn listed(directory: &Path, paths: &[String], manifest: Option<&Manifest>) -> Result<Vec<Violation>> {
    let mut violations = Vec::new();
    let mut complain = |path: &str, what: String| violations.push(Violation { path: path.to_owned(), what });
    if manifest.is_none() && paths.iter().any(|path| path == MANIFEST) {
        complain(MANIFEST, "is not understood".to_owned());
    }
    let missing = |path: &String| !paths.contains(path);
    if let Some(manifest) = manifest {
        for row in manifest.files.iter().filter(|row| missing(&row.path)) {
            complain(&row.path, "is in the manifest, but not there".to_owned());
        }
        let sounds = paths.iter().filter(|path| path.ends_with(".wav") || path.ends_with(".mid"));
        for path in sounds.filter(|path| manifest.files.iter().all(|row| row.path != **path)) {
            complain(path, "is not in the manifest".to_owned());
        }
        for (index, row) in manifest.files.iter().enumerate() {
            if manifest.files[..index].iter().any(|other| other.path == row.path) {
                complain(&row.path, "is in the manifest twice".to_owned());
            }
        }
    }
    if paths.iter().any(|path| path == CHECKSUMS) {
        let bytes = files::read(&directory.join(CHECKSUMS))?;
        let text = String::from_utf8_lossy(&bytes);
        let sums: BTreeMap<&str, &str> =
            text.lines().filter_map(|line| line.split_once("  ")).map(|(sum, path)| (path, sum)).collect();
        for (path, sum) in &sums {
            if missing(&(*path).to_owned()) {
                complain(path, "has a checksum, but is not there".to_owned());
            } else if sha256(&files::read(&directory.join(path))?) != *sum {
                complain(path, "is not what its checksum says".to_owned());
            }
        }
        for path in paths.iter().filter(|path| *path != CHECKSUMS && !sums.contains_key(path.as_str())) {
            complain(path, "has no checksum".to_owned());
        }
        if let Some(manifest) = manifest {
            for row in
                manifest.files.iter().filter(|row| sums.get(row.path.as_str()).is_some_and(|sum| **sum != row.sha256))
            {
                complain(&row.path, "has another checksum in the manifest".to_owned());
            }
        }
    }
    Ok(violations)
}
