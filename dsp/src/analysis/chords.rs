//! The chords of notes, beat by beat: Viterbi's algorithm over a hidden Markov model (Rabiner, "A tutorial on hidden Markov
//! models", 1989) whose states are chords.
//!
//! A beat speaks for a chord by how long each pitch class sounds and by its bass; a new chord costs more on weak beats, less where
//! its root moves as roots do, and more where it is foreign to the key.

use super::beats::Beats;
use super::chord_model::{MOTION, Model, SOUGHT, Weights, candidates};
use super::keys::Keys;
use super::sounding::Sounding;
use crate::score::{Chord, Key, PitchClass, Quality, Ticks};
use std::collections::BTreeMap;

/// Against silence as a chord, in nats, when it begins.
const SILENCE: f64 = 2.0;

/// What a beat says against silence if anything sounds.
const SOUND: f64 = 6.0;

/// For silence where nothing sounds.
const QUIET: f64 = 0.8;

/// Share of the bass that a note other than the root must have to be written after a slash.
const SLASH: f64 = 0.6;

/// A chord and how long it sounds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChordSpan {
    /// When it begins: on a beat.
    pub start: Ticks,
    /// When the next one begins.
    pub end: Ticks,
    /// The index of its first beat.
    pub beat: usize,
    /// The chord; `None` where nothing sounds.
    pub chord: Option<Chord>,
    /// The key of its bar.
    pub key: Option<Key>,
    /// Share of what sounds that is in the chord, 0.0 ..= 1.0.
    pub explained: f64,
}

/// Finds the chords.
pub fn chords(sounding: &[Sounding], beats: &Beats, keys: &Keys, weights: &Weights) -> Vec<ChordSpan> {
    if sounding.iter().all(Sounding::is_silent) {
        return Vec::new();
    }
    let all: Vec<Chord> = candidates().map(|(chord, _)| chord).collect();
    let path = path(sounding, beats, keys, weights);
    let mut spans: Vec<ChordSpan> = Vec::new();
    let mut start = 0;
    for beat in 1..=path.len() {
        if beat < path.len() && path[beat] == path[start] {
            continue;
        }
        let chord = all.get(path[start]).map(|&chord| with_bass(chord, &sounding[start..beat]));
        spans.push(ChordSpan {
            start: beats.beats[start].start,
            end: beats.beats[beat - 1].end,
            beat: start,
            chord,
            key: keys.at(beats.beats[start].bar),
            explained: chord.map_or(0.0, |chord| explained(chord, &sounding[start..beat])),
        });
        start = beat;
    }
    spans
}

/// The index of each beat's chord among the candidates; one more stands for silence.
fn path(sounding: &[Sounding], beats: &Beats, keys: &Keys, weights: &Weights) -> Vec<usize> {
    let states = 12 * SOUGHT.len();
    let mut models: BTreeMap<Option<Key>, Model> = BTreeMap::new();
    let mut score = vec![0.0f64; states + 1];
    let mut origins: Vec<Vec<u16>> = Vec::with_capacity(sounding.len());
    for (beat, heard) in beats.beats.iter().zip(sounding) {
        let key = keys.at(beat.bar);
        let model = models.entry(key).or_insert_with(|| Model::new(key, weights));
        let change = weights.change[0] + weights.change[1] * (1.0 - beat.strength);
        let entries = entries(&score, weights.motion);
        let silent = score[states];
        let total: f64 = heard.all.iter().sum();
        // Few notes say little, many do not say ever more.
        let scale = if total > 0.0 { total.min(2.0).sqrt() / total } else { 0.0 };
        let all = heard.all.map(|weight| weight * scale);
        let mut origin = vec![0u16; states + 1];
        let mut next = vec![0.0f64; states + 1];
        for state in 0..states {
            let (mut from, mut value) = (state, score[state]);
            let (entering, entry) = entries[state / SOUGHT.len()];
            let entry = if silent > entry { (states, silent) } else { (entering, entry) };
            let entered = entry.1 - change - model.enter[state];
            if entered > value {
                (from, value) = (entry.0, entered);
            }
            origin[state] = from as u16;
            next[state] = value + model.fit(state, &all, &heard.bass);
        }
        let (loudest, entered) =
            entries.iter().copied().fold((0, f64::NEG_INFINITY), |a, b| if b.1 > a.1 { b } else { a });
        let entered = entered - change - SILENCE;
        let (from, value) = if entered > silent { (loudest, entered) } else { (states, silent) };
        origin[states] = from as u16;
        next[states] = value + if heard.is_silent() { QUIET } else { -SOUND };
        score = next;
        origins.push(origin);
    }
    let mut now = (0..=states).max_by(|&a, &b| score[a].total_cmp(&score[b])).unwrap_or(states);
    let mut path = vec![0; origins.len()];
    for (beat, origin) in origins.iter().enumerate().rev() {
        path[beat] = now;
        now = usize::from(origin[now]);
    }
    path
}

