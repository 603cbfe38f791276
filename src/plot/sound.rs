//! A picture of any sound: its waveform, its mel spectrogram and its average spectrum.

use super::canvas::{Area, Canvas, Colour};
use super::{BACKGROUND, FAINT_TEXT, GRID, HEIGHT, LEFT, PANEL, RIGHT, TEXT, WIDTH, average, mel, waveform};
use riffsmith_dsp::AudioBuffer;

/// Loop points stand out from the waveform's blue.
const LOOP: Colour = [244, 184, 96];

/// What is marked on the time axis, in frames.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Marks {
    /// First and last frame of a loop.
    pub repeat: Option<[usize; 2]>,
    /// Points and their names.
    pub cues: Vec<(usize, String)>,
}

/// The image of a sound as a PNG file, under a title.
pub fn sound_png(title: &str, audio: &AudioBuffer, marks: &Marks) -> Vec<u8> {
    let mut canvas = Canvas::new(WIDTH, HEIGHT, BACKGROUND);
    canvas.text(LEFT, 24, title, TEXT, 3);
    let panel = |y, height| Area { x: LEFT, y, width: WIDTH - LEFT - RIGHT, height };
    let (wave, spectrogram, spectrum) = (panel(72, 220), panel(312, 340), panel(700, 250));
    for area in [wave, spectrogram, spectrum] {
        canvas.fill(area, PANEL, 1.0);
    }
    waveform::draw(&mut canvas, wave, audio);
    draw_marks(&mut canvas, wave, audio.len(), marks);
    mel::draw(&mut canvas, spectrogram, audio);
    seconds(&mut canvas, spectrogram, audio.seconds());
    average::draw(&mut canvas, spectrum, audio);
    canvas.to_png()
}

fn draw_marks(canvas: &mut Canvas, area: Area, length: usize, marks: &Marks) {
    let column = |frame: usize| area.column(frame.min(length) as f64 / length.max(1) as f64);
    // Names are written from left to right, as far as they do not cover each other.
    let mut free = area.x;
    for (frame, name) in &marks.cues {
        let x = column(*frame);
        canvas.fill(Area { x, width: 1, ..area }, GRID, 0.55);
        if x >= free && x + Canvas::text_width(name, 1) < area.x + area.width {
            canvas.text(x + 4, area.y + 4, name, FAINT_TEXT, 1);
            free = x + 4 + Canvas::text_width(name, 1);
        }
    }
    if let Some([first, last]) = marks.repeat {
        // The last frame belongs to the loop: the line stands after it.
        for x in [column(first), column(last + 1).saturating_sub(2)] {
            canvas.fill(Area { x, width: 2, ..area }, LOOP, 0.9);
        }
    }
}

/// Ticks below the spectrogram, a round number of seconds apart.
fn seconds(canvas: &mut Canvas, area: Area, length_s: f64) {
    /// Room for a number.
    const APART: f64 = 90.0;
    let round = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0];
    let fits = |step: &f64| step / length_s * area.width as f64 >= APART;
    let Some(step) = round.into_iter().find(fits).filter(|_| length_s > 0.0) else { return };
    let decimals = if step < 0.1 { 2 } else { usize::from(step < 1.0) };
    for tick in 0..=(length_s / step) as u32 {
        let at = f64::from(tick) * step;
        let x = area.column(at / length_s);
        let text = format!("{at:.decimals$} s");
        canvas.fill(Area { x, y: area.y + area.height, width: 1, height: 6 }, GRID, 0.8);
        if x + 4 + Canvas::text_width(&text, 2) <= area.x + area.width + RIGHT {
            canvas.text(x + 4, area.y + area.height + 10, &text, FAINT_TEXT, 2);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use riffsmith_dsp::SampleRate;

    #[test]
    fn sounds_of_any_length_have_a_picture() {
        for frames in [0, 1, 3, 5_000] {
            let marks =
                Marks { repeat: Some([0, frames]), cues: vec![(0, "bar 1".to_owned()), (frames, "end".to_owned())] };
            let bytes = sound_png("a \u{e9}", &AudioBuffer::silence(SampleRate::CD, frames), &marks);
            assert!(bytes.starts_with(b"\x89PNG"), "{frames}");
        }
    }

    #[test]
    fn loop_points_and_cues_are_marked_where_they_are() {
        let mut canvas = Canvas::new(400, 100, BACKGROUND);
        let area = Area { x: 0, y: 0, width: 400, height: 100 };
        let marks = Marks { repeat: Some([100, 299]), cues: vec![(200, String::new())] };
        draw_marks(&mut canvas, area, 400, &marks);
        let changed: Vec<usize> = (0..400).filter(|&x| canvas.at(x, 99) != BACKGROUND).collect();
        assert_eq!(changed, [100, 101, 200, 298, 299]);
    }
}
