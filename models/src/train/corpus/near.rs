//! Pieces that are nearly the same, in whatever key: what one of them teaches must not be tested on the other.

use crate::piece::{Event, Piece, STEPS_PER_QUARTER};
use riffsmith_dsp::score::Role;
use std::collections::{BTreeMap, HashMap};

/// Notes of a figure: eight in a row in the same rhythm and shape are rarely common property.
const NOTES: usize = 8;

/// Figures that two pieces must share, and the share of the shorter one's.
const SHARED: usize = 8;
const SHARE: f64 = 0.5;

/// A figure that more pieces have is common property.
const COMMON: usize = 40;

/// The pairs of pieces that are nearly the same, each once and the smaller index first, in order.
pub fn pairs(pieces: &[Piece]) -> Vec<(usize, usize)> {
    let figures: Vec<Vec<u64>> = pieces.iter().map(figures).collect();
    let mut owners: HashMap<u64, Vec<u32>> = HashMap::new();
    for (index, own) in (0..).zip(&figures) {
        own.iter().for_each(|figure| owners.entry(*figure).or_default().push(index));
    }
    let mut shared: BTreeMap<(u32, u32), usize> = BTreeMap::new();
    for pieces in owners.values().filter(|pieces| (2..=COMMON).contains(&pieces.len())) {
        for (place, &a) in pieces.iter().enumerate() {
            pieces[place + 1..].iter().for_each(|&b| *shared.entry((a, b)).or_default() += 1);
        }
    }
    let is_near = |&(&(a, b), &count): &(&(u32, u32), &usize)| {
        let fewest = figures[a as usize].len().min(figures[b as usize].len());
        count >= SHARED && count as f64 >= SHARE * fewest as f64
    };
    shared.iter().filter(is_near).map(|(&(a, b), _)| (a as usize, b as usize)).collect()
}

/// For each piece the first one of those that are nearly the same as it, or `tied` to it, directly or through others.
pub fn families(pieces: &[Piece], tied: &[(usize, usize)]) -> Vec<usize> {
    let mut first: Vec<usize> = (0..pieces.len()).collect();
    let root = |first: &[usize], mut own: usize| {
        while first[own] != own {
            own = first[own];
        }
        own
    };
    for (a, b) in pairs(pieces).into_iter().chain(tied.iter().copied()) {
        let (a, b) = (root(&first, a), root(&first, b));
        first[a.max(b)] = a.min(b);
    }
    (0..pieces.len()).map(|own| root(&first, own)).collect()
}

/// Which pieces must be left out so that no piece of one part of the data is nearly one of another: those that are learnt from
/// give way to those that are validated with, and these to those that are tested. What lies in one official split stays.
pub fn leaks(pieces: &[Piece], has_official_split: impl Fn(&Piece) -> bool) -> Vec<bool> {
    let mut leaks = vec![false; pieces.len()];
    for (a, b) in pairs(pieces) {
        let (one, other) = (&pieces[a], &pieces[b]);
        if one.split != other.split && !(has_official_split(one) && has_official_split(other)) {
            leaks[if one.split < other.split { a } else { b }] = true;
        }
    }
    // What gives way to a piece that is itself left out could stay; it is rare, and nothing is lost but a copy.
    leaks
}

/// Hashes of a piece's figures, each once: of its melody, or else its bass or top line, or else pairs of drum bars.
fn figures(piece: &Piece) -> Vec<u64> {
    let line = [Role::Lead, Role::Bass, Role::Chords].map(|role| piece.part(role));
    let mut figures: Vec<u64> = match line.into_iter().find(|events| events.len() >= NOTES) {
        Some(events) => melodic(events),
        None => rhythmic(piece.part(Role::Drums), piece.steps_per_bar()),
    };
    figures.sort_unstable();
    figures.dedup();
    figures
}

/// Intervals and distances of [`NOTES`] notes in a row, of the highest where several start together.
fn melodic(events: &[Event]) -> Vec<u64> {
    let top: Vec<Event> = events
        .chunk_by(|a, b| a.step == b.step)
        .filter_map(|together| together.iter().max_by_key(|event| event.pitch))
        .copied()
        .collect();
    let moves = |figure: &[Event]| {
        let words = figure.windows(2).map(|pair| {
            let interval = i64::from(pair[1].pitch) - i64::from(pair[0].pitch);
            (interval + 128) as u64 | u64::from(pair[1].step - pair[0].step) << 8
        });
        hash(words)
    };
    // Repeated notes alone are no figure.
    let moves_at_all = |figure: &&[Event]| figure.windows(2).filter(|pair| pair[0].pitch != pair[1].pitch).count() >= 3;
    top.windows(NOTES).filter(moves_at_all).map(moves).collect()
}

/// Which drums sound on which sixteenth in two bars in a row.
fn rhythmic(events: &[Event], bar: u32) -> Vec<u64> {
    let mut bars: BTreeMap<u32, Vec<u64>> = BTreeMap::new();
    for event in events {
        let sixteenth = (event.step % bar) / (STEPS_PER_QUARTER / 4);
        bars.entry(event.step / bar).or_default().push(u64::from(event.pitch) | u64::from(sixteenth) << 8);
    }
    let bars: Vec<u64> = bars.into_values().map(|hits| hash(hits.into_iter())).collect();
    bars.windows(2).filter(|pair| pair[0] != pair[1]).map(|pair| hash(pair.iter().copied())).collect()
}

/// FNV-1a over words.
fn hash(words: impl Iterator<Item = u64>) -> u64 {
    words.fold(0xcbf2_9ce4_8422_2325, |hash, word| (hash ^ word).wrapping_mul(0x0100_0000_01b3).rotate_left(23))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::piece::Split;
    use riffsmith_dsp::Seed;
    use riffsmith_dsp::score::Meter;

    /// A melody of 48 notes drawn from a scale, moved by some semitones, its last notes other ones.
    fn piece(seed: u64, up: u8, changed: usize, split: Split) -> Piece {
        let mut rng = Seed(seed).rng();
        let mut events: Vec<Event> = (0..48)
            .map(|index| Event {
                step: index * 12,
                pitch: 60 + up + rng.below(12) as u8,
                length: 12,
                velocity: 90,
                offset: 0,
            })
            .collect();
        let mut other = Seed(99).rng();
        events.iter_mut().rev().take(changed).for_each(|event| event.pitch = 60 + other.below(12) as u8);
        Piece {
            source: format!("test/{seed}"),
            styles: Vec::new(),
            split,
            meter: Meter::COMMON,
            mode: None,
            bpm: None,
            bars: 6,
            harmony: Vec::new(),
            parts: vec![(Role::Lead, events)],
            is_loop: false,
        }
    }

    #[test]
    fn transposed_and_varied_pieces_are_near_and_others_are_not() {
        let pieces = [
            piece(1, 0, 0, Split::Test),
            piece(2, 0, 0, Split::Train),
            piece(1, 5, 12, Split::Train),
            piece(1, 0, 44, Split::Valid),
        ];
        assert_eq!(pairs(&pieces), [(0, 2)]);
        assert_eq!(families(&pieces, &[]), [0, 1, 0, 3]);
        assert_eq!(leaks(&pieces, |_| false), [false, false, true, false]);
        assert_eq!(leaks(&pieces, |_| true), [false; 4]);
    }
}
