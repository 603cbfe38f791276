//! Everything that is measured of a finished sound: loudness, levels, and how well it loops.

use crate::wav::LoopPoints;
use riffsmith_dsp::AudioBuffer;
use riffsmith_dsp::levels::{self, Levels};
use riffsmith_dsp::loudness::{self, Loudness};
use riffsmith_dsp::seam::seam_score;

/// What meters say about a sound.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measures {
    /// Loudness and true peak.
    pub loudness: Loudness,
    /// Peak, crest, offset, width and balance.
    pub levels: Levels,
    /// How rough the step from the end of the loop to its start is; up to 1.0 it is no rougher than the sound itself.
    pub seam: f32,
}

/// Measures a sound that repeats between `points`, or from end to start.
///
/// - `mono`: it has one channel, which `audio` has on both sides. Its loudness is then that of one channel, as BS.1770 has it,
///   and it has no width.
pub fn measure(audio: &AudioBuffer, mono: bool, points: Option<LoopPoints>) -> Measures {
    let mut levels = levels::measure(audio);
    let mut loudness = loudness::measure(audio);
    if mono {
        levels.correlation = None;
        let frames = audio.frames.iter().map(|[left, _]| [*left, 0.0]).collect();
        loudness = loudness::measure(&AudioBuffer { sample_rate: audio.sample_rate, frames });
    }
    let repeated = points.and_then(|points| audio.frames.get(points.first_frame..=points.last_frame));
    let seam = match repeated {
        Some(frames) => seam_score(&AudioBuffer { sample_rate: audio.sample_rate, frames: frames.to_vec() }),
        None => seam_score(audio),
    };
    Measures { loudness, levels, seam }
}

#[cfg(test)]
mod tests {
    use super::*;
    use riffsmith_dsp::SampleRate;
    use std::f64::consts::TAU;

    fn sine(frames: usize) -> AudioBuffer {
        let sample = |n: usize| 0.5 * (TAU * n as f64 / 100.0).sin() as f32;
        AudioBuffer { sample_rate: SampleRate::CD, frames: (0..frames).map(|n| [sample(n); 2]).collect() }
    }

    #[test]
    fn one_channel_is_3_db_softer_than_two() {
        let audio = sine(44_100);
        let (stereo, mono) = (measure(&audio, false, None), measure(&audio, true, None));
        let difference = stereo.loudness.integrated_lufs - mono.loudness.integrated_lufs;
        assert!((difference - 3.01).abs() < 0.01, "{difference}");
        assert_eq!((stereo.levels.correlation, mono.levels.correlation), (Some(1.0), None));
        assert_eq!(stereo.loudness.true_peak_dbtp, mono.loudness.true_peak_dbtp);
    }

    #[test]
    fn the_seam_is_that_of_the_loop_and_not_of_the_file() {
        // 40.25 turns do not close, but 40 of them do.
        let audio = sine(4_025);
        let points = LoopPoints { first_frame: 0, last_frame: 3_999 };
        assert!(measure(&audio, false, None).seam > 5.0);
        assert!(measure(&audio, false, Some(points)).seam <= 1.0);
        // Points past the end are none.
        let past = LoopPoints { first_frame: 0, last_frame: 4_025 };
        assert_eq!(measure(&audio, false, Some(past)).seam, measure(&audio, false, None).seam);
    }
}
