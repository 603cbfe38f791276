//! Multiband compressor.

use super::crossover::Crossover;
use super::frame_delay::FrameDelay;
use super::reduction::{Curve, Reduction};
use super::{Biquad, Effect, EffectContext, MAX_BLOCK, Parameters, check};
use crate::audio::StereoFrame;
use crate::error::Result;
use crate::units::db_to_gain;
use serde::{Deserialize, Serialize};

/// A compressor for each of three bands, with look-ahead; left alone, the bands add up flat.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Multiband {
    /// Between low and middle: 40 to 1 000 Hz, default 150.
    pub low_hz: f32,
    /// Between middle and high: 1 000 to 12 000 Hz, default 2 500.
    pub high_hz: f32,
    /// The low band.
    pub low: BandCompressor,
    /// The middle band.
    pub mid: BandCompressor,
    /// The high band.
    pub high: BandCompressor,
    /// Time by which the detectors know what comes: 0 to 20 ms, default 3.
    pub lookahead_ms: f32,
    /// 0.0 (off) to 1.0 (default); between, parallel compression.
    pub mix: f32,
}

/// The compressor of one band.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BandCompressor {
    /// Level of the band above which it works: -60 to 0 dBFS, default -24.
    pub threshold_db: f32,
    /// dB in for one dB out, above the threshold: 1 to 100, default 2.5.
    pub ratio: f32,
    /// 0.05 to 200 ms, default 12.
    pub attack_ms: f32,
    /// 5 to 2 000 ms, default 120.
    pub release_ms: f32,
    /// Gain behind it: -24 to 24 dB, default 0.
    pub gain_db: f32,
}

impl Default for BandCompressor {
    fn default() -> Self {
        Self { threshold_db: -24.0, ratio: 2.5, attack_ms: 12.0, release_ms: 120.0, gain_db: 0.0 }
    }
}

impl Default for Multiband {
    fn default() -> Self {
        let band = BandCompressor::default();
        Self {
            low_hz: 150.0,
            high_hz: 2_500.0,
            low: band.clone(),
            mid: band.clone(),
            high: band,
            lookahead_ms: 3.0,
            mix: 1.0,
        }
    }
}

/// Width of the knees: gentle, as the bands of a mix change all the time.
const KNEE_DB: f32 = 6.0;

impl Parameters for Multiband {
    fn validate(&self) -> Result<()> {
        check("low_hz of multiband", self.low_hz, 40.0..=1_000.0, "Hz")?;
        check("high_hz of multiband", self.high_hz, 1_000.0..=12_000.0, "Hz")?;
        check("lookahead_ms of multiband", self.lookahead_ms, 0.0..=20.0, "ms")?;
        check("mix of multiband", self.mix, 0.0..=1.0, "")?;
        for band in [&self.low, &self.mid, &self.high] {
            check("threshold_db of multiband", band.threshold_db, -60.0..=0.0, "dB")?;
            check("ratio of multiband", band.ratio, 1.0..=100.0, "")?;
            check("attack_ms of multiband", band.attack_ms, 0.05..=200.0, "ms")?;
            check("release_ms of multiband", band.release_ms, 5.0..=2_000.0, "ms")?;
            check("gain_db of multiband", band.gain_db, -24.0..=24.0, "dB")?;
        }
        Ok(())
    }

    fn build(&self, context: &EffectContext) -> Box<dyn Effect> {
        let rate = context.sample_rate;
        let look_ahead = rate.frames(1e-3 * f64::from(self.lookahead_ms));
        Box::new(RunningMultiband {
            crossovers: [self.low_hz, self.high_hz].map(|hz| Crossover::new(rate, hz)),
            low_phase: Crossover::sum(rate, self.high_hz),
            bands: [&self.low, &self.mid, &self.high].map(|band| {
                let curve = Curve { threshold_db: band.threshold_db, ratio: band.ratio, knee_db: KNEE_DB };
                RunningBand {
                    reduction: Reduction::new(rate, curve, band.attack_ms, band.release_ms),
                    gain: db_to_gain(band.gain_db),
                    look_ahead: FrameDelay::new(look_ahead),
                }
            }),
            mix: self.mix,
        })
    }
}

struct RunningMultiband {
    crossovers: [Crossover; 2],
    /// Turns the low band's phase as the upper crossover turns that of the others.
    low_phase: Biquad,
    bands: [RunningBand; 3],
    mix: f32,
}

struct RunningBand {
    reduction: Reduction,
    gain: f32,
    look_ahead: FrameDelay,
}

