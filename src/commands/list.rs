//! `riffsmith list`: the names that other commands take.

use crate::console::Console;
use crate::error::Result;
use crate::style::Style;
use clap::ValueEnum;
use riffsmith_dsp::effect::EFFECTS;
use riffsmith_dsp::instrument::INSTRUMENTS;
use riffsmith_dsp::patch;
use riffsmith_dsp::score::{Key, Mode, PitchClass};
use serde::Serialize;

/// List the styles, patches, instruments, effects, devices or keys
#[derive(Debug, clap::Args)]
pub struct Args {
    /// What to list
    what: What,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum What {
    /// Styles, as generate and play take them
    Styles,
    /// Patches, as --patch takes them
    Patches,
    /// Instruments that patches are made for
    Instruments,
    /// Effects that patches and mixes use
    Effects,
    /// Sound devices, as play --device takes them
    Devices,
    /// Keys, as --key takes them
    Keys,
}

/// One line of a list.
#[derive(Debug, Serialize)]
struct Row {
    name: String,
    description: String,
}

impl Row {
    fn new(name: impl Into<String>, description: impl Into<String>) -> Self {
        Self { name: name.into(), description: description.into() }
    }
}

/// Prints the list asked for.
///
/// # Errors
/// If the system's sound cannot be asked for its devices, or stdout cannot be written to.
pub fn run(args: &Args, console: Console) -> Result<()> {
    let (title, rows) = match args.what {
        What::Styles => ("styles", styles()),
        What::Patches => ("patches", patch::builtin().map(|patch| Row::new(patch.name, patch.description)).collect()),
        What::Instruments => {
            ("instruments", INSTRUMENTS.iter().map(|row| Row::new(row.name, row.description)).collect())
        }
        What::Effects => ("effects", EFFECTS.iter().map(|row| Row::new(row.name, row.summary)).collect()),
        What::Devices => ("devices", devices()?),
        What::Keys => ("keys", keys()),
    };
    let width = rows.iter().map(|row| row.name.chars().count()).max().unwrap_or(0);
    for row in &rows {
        console.line(format!("{:width$}  {}", row.name, row.description).trim_end())?;
    }
    if rows.is_empty() {
        console.note(&format!("there are no {title}"));
    }
    console.object(&serde_json::json!({ title: rows }))
}

fn styles() -> Vec<Row> {
    let row = |style: Style| {
        let [slowest, fastest] = style.tempo_bpm;
        Row::new(style.name, format!("{slowest}-{fastest} bpm  {}", style.description))
    };
    Style::builtin().into_iter().map(row).collect()
}

#[cfg(feature = "playback")]
fn devices() -> Result<Vec<Row>> {
    Ok(crate::device::names()?.into_iter().map(|(name, description)| Row::new(name, description)).collect())
}

#[cfg(not(feature = "playback"))]
fn devices() -> Result<Vec<Row>> {
    Err(crate::Error::failed("this riffsmith was built without playback"))
}

fn keys() -> Vec<Row> {
    let tonics = (0..12).map(PitchClass::new);
    let keys = tonics.flat_map(|tonic| Mode::ALL.map(|mode| Key { tonic, mode }));
    keys.map(|key| Row::new(key.to_string(), key.scale().map(|class| class.to_string()).join(" "))).collect()
}
