//! The key of a piece, how sure that is, and where it modulates.

use super::beats::Beats;
use super::key_finding::correlation;
use super::sounding::Sounding;
use crate::score::{Key, Mode, PitchClass};

/// What each kind of evidence says for a key, in nats.
#[derive(Debug, Clone, Copy)]
pub struct Weights {
    /// How often each degree of a major key sounds.
    pub major: [f64; 12],
    /// The same of a minor key.
    pub minor: [f64; 12],
    /// For all that sounds, against the profile.
    pub profile: f64,
    /// For the tonic's share of the bass.
    pub bass: f64,
    /// For the tonic in the bass when the piece ends.
    pub ending: f64,
    /// For the tonic in the bass of the first bar.
    pub opening: f64,
    /// What a bar says of the key of its region, against the whole piece.
    pub bar: f64,
    /// Against a change of key between two bars.
    pub change: f64,
    /// For the home key in each bar.
    pub home: f64,
}

/// Profiles counted on the songs of openscore-lieder's training part; weights found with these and the training part of our
/// grooves, half each, for the score of the keys and the likelihood of being right.
pub const WEIGHTS: Weights = Weights {
    major: [0.1836, 0.0137, 0.1080, 0.0211, 0.1399, 0.0939, 0.0244, 0.2005, 0.0240, 0.0889, 0.0201, 0.0820],
    minor: [0.1917, 0.0218, 0.0902, 0.1367, 0.0286, 0.0962, 0.0211, 0.1936, 0.0835, 0.0255, 0.0656, 0.0455],
    profile: 15.0,
    bass: 5.3,
    ending: 1.5,
    opening: 2.75,
    bar: 2.5,
    change: 9.0,
    home: 0.3,
};

/// Shorter regions are excursions, not modulations, in bars.
const SHORTEST: usize = 4;

/// How much more a mode's scale must hold than major's or minor's to be named: as a share of all that sounds.
const MODAL: f64 = 0.02;

/// A stretch of one key.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct KeyRegion {
    /// Its first bar.
    pub from: usize,
    /// The bar after its last.
    pub to: usize,
    /// Its key.
    pub key: Key,
    /// How probable that is under the model, 0.0 ..= 1.0.
    pub confidence: f64,
}

/// The keys of a piece.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Keys {
    /// Its home key and how probable that is, 0.0 ..= 1.0; `None` if nothing sounds.
    pub home: Option<(Key, f64)>,
    /// The key that is the next probable.
    pub second: Option<(Key, f64)>,
    /// Its keys from bar to bar, without gaps; empty if nothing sounds.
    pub regions: Vec<KeyRegion>,
}

impl Keys {
    /// The key of a bar.
    pub fn at(&self, bar: usize) -> Option<Key> {
        let after = self.regions.partition_point(|region| region.from <= bar);
        after.checked_sub(1).map(|index| self.regions[index].key)
    }
}

/// Finds the home key and the regions.
pub fn keys(sounding: &[Sounding], beats: &Beats, weights: &Weights) -> Keys {
    let bars = bars(sounding, beats);
    let whole = Heard::of(sounding.iter());
    if whole.is_silent() {
        return Keys::default();
    }
    let ending = sounding.iter().rev().find(|beat| !beat.is_silent()).map_or([0.0; 12], |beat| normalised(beat.bass));
    let opening = bars.iter().find(|bar| !bar.is_silent()).map_or([0.0; 12], |bar| bar.bass);
    let scores: Vec<f64> = candidates()
        .map(|key| {
            let tonic = usize::from(key.tonic.semitones());
            whole.fit(key, weights) * weights.profile
                + weights.bass * whole.bass[tonic]
                + weights.ending * ending[tonic]
                + weights.opening * opening[tonic]
        })
        .collect();
    let probabilities = softmax(&scores);
    let mut order: Vec<usize> = (0..24).collect();
    order.sort_by(|&a, &b| probabilities[b].total_cmp(&probabilities[a]));
    let ranked = |rank: usize| {
        let index = order[rank];
        candidates().nth(index).map(|key| (modal(key, &whole), probabilities[index]))
    };
    let (home, second) = (ranked(0), ranked(1));
    let regions = regions(&bars, order[0], weights);
    Keys { home, second, regions }
}

/// The twelve major keys, then the twelve minor ones.
fn candidates() -> impl Iterator<Item = Key> {
    [Mode::Major, Mode::Minor]
        .into_iter()
        .flat_map(|mode| (0..12).map(move |tonic| Key { tonic: PitchClass::new(tonic), mode }))
}

/// How much of a stretch each pitch class fills, adding up to 1, and in the bass.
#[derive(Debug, Clone, Copy)]
struct Heard {
    all: [f64; 12],
    bass: [f64; 12],
}

impl Heard {
    fn of<'a>(beats: impl Iterator<Item = &'a Sounding>) -> Self {
        let (mut all, mut bass) = ([0.0; 12], [0.0; 12]);
        for beat in beats {
            all.iter_mut().zip(beat.all).for_each(|(sum, weight)| *sum += weight);
            bass.iter_mut().zip(beat.bass).for_each(|(sum, weight)| *sum += weight);
        }
        Self { all: normalised(all), bass: normalised(bass) }
    }

    fn is_silent(&self) -> bool {
        self.all.iter().sum::<f64>() <= 0.0
    }

    /// How well a key's profile explains all that sounds: nats a note.
    fn fit(&self, key: Key, weights: &Weights) -> f64 {
        let profile = if key.mode.is_minor() { &weights.minor } else { &weights.major };
        let tonic = usize::from(key.tonic.semitones());
        (0..12).map(|degree| self.all[(tonic + degree) % 12] * profile[degree].ln()).sum()
    }
}

