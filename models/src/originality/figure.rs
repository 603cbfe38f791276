//! What is looked up: eight notes as intervals and gaps, two bars of drums as hits.

use std::collections::BTreeSet;

/// Notes of a figure.
pub const NOTES: usize = 8;
/// Two bars with fewer hits are common property: four on the floor with a backbeat has twelve.
const PLAIN_HITS: usize = 16;
/// Gaps are told apart up to two bars of 4/4.
const LONGEST_GAP: u32 = 32;

/// A sixteenth and a drum of the kit.
pub type Hit = (u32, u8);

/// The hash of the eight notes from each note on; `None` where they are common property: one step again and again, or two in turn.
pub fn figures(notes: &[(u32, u8)]) -> Vec<Option<u32>> {
    let steps: Vec<(i32, u32)> = notes
        .windows(2)
        .map(|pair| (i32::from(pair[1].1) - i32::from(pair[0].1), (pair[1].0 - pair[0].0).min(LONGEST_GAP)))
        .collect();
    let hash_of = |window: &[(i32, u32)]| {
        let is_plain = [1, 2].into_iter().any(|period| window.iter().zip(&window[period..]).all(|(a, b)| a == b));
        // A gap of two bars parts two phrases.
        let is_whole = window.iter().all(|&(_, gap)| gap < LONGEST_GAP);
        let bytes = window.iter().flat_map(|&(interval, gap)| [interval as i8 as u8, gap as u8]);
        (!is_plain && is_whole).then(|| hash(bytes))
    };
    steps.windows(NOTES - 1).map(hash_of).collect()
}

/// The hash of each two bars; `None` where they are plain.
pub fn bars_of_drums(hits: &BTreeSet<Hit>, bar: u32) -> Vec<Option<u32>> {
    let bars = hits.last().map_or(0, |&(at, _)| at / bar.max(1) + 1);
    let window = |first: u32| {
        let from = first * bar;
        let own: Vec<Hit> = hits.range((from, 0)..(from + 2 * bar, 0)).map(|&(at, drum)| (at - from, drum)).collect();
        let bytes = own.iter().flat_map(|&(at, drum)| [at as u8, drum]);
        (own.len() >= PLAIN_HITS).then(|| hash(bytes))
    };
    (0..bars.saturating_sub(1)).map(window).collect()
}

/// FNV-1a (Fowler, Noll, Vo), its halves folded together.
fn hash(bytes: impl Iterator<Item = u8>) -> u32 {
    let hash =
        bytes.fold(0xcbf2_9ce4_8422_2325u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    (hash >> 32) as u32 ^ hash as u32
}
