//! The page of a pack, from its manifest and its files.

use super::manifest::{Kind, Manifest, Row};
use super::page::{self, PageInfo, PageItem, PageWriter};
use super::texts;
use crate::error::{Error, Result};
use crate::files;
use crate::wav::{self, Repeat};
use rayon::prelude::*;
use riffsmith_dsp::score::{Meter, Tempo};
use std::path::Path;

/// Sounds whose previews are made at once: enough for all cores, few enough for memory not to grow with the pack.
const AT_ONCE: usize = 8;

/// The page, with a preview of every sound but those that presets play.
///
/// # Errors
/// If a sound cannot be read.
pub fn write(directory: &Path, manifest: &Manifest) -> Result<Vec<u8>> {
    let failed = |error: std::io::Error| Error::file("write", &directory.join("index.html"), files::reason(&error));
    let mut writer = PageWriter::new(Vec::new(), &info(manifest)).map_err(failed)?;
    let mut shown: Vec<&Row> = manifest.files.iter().filter(|row| row.kind != Kind::Multisample).collect();
    shown.sort_by_key(|row| rank(row.kind));
    for rows in shown.chunks(AT_ONCE) {
        let items: Vec<PageItem> = rows.par_iter().map(|row| page_item(directory, row)).collect::<Result<_>>()?;
        items.iter().try_for_each(|item| writer.item(item)).map_err(failed)?;
    }
    writer.finish().map_err(failed)
}

/// What one wants to hear comes first.
fn rank(kind: Kind) -> u8 {
    match kind {
        Kind::Demo => 0,
        Kind::Loop => 1,
        Kind::OneShot | Kind::Multisample => 2,
        Kind::Stem => 3,
        Kind::Midi => 4,
        Kind::Preset => 5,
    }
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