/// For each root the best chord to come from, and its score with the step between the roots.
fn entries(score: &[f64], motion: f64) -> [(usize, f64); 12] {
    let qualities = SOUGHT.len();
    let best: [(usize, f64); 12] = std::array::from_fn(|root| {
        let states = root * qualities..(root + 1) * qualities;
        states.fold(
            (0, f64::NEG_INFINITY),
            |best, state| if score[state] > best.1 { (state, score[state]) } else { best },
        )
    });
    std::array::from_fn(|root| {
        (0..12).fold((0, f64::NEG_INFINITY), |found, from| {
            let value = best[from].1 + motion * MOTION[(root + 12 - from) % 12];
            if value > found.1 { (best[from].0, value) } else { found }
        })
    })
}

/// The chord over the note that rules its bass.
fn with_bass(chord: Chord, beats: &[Sounding]) -> Chord {
    let mut bass = [0.0; 12];
    for beat in beats {
        bass.iter_mut().zip(beat.bass).for_each(|(sum, weight)| *sum += weight);
    }
    let sum: f64 = bass.iter().sum();
    let lowest = chord.classes().skip(1).find(|class| bass[usize::from(class.semitones())] > SLASH * sum);
    // The sixth of a sixth chord in the bass makes it a minor seventh.
    match (lowest, chord.quality) {
        (Some(sixth), Quality::Sixth) if sixth.above(chord.root) == 9 => Chord::new(sixth, Quality::MinorSeventh),
        (Some(_), Quality::Power) => chord,
        _ => Chord { bass: lowest, ..chord },
    }
}

fn explained(chord: Chord, beats: &[Sounding]) -> f64 {
    let (mut inside, mut sum) = (0.0, 0.0);
    for beat in beats {
        inside += chord.classes().map(|class| beat.all[usize::from(class.semitones())]).sum::<f64>();
        sum += beat.all.iter().sum::<f64>();
    }
    if sum > 0.0 { inside / sum } else { 0.0 }
}

/// The triad whose three notes fill most of each beat, and nothing else: the baseline (Fujishima, "Realtime chord recognition of
/// musical sound", 1999, with binary templates of the 24 major and minor triads).
pub fn template(sounding: &[Sounding]) -> Vec<Option<Chord>> {
    let triads: Vec<Chord> = (0..12)
        .flat_map(|root| [Quality::Major, Quality::Minor].map(|quality| Chord::new(PitchClass::new(root), quality)))
        .collect();
    let of = |beat: &Sounding| {
        let fit = |chord: &Chord| chord.classes().map(|class| beat.all[usize::from(class.semitones())]).sum::<f64>();
        triads.iter().copied().rev().max_by(|a, b| fit(a).total_cmp(&fit(b))).filter(|_| !beat.is_silent())
    };
    sounding.iter().map(of).collect()
}
