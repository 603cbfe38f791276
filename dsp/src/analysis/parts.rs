//! What each track does in the piece.

use super::roles;
use crate::score::{Note, Pitch, Role, Score, Ticks, Track};

/// Chords whose notes are this long in the middle are a pad.
const PAD: Ticks = Ticks(2 * Ticks::PER_QUARTER);

/// What a track is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Function {
    /// One of the roles that are composed.
    Role(Role),
    /// Chords that are held.
    Pad,
    /// None of these, such as an effect or a line between bass and lead.
    Other,
}

impl Function {
    /// Its name: `drums`, `bass`, `chords`, `pad`, `lead`, `other`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Role(role) => role.name(),
            Self::Pad => "pad",
            Self::Other => "other",
        }
    }
}

/// What is known of a track with notes.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// Its index among the score's tracks.
    pub track: usize,
    /// What it is there for.
    pub function: Function,
    /// How many notes it has.
    pub notes: usize,
    /// Its lowest and highest note; on drum tracks General MIDI's drums.
    pub range: (Pitch, Pitch),
    /// Notes that sound at once on average while any does.
    pub voices: f64,
    /// Bars in which it begins notes, as a share of all.
    pub presence: f64,
}

/// The tracks that have notes, in the order of the score.
pub fn parts(score: &Score, beats: &super::Beats) -> Vec<Part> {
    let roles = roles::roles(&score.tracks);
    let playing = score.tracks.iter().enumerate().filter(|(_, track)| !track.notes.is_empty());
    playing
        .map(|(index, track)| {
            let role = roles.iter().find(|(_, tracks)| tracks.iter().any(|own| std::ptr::eq(*own, track)));
            part(index, track, role.map(|(role, _)| *role), beats)
        })
        .collect()
}

fn part(index: usize, track: &Track, role: Option<Role>, beats: &super::Beats) -> Part {
    let notes = &track.notes;
    let mut lengths: Vec<Ticks> = notes.iter().map(|note| note.length).collect();
    lengths.sort_unstable();
    let is_held = lengths[lengths.len() / 2] >= PAD;
    let pitches = notes.iter().map(|note| note.pitch);
    let (low, high) = pitches.fold((notes[0].pitch, notes[0].pitch), |(low, high), own| (low.min(own), high.max(own)));
    let mut bars: Vec<usize> = notes.iter().map(|note| beats.bar_at(note.start)).collect();
    bars.dedup();
    Part {
        track: index,
        function: match role {
            Some(Role::Chords) if is_held => Function::Pad,
            Some(role) => Function::Role(role),
            None => Function::Other,
        },
        notes: notes.len(),
        range: (low, high),
        voices: voices(notes),
        presence: bars.len() as f64 / beats.bars.len().max(1) as f64,
    }
}

/// Time of all notes over the time in which any sounds.
fn voices(notes: &[Note]) -> f64 {
    let (mut sounding, mut covered, mut until) = (0u64, 0u64, 0u64);
    for note in notes {
        let (start, end) = (u64::from(note.start.0), u64::from(note.end().0));
        sounding += end - start;
        covered += end.saturating_sub(start.max(until));
        until = until.max(end);
    }
    sounding as f64 / covered.max(1) as f64
}
