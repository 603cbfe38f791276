//! The spectrogram: level over time and logarithmic frequency.

use super::FAINT_TEXT;
use super::canvas::{Area, Canvas, Colour};
use riffsmith_dsp::AudioBuffer;
use riffsmith_dsp::spectral::{Bin, Edges, Stft};

const FFT_SIZE: usize = 4096;
const LOW_HZ: f64 = 30.0;
const HIGH_HZ: f64 = 18_000.0;

/// Levels from here (dB below full scale) up to 0 dB have their own colours.
const FLOOR_DB: f32 = -96.0;

/// From the floor up to full scale: night, violet, red, amber, white.
const COLOURS: [Colour; 6] =
    [[12, 12, 22], [52, 24, 92], [134, 34, 108], [218, 74, 66], [250, 168, 52], [255, 250, 220]];

/// Draws the spectrogram of `audio` into `area`.
pub fn draw(canvas: &mut Canvas, area: Area, audio: &AudioBuffer) {
    let hop = (audio.len() / area.width).clamp(64, FFT_SIZE / 2);
    let columns = audio.len() / hop + 1;
    let rate_hz = audio.sample_rate.hz();
    let rows: Vec<(f64, f64)> = (0..area.height)
        .map(|row| (bin_at(row as f64 + 1.0, area.height, rate_hz), bin_at(row as f64, area.height, rate_hz)))
        .collect();
    let mut drawn = area.x;
    Stft::new(FFT_SIZE, hop).for_each_frame(&audio.mono(), Edges::Loop, |t, bins| {
        let end = area.column(((t + 1) as f64 / columns as f64).min(1.0));
        for (row, &(low, high)) in rows.iter().enumerate() {
            let colour = colour(level_db(bins, low, high));
            for x in drawn..end {
                canvas.blend(x, area.y + row, colour, 1.0);
            }
        }
        drawn = end;
    });
    for (hz, name) in [(100.0, "100 Hz"), (1_000.0, "1 kHz"), (10_000.0, "10 kHz")] {
        let share = (hz / LOW_HZ).ln() / (HIGH_HZ / LOW_HZ).ln();
        let y = area.y + ((1.0 - share) * area.height as f64) as usize;
        canvas.text_before(area.x - 6, y - 7, name, FAINT_TEXT, 2);
    }
}

/// The (fractional) bin at a row counted from the top.
fn bin_at(row: f64, height: usize, rate_hz: f64) -> f64 {
    let hz = LOW_HZ * (HIGH_HZ / LOW_HZ).powf(1.0 - row / height as f64);
    (hz * FFT_SIZE as f64 / rate_hz).min(FFT_SIZE as f64 / 2.0)
}

/// The level between two bins: the strongest one among them, or what lies between its neighbours where there is none.
fn level_db(bins: &[Bin], low: f64, high: f64) -> f32 {
    // A sine of amplitude 1 under a Hann window has a quarter of the window's length as its magnitude.
    let scale = 4.0 / FFT_SIZE as f32;
    let (first, last) = (low.ceil() as usize, high.floor() as usize);
    let magnitude = if first <= last {
        bins[first..=last].iter().map(|bin| bin.norm()).fold(0.0, f32::max)
    } else {
        let (below, share) = (last, (low - last as f64) as f32);
        bins[below].norm() * (1.0 - share) + bins[below + 1].norm() * share
    };
    20.0 * (magnitude * scale).max(1e-9).log10()
}

/// The colour of a level.
pub fn colour(level_db: f32) -> Colour {
    let share = (1.0 - level_db / FLOOR_DB).clamp(0.0, 1.0) * (COLOURS.len() - 1) as f32;
    let lower = (share as usize).min(COLOURS.len() - 2);
    let (from, to, share) = (COLOURS[lower], COLOURS[lower + 1], share - lower as f32);
    std::array::from_fn(|i| (f32::from(from[i]) + (f32::from(to[i]) - f32::from(from[i])) * share) as u8)
}
