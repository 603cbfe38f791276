//! Phaser: notches that wander.

use super::{Effect, EffectContext, Parameters, Sweep, check, crossfade, flush};
use crate::audio::StereoFrame;
use crate::error::Result;
use serde::{Deserialize, Serialize};
use std::f32::consts::PI;

/// Phaser of six first-order all-passes (Smith, "An allpass approach to digital phasing and flanging", 1984): three notches; the
/// right side runs a quarter turn behind the left.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Phaser {
    /// Turns per second: 0.05 to 8 Hz, default 0.3. In a loop, the nearest whole number of turns.
    pub rate_hz: f32,
    /// Middle of the sweep: 100 to 4 000 Hz, default 800.
    pub center_hz: f32,
    /// Octaves to either side: 0 to 3, default 1.5.
    pub octaves: f32,
    /// Sharpens the peaks between the notches: 0.0 to 0.9, default 0.4.
    pub feedback: f32,
    /// 0.0 (dry) to 1.0; the notches are deepest at 0.5, the default.
    pub mix: f32,
}

impl Default for Phaser {
    fn default() -> Self {
        Self { rate_hz: 0.3, center_hz: 800.0, octaves: 1.5, feedback: 0.4, mix: 0.5 }
    }
}

impl Parameters for Phaser {
    fn validate(&self) -> Result<()> {
        check("rate_hz of phaser", self.rate_hz, 0.05..=8.0, "Hz")?;
        check("center_hz of phaser", self.center_hz, 100.0..=4_000.0, "Hz")?;
        check("octaves of phaser", self.octaves, 0.0..=3.0, "octaves")?;
        check("feedback of phaser", self.feedback, 0.0..=0.9, "")?;
        check("mix of phaser", self.mix, 0.0..=1.0, "")
    }

    fn build(&self, context: &EffectContext) -> Box<dyn Effect> {
        let rate_hz = context.sample_rate.hz() as f32;
        Box::new(RunningPhaser {
            spec: self.clone(),
            sweep: Sweep::new(context, self.rate_hz),
            rate_hz,
            states: [[0.0; STAGES]; 2],
            fed_back: [0.0; 2],
        })
    }
}

const STAGES: usize = 6;

struct RunningPhaser {
    spec: Phaser,
    sweep: Sweep,
    rate_hz: f32,
    states: [[f32; STAGES]; 2],
    fed_back: StereoFrame,
}

impl Effect for RunningPhaser {
    fn process(&mut self, block: &mut [StereoFrame], _key: Option<&[StereoFrame]>) {
        for frame in block {
            let turns = self.sweep.tick();
            let mut wet = *frame;
            for (channel, wet) in wet.iter_mut().enumerate() {
                let hz = self.spec.center_hz * (self.spec.octaves * turns[channel]).exp2();
                let warped = (PI * (hz / self.rate_hz).min(0.45)).tan();
                let coefficient = (warped - 1.0) / (warped + 1.0);
                let mut sample = *wet + self.spec.feedback * self.fed_back[channel];
                for state in &mut self.states[channel] {
                    let passed = coefficient * sample + *state;
                    *state = flush(sample - coefficient * passed);
                    sample = passed;
                }
                self.fed_back[channel] = sample;
                *wet = sample;
            }
            *frame = crossfade(*frame, wet, self.spec.mix);
        }
    }

    fn reset(&mut self) {
        self.sweep.reset();
        self.states = [[0.0; STAGES]; 2];
        self.fed_back = [0.0; 2];
    }

    fn tail_frames(&self) -> usize {
        // Slowest where the sweep is lowest: six time constants of that all-pass in a row, rung on by the feedback.
        let lowest_hz = self.spec.center_hz * (-self.spec.octaves).exp2();
        let constant = self.rate_hz / (2.0 * PI * lowest_hz);
        (constant * (30.0 + 10.4 * STAGES as f32 / (1.0 - self.spec.feedback))).ceil() as usize
    }
}
