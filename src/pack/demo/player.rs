//! A loop that runs through a whole part, in time with it.

use super::Part;
use riffsmith_dsp::resample::resample_loop;
use riffsmith_dsp::score::Ticks;
use riffsmith_dsp::{AudioBuffer, SampleRate, StereoFrame};

/// Rounds start on the frame nearest to their exact time, so that one may be a frame longer than the loop: over this time, in
/// seconds, what went before fades into what it has become a frame later.
const JOIN_S: f64 = 0.005;

/// A loop, placed.
pub struct Player {
    frames: Vec<StereoFrame>,
    /// The part's start and the exact length of a round, in frames.
    start: f64,
    round: f64,
    join: i64,
}

impl Player {
    /// Places a loop of `bars` in a part. What the sound holds beyond them is left out; what it lacks is silent.
    pub fn new(mut audio: AudioBuffer, bars: u32, part: &Part, rate: SampleRate) -> Self {
        let length: Ticks = part.meter.bar() * bars;
        let seconds = length.quarters() * part.tempo.seconds_per_quarter();
        audio.frames.resize(audio.sample_rate.frames(seconds).max(1), [0.0; 2]);
        if audio.sample_rate != rate {
            audio = resample_loop(&audio, rate, rate.frames(seconds).max(1));
        }
        Self {
            frames: audio.frames,
            start: part.start_s * rate.hz(),
            round: seconds * rate.hz(),
            join: rate.frames(JOIN_S) as i64,
        }
    }

    /// One round of it.
    pub fn frames(&self) -> &[StereoFrame] {
        &self.frames
    }

    /// What it plays at a frame of the demo; before the part's start it plays the end of the round before.
    pub fn at(&self, frame: i64) -> StereoFrame {
        let mut round = ((frame as f64 - self.start) / self.round).floor() as i64;
        // The start of a round is rounded: this frame may already, or not yet, belong to the next.
        round += i64::from(frame >= self.starts(round + 1));
        round -= i64::from(frame < self.starts(round));
        let into = frame - self.starts(round);
        let now = self.read(into);
        if into >= self.join {
            return now;
        }
        let before = self.read(frame - self.starts(round - 1));
        let share = into as f32 / self.join as f32;
        std::array::from_fn(|channel| before[channel] + (now[channel] - before[channel]) * share)
    }

    /// The first frame of a round.
    fn starts(&self, round: i64) -> i64 {
        (self.start + round as f64 * self.round).round() as i64
    }

    fn read(&self, position: i64) -> StereoFrame {
        self.frames[position.rem_euclid(self.frames.len() as i64) as usize]
    }
}
