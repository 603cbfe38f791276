//! MusicXML (W3C, "MusicXML 4.0", 2021): the parts of a score, as much of them as the networks can learn from.

mod part;
mod symbol;

use super::files;
use crate::error::{Error, Result};
use part::{Measure, Reading};
use riffsmith_dsp::score::{Chord, Key, Meter, Ticks};
use roxmltree::{Document, Node, ParsingOptions};

/// Longest score that is believed: two hours and more at 120 quarter notes a minute.
const MAX_QUARTERS: u32 = 1 << 14;

/// Loudness of notes without a dynamic mark.
pub const PLAIN: u8 = 90;

/// A score. Repeats are read once.
#[derive(Debug, Default)]
pub struct Sheet {
    /// Its metres, each from a bar line on; the first one holds from the start. Empty where none is written.
    pub meters: Vec<(Ticks, Meter)>,
    /// Its key signatures, each from a bar line on.
    pub signatures: Vec<(Ticks, Key)>,
    /// Quarter notes per minute from a moment on, where written.
    pub tempos: Vec<(Ticks, f64)>,
    /// Its chord symbols; `None` where it says that none sounds.
    pub chords: Vec<(Ticks, Option<Chord>)>,
    /// Its parts, in the order of the file.
    pub parts: Vec<SheetPart>,
    /// Where it ends.
    pub end: Ticks,
}

/// A part of a [`Sheet`].
#[derive(Debug, Default)]
pub struct SheetPart {
    /// `Voice`, `Piano`.
    pub name: String,
    /// Its notes in the order of the file. Tied notes are one; grace notes are left out.
    pub notes: Vec<SheetNote>,
}

/// A note of a [`SheetPart`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SheetNote {
    /// When it starts, from the first bar line on: a pick-up stands at the end of a bar of its own.
    pub at: Ticks,
    /// How long it is.
    pub length: Ticks,
    /// MIDI pitch as it sounds, or General MIDI drum.
    pub pitch: u8,
    /// Loudness by the last dynamic mark, [`PLAIN`] without one.
    pub velocity: u8,
    /// The staff it stands on, from 1: a piano's left hand has 2.
    pub staff: u8,
    /// True with an accent.
    pub is_accented: bool,
    /// True with its head in parentheses.
    pub is_ghost: bool,
    /// True if it names a drum, not a pitch.
    pub is_drum: bool,
}

impl Sheet {
    /// The metre at the start; 4/4 where none is written.
    pub fn meter(&self) -> Meter {
        self.meters.first().map_or(Meter::COMMON, |&(_, meter)| meter)
    }

    /// The first key signature.
    pub fn signature(&self) -> Option<Key> {
        self.signatures.first().map(|&(_, key)| key)
    }

    /// All up to the first change of metre.
    pub fn opening(mut self) -> Self {
        if let Some(&(end, _)) = self.meters.get(1) {
            self.end = end;
            self.meters.truncate(1);
            self.chords.retain(|&(at, _)| at < end);
            for part in &mut self.parts {
                part.notes.retain(|note| note.at < end);
            }
        }
        self
    }
}

/// Reads a compressed score (`.mxl`): a zip archive with one score in it.
///
/// # Errors
/// A broken archive, or none of its files is a score.
pub fn read_compressed(name: &str, bytes: &[u8]) -> Result<Sheet> {
    let files = files::unpacked(name, bytes)?;
    let is_score =
        |path: &str| (path.ends_with(".xml") || path.ends_with(".musicxml")) && !path.starts_with("META-INF");
    let score = files.iter().find(|(path, _)| is_score(path));
    let (_, text) = score.ok_or_else(|| Error::format("MusicXML file", format!("{name}: no score inside")))?;
    read(name, text)
}

