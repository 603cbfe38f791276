//! openewld-strict: the melodies of old popular songs and the chord symbols above them.

use super::accompany::{Texture, accompany};
use super::{Annotated, TimeLine, seed};
use crate::error::Result;
use crate::piece::TICKS_PER_STEP;
use crate::train::corpus::musicxml::{self, Sheet};
use crate::train::corpus::written::{event, top_line};
use crate::train::corpus::{Files, split_of};
use riffsmith_dsp::analysis::pulse;
use riffsmith_dsp::score::{Note, Pitch, Score, Tempo, Ticks, Track, Velocity};

/// All songs up to a change of metre, with an accompaniment or without one. Files that cannot be read are left out.
pub fn read(files: &Files, texture: Option<Texture>) -> Result<Vec<Annotated>> {
    let mut all = Vec::new();
    for (name, bytes) in files.ending(".mxl") {
        let Ok(sheet) = musicxml::read_compressed(name, bytes) else { continue };
        all.extend(annotated(format!("openewld-strict/{name}"), sheet, texture));
    }
    Ok(all)
}

fn annotated(source: String, sheet: Sheet, texture: Option<Texture>) -> Option<Annotated> {
    let sheet = sheet.opening();
    let mut score = Score::empty(sheet.end, Tempo::new(120.0).ok()?, sheet.meter());
    let chords = time_line(&sheet);
    let events = top_line(sheet.parts.first()?.notes.iter().filter(|note| !note.is_drum).map(event).collect());
    let melody: Vec<Note> = events
        .iter()
        .map(|event| Note {
            start: Ticks(event.step * TICKS_PER_STEP),
            pitch: Pitch::new(event.pitch),
            length: Ticks(event.length * TICKS_PER_STEP),
            velocity: Velocity::new(event.velocity),
        })
        .collect();
    if melody.is_empty() || chords.is_empty() {
        return None;
    }
    if let Some(texture) = texture {
        score.tracks = accompany(&chords, pulse(sheet.meter()), texture, &mut seed(&source).rng());
    }
    score.tracks.push(Track { channel: 2, program: 73, notes: melody, ..Track::default() });
    Some(Annotated { split: split_of(&source), source, score, chords, key: None })
}

/// Each symbol holds to the next one. What stands before the first is not annotated.
fn time_line(sheet: &Sheet) -> TimeLine {
    let ends = sheet.chords.iter().skip(1).map(|&(at, _)| at).chain([sheet.end]);
    let line = sheet.chords.iter().zip(ends).map(|(&(start, chord), end)| (start, end, chord));
    line.filter(|(start, end, _)| start < end).collect()
}
