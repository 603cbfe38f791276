//! Form: where sections begin, and which are alike (Foote, "Automatic audio segmentation using a measure of audio novelty", 2000).

use super::beats::Beats;
use super::sounding::Sounding;
use crate::score::{Note, Score};

/// Parts of a bar in which onsets are counted.
const SLOTS: usize = 16;

/// Bars before and after a boundary that are compared.
const KERNEL: usize = 8;

/// Sections are at least so long, in bars.
const SHORTEST: usize = 4;

/// A boundary must be at least this new: the mean likeness within both sides less that between them.
const NEW: f64 = 0.12;

/// How much newer a boundary is taken to be after whole phrases of four bars.
const PHRASE: f64 = 0.05;

/// How alike two sections are that have the same letter, and those that are variants of one another.
const SAME: f64 = 0.93;
const VARIANT: f64 = 0.80;

/// Letters that are given; what comes after is `Z`.
const LETTERS: usize = 26;

/// A section.
#[derive(Debug, Clone, PartialEq)]
pub struct Section {
    /// Its first bar.
    pub from: usize,
    /// The bar after its last.
    pub to: usize,
    /// `A`, `B`; with a prime if it varies the section of that letter: `A'`.
    pub label: String,
    /// How alike it is to the first section of its letter, 0.0 ..= 1.0; 1 for that one itself.
    pub likeness: f64,
}

/// What a bar is like: pitch classes, bass, onsets of pitched notes and of drums, each of length one or zero.
struct Portrait {
    parts: [Vec<f64>; 4],
}

/// How much each part of a portrait counts.
const PARTS: [f64; 4] = [0.35, 0.2, 0.25, 0.2];

/// Finds the sections, from the first bar to the last.
pub fn sections(score: &Score, beats: &Beats, sounding: &[Sounding]) -> Vec<Section> {
    let bars = portraits(score, beats, sounding);
    let mut starts = boundaries(&bars);
    starts.push(bars.len());
    let mut firsts: Vec<(usize, usize)> = Vec::new();
    let mut sections = Vec::new();
    for pair in starts.windows(2) {
        let (from, to) = (pair[0], pair[1]);
        let alike = |&(first, end): &(usize, usize)| likeness(&bars[from..to], &bars[first..end]);
        let nearest = firsts.iter().map(alike).enumerate().max_by(|a, b| a.1.total_cmp(&b.1));
        let (letter, likeness) = match nearest {
            Some((letter, likeness)) if likeness >= VARIANT || firsts.len() == LETTERS => (letter, likeness),
            _ => {
                firsts.push((from, to));
                (firsts.len() - 1, 1.0)
            }
        };
        let prime = if likeness < SAME { "'" } else { "" };
        let label = format!("{}{prime}", char::from(b'A' + letter as u8));
        sections.push(Section { from, to, label, likeness });
    }
    sections
}

/// For each bar the first earlier bar with exactly the same notes, drums included, of at least one note.
pub fn repeats(score: &Score, beats: &Beats) -> Vec<Option<usize>> {
    let mut contents: Vec<Vec<(u32, u8, u32, usize)>> = vec![Vec::new(); beats.bars.len()];
    for (index, track) in score.tracks.iter().enumerate() {
        for note in &track.notes {
            let bar = beats.bar_at(note.start);
            if let Some(content) = contents.get_mut(bar) {
                content.push(((note.start - beats.bars[bar].start).0, note.pitch.number(), note.length.0, index));
            }
        }
    }
    let mut seen = std::collections::BTreeMap::new();
    let mut repeats = Vec::with_capacity(contents.len());
    for (bar, mut content) in contents.into_iter().enumerate() {
        content.sort_unstable();
        repeats.push(seen.get(&content).copied());
        if !content.is_empty() {
            seen.entry(content).or_insert(bar);
        }
    }
    repeats
}

