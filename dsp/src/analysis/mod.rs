//! What is in a piece: metre, key and modulations, chords, form, motifs, feel and the roles of its tracks, from its notes alone.
//!
//! Written key signatures are not believed: many files say C major whatever they are in.

pub mod agreement;
mod beats;
pub mod chord_model;
pub mod chords;
mod feel;
pub mod key_finding;
pub mod key_regions;
pub mod keys;
pub mod motifs;
mod numeral;
mod parts;
pub mod roles;
mod sections;
pub mod sounding;
#[cfg(test)]
mod tests;

pub use beats::{Bar, Beat, Beats, MAX_BEATS, pulse};
pub use chords::ChordSpan;
pub use feel::{Feel, PLACES};
pub use keys::{KeyRegion, Keys};
pub use motifs::Motif;
pub use numeral::numeral;
pub use parts::{Function, Part};
pub use sections::Section;

use crate::error::Result;
use crate::score::{Note, Role, Score};

/// Motifs that are looked for in a track.
const MOTIFS: usize = 3;

/// Everything that [`analyze`] finds.
#[derive(Debug, Clone, PartialEq)]
pub struct Analysis {
    /// Its beats and bars.
    pub beats: Beats,
    /// Its keys.
    pub keys: Keys,
    /// Its chords, without gaps; empty if nothing sounds but drums.
    pub chords: Vec<ChordSpan>,
    /// What its tracks do.
    pub parts: Vec<Part>,
    /// Its sections.
    pub sections: Vec<Section>,
    /// For each bar the first earlier bar with the same notes.
    pub repeats: Vec<Option<usize>>,
    /// Motifs of the tracks that lead or are the bass, by track.
    pub motifs: Vec<(usize, Motif)>,
    /// How it is played; `None` without notes.
    pub feel: Option<Feel>,
    /// Notes that begin in each bar, drums included.
    pub density: Vec<usize>,
    /// How long it is, in seconds.
    pub seconds: f64,
}

/// Analyses a piece.
///
/// # Errors
/// A piece of more than [`MAX_BEATS`] beats.
pub fn analyze(score: &Score) -> Result<Analysis> {
    let end = sounding::end(score);
    let beats = Beats::new(score, end)?;
    let sounding = sounding::sounding(score, &beats);
    let keys = keys::keys(&sounding, &beats, &keys::WEIGHTS);
    let chords = chords::chords(&sounding, &beats, &keys, &chord_model::WEIGHTS);
    let parts = parts::parts(score, &beats);
    let lines = parts.iter().filter(|part| {
        matches!(part.function, Function::Role(Role::Lead | Role::Bass) | Function::Other) && part.voices < 1.7
    });
    let motifs = lines
        .flat_map(|part| {
            motifs::motifs(&score.tracks[part.track].notes, MOTIFS).into_iter().map(|motif| (part.track, motif))
        })
        .collect();
    Ok(Analysis {
        sections: sections::sections(score, &beats, &sounding),
        repeats: sections::repeats(score, &beats),
        feel: feel::feel(notes(score), score, &beats),
        density: density(score, &beats),
        seconds: score.seconds_at(f64::from(end.0)),
        beats,
        keys,
        chords,
        parts,
        motifs,
    })
}

fn notes(score: &Score) -> impl Iterator<Item = &Note> {
    score.tracks.iter().flat_map(|track| &track.notes)
}

fn density(score: &Score, beats: &Beats) -> Vec<usize> {
    let mut density = vec![0; beats.bars.len()];
    for note in notes(score) {
        if let Some(count) = density.get_mut(beats.bar_at(note.start)) {
            *count += 1;
        }
    }
    density
}
