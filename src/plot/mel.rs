//! The mel spectrogram: level over time in bands as the ear has them.

use super::FAINT_TEXT;
use super::canvas::{Area, Canvas};
use super::spectrum::colour;
use riffsmith_dsp::AudioBuffer;
use riffsmith_dsp::spectral::{BandBank, Edges, Scale, Stft};

const FFT_SIZE: usize = 4096;
const LOW_HZ: f64 = 30.0;
const HIGH_HZ: f64 = 18_000.0;

/// Fewer rows than bands would hide some, more would only be larger.
const ROWS_A_BAND: usize = 2;

/// Draws the mel spectrogram of `audio` into `area`.
pub fn draw(canvas: &mut Canvas, area: Area, audio: &AudioBuffer) {
    let rate_hz = audio.sample_rate.hz();
    let high_hz = HIGH_HZ.min(rate_hz / 2.0);
    let bank = BandBank::new(Scale::Mel, area.height / ROWS_A_BAND, LOW_HZ, high_hz, FFT_SIZE, rate_hz);
    let hop = (audio.len() / area.width).clamp(64, FFT_SIZE / 2);
    let columns = audio.len().div_ceil(hop) + 1;
    let mut drawn = area.x;
    let mut powers = Vec::new();
    let mut bands = vec![0.0; bank.len()];
    Stft::new(FFT_SIZE, hop).for_each_frame(&audio.mono(), Edges::Silence, |t, bins| {
        powers.clear();
        powers.extend(bins.iter().map(|bin| bin.norm_sqr()));
        bank.powers(&powers, &mut bands);
        let end = area.column(((t + 1) as f64 / columns as f64).min(1.0));
        for (band, power) in bands.iter().enumerate() {
            let y = area.y + area.height.saturating_sub((band + 1) * ROWS_A_BAND);
            let width = end.saturating_sub(drawn);
            canvas.fill(Area { x: drawn, y, width, height: ROWS_A_BAND }, colour(level_db(*power)), 1.0);
        }
        drawn = end;
    });
    let (low, high) = (Scale::Mel.from_hz(LOW_HZ), Scale::Mel.from_hz(high_hz));
    for (hz, name) in [(200.0, "200 Hz"), (1_000.0, "1 kHz"), (4_000.0, "4 kHz"), (10_000.0, "10 kHz")] {
        if hz < high_hz {
            let share = (Scale::Mel.from_hz(hz) - low) / (high - low);
            let y = area.y + ((1.0 - share) * area.height as f64) as usize;
            canvas.text_before(area.x - 6, y - 7, name, FAINT_TEXT, 2);
        }
    }
}

/// Level of a band's mean power: 0 dB is a full-scale sine that fills the band.
fn level_db(power: f32) -> f32 {
    // A sine of amplitude 1 under a Hann window has a quarter of the window's length as its magnitude.
    let full_scale = (FFT_SIZE as f32 / 4.0).powi(2);
    10.0 * (power / full_scale).max(1e-18).log10()
}

#[cfg(test)]
mod tests {
    use super::*;
    use riffsmith_dsp::SampleRate;
    use std::f64::consts::TAU;

    #[test]
    fn a_high_sine_is_brightest_above_a_low_one() {
        let brightest = |hz: f64| {
            let sample = |n: usize| (TAU * hz * n as f64 / 44_100.0).sin() as f32;
            let frames = (0..44_100).map(|n| [sample(n); 2]).collect();
            let mut canvas = Canvas::new(300, 200, [0; 3]);
            let area = Area { x: 100, y: 0, width: 200, height: 200 };
            draw(&mut canvas, area, &AudioBuffer { sample_rate: SampleRate::CD, frames });
            let light = |y: usize| canvas.at(200, y).iter().map(|part| u32::from(*part)).sum::<u32>();
            (0..200).max_by_key(|&y| light(y)).expect("200 rows")
        };
        // Rows of 30, 1 000 and 9 000 Hz by the mel formula, in 200 rows up to 18 kHz.
        let row = |hz: f64| {
            let (low, high) = (Scale::Mel.from_hz(LOW_HZ), Scale::Mel.from_hz(HIGH_HZ));
            200.0 * (1.0 - (Scale::Mel.from_hz(hz) - low) / (high - low))
        };
        for hz in [500.0, 1_000.0, 9_000.0] {
            assert!((brightest(hz) as f64 - row(hz)).abs() <= 4.0, "{hz}: {} for {}", brightest(hz), row(hz));
        }
    }
}
