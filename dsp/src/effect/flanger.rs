//! Flanger: a comb that sweeps.

use super::{Effect, EffectContext, Parameters, Sweep, check, crossfade, flush};
use crate::audio::StereoFrame;
use crate::delay_line::DelayLine;
use crate::error::Result;
use serde::{Deserialize, Serialize};

/// Flanger (Dattorro, "Effect design, part 2", 1997): a short delay, swept by octaves and fed back; the right side runs a quarter
/// turn behind the left.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Flanger {
    /// Turns per second: 0.02 to 8 Hz, default 0.2. In a loop, the nearest whole number of turns.
    pub rate_hz: f32,
    /// Delay in the middle of the sweep: 0.3 to 10 ms, default 1.6: the first notch is at 310 Hz.
    pub delay_ms: f32,
    /// Octaves to either side: 0 to 3, default 1.5. The delay stays above two frames.
    pub octaves: f32,
    /// Sharpens the teeth: -0.95 to 0.95, default 0.5; below 0 the comb sounds hollow.
    pub feedback: f32,
    /// 0.0 (dry) to 1.0; the notches are deepest at 0.5, the default.
    pub mix: f32,
}

impl Default for Flanger {
    fn default() -> Self {
        Self { rate_hz: 0.2, delay_ms: 1.6, octaves: 1.5, feedback: 0.5, mix: 0.5 }
    }
}

impl Parameters for Flanger {
    fn validate(&self) -> Result<()> {
        check("rate_hz of flanger", self.rate_hz, 0.02..=8.0, "Hz")?;
        check("delay_ms of flanger", self.delay_ms, 0.3..=10.0, "ms")?;
        check("octaves of flanger", self.octaves, 0.0..=3.0, "octaves")?;
        check("feedback of flanger", self.feedback, -0.95..=0.95, "")?;
        check("mix of flanger", self.mix, 0.0..=1.0, "")
    }

    fn build(&self, context: &EffectContext) -> Box<dyn Effect> {
        let delay = 1e-3 * self.delay_ms * context.sample_rate.hz() as f32;
        let longest = (delay * self.octaves.exp2()).max(LEAST_FRAMES);
        let line = DelayLine::new(longest as usize + 2);
        Box::new(RunningFlanger {
            spec: self.clone(),
            sweep: Sweep::new(context, self.rate_hz),
            delay,
            longest,
            lines: [line.clone(), line],
            // With feedback the comb's power is that of the geometric series.
            gain: (1.0 - self.feedback * self.feedback).sqrt(),
        })
    }
}

/// What cubic interpolation needs.
const LEAST_FRAMES: f32 = 2.0;

struct RunningFlanger {
    spec: Flanger,
    sweep: Sweep,
    delay: f32,
    longest: f32,
    lines: [DelayLine; 2],
    gain: f32,
}

impl Effect for RunningFlanger {
    fn process(&mut self, block: &mut [StereoFrame], _key: Option<&[StereoFrame]>) {
        for frame in block {
            let turns = self.sweep.tick();
            let mut wet = [0.0; 2];
            for (channel, line) in self.lines.iter_mut().enumerate() {
                let delay = (self.delay * (self.spec.octaves * turns[channel]).exp2()).max(LEAST_FRAMES);
                let heard = line.read_cubic(delay);
                line.write(flush(frame[channel] + self.spec.feedback * heard));
                wet[channel] = self.gain * heard;
            }
            *frame = crossfade(*frame, wet, self.spec.mix);
        }
    }

    fn reset(&mut self) {
        self.sweep.reset();
        self.lines.iter_mut().for_each(DelayLine::reset);
    }

    fn tail_frames(&self) -> usize {
        let rounds = match self.spec.feedback.abs() {
            none if none < 1e-4 => 1.0,
            feedback => 1.0 + (-90.0 / (20.0 * feedback.log10())).ceil(),
        };
        (rounds * self.longest).ceil() as usize + 2
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::effect::MAX_BLOCK;
    use crate::score::Tempo;
    use crate::units::SampleRate;

    #[test]
    fn a_still_flanger_is_a_comb_with_its_teeth_where_the_delay_says() {
        let spec = Flanger { octaves: 0.0, delay_ms: 2.0, feedback: 0.0, ..Flanger::default() };
        let tempo = Tempo::new(120.0).expect("valid");
        let context = EffectContext { sample_rate: SampleRate::CD, tempo, period_frames: None };
        // Half the dry and half of what was 2 ms ago: |cos(pi f 2 ms)|.
        for (hz, expected) in [(500.0, 1.0f64), (250.0, 0.0), (750.0, 0.0), (333.333, 0.5)] {
            let mut effect = spec.build(&context);
            let step = std::f64::consts::TAU * hz / 44_100.0;
            let mut frames: Vec<StereoFrame> = (0..44_100).map(|n| [(step * f64::from(n)).sin() as f32; 2]).collect();
            frames.chunks_mut(MAX_BLOCK).for_each(|block| effect.process(block, None));
            let power = frames[22_050..].iter().map(|frame| f64::from(frame[0]).powi(2)).sum::<f64>() / 22_050.0;
            // 2 ms is 88.2 frames, between which the cubic loses some thousandths.
            assert!(((2.0 * power).sqrt() - expected).abs() < 0.01, "{hz} Hz: {}", (2.0 * power).sqrt());
        }
    }
}
