//! MusicXML (W3C, "MusicXML 4.0", 2021): the first part of a score, as much of it as lead sheets and drum parts need.

use super::files;
use crate::error::{Error, Result};
use riffsmith_dsp::score::{Chord, Key, Meter, Pitch, PitchClass, Quality, Ticks};
use roxmltree::{Document, Node, ParsingOptions};
use std::collections::HashMap;

/// Longest duration that is believed, in divisions: longer ones are slips.
const MAX_DURATION: u32 = 1 << 22;

/// A part up to its first change of metre.
#[derive(Debug, Default)]
pub struct Sheet {
    /// Its metre; 4/4 where none is written.
    pub meter: Option<Meter>,
    /// Its first key signature.
    pub key: Option<Key>,
    /// Its notes in the order of the file. Tied notes are one; grace notes are left out.
    pub notes: Vec<SheetNote>,
    /// Its chord symbols; `None` where it says that none sounds.
    pub chords: Vec<(Ticks, Option<Chord>)>,
    /// Where it ends.
    pub end: Ticks,
}

/// A note of a [`Sheet`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SheetNote {
    /// When it starts, from the first bar line on: a pick-up stands at the end of a bar of its own.
    pub at: Ticks,
    /// How long it is.
    pub length: Ticks,
    /// MIDI pitch or General MIDI drum.
    pub pitch: u8,
    /// True with an accent.
    pub is_accented: bool,
    /// True with its head in parentheses.
    pub is_ghost: bool,
}

/// Reads a compressed score (`.mxl`): a zip archive with one score in it.
///
/// # Errors
/// A broken archive, or none of its files is a score.
pub fn read_compressed(name: &str, bytes: &[u8]) -> Result<Sheet> {
    let files = files::unpacked(name, bytes)?;
    let score = files.iter().find(|(path, _)| path.ends_with(".xml") && !path.starts_with("META-INF"));
    let (_, text) = score.ok_or_else(|| Error::format("MusicXML file", format!("{name}: no score inside")))?;
    read(name, text)
}

/// # Errors
/// Not XML in UTF-8, or without a part.
pub fn read(name: &str, bytes: &[u8]) -> Result<Sheet> {
    let broken = |error: &dyn std::fmt::Display| Error::format("MusicXML file", format!("{name}: {error}"));
    let text = std::str::from_utf8(bytes).map_err(|error| broken(&error))?;
    let options = ParsingOptions { allow_dtd: true, ..ParsingOptions::default() };
    let document = Document::parse_with_options(text, options).map_err(|error| broken(&error))?;
    let root = document.root_element();
    let part = child(root, "part").ok_or_else(|| broken(&"it has no part"))?;
    let mut writer = Writer { drums: drums(root), divisions: 1, ..Writer::default() };
    for measure in part.children().filter(|node| node.has_tag_name("measure")) {
        if !writer.measure(measure) {
            break;
        }
    }
    Ok(writer.sheet)
}

/// General MIDI drums by the ids of their instruments.
fn drums<'a>(root: Node<'a, 'a>) -> HashMap<&'a str, u8> {
    let instruments = root.descendants().filter(|node| node.has_tag_name("midi-instrument"));
    // MusicXML counts from 1.
    instruments
        .filter_map(|node| Some((node.attribute("id")?, number::<u8>(node, "midi-unpitched")?.checked_sub(1)?)))
        .collect()
}

/// A sheet while it is read.
#[derive(Default)]
struct Writer<'a> {
    sheet: Sheet,
    drums: HashMap<&'a str, u8>,
    /// Divisions of a quarter note.
    divisions: u32,
    /// Where the measure starts.
    start: Ticks,
    /// Where the next note stands, in divisions from there.
    position: u32,
    /// Where the last note started, for those that start with it.
    onset: u32,
    /// The furthest that the measure has come.
    reached: u32,
}

impl<'a> Writer<'a> {
    /// Reads a measure; false if its metre is another one.
    fn measure(&mut self, measure: Node<'a, 'a>) -> bool {
        (self.position, self.onset, self.reached) = (0, 0, 0);
        let (notes, chords) = (self.sheet.notes.len(), self.sheet.chords.len());
        for node in measure.children().filter(Node::is_element) {
            match node.tag_name().name() {
                "attributes" if !self.attributes(node) => return false,
                "note" => self.note(node),
                "harmony" => {
                    if let Some(chord) = harmony(node) {
                        self.sheet.chords.push((self.ticks(self.position), chord));
                    }
                }
                "backup" => self.position = self.position.saturating_sub(duration(node)),
                "forward" => self.advance(duration(node)),
                _ => {}
            }
        }
        let bar = self.sheet.meter.unwrap_or(Meter::COMMON).bar();
        let length = self.ticks(self.reached) - self.start;
        // A pick-up is moved to its bar's end; a full measure after a part of one starts at the next bar line.
        let late = self.start.0 % bar.0;
        let shift = if self.start == Ticks(0) && length < bar {
            bar - length
        } else if late > 0 && length >= bar {
            Ticks(bar.0 - late)
        } else {
            Ticks(0)
        };
        self.sheet.notes[notes..].iter_mut().for_each(|note| note.at = note.at + shift);
        self.sheet.chords[chords..].iter_mut().for_each(|(at, _)| *at = *at + shift);
        self.start = self.start + shift + length;
        self.sheet.end = self.start;
        true
    }

