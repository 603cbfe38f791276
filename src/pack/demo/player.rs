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

    /// Writes what it plays from a frame of the demo on; before the part's start it plays the end of the round before.
    pub fn play(&self, mut frame: i64, mut out: &mut [StereoFrame]) {
        while !out.is_empty() {
            let round = self.round_at(frame);
            let left = (self.starts(round + 1) - frame) as usize;
            let (now, later) = out.split_at_mut(left.min(out.len()));
            self.play_round(round, frame, now);
            frame += now.len() as i64;
            out = later;
        }
    }

    /// Writes frames that lie within one round.
    fn play_round(&self, round: i64, frame: i64, out: &mut [StereoFrame]) {
        let into = frame - self.starts(round);
        let mut from = self.place(into);
        let mut left = &mut *out;
        while !left.is_empty() {
            let (now, later) = left.split_at_mut((self.frames.len() - from).min(left.len()));
            now.copy_from_slice(&self.frames[from..from + now.len()]);
            (from, left) = (0, later);
        }
        let before = frame - self.starts(round - 1);
        let joined = (self.join - into).max(0) as usize;
        for (index, now) in out.iter_mut().take(joined).enumerate() {
            let before = self.frames[self.place(before + index as i64)];
            let share = (into + index as i64) as f32 / self.join as f32;
            *now = std::array::from_fn(|channel| before[channel] + (now[channel] - before[channel]) * share);
        }
    }

    /// The round that a frame belongs to.
    fn round_at(&self, frame: i64) -> i64 {
        let mut round = ((frame as f64 - self.start) / self.round).floor() as i64;
        // The start of a round is rounded: this frame may already, or not yet, belong to the next.
        round += i64::from(frame >= self.starts(round + 1));
        round -= i64::from(frame < self.starts(round));
        round
    }

    /// The first frame of a round.
    fn starts(&self, round: i64) -> i64 {
        (self.start + round as f64 * self.round).round() as i64
    }

    /// The frame of the loop that is played so far into a round: a longer round begins again.
    fn place(&self, into: i64) -> usize {
        into.rem_euclid(self.frames.len() as i64) as usize
    }
}
