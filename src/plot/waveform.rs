//! The waveform: the range that the samples of each column span, and their root mean square.

use super::canvas::{Area, Canvas, Colour};
use super::{FAINT_TEXT, GRID};
use riffsmith_dsp::AudioBuffer;

const PEAKS: Colour = [86, 126, 190];
const RMS: Colour = [140, 190, 255];

/// Draws `audio` into `area`, full scale at its edges.
pub fn draw(canvas: &mut Canvas, area: Area, audio: &AudioBuffer) {
    let middle = area.y + area.height / 2;
    let half = (area.height / 2) as f32;
    for column in 0..area.width {
        let start = column * audio.len() / area.width;
        let end = ((column + 1) * audio.len() / area.width).max(start + 1).min(audio.len());
        let samples = audio.frames.get(start..end).unwrap_or_default().as_flattened();
        let (low, high) = samples.iter().fold((0.0_f32, 0.0_f32), |(low, high), &s| (low.min(s), high.max(s)));
        let rms = (samples.iter().map(|s| s * s).sum::<f32>() / samples.len().max(1) as f32).sqrt();
        let mut span = |low: f32, high: f32, colour| {
            let top = middle - (high.min(1.0) * half) as usize;
            let bottom = middle + (-low.max(-1.0) * half) as usize;
            canvas.fill(Area { x: area.x + column, y: top, width: 1, height: bottom - top }, colour, 1.0);
        };
        span(low, high, PEAKS);
        span(-rms, rms, RMS);
    }
    canvas.fill(Area { y: middle, height: 1, ..area }, GRID, 0.3);
    canvas.text_before(area.x - 6, area.y, "0 dB", FAINT_TEXT, 2);
}
