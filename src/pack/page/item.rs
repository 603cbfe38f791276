//! What the page says about a pack and about each of its files.

use super::{Peaks, Preview};
use riffsmith_dsp::score::Key;
use serde::Serialize;

/// The pack as a whole, in the words to show. Any text may hold any character.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PageInfo {
    /// Its name.
    pub name: String,
    /// Who publishes it; may be empty.
    pub label: String,
    /// What it sounds like, in a line; may be empty.
    pub description: String,
    /// Name and value of what else is worth knowing, in order: tempo range, format. What can be counted, the page counts.
    pub facts: Vec<(String, String)>,
    /// What a buyer may do with it, in a line; may be empty.
    pub licence: String,
    /// The version of riffsmith that made it.
    pub version: String,
}

/// What a file of the pack holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A finished loop.
    Loop,
    /// One part of a loop.
    Stem,
    /// A single hit or note.
    OneShot,
    /// Music made from the pack.
    Demo,
    /// An instrument of several samples.
    Multisample,
    /// Notes.
    Midi,
    /// A patch of an instrument.
    Preset,
}

/// One file of the pack: a row of the page.
#[derive(Debug, Clone, PartialEq)]
pub struct PageItem {
    /// Where it is from the page, with `/` between its parts.
    pub path: String,
    /// What it holds.
    pub kind: Kind,
    /// Role or instrument: `drums`, `bass`, `kick`.
    pub role: Option<String>,
    /// Name of the style.
    pub style: Option<String>,
    /// Tonic and mode; `None` for what is not pitched.
    pub key: Option<Key>,
    /// Quarter notes per minute.
    pub bpm: Option<f64>,
    /// Length in bars.
    pub bars: Option<u32>,
    /// Length in beats, as the metre counts them.
    pub beats: Option<u32>,
    /// Length in seconds, of a sound.
    pub seconds: Option<f64>,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// Its waveform.
    pub peaks: Option<Peaks>,
    /// What is heard; without it the page can but open the file itself.
    pub preview: Option<Preview>,
}

impl PageItem {
    /// A file of which no more is known than where it is and what it holds.
    pub fn new(path: impl Into<String>, kind: Kind) -> Self {
        Self {
            path: path.into(),
            kind,
            role: None,
            style: None,
            key: None,
            bpm: None,
            bars: None,
            beats: None,
            seconds: None,
            tags: Vec::new(),
            peaks: None,
            preview: None,
        }
    }
}