fn bars(sounding: &[Sounding], beats: &Beats) -> Vec<Heard> {
    let ends = beats.bars.iter().skip(1).map(|bar| bar.first_beat).chain([sounding.len()]);
    beats.bars.iter().zip(ends).map(|(bar, end)| Heard::of(sounding[bar.first_beat..end].iter())).collect()
}

/// The regions by Viterbi's algorithm, their confidence by how much better they explain their bars than other keys do.
fn regions(bars: &[Heard], home: usize, weights: &Weights) -> Vec<KeyRegion> {
    let keys: Vec<Key> = candidates().collect();
    let emissions: Vec<Vec<f64>> = bars
        .iter()
        .map(|bar| {
            let of = |(index, key): (usize, &Key)| {
                let tonic = bar.bass[usize::from(key.tonic.semitones())];
                let at_home = if index == home { weights.home } else { 0.0 };
                if bar.is_silent() { 0.0 } else { weights.bar * (bar.fit(*key, weights) + 0.5 * tonic) + at_home }
            };
            keys.iter().enumerate().map(of).collect()
        })
        .collect();
    let mut path = viterbi(&emissions, weights.change);
    smooth(&mut path, home);
    let mut regions: Vec<KeyRegion> = Vec::new();
    let mut start = 0;
    for bar in 1..=path.len() {
        if bar < path.len() && path[bar] == path[start] {
            continue;
        }
        let sums: Vec<f64> = (0..24).map(|key| emissions[start..bar].iter().map(|row| row[key]).sum()).collect();
        let heard = mean(&bars[start..bar]);
        let confidence = softmax(&sums)[path[start]];
        regions.push(KeyRegion { from: start, to: bar, key: modal(keys[path[start]], &heard), confidence });
        start = bar;
    }
    // Two regions of one tonic and third may differ in their mode; the later one is no modulation if it has the same name.
    regions.dedup_by(|later, earlier| {
        let same = later.key == earlier.key;
        if same {
            earlier.to = later.to;
        }
        same
    });
    regions
}

fn viterbi(emissions: &[Vec<f64>], change: f64) -> Vec<usize> {
    let mut score = vec![0.0f64; 24];
    let mut origins: Vec<Vec<usize>> = Vec::with_capacity(emissions.len());
    for row in emissions {
        let best = best(&score);
        let moved = score[best] - change;
        origins.push((0..24).map(|own| if score[own] >= moved { own } else { best }).collect());
        score = (0..24).map(|own| score[own].max(moved) + row[own]).collect();
    }
    let mut now = best(&score);
    let mut path = vec![0; emissions.len()];
    for (bar, origin) in origins.iter().enumerate().rev() {
        path[bar] = now;
        now = origin[now];
    }
    path
}

/// Regions that are too short become what was there before, or comes after at the start.
fn smooth(path: &mut [usize], home: usize) {
    let mut start = 0;
    let mut before = None;
    while start < path.len() {
        let end = (start..path.len()).find(|&bar| path[bar] != path[start]).unwrap_or(path.len());
        if end - start < SHORTEST.min(path.len()) {
            let key = before.or(path.get(end).copied()).unwrap_or(home);
            path[start..end].fill(key);
        }
        before = Some(path[start]);
        start = end;
    }
}

/// The mode with the same third whose scale holds clearly more than plain major or minor.
fn modal(key: Key, heard: &Heard) -> Key {
    let inside = |mode: Mode| {
        Key { tonic: key.tonic, mode }
            .scale()
            .map(|class| heard.all[usize::from(class.semitones())])
            .iter()
            .sum::<f64>()
    };
    let (plain, others) = if key.mode.is_minor() {
        (Mode::Minor, [Mode::Dorian, Mode::Phrygian])
    } else {
        (Mode::Major, [Mode::Mixolydian, Mode::Lydian])
    };
    // A leading note in minor is no reason: the harmonic scale has it too.
    let best = others.into_iter().max_by(|&a, &b| inside(a).total_cmp(&inside(b)));
    let mode = best.filter(|&mode| inside(mode) > inside(plain) + MODAL).unwrap_or(plain);
    Key { tonic: key.tonic, mode }
}

/// The key whose profile (Krumhansl and Kessler) correlates best with all that sounds, and nothing else: the baseline.
pub fn template(sounding: &[Sounding]) -> Option<Key> {
    let whole = Heard::of(sounding.iter());
    let fit = |key: &Key| {
        let tonic = usize::from(key.tonic.semitones());
        let turned: [f64; 12] = std::array::from_fn(|degree| whole.all[(tonic + degree) % 12]);
        correlation(&turned, super::key_finding::profile(key.mode.is_minor()))
    };
    candidates().max_by(|a, b| fit(a).total_cmp(&fit(b))).filter(|_| !whole.is_silent())
}

fn mean(bars: &[Heard]) -> Heard {
    let sum = |of: fn(&Heard) -> &[f64; 12]| std::array::from_fn(|class| bars.iter().map(|bar| of(bar)[class]).sum());
    Heard { all: normalised(sum(|bar| &bar.all)), bass: normalised(sum(|bar| &bar.bass)) }
}

fn normalised(weights: [f64; 12]) -> [f64; 12] {
    let sum: f64 = weights.iter().sum();
    if sum > 0.0 { weights.map(|weight| weight / sum) } else { weights }
}

fn best(score: &[f64]) -> usize {
    (0..score.len()).max_by(|&a, &b| score[a].total_cmp(&score[b])).unwrap_or(0)
}

fn softmax(scores: &[f64]) -> Vec<f64> {
    let most = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let weights: Vec<f64> = scores.iter().map(|score| (score - most).exp()).collect();
    let sum: f64 = weights.iter().sum();
    weights.iter().map(|weight| weight / sum).collect()
}
