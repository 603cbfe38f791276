//! stickflow-drums: a teaching library of grooves and fills, as MusicXML.

use super::musicxml::{self, PLAIN};
use super::{Files, Harvest, grid, split_of};
use crate::error::Result;
use crate::kit;
use crate::piece::{Event, Piece, TICKS_PER_STEP};
use riffsmith_dsp::score::Role;
use serde::Deserialize;

/// Velocities of accented and ghost notes.
const ACCENT: u8 = 115;
const GHOST: u8 = 45;

/// Words of file names that are styles, and the tag of each; what names none is rock.
const STYLES: [(&str, &str); 5] =
    [("funk", "funk"), ("bossa", "bossa"), ("samba", "samba"), ("mozambique", "afrocuban"), ("rock", "rock")];

/// The side file of a pattern.
#[derive(Deserialize)]
struct Description {
    default_bpm: f64,
}

/// Grooves loop, fills have the tag `fill`, rudiments are left out.
pub fn read(files: &Files) -> Result<Harvest> {
    let mut harvest = Harvest::default();
    for (name, bytes) in files.ending(".musicxml") {
        if name.starts_with("rudiments/") {
            harvest.drop("rudiments");
            continue;
        }
        let description = files.json::<Description>(&name.replace(".musicxml", ".json"));
        let read = musicxml::read(name, bytes).and_then(|sheet| Ok((sheet.opening(), description?)));
        let (sheet, description) = match read {
            Ok(read) => read,
            Err(error) => {
                harvest.unread(name, &error);
                continue;
            }
        };
        let mut events: Vec<Event> = sheet.parts[0].notes.iter().filter_map(event).collect();
        grid::tidy(&mut events);
        if events.is_empty() {
            harvest.drop("patterns without notes");
            continue;
        }
        let meter = sheet.meter();
        let bar = meter.bar().0 / TICKS_PER_STEP;
        let is_fill = name.starts_with("fills/");
        let style = STYLES.iter().find(|(word, _)| name.contains(word)).map_or("rock", |(_, tag)| *tag);
        let tags = std::iter::once(style).chain(is_fill.then_some("fill"));
        harvest.pieces.push(Piece {
            source: format!("stickflow-drums/{name}"),
            styles: tags.map(str::to_owned).collect(),
            split: split_of(name),
            meter,
            mode: None,
            bpm: Some(description.default_bpm),
            bars: grid::nearest_step(sheet.end).div_ceil(bar),
            harmony: Vec::new(),
            parts: vec![(Role::Drums, events)],
            is_loop: !is_fill,
        });
    }
    Ok(harvest)
}

fn event(note: &musicxml::SheetNote) -> Option<Event> {
    let velocity = match note {
        note if note.is_accented => ACCENT,
        note if note.is_ghost => GHOST,
        _ => PLAIN,
    };
    Some(Event { step: grid::nearest_step(note.at), pitch: kit::folded(note.pitch)?, length: 1, velocity, offset: 0 })
}
