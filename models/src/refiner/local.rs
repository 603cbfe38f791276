//! What the generator sees of a cell's surroundings: the same everywhere in the spectrum, so that what is learnt of one partial
//! holds for all, whatever the pitch.
//!
//! To know which partial of a note it may be, a cell is told what sounds at simple ratios of its frequency (Bittner et al., "Deep Salience
//! Representations for F0 Estimation in Polyphonic Music", 2017, stack transforms for that).

use super::bands::{BANDS, band_of, bins_of};
use super::generator::CONTEXT;
use std::ops::Range;
use std::sync::LazyLock;

/// Frames before and after the cell's own.
const FRAMES: [isize; 10] = [-16, -8, -4, -2, -1, 0, 1, 2, 4, 8];

/// Bands beside the cell's own.
const BESIDE: [isize; 6] = [-3, -2, -1, 1, 2, 3];

/// Bands on either side among which the loudest and the mean are told.
const AROUND: usize = 12;

/// Frequencies re the cell's own whose levels it is told.
const RATIOS: [f32; 8] = [1.0 / 5.0, 1.0 / 4.0, 1.0 / 3.0, 1.0 / 2.0, 2.0 / 3.0, 3.0 / 2.0, 2.0, 3.0];

/// The bands of each cell's [`RATIOS`].
static RELATED: LazyLock<Vec<[Range<usize>; RATIOS.len()]>> = LazyLock::new(|| (0..BANDS).map(related).collect());

/// Numbers that tell of a cell: the levels above, what rings on, the loudest and the mean around, and the loudest of all bands.
pub const FEATURES: usize = FRAMES.len() + BESIDE.len() + 4 + RATIOS.len();

/// The bands that may hold what sounds at [`RATIOS`] of what sounds in a band; empty above all bands.
fn related(band: usize) -> [Range<usize>; RATIOS.len()] {
    let bins = bins_of(band);
    // A bin reaches half a bin up and down from its middle.
    let [low, high] = [bins.start as f32 - 0.5, bins.end as f32 - 0.5];
    let last = bins_of(BANDS - 1).end - 1;
    RATIOS.map(|ratio| {
        let [low, high] = [low, high].map(|bin| (ratio * bin).round() as usize);
        if low > last { BANDS..BANDS } else { band_of(low)..band_of(high.min(last)) + 1 }
    })
}

/// Tells of every cell of `frames` frames.
///
/// # Shapes
/// - levels: `[(frames + 2 CONTEXT) batch, BANDS]`, units, as the generator takes them
/// - rings: `[frames batch, BANDS]`, units
/// - output: `[frames batch BANDS, FEATURES]`
pub fn features(levels: &[f32], rings: &[f32], batch: usize) -> Vec<f32> {
    let rows = rings.len() / BANDS;
    let mut features = vec![0.0; rows * BANDS * FEATURES];
    let mut sums = [0.0f32; BANDS + 1];
    for (row, cells) in features.chunks_exact_mut(BANDS * FEATURES).enumerate() {
        let frame = |offset: isize| {
            let at = (row + CONTEXT * batch).wrapping_add_signed(offset * batch as isize);
            &levels[at * BANDS..][..BANDS]
        };
        let (own, frames) = (frame(0), FRAMES.map(frame));
        let rings = &rings[row * BANDS..][..BANDS];
        let loudest = own.iter().copied().fold(0.0, f32::max);
        for (band, level) in own.iter().enumerate() {
            sums[band + 1] = sums[band] + level;
        }
        for (band, cell) in cells.chunks_exact_mut(FEATURES).enumerate() {
            let (in_time, rest) = cell.split_at_mut(FRAMES.len());
            in_time.iter_mut().zip(&frames).for_each(|(out, frame)| *out = frame[band]);
            let (beside, rest) = rest.split_at_mut(BESIDE.len());
            for (out, offset) in beside.iter_mut().zip(BESIDE) {
                *out = band.checked_add_signed(offset).and_then(|at| own.get(at)).copied().unwrap_or(0.0);
            }
            let around = band.saturating_sub(AROUND)..(band + AROUND + 1).min(BANDS);
            let mean = (sums[around.end] - sums[around.start]) / around.len() as f32;
            let top = own[around].iter().copied().fold(0.0, f32::max);
            let (general, ratios) = rest.split_at_mut(4);
            general.copy_from_slice(&[rings[band], top, mean, loudest]);
            for (out, bands) in ratios.iter_mut().zip(&RELATED[band]) {
                *out = own[bands.clone()].iter().copied().fold(0.0, f32::max);
            }
        }
    }
    features
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_sees_itself_its_past_its_neighbours_and_what_rings() {
        let batch = 2;
        let mut levels = vec![0.0; (1 + 2 * CONTEXT) * batch * BANDS];
        let at = |frame: usize, band: usize| (frame * batch + 1) * BANDS + band;
        levels[at(CONTEXT, 50)] = 3.0;
        levels[at(CONTEXT - 16, 50)] = 2.0;
        levels[at(CONTEXT + 8, 50)] = 1.0;
        levels[at(CONTEXT, 200)] = 4.0;
        let mut rings = vec![0.0; batch * BANDS];
        rings[BANDS + 50] = 0.5;
        let features = features(&levels, &rings, batch);
        let cell = |example: usize, band: usize| &features[(example * BANDS + band) * FEATURES..][..FEATURES];
        let own = cell(1, 50);
        assert_eq!((own[0], own[5], own[9]), (2.0, 3.0, 1.0));
        assert_eq!(own[16..20], [0.5, 3.0, 3.0 / 25.0, 4.0]);
        assert_eq!(cell(1, 51)[12], 3.0);
        assert!(cell(0, 50).iter().all(|&feature| feature == 0.0));
        // Band 50 is at a third of 150, at half of 100, and at twice 25.
        assert_eq!((cell(1, 150)[22], cell(1, 100)[23], cell(1, 25)[26]), (3.0, 3.0, 3.0));
    }

    #[test]
    fn partials_of_any_note_find_each_other() {
        let band_at = |bin: f32| band_of(bin.round() as usize);
        for step in 0..200 {
            let root = 8.0 + 0.17 * step as f32;
            for (k, ratio) in [(2, 3), (3, 2), (4, 3)].into_iter().chain([(5, 0), (1, 6), (1, 7), (2, 5)]) {
                let (from, to) = (root * k as f32, root * k as f32 * RATIOS[ratio]);
                if to < 1000.0 {
                    assert!(related(band_at(from))[ratio].contains(&band_at(to)), "{from} and {to}");
                }
            }
        }
        assert!(related(BANDS - 1)[6].is_empty());
    }
}
