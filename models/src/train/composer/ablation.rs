//! What a network loses where it is kept from hearing something.

use super::batch::Example;
use super::evaluate::judged;
use super::graph::Nats;
use super::plan::Plan;
use super::song::Song;
use super::trainer::{Progress, Start, batches, evaluate, train};
use crate::composer::context::Known;
use crate::composer::layout::Layout;
use crate::composer::part::Part;
use crate::error::Result;
use crate::piece::{Piece, Split};
use crate::train::Watch;

/// What a network never hears, neither in training nor after.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Without {
    /// It hears everything.
    #[default]
    Nothing,
    /// The style.
    Style,
    /// The chords.
    Chord,
    /// The other roles: drums, comping, bass.
    Roles,
}

impl Without {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Nothing, Self::Style, Self::Chord, Self::Roles];

    /// In a word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Style => "style",
            Self::Chord => "chord",
            Self::Roles => "roles",
        }
    }

    /// True if a part would hear it: the first ones have nothing written before them.
    pub fn is_heard_by(self, part: Part) -> bool {
        match self {
            Self::Nothing | Self::Style => true,
            Self::Chord => part != Part::Harmony,
            Self::Roles => !matches!(part, Part::Harmony | Part::Drums),
        }
    }

    /// What is left of what is known.
    pub(super) fn of(self, known: Known) -> Known {
        let keeps = |what: Self| self != what;
        let roles = keeps(Self::Roles);
        Known {
            styles: known.styles && keeps(Self::Style),
            harmony: known.harmony && keeps(Self::Chord),
            drums: known.drums && roles,
            chords: known.chords && roles,
            bass: known.bass && roles,
            tempo: known.tempo,
            mode: known.mode,
        }
    }

    /// A piece as `part` hears it, without that.
    pub(super) fn song(self, piece: &Piece, part: Part) -> Option<Song> {
        let mut song = Song::new(piece, part)?;
        song.context.known = self.of(song.context.known);
        Some(song)
    }
}

/// A network of its own, trained without something, on the test pieces.
#[derive(Debug, Clone, PartialEq)]
pub struct Ablation {
    /// What it loses.
    pub nats: Nats,
    /// Steps that it was trained for.
    pub steps: u32,
}

/// Trains the network of a plan, and judges it on the test pieces without what it was trained without; `None` without test pieces.
///
/// # Errors
/// No piece to train on or none to validate on.
pub fn ablate(pieces: &[Piece], plan: &Plan, watch: &mut dyn Watch<Progress>) -> Result<Option<Ablation>> {
    let part = plan.part;
    let test = pieces.iter().filter(|piece| piece.split == Split::Test);
    let songs: Vec<Song> = test.filter_map(|piece| plan.without.song(piece, part)).collect();
    let windows: Vec<Example<'_>> = judged(&songs, part);
    if windows.is_empty() {
        return Ok(None);
    }
    let trained = train(pieces, plan, Start::Fresh, watch)?;
    let layout = Layout::new(part, plan.sizes);
    let mut nats = Nats::default();
    // A few windows at a time: a batch holds every feature of every slot.
    for examples in windows.chunks(plan.batch) {
        nats.add(evaluate(&layout, &trained.parameters, &batches(part, &layout, examples.to_vec(), plan.batch)));
    }
    Ok(Some(Ablation { nats, steps: trained.steps }))
}
