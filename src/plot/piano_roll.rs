//! Notes over time: pitched ones on a keyboard, drums on a line each below.

use super::canvas::{Area, Canvas};
use super::{FAINT_TEXT, GRID, role_colour};
use riffsmith_dsp::score::{Note, Pitch, Score, Ticks, Track};

/// Drum lines take at most this share of the panel.
const DRUM_SHARE: f64 = 0.3;

/// Most rows a drum line takes.
const DRUM_LINE: usize = 16;

/// Most columns a drum takes.
const DRUM_MARK: usize = 7;

/// Draws the notes of `score` into `area`.
pub fn draw(canvas: &mut Canvas, area: Area, score: &Score) {
    let drums = drum_pitches(score);
    let line = DRUM_LINE.min((area.height as f64 * DRUM_SHARE) as usize / drums.len().max(1)).max(2);
    let drum_height = line * drums.len();
    let keyboard = Area { height: area.height - drum_height, ..area };
    let drum_area = Area { y: area.y + keyboard.height, height: drum_height, ..area };
    canvas.fill(Area { height: 1.min(drum_height), ..drum_area }, GRID, 0.5);
    draw_keyboard(canvas, keyboard, score);
    draw_drums(canvas, drum_area, line, &drums, score);
}

fn drum_pitches(score: &Score) -> Vec<Pitch> {
    let drums = score.tracks.iter().filter(|track| track.is_drums());
    let mut pitches: Vec<Pitch> = drums.flat_map(|track| track.notes.iter().map(|note| note.pitch)).collect();
    pitches.sort_unstable();
    pitches.dedup();
    pitches
}

fn draw_drums(canvas: &mut Canvas, area: Area, line: usize, pitches: &[Pitch], score: &Score) {
    // Sixteenths of long pieces stay apart.
    let sixteenth = area.width as f64 * f64::from(Ticks::SIXTEENTH.0) / f64::from(score.length.0);
    let width = (sixteenth as usize).clamp(2, DRUM_MARK);
    for track in score.tracks.iter().filter(|track| track.is_drums()) {
        for note in &track.notes {
            // Low drums below: the kick is the lowest line.
            let row = pitches.len() - 1 - pitches.binary_search(&note.pitch).unwrap_or(0);
            let y = area.y + row * line;
            let left = area.column(f64::from(note.start.0) / f64::from(score.length.0));
            let mark = Area { x: left, y: y + 1, width, height: line - 1 };
            canvas.fill(mark, role_colour(track.role), opacity(note));
        }
    }
    if line >= 12 {
        for (index, pitch) in pitches.iter().rev().enumerate() {
            canvas.text_before(area.x - 6, area.y + index * line + (line - 7) / 2, drum_name(*pitch), FAINT_TEXT, 1);
        }
    }
}

fn draw_keyboard(canvas: &mut Canvas, area: Area, score: &Score) {
    let pitched: Vec<&Track> = score.tracks.iter().filter(|track| !track.is_drums()).collect();
    let numbers = pitched.iter().flat_map(|track| track.notes.iter().map(|note| usize::from(note.pitch.number())));
    let (low, high) = numbers.fold((128, 0), |(low, high), number| (low.min(number), high.max(number)));
    if low > high {
        return;
    }
    let (low, high) = (low.saturating_sub(2), high + 2);
    let row_height = area.height as f64 / (high - low + 1) as f64;
    let top = |number: usize| area.y + ((high - number) as f64 * row_height).round() as usize;
    let row = |number: usize| (top(number), (area.y + ((high + 1 - number) as f64 * row_height).round() as usize));
    for number in low..=high {
        let (y, below) = row(number);
        if matches!(number % 12, 1 | 3 | 6 | 8 | 10) {
            canvas.fill(Area { y, height: below - y, ..area }, [0, 0, 0], 0.22);
        }
        if number.is_multiple_of(12) {
            canvas.fill(Area { y: below - 1, height: 1, ..area }, GRID, 0.3);
            canvas.text_before(area.x - 6, y, &Pitch::folded(number as i32).to_string(), FAINT_TEXT, 2);
        }
    }
    for track in pitched {
        for note in &track.notes {
            let (y, below) = row(usize::from(note.pitch.number()));
            let left = area.column(f64::from(note.start.0) / f64::from(score.length.0));
            let end = f64::from(note.end().0.min(score.length.0)) / f64::from(score.length.0);
            let width = area.column(end).saturating_sub(left + 1).max(2);
            let height = (below - y).saturating_sub(1).max(2);
            canvas.fill(Area { x: left, y, width, height }, role_colour(track.role), opacity(note));
        }
    }
}

/// Loud notes are solid, soft ones shine through.
fn opacity(note: &Note) -> f32 {
    0.35 + 0.65 * note.velocity.unit()
}

/// Short names of the General MIDI drums.
fn drum_name(pitch: Pitch) -> &'static str {
    match pitch.number() {
        35 | 36 => "kick",
        37 => "rim",
        38 | 40 => "snare",
        39 => "clap",
        42 => "hat",
        44 => "pedal hat",
        46 => "open hat",
        41 | 43 | 45 | 47 | 48 | 50 => "tom",
        49 | 52 | 55 | 57 => "crash",
        51 | 53 | 59 => "ride",
        54 => "tambourine",
        56 => "cowbell",
        60..=64 => "conga",
        70 => "shaker",
        _ => "perc",
    }
}
