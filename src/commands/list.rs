//! `riffsmith list`: the names that other commands take.

use crate::console::Console;
use crate::error::Result;
use clap::ValueEnum;
use riffsmith_dsp::score::{Key, Mode, PitchClass};
use serde::Serialize;

/// List what there is: styles, patches, instruments, effects, devices or keys
#[derive(Debug, clap::Args)]
pub struct Args {
    /// What to list
    what: What,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum What {
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
/// If stdout cannot be written to.
pub fn run(args: &Args, console: Console) -> Result<()> {
    let (title, rows) = match args.what {
        What::Keys => ("keys", keys()),
    };
    let width = rows.iter().map(|row| row.name.chars().count()).max().unwrap_or(0);
    for row in &rows {
        console.line(format!("{:width$}  {}", row.name, row.description).trim_end())?;
    }
    console.object(&serde_json::json!({ title: rows }))
}

fn keys() -> Vec<Row> {
    let tonics = (0..12).map(PitchClass::new);
    let keys = tonics.flat_map(|tonic| Mode::ALL.map(|mode| Key { tonic, mode }));
    keys.map(|key| Row::new(key.to_string(), key.scale().map(|class| class.to_string()).join(" "))).collect()
}
