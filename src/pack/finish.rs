//! What a pack gets when its items are made: demo, cover, page, manifest, texts, checksums. Everything is made from the files that
//! lie in it.

use super::make::sha256;
use super::manifest::{Manifest, Row};
use super::recipe::PackRecipe;
use super::{index, showcase, texts};
use crate::error::{Error, Result};
use crate::files::{self, FileSet};
use crate::refine::Refinement;
use std::fs;
use std::path::Path;

/// Finishes the pack in `directory`, whose items' rows are given in their order. Of a pack that is not `complete` only what
/// describes it is made.
///
/// # Errors
/// If a file cannot be read or written.
pub fn finish(directory: &Path, pack: &PackRecipe, rows: Vec<Row>, complete: bool) -> Result<Manifest> {
    let mut manifest = Manifest {
        recipe: pack.clone(),
        refiner: Refinement::new(pack.refine).map(|refinement| refinement.weights),
        command: command(pack),
        complete,
        files: rows,
    };
    let mut set = Finished { directory, set: FileSet::unsynced(), checksums: Vec::new() };
    for row in &manifest.files {
        set.checksums.push((row.path.clone(), row.sha256.clone()));
    }
    let mut form = None;
    if complete {
        let (demo, cover) = rayon::join(
            || showcase::demo(directory, pack, &manifest.files),
            || showcase::cover(directory, pack, &manifest.files),
        );
        set.add("Artwork/cover.png", &cover?)?;
        if let Some(demo) = demo? {
            set.add(&demo.row.path, &demo.bytes)?;
            // The page reads its sounds from the disk.
            set.keep()?;
            form = Some(demo.form);
            manifest.files.push(demo.row);
        }
        set.add("index.html", &index::write(directory, &manifest)?)?;
    }
    set.add("LICENSE.txt", texts::licence(&manifest).as_bytes())?;
    set.add("CREDITS.txt", texts::credits(&manifest).as_bytes())?;
    set.add("README.txt", texts::readme(&manifest, form.as_deref()).as_bytes())?;
    set.add("manifest.json", manifest.to_json().as_bytes())?;
    set.add("manifest.csv", manifest.to_csv().as_bytes())?;
    set.write_checksums()?;
    Ok(manifest)
}

/// Files that appear together, and their checksums.
struct Finished<'a> {
    directory: &'a Path,
    set: FileSet,
    checksums: Vec<(String, String)>,
}

impl Finished<'_> {
    fn add(&mut self, path: &str, bytes: &[u8]) -> Result<()> {
        self.checksums.push((path.to_owned(), sha256(bytes)));
        let path = self.directory.join(path);
        files::make_directory(path.parent().unwrap_or(self.directory))?;
        self.set.stage(&path, bytes)
    }

    /// Gives what was added so far its names.
    fn keep(&mut self) -> Result<()> {
        std::mem::replace(&mut self.set, FileSet::unsynced()).commit()
    }

    /// As `sha256sum --check` reads them, sorted by path.
    fn write_checksums(mut self) -> Result<()> {
        self.checksums.sort();
        let text: String = self.checksums.iter().map(|(path, sum)| format!("{sum}  {path}\n")).collect();
        self.set.stage(&self.directory.join("checksums.sha256"), text.as_bytes())?;
        self.set.commit()
    }
}

/// The command that makes the pack.
pub fn command(pack: &PackRecipe) -> String {
    let quoted = |text: &str| format!("'{}'", text.replace('\'', r"'\''"));
    let mut command = format!(
        "riffsmith pack {} --name {} --label {} --loops {} --one-shots {} --instruments {}",
        pack.styles.join(","),
        quoted(&pack.name),
        pack.label,
        pack.loops,
        pack.one_shots,
        pack.instruments
    );
    if !pack.keys.is_empty() {
        let keys: Vec<String> = pack.keys.iter().map(ToString::to_string).collect();
        command.push_str(&format!(" --keys {}", quoted(&keys.join(","))));
    }
    if let Some([slowest, fastest]) = pack.bpm {
        command.push_str(&format!(" --bpm {slowest}-{fastest}"));
    }
    if let Some(bars) = pack.bars {
        command.push_str(&format!(" --bars {bars}"));
    }
    if pack.stems {
        command.push_str(" --stems");
    }
    if pack.refine > 0.0 {
        command.push_str(&format!(" --refine {}", pack.refine));
    }
    let naming = serde_json::to_value(pack.naming).expect("a name");
    command.push_str(&format!(
        " --naming {} --rate {} --bits {} --seed {}",
        naming.as_str().unwrap_or_default(),
        pack.rate.as_u32(),
        pack.bits,
        pack.seed.0
    ));
    if let Some(date) = &pack.date {
        command.push_str(&format!(" --date {date}"));
    }
    command
}

/// All files below a folder, by their paths within it with `/` between the parts, sorted; hidden ones are left out.
///
/// # Errors
/// If a folder cannot be read.
pub fn files_below(directory: &Path) -> Result<Vec<String>> {
    fn walk(directory: &Path, prefix: &str, found: &mut Vec<String>) -> std::io::Result<()> {
        for entry in fs::read_dir(directory)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with('.') {
                continue;
            }
            let path = format!("{prefix}{name}");
            if entry.file_type()?.is_dir() {
                walk(&entry.path(), &format!("{path}/"), found)?;
            } else {
                found.push(path);
            }
        }
        Ok(())
    }
    let mut found = Vec::new();
    walk(directory, "", &mut found).map_err(|error| Error::file("read", directory, files::reason(&error)))?;
    found.sort();
    Ok(found)
}
