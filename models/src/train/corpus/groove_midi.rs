//! groove-midi: human drummers on an electronic kit (Gillick, Roberts, Engel, Eck and Bamman, "Learning to Groove with
//! Inverse Sequence Transformations", 2019), with its official split.

use super::{Files, Harvest, csv, grid, style_tag};
use crate::error::{Error, Result};
use crate::kit;
use crate::piece::{Event, Piece, Split, TICKS_PER_STEP};
use riffsmith_dsp::score::{Meter, Note, Role, Ticks, midi};
use std::collections::BTreeMap;

/// Reads the table `info.csv` and each file that it names.
///
/// The tag `fill` marks fills; the others are the style and its variety: `funk`, `purdieshuffle`.
pub fn read(files: &Files) -> Result<Harvest> {
    let mut harvest = Harvest::default();
    for row in csv::rows(files.text("info.csv")?) {
        match piece(files, &row, &mut harvest) {
            Ok(piece) => harvest.pieces.extend(piece),
            Err(error) => harvest.unread(row.get("midi_filename").map_or("info.csv", String::as_str), &error),
        }
    }
    Ok(harvest)
}

fn piece(files: &Files, row: &BTreeMap<String, String>, harvest: &mut Harvest) -> Result<Option<Piece>> {
    let field = |name: &'static str| {
        row.get(name).map(String::as_str).ok_or_else(|| Error::format("info.csv", format!("it has no column {name}")))
    };
    let name = field("midi_filename")?;
    let split = match field("split")? {
        "train" => Split::Train,
        "validation" => Split::Valid,
        "test" => Split::Test,
        other => {
            return Err(Error::format("info.csv", format!("split {other:?}; train, validation or test are known")));
        }
    };
    let meter: Meter = field("time_signature")?.replace('-', "/").parse()?;
    let score = midi::read(files.bytes(name)?)?;
    let mut notes: Vec<Note> = score.tracks.iter().flat_map(|track| &track.notes).copied().collect();
    notes.sort_unstable();
    let onsets: Vec<Ticks> = notes.iter().map(|note| note.start).collect();
    let mut events = Vec::new();
    for (note, (step, offset)) in notes.iter().zip(grid::human(&onsets)) {
        let Some(pitch) = folded(note.pitch.number()) else {
            harvest.drop("hits outside the kit");
            continue;
        };
        events.push(Event { step, pitch, length: 1, velocity: note.velocity.value(), offset });
    }
    for _ in 0..grid::tidy(&mut events) {
        harvest.drop("hits merged with another at their step");
    }
    let Some(last) = events.last() else {
        harvest.drop("files without notes");
        return Ok(None);
    };
    let bars = last.step / (meter.bar().0 / TICKS_PER_STEP) + 1;
    let mut styles: Vec<String> =
        field("style")?.split(['/', '-']).filter(|tag| !tag.starts_with("groove")).map(style_tag).collect();
    if field("beat_type")? == "fill" {
        styles.push("fill".to_owned());
    }
    Ok(Some(Piece {
        source: format!("groove-midi/{name}"),
        styles,
        split,
        meter,
        mode: None,
        bpm: field("bpm")?.parse().ok(),
        bars,
        harmony: Vec::new(),
        parts: vec![(Role::Drums, events)],
        is_loop: false,
    }))
}

/// The drum of the kit for a trigger of Roland's TD-11, whose rims have notes of their own.
fn folded(note: u8) -> Option<u8> {
    match note {
        22 => Some(42),
        26 => Some(46),
        58 => Some(45),
        other => kit::folded(other),
    }
}
