//! Which bins of a spectrum lie between its partials.

/// Bins that are looked at together.
const BLOCK: usize = 8;

/// Blocks on either side whose loudest bin counts as the partial nearby: some 500 Hz.
const REACH: usize = 3;

/// Units of 20 dB below the partial nearby at which a bin is fully a valley.
const DEPTH: f32 = 1.5;

/// For each bin, 0.0 (as loud as the loudest within 500 Hz) ..= 1.0 (30 dB below it or more), from levels in units of 20 dB.
pub fn valleys(levels: &[f32], out: &mut Vec<f32>) {
    let loudest: Vec<f32> =
        levels.chunks(BLOCK).map(|block| block.iter().copied().fold(f32::NEG_INFINITY, f32::max)).collect();
    out.clear();
    for (block, levels) in levels.chunks(BLOCK).enumerate() {
        let near = &loudest[block.saturating_sub(REACH)..(block + REACH + 1).min(loudest.len())];
        let top = near.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        out.extend(levels.iter().map(|level| ((top - level) / DEPTH).clamp(0.0, 1.0)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn partials_are_no_valleys_and_what_lies_between_is() {
        let mut levels = vec![0.0; 200];
        for partial in [20, 60, 100, 140] {
            levels[partial] = 4.0;
            levels[partial + 1] = 3.25;
        }
        let mut out = Vec::new();
        valleys(&levels, &mut out);
        assert_eq!((out[60], out[61], out[80], out[199]), (0.0, 0.5, 1.0, 0.0));
    }
}
