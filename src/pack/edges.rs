//! Where a sample starts and ends, and on which line and at which level it lies.

use riffsmith_dsp::loudness::true_peak::exact_peak;
use riffsmith_dsp::units::{db_to_gain, gain_to_db};
use riffsmith_dsp::{AudioBuffer, StereoFrame};
use std::f32::consts::PI;

/// True peak of every sample, in dBTP: meters differ by a few tenths on cymbals, and none shall read above -1.
pub const LEVEL_DBTP: f32 = -1.3;
/// -60 dB of the peak: what is below this before the first and after the last frame above it is not worth its bytes.
const FLOOR: f32 = 1e-3;
/// What is left before the first frame above the floor, in seconds.
const LEAD_S: f64 = 0.001;
/// The shortest rise from nothing, in seconds, as of the synthesizer's own voices: where a hiss is there from the first frame on.
const RISE_S: f64 = 0.3e-3;
/// Length of the fade at the end, in seconds.
const FADE_S: f64 = 0.008;
/// Stretch over which loudness is averaged to spread what is taken away as DC, in seconds: a cycle of 20 Hz.
const DC_WINDOW_S: f64 = 0.05;
/// A sound that is cut while it is loud fades over this part of its length, so that it seems to die away.
const CUT_FADE: f64 = 0.3;

/// Cuts a sound to what is to be heard of it: from at most 1 ms before its first frame above -60 dB of its peak, to 8 ms after its
/// last, which fade. What would be longer than `longest_s` seconds fades over the last third of that.
///
/// Silence becomes empty.
pub fn trim(audio: &mut AudioBuffer, longest_s: f64) {
    let floor = FLOOR * audio.peak();
    let is_loud = |frame: &StereoFrame| frame[0].abs().max(frame[1].abs()) > floor;
    let Some(first) = audio.frames.iter().position(is_loud) else {
        audio.frames.clear();
        return;
    };
    let last = audio.frames.iter().rposition(is_loud).unwrap_or(first);
    let rate = audio.sample_rate;
    let lead = first.min((LEAD_S * rate.hz()) as usize);
    let start = first - lead;
    let whole = last + 1 + rate.frames(FADE_S) - start;
    let longest = rate.frames(longest_s);
    audio.frames.drain(..start);
    audio.frames.resize(whole.min(longest), [0.0; 2]);
    let rise = lead.max(rate.frames(RISE_S)).min(audio.len());
    fade_in(&mut audio.frames[..rise]);
    let fade_s = if whole > longest { CUT_FADE * longest_s } else { FADE_S };
    let fade = rate.frames(fade_s).min(audio.len());
    let faded = audio.len() - fade;
    fade_out(&mut audio.frames[faded..]);
}

/// Raises `frames` from nothing to nearly all, on half a cosine.
pub fn fade_in(frames: &mut [StereoFrame]) {
    let length = frames.len() as f32;
    for (index, frame) in frames.iter_mut().enumerate() {
        let gain = 0.5 - 0.5 * (PI * index as f32 / length).cos();
        *frame = frame.map(|sample| gain * sample);
    }
}

/// Lowers `frames` to nothing, on half a cosine.
pub fn fade_out(frames: &mut [StereoFrame]) {
    let length = frames.len() as f32;
    for (index, frame) in frames.iter_mut().enumerate() {
        let gain = 0.5 + 0.5 * (PI * (index + 1) as f32 / length).cos();
        *frame = frame.map(|sample| gain * sample);
    }
}

/// Takes the mean of each channel away, in the shape of the sound's own loudness: where it is loud nothing is heard of that, and
/// neither end gets a step.
pub fn remove_dc(audio: &mut AudioBuffer) {
    let length = audio.len();
    let reach = audio.sample_rate.frames(DC_WINDOW_S) / 2;
    let edge = audio.sample_rate.frames(FADE_S).min(length / 2);
    for channel in 0..2 {
        let mut sum_to = vec![0.0f64; length + 1];
        for (index, frame) in audio.frames.iter().enumerate() {
            sum_to[index + 1] = sum_to[index] + f64::from(frame[channel].abs());
        }
        let loudness = |index: usize| {
            let (from, to) = (index.saturating_sub(reach), (index + reach + 1).min(length));
            let inside = (index.min(length - 1 - index) as f64 / edge as f64).min(1.0);
            (0.5 - 0.5 * (std::f64::consts::PI * inside).cos()) * (sum_to[to] - sum_to[from])
        };
        let shape: Vec<f64> = (0..length).map(loudness).collect();
        let total: f64 = shape.iter().sum();
        if total > 0.0 {
            let offset = audio.frames.iter().map(|frame| f64::from(frame[channel])).sum::<f64>() / total;
            for (frame, shape) in audio.frames.iter_mut().zip(&shape) {
                frame[channel] = (f64::from(frame[channel]) - offset * shape) as f32;
            }
        }
    }
}

