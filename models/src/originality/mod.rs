//! What music has in common with what the networks have learnt from.
//!
//! An index holds every eight notes of every training melody and every two bars of training drums, each as a hash of what does not
//! change by transposition: intervals and the sixteenths between onsets; drums and their sixteenths. What three pieces have, or what
//! is as plain as a repeated note, is common property and left out (the figures behind the bounds stand in `models/COMPOSER.md`).

mod build;
mod figure;
mod format;

pub use build::{Counts, build};

use crate::error::Result;
use crate::piece::{STEPS_PER_QUARTER, TICKS_PER_STEP};
use figure::{Hit, bars_of_drums, figures};
use format::Table;
use riffsmith_dsp::score::{Role, Score};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// Notes in a row that a lead may share with a training piece.
pub const LEAD_BOUND: usize = 8;
/// Notes in a row that a bass may share: most of a bass line is roots on the beat.
pub const BASS_BOUND: usize = 16;
/// Bars of drums in a row from which on they are a copy.
pub const DRUM_BARS: usize = 2;

/// Notes, or bars of drums, in a row that a role may share with a training piece; chords are everyone's.
pub fn bound(role: Role) -> usize {
    match role {
        Role::Lead => LEAD_BOUND,
        Role::Bass => BASS_BOUND,
        Role::Drums => DRUM_BARS - 1,
        Role::Chords => usize::MAX,
    }
}

/// The index that comes with the weights.
const BUILTIN: &[u8] = include_bytes!("../../weights/originality.bin");

/// Steps of a sixteenth: onsets are compared on them.
const SIXTEENTH: u32 = STEPS_PER_QUARTER / 4;

/// The longest stretch that something shares with a training piece.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    /// Notes, or bars of drums.
    pub length: usize,
    /// The piece.
    pub source: String,
}

/// An index of training music.
#[derive(Debug, Clone)]
pub struct Originality {
    sources: Vec<String>,
    melodies: Table,
    drums: Table,
}

impl Originality {
    /// The index that comes with the program.
    pub fn builtin() -> &'static Self {
        static INDEX: LazyLock<Originality> = LazyLock::new(|| {
            Originality::read(Cow::Borrowed(BUILTIN)).expect("a test reads the index that comes with the program")
        });
        &INDEX
    }

    /// From an index file.
    ///
    /// # Errors
    /// Bytes of something else, truncated or changed ones.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        Self::read(Cow::Owned(bytes.to_vec()))
    }

    /// The longest stretch of a melody, given as onsets in sixteenths and pitches, that is in the index; `None` if no eight notes of
    /// it are.
    pub fn melody(&self, notes: &[(u32, u8)]) -> Option<Match> {
        let figures = figures(notes);
        self.longest(&self.melodies, &figures, figure::NOTES)
    }

    /// The longest stretch of drums, given as sixteenths and drums and the sixteenths of a bar, that is in the index; `None` if no
    /// two bars of it are.
    pub fn drums(&self, hits: &BTreeSet<Hit>, bar: u32) -> Option<Match> {
        let figures = bars_of_drums(hits, bar);
        self.longest(&self.drums, &figures, DRUM_BARS)
    }

    /// What of a score is a copy, in words; empty if nothing is.
    pub fn copied(&self, score: &Score) -> Vec<String> {
        let mut copied = Vec::new();
        for (role, bound) in [(Role::Lead, LEAD_BOUND), (Role::Bass, BASS_BOUND)] {
            if let Some(Match { length, source }) = self.of_role(score, role).filter(|found| found.length > bound) {
                copied.push(format!("{length} notes of its {role} in a row are those of {source}"));
            }
        }
        if let Some(Match { length, source }) = self.of_role(score, Role::Drums) {
            copied.push(format!("{length} bars of its drums are those of {source}"));
        }
        copied
    }

    /// The longest stretch of a role that is in the index; chords are everyone's.
    pub fn of_role(&self, score: &Score, role: Role) -> Option<Match> {
        match role {
            Role::Chords => None,
            Role::Drums => self.drums(&drum_hits(score), score.meter().bar().0 / TICKS_PER_STEP / SIXTEENTH),
            Role::Bass | Role::Lead => self.melody(&melody(score, role)),
        }
    }

    /// Follows each source from figure to figure: `first` is the length of one.
    fn longest(&self, table: &Table, figures: &[Option<u32>], first: usize) -> Option<Match> {
        let mut best: Option<(usize, u16)> = None;
        let mut running: Vec<(u16, usize)> = Vec::new();
        for figure in figures {
            let found: BTreeSet<u16> = figure.map(|hash| table.sources(hash).collect()).unwrap_or_default();
            let before =
                |source: u16| running.iter().find(|(own, _)| *own == source).map_or(first - 1, |&(_, length)| length);
            running = found.into_iter().map(|source| (source, before(source) + 1)).collect();
            for &(source, length) in &running {
                if best.is_none_or(|(longest, _)| length > longest) {
                    best = Some((length, source));
                }
            }
        }
        let (length, source) = best?;
        let source = self.sources.get(usize::from(source)).cloned().unwrap_or_default();
        Some(Match { length, source })
    }
}

/// The highest note at each sixteenth of a role.
pub fn melody(score: &Score, role: Role) -> Vec<(u32, u8)> {
    let tracks = score.tracks.iter().filter(|track| track.role == Some(role));
    let notes = tracks.flat_map(|track| &track.notes).map(|note| (sixteenth(note.start.0), note.pitch.number()));
    highest(notes.collect())
}

/// The highest note at each onset, sorted by time.
fn highest(mut notes: Vec<(u32, u8)>) -> Vec<(u32, u8)> {
    notes.sort_unstable_by_key(|&(at, pitch)| (at, std::cmp::Reverse(pitch)));
    notes.dedup_by_key(|&mut (at, _)| at);
    notes
}

fn drum_hits(score: &Score) -> BTreeSet<Hit> {
    let tracks = score.tracks.iter().filter(|track| track.is_drums());
    let notes = tracks.flat_map(|track| &track.notes);
    notes.filter_map(|note| Some((sixteenth(note.start.0), crate::kit::folded(note.pitch.number())?))).collect()
}

fn sixteenth(ticks: u32) -> u32 {
    (ticks / TICKS_PER_STEP + SIXTEENTH / 2) / SIXTEENTH
}

#[cfg(test)]
mod tests;
