//! openscore-lieder: songs whose key is told by their signature and their last bass note.

use super::Annotated;
use crate::error::Result;
use crate::train::corpus::musicxml::{self, Sheet, SheetNote};
use crate::train::corpus::{Files, split_of};
use rayon::prelude::*;
use riffsmith_dsp::score::{Key, Note, Pitch, Score, Tempo, Ticks, Track, Velocity};

/// All songs with one signature that end on one of its two tonics. Files that cannot be read are left out.
pub fn read(files: &Files) -> Result<Vec<Annotated>> {
    let scores: Vec<(&str, &[u8])> = files.ending(".mxl").collect();
    let read = |&(name, bytes): &(&str, &[u8])| annotated(name, &musicxml::read_compressed(name, bytes).ok()?);
    Ok(scores.par_iter().map(read).collect::<Vec<_>>().into_iter().flatten().collect())
}

fn annotated(name: &str, sheet: &Sheet) -> Option<Annotated> {
    let mut score = Score::empty(sheet.end.max(Ticks(1)), Tempo::new(100.0).ok()?, sheet.meter());
    if !sheet.meters.is_empty() {
        score.meters.clone_from(&sheet.meters);
    }
    for (channel, part) in (0..).zip(&sheet.parts).take(9) {
        let mut notes: Vec<Note> = part.notes.iter().filter(|note| !note.is_drum).map(note).collect();
        notes.sort_unstable();
        score.tracks.push(Track { name: part.name.clone(), channel, notes, ..Track::default() });
    }
    // All versions of a song are in one part of the data.
    let work = name.rsplit_once('/').map_or(name, |(work, _)| work);
    let key = Some(key(sheet)?);
    Some(Annotated {
        source: format!("openscore-lieder/{name}"),
        split: split_of(work),
        score,
        chords: Vec::new(),
        key,
    })
}

fn note(note: &SheetNote) -> Note {
    Note {
        start: note.at,
        pitch: Pitch::new(note.pitch),
        length: note.length.max(Ticks(1)),
        velocity: Velocity::new(note.velocity),
    }
}

/// The key of the only signature whose tonic is the last bass note: the lowest of those that sound last.
fn key(sheet: &Sheet) -> Option<Key> {
    let [(_, signature)] = sheet.signatures[..] else { return None };
    let notes = || sheet.parts.iter().flat_map(|part| &part.notes).filter(|note| !note.is_drum);
    let end = notes().map(|note| note.at + note.length).max()?;
    let last = notes().filter(|note| note.at + note.length == end).map(|note| Pitch::new(note.pitch)).min()?;
    let keys = [false, true].map(|minor| Key::from_signature(signature.signature(), minor));
    keys.into_iter().find(|key| key.tonic == last.class())
}
