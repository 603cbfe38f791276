//! Compressor, with a side-chain input.

use super::{Effect, EffectContext, Parameters, check};
use crate::audio::StereoFrame;
use crate::error::Result;
use crate::units::db_to_gain;
use serde::{Deserialize, Serialize};

/// Feed-forward compressor with soft knee; both channels share one gain. Gain computer and smooth decoupled peak detector in
/// the log domain: Giannoulis, Massberg and Reiss, "Digital dynamic range compressor design", 2012.
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
            sidechain: false,
        }
    }
}

impl Compressor {
    /// dB taken off a constant level, 0 or more (Giannoulis and others, equation 4).
    pub fn reduction_db(&self, level_db: f32) -> f32 {
        let slope = 1.0 - 1.0 / self.ratio;
        let over = level_db - self.threshold_db;
        if 2.0 * over < -self.knee_db {
            0.0
        } else if 2.0 * over <= self.knee_db {
            slope * (over + self.knee_db / 2.0).powi(2) / (2.0 * self.knee_db.max(1e-6))
        } else {
            slope * over
        }
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
        check("mix of compressor", self.mix, 0.0..=1.0, "")
    }

    fn build(&self, context: &EffectContext) -> Box<dyn Effect> {
        // One time constant in the given time.
        let coefficient = |ms: f32| (-1.0 / (f64::from(ms) * 1e-3 * context.sample_rate.hz())).exp() as f32;
        Box::new(RunningCompressor {
            spec: self.clone(),
            floor: db_to_gain(self.threshold_db - self.knee_db / 2.0),
            attack: coefficient(self.attack_ms),
            release: coefficient(self.release_ms),
            makeup: db_to_gain(self.makeup_db),
            // Ten times the 1/e times is -87 dB of a full-scale reduction; 12 is on the safe side.
            settle_frames: context.sample_rate.frames(12e-3 * f64::from(self.attack_ms + self.release_ms)),
            peak_db: 0.0,
            reduction_db: 0.0,
        })
    }
}

struct RunningCompressor {
    spec: Compressor,
    /// Amplitude below which the gain computer gives 0 dB.
    floor: f32,
    attack: f32,
    release: f32,
    makeup: f32,
    settle_frames: usize,
    peak_db: f32,
    reduction_db: f32,
}

impl RunningCompressor {
    #[inline]
    fn gain(&mut self, level: f32) -> f32 {
        // 20 log10(x) = 6.02 log2(x).
        const DB_PER_OCTAVE: f32 = 6.020_6;
        let wanted = if level > self.floor { self.spec.reduction_db(DB_PER_OCTAVE * level.log2()) } else { 0.0 };
        self.peak_db = wanted.max(wanted + self.release * (self.peak_db - wanted));
        self.reduction_db = self.peak_db + self.attack * (self.reduction_db - self.peak_db);
        if self.reduction_db < 1e-6 { 1.0 } else { (-self.reduction_db / DB_PER_OCTAVE).exp2() }
    }
}

impl Effect for RunningCompressor {
    fn process(&mut self, block: &mut [StereoFrame], key: Option<&[StereoFrame]>) {
        let key = key.filter(|_| self.spec.sidechain);
        for (index, frame) in block.iter_mut().enumerate() {
            let [left, right] = key.map_or(*frame, |key| key[index]);
            let compressed = self.makeup * self.gain(left.abs().max(right.abs()));
            let gain = 1.0 + self.spec.mix * (compressed - 1.0);
            *frame = [gain * frame[0], gain * frame[1]];
        }
        if self.peak_db < 1e-12 {
            self.peak_db = 0.0;
        }
        if self.reduction_db < 1e-12 {
            self.reduction_db = 0.0;
        }
    }

    fn reset(&mut self) {
        self.peak_db = 0.0;
        self.reduction_db = 0.0;
    }

    fn tail_frames(&self) -> usize {
        0
    }

    fn settle_frames(&self) -> usize {
        self.settle_frames
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
}
