//! Delay: echoes in time with the music.

use super::one_pole::OnePole;
use super::{Effect, EffectContext, Parameters, check, crossfade, flush};
use crate::audio::StereoFrame;
use crate::delay_line::DelayLine;
use crate::error::Result;
use serde::{Deserialize, Serialize};

/// Tempo-synced delay; each echo is a little darker and thinner than the one before.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Delay {
    /// Time between echoes in quarter notes: 0.0625 to 8, default 0.75 (a dotted eighth).
    pub beats: f32,
    /// Amplitude of an echo to the one before: 0.0 to 0.9, default 0.4.
    pub feedback: f32,
    /// Echoes alternate between left and right; default false.
    pub ping_pong: bool,
    /// What each echo loses below: 20 to 2 000 Hz, default 200.
    pub low_cut_hz: f32,
    /// What each echo loses above: 500 to 20 000 Hz, default 5 000.
    pub high_cut_hz: f32,
    /// 0.0 (dry) to 1.0 (echoes alone); default 0.3.
    pub mix: f32,
}

impl Default for Delay {
    fn default() -> Self {
        Self { beats: 0.75, feedback: 0.4, ping_pong: false, low_cut_hz: 200.0, high_cut_hz: 5_000.0, mix: 0.3 }
    }
}

impl Parameters for Delay {
    fn validate(&self) -> Result<()> {
        check("beats of delay", self.beats, 0.0625..=8.0, "quarter notes")?;
        check("feedback of delay", self.feedback, 0.0..=0.9, "")?;
        check("low_cut_hz of delay", self.low_cut_hz, 20.0..=2_000.0, "Hz")?;
        check("high_cut_hz of delay", self.high_cut_hz, 500.0..=20_000.0, "Hz")?;
        check("mix of delay", self.mix, 0.0..=1.0, "")
    }

    fn build(&self, context: &EffectContext) -> Box<dyn Effect> {
        let rate = context.sample_rate;
        let frames = rate.frames(f64::from(self.beats) * context.tempo.seconds_per_quarter()).max(1);
        let line = DelayLine::new(frames);
        Box::new(RunningDelay {
            spec: self.clone(),
            frames,
            lines: [line.clone(), line],
            low_cut: OnePole::new(rate, self.low_cut_hz),
            high_cut: OnePole::new(rate, self.high_cut_hz),
            // Ten time constants of the low cut, the slower filter.
            ring_frames: rate.frames(10.4 / f64::from(std::f32::consts::TAU * self.low_cut_hz)),
        })
    }
}

struct RunningDelay {
    spec: Delay,
    frames: usize,
    lines: [DelayLine; 2],
    low_cut: OnePole,
    high_cut: OnePole,
    ring_frames: usize,
}

impl Effect for RunningDelay {
    fn process(&mut self, block: &mut [StereoFrame], _key: Option<&[StereoFrame]>) {
        let feedback = self.spec.feedback;
        for frame in block {
            let echo = [self.lines[0].read(self.frames), self.lines[1].read(self.frames)];
            let echo = self.low_cut.high(self.high_cut.low(echo));
            let fed = if self.spec.ping_pong {
                // The input enters on the left; each side feeds the other.
                [0.5 * (frame[0] + frame[1]) + feedback * echo[1], feedback * echo[0]]
            } else {
                [frame[0] + feedback * echo[0], frame[1] + feedback * echo[1]]
            };
            for (line, sample) in self.lines.iter_mut().zip(fed) {
                line.write(flush(sample));
            }
            *frame = crossfade(*frame, echo, self.spec.mix);
        }
    }

    fn reset(&mut self) {
        self.lines.iter_mut().for_each(DelayLine::reset);
        self.low_cut.reset();
        self.high_cut.reset();
    }

    fn tail_frames(&self) -> usize {
        let echoes = if self.spec.feedback < 1e-4 { 1.0 } else { 1.0 - 90.0 / (20.0 * self.spec.feedback.log10()) };
        echoes.ceil() as usize * (self.frames + self.ring_frames / 8) + self.ring_frames
    }
}
