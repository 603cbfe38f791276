//! The refiner over a mix: each stem by the family of the instrument that plays it.

use crate::error::{Error, Result};
use rayon::prelude::*;
use riffsmith_dsp::mix::{Mix, Stem};
use riffsmith_dsp::score::Score;
use riffsmith_dsp::spectral::Edges;
use riffsmith_dsp::synth::Ending;
use riffsmith_models::refiner::{Family, Refiner};
use serde::{Deserialize, Serialize};
use std::ops::RangeInclusive;

/// Amounts that can be asked for: 0 is off, 1 is as trained.
pub const AMOUNTS: RangeInclusive<f32> = 0.0..=1.0;

/// That a sound was refined, and how.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refinement {
    /// Above 0, to 1: the changes in dB are multiplied by it.
    pub amount: f32,
    /// Hash of the refiner's weights.
    pub weights: String,
}

impl Refinement {
    /// With the refiner that comes with the program; `None` where the amount is 0.
    pub fn new(amount: f32) -> Option<Self> {
        (amount > 0.0).then(|| Self { amount, weights: Refiner::builtin().hash() })
    }

    /// # Errors
    /// An amount that cannot be asked for.
    pub fn check(&self) -> Result<()> {
        if AMOUNTS.contains(&self.amount) {
            return Ok(());
        }
        let (off, full) = (AMOUNTS.start(), AMOUNTS.end());
        Err(Error::usage(format!("--refine must be {off} to {full}, but was {}", self.amount)))
    }
}

/// The stems of `score` as `mix` plays it, refined. Stems are refined in parallel, and stay in their order.
pub fn refine(refiner: &Refiner, amount: f32, score: &Score, mix: &Mix, stems: Vec<Stem>, ending: Ending) -> Vec<Stem> {
    let edges = if ending == Ending::Wrap { Edges::Loop } else { Edges::Silence };
    let channels = score.tracks.iter().enumerate().filter_map(|(index, track)| mix.channel(index, track));
    let families: Vec<Family> = channels.map(|channel| Family::of_patch(&channel.patch)).collect();
    debug_assert_eq!(families.len(), stems.len(), "each track with a channel has a stem");
    stems
        .into_par_iter()
        .zip(families)
        .map(|(stem, family)| Stem { audio: refiner.refine(&stem.audio, family, amount, edges), ..stem })
        .collect()
}
