//! One proposal: what is changed in the file, and what is to be said of it.

use super::song::Song;
use crate::error::Result;
use riffsmith_dsp::score::midi::Voice;
use riffsmith_dsp::score::{Note, Role, Score, Ticks, Track};
use riffsmith_models::originality::Originality;
use serde::Serialize;
use std::ops::Range;

/// A change of a file.
#[derive(Debug, Clone, PartialEq)]
pub enum Edit {
    /// New notes in the place of those of a track that begin in a stretch, as the grid has them: a player is a little early or late.
    Replace {
        /// Whose.
        voice: Voice,
        /// The stretches, in steps.
        steps: Vec<Range<u32>>,
        /// The new notes.
        notes: Vec<Note>,
    },
    /// A new track.
    Add {
        /// Its name.
        name: &'static str,
        /// Its role.
        role: Role,
        /// Its General MIDI program, from 0.
        program: u8,
        /// Its notes.
        notes: Vec<Note>,
    },
}

impl Edit {
    /// New notes in the place of those of one stretch.
    pub fn of(voice: Voice, steps: Range<u32>, notes: Vec<Note>) -> Self {
        Self::Replace { voice, steps: vec![steps], notes }
    }
}

/// The longest stretch that is also in the training music.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Shared {
    /// Notes in a row; bars, of drums.
    pub length: usize,
    /// The piece.
    pub source: String,
}

/// Something to try.
#[derive(Debug, Clone, PartialEq)]
pub struct Proposal {
    /// What is changed.
    pub edits: Vec<Edit>,
    /// What was done, in musical words.
    pub words: String,
    /// Mean log probability of the networks' decisions, in nats; `None` where no network decided.
    pub likelihood: Option<f64>,
    /// How far it is from what was there, 0 to 1; `None` where nothing was.
    pub distance: Option<f64>,
    /// What it shares with the training music.
    pub shared: Option<Shared>,
}

/// The file with a proposal's changes.
///
/// # Errors
/// If no channel is free for a new track.
pub fn edited(song: &Song, proposal: &Proposal) -> Result<Vec<u8>> {
    let mut document = song.document()?;
    for edit in &proposal.edits {
        match edit {
            Edit::Replace { voice, steps, notes } => {
                let is_gone = |at: Ticks| steps.iter().any(|steps| steps.contains(&song.step(at)));
                document.replace(*voice, is_gone, notes);
            }
            Edit::Add { name, role, program, notes } => {
                let channel = match role {
                    Role::Drums => Track::DRUM_CHANNEL,
                    _ => *document.free_channels().first().ok_or_else(|| {
                        crate::error::Error::failed(format!(
                            "no channel is free for a track of {name}: all of 1 to 16 are in use"
                        ))
                    })?,
                };
                document.add(name, channel, *program, notes);
            }
        }
    }
    Ok(document.write())
}

/// What notes in a role share with the training music.
pub fn shared(song: &Song, role: Role, notes: &[Note]) -> Option<Shared> {
    let mut score = Score::empty(song.score.length, song.score.tempo(), song.score.meter());
    score.length = notes.iter().map(Note::end).max().unwrap_or(Ticks(1)).max(score.length);
    let mut notes = notes.to_vec();
    notes.sort_unstable();
    score.tracks.push(Track { role: Some(role), notes, ..Track::default() });
    let found = Originality::builtin().of_role(&score, role)?;
    Some(Shared { length: found.length, source: found.source })
}
