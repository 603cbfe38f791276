//! What the page plays: a sound, compressed, and where in it the loop lies.

use super::opus;
use crate::wav::Repeat;
use riffsmith_dsp::resample::{resample, resample_loop};
use riffsmith_dsp::{AudioBuffer, SampleRate, StereoFrame};

/// Frames of the loop's end before its start: the 80 ms after which a decoder has found its way (RFC 7845, 4.6), and then those
/// over which the page fades from the end of the loop into them.
const LEAD: usize = 3_840 + 960;

/// Frames of the loop's start after its end, so that nothing is missing where a decoder keeps its delay.
const AFTER: usize = 960;

/// Frames over which a sound that does not end in silence is faded out: 5 ms.
const FADE_OUT: usize = 240;

/// Frames of silence after a sound that is played once, into which the codec may smear its end: 20 ms.
const SILENCE: usize = 960;

/// A compressed sound. Its frames are at 48 kHz.
///
/// A loop begins after `lead` frames of its own end and is `frames` long, and some of its start follows: a decoder that is late
/// by a constant still holds one whole turn. Codecs add errors that differ from frame to frame, so the page fades the
/// loop's last 20 ms into the last of the lead, which runs on into the start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// An Ogg Opus file.
    pub bytes: Vec<u8>,
    /// Frames before the start.
    pub lead: u32,
    /// Frames from the start to the end.
    pub frames: u32,
    /// Frames of a bar, of a loop: whole, so that loops of one tempo stay together for ever.
    pub bar: Option<u32>,
}

impl Preview {
    /// Where it starts in what its bytes decode to, in seconds.
    pub fn start_seconds(&self) -> f64 {
        f64::from(self.lead) / f64::from(opus::RATE_HZ)
    }

    /// Its length from the start to the end, in seconds.
    pub fn seconds(&self) -> f64 {
        f64::from(self.frames) / f64::from(opus::RATE_HZ)
    }
}

/// Compresses `audio`; `repeat` says how it repeats, if it is a loop. Of a loop, what follows `repeat.frames` is left out.
///
/// The length of a bar is rounded to a whole frame, which changes pitch by less than 0.1 cents for bars of 0.2 s and more.
pub fn preview(audio: &AudioBuffer, repeat: Option<&Repeat>) -> Preview {
    let rate = SampleRate::new(opus::RATE_HZ).expect("a common rate");
    match repeat.filter(|repeat| repeat.frames > 0) {
        Some(repeat) => preview_loop(audio, rate, repeat),
        None => preview_once(audio, rate),
    }
}

fn preview_loop(audio: &AudioBuffer, rate: SampleRate, repeat: &Repeat) -> Preview {
    let bar_seconds = repeat.meter.bar().quarters() * repeat.tempo.seconds_per_quarter();
    let bars = (audio.sample_rate.seconds(repeat.frames) / bar_seconds).round().max(1.0) as usize;
    let bar = rate.frames(bar_seconds);
    let frames = bars * bar;
    let turn = if audio.len() == repeat.frames {
        resample_loop(audio, rate, frames).frames
    } else {
        let mut turn = audio.clone();
        turn.frames.resize(repeat.frames, StereoFrame::default());
        resample_loop(&turn, rate, frames).frames
    };
    // From its own end, round the loop, and on into its start for as long as the encoder looks ahead.
    let before = (frames - LEAD % frames) % frames;
    let keep = LEAD + frames + AFTER;
    let bytes = opus::encode(|index| turn[(before + index) % frames], keep);
    Preview { bytes, lead: LEAD as u32, frames: frames as u32, bar: Some(bar as u32) }
}

