//! openewld-strict: melodies with chord symbols, old popular songs in the public domain.

use super::multitrack::{Song, to_c};
use super::musicxml::{self, PLAIN, Sheet};
use super::written::{event, top_line};
use super::{Files, Harvest, chord_finding, grid, harmony, split_of, style_tag};
use crate::error::Result;
use crate::piece::{Event, Piece, TICKS_PER_STEP};
use riffsmith_dsp::analysis::key_finding;
use riffsmith_dsp::score::{Key, Role};
use serde::Deserialize;

/// A line of `index.json`.
#[derive(Deserialize)]
struct Entry {
    file: String,
    title: String,
    genres: Vec<String>,
}

/// One piece a song: the melody as lead and its chord symbols.
pub fn read(files: &Files) -> Result<Harvest> {
    let mut harvest = Harvest::default();
    for entry in files.json::<Vec<Entry>>("index.json")? {
        let sheet = files.bytes(&entry.file).and_then(|bytes| musicxml::read_compressed(&entry.file, bytes));
        let song = Song {
            source: format!("openewld-strict/{}", entry.file),
            styles: tags(&entry.genres),
            split: split_of(&entry.title),
        };
        match sheet {
            Ok(sheet) => match piece(sheet, song) {
                Some(piece) => harvest.pieces.push(piece),
                None => harvest.drop("songs without notes or a key"),
            },
            Err(error) => harvest.unread(&entry.file, &error),
        }
    }
    Ok(harvest)
}

/// The piece of a lead sheet's first part, up to a change of metre; `None` without notes or a key.
pub fn piece(sheet: Sheet, song: Song) -> Option<Piece> {
    let sheet = sheet.opening();
    let meter = sheet.meter();
    // Lead sheets say little about loudness, and what they say is not the players'.
    let notes = sheet.parts.first()?.notes.iter().filter(|note| !note.is_drum);
    let plain = |note| Event { velocity: PLAIN, ..event(note) };
    // A second voice, where there is one, is not the melody: the highest of simultaneous notes is.
    let mut events = top_line(notes.map(plain).collect());
    let last = events.last()?;
    let bar = meter.bar().0 / TICKS_PER_STEP;
    let bars = last.step / bar + 1;
    events.iter_mut().for_each(|event| event.length = event.length.min(bars * bar - event.step));
    let key = key(&sheet, &events, bars * bar)?;
    let mut parts = vec![(Role::Lead, events)];
    to_c(&mut parts, key);
    let down = -i32::from(key.tonic.semitones());
    let mut chords: Vec<_> = sheet
        .chords
        .iter()
        .map(|&(at, chord)| (grid::nearest_step(at), chord.map(|chord| chord.transposed(down))))
        .filter(|&(step, _)| step < bars * bar)
        .collect();
    chords.sort_by_key(|&(step, _)| step);
    chords.dedup_by_key(|&mut (step, _)| step);
    if chords.first().is_some_and(|&(step, _)| step > 0) {
        chords.insert(0, (0, None));
    }
    Some(Piece {
        source: song.source,
        styles: song.styles,
        split: song.split,
        meter,
        mode: Some(key.mode),
        bpm: None,
        bars,
        harmony: harmony::merged(chords),
        parts,
        is_loop: false,
    })
}

/// The key that melody and chords tell, if the signature agrees or is missing; else the signature's. (The index has keys
/// too, but they are not always those of the files.)
fn key(sheet: &Sheet, melody: &[Event], length: u32) -> Option<Key> {
    let mut all = chord_finding::weights(melody, 0, length);
    let mut roots = [0.0; 12];
    for (index, (at, chord)) in sheet.chords.iter().enumerate() {
        let end = sheet.chords.get(index + 1).map_or(sheet.end, |(next, _)| *next);
        let steps = f64::from((end - *at).0 / TICKS_PER_STEP);
        if let Some(chord) = chord {
            chord.classes().for_each(|class| all[usize::from(class.semitones())] += steps);
            roots[usize::from(chord.root.semitones())] += steps;
        }
    }
    let heard = key_finding::key(&all, &roots);
    match (heard, sheet.signature()) {
        (Some(heard), Some(written)) if heard.signature() != written.signature() => Some(written),
        (heard, written) => heard.or(written),
    }
}

/// Genres of the index as style tags: `Folk, World, & Country` is `folk`, `Stage & Screen` is `stage`.
fn tags(genres: &[String]) -> Vec<String> {
    let first = |genre: &String| style_tag(genre.split([',', '&']).next().unwrap_or_default().trim());
    genres.iter().map(first).filter(|tag| tag != "non-music").collect()
}
