//! What shows a pack off: a demo track and a cover, both made from nothing but what lies in it.

use super::cover::{self, CoverLoop, Title};
use super::demo::{self, DemoLoop};
use super::make::{measured, with_publisher};
use super::manifest::{Kind, Row};
use super::page::{Peaks, Preview, peaks, preview};
use super::recipe::PackRecipe;
use crate::checksum::sha256;
use crate::error::{Error, Result};
use crate::files;
use crate::wav::{self, Cue, Tags};
use riffsmith_dsp::score::{Key, Role, Tempo, midi};
use std::path::Path;

/// The demo track.
pub struct Demo {
    /// What the manifest says of it.
    pub row: Row,
    /// How it looks on the page.
    pub peaks: Peaks,
    /// How it sounds there.
    pub preview: Preview,
    /// The WAV file.
    pub bytes: Vec<u8>,
    /// What sounds when, in words.
    pub form: String,
}

/// True if there is something to make a demo of.
pub fn has_demo(rows: &[Row]) -> bool {
    rows.iter().any(|row| demo_loop(rows, row).is_some())
}

/// Arranges and renders the demo; `None` for a pack without loops.
///
/// # Errors
/// If a loop cannot be read.
pub fn demo(directory: &Path, pack: &PackRecipe, rows: &[Row]) -> Result<Option<Demo>> {
    let loops: Vec<(&Row, DemoLoop)> = rows.iter().filter_map(|row| Some((row, demo_loop(rows, row)?))).collect();
    if loops.is_empty() {
        return Ok(None);
    }
    let planned: Vec<DemoLoop> = loops.iter().map(|(_, planned)| planned.clone()).collect();
    let arrangement = demo::plan(&planned);
    let load = |index: usize| {
        let path = directory.join(&loops[index].0.path);
        wav::decode(&files::read(&path)?).map_err(|error| Error::file("read", &path, error))
    };
    let audio = demo::render(&arrangement, load, pack.rate)?;
    let title = format!("{}_{}_demo", pack.label, pack.code());
    let cues = arrangement.cues(pack.rate).into_iter().map(|cue| Cue { frame: cue.frame, label: cue.name });
    let tags = Tags {
        title: title.clone(),
        comment: "made of nothing but the loops of this pack".to_owned(),
        cues: cues.collect(),
        ..Tags::default()
    };
    let bytes = wav::encode(&audio, pack.bits, &with_publisher(pack, tags)?, pack.seed.fork("demo"))?;
    let row = Row { sha256: sha256(&bytes), ..Row::new(format!("Demo/{title}.wav"), Kind::Demo, "demo") };
    let row = measured(row, &audio, pack.bits);
    Ok(Some(Demo { row, peaks: peaks(&audio), preview: preview(&audio, None), bytes, form: arrangement.text() }))
}

fn demo_loop(rows: &[Row], row: &Row) -> Option<DemoLoop> {
    if row.kind != Kind::Loop {
        return None;
    }
    // Drums have no key of their own: that of their group.
    let key = row.key.as_ref().or_else(|| {
        let together = |other: &&Row| other.kind == Kind::Loop && other.group == row.group && other.key.is_some();
        rows.iter().find(together).and_then(|other| other.key.as_ref())
    });
    let am = || "Am".parse::<Key>().expect("a key");
    Some(DemoLoop {
        group: row.group?,
        style: row.style.clone()?,
        role: role_of(row),
        tempo: Tempo::new(row.bpm?).ok()?,
        bars: row.bars?,
        key: key.and_then(|key| key.parse().ok()).unwrap_or_else(am),
        meter: row.meter.as_deref()?.parse().ok()?,
        frames: row.frames?,
    })
}

/// Draws the cover.
///
/// # Errors
/// If the notes cannot be read.
pub fn cover(directory: &Path, pack: &PackRecipe, rows: &[Row]) -> Result<Vec<u8>> {
    let drawn = |row: &Row| {
        let path = directory.join(&row.path);
        let score = midi::read(&files::read(&path)?).map_err(|error| Error::file("read", &path, error))?;
        Ok(CoverLoop { style: row.style.clone().unwrap_or_default(), role: role_of(row), score })
    };
    let loops: Vec<CoverLoop> = rows.iter().filter(|row| row.kind == Kind::Midi).map(drawn).collect::<Result<_>>()?;
    let styles = pack.styles.iter().map(|style| style.replace('_', " ")).collect::<Vec<_>>().join(", ");
    let count = |kind: Kind, what: &str| {
        let count = rows.iter().filter(|row| row.kind == kind).count();
        (count > 0).then(|| format!("{count} {what}"))
    };
    let tempos: Vec<f64> = rows.iter().filter_map(|row| row.bpm).collect();
    let slowest = tempos.iter().copied().fold(f64::INFINITY, f64::min);
    let fastest = tempos.iter().copied().fold(0.0, f64::max);
    let tempo = match tempos.as_slice() {
        [] => None,
        _ if slowest.round() == fastest.round() => Some(format!("{slowest:.0} bpm")),
        _ => Some(format!("{slowest:.0}-{fastest:.0} bpm")),
    };
    let parts = [Some(styles), count(Kind::Loop, "loops"), count(Kind::OneShot, "one-shots"), tempo];
    let line = parts.into_iter().flatten().collect::<Vec<_>>().join("  ");
    let title = Title { name: &pack.name, label: &pack.label, line: &line };
    Ok(cover::cover(&title, &loops, pack.seed.fork("cover")))
}

fn role_of(row: &Row) -> Option<Role> {
    Role::ALL.into_iter().find(|role| role.name() == row.instrument)
}
