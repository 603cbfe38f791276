//! Ensemble: the triple chorus of a string machine.

use super::{Biquad, Effect, EffectContext, Parameters, Sweep, check, crossfade};
use crate::audio::StereoFrame;
use crate::delay_line::DelayLine;
use crate::error::Result;
use serde::{Deserialize, Serialize};
use std::f32::consts::TAU;

/// Three bucket-brigade delays a third of a turn apart, each swung by a slow and a fast sine, as in string machines of the
/// seventies.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Ensemble {
    /// Turns per second of the slow swing: 0.1 to 2 Hz, default 0.6; the fast one is ten times as fast. In a loop, the nearest
    /// whole number of turns.
    pub rate_hz: f32,
    /// Depth of both: 0.0 to 2.0, default 1.0: 2 ms slowly and 0.2 ms fast.
    pub depth: f32,
    /// What the buckets lose above: 2 000 to 16 000 Hz, default 9 000.
    pub tone_hz: f32,
    /// 0.0 (dry) to 1.0 (default 0.7).
    pub mix: f32,
}

impl Default for Ensemble {
    fn default() -> Self {
        Self { rate_hz: 0.6, depth: 1.0, tone_hz: 9_000.0, mix: 0.7 }
    }
}

/// Mean delay, and swings at depth 1.
const DELAY_MS: f32 = 6.5;
const SLOW_MS: f32 = 2.0;
const FAST_MS: f32 = 0.2;
/// The middle line beside its side's own.
const MIDDLE: f32 = 0.6;

impl Parameters for Ensemble {
    fn validate(&self) -> Result<()> {
        check("rate_hz of ensemble", self.rate_hz, 0.1..=2.0, "Hz")?;
        check("depth of ensemble", self.depth, 0.0..=2.0, "")?;
        check("tone_hz of ensemble", self.tone_hz, 2_000.0..=16_000.0, "Hz")?;
        check("mix of ensemble", self.mix, 0.0..=1.0, "")
    }

    fn build(&self, context: &EffectContext) -> Box<dyn Effect> {
        let frames = |ms: f32| 1e-3 * ms * context.sample_rate.hz() as f32;
        let depths = [SLOW_MS, FAST_MS].map(|ms| frames(self.depth * ms));
        let delay = frames(DELAY_MS);
        let line = DelayLine::new((delay + depths[0] + depths[1]) as usize + 2);
        Box::new(RunningEnsemble {
            lines: [line.clone(), line.clone(), line],
            sweeps: [1.0, 10.0].map(|times| Sweep::new(context, times * self.rate_hz)),
            depths,
            delay,
            tone: Biquad::low_pass(context.sample_rate, f64::from(self.tone_hz)),
            mix: self.mix,
        })
    }
}

struct RunningEnsemble {
    /// Left, middle, right.
    lines: [DelayLine; 3],
    sweeps: [Sweep; 2],
    depths: [f32; 2],
    delay: f32,
    tone: Biquad,
    mix: f32,
}

impl Effect for RunningEnsemble {
    fn process(&mut self, block: &mut [StereoFrame], _key: Option<&[StereoFrame]>) {
        let thirds = [0.0, 1.0, 2.0].map(|third| ((TAU * third / 3.0).cos(), (TAU * third / 3.0).sin()));
        // The lines move apart, so their powers add, and those of dry and wet do.
        let gain = 1.2 / (1.0 + MIDDLE * MIDDLE).sqrt();
        for frame in block {
            let [left, right] = self.tone.tick(frame.map(f64::from)).map(|sample| sample as f32);
            let inputs = [left, 0.5 * (left + right), right];
            let [[slow_cos, slow_sin], [fast_cos, fast_sin]] = [self.sweeps[0].tick(), self.sweeps[1].tick()];
            let mut heard = [0.0; 3];
            for (((heard, line), input), (cos, sin)) in heard.iter_mut().zip(&mut self.lines).zip(inputs).zip(thirds) {
                let slow = self.depths[0] * (slow_sin * cos + slow_cos * sin);
                let fast = self.depths[1] * (fast_sin * cos + fast_cos * sin);
                line.write(input);
                *heard = line.read_cubic(self.delay + slow + fast);
            }
            let wet = [gain * (heard[0] + MIDDLE * heard[1]), gain * (heard[2] + MIDDLE * heard[1])];
            *frame = crossfade(*frame, wet, self.mix);
        }
        self.tone.flush();
    }

    fn reset(&mut self) {
        self.lines.iter_mut().for_each(DelayLine::reset);
        self.sweeps.iter_mut().for_each(Sweep::reset);
        self.tone.reset();
    }

    fn tail_frames(&self) -> usize {
        (self.delay + self.depths[0] + self.depths[1]).ceil() as usize + 2 + self.tone.tail_frames()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::effect::MAX_BLOCK;
    use crate::score::Tempo;
    use crate::units::SampleRate;

    #[test]
    fn a_mono_chord_becomes_wide_and_survives_mono() {
        let tempo = Tempo::new(120.0).expect("valid");
        let context = EffectContext { sample_rate: SampleRate::CD, tempo, period_frames: None };
        let mut effect = Ensemble::default().build(&context);
        let chord = |n: usize| {
            [220.0, 277.2, 329.6, 880.0].map(|hz| (TAU * hz * n as f32 / 44_100.0).sin()).iter().sum::<f32>()
        };
        let mut frames: Vec<StereoFrame> = (0..220_500).map(|n| [0.2 * chord(n); 2]).collect();
        let input: f32 = frames.iter().map(|frame| frame[0] * frame[0]).sum();
        frames.chunks_mut(MAX_BLOCK).for_each(|block| effect.process(block, None));
        let sum = |f: &dyn Fn(&StereoFrame) -> f32| frames.iter().map(f).sum::<f32>();
        let sides = [sum(&|frame| frame[0] * frame[0]), sum(&|frame| frame[1] * frame[1])];
        let correlation = sum(&|frame| frame[0] * frame[1]) / (sides[0] * sides[1]).sqrt();
        assert!((0.0..0.8).contains(&correlation), "{correlation}");
        // Within 3 dB of the input on both sides and in mono.
        let mono = sum(&|frame| 0.25 * (frame[0] + frame[1]).powi(2));
        for level in [sides[0], sides[1], mono] {
            assert!((level / input).log10().abs() < 0.3, "{}", 10.0 * (level / input).log10());
        }
    }
}
