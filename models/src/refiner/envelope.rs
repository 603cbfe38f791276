//! Keeps the course of loudness: the network may re-colour a moment freely, but not make it vanish or stick out.

use super::bands::{BANDS, Powers};
use riffsmith_dsp::spectral::BandBank;

/// Farthest that a frame's level may move against the whole sound's, either way: enough to turn a soft attack into a hard one
/// or to lengthen a decay, too little to swallow a note or to bring up the last of a tail.
const MAX_MOVE_DB: f32 = 6.0;

/// Adds to all gains of each frame what brings its level back within [`MAX_MOVE_DB`] of the change of the whole.
pub fn limit(gains_db: &mut [f32], powers: &Powers, bank: &BandBank) {
    let widths: Vec<f32> = (0..BANDS).map(|band| width_hz(bank, band)).collect();
    let level = |powers: &[f32], gains_db: &[f32]| {
        let cells = powers.iter().zip(gains_db).zip(&widths);
        cells.fold((0.0, 0.0), |(dry, wet), ((power, gain_db), width)| {
            let power = power * width;
            (dry + power, wet + power * 10f32.powf(gain_db / 10.0))
        })
    };
    let frames: Vec<(f32, f32)> =
        powers.frames().zip(gains_db.chunks_exact(BANDS)).map(|(powers, gains_db)| level(powers, gains_db)).collect();
    let (dry, wet) = frames.iter().fold((0.0, 0.0), |sum, frame| (sum.0 + frame.0, sum.1 + frame.1));
    let whole_db = 10.0 * (wet / dry).log10();
    for ((dry, wet), gains_db) in frames.into_iter().zip(gains_db.chunks_exact_mut(BANDS)) {
        let moved_db = 10.0 * (wet / dry).log10() - whole_db;
        if moved_db.is_finite() {
            let back_db = moved_db.clamp(-MAX_MOVE_DB, MAX_MOVE_DB) - moved_db;
            gains_db.iter_mut().for_each(|gain_db| *gain_db += back_db);
        }
    }
}

/// Half the distance between the neighbours' centres.
fn width_hz(bank: &BandBank, band: usize) -> f32 {
    let (below, above) = (band.saturating_sub(1), (band + 1).min(BANDS - 1));
    ((bank.center_hz(above) - bank.center_hz(below)) / 2.0) as f32
}

#[cfg(test)]
mod tests {
    use super::super::bands::Analysis;
    use super::*;
    use riffsmith_dsp::spectral::Edges;
    use riffsmith_dsp::{SampleRate, Seed};

    #[test]
    fn a_frame_moves_6_db_against_the_whole_and_no_farther() {
        let mut rng = Seed(1).rng();
        let noise: Vec<f32> = (0..44_100).map(|_| rng.bipolar()).collect();
        let analysis = Analysis::new(SampleRate::CD);
        let powers = analysis.powers(&[&noise], Edges::Loop);
        let count = powers.frames().count();
        let mut gains_db = vec![3.0; count * BANDS];
        gains_db[10 * BANDS..11 * BANDS].fill(-20.0);
        gains_db[20 * BANDS..21 * BANDS].fill(6.0);
        limit(&mut gains_db, &powers, &analysis.bank);
        // The two odd frames move the whole by a few hundredths of a dB.
        assert!((gains_db[5 * BANDS] - 3.0).abs() < 1e-3);
        assert!((gains_db[10 * BANDS] + 3.0).abs() < 0.1, "{}", gains_db[10 * BANDS]);
        assert!((gains_db[20 * BANDS] - 6.0).abs() < 1e-3);
    }
}
