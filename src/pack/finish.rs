//! What a pack gets when its items are made: page, manifest, texts, checksums. Everything is made from the files that lie in it.

use super::make::sha256;
use super::manifest::{Kind, Manifest, Row};
use super::page::{self, PageInfo, PageItem, PageWriter};
use super::recipe::PackRecipe;
use super::texts;
use crate::error::{Error, Result};
use crate::files::{self, FileSet};
use crate::refine::Refinement;
use crate::wav::{self, Repeat};
use rayon::prelude::*;
use riffsmith_dsp::score::{Meter, Tempo};
use std::fs;
use std::path::Path;

/// Sounds whose previews are made at once: enough for all cores, few enough for memory not to grow with the pack.
const AT_ONCE: usize = 8;

/// Finishes the pack in `directory`, whose items' rows are given in their order. Of a pack that is not `complete` only what
/// describes it is made.
///
/// # Errors
/// If a file cannot be read or written.
pub fn finish(directory: &Path, pack: &PackRecipe, rows: Vec<Row>, complete: bool) -> Result<Manifest> {
    let manifest = Manifest {
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
    if complete {
        set.add("index.html", &index(directory, &manifest)?)?;
    }
    set.add("LICENSE.txt", texts::licence(&manifest).as_bytes())?;
    set.add("CREDITS.txt", texts::credits(&manifest).as_bytes())?;
    set.add("README.txt", texts::readme(&manifest, None).as_bytes())?;
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

    /// As `sha256sum --check` reads them, sorted by path.
    fn write_checksums(mut self) -> Result<()> {
        self.checksums.sort();
        let text: String = self.checksums.iter().map(|(path, sum)| format!("{sum}  {path}\n")).collect();
        self.set.stage(&self.directory.join("checksums.sha256"), text.as_bytes())?;
        self.set.commit()
    }
}

/// The page, with a preview of every sound but those that presets play.
fn index(directory: &Path, manifest: &Manifest) -> Result<Vec<u8>> {
    let failed = |error: std::io::Error| Error::file("write", &directory.join("index.html"), files::reason(&error));
    let mut writer = PageWriter::new(Vec::new(), &info(manifest)).map_err(failed)?;
    let shown: Vec<&Row> = manifest.files.iter().filter(|row| row.kind != Kind::Multisample).collect();
    for rows in shown.chunks(AT_ONCE) {
        let items: Vec<PageItem> = rows.par_iter().map(|row| page_item(directory, row)).collect::<Result<_>>()?;
        items.iter().try_for_each(|item| writer.item(item)).map_err(failed)?;
    }
    writer.finish().map_err(failed)
}

fn info(manifest: &Manifest) -> PageInfo {
    let recipe = &manifest.recipe;
    let format = format!("{} kHz, {} bit", recipe.rate.hz() / 1000.0, recipe.bits);
    PageInfo {
        name: recipe.name.clone(),
        label: recipe.label.clone(),
        description: recipe.styles.iter().map(|style| style.replace('_', " ")).collect::<Vec<_>>().join(", "),
        facts: vec![("Format".to_owned(), format)],
        licence: texts::LICENCE_LINE.to_owned(),
        version: recipe.version.clone(),
    }
}

fn page_item(directory: &Path, row: &Row) -> Result<PageItem> {
    let kind = match row.kind {
        Kind::Loop => page::Kind::Loop,
        Kind::Stem => page::Kind::Stem,
        Kind::OneShot => page::Kind::OneShot,
        Kind::Multisample => page::Kind::Multisample,
        Kind::Midi => page::Kind::Midi,
        Kind::Preset => page::Kind::Preset,
        Kind::Demo => page::Kind::Demo,
    };
    let meter: Option<Meter> = row.meter.as_deref().and_then(|meter| meter.parse().ok());
    let beats = row.bars.zip(meter).map(|(bars, meter)| bars * u32::from(meter.numerator()));
    let mut item = PageItem {
        role: Some(row.instrument.clone()),
        style: row.style.clone(),
        key: row.key.as_deref().and_then(|key| key.parse().ok()),
        bpm: row.bpm,
        bars: row.bars,
        beats,
        tags: row.tags.clone(),
        ..PageItem::new(row.path.clone(), kind)
    };
    if row.frames.is_some() {
        let path = directory.join(&row.path);
        let audio = wav::decode(&files::read(&path)?).map_err(|error| Error::file("read", &path, error))?;
        let tempo = row.bpm.map(Tempo::new).transpose()?;
        let repeat = match (tempo, row.bars, meter) {
            (Some(tempo), Some(bars), Some(meter)) => {
                Some(Repeat::new(meter.bar() * bars, tempo, meter, None, audio.sample_rate))
            }
            _ => None,
        };
        item.seconds = Some(audio.seconds());
        item.peaks = Some(page::peaks(&audio));
        item.preview = Some(page::preview(&audio, repeat.as_ref()));
    }
    Ok(item)
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
