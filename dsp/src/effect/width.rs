//! Width: the balance of middle and sides.

use super::{Biquad, Effect, EffectContext, Parameters, check};
use crate::audio::StereoFrame;
use crate::error::Result;
use serde::{Deserialize, Serialize};

/// Stereo width by middle and side; the low end can be kept in the middle, so that it survives mono.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Width {
    /// 0.0 (mono), 1.0 (as it is, default) to 2.0 (sides 6 dB up).
    pub width: f32,
    /// Below this the sides fade away: 0 (off) to 500 Hz, default 120.
    pub mono_below_hz: f32,
}

impl Default for Width {
    fn default() -> Self {
        Self { width: 1.0, mono_below_hz: 120.0 }
    }
}

impl Parameters for Width {
    fn validate(&self) -> Result<()> {
        check("width of width", self.width, 0.0..=2.0, "")?;
        check("mono_below_hz of width", self.mono_below_hz, 0.0..=500.0, "Hz")
    }

    fn build(&self, context: &EffectContext) -> Box<dyn Effect> {
        let hz = f64::from(self.mono_below_hz);
        Box::new(RunningWidth {
            width: self.width,
            side_cut: (hz > 1.0).then(|| Biquad::high_pass(context.sample_rate, hz, std::f64::consts::FRAC_1_SQRT_2)),
        })
    }
}

struct RunningWidth {
    width: f32,
    side_cut: Option<Biquad>,
}

impl Effect for RunningWidth {
    fn process(&mut self, block: &mut [StereoFrame], _key: Option<&[StereoFrame]>) {
        for frame in block {
            let middle = 0.5 * (frame[0] + frame[1]);
            let side = 0.5 * self.width * (frame[0] - frame[1]);
            let side = match &mut self.side_cut {
                Some(filter) => filter.tick([f64::from(side), 0.0])[0] as f32,
                None => side,
            };
            *frame = [middle + side, middle - side];
        }
        if let Some(filter) = &mut self.side_cut {
            filter.flush();
        }
    }

    fn reset(&mut self) {
        if let Some(filter) = &mut self.side_cut {
            filter.reset();
        }
    }

    fn tail_frames(&self) -> usize {
        self.side_cut.as_ref().map_or(0, Biquad::tail_frames)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score::Tempo;
    use crate::units::SampleRate;

    #[test]
    fn the_mono_sum_is_untouched_and_width_0_is_mono() {
        let tempo = Tempo::new(120.0).expect("valid");
        let context = EffectContext { sample_rate: SampleRate::CD, tempo, period_frames: None };
        for width in [0.0, 0.5, 2.0] {
            let mut effect = Width { width, mono_below_hz: 200.0 }.build(&context);
            let mut block: Vec<StereoFrame> = (0..64).map(|n| [(n as f32).sin(), (n as f32 * 0.7).cos()]).collect();
            let before = block.clone();
            effect.process(&mut block, None);
            for (frame, before) in block.iter().zip(&before) {
                // Rounding of a sum of two numbers below 2.
                assert!((frame[0] + frame[1] - before[0] - before[1]).abs() < 1e-6);
                assert!(width > 0.0 || frame[0] == frame[1]);
            }
        }
    }

    #[test]
    fn the_low_end_is_mono_and_the_rest_as_wide_as_asked() {
        let tempo = Tempo::new(120.0).expect("valid");
        let context = EffectContext { sample_rate: SampleRate::CD, tempo, period_frames: None };
        let side_db = |hz: f32| {
            let mut effect = Width { width: 2.0, mono_below_hz: 120.0 }.build(&context);
            let sine = |n: usize| 0.1 * (std::f32::consts::TAU * hz * n as f32 / 44_100.0).sin();
            let mut frames: Vec<StereoFrame> = (0..44_100).map(|n| [sine(n), -sine(n)]).collect();
            frames.chunks_mut(64).for_each(|block| effect.process(block, None));
            let power: f32 = frames[22_050..].iter().map(|frame| (frame[0] - frame[1]).powi(2)).sum::<f32>() / 22_050.0;
            10.0 * (power / 0.02).log10()
        };
        // 12 dB an octave below the corner, 6 dB more than before above it.
        assert!((side_db(2_000.0) - 6.02).abs() < 0.05, "{}", side_db(2_000.0));
        assert!((side_db(30.0) - 6.02 + 24.1).abs() < 0.3, "{}", side_db(30.0));
    }
}