impl RunningBand {
    fn process(&mut self, block: &mut [StereoFrame], mix: f32) {
        let mut gains = [0.0; MAX_BLOCK];
        for (gain, [left, right]) in gains.iter_mut().zip(&*block) {
            *gain = self.reduction.gain(left.abs().max(right.abs()));
        }
        self.reduction.flush();
        self.look_ahead.process(block);
        for (frame, gain) in block.iter_mut().zip(gains) {
            let gain = 1.0 + mix * (self.gain * gain - 1.0);
            *frame = [gain * frame[0], gain * frame[1]];
        }
    }
}

impl Effect for RunningMultiband {
    fn process(&mut self, block: &mut [StereoFrame], _key: Option<&[StereoFrame]>) {
        let count = block.len();
        let mut split = [[[0.0; 2]; MAX_BLOCK]; 3];
        for (index, frame) in block.iter().enumerate() {
            let [low, rest] = self.crossovers[0].tick(frame.map(f64::from));
            let [mid, high] = self.crossovers[1].tick(rest);
            for (band, frame) in split.iter_mut().zip([self.low_phase.tick(low), mid, high]) {
                band[index] = frame.map(|sample| sample as f32);
            }
        }
        self.crossovers.iter_mut().for_each(Crossover::flush);
        self.low_phase.flush();
        block.fill([0.0; 2]);
        for (band, running) in split.iter_mut().zip(&mut self.bands) {
            running.process(&mut band[..count], self.mix);
            for (sum, frame) in block.iter_mut().zip(&*band) {
                *sum = [sum[0] + frame[0], sum[1] + frame[1]];
            }
        }
    }

    fn reset(&mut self) {
        self.crossovers.iter_mut().for_each(Crossover::reset);
        self.low_phase.reset();
        for band in &mut self.bands {
            band.reduction.reset();
            band.look_ahead.reset();
        }
    }

    fn tail_frames(&self) -> usize {
        self.latency_frames() + self.crossovers.iter().map(Crossover::tail_frames).sum::<usize>()
    }

    fn settle_frames(&self) -> usize {
        let slowest = self.bands.iter().map(|band| band.reduction.settle_frames()).max();
        self.tail_frames() + slowest.unwrap_or(0)
    }

    fn latency_frames(&self) -> usize {
        self.bands[0].look_ahead.frames()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score::Tempo;
    use crate::units::{SampleRate, gain_to_db};
    use std::f64::consts::TAU;

    /// Level in dB of each of several sines of -20 dBFS behind the effect.
    fn levels_db(spec: &Multiband, sines_hz: &[f64]) -> Vec<f32> {
        let tempo = Tempo::new(120.0).expect("valid");
        let mut effect = spec.build(&EffectContext { sample_rate: SampleRate::CD, tempo, period_frames: None });
        let step = |hz: f64| TAU * hz / 44_100.0;
        let input = |n: usize| sines_hz.iter().map(|&hz| 0.1 * (step(hz) * n as f64).sin()).sum::<f64>() as f32;
        let mut frames: Vec<StereoFrame> = (0..88_200).map(|n| [input(n); 2]).collect();
        frames.chunks_mut(MAX_BLOCK).for_each(|block| effect.process(block, None));
        // The last second holds whole turns of each.
        let levels = sines_hz.iter().map(|&hz| {
            let turn = |part: fn(f64) -> f64| -> f64 {
                (44_100..88_200).map(|n| f64::from(frames[n][0]) * part(step(hz) * n as f64)).sum::<f64>() / 22_050.0
            };
            gain_to_db(turn(f64::sin).hypot(turn(f64::cos)) as f32)
        });
        levels.collect()
    }

    #[test]
    fn without_compression_it_is_flat() {
        let off = BandCompressor { ratio: 1.0, ..BandCompressor::default() };
        let spec = Multiband { low: off.clone(), mid: off.clone(), high: off, ..Multiband::default() };
        for level in levels_db(&spec, &[30.0, 150.0, 200.0, 600.0, 2_500.0, 3_000.0, 15_000.0]) {
            // A thousandth of a decibel, by the all-passes' formulas; f32 adds some 1e-6.
            assert!((level + 20.0).abs() < 1e-3, "{level}");
        }
    }

    #[test]
    fn each_band_is_compressed_by_itself() {
        let off = BandCompressor { ratio: 1.0, ..BandCompressor::default() };
        let hard = BandCompressor { threshold_db: -40.0, ratio: 4.0, ..off.clone() };
        let spec = Multiband {
            low: hard,
            mid: off.clone(),
            high: BandCompressor { gain_db: 6.0, ..off },
            ..Multiband::default()
        };
        let levels = levels_db(&spec, &[50.0, 600.0, 10_000.0]);
        // 20 dB above the threshold become 5. At 50 Hz the detector sees the sine's ripple, so some tenths less.
        assert!((levels[0] + 35.0).abs() < 1.0, "{levels:?}");
        assert!((levels[1] + 20.0).abs() < 0.05 && (levels[2] + 14.0).abs() < 0.05, "{levels:?}");
    }
}
