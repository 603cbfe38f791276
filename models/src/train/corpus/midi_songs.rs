//! Songs of several tracks as MIDI files: freedoom-midi, blasphemer-midi, lmms-electronic.

use super::multitrack::{self, Song};
use super::{Files, Harvest, split_of};
use crate::error::Result;
use riffsmith_dsp::score::{Score, midi};
use serde::Deserialize;

/// Least share of onsets on the grid for a file to be used.
const MIN_ON_GRID: f64 = 0.9;

/// A line of `index.json`.
#[derive(Deserialize)]
struct Entry {
    file: String,
    grid: f64,
}

/// freedoom-midi: rock, metal, synthesizers, ambient.
pub fn freedoom(files: &Files) -> Result<Harvest> {
    songs(files, "freedoom-midi", style)
}

/// blasphemer-midi: dark ambient and orchestral; only files that know beats.
pub fn blasphemer(files: &Files) -> Result<Harvest> {
    songs(files, "blasphemer-midi", |_| "ambient")
}

/// lmms-electronic: techno and electro.
pub fn lmms(files: &Files) -> Result<Harvest> {
    songs(files, "lmms-electronic", |_| "techno")
}

fn songs(files: &Files, set: &str, style: impl Fn(&Score) -> &'static str) -> Result<Harvest> {
    let mut harvest = Harvest::default();
    for entry in files.json::<Vec<Entry>>("index.json")? {
        if entry.grid < MIN_ON_GRID {
            harvest.drop("files with under 90 % of onsets on the grid");
            continue;
        }
        if entry.file.starts_with("from-mus/") {
            harvest.drop("files without beats");
            continue;
        }
        let score = match midi::read(files.bytes(&entry.file)?) {
            Ok(score) => score,
            Err(error) => {
                harvest.unread(&entry.file, &error.into());
                continue;
            }
        };
        let song = Song {
            source: format!("{set}/{}", entry.file),
            styles: vec![style(&score).to_owned()],
            split: split_of(slot(&entry.file)),
        };
        let pieces = multitrack::pieces(&score, &song);
        if pieces.is_empty() {
            harvest.drop("files without 4 bars of one metre");
        }
        harvest.pieces.extend(pieces);
    }
    Ok(harvest)
}

/// What a file is for, which all versions of it share: `d_dm24` of `history/20151217_d_dm24.mid`.
fn slot(file: &str) -> &str {
    let name = file.rsplit('/').next().unwrap_or(file).trim_end_matches(".mid");
    name.trim_start_matches(|c: char| c.is_ascii_digit()).trim_start_matches('_')
}

/// Metal and rock by distorted guitars and tempo, ambient by the lack of drums, synth by synthesizers.
fn style(score: &Score) -> &'static str {
    let count = |wanted: &dyn Fn(u8, bool) -> bool| -> f64 {
        let tracks = score.tracks.iter().filter(|track| wanted(track.program, track.is_drums()));
        tracks.map(|track| track.notes.len() as f64).sum()
    };
    let drums = count(&|_, is_drums| is_drums);
    let pitched = count(&|_, is_drums| !is_drums).max(1.0);
    let distorted = count(&|program, is_drums| !is_drums && matches!(program, 29 | 30)) / pitched;
    let synthetic =
        count(&|program, is_drums| !is_drums && matches!(program, 38 | 39 | 50 | 51 | 62 | 63 | 80..=103)) / pitched;
    match score.tempo().bpm() {
        _ if drums < 0.05 * pitched => "ambient",
        bpm if distorted > 0.3 && bpm >= 130.0 => "metal",
        _ if distorted <= 0.15 && synthetic > 0.5 => "synth",
        _ => "rock",
    }
}