fn preview_once(audio: &AudioBuffer, rate: SampleRate) -> Preview {
    let mut frames = resample(audio, rate).frames;
    for (left, frame) in frames.iter_mut().rev().take(FADE_OUT).enumerate() {
        *frame = frame.map(|sample| sample * left as f32 / FADE_OUT as f32);
    }
    let keep = frames.len() + SILENCE;
    Preview {
        bytes: opus::encode(|index| frames.get(index).copied().unwrap_or_default(), keep),
        lead: 0,
        frames: keep as u32,
        bar: None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::opus::tests::decode;
    use super::*;
    use riffsmith_dsp::Seed;
    use riffsmith_dsp::score::{Meter, Tempo};
    use riffsmith_dsp::spectral::{Edges, Stft};
    use std::f64::consts::TAU;

    /// A loop of `bars` in 4/4 at 44.1 kHz: a chord of whole turns and a hit of noise on each quarter.
    fn looped(bpm: f64, bars: u32) -> (AudioBuffer, Repeat) {
        let tempo = Tempo::new(bpm).expect("a tempo");
        let quarters = 4 * bars;
        let frames = SampleRate::CD.frames(f64::from(quarters) * tempo.seconds_per_quarter());
        let mut rng = Seed(7).rng();
        let mut audio = AudioBuffer::silence(SampleRate::CD, frames);
        for (n, frame) in audio.frames.iter_mut().enumerate() {
            let turn = n as f64 / frames as f64;
            let chord =
                |pan: f64| [900.0, 1131.0, 1347.0].map(|turns| (TAU * (turn * turns + pan)).sin()).iter().sum::<f64>();
            let since_hit = (turn * f64::from(quarters)).fract();
            let hit = 0.3 * rng.bipolar() * (-30.0 * since_hit).exp() as f32;
            *frame = [0.1 * chord(0.0) as f32 + hit, 0.1 * chord(0.2) as f32 + hit];
        }
        (audio, Repeat { frames, tempo, quarters, meter: Meter::COMMON, root: None })
    }

    fn correlation(a: &[StereoFrame], b: &[StereoFrame]) -> f64 {
        let product = |a: &[StereoFrame], b: &[StereoFrame]| {
            let pairs = a.as_flattened().iter().zip(b.as_flattened());
            pairs.map(|(a, b)| f64::from(*a) * f64::from(*b)).sum::<f64>()
        };
        product(a, b) / (product(a, a) * product(b, b)).sqrt()
    }

    #[test]
    fn a_loop_lies_between_its_own_end_and_its_own_start() {
        let (audio, repeat) = looped(122.0, 4);
        let preview = preview(&audio, Some(&repeat));
        let (lead, frames) = (preview.lead as usize, preview.frames as usize);
        let decoded = decode(&preview.bytes).0.frames;
        assert_eq!(decoded.len(), lead + frames + AFTER);
        let rate = SampleRate::new(48_000).expect("valid");
        let original = resample_loop(&audio, rate, frames).frames;
        let turn = &decoded[lead..lead + frames];
        // One frame late would be 0.974 with these sounds.
        assert!(correlation(turn, &original) > 0.985, "{}", correlation(turn, &original));
        // What the page fades into is the end; what follows the end is the start, here noise, which Opus keeps but roughly.
        let (before, after) = (&decoded[lead - 960..lead], &decoded[lead + frames..]);
        assert!(correlation(before, &original[frames - 960..]) > 0.985);
        assert!(correlation(after, &original[..AFTER]) > 0.9);
    }

    #[test]
    fn a_preview_has_the_spectrum_of_its_original() {
        let (audio, repeat) = looped(174.0, 8);
        let preview = preview(&audio, Some(&repeat));
        let frames = preview.frames as usize;
        let rate = SampleRate::new(48_000).expect("valid");
        let original = resample_loop(&audio, rate, frames);
        let mut decoded = decode(&preview.bytes).0;
        decoded.frames.drain(..preview.lead as usize);
        decoded.frames.truncate(frames);
        for [low_hz, high_hz] in
            [[20.0, 200.0], [200.0, 1_000.0], [1_000.0, 4_000.0], [4_000.0, 12_000.0], [12_000.0, 19_000.0]]
        {
            let energy_db = |audio: &AudioBuffer| 10.0 * band_energy(audio, low_hz, high_hz).log10();
            let difference = energy_db(&decoded) - energy_db(&original);
            // Opus keeps the energy of each of its 21 bands; to about 1.5 dB at this rate.
            assert!(difference.abs() < 1.5, "{low_hz} to {high_hz} Hz: {difference:.2} dB");
        }
    }

    fn band_energy(audio: &AudioBuffer, low_hz: f64, high_hz: f64) -> f64 {
        let spectrum = Stft::new(2048, 512).analyze(&audio.channel(0), audio.sample_rate, Edges::Loop);
        let bins = (0..spectrum.bins()).filter(|&bin| (low_hz..high_hz).contains(&spectrum.bin_hz(bin)));
        let magnitudes = spectrum.magnitudes();
        let of_bin =
            |bin: usize| magnitudes.iter().skip(bin).step_by(spectrum.bins()).map(|m| f64::from(m * m)).sum::<f64>();
        bins.map(of_bin).sum()
    }

    #[test]
    fn loops_of_one_tempo_have_bars_of_the_same_whole_length() {
        // At 60.1 and 61.5 bpm the lengths in frames at 44.1 kHz, rounded already, would give different bars.
        for bpm in [60.1, 61.5, 122.0, 174.0, 299.9] {
            let bars: Vec<Preview> = [1, 2, 4]
                .map(|bars| looped(bpm, bars))
                .iter()
                .map(|(audio, repeat)| preview(audio, Some(repeat)))
                .collect();
            let bar = bars[0].bar.expect("a loop has bars");
            for (preview, count) in bars.iter().zip([1, 2, 4]) {
                assert_eq!((preview.bar, preview.frames), (Some(bar), count * bar), "{bpm}");
            }
            let exact = 240.0 / bpm * 48_000.0;
            assert!((f64::from(bar) - exact).abs() <= 0.5);
        }
    }

    #[test]
    fn the_tail_after_a_loop_is_left_out() {
        let (audio, repeat) = looped(140.0, 2);
        let mut ringing = audio.clone();
        ringing.frames.extend([[0.5; 2]; 20_000]);
        assert_eq!(preview(&ringing, Some(&repeat)), preview(&audio, Some(&repeat)));
    }

    #[test]
    fn a_hit_starts_in_time_and_ends_in_silence() {
        let frames = (0..22_050).map(|n| [0.8 * (TAU * 220.0 * f64::from(n) / 44_100.0).cos() as f32; 2]).collect();
        let audio = AudioBuffer { sample_rate: SampleRate::CD, frames };
        let preview = preview(&audio, None);
        assert_eq!((preview.lead, preview.frames, preview.bar), (0, 24_000 + 960, None));
        assert_eq!((preview.start_seconds(), preview.seconds()), (0.0, 0.52));
        let decoded = decode(&preview.bytes).0.frames;
        assert_eq!(decoded.len(), 24_960);
        // Within 2 ms it is as loud as the original, which starts with its crest.
        assert!(decoded[..96].iter().any(|frame| frame[0] > 0.6));
        // It breaks off at its crest: without a fade that is a step, with one no steeper than the sine, and some codec noise.
        let steps = decoded[23_000..].windows(2).map(|pair| (pair[1][0] - pair[0][0]).abs());
        let steepest = steps.fold(0.0_f32, f32::max);
        assert!(steepest < 2.0 * 0.8 * TAU as f32 * 220.0 / 48_000.0, "{steepest}");
        let last = decoded[24_960 - 96..].iter().flatten().fold(0.0_f32, |peak, sample| peak.max(sample.abs()));
        assert!(last < 1e-3, "{last}");
    }

    #[test]
    fn next_to_nothing_has_a_preview_too() {
        for frames in [0, 1, 100] {
            let audio = AudioBuffer { sample_rate: SampleRate::CD, frames: vec![[0.1; 2]; frames] };
            let preview = preview(&audio, None);
            assert_eq!(decode(&preview.bytes).0.len(), preview.frames as usize);
        }
    }

    #[test]
    fn the_same_sound_makes_the_same_bytes() {
        let (audio, repeat) = looped(128.0, 1);
        assert_eq!(preview(&audio, Some(&repeat)), preview(&audio, Some(&repeat)));
        assert_eq!(preview(&audio, None), preview(&audio, None));
    }
}