/// # Errors
/// Not XML in UTF-8, without a part, or longer than 16 384 quarter notes.
pub fn read(name: &str, bytes: &[u8]) -> Result<Sheet> {
    let broken = |error: &dyn std::fmt::Display| Error::format("MusicXML file", format!("{name}: {error}"));
    let text = std::str::from_utf8(bytes).map_err(|error| broken(&error))?;
    let options = ParsingOptions { allow_dtd: true, ..ParsingOptions::default() };
    let document = Document::parse_with_options(text, options).map_err(|error| broken(&error))?;
    let root = document.root_element();
    if root.has_tag_name("score-timewise") {
        let reason = format!("{name}: timewise scores");
        return Err(Error::Unsupported { what: "MusicXML file", reason });
    }
    let drums = symbol::drums(root);
    let mut parts: Vec<Reading> =
        root.children().filter(|node| node.has_tag_name("part")).map(|node| Reading::new(root, node, &drums)).collect();
    if parts.is_empty() {
        return Err(broken(&"it has no part"));
    }
    let mut sheet = Sheet::default();
    let mut start = Ticks(0);
    let measures = parts.iter().map(|part| part.measures.len()).max().unwrap_or(0);
    for index in 0..measures {
        let mut measure = Measure::default();
        parts.iter_mut().for_each(|part| part.read(index, &mut measure));
        start = place(&mut sheet, start, &measure);
        parts.iter_mut().for_each(|part| part.place(start));
        start = start + measure.length;
        if start.0 > MAX_QUARTERS * Ticks::PER_QUARTER {
            let reason = format!("{name}: more than {MAX_QUARTERS} quarter notes");
            return Err(Error::Unsupported { what: "MusicXML file", reason });
        }
    }
    sheet.end = start;
    sheet.parts = parts.into_iter().map(Reading::finish).collect();
    Ok(sheet)
}

/// Puts what stands over a measure in its place, and says where the measure starts.
///
/// A pick-up is moved to its bar's end; a full measure after a part of one starts at the next bar line, and so does a new
/// metre.
fn place(sheet: &mut Sheet, reached: Ticks, measure: &Measure) -> Ticks {
    let (from, old) = sheet.meters.last().copied().unwrap_or((Ticks(0), Meter::COMMON));
    let late = (reached - from).0 % old.bar().0;
    let to_bar_line = if late > 0 { Ticks(old.bar().0 - late) } else { Ticks(0) };
    let mut start = reached;
    let changed = measure.meter.filter(|&meter| sheet.meters.is_empty() || meter != old);
    if let Some(meter) = changed {
        start = start + to_bar_line;
        sheet.meters.push((if sheet.meters.is_empty() { Ticks(0) } else { start }, meter));
    } else if measure.length >= old.bar() {
        start = start + to_bar_line;
    }
    let (from, meter) = sheet.meters.last().copied().unwrap_or((Ticks(0), old));
    if start == from && measure.length < meter.bar() && measure.length > Ticks(0) {
        start = start + (meter.bar() - measure.length);
    }
    // A signature holds from its bar line on.
    let line = start - Ticks((start - from).0 % meter.bar().0);
    sheet.signatures.extend(measure.signature.map(|key| (line, key)));
    sheet.signatures.dedup_by_key(|&mut (_, key)| key);
    sheet.tempos.extend(measure.tempos.iter().map(|&(at, bpm)| (start + at, bpm)));
    sheet.chords.extend(measure.chords.iter().map(|&(at, chord)| (start + at, chord)));
    start
}

fn child<'a>(node: Node<'a, 'a>, name: &str) -> Option<Node<'a, 'a>> {
    node.children().find(|child| child.has_tag_name(name))
}

fn text<'a>(node: Node<'a, 'a>, name: &str) -> Option<&'a str> {
    child(node, name)?.text().map(str::trim)
}

fn number<T: std::str::FromStr>(node: Node, name: &str) -> Option<T> {
    child(node, name)?.text()?.trim().parse().ok()
}

#[cfg(test)]
mod tests;
