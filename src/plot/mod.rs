//! Pictures: of a loop its notes, its waveform and its spectrum on one time axis, of any sound what can be seen in it.

mod analysis;
mod average;
mod canvas;
mod comparison;
mod curves;
mod font;
mod mel;
mod piano_roll;
mod sound;
mod spectrum;
mod waveform;

pub use analysis::analysis_png;
pub use comparison::comparison_png;
pub use curves::{Curve, curves_png};
pub use sound::{Marks, sound_png};

use canvas::{Area, Canvas, Colour};
use riffsmith_dsp::AudioBuffer;
use riffsmith_dsp::score::{Role, Score};

const WIDTH: usize = 1600;
const HEIGHT: usize = 1000;
const LEFT: usize = 96;
const RIGHT: usize = 24;

const BACKGROUND: Colour = [18, 20, 26];
const PANEL: Colour = [27, 30, 38];
const GRID: Colour = [120, 128, 150];
const TEXT: Colour = [222, 226, 235];
const FAINT_TEXT: Colour = [130, 138, 158];

/// The image of a piece as a PNG file, under a title.
pub fn png(title: &str, score: &Score, audio: &AudioBuffer) -> Vec<u8> {
    let mut canvas = Canvas::new(WIDTH, HEIGHT, BACKGROUND);
    canvas.text(LEFT, 24, title, TEXT, 3);
    legend(&mut canvas, score);
    let panel = |y, height| Area { x: LEFT, y, width: WIDTH - LEFT - RIGHT, height };
    let (notes, wave, spectrum) = (panel(72, 420), panel(512, 150), panel(682, 278));
    for area in [notes, wave, spectrum] {
        canvas.fill(area, PANEL, 1.0);
    }
    piano_roll::draw(&mut canvas, notes, score);
    waveform::draw(&mut canvas, wave, audio);
    spectrum::draw(&mut canvas, spectrum, audio);
    for area in [notes, wave] {
        grid(&mut canvas, area, score);
    }
    bar_numbers(&mut canvas, spectrum, score);
    canvas.to_png()
}

/// The colour of a role, the same in every picture.
fn role_colour(role: Option<Role>) -> Colour {
    match role {
        Some(Role::Drums) => [244, 184, 96],
        Some(Role::Bass) => [102, 178, 255],
        Some(Role::Chords) => [126, 217, 150],
        Some(Role::Lead) => [250, 120, 160],
        None => [190, 160, 250],
    }
}

fn legend(canvas: &mut Canvas, score: &Score) {
    let mut right = WIDTH - RIGHT;
    for track in score.tracks.iter().rev().filter(|track| track.role.is_some()) {
        let name = track.role.map_or("", Role::name);
        canvas.text_before(right, 30, name, TEXT, 2);
        right -= name.len() * font::ADVANCE * 2 + 20;
        canvas.fill(Area { x: right, y: 29, width: 14, height: 14 }, role_colour(track.role), 1.0);
        right = right.saturating_sub(24);
    }
}

/// Bars and beats as shares of the piece's length: `(share, is a bar)`.
fn beats(score: &Score) -> Vec<(f64, bool)> {
    let (bar, beat) = (score.meter().bar().0, score.meter().beat().0);
    let length = score.length.0;
    let bars = length / bar.max(1);
    let step = if bars > 16 { bar } else { beat };
    (0..length.div_ceil(step))
        .map(|index| (f64::from(index * step) / f64::from(length), (index * step).is_multiple_of(bar)))
        .collect()
}

fn grid(canvas: &mut Canvas, area: Area, score: &Score) {
    for (share, is_bar) in beats(score) {
        let line = Area { x: area.column(share), y: area.y, width: 1, height: area.height };
        canvas.fill(line, GRID, if is_bar { 0.55 } else { 0.16 });
    }
}

fn bar_numbers(canvas: &mut Canvas, area: Area, score: &Score) {
    let bars = beats(score).into_iter().filter(|(_, is_bar)| *is_bar);
    let every = (score.length.0 / score.meter().bar().0).div_ceil(16).max(1) as usize;
    for (index, (share, _)) in bars.enumerate().step_by(every) {
        let y = area.y + area.height + 10;
        canvas.text(area.column(share) + 2, y, &format!("bar {}", index + 1), FAINT_TEXT, 2);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use riffsmith_dsp::SampleRate;
    use riffsmith_dsp::score::{Meter, Note, Pitch, Tempo, Ticks, Track, Velocity};

    #[test]
    fn a_picture_shows_each_note_in_the_colour_of_its_role() {
        let mut score = Score::empty(Ticks(1920), Tempo::new(120.0).expect("valid"), Meter::COMMON);
        let note = Note { start: Ticks(480), pitch: Pitch::new(60), length: Ticks(960), velocity: Velocity::new(127) };
        score.tracks.push(Track { role: Some(Role::Lead), notes: vec![note], ..Track::default() });
        let mut canvas = Canvas::new(WIDTH, HEIGHT, BACKGROUND);
        let area = Area { x: 0, y: 0, width: 400, height: 100 };
        piano_roll::draw(&mut canvas, area, &score);
        let lead = role_colour(Some(Role::Lead));
        let lit: Vec<usize> = (0..400).filter(|&x| (0..100).any(|y| canvas.at(x, y) == lead)).collect();
        // From a quarter to three quarters of the bar, the last column left free.
        assert_eq!((lit.first(), lit.last()), (Some(&100), Some(&298)));
    }

    #[test]
    fn an_empty_piece_has_a_picture_too() {
        let score = Score::empty(Ticks(1920), Tempo::new(120.0).expect("valid"), Meter::COMMON);
        let bytes = png("empty", &score, &AudioBuffer::silence(SampleRate::CD, 0));
        assert!(bytes.starts_with(b"\x89PNG"));
    }
}
