//! A sound's waveform, small enough to stand in the page.

use riffsmith_dsp::AudioBuffer;

/// Columns of a waveform.
const COLUMNS: usize = 160;

/// For each column the peak and the root mean square of its samples, 0 to 255; 255 is the loudest peak of the sound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peaks(Vec<[u8; 2]>);

impl Peaks {
    /// Peak and root mean square in turn.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_flattened()
    }
}

/// The waveform of `audio`: a sound of any length in 160 columns.
pub fn peaks(audio: &AudioBuffer) -> Peaks {
    let loudest = audio.peak().max(f32::MIN_POSITIVE);
    let level = |value: f32| (255.0 * value / loudest).round() as u8;
    let column = |index: usize| {
        let start = index * audio.len() / COLUMNS;
        let end = ((index + 1) * audio.len() / COLUMNS).max(start + 1).min(audio.len());
        let samples = audio.frames.get(start..end).unwrap_or_default().as_flattened();
        let peak = samples.iter().fold(0.0_f32, |peak, sample| peak.max(sample.abs()));
        let energy: f32 = samples.iter().map(|sample| sample * sample).sum();
        [level(peak), level((energy / samples.len().max(1) as f32).sqrt())]
    };
    Peaks((0..COLUMNS).map(column).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use riffsmith_dsp::SampleRate;

    fn sound(frames: impl IntoIterator<Item = f32>) -> AudioBuffer {
        let frames = frames.into_iter().map(|sample| [sample, -0.5 * sample]).collect();
        AudioBuffer { sample_rate: SampleRate::CD, frames }
    }

    #[test]
    fn the_loudest_column_is_full_and_the_others_are_relative_to_it() {
        let half_then_quarter = sound((0..16_000).map(|n| if n < 8_000 { 0.5 } else { 0.25 }));
        let Peaks(columns) = peaks(&half_then_quarter);
        assert_eq!(columns.len(), 160);
        // Two channels of 1 and 1/2 have a root mean square of sqrt(5/8).
        assert_eq!(columns[0], [255, (255.0 * 0.625_f32.sqrt()).round() as u8]);
        assert_eq!(columns[79], columns[0]);
        assert_eq!(columns[80], [128, (127.5 * 0.625_f32.sqrt()).round() as u8]);
    }

    #[test]
    fn a_click_shows_in_one_column_whatever_the_length() {
        for length in [160, 161, 44_100] {
            let Peaks(columns) = peaks(&sound((0..length).map(|n| f32::from(u8::from(n == length / 2)))));
            assert_eq!(columns.iter().filter(|[peak, _]| *peak == 255).count(), 1, "{length}");
        }
    }

    #[test]
    fn silence_and_next_to_nothing_are_drawn_too() {
        assert!(peaks(&sound([0.0; 1000])).as_bytes().iter().all(|&byte| byte == 0));
        assert_eq!(peaks(&sound([])).as_bytes(), [0; 320]);
        assert_eq!(peaks(&sound([0.1])).as_bytes()[..1], [255]);
    }
}
