//! The composer: recurrent networks that write a loop's parts, from a checked [`Brief`] to a score.

pub(crate) mod activation;
pub(crate) mod brief;
pub(crate) mod chord_symbol;
mod compose;
pub(crate) mod context;
pub mod control;
mod draft_piece;
pub(crate) mod encode;
pub(crate) mod features;
pub(crate) mod grammar;
pub(crate) mod grid;
pub(crate) mod habit;
mod human;
mod judge;
mod key_rule;
pub(crate) mod kit;
pub(crate) mod layout;
pub(crate) mod line;
pub(crate) mod network;
pub(crate) mod part;
mod perform;
pub(crate) mod pitches;
mod programs;
pub(crate) mod quantise;
pub(crate) mod recall;
mod redraw;
pub(crate) mod rewrite;
mod sampler;
pub(crate) mod style;
#[cfg(test)]
mod tests;
pub(crate) mod voicing;
pub(crate) mod weights;
mod writer;

pub use brief::{BARS, Brief, BriefOptions, SWINGS, TEMPERATURES, TOP_PS};
pub use control::{CANDIDATES, Controls, FILLS, Form, HUMANIZES, Mood, Primer, SHIFTS};
pub use judge::is_stuck;
pub use part::Part;
pub use redraw::Redraw;
pub use rewrite::{Keep, Rewrite, Rewritten};
pub use style::STYLES;

use crate::error::{Error, Result};
use network::Network;
use riffsmith_dsp::Seed;
use riffsmith_dsp::score::Score;
use std::borrow::Cow;
use std::sync::OnceLock;

/// The weights that come with the program.
const BUILTIN: &[u8] = include_bytes!("../../weights/composer.bin");

/// Trained networks of all parts. Each is unpacked when it is first needed.
pub struct Composer {
    bytes: Cow<'static, [u8]>,
    entries: Vec<weights::Entry>,
    networks: [OnceLock<Network>; Part::ALL.len()],
}

impl Composer {
    /// From the bytes of a weights file.
    ///
    /// # Errors
    /// Bytes of something else, truncated or changed ones, another version's, or a file that lacks a part.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        Self::read(Cow::Owned(bytes.to_vec()))
    }

    /// With the weights that come with the program.
    ///
    /// # Errors
    /// Where the program itself was damaged.
    pub fn builtin() -> Result<Self> {
        Self::read(Cow::Borrowed(BUILTIN))
    }

    fn read(bytes: Cow<'static, [u8]>) -> Result<Self> {
        let entries = weights::read(&bytes)?;
        for part in Part::ALL {
            if !entries.iter().any(|entry| entry.layout.part == part) {
                return Err(Error::format("composer weights file", format!("it has no network for {}", part.name())));
            }
        }
        Ok(Self { bytes, entries, networks: Default::default() })
    }

    /// Identifies the weights: sixteen hexadecimal digits.
    pub fn hash(&self) -> String {
        format!("{:016x}", weights::checksum(&self.bytes))
    }

    /// Writes a loop: exactly the brief's bars, its roles as tracks, its key and chords. The same brief and seed give the same
    /// notes.
    pub fn compose(&self, brief: &Brief, seed: Seed) -> Score {
        self.recompose(brief, seed, &[])
    }

    /// The same, with some parts written anew after that, and once more for each redraw.
    pub fn recompose(&self, brief: &Brief, seed: Seed, redraws: &[Redraw]) -> Score {
        compose::compose(|part| self.network(part), brief, seed, redraws)
    }

    pub(crate) fn network(&self, part: Part) -> &Network {
        self.networks[part as usize].get_or_init(|| {
            let entry = self.entries.iter().find(|entry| entry.layout.part == part);
            entry.expect("reading checked that every part is there").network(&self.bytes)
        })
    }
}

impl std::fmt::Debug for Composer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Composer").field("hash", &self.hash()).finish()
    }
}
