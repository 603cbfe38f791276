//! What a pack says about its files: a row each, as JSON and as a table.

use super::recipe::PackRecipe;
use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A finished loop.
    Loop,
    /// One part of a loop.
    Stem,
    /// A single hit or note.
    OneShot,
    /// A sample of an instrument.
    Multisample,
    /// Notes.
    Midi,
    /// What a sampler, or riffsmith, plays.
    Preset,
    /// Music made from the pack.
    Demo,
}

/// A file of a pack.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// Where it is within the pack, with `/` between its parts.
    pub path: String,
    /// What it holds.
    pub kind: Kind,
    /// What plays: `full`, `bass`, `kick`.
    pub instrument: String,
    /// The patch that plays, of what one patch plays.
    pub patch: Option<String>,
    /// Name of the style.
    pub style: Option<String>,
    /// Loops of one number go together.
    pub group: Option<usize>,
    /// Quarter notes per minute.
    pub bpm: Option<f64>,
    /// Length in bars.
    pub bars: Option<u32>,
    /// Time signature.
    pub meter: Option<String>,
    /// Tonic and mode.
    pub key: Option<String>,
    /// The root: a pitch class of a loop or a stab, a note with its octave else.
    pub root: Option<String>,
    /// Length in frames.
    pub frames: Option<usize>,
    /// Frames per second.
    pub rate: Option<u32>,
    /// Bits in a sample.
    pub bits: Option<u16>,
    /// Channels.
    pub channels: Option<u16>,
    /// True peak in dBTP.
    pub true_peak_dbtp: Option<f64>,
    /// Loudness in LUFS.
    pub lufs: Option<f64>,
    /// How rough the seam is, of what repeats; up to 1.0 no rougher than the music.
    pub seam: Option<f64>,
    /// Share of the notes in the key.
    pub in_key: Option<f64>,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// The seed from which it was made.
    pub seed: Option<u64>,
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
}

impl Row {
    /// A file of which no more is known than where it is and what it holds.
    pub fn new(path: impl Into<String>, kind: Kind, instrument: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            kind,
            instrument: instrument.into(),
            patch: None,
            style: None,
            group: None,
            bpm: None,
            bars: None,
            meter: None,
            key: None,
            root: None,
            frames: None,
            rate: None,
            bits: None,
            channels: None,
            true_peak_dbtp: None,
            lufs: None,
            seam: None,
            in_key: None,
            tags: Vec::new(),
            seed: None,
            sha256: String::new(),
        }
    }
}

/// All that a pack says about itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// How it was made, and can be made again.
    pub recipe: PackRecipe,
    /// Hash of the refiner's weights, where it was used.
    pub refiner: Option<String>,
    /// The command that makes it again.
    pub command: String,
    /// False while items are missing.
    pub complete: bool,
    /// Its files, in the order of their items.
    pub files: Vec<Row>,
}

impl Manifest {
    /// As JSON, with an end of line.
    pub fn to_json(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).expect("rows have text keys and finite numbers");
        text.push('\n');
        text
    }

    /// # Errors
    /// If it is no manifest.
    pub fn from_json(text: &str) -> Result<Self> {
        serde_json::from_str(text).map_err(|error| Error::failed(format!("manifest.json is not understood: {error}")))
    }

    /// The rows as comma-separated values (RFC 4180), with a line of names.
    pub fn to_csv(&self) -> String {
        let line = |cells: Vec<String>| cells.join(",") + "\r\n";
        let head = line(COLUMNS.map(str::to_owned).to_vec());
        let rows = self.files.iter().map(|row| {
            let fields = serde_json::to_value(row).expect("a row is plain data");
            line(COLUMNS.map(|name| cell(fields.get(name))).to_vec())
        });
        std::iter::once(head).chain(rows).collect()
    }
}

/// The table's columns: the fields of [`Row`].
const COLUMNS: [&str; 22] = [
    "path",
    "kind",
    "instrument",
    "patch",
    "style",
    "group",
    "bpm",
    "bars",
    "meter",
    "key",
    "root",
    "frames",
    "rate",
    "bits",
    "channels",
    "true_peak_dbtp",
    "lufs",
    "seam",
    "in_key",
    "tags",
    "seed",
    "sha256",
];

fn cell(value: Option<&serde_json::Value>) -> String {
    use serde_json::Value;
    let text = match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(items)) => {
            items.iter().map(|item| item.as_str().unwrap_or_default()).collect::<Vec<_>>().join("; ")
        }
        Some(other) => other.to_string(),
    };
    if text.contains([',', '"', '\r', '\n']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

#[cfg(test)]
mod tests {
    use super::super::recipe::example;
    use super::*;

    fn manifest() -> Manifest {
        let tags = vec!["a, b".to_owned(), "say \"c\"".to_owned()];
        let row = Row { bpm: Some(124.0), tags, ..Row::new("Loops/Bass/x.wav", Kind::Loop, "bass") };
        Manifest {
            recipe: example(),
            refiner: None,
            command: "riffsmith pack".to_owned(),
            complete: true,
            files: vec![row],
        }
    }

    #[test]
    fn a_manifest_is_read_back() {
        assert_eq!(Manifest::from_json(&manifest().to_json()), Ok(manifest()));
        assert!(Manifest::from_json("{}").expect_err("nothing").message.starts_with("manifest.json is not understood"));
    }

    #[test]
    fn the_table_has_a_line_for_each_file_and_quotes_what_needs_it() {
        let table = manifest().to_csv();
        let lines: Vec<&str> = table.split("\r\n").collect();
        assert_eq!(lines.len(), 3);
        let row = serde_json::to_value(&manifest().files[0]).expect("plain data");
        let fields: std::collections::BTreeSet<&str> =
            row.as_object().expect("a struct").keys().map(String::as_str).collect();
        assert_eq!(fields, COLUMNS.into_iter().collect());
        assert!(lines[0].contains("path") && lines[0].contains("sha256"), "{}", lines[0]);
        assert!(lines[1].contains("Loops/Bass/x.wav") && lines[1].contains("\"a, b; say \"\"c\"\"\""), "{}", lines[1]);
    }
}
