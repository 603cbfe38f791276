//! Distances on held-out pairs: unrefined, with the best static equalizer, refined; and what refining moved that it must not.

use super::distance::{fixed_distance_db, log_spectral_distance_db, multi_resolution_loss};
use super::frechet::Moments;
use super::guards::{Moved, watch};
use super::pair::Pair;
use super::pool::Pool;
use super::source::PairSource;
use crate::piece::Split;
use crate::refiner::bands::Analysis;
use crate::refiner::{Family, Kept, Refiner, apply};
use riffsmith_dsp::{AudioBuffer, SampleRate};

/// How far sounds are from their references.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Distances {
    /// Log-spectral distance in dB, mean over pairs.
    pub spectral_db: f32,
    /// The same over those cells in which the unrefined sound or the reference is heard, mean over pairs.
    pub fixed_db: f32,
    /// Multi-resolution STFT loss, mean over pairs.
    pub multi_resolution: f32,
    /// Fréchet distance of all sounds' mel levels to all references', in dB squared.
    pub frechet: f32,
}

/// Distances of one family's pairs, or of all.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The family; none for all of them.
    pub family: Option<Family>,
    /// Number of pairs.
    pub pairs: usize,
    /// Unrefined; through the one equalizer for the family that is best on the training pairs; by each refiner.
    pub columns: Vec<Distances>,
    /// The most that the first refiner moved, of what it must not move.
    pub moved: Moved,
    /// Around how many attacks it refined less than asked for, because they would have moved; of [`Moved::attacks`].
    pub attacks_less: usize,
    /// How many of the pairs it refined less than asked for as a whole, because the pitch would have moved.
    pub held_back: usize,
}

/// Measures refiners on `count` pairs of `source` from a `split`; the equalizers are fitted on `training` of its training pairs. A row for
/// each family, and one for all.
pub fn measure(refiners: &[Refiner], source: &dyn PairSource, training: usize, split: Split, count: usize) -> Vec<Row> {
    let analysis = Analysis::new(SampleRate::CD);
    let mut pool = Pool::new(&analysis, 0);
    for pair in (0..training).filter_map(|index| source.pair(Split::Train, index)) {
        pool.add(pool.len(), &pair, &analysis);
    }
    let pairs = (0..count).filter_map(|index| source.pair(split, index));
    evaluate(refiners, &pool.best_equalizers(), pairs)
}

/// Sums over pairs.
#[derive(Clone, Default)]
struct Sums {
    pairs: usize,
    spectral_db: Vec<f32>,
    fixed_db: Vec<f32>,
    multi_resolution: Vec<f32>,
    moments: Vec<Moments>,
    reference: Moments,
    moved: Moved,
    attacks_less: usize,
    held_back: usize,
}

impl Sums {
    fn new(columns: usize) -> Self {
        let nothing = vec![0.0; columns];
        Self {
            spectral_db: nothing.clone(),
            fixed_db: nothing.clone(),
            multi_resolution: nothing,
            moments: vec![Moments::default(); columns],
            moved: Moved { echo_db: f32::NEG_INFINITY, silence_dbfs: f32::NEG_INFINITY, ..Moved::default() },
            ..Self::default()
        }
    }

    fn row(&self, family: Option<Family>) -> Row {
        let mean = |sum: f32| sum / self.pairs.max(1) as f32;
        let column = |index: usize| Distances {
            spectral_db: mean(self.spectral_db[index]),
            fixed_db: mean(self.fixed_db[index]),
            multi_resolution: mean(self.multi_resolution[index]),
            frechet: self.moments[index].distance(&self.reference).unwrap_or(f32::NAN),
        };
        let columns = (0..self.moments.len()).map(column).collect();
        let Self { pairs, moved, attacks_less, held_back, .. } = *self;
        Row { family, pairs, columns, moved, attacks_less, held_back }
    }
}

/// The distances of every family in `pairs`, and of all.
pub(super) fn evaluate(
    refiners: &[Refiner],
    equalizers: &[(Family, Vec<f32>)],
    pairs: impl Iterator<Item = Pair>,
) -> Vec<Row> {
    let columns = 2 + refiners.len();
    let mut all = Sums::new(columns);
    let mut families: Vec<Sums> = Family::ALL.map(|_| Sums::new(columns)).to_vec();
    for pair in pairs {
        let equalizer = equalizers.iter().find(|(family, _)| *family == pair.family);
        let equalized = equalizer.map_or(pair.ours.clone(), |(_, gains)| apply::equalize(&pair.ours, gains));
        let refine = |refiner: &Refiner, audio: &AudioBuffer, edges| refiner.refine(audio, pair.family, 1.0, edges);
        let edges = riffsmith_dsp::spectral::Edges::Silence;
        let refined: Vec<(AudioBuffer, Kept)> =
            refiners.iter().map(|refiner| refiner.refine_within_bounds(&pair.ours, pair.family, 1.0, edges)).collect();
        let kept = refined.first().map(|(_, kept)| *kept);
        let refined = refined.into_iter().map(|(audio, _)| audio);
        let sounds: Vec<AudioBuffer> = [pair.ours.clone(), equalized].into_iter().chain(refined).collect();
        let pitched = pair.family.is_pitched();
        let moved =
            refiners.first().map(|refiner| watch(&pair.ours, pitched, &|audio, edges| refine(refiner, audio, edges)));
        for sums in [&mut all, &mut families[pair.family.index()]] {
            sums.pairs += 1;
            sums.attacks_less += kept.map_or(0, |kept| kept.attacks_less);
            sums.held_back += usize::from(kept.is_some_and(|kept| kept.share < 1.0));
            sums.reference.add(&pair.reference);
            for (index, sound) in sounds.iter().enumerate() {
                sums.spectral_db[index] += log_spectral_distance_db(sound, &pair.reference);
                sums.fixed_db[index] += fixed_distance_db(sound, &pair.reference, &pair.ours);
                sums.multi_resolution[index] += multi_resolution_loss(sound, &pair.reference);
                sums.moments[index].add(sound);
            }
            sums.moved = moved.map_or(sums.moved, |moved| sums.moved.worst(moved));
        }
    }
    let rows = Family::ALL.into_iter().zip(&families).filter(|(_, sums)| sums.pairs > 0);
    rows.map(|(family, sums)| sums.row(Some(family))).chain([all.row(None)]).collect()
}
