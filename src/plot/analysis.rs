//! A MIDI file as it was analysed: piano roll, and above it sections, keys and chords.

use super::canvas::{Area, Canvas, Colour};
use super::{BACKGROUND, FAINT_TEXT, GRID, LEFT, PANEL, RIGHT, TEXT, WIDTH, legend, piano_roll};
use riffsmith_dsp::analysis::Analysis;
use riffsmith_dsp::score::{Role, Score, Ticks};

const HEIGHT: usize = 900;

/// Colours of sections, by letter.
const SECTIONS: [Colour; 6] =
    [[86, 120, 190], [176, 110, 90], [94, 150, 110], [150, 104, 168], [168, 148, 84], [88, 146, 158]];

/// The picture as a PNG file.
pub fn analysis_png(title: &str, score: &Score, analysis: &Analysis) -> Vec<u8> {
    let mut canvas = Canvas::new(WIDTH, HEIGHT, BACKGROUND);
    let home = analysis.keys.home.map_or("no key".to_owned(), |(key, _)| key.to_string());
    let short: String = title.chars().take(24).collect();
    canvas.text(LEFT, 24, &format!("{short}  {home}  {:.0} bpm  {}", score.tempo().bpm(), score.meter()), TEXT, 3);
    let mut score = score.clone();
    // A note that never ends may have left bars of nothing.
    score.length = analysis.beats.bars.last().map_or(Ticks(1), |bar| bar.end);
    legend(&mut canvas, &one_of_each_role(&score));
    let panel = |y, height| Area { x: LEFT, y, width: WIDTH - LEFT - RIGHT, height };
    let (sections, keys, chords, notes) = (panel(72, 26), panel(102, 26), panel(132, 44), panel(182, 670));
    for area in [sections, keys, chords, notes] {
        canvas.fill(area, PANEL, 1.0);
    }
    for (area, name) in [(sections, "form"), (keys, "key"), (chords, "chords")] {
        canvas.text_before(LEFT - 6, area.y + 6, name, FAINT_TEXT, 2);
    }
    let row = Row { length: f64::from(score.length.0) };
    for section in &analysis.sections {
        let letter = section.label.bytes().next().map_or(0, |letter| usize::from(letter - b'A'));
        let (from, to) = (bar_start(analysis, section.from), bar_start(analysis, section.to));
        row.block(&mut canvas, sections, from, to, SECTIONS[letter % SECTIONS.len()], &section.label);
    }
    for region in &analysis.keys.regions {
        let (from, to) = (bar_start(analysis, region.from), bar_start(analysis, region.to));
        let tonic = usize::from(region.key.tonic.semitones());
        row.block(&mut canvas, keys, from, to, SECTIONS[tonic * 5 % SECTIONS.len()], &region.key.short());
    }
    for (index, span) in analysis.chords.iter().enumerate() {
        let Some(chord) = span.chord else { continue };
        // Every second one is lower, so that more of the names have room.
        let half = Area { y: chords.y + index % 2 * 22, height: 22, ..chords };
        let colour = SECTIONS[usize::from(chord.root.semitones()) * 7 % SECTIONS.len()];
        row.block(&mut canvas, half, span.start, span.end, colour, &chord.to_string());
    }
    piano_roll::draw(&mut canvas, notes, &score);
    bar_lines(&mut canvas, notes, analysis, &row);
    canvas.to_png()
}

/// The first track of each role: the legend names a role once.
fn one_of_each_role(score: &Score) -> Score {
    let tracks = Role::ALL.into_iter().filter_map(|role| score.track(role)).cloned().collect();
    Score { tracks, ..score.clone() }
}

/// How ticks become columns.
struct Row {
    length: f64,
}

impl Row {
    fn column(&self, area: Area, at: Ticks) -> usize {
        area.column((f64::from(at.0) / self.length).min(1.0))
    }

    /// A coloured stretch, and its name if there is room.
    fn block(&self, canvas: &mut Canvas, area: Area, from: Ticks, to: Ticks, colour: Colour, name: &str) {
        let (left, right) = (self.column(area, from), self.column(area, to));
        let width = right.saturating_sub(left + 1).max(1);
        canvas.fill(Area { x: left, width, y: area.y + 1, height: area.height - 2 }, colour, 0.75);
        let scale = if Canvas::text_width(name, 2) + 4 <= width { 2 } else { 1 };
        if Canvas::text_width(name, scale) + 2 <= width {
            canvas.text(left + 3, area.y + (area.height - 7 * scale) / 2, name, TEXT, scale);
        }
    }
}

/// When a bar begins, or the music ends.
fn bar_start(analysis: &Analysis, bar: usize) -> Ticks {
    let bars = &analysis.beats.bars;
    bars.get(bar).map(|bar| bar.start).or(bars.last().map(|bar| bar.end)).unwrap_or_default()
}

fn bar_lines(canvas: &mut Canvas, area: Area, analysis: &Analysis, row: &Row) {
    let every = analysis.beats.bars.len().div_ceil(32).max(1);
    for (index, bar) in analysis.beats.bars.iter().enumerate().step_by(every) {
        let x = row.column(area, bar.start);
        canvas.fill(Area { x, y: area.y, width: 1, height: area.height }, GRID, 0.4);
        canvas.text(x + 2, area.y + area.height + 10, &(index + 1).to_string(), FAINT_TEXT, 2);
    }
}
