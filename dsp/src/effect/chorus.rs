//! Chorus: slowly modulated copies of the sound beside it.

use super::{Effect, EffectContext, Parameters, Sweep, check, crossfade, flush};
use crate::audio::StereoFrame;
use crate::delay_line::DelayLine;
use crate::error::Result;
use serde::{Deserialize, Serialize};
use std::f32::consts::TAU;

/// Chorus: two copies a side (Dattorro, "Effect design, part 2", 1997). With a short delay and feedback it is a flanger.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Chorus {
    /// Turns per second: 0.05 to 8 Hz, default 0.6. In a loop, the nearest whole number of turns.
    pub rate_hz: f32,
    /// Mean delay: 1 to 40 ms, default 14.
    pub delay_ms: f32,
    /// How far the delay swings to either side: 0 to 10 ms and not beyond the delay itself; default 2.5.
    pub depth_ms: f32,
    /// Output fed back into the delay: -0.9 to 0.9, default 0.
    pub feedback: f32,
    /// 0.0 (dry) to 1.0; default 0.5.
    pub mix: f32,
}

impl Default for Chorus {
    fn default() -> Self {
        Self { rate_hz: 0.6, delay_ms: 14.0, depth_ms: 2.5, feedback: 0.0, mix: 0.5 }
    }
}

impl Parameters for Chorus {
    fn validate(&self) -> Result<()> {
        check("rate_hz of chorus", self.rate_hz, 0.05..=8.0, "Hz")?;
        check("delay_ms of chorus", self.delay_ms, 1.0..=40.0, "ms")?;
        check("depth_ms of chorus", self.depth_ms, 0.0..=10.0, "ms")?;
        check("feedback of chorus", self.feedback, -0.9..=0.9, "")?;
        check("mix of chorus", self.mix, 0.0..=1.0, "")
    }

    fn build(&self, context: &EffectContext) -> Box<dyn Effect> {
        let frames = |ms: f32| ms * 1e-3 * context.sample_rate.hz() as f32;
        let delay = frames(self.delay_ms);
        let depth = frames(self.depth_ms).min(delay - 3.0).max(0.0);
        let line = DelayLine::new((delay + depth) as usize + 2);
        Box::new(RunningChorus {
            lines: [line.clone(), line],
            sweep: Sweep::new(context, self.rate_hz),
            delay,
            depth,
            feedback: self.feedback,
            mix: self.mix,
        })
    }
}

/// Phases of the copies in turns, left then right: never two alike at once.
const PHASES: [[f32; 2]; 2] = [[0.0, 0.5], [0.25, 0.75]];

struct RunningChorus {
    lines: [DelayLine; 2],
    sweep: Sweep,
    delay: f32,
    depth: f32,
    feedback: f32,
    mix: f32,
}

impl Effect for RunningChorus {
    fn process(&mut self, block: &mut [StereoFrame], _key: Option<&[StereoFrame]>) {
        let turns = PHASES.map(|side| side.map(|phase| ((TAU * phase).cos(), (TAU * phase).sin())));
        for frame in block {
            let [cos, sin] = self.sweep.tick();
            let mut wet = [0.0; 2];
            for ((wet, line), side) in wet.iter_mut().zip(&self.lines).zip(turns) {
                // Half amplitude each: the copies are only partly alike, so their sum is about as loud as the input.
                let copies = side.map(|(c, s)| line.read_cubic(self.delay + self.depth * (c * cos - s * sin)));
                *wet = std::f32::consts::FRAC_1_SQRT_2 * (copies[0] + copies[1]);
            }
            for ((line, dry), wet) in self.lines.iter_mut().zip(*frame).zip(wet) {
                line.write(flush(dry + std::f32::consts::FRAC_1_SQRT_2 * self.feedback * wet));
            }
            *frame = crossfade(*frame, wet, self.mix);
        }
    }

    fn reset(&mut self) {
        self.lines.iter_mut().for_each(DelayLine::reset);
        self.sweep.reset();
    }

    fn tail_frames(&self) -> usize {
        let rounds = match self.feedback.abs() {
            none if none < 1e-4 => 1.0,
            feedback => 1.0 + (-90.0 / (20.0 * feedback.log10())).ceil(),
        };
        (rounds * (self.delay + self.depth)).ceil() as usize + 2
    }
}