/// Brings the true peak to [`LEVEL_DBTP`]. What it was before, in dBTP; silence stays silent.
pub fn normalize(audio: &mut AudioBuffer) -> f32 {
    let peak_dbtp = gain_to_db(exact_peak(audio));
    if peak_dbtp.is_finite() {
        audio.scale(db_to_gain(LEVEL_DBTP - peak_dbtp));
    }
    peak_dbtp
}

#[cfg(test)]
mod tests {
    use super::*;
    use riffsmith_dsp::SampleRate;
    use std::f32::consts::TAU;

    /// A sine of `hz` under an exponential decay of 60 dB in `decay_s`, after a silence.
    fn struck(silence: usize, hz: f32, decay_s: f32, seconds: f64) -> AudioBuffer {
        let mut audio = AudioBuffer::silence(SampleRate::CD, silence);
        audio.frames.extend((0..SampleRate::CD.frames(seconds)).map(|n| {
            let t = n as f32 / 44_100.0;
            [0.5 * (-6.9078 * t / decay_s).exp() * (TAU * hz * t).sin(); 2]
        }));
        audio
    }

    #[test]
    fn a_sample_starts_a_millisecond_before_the_sound_and_fades_where_it_is_over() {
        let mut audio = struck(5_000, 1_000.0, 0.5, 2.0);
        // Far below the floor: it is cut off.
        audio.frames[..5_000].iter_mut().for_each(|frame| *frame = [1e-5; 2]);
        trim(&mut audio, 6.0);
        let first_loud = audio.frames.iter().position(|frame| frame[0].abs() > 1e-3 * audio.peak());
        assert_eq!(first_loud, Some(44));
        assert_eq!(audio.frames[0], [0.0; 2]);
        // 60 dB are gone after half a second; the fade follows.
        assert!((audio.seconds() - 0.001 - 0.5 - FADE_S).abs() < 0.002, "{}", audio.seconds());
        assert!(audio.frames[audio.len() - 1][0].abs() < 1e-6);
    }

    #[test]
    fn what_is_cut_while_it_is_loud_dies_away() {
        let mut audio = struck(0, 200.0, 100.0, 4.0);
        trim(&mut audio, 2.0);
        assert_eq!(audio.len(), 88_200);
        let peak =
            |from: usize| audio.frames[from..from + 441].iter().fold(0.0f32, |peak, frame| peak.max(frame[0].abs()));
        // Halfway through the fade of 0.6 s; then 10 ms before its end.
        assert!((peak(75_000 - 220) / peak(50_000) - 0.5).abs() < 0.05);
        assert!(peak(88_200 - 441) < 1e-3 * peak(0));
    }

    #[test]
    fn silence_becomes_empty() {
        let mut audio = AudioBuffer::silence(SampleRate::CD, 1_000);
        trim(&mut audio, 1.0);
        remove_dc(&mut audio);
        assert_eq!(normalize(&mut audio), f32::NEG_INFINITY);
        assert!(audio.is_empty());
    }

    #[test]
    fn dc_is_taken_away_without_a_step() {
        let mut audio = struck(0, 100.0, 0.3, 1.0);
        let clean = audio.clone();
        for (frame, before) in audio.frames.iter_mut().zip(&clean.frames) {
            // A rectified sine lies above the line, and more so where it is loud.
            frame[0] += 0.02 * before[0].abs();
        }
        trim(&mut audio, 6.0);
        let before = audio.clone();
        remove_dc(&mut audio);
        for channel in 0..2 {
            let mean = audio.channel(channel).iter().map(|&x| f64::from(x)).sum::<f64>() / audio.len() as f64;
            assert!(mean.abs() < 1e-7, "{mean}");
        }
        let taken: Vec<f32> = before.frames.iter().zip(&audio.frames).map(|(a, b)| a[0] - b[0]).collect();
        let most = taken.iter().fold(0.0f32, |most, x| most.max(x.abs()));
        assert!(most > 1e-3, "{most}");
        assert_eq!((taken[0], taken[taken.len() - 1]), (0.0, 0.0));
        // Half a cosine of 353 frames has a slope of pi / 2 / 353 at most; the sound's own loudness moves as well.
        let steepest = taken.windows(2).fold(0.0f32, |most, pair| most.max((pair[1] - pair[0]).abs()));
        assert!(steepest < 2.0 / 353.0 * most, "{steepest} {most}");
    }

    #[test]
    fn the_true_peak_is_brought_to_its_level() {
        let mut audio = struck(100, 11_000.0, 0.2, 0.5);
        let before = normalize(&mut audio);
        assert!((-9.0..-5.0).contains(&before), "{before}");
        assert!((gain_to_db(exact_peak(&audio)) - LEVEL_DBTP).abs() < 1e-3);
    }
}
