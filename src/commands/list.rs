//! `riffsmith list`: the names that other commands take.

use crate::console::Console;
use crate::error::{Error, Result};
use crate::style::Style;
use crate::suggest;
use clap::ValueEnum;
use riffsmith_dsp::effect::EFFECTS;
use riffsmith_dsp::instrument::INSTRUMENTS;
use riffsmith_dsp::osc::wavetable::TABLES;
use riffsmith_dsp::parameters::Checked;
use riffsmith_dsp::patch::{self, Patch};
use riffsmith_dsp::score::{Key, Mode, PitchClass};
use serde::Serialize;
use std::collections::BTreeSet;

/// List the styles, patches, instruments, effects, parameters, devices, MIDI ports or keys
#[derive(Debug, clap::Args)]
pub struct Args {
    /// What to list
    what: What,
    /// Only patches with this tag, such as bass, pad or techno
    #[arg(long, value_name = "TAG")]
    tag: Option<String>,
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
    /// What patches can say: every number of each instrument with its range, every field of each effect
    Parameters,
    /// Wavetables of the subtractive instrument
    Wavetables,
    /// Sound devices, as --device of play and audition takes them
    Devices,
    /// Sound systems, as --host takes them
    Hosts,
    /// MIDI keyboards and clocks, as play --midi-in takes them
    Midi,
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
/// If the system's sound or MIDI cannot be asked for its devices, or stdout cannot be written to.
pub fn run(args: &Args, console: Console) -> Result<()> {
    if let (Some(tag), false) = (&args.tag, matches!(args.what, What::Patches)) {
        return Err(Error::usage(format!("--tag {tag} is for patches only")).hint("riffsmith list patches --tag bass"));
    }
    let (title, rows) = match args.what {
        What::Styles => ("styles", styles()),
        What::Patches => ("patches", patches(args.tag.as_deref())?),
        What::Instruments => {
            ("instruments", INSTRUMENTS.iter().map(|row| Row::new(row.name, row.description)).collect())
        }
        What::Effects => ("effects", EFFECTS.iter().map(|row| Row::new(row.name, row.summary)).collect()),
        What::Parameters => ("parameters", parameters()),
        What::Wavetables => ("wavetables", TABLES.iter().map(|row| Row::new(row.name, row.description)).collect()),
        What::Devices => ("devices", devices()?),
        What::Hosts => ("hosts", hosts()?),
        What::Midi => ("midi", midi_ports()?),
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

/// All patches, or those with a tag.
fn patches(tag: Option<&str>) -> Result<Vec<Row>> {
    let is_wanted = |patch: &Patch| tag.is_none_or(|tag| patch.tags.iter().any(|own| own == tag));
    let rows: Vec<Row> =
        patch::builtin().filter(is_wanted).map(|patch| Row::new(patch.name, patch.description)).collect();
    match tag {
        Some(tag) if rows.is_empty() => {
            let tags: BTreeSet<String> = patch::builtin().flat_map(|patch| patch.tags).collect();
            let all = tags.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
            let hint = suggest::hint(tag, tags.iter().map(String::as_str), &format!("there are {all}"));
            Err(Error::usage(format!("--tag must be a tag of some patch, but was {tag:?}")).hint(hint))
        }
        _ => Ok(rows),
    }
}

/// Every number of each instrument, by its path in a patch, and every field of each effect.
fn parameters() -> Vec<Row> {
    let mut rows = Vec::new();
    for entry in INSTRUMENTS {
        (entry.default)().visit_numbers(&format!("{}.", entry.name), &mut |number| {
            let [least, most] = [number.range.start(), number.range.end()];
            rows.push(Row::new(number.path, format!("{least} to {most}, default {}", number.value)));
        });
    }
    for effect in EFFECTS {
        let fields = serde_json::to_value((effect.default)()).expect("parameters are plain data");
        for (name, value) in fields.as_object().into_iter().flatten().filter(|(name, _)| *name != "type") {
            rows.push(Row::new(format!("{}.{name}", effect.name), format!("default {}", plain(value))));
        }
    }
    rows
}

/// A value as a person writes it: the shortest number that is the same 32-bit float.
fn plain(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::Number(number) if number.is_f64() => {
            number.as_f64().map_or_else(|| number.to_string(), |number| (number as f32).to_string())
        }
        serde_json::Value::Null => "none".to_owned(),
        other => other.to_string(),
    }
}

fn styles() -> Vec<Row> {
    let row = |style: Style| {
        let [slowest, fastest] = style.tempo_bpm;
        let sounds = style.sets.iter().map(|set| set.name.as_str()).collect::<Vec<_>>().join(", ");
        Row::new(style.name, format!("{slowest}-{fastest} bpm  {}; sounds: {sounds}", style.description))
    };
    Style::builtin().into_iter().map(row).collect()
}

#[cfg(feature = "playback")]
fn devices() -> Result<Vec<Row>> {
    Ok(crate::device::names(None)?.into_iter().map(|(name, description)| Row::new(name, description)).collect())
}

#[cfg(feature = "playback")]
fn hosts() -> Result<Vec<Row>> {
    Ok(crate::device::hosts().into_iter().map(|name| Row::new(name, "")).collect())
}

#[cfg(feature = "playback")]
fn midi_ports() -> Result<Vec<Row>> {
    Ok(crate::midi_in::ports()?.into_iter().map(|name| Row::new(name, "")).collect())
}

#[cfg(not(feature = "playback"))]
fn devices() -> Result<Vec<Row>> {
    Err(Error::failed("this riffsmith was built without playback"))
}

#[cfg(not(feature = "playback"))]
fn hosts() -> Result<Vec<Row>> {
    devices()
}

#[cfg(not(feature = "playback"))]
fn midi_ports() -> Result<Vec<Row>> {
    devices()
}

fn keys() -> Vec<Row> {
    let tonics = (0..12).map(PitchClass::new);
    let keys = tonics.flat_map(|tonic| Mode::ALL.map(|mode| Key { tonic, mode }));
    keys.map(|key| Row::new(key.to_string(), key.scale().map(|class| class.to_string()).join(" "))).collect()
}
