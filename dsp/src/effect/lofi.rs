//! Lo-fi: the low rate and few bits of an old sampler, and the wow of a tape.

use super::{Effect, EffectContext, Parameters, Sweep, check};
use crate::audio::StereoFrame;
use crate::delay_line::DelayLine;
use crate::error::Result;
use serde::{Deserialize, Serialize};
use std::f64::consts::TAU;

/// Sample-rate and bit reduction without any filter, after a gentle wow. In a loop, holds and wow repeat with it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Lofi {
    /// Rate at which samples are taken and held: 1 000 to 48 000 Hz, default 14 000.
    pub rate_hz: f32,
    /// Bits in a sample: 3 to 24, default 12.
    pub bits: f32,
    /// Deepest detuning by the wow: 0 to 50 cents, default 6.
    pub wow_cents: f32,
    /// Turns per second of the wow: 0.1 to 8 Hz, default 0.5.
    pub wow_hz: f32,
}

impl Default for Lofi {
    fn default() -> Self {
        Self { rate_hz: 14_000.0, bits: 12.0, wow_cents: 6.0, wow_hz: 0.5 }
    }
}

impl Parameters for Lofi {
    fn validate(&self) -> Result<()> {
        check("rate_hz of lofi", self.rate_hz, 1_000.0..=48_000.0, "Hz")?;
        check("bits of lofi", self.bits, 3.0..=24.0, "")?;
        check("wow_cents of lofi", self.wow_cents, 0.0..=50.0, "cents")?;
        check("wow_hz of lofi", self.wow_hz, 0.1..=8.0, "Hz")
    }

    fn build(&self, context: &EffectContext) -> Box<dyn Effect> {
        let rate = context.sample_rate;
        let sweep = Sweep::new(context, self.wow_hz);
        // A delay that swings by d frames at w radians per frame detunes by the factor 1 + d w.
        let detuning = (f64::from(self.wow_cents) / 1200.0).exp2() - 1.0;
        let depth = detuning * rate.hz() / (TAU * sweep.rate_hz(rate));
        let period = context.period_frames.unwrap_or(rate.as_u32() as usize).max(1);
        let holds = (f64::from(self.rate_hz) * rate.seconds(period)).round() as usize;
        let line = DelayLine::new(2 * depth.ceil() as usize + 4);
        Box::new(RunningLofi {
            steps: (self.bits - 1.0).exp2(),
            lines: [line.clone(), line],
            sweep,
            depth: depth as f32,
            period,
            holds: holds.clamp(1, period),
            phase: 0,
            held: [0.0; 2],
        })
    }
}

struct RunningLofi {
    steps: f32,
    lines: [DelayLine; 2],
    sweep: Sweep,
    depth: f32,
    period: usize,
    /// Samples taken in a period.
    holds: usize,
    /// Counts up by `holds` a frame; a sample is taken where it passes `period`.
    phase: usize,
    held: StereoFrame,
}

impl RunningLofi {
    fn mean_delay(&self) -> f32 {
        self.depth.ceil() + 2.0
    }
}

impl Effect for RunningLofi {
    fn process(&mut self, block: &mut [StereoFrame], _key: Option<&[StereoFrame]>) {
        let mean_delay = self.mean_delay();
        for frame in block {
            let [_, sin] = self.sweep.tick();
            for (line, sample) in self.lines.iter_mut().zip(*frame) {
                line.write(sample);
            }
            self.phase += self.holds;
            if self.phase >= self.period {
                self.phase -= self.period;
                let delay = mean_delay + self.depth * sin;
                for (held, line) in self.held.iter_mut().zip(&self.lines) {
                    *held = (self.steps * line.read_cubic(delay)).round() / self.steps;
                }
            }
            *frame = self.held;
        }
    }

    fn reset(&mut self) {
        self.lines.iter_mut().for_each(DelayLine::reset);
        self.sweep.reset();
        self.phase = 0;
        self.held = [0.0; 2];
    }

    fn tail_frames(&self) -> usize {
        2 * self.mean_delay() as usize + 4 + self.period / self.holds
    }

    fn latency_frames(&self) -> usize {
        // The newest sample is read at a delay of 1; a held sample is half a hold old.
        self.mean_delay() as usize - 1 + self.period / self.holds / 2
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::effect::MAX_BLOCK;
    use crate::score::Tempo;
    use crate::units::SampleRate;

    #[test]
    fn samples_are_held_and_have_as_many_steps_as_their_bits() {
        let tempo = Tempo::new(120.0).expect("valid");
        let context = EffectContext { sample_rate: SampleRate::CD, tempo, period_frames: None };
        let mut effect = Lofi { rate_hz: 4_410.0, bits: 4.0, wow_cents: 0.0, ..Lofi::default() }.build(&context);
        let sine = |n: usize| (0.003 * n as f32).sin();
        let mut frames: Vec<StereoFrame> = (0..44_100).map(|n| [sine(n); 2]).collect();
        frames.chunks_mut(MAX_BLOCK).for_each(|block| effect.process(block, None));
        let mut steps: Vec<i32> = frames.iter().map(|frame| (8.0 * frame[0]).round() as i32).collect();
        // Whole steps of an eighth: 4 bits from -8 to 8.
        assert!(frames.iter().zip(&steps).all(|(frame, step)| (8.0 * frame[0] - *step as f32).abs() < 1e-5));
        steps.sort_unstable();
        steps.dedup();
        assert_eq!(steps, (-8..=8).collect::<Vec<i32>>());
        // A new value every tenth frame at most.
        let changes: Vec<usize> = (1..frames.len()).filter(|&n| frames[n] != frames[n - 1]).collect();
        assert!(changes.windows(2).all(|pair| (pair[1] - pair[0]).is_multiple_of(10)));
    }
}
