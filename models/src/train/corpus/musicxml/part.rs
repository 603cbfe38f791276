//! The measures of a part.

use super::symbol::{class, dynamic, harmony};
use super::{PLAIN, SheetNote, SheetPart, child, number, text};
use riffsmith_dsp::score::{Chord, Key, Meter, Pitch, Ticks};
use roxmltree::Node;
use std::collections::HashMap;

/// Longest duration that is believed, in divisions: longer ones are slips.
const MAX_DURATION: u32 = 1 << 22;

/// What a measure says for all parts, times counted from its start.
#[derive(Default)]
pub struct Measure {
    pub meter: Option<Meter>,
    pub signature: Option<Key>,
    pub tempos: Vec<(Ticks, f64)>,
    pub chords: Vec<(Ticks, Option<Chord>)>,
    pub length: Ticks,
}

/// A part while it is read.
pub struct Reading<'a> {
    /// Its measures.
    pub measures: Vec<Node<'a, 'a>>,
    part: SheetPart,
    drums: &'a HashMap<&'a str, u8>,
    /// Divisions of a quarter note.
    divisions: u32,
    /// Semitones from what is written to what sounds.
    transpose: i32,
    velocity: u8,
    /// Where the next note stands, in divisions from the measure's start.
    position: u32,
    /// Where the last note started, for those that start with it.
    onset: u32,
    /// The furthest that the measure has come.
    reached: u32,
    /// Notes of the measure, and whether each goes on from one before.
    open: Vec<(SheetNote, bool)>,
}

impl<'a> Reading<'a> {
    /// Nothing yet of the part `node`.
    pub fn new(root: Node<'a, 'a>, node: Node<'a, 'a>, drums: &'a HashMap<&'a str, u8>) -> Self {
        let id = node.attribute("id");
        let name = child(root, "part-list")
            .and_then(|list| list.children().find(|own| own.has_tag_name("score-part") && own.attribute("id") == id))
            .and_then(|own| text(own, "part-name"));
        Self {
            measures: node.children().filter(|node| node.has_tag_name("measure")).collect(),
            part: SheetPart { name: name.unwrap_or_default().to_owned(), notes: Vec::new() },
            drums,
            divisions: 1,
            transpose: 0,
            velocity: PLAIN,
            position: 0,
            onset: 0,
            reached: 0,
            open: Vec::new(),
        }
    }

    /// Reads the measure with this index, if there is one.
    pub fn read(&mut self, index: usize, measure: &mut Measure) {
        let Some(&node) = self.measures.get(index) else { return };
        (self.position, self.onset, self.reached) = (0, 0, 0);
        for node in node.children().filter(Node::is_element) {
            match node.tag_name().name() {
                "attributes" => self.attributes(node, measure),
                "note" => self.note(node),
                "harmony" => measure.chords.extend(harmony(node).map(|chord| (self.ticks(self.position), chord))),
                "direction" => {
                    self.velocity = dynamic(node).unwrap_or(self.velocity);
                    if let Some(sound) = child(node, "sound") {
                        self.tempo(sound, measure);
                    }
                }
                "sound" => self.tempo(node, measure),
                "backup" => self.position = self.position.saturating_sub(duration(node)),
                "forward" => self.advance(duration(node)),
                _ => {}
            }
        }
        measure.length = measure.length.max(self.ticks(self.reached));
    }

    /// Moves the notes of the measure to where it starts, and joins those that are tied.
    pub fn place(&mut self, start: Ticks) {
        for (mut note, is_continued) in std::mem::take(&mut self.open) {
            note.at = note.at + start;
            let before = self.part.notes.iter_mut().rev().find(|before| before.pitch == note.pitch);
            match before.filter(|before| is_continued && before.at + before.length == note.at) {
                Some(before) => before.length = before.length + note.length,
                None => self.part.notes.push(note),
            }
        }
    }

    /// The part, when all is read.
    pub fn finish(self) -> SheetPart {
        self.part
    }

