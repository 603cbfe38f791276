//! The examples in memory: rendered a few with every step, until there are enough.

use super::pair::Pair;
use crate::refiner::Family;
use crate::refiner::bands::{Analysis, BANDS, Levels, UNIT_DB};
use crate::refiner::generator::CONTEXT;
use crate::refiner::window;
use half::f16;
use riffsmith_dsp::Rng;
use riffsmith_dsp::spectral::Edges;

/// Largest change of both levels of a pair, in dB: the loudest frame of a stem is louder than that of its single notes.
const LEVEL_JITTER_DB: (f32, f32) = (-12.0, 3.0);

/// Levels of one pair, in half precision.
struct Entry {
    ours: Vec<f16>,
    reference: Vec<f16>,
}

/// Pairs as the networks see them.
pub struct Pool {
    entries: Vec<Entry>,
    families: Vec<(Family, Vec<usize>)>,
}

/// A batch cut from the pool, as `[batch, band, frame]`: our levels with their context, and the reference's without.
pub struct Batch {
    pub families: Vec<Family>,
    pub ours: Vec<f32>,
    pub reference: Vec<f32>,
}

impl Pool {
    pub fn new() -> Self {
        Self { entries: Vec::new(), families: Vec::new() }
    }

    /// Number of pairs.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    pub fn add(&mut self, pair: &Pair, analysis: &Analysis) {
        let halves = |levels: Levels| levels.units.into_iter().map(f16::from_f32).collect();
        let (ours, reference) = pair.levels(analysis);
        let index = self.entries.len();
        match self.families.iter_mut().find(|(family, _)| *family == pair.family) {
            Some((_, indices)) => indices.push(index),
            None => self.families.push((pair.family, vec![index])),
        }
        self.entries.push(Entry { ours: halves(ours), reference: halves(reference) });
    }

    /// `size` stretches of `frames` frames, each of a family drawn evenly.
    pub fn batch(&self, size: usize, frames: usize, rng: &mut Rng) -> Batch {
        let mut batch = Batch { families: Vec::new(), ours: Vec::new(), reference: Vec::new() };
        for _ in 0..size {
            let (family, indices) = &self.families[rng.below(self.families.len())];
            let entry = &self.entries[indices[rng.below(indices.len())]];
            let jitter = rng.between(LEVEL_JITTER_DB.0, LEVEL_JITTER_DB.1) / UNIT_DB;
            let shift = |half: &f16| if *half > f16::ZERO { (half.to_f32() + jitter).max(0.0) } else { 0.0 };
            let shifted = |halves: &[f16]| Levels { units: halves.iter().map(shift).collect() };
            let (ours, reference) = (shifted(&entry.ours), shifted(&entry.reference));
            // Attacks matter most: half of the stretches begin with the example.
            let latest = ours.frames().saturating_sub(frames);
            let start = if rng.chance(0.5) { 0 } else { rng.below(latest + 1) };
            batch.families.push(*family);
            batch.ours.extend(window(&ours, start, frames + 2 * CONTEXT, Edges::Silence));
            batch.reference.extend(window(&reference, start + CONTEXT, frames, Edges::Silence));
        }
        batch
    }

    /// For each family, the mean difference of the levels of each band in dB, over cells where both sound: the one static
    /// equalizer that brings our sounds closest to the reference's in the least-squares sense.
    pub fn best_equalizers(&self) -> Vec<(Family, Vec<f32>)> {
        let fit = |(family, indices): &(Family, Vec<usize>)| {
            let (mut sums, mut counts) = (vec![0.0f64; BANDS], vec![0u32; BANDS]);
            for entry in indices.iter().map(|&index| &self.entries[index]) {
                for (cell, (ours, reference)) in entry.ours.iter().zip(&entry.reference).enumerate() {
                    if *ours > f16::ZERO && *reference > f16::ZERO {
                        sums[cell % BANDS] += f64::from(reference.to_f32() - ours.to_f32());
                        counts[cell % BANDS] += 1;
                    }
                }
            }
            let mean = |(sum, count): (&f64, &u32)| (sum / f64::from((*count).max(1))) as f32 * UNIT_DB;
            (*family, sums.iter().zip(&counts).map(mean).collect())
        };
        self.families.iter().map(fit).collect()
    }
}
