//! What a pack gets when its items are made: demo, cover, page, manifest, texts, checksums. Everything is made from the files that
//! lie in it.

use super::index::Index;
use super::manifest::{Manifest, Row};
use super::produce::Stop;
use super::recipe::PackRecipe;
use super::showcase::{self, Demo};
use super::texts;
use crate::checksum::hexadecimal;
use crate::error::{Error, Result};
use crate::files::{self, FileSet};
use crate::refine::Refinement;
use sha2::{Digest, Sha256};
use std::fs;
use std::io::{self, Write};
use std::path::Path;

/// Finishes the pack in `directory`, whose items' rows are given in their order; all of what is made appears at once, at the end.
///
/// Of a pack that is not `complete`, or if it is asked to stop before all is made, only what describes the items is written: the
/// manifest returned tells which.
///
/// # Errors
/// If a file cannot be read or written.
pub fn finish(directory: &Path, pack: &PackRecipe, rows: Vec<Row>, complete: bool, stop: &Stop) -> Result<Manifest> {
    let mut manifest = Manifest {
        recipe: pack.clone(),
        refiner: Refinement::new(pack.refine).map(|refinement| refinement.weights),
        command: command(pack),
        complete: false,
        files: rows,
    };
    let mut set = Finished { directory, set: FileSet::unsynced(), checksums: Vec::new() };
    for row in &manifest.files {
        set.checksums.push((row.path.clone(), row.sha256.clone()));
    }
    let mut form = None;
    if complete && let Some(shown) = show(directory, pack, &manifest.files, stop)? {
        set.add("Artwork/cover.png", &shown.cover)?;
        set.add_with("index.html", |out| shown.page.write(out))?;
        if let Some(demo) = shown.demo {
            set.add(&demo.row.path, &demo.bytes)?;
            form = Some(demo.form);
            manifest.files.push(demo.row);
        }
        manifest.complete = true;
    }
    set.add("LICENSE.txt", texts::licence(&manifest).as_bytes())?;
    set.add("CREDITS.txt", texts::credits(&manifest).as_bytes())?;
    set.add("README.txt", texts::readme(&manifest, form.as_deref()).as_bytes())?;
    set.add("manifest.json", manifest.to_json().as_bytes())?;
    set.add("manifest.csv", manifest.to_csv().as_bytes())?;
    set.write_checksums()?;
    Ok(manifest)
}

/// What shows a pack off.
struct Shown<'a> {
    cover: Vec<u8>,
    demo: Option<Demo>,
    page: Index<'a>,
}

/// Makes cover, demo and page; `None` if it was asked to stop before they were done.
fn show<'a>(directory: &'a Path, pack: &PackRecipe, rows: &[Row], stop: &Stop) -> Result<Option<Shown<'a>>> {
    // The demo takes longest, on one core: meanwhile all else is made.
    let (demo, rest) = rayon::join(
        || showcase::demo(directory, pack, rows),
        || {
            let cover = showcase::cover(directory, pack, rows)?;
            let mut page = Index::new(directory, pack)?;
            page.add_items(rows, stop)?;
            Ok::<_, Error>((cover, page))
        },
    );
    if stop.asked() {
        return Ok(None);
    }
    let (cover, mut page) = rest?;
    let demo = demo?;
    if let Some(demo) = &demo {
        page.add_demo(demo)?;
    }
    Ok(Some(Shown { cover, demo, page }))
}

/// Files that appear together, and their checksums.
struct Finished<'a> {
    directory: &'a Path,
    set: FileSet,
    checksums: Vec<(String, String)>,
}

impl Finished<'_> {
    fn add(&mut self, path: &str, bytes: &[u8]) -> Result<()> {
        self.add_with(path, |out| out.write_all(bytes))
    }

    fn add_with(&mut self, path: &str, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
        let target = self.directory.join(path);
        files::make_directory(target.parent().unwrap_or(self.directory))?;
        let mut sum = Sha256::new();
        self.set.stage_with(&target, |file| write(&mut Summed { file, sum: &mut sum }))?;
        self.checksums.push((path.to_owned(), hexadecimal(&sum.finalize())));
        Ok(())
    }

    /// As `sha256sum --check` reads them, sorted by path.
    fn write_checksums(mut self) -> Result<()> {
        self.checksums.sort();
        let text: String = self.checksums.iter().map(|(path, sum)| format!("{sum}  {path}\n")).collect();
        self.set.stage(&self.directory.join("checksums.sha256"), text.as_bytes())?;
        self.set.commit()
    }
}

/// Takes the checksum of what is written to a file.
struct Summed<'a> {
    file: &'a mut dyn Write,
    sum: &'a mut Sha256,
}

impl Write for Summed<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.file.write(bytes)?;
        self.sum.update(&bytes[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
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
    fn walk(directory: &Path, prefix: &str, found: &mut Vec<String>) -> io::Result<()> {
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