fn portraits(score: &Score, beats: &Beats, sounding: &[Sounding]) -> Vec<Portrait> {
    let empty = || Portrait { parts: [vec![0.0; 12], vec![0.0; 12], vec![0.0; SLOTS], vec![0.0; 3 * SLOTS]] };
    let mut bars: Vec<Portrait> = beats.bars.iter().map(|_| empty()).collect();
    for (beat, heard) in beats.beats.iter().zip(sounding) {
        let parts = &mut bars[beat.bar].parts;
        for (part, weights) in parts.iter_mut().zip([heard.all, heard.bass]) {
            part.iter_mut().zip(weights).for_each(|(sum, weight)| *sum += weight);
        }
    }
    for track in &score.tracks {
        for note in &track.notes {
            let bar = beats.bar_at(note.start);
            let Some(portrait) = bars.get_mut(bar) else { continue };
            let slot = slot(note, beats, bar);
            if track.is_drums() {
                portrait.parts[3][drum(note) * SLOTS + slot] += 1.0;
            } else {
                portrait.parts[2][slot] += 1.0;
            }
        }
    }
    for part in bars.iter_mut().flat_map(|bar| &mut bar.parts) {
        let length = part.iter().map(|x| x * x).sum::<f64>().sqrt();
        if length > 0.0 {
            part.iter_mut().for_each(|x| *x /= length);
        }
    }
    bars
}

fn slot(note: &Note, beats: &Beats, bar: usize) -> usize {
    let bar = beats.bars[bar];
    let length = f64::from(bar.meter.bar().0);
    let share = f64::from((note.start - bar.start).0) / length;
    ((share * SLOTS as f64).round() as usize) % SLOTS
}

/// Kicks, snares and claps, everything else.
fn drum(note: &Note) -> usize {
    match note.pitch.number() {
        35 | 36 => 0,
        37..=40 => 1,
        _ => 2,
    }
}

/// How alike two bars are, 0.0 ..= 1.0: silence is like silence.
fn alike(a: &Portrait, b: &Portrait) -> f64 {
    let part = |a: &[f64], b: &[f64]| {
        let (silent_a, silent_b) = (a.iter().all(|&x| x == 0.0), b.iter().all(|&x| x == 0.0));
        if silent_a && silent_b { 1.0 } else { a.iter().zip(b).map(|(a, b)| a * b).sum() }
    };
    PARTS.iter().zip(a.parts.iter().zip(&b.parts)).map(|(weight, (a, b))| weight * part(a, b)).sum()
}

/// Mean likeness of the bars at the same places.
fn likeness(a: &[Portrait], b: &[Portrait]) -> f64 {
    let shared = a.len().min(b.len());
    let sum: f64 = a.iter().zip(b).map(|(a, b)| alike(a, b)).sum();
    let longer = a.len().max(b.len()) as f64;
    // What one has more than the other is half unlike.
    (sum / shared.max(1) as f64) * (0.5 + 0.5 * shared as f64 / longer.max(1.0))
}

/// The first bars of sections.
fn boundaries(bars: &[Portrait]) -> Vec<usize> {
    if bars.is_empty() {
        return Vec::new();
    }
    let novelty: Vec<f64> = (0..bars.len()).map(|at| novelty(bars, at)).collect();
    let mut order: Vec<usize> = (SHORTEST..bars.len().saturating_sub(SHORTEST - 1)).collect();
    let value = |at: usize| novelty[at] + if at.is_multiple_of(4) { PHRASE } else { 0.0 };
    order.retain(|&at| value(at) > NEW);
    order.sort_by(|&a, &b| value(b).total_cmp(&value(a)).then(a.cmp(&b)));
    let mut starts = std::collections::BTreeSet::from([0]);
    for at in order {
        let is_free = starts.range(at.saturating_sub(SHORTEST - 1)..at + SHORTEST).next().is_none();
        if is_free {
            starts.insert(at);
        }
    }
    starts.into_iter().collect()
}

/// How much more the bars on either side are like one another than like those of the other side.
fn novelty(bars: &[Portrait], at: usize) -> f64 {
    let reach = KERNEL.min(at).min(bars.len() - at);
    if reach < 2 {
        return 0.0;
    }
    let (before, after) = (&bars[at - reach..at], &bars[at..at + reach]);
    let mean = |a: &[Portrait], b: &[Portrait]| {
        a.iter().flat_map(|a| b.iter().map(move |b| alike(a, b))).sum::<f64>() / (a.len() * b.len()) as f64
    };
    (mean(before, before) + mean(after, after)) / 2.0 - mean(before, after)
}
