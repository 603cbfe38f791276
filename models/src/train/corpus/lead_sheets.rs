//! openewld-strict: melodies with chord symbols, old popular songs in the public domain.

use super::multitrack::to_c;
use super::musicxml::{self, PLAIN, Sheet, SheetNote};
use super::{Files, Harvest, chord_finding, grid, harmony, key_finding, split_of, style_tag};
use crate::error::Result;
use crate::piece::{Event, Piece, TICKS_PER_STEP};
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
        let sheet = musicxml::read_compressed(&entry.file, files.bytes(&entry.file)?)?.opening();
        let meter = sheet.meter();
        let mut events: Vec<Event> = sheet.parts[0].notes.iter().map(event).collect();
        // A second voice, where there is one, is not the melody: the highest of simultaneous notes is.
        events.sort_unstable_by_key(|event| (event.step, std::cmp::Reverse(event.pitch)));
        events.dedup_by_key(|event| event.step);
        let Some(last) = events.last() else {
            harvest.drop("songs without notes");
            continue;
        };
        let bar = meter.bar().0 / TICKS_PER_STEP;
        let bars = last.step / bar + 1;
        events.iter_mut().for_each(|event| event.length = event.length.min(bars * bar - event.step));
        let Some(key) = key(&sheet, &events, bars * bar) else {
            harvest.drop("songs without a key");
            continue;
        };
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
        harvest.pieces.push(Piece {
            source: format!("openewld-strict/{}", entry.file),
            styles: tags(&entry.genres),
            split: split_of(&entry.title),
            meter,
            mode: Some(key.mode),
            bpm: None,
            bars,
            harmony: harmony::merged(chords),
            parts,
            is_loop: false,
        });
    }
    Ok(harvest)
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

fn event(note: &SheetNote) -> Event {
    let step = grid::nearest_step(note.at);
    let length = grid::nearest_step(note.at + note.length).saturating_sub(step).max(1);
    Event { step, pitch: note.pitch, length, velocity: PLAIN, offset: 0 }
}
