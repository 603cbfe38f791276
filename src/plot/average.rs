//! The average spectrum: level over logarithmic frequency, the whole sound taken together.

use super::canvas::{Area, Canvas, Colour};
use super::{FAINT_TEXT, GRID};
use riffsmith_dsp::AudioBuffer;
use riffsmith_dsp::spectral::{Edges, Stft};

/// Bins of 2.7 Hz at 44.1 kHz: octaves from 20 Hz up have one at least.
const FFT_SIZE: usize = 16_384;
const LOW_HZ: f64 = 20.0;
const HIGH_HZ: f64 = 20_000.0;
const FLOOR_DB: f64 = -96.0;
const CURVE: Colour = [126, 217, 150];

/// Draws the average spectrum of `audio` into `area`.
pub fn draw(canvas: &mut Canvas, area: Area, audio: &AudioBuffer) {
    let row = |db: f64| area.y + ((db / FLOOR_DB).clamp(0.0, 1.0) * (area.height - 1) as f64) as usize;
    for db in [-24.0, -48.0, -72.0] {
        canvas.fill(Area { y: row(db), height: 1, ..area }, GRID, 0.2);
        canvas.text_before(area.x - 6, row(db) - 7, &format!("{db:.0} dB"), FAINT_TEXT, 2);
    }
    for (hz, name) in
        [(50.0, "50"), (100.0, "100"), (250.0, "250"), (1_000.0, "1 kHz"), (4_000.0, "4 kHz"), (10_000.0, "10 kHz")]
    {
        let x = area.column((hz / LOW_HZ).ln() / (HIGH_HZ / LOW_HZ).ln());
        canvas.fill(Area { x, width: 1, ..area }, GRID, 0.2);
        canvas.text(x + 4, area.y + area.height + 10, name, FAINT_TEXT, 2);
    }
    for (column, db) in levels_db(audio, area.width).into_iter().enumerate() {
        let top = row(db);
        let height = area.y + area.height - top;
        canvas.fill(Area { x: area.x + column, y: top, width: 1, height }, CURVE, 0.35);
        canvas.fill(Area { x: area.x + column, y: top, width: 1, height: height.min(2) }, CURVE, 1.0);
    }
}

/// The level in each of `columns` steps of frequency: the strongest of their bins' mean powers; 0 dB is a full-scale sine.
fn levels_db(audio: &AudioBuffer, columns: usize) -> Vec<f64> {
    let mut powers = vec![0.0_f64; FFT_SIZE / 2 + 1];
    let mut frames = 0.0;
    Stft::new(FFT_SIZE, FFT_SIZE / 2).for_each_frame(&audio.mono(), Edges::Loop, |_, bins| {
        frames += 1.0;
        for (sum, bin) in powers.iter_mut().zip(bins.iter()) {
            *sum += f64::from(bin.norm_sqr());
        }
    });
    // A sine of amplitude 1 under a Hann window has a quarter of the window's length as its magnitude.
    let full_scale = (FFT_SIZE as f64 / 4.0).powi(2) * f64::max(frames, 1.0);
    let hz = |column: usize| LOW_HZ * (HIGH_HZ / LOW_HZ).powf(column as f64 / columns as f64);
    let bin = |column: usize| (hz(column) * FFT_SIZE as f64 / audio.sample_rate.hz()).round() as usize;
    let level = |column: usize| {
        let own = powers.get(bin(column)..=bin(column + 1)).unwrap_or_default();
        10.0 * (own.iter().copied().fold(0.0, f64::max) / full_scale).max(1e-12).log10()
    };
    (0..columns).map(level).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use riffsmith_dsp::SampleRate;
    use std::f64::consts::TAU;

    #[test]
    fn a_sine_stands_at_its_frequency_and_level() {
        // A tenth of full scale, in the middle of bin 400.
        let hz = 400.0 * 44_100.0 / FFT_SIZE as f64;
        let sample = |n: usize| 0.1 * (TAU * hz * n as f64 / 44_100.0).sin() as f32;
        let frames = (0..4 * FFT_SIZE).map(|n| [sample(n); 2]).collect();
        let levels = levels_db(&AudioBuffer { sample_rate: SampleRate::CD, frames }, 300);
        let loudest = (0..300).max_by(|&a, &b| levels[a].total_cmp(&levels[b])).expect("300 columns");
        let column = 300.0 * (hz / LOW_HZ).ln() / (HIGH_HZ / LOW_HZ).ln();
        assert!((loudest as f64 - column).abs() <= 1.0, "{loudest} for {column}");
        assert!((levels[loudest] + 20.0).abs() < 0.1, "{}", levels[loudest]);
        // The side lobes of a Hann window fall off by 18 dB an octave.
        assert!(levels[loudest - 60] < -90.0 && levels[299] < -90.0);
    }

    #[test]
    fn what_a_rate_cannot_hold_is_empty() {
        let levels = levels_db(&AudioBuffer::silence(SampleRate::new(8_000).expect("valid"), 100), 300);
        assert!(levels.iter().all(|db| *db < FLOOR_DB));
    }
}
