//! Compressor, with a side-chain input.

use super::frame_delay::FrameDelay;
use super::reduction::{Curve, Reduction};
use super::{Effect, EffectContext, MAX_BLOCK, Parameters, check};
use crate::audio::StereoFrame;
use crate::error::Result;
use crate::units::db_to_gain;
use serde::{Deserialize, Serialize};

/// Feed-forward compressor with soft knee (Giannoulis, Massberg and Reiss, "Digital dynamic range compressor design", 2012); both
/// channels share one gain.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Compressor {
    /// Level above which it works: -60 to 0 dBFS, default -18.
    pub threshold_db: f32,
    /// dB in for one dB out, above the threshold: 1 to 100, default 3.
    pub ratio: f32,
    /// Width of the knee around the threshold: 0 to 24 dB, default 6.
    pub knee_db: f32,
    /// 0.05 to 200 ms, default 10.
    pub attack_ms: f32,
    /// 5 to 2 000 ms, default 120.
    pub release_ms: f32,
    /// Gain behind it: 0 to 24 dB, default 0.
    pub makeup_db: f32,
    /// 0.0 (dry) to 1.0 (default); between, parallel compression.
    pub mix: f32,
    /// Time by which it knows what comes, so that it is down before the peak: 0 (default) to 20 ms.
    pub lookahead_ms: f32,
    /// Listens to the side-chain input (in a mix: the drums) where there is one; default false.
    pub sidechain: bool,
}

impl Default for Compressor {
    fn default() -> Self {
        Self {
            threshold_db: -18.0,
            ratio: 3.0,
            knee_db: 6.0,
            attack_ms: 10.0,
            release_ms: 120.0,
            makeup_db: 0.0,
            mix: 1.0,
            lookahead_ms: 0.0,
            sidechain: false,
        }
    }
}

impl Compressor {
    /// dB taken off a constant level, 0 or more.
    pub fn reduction_db(&self, level_db: f32) -> f32 {
        self.curve().reduction_db(level_db)
    }

    fn curve(&self) -> Curve {
        Curve { threshold_db: self.threshold_db, ratio: self.ratio, knee_db: self.knee_db }
    }
}

impl Parameters for Compressor {
    fn validate(&self) -> Result<()> {
        check("threshold_db of compressor", self.threshold_db, -60.0..=0.0, "dB")?;
        check("ratio of compressor", self.ratio, 1.0..=100.0, "")?;
        check("knee_db of compressor", self.knee_db, 0.0..=24.0, "dB")?;
        check("attack_ms of compressor", self.attack_ms, 0.05..=200.0, "ms")?;
        check("release_ms of compressor", self.release_ms, 5.0..=2_000.0, "ms")?;
        check("makeup_db of compressor", self.makeup_db, 0.0..=24.0, "dB")?;
        check("mix of compressor", self.mix, 0.0..=1.0, "")?;
        check("lookahead_ms of compressor", self.lookahead_ms, 0.0..=20.0, "ms")
    }

    fn build(&self, context: &EffectContext) -> Box<dyn Effect> {
        let rate = context.sample_rate;
        Box::new(RunningCompressor {
            reduction: Reduction::new(rate, self.curve(), self.attack_ms, self.release_ms),
            makeup: db_to_gain(self.makeup_db),
            mix: self.mix,
            sidechain: self.sidechain,
            look_ahead: FrameDelay::new(rate.frames(1e-3 * f64::from(self.lookahead_ms))),
        })
    }
}

struct RunningCompressor {
    reduction: Reduction,
    makeup: f32,
    mix: f32,
    sidechain: bool,
    look_ahead: FrameDelay,
}

impl Effect for RunningCompressor {
    fn process(&mut self, block: &mut [StereoFrame], key: Option<&[StereoFrame]>) {
        let mut gains = [0.0; MAX_BLOCK];
        let heard = key.filter(|_| self.sidechain).unwrap_or(block);
        for (gain, [left, right]) in gains.iter_mut().zip(heard) {
            *gain = self.reduction.gain(left.abs().max(right.abs()));
        }
        self.reduction.flush();
        self.look_ahead.process(block);
        for (frame, gain) in block.iter_mut().zip(gains) {
            let gain = 1.0 + self.mix * (self.makeup * gain - 1.0);
            *frame = [gain * frame[0], gain * frame[1]];
        }
    }

    fn reset(&mut self) {
        self.reduction.reset();
        self.look_ahead.reset();
    }

    fn tail_frames(&self) -> usize {
        self.look_ahead.frames()
    }

    fn settle_frames(&self) -> usize {
        self.reduction.settle_frames() + self.look_ahead.frames()
    }

    fn latency_frames(&self) -> usize {
        self.look_ahead.frames()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score::Tempo;
    use crate::units::{SampleRate, gain_to_db};

    #[test]
    fn a_constant_level_comes_out_on_the_static_curve() {
        let spec = Compressor { threshold_db: -20.0, ratio: 4.0, knee_db: 8.0, ..Compressor::default() };
        let tempo = Tempo::new(120.0).expect("valid");
        let context = EffectContext { sample_rate: SampleRate::CD, tempo, period_frames: None };
        for level_db in (-40..=0).map(|level| level as f32) {
            // Written out anew from the paper's three cases.
            let expected = match level_db + 20.0 {
                over if over <= -4.0 => level_db,
                over if over >= 4.0 => -20.0 + over / 4.0,
                over => level_db + (0.25 - 1.0) * (over + 4.0).powi(2) / 16.0,
            };
            let mut effect = spec.build(&context);
            let mut last = [0.0; 2];
            for _ in 0..700 {
                let mut block = [[db_to_gain(level_db); 2]; 64];
                effect.process(&mut block, None);
                last = block[63];
            }
            assert!((gain_to_db(last[0]) - expected).abs() < 0.01, "{level_db} dB");
        }
    }

    #[test]
    fn the_side_chain_ducks_what_is_quiet_itself() {
        let spec = Compressor { sidechain: true, ..Compressor::default() };
        let tempo = Tempo::new(120.0).expect("valid");
        let mut effect = spec.build(&EffectContext { sample_rate: SampleRate::CD, tempo, period_frames: None });
        let mut last = [0.0; 2];
        for _ in 0..700 {
            let mut block = [[0.01; 2]; 64];
            effect.process(&mut block, Some(&[[0.0, 1.0]; 64]));
            last = block[63];
        }
        assert!((gain_to_db(last[0] / 0.01) + spec.reduction_db(0.0)).abs() < 0.01);
    }

    #[test]
    fn with_look_ahead_it_is_down_before_the_peak() {
        let tempo = Tempo::new(120.0).expect("valid");
        let context = EffectContext { sample_rate: SampleRate::CD, tempo, period_frames: None };
        let first_db = |lookahead_ms| {
            let mut effect = Compressor { attack_ms: 1.0, lookahead_ms, ..Compressor::default() }.build(&context);
            let delay = effect.latency_frames();
            let mut frames = vec![[0.0; 2]; 1_000 + delay];
            frames[500..].fill([1.0; 2]);
            frames.chunks_mut(MAX_BLOCK).for_each(|block| effect.process(block, None));
            gain_to_db(frames[500 + delay][0])
        };
        // 12 dB come off in the end: at once none of them, five attack times later all but 0.1 dB.
        assert!(first_db(0.0) > -0.5 && first_db(5.0) < -11.8, "{} {}", first_db(0.0), first_db(5.0));
    }
}
