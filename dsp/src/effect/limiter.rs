//! True-peak limiter.

use super::look_ahead::LookAhead;
use super::{Effect, EffectContext, MAX_BLOCK, Parameters, check};
use crate::audio::StereoFrame;
use crate::error::Result;
use crate::loudness::true_peak::PeakDetector;
use crate::units::db_to_gain;
use serde::{Deserialize, Serialize};

/// Look-ahead limiter on true peaks (ITU-R BS.1770-4, annex 2: four times oversampled).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limiter {
    /// Gain into the limiter: 0 to 24 dB, default 0.
    pub gain_db: f32,
    /// No true peak is above this: -24 to 0 dBTP, default -1.
    pub ceiling_dbtp: f32,
    /// Time constant of the way back to full gain: 5 to 1 000 ms, default 80.
    pub release_ms: f32,
}

impl Default for Limiter {
    fn default() -> Self {
        Self { gain_db: 0.0, ceiling_dbtp: -1.0, release_ms: 80.0 }
    }
}

impl Limiter {
    /// Kept free below the ceiling: meters with other interpolation filters read up to 0.44 dB more on noise bursts and square waves.
    pub(crate) const MARGIN_DB: f32 = 0.35;
}

impl Parameters for Limiter {
    fn validate(&self) -> Result<()> {
        check("gain_db of limiter", self.gain_db, 0.0..=24.0, "dB")?;
        check("ceiling_dbtp of limiter", self.ceiling_dbtp, -24.0..=0.0, "dBTP")?;
        check("release_ms of limiter", self.release_ms, 5.0..=1_000.0, "ms")
    }

    fn build(&self, context: &EffectContext) -> Box<dyn Effect> {
        let look_ahead = LookAhead::new(context.sample_rate, self.release_ms);
        let latency = PeakDetector::LATENCY_FRAMES + look_ahead.latency_frames();
        Box::new(RunningLimiter {
            gain: db_to_gain(self.gain_db),
            ceiling: db_to_gain(self.ceiling_dbtp - Limiter::MARGIN_DB),
            detector: PeakDetector::new(),
            look_ahead,
            delayed: vec![[0.0; 2]; latency + MAX_BLOCK],
            latency,
            // 10.4 time constants are 90 dB.
            settle_frames: latency + context.sample_rate.frames(10.4e-3 * f64::from(self.release_ms)),
        })
    }
}

struct RunningLimiter {
    gain: f32,
    ceiling: f32,
    detector: PeakDetector,
    look_ahead: LookAhead,
    /// `latency` frames of the past, then the block.
    delayed: Vec<StereoFrame>,
    latency: usize,
    settle_frames: usize,
}

impl Effect for RunningLimiter {
    fn process(&mut self, block: &mut [StereoFrame], _key: Option<&[StereoFrame]>) {
        let count = block.len();
        for frame in block.iter_mut() {
            *frame = [self.gain * frame[0], self.gain * frame[1]];
        }
        self.delayed[self.latency..self.latency + count].copy_from_slice(block);
        let mut peaks = [0.0; MAX_BLOCK];
        self.detector.process(block, &mut peaks[..count]);
        for ((frame, peak), delayed) in block.iter_mut().zip(peaks).zip(&self.delayed) {
            let allowed = if peak > self.ceiling { self.ceiling / peak } else { 1.0 };
            let gain = self.look_ahead.tick(allowed);
            *frame = [gain * delayed[0], gain * delayed[1]];
        }
        self.delayed.copy_within(count..count + self.latency, 0);
    }

    fn reset(&mut self) {
        self.detector.reset();
        self.look_ahead.reset();
        self.delayed.fill([0.0; 2]);
    }

    fn tail_frames(&self) -> usize {
        self.latency
    }

    fn settle_frames(&self) -> usize {
        self.settle_frames
    }

    fn latency_frames(&self) -> usize {
        self.latency
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Seed;
    use crate::score::Tempo;
    use crate::units::SampleRate;
    use ebur128::{EbuR128, Mode};

    /// Noise, clicks, bursts of sines near and far from Nyquist, by turns.
    fn torture(seed: u64) -> Vec<StereoFrame> {
        let mut rng = Seed(seed).rng();
        let mut frames = Vec::new();
        while frames.len() < 6_000 {
            let (kind, level) = (rng.below(4), rng.between(0.1, 4.0));
            let step = rng.between(0.01, 0.95) * std::f32::consts::PI;
            for n in 0..50 + rng.below(600) {
                frames.push(match kind {
                    0 => [level * rng.bipolar(), level * rng.bipolar()],
                    1 => [if rng.chance(0.02) { level } else { 0.0 }; 2],
                    2 => [level * (step * n as f32).sin(), level * (step * n as f32).cos()],
                    _ => [level * (step * n as f32).sin().signum(), 0.0],
                });
            }
        }
        frames
    }

    #[test]
    fn no_true_peak_passes_the_ceiling_by_more_than_a_tenth_of_a_db() {
        let context = EffectContext {
            sample_rate: SampleRate::CD,
            tempo: Tempo::new(120.0).expect("valid"),
            period_frames: None,
        };
        for seed in 0..300 {
            let spec = Limiter { gain_db: (seed % 13) as f32, ceiling_dbtp: -((seed % 7) as f32), release_ms: 20.0 };
            let mut limiter = spec.build(&context);
            let mut frames = torture(seed);
            frames.extend([[0.0; 2]; 2 * MAX_BLOCK]);
            frames.chunks_mut(MAX_BLOCK).for_each(|block| limiter.process(block, None));
            let mut meter = EbuR128::new(2, 44_100, Mode::TRUE_PEAK).expect("a usual format");
            meter.add_frames_f32(frames.as_flattened()).expect("two channels");
            let peak = meter.true_peak(0).expect("measured").max(meter.true_peak(1).expect("measured"));
            let over_db = 20.0 * peak.log10() as f32 - spec.ceiling_dbtp;
            assert!(over_db < 0.1, "seed {seed}: {over_db} dB over");
        }
    }

    #[test]
    fn what_stays_below_the_ceiling_is_only_delayed() {
        let context = EffectContext {
            sample_rate: SampleRate::CD,
            tempo: Tempo::new(120.0).expect("valid"),
            period_frames: None,
        };
        let mut limiter = Limiter::default().build(&context);
        let input: Vec<StereoFrame> = torture(1).iter().map(|frame| frame.map(|sample| 0.1 * sample)).collect();
        let mut output = input.clone();
        output.chunks_mut(MAX_BLOCK).for_each(|block| limiter.process(block, None));
        let delay = limiter.latency_frames();
        assert!(output[delay..] == input[..input.len() - delay]);
    }
}
