//! Distances on held-out pairs: unrefined, with the best static equalizer, refined.

use super::distance::log_spectral_distance_db;
use super::pair::Pair;
use super::pool::Pool;
use super::source::PairSource;
use crate::piece::Split;
use crate::refiner::bands::Analysis;
use crate::refiner::{Family, Refiner, apply};
use riffsmith_dsp::spectral::Edges;
use riffsmith_dsp::{AudioBuffer, SampleRate, Seed};

/// Mean log-spectral distances of a family's pairs to their references, in dB.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FamilyDistances {
    /// The family.
    pub family: Family,
    /// Number of pairs.
    pub pairs: usize,
    /// Our sounds as they are.
    pub unrefined_db: f32,
    /// Our sounds through the one equalizer for the family that is best on the training pairs.
    pub equalized_db: f32,
    /// Our sounds refined.
    pub refined_db: f32,
}

/// Measures a refiner on `test` held-out pairs of `source`; the equalizers are fitted on `training` of its training pairs.
pub fn measure(refiner: &Refiner, source: &dyn PairSource, training: usize, test: usize) -> Vec<FamilyDistances> {
    let analysis = Analysis::new(SampleRate::CD);
    let mut pool = Pool::new(&analysis, &mut Seed(0).rng());
    for pair in (0..training).filter_map(|index| source.pair(Split::Train, index)) {
        pool.add(&pair, &analysis);
    }
    let held_out: Vec<Pair> = (0..test).filter_map(|index| source.pair(Split::Test, index)).collect();
    evaluate(refiner, &pool.best_equalizers(), &held_out)
}

/// The distances of every family in `pairs`.
pub(super) fn evaluate(refiner: &Refiner, equalizers: &[(Family, Vec<f32>)], pairs: &[Pair]) -> Vec<FamilyDistances> {
    let of_family = |family: Family| {
        let pairs: Vec<&Pair> = pairs.iter().filter(|pair| pair.family == family).collect();
        let mean = |process: &dyn Fn(&Pair) -> AudioBuffer| {
            let sum: f32 = pairs.iter().map(|pair| log_spectral_distance_db(&process(pair), &pair.reference)).sum();
            sum / pairs.len() as f32
        };
        let equalizer = equalizers.iter().find(|(of, _)| *of == family);
        (!pairs.is_empty()).then(|| FamilyDistances {
            family,
            pairs: pairs.len(),
            unrefined_db: mean(&|pair| pair.ours.clone()),
            equalized_db: mean(&|pair| match equalizer {
                Some((_, gains)) => apply::equalize(&pair.ours, gains),
                None => pair.ours.clone(),
            }),
            refined_db: mean(&|pair| refiner.refine(&pair.ours, family, 1.0, Edges::Silence)),
        })
    };
    Family::ALL.into_iter().filter_map(of_family).collect()
}
