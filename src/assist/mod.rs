//! Help on someone's own music: what a MIDI file holds as the networks see it, and proposals that change some of its notes and nothing else.
//!
//! A [`Song`] is a file with its analysis. Each kind of proposal is a function from a song to [`Proposal`]s, ranked, each with what was
//! done in words, how likely the networks find it, how far it is from what was there, and what it shares with the training music.

mod blend;
mod continuation;
mod counter;
mod distance;
mod drumify;
mod feel;
mod four_voices;
mod infill;
mod interpolation;
mod lock;
mod melody;
mod part_writing;
mod parts;
mod progression;
mod proposal;
mod song;
mod words;

pub use blend::blend;
pub use continuation::{Section, continuation, section};
pub use counter::counter;
pub use distance::distance;
pub use drumify::drumify;
pub use feel::{AMOUNTS, Model, groove, humanize};
pub use four_voices::four_voices;
pub use infill::{best_draft, infill};
pub use interpolation::interpolate;
pub use lock::Lock;
pub use melody::melody;
pub use parts::part;
pub use progression::{given_chords, next_chords, reharmonize};
pub use proposal::{Edit, Proposal, Shared, edited};
pub use song::Song;

use riffsmith_dsp::Seed;
use riffsmith_models::composer::{Composer, Controls};

/// How proposals are made.
#[derive(Debug, Clone, Copy)]
pub struct Wishes<'a> {
    /// The networks.
    pub composer: &'a Composer,
    /// How many proposals are wanted.
    pub count: usize,
    /// Where all chance comes from.
    pub seed: Seed,
    /// Divides the logits.
    pub temperature: f32,
    /// No note outside the key.
    pub strict_key: bool,
    /// Density, syncopation, mood.
    pub controls: &'a Controls,
    /// Style tags and their weights; empty: none in particular.
    pub styles: &'a [(String, f32)],
    /// What comes before is not heard.
    pub begins_anew: bool,
    /// Log odds of a strike that are added at each step; empty: none.
    pub accents: &'a [f32],
}