    fn attributes(&mut self, node: Node<'a, 'a>, measure: &mut Measure) {
        if let Some(divisions) = number::<u32>(node, "divisions") {
            self.divisions = divisions.clamp(1, MAX_DURATION);
        }
        if let Some(transpose) = child(node, "transpose") {
            let octaves = number::<i32>(transpose, "octave-change").unwrap_or(0).clamp(-4, 4);
            self.transpose = number::<i32>(transpose, "chromatic").unwrap_or(0).clamp(-24, 24) + 12 * octaves;
        }
        // A transposing part writes another signature than what sounds.
        if let Some(key) = child(node, "key").filter(|_| self.transpose % 12 == 0) {
            let fifths = number::<i8>(key, "fifths").filter(|fifths| (-7..=7).contains(fifths));
            let key = fifths.map(|fifths| Key::from_signature(fifths, text(key, "mode") == Some("minor")));
            measure.signature = measure.signature.or(key);
        }
        let time = child(node, "time");
        let meter = time.and_then(|time| Meter::new(number(time, "beats")?, number(time, "beat-type")?).ok());
        measure.meter = measure.meter.or(meter);
    }

    fn tempo(&self, sound: Node, measure: &mut Measure) {
        let bpm = sound.attribute("tempo").and_then(|text| text.parse::<f64>().ok());
        measure
            .tempos
            .extend(bpm.filter(|bpm| (5.0..=1000.0).contains(bpm)).map(|bpm| (self.ticks(self.position), bpm)));
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
        let Some((pitch, is_drum)) = self.pitch(node) else { return };
        let at = self.ticks(self.onset);
        let length = self.ticks(self.onset.saturating_add(length)) - at;
        let is_continued = node.children().any(|tie| tie.has_tag_name("tie") && tie.attribute("type") == Some("stop"));
        let marks = child(node, "notations").into_iter().flat_map(|marks| marks.descendants());
        let is_accented =
            marks.into_iter().any(|mark| mark.has_tag_name("accent") || mark.has_tag_name("strong-accent"));
        let is_ghost = child(node, "notehead").is_some_and(|head| head.attribute("parentheses") == Some("yes"));
        let staff = number(node, "staff").unwrap_or(1);
        let velocity = self.velocity;
        self.open
            .push((SheetNote { at, length, pitch, velocity, staff, is_accented, is_ghost, is_drum }, is_continued));
    }

    /// The pitch or drum, and whether it is a drum.
    fn pitch(&self, node: Node<'a, 'a>) -> Option<(u8, bool)> {
        if let Some(pitch) = child(node, "pitch") {
            let class = class(pitch, "step", "alter")?;
            let octave: i32 = number(pitch, "octave")?;
            // The octave belongs to the letter: B# is in the octave below its sound.
            let letter: Pitch = format!("{}{octave}", text(pitch, "step")?).parse().ok()?;
            let natural = i32::from(letter.number());
            let alter = (i32::from(class.semitones()) - natural + 6).rem_euclid(12) - 6;
            return Some((Pitch::folded(natural + alter + self.transpose).number(), false));
        }
        let instrument = child(node, "instrument")?.attribute("id")?;
        Some((self.drums.get(instrument).copied().filter(|_| child(node, "unpitched").is_some())?, true))
    }

    fn advance(&mut self, divisions: u32) {
        self.position = self.position.saturating_add(divisions);
        self.reached = self.reached.max(self.position);
    }

    fn ticks(&self, divisions: u32) -> Ticks {
        let ticks = u64::from(divisions) * u64::from(Ticks::PER_QUARTER) + u64::from(self.divisions) / 2;
        Ticks(u32::try_from(ticks / u64::from(self.divisions)).unwrap_or(u32::MAX))
    }
}

fn duration(node: Node) -> u32 {
    number::<f64>(node, "duration").map_or(0, |divisions| divisions.round() as u32).min(MAX_DURATION)
}
