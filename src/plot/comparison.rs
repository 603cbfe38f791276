//! A picture of several sounds below each other, on one time axis: each one's spectrogram.

use super::canvas::{Area, Canvas};
use super::{BACKGROUND, HEIGHT, LEFT, PANEL, RIGHT, TEXT, WIDTH, spectrum};
use riffsmith_dsp::AudioBuffer;

/// Pixels for the title of the picture, and of each panel.
const HEAD: usize = 64;
const TITLE: usize = 28;

/// The image of sounds, a panel each, as a PNG file under a title.
pub fn comparison_png(title: &str, sounds: &[(&str, &AudioBuffer)]) -> Vec<u8> {
    let mut canvas = Canvas::new(WIDTH, HEIGHT, BACKGROUND);
    canvas.text(LEFT, 24, title, TEXT, 2);
    let height = (HEIGHT - HEAD) / sounds.len().max(1);
    for (index, (name, audio)) in sounds.iter().enumerate() {
        let y = HEAD + index * height;
        canvas.text(LEFT, y, name, TEXT, 2);
        let area = Area { x: LEFT, y: y + TITLE, width: WIDTH - LEFT - RIGHT, height: height - TITLE - 12 };
        canvas.fill(area, PANEL, 1.0);
        if !audio.is_empty() {
            spectrum::draw(&mut canvas, area, audio);
        }
    }
    canvas.to_png()
}

#[cfg(test)]
mod tests {
    use super::*;
    use riffsmith_dsp::SampleRate;

    #[test]
    fn each_sound_has_its_panel() {
        let silence = AudioBuffer::silence(SampleRate::CD, 5000);
        let mut click = silence.clone();
        click.frames[2500] = [1.0; 2];
        let none = comparison_png("t", &[]);
        let (one, two) =
            (comparison_png("t", &[("a", &silence)]), comparison_png("t", &[("a", &silence), ("b", &click)]));
        assert!([&none, &one, &two].iter().all(|png| png.starts_with(b"\x89PNG")));
        assert!(none != one && one != two);
    }
}
