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
/// The length of a bar is rounded to a whole frame, which changes the pitch of a loop by less than 0.1 cents at any tempo.
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
    let mut turn = audio.clone();
    turn.frames.resize(repeat.frames, StereoFrame::default());
    let turn = resample_loop(&turn, rate, frames).frames;
    // From its own end, round the loop, and on into its start for as long as the encoder looks ahead.
    let before = (frames - LEAD % frames) % frames;
    let keep = LEAD + frames + AFTER;
    let round: Vec<StereoFrame> = turn.iter().copied().cycle().skip(before).take(keep + 2 * AFTER).collect();
    let bytes = opus::encode(&round, keep);
    Preview { bytes, lead: LEAD as u32, frames: frames as u32, bar: Some(bar as u32) }
}

fn preview_once(audio: &AudioBuffer, rate: SampleRate) -> Preview {
    let mut frames = resample(audio, rate).frames;
    for (left, frame) in frames.iter_mut().rev().take(FADE_OUT).enumerate() {
        *frame = frame.map(|sample| sample * left as f32 / FADE_OUT as f32);
    }
    let keep = frames.len() + SILENCE;
    Preview { bytes: opus::encode(&frames, keep), lead: 0, frames: keep as u32, bar: None }
}
