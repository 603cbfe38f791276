//! mood-progressions: chord progressions with words for their mood.

use super::{Files, Harvest, harmony, roman, split_of};
use crate::error::Result;
use crate::piece::{Piece, STEPS_PER_QUARTER};
use riffsmith_dsp::score::{Meter, Mode};
use serde::Deserialize;

#[derive(Deserialize)]
struct Collection {
    progressions: Vec<Progression>,
}

#[derive(Deserialize)]
struct Progression {
    mode: String,
    kind: String,
    chords: Vec<String>,
    moods: Vec<String>,
}

/// One chord a bar; the moods are the style tags. Cadences do not loop.
pub fn read(files: &Files) -> Result<Harvest> {
    let collection: Collection = files.json("progressions.json")?;
    let mut harvest = Harvest::default();
    for (number, progression) in collection.progressions.iter().enumerate() {
        let scale = if progression.mode == "minor" { Mode::Minor } else { Mode::Major };
        let chords: Option<Vec<_>> = progression.chords.iter().map(|text| roman::chord(text, scale)).collect();
        let Some(chords) = chords.filter(|chords| !chords.is_empty()) else {
            harvest.drop("progressions with a numeral that is not understood");
            continue;
        };
        let bar = 4 * STEPS_PER_QUARTER;
        let bars = chords.len() as u32;
        let chords = (0..).map(|index| index * bar).zip(chords.into_iter().map(Some)).collect();
        let chords = harmony::merged(chords);
        let mode = match progression.mode.as_str() {
            "major" => Some(Mode::Major),
            "minor" => Some(Mode::Minor),
            _ => harmony::mode(&chords, bars * bar),
        };
        harvest.pieces.push(Piece {
            source: format!("mood-progressions/{number}"),
            styles: progression.moods.iter().map(|mood| mood.to_lowercase()).collect(),
            split: split_of(&progression.chords.join(" ")),
            meter: Meter::COMMON,
            mode,
            bpm: None,
            bars,
            harmony: chords,
            parts: Vec::new(),
            is_loop: progression.kind == "progression",
        });
    }
    Ok(harvest)
}
