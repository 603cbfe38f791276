//! The page of a pack, from its rows and its files.

use super::manifest::{Kind, Row};
use super::page::{self, PageInfo, PageItem, PageWriter};
use super::produce::Stop;
use super::recipe::PackRecipe;
use super::showcase::{self, Demo};
use super::texts;
use crate::error::{Error, Result};
use crate::files;
use crate::wav::{self, Repeat};
use rayon::prelude::*;
use riffsmith_dsp::score::{Meter, Tempo};
use std::io::Write;
use std::path::Path;

/// Sounds whose previews are made at once: enough for all cores, few enough for memory not to grow with the pack.
const AT_ONCE: usize = 8;

/// A page in the making.
pub struct Index<'a> {
    directory: &'a Path,
    writer: PageWriter,
}

impl<'a> Index<'a> {
    /// The page of the pack in `directory`, without sounds yet.
    ///
    /// # Errors
    /// If there is no room for a temporary file.
    pub fn new(directory: &'a Path, pack: &PackRecipe) -> Result<Self> {
        let writer = PageWriter::new(&info(pack)).map_err(|error| refused(directory, &error))?;
        Ok(Self { directory, writer })
    }

    /// Adds the items of a pack, with a preview of every sound but those that presets play; what one wants to hear comes first, but
    /// after the demo if there will be one. Ends early if it is asked to.
    ///
    /// # Errors
    /// If a sound cannot be read, or there is no room for its preview.
    pub fn add_items(&mut self, rows: &[Row], stop: &Stop) -> Result<()> {
        let mut shown: Vec<&Row> = rows.iter().filter(|row| row.kind != Kind::Multisample).collect();
        shown.sort_by_key(|row| rank(row.kind));
        let mut place = usize::from(showcase::has_demo(rows));
        for rows in shown.chunks(AT_ONCE) {
            if stop.asked() {
                break;
            }
            let items: Vec<PageItem> = rows.par_iter().map(|row| self.item(row)).collect::<Result<_>>()?;
            for item in &items {
                self.add(place, item)?;
                place += 1;
            }
        }
        Ok(())
    }

    /// Adds the demo, at the head of the list.
    ///
    /// # Errors
    /// If there is no room for its preview.
    pub fn add_demo(&mut self, demo: &Demo) -> Result<()> {
        let (peaks, preview) = (Some(demo.peaks.clone()), Some(demo.preview.clone()));
        let seconds = demo.row.frames.zip(demo.row.rate).map(|(frames, rate)| frames as f64 / f64::from(rate));
        self.add(0, &PageItem { seconds, peaks, preview, ..item(&demo.row) })
    }

    /// Writes the page.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn write(self, out: &mut dyn Write) -> std::io::Result<()> {
        self.writer.finish(std::io::BufWriter::new(out))
    }

    fn add(&mut self, place: usize, item: &PageItem) -> Result<()> {
        self.writer.item(place, item).map_err(|error| refused(self.directory, &error))
    }

    fn item(&self, row: &Row) -> Result<PageItem> {
        if row.frames.is_none() {
            return Ok(item(row));
        }
        let path = self.directory.join(&row.path);
        let audio = wav::decode(&files::read(&path)?).map_err(|error| Error::file("read", &path, error))?;
        let tempo = row.bpm.map(Tempo::new).transpose()?;
        let repeat = match (tempo, row.bars, meter(row)) {
            (Some(tempo), Some(bars), Some(meter)) => {
                Some(Repeat::new(meter.bar() * bars, tempo, meter, None, audio.sample_rate))
            }
            _ => None,
        };
        Ok(PageItem {
            seconds: Some(audio.seconds()),
            peaks: Some(page::peaks(&audio)),
            preview: Some(page::preview(&audio, repeat.as_ref())),
            ..item(row)
        })
    }
}

fn refused(directory: &Path, error: &std::io::Error) -> Error {
    Error::file("write", &directory.join("index.html"), files::reason(error))
}

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

fn info(pack: &PackRecipe) -> PageInfo {
    PageInfo {
        name: pack.name.clone(),
        label: pack.label.clone(),
        description: pack.styles.iter().map(|style| style.replace('_', " ")).collect::<Vec<_>>().join(", "),
        facts: vec![("Format".to_owned(), format!("{} kHz, {} bit", pack.rate.hz() / 1000.0, pack.bits))],
        licence: texts::LICENCE_LINE.to_owned(),
        version: pack.version.clone(),
    }
}

fn meter(row: &Row) -> Option<Meter> {
    row.meter.as_deref().and_then(|meter| meter.parse().ok())
}

/// What the page says of a file.
fn item(row: &Row) -> PageItem {
    let kind = match row.kind {
        Kind::Loop => page::Kind::Loop,
        Kind::Stem => page::Kind::Stem,
        Kind::OneShot => page::Kind::OneShot,
        Kind::Multisample => page::Kind::Multisample,
        Kind::Midi => page::Kind::Midi,
        Kind::Preset => page::Kind::Preset,
        Kind::Demo => page::Kind::Demo,
    };
    PageItem {
        role: Some(row.instrument.clone()),
        style: row.style.clone(),
        key: row.key.as_deref().and_then(|key| key.parse().ok()),
        bpm: row.bpm,
        bars: row.bars,
        beats: row.bars.zip(meter(row)).map(|(bars, meter)| bars * u32::from(meter.numerator())),
        tags: row.tags.clone(),
        ..PageItem::new(row.path.clone(), kind)
    }
}