    fn attributes(&mut self, node: Node<'a, 'a>) -> bool {
        if let Some(divisions) = number::<u32>(node, "divisions") {
            self.divisions = divisions.clamp(1, MAX_DURATION);
        }
        if let Some(key) = child(node, "key").filter(|_| self.sheet.key.is_none()) {
            let fifths = number::<i8>(key, "fifths").filter(|fifths| (-7..=7).contains(fifths));
            self.sheet.key = fifths.map(|fifths| Key::from_signature(fifths, text(key, "mode") == Some("minor")));
        }
        let time = child(node, "time");
        let meter = time.and_then(|time| Meter::new(number(time, "beats")?, number(time, "beat-type")?).ok());
        match (self.sheet.meter, meter) {
            (Some(old), Some(new)) => old == new,
            (None, Some(new)) => {
                self.sheet.meter = Some(new);
                true
            }
            (_, None) => true,
        }
    }

    fn note(&mut self, node: Node<'a, 'a>) {
        if child(node, "grace").is_some() || child(node, "cue").is_some() {
            return;
        }
        let length = duration(node);
        if child(node, "chord").is_none() {
            self.onset = self.position;
            self.advance(length);
        }
        let Some(pitch) = self.pitch(node) else { return };
        let at = self.ticks(self.onset);
        let length = self.ticks(self.onset.saturating_add(length)) - at;
        let is_continued = node.children().any(|tie| tie.has_tag_name("tie") && tie.attribute("type") == Some("stop"));
        let before = self.sheet.notes.iter_mut().rev().find(|note| note.pitch == pitch);
        if let Some(before) = before.filter(|note| is_continued && note.at + note.length == at) {
            before.length = before.length + length;
            return;
        }
        let is_accented =
            node.descendants().any(|mark| mark.has_tag_name("accent") || mark.has_tag_name("strong-accent"));
        let is_ghost = child(node, "notehead").is_some_and(|head| head.attribute("parentheses") == Some("yes"));
        self.sheet.notes.push(SheetNote { at, length, pitch, is_accented, is_ghost });
    }

    fn pitch(&self, node: Node<'a, 'a>) -> Option<u8> {
        if let Some(pitch) = child(node, "pitch") {
            let class = class(pitch, "step", "alter")?;
            let octave: i32 = number(pitch, "octave")?;
            // The octave belongs to the letter: B# is in the octave below its sound.
            let letter: Pitch = format!("{}{octave}", text(pitch, "step")?).parse().ok()?;
            let natural = i32::from(letter.number());
            let alter = (i32::from(class.semitones()) - natural + 6).rem_euclid(12) - 6;
            return Some(Pitch::folded(natural + alter).number());
        }
        let instrument = child(node, "instrument")?.attribute("id")?;
        child(node, "unpitched").and(self.drums.get(instrument).copied())
    }

    fn advance(&mut self, divisions: u32) {
        self.position = self.position.saturating_add(divisions);
        self.reached = self.reached.max(self.position);
    }

    fn ticks(&self, divisions: u32) -> Ticks {
        let ticks = u64::from(divisions) * u64::from(Ticks::PER_QUARTER) + u64::from(self.divisions) / 2;
        self.start + Ticks(u32::try_from(ticks / u64::from(self.divisions)).unwrap_or(u32::MAX))
    }
}

/// A chord symbol, or that none sounds; `None` if it is not understood.
fn harmony(node: Node) -> Option<Option<Chord>> {
    let kind = text(node, "kind")?;
    if kind == "none" {
        return Some(None);
    }
    let root = class(child(node, "root")?, "root-step", "root-alter")?;
    let quality = match kind {
        "major" => Quality::Major,
        "minor" | "major-minor" => Quality::Minor,
        "dominant" | "augmented-seventh" => Quality::Seventh,
        "major-seventh" => Quality::MajorSeventh,
        "minor-seventh" => Quality::MinorSeventh,
        "diminished" => Quality::Diminished,
        "augmented" => Quality::Augmented,
        "diminished-seventh" => Quality::DiminishedSeventh,
        "half-diminished" => Quality::HalfDiminished,
        "major-sixth" => Quality::Sixth,
        "minor-sixth" => Quality::MinorSixth,
        "dominant-ninth" | "dominant-11th" | "dominant-13th" => Quality::Ninth,
        "major-ninth" | "major-11th" | "major-13th" => Quality::MajorNinth,
        "minor-ninth" | "minor-11th" | "minor-13th" => Quality::MinorNinth,
        "suspended-second" => Quality::Sus2,
        "suspended-fourth" => Quality::Sus4,
        "power" => Quality::Power,
        _ => return None,
    };
    let bass = child(node, "bass").and_then(|bass| class(bass, "bass-step", "bass-alter")).filter(|&bass| bass != root);
    Some(Some(Chord { root, quality, bass }))
}

fn class(node: Node, step: &str, alter: &str) -> Option<PitchClass> {
    let natural = match text(node, step)? {
        "C" => 0,
        "D" => 2,
        "E" => 4,
        "F" => 5,
        "G" => 7,
        "A" => 9,
        "B" => 11,
        _ => return None,
    };
    let alter = number::<f64>(node, alter).unwrap_or(0.0).clamp(-2.0, 2.0);
    Some(PitchClass::new(natural + alter.round() as i32))
}

fn duration(node: Node) -> u32 {
    number::<f64>(node, "duration").map_or(0, |divisions| divisions.round() as u32).min(MAX_DURATION)
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
