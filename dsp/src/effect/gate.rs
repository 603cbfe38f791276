//! Gate: closes on what is quiet.

use super::frame_delay::FrameDelay;
use super::{Effect, EffectContext, MAX_BLOCK, Parameters, check, flush};
use crate::audio::StereoFrame;
use crate::error::Result;
use crate::units::db_to_gain;
use serde::{Deserialize, Serialize};

/// Noise gate, as a steep downward expander; both channels share one gain. It opens before the sound that opens it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Gate {
    /// Level below which it closes: -80 to 0 dBFS, default -45.
    pub threshold_db: f32,
    /// dB out for one dB in, below the threshold: 1 to 20, default 8.
    pub ratio: f32,
    /// What it takes off at most: 0 to 90 dB, default 60.
    pub range_db: f32,
    /// Time to open in, and so the look-ahead: 0.1 to 20 ms, default 1.
    pub attack_ms: f32,
    /// Time it stays open behind a peak: 0 to 500 ms, default 20.
    pub hold_ms: f32,
    /// Time constant of what the detector hears fade: 5 to 2 000 ms, default 60.
    pub release_ms: f32,
    /// Listens to the side-chain input (in a mix: the drums) where there is one; default false.
    pub sidechain: bool,
}

impl Default for Gate {
    fn default() -> Self {
        Self {
            threshold_db: -45.0,
            ratio: 8.0,
            range_db: 60.0,
            attack_ms: 1.0,
            hold_ms: 20.0,
            release_ms: 60.0,
            sidechain: false,
        }
    }
}

impl Parameters for Gate {
    fn validate(&self) -> Result<()> {
        check("threshold_db of gate", self.threshold_db, -80.0..=0.0, "dB")?;
        check("ratio of gate", self.ratio, 1.0..=20.0, "")?;
        check("range_db of gate", self.range_db, 0.0..=90.0, "dB")?;
        check("attack_ms of gate", self.attack_ms, 0.1..=20.0, "ms")?;
        check("hold_ms of gate", self.hold_ms, 0.0..=500.0, "ms")?;
        check("release_ms of gate", self.release_ms, 5.0..=2_000.0, "ms")
    }

    fn build(&self, context: &EffectContext) -> Box<dyn Effect> {
        let rate = context.sample_rate;
        let frames = |ms: f32| rate.frames(1e-3 * f64::from(ms));
        let attack_frames = frames(self.attack_ms).max(1);
        Box::new(RunningGate {
            threshold: db_to_gain(self.threshold_db),
            steepness: self.ratio - 1.0,
            closed: db_to_gain(-self.range_db),
            // The gain is smoothed twice; five time constants in the attack leave 0.3 dB.
            smoothing: 1.0 - (-5.0 / attack_frames as f32).exp(),
            hold_frames: frames(self.hold_ms),
            release: (-1.0 / (1e-3 * f64::from(self.release_ms) * rate.hz())).exp() as f32,
            // 10.4 time constants are 90 dB.
            settle_frames: frames(10.4 * self.release_ms + self.hold_ms) + 3 * attack_frames,
            sidechain: self.sidechain,
            look_ahead: FrameDelay::new(attack_frames),
            peak: 0.0,
            held: 0,
            gains: [0.0; 2],
        })
    }
}

struct RunningGate {
    threshold: f32,
    steepness: f32,
    closed: f32,
    smoothing: f32,
    hold_frames: usize,
    release: f32,
    settle_frames: usize,
    sidechain: bool,
    look_ahead: FrameDelay,
    peak: f32,
    /// Frames for which the peak still holds.
    held: usize,
    /// The smoothed gain, and that smoothed again, above [`RunningGate::closed`].
    gains: [f32; 2],
}

impl RunningGate {
    #[inline]
    fn gain(&mut self, level: f32) -> f32 {
        if level >= self.peak {
            (self.peak, self.held) = (level, self.hold_frames);
        } else if self.held > 0 {
            self.held -= 1;
        } else {
            self.peak = flush((self.release * self.peak).max(level));
        }
        let open = if self.peak >= self.threshold { 1.0 } else { (self.peak / self.threshold).powf(self.steepness) };
        let wanted = (open - self.closed).max(0.0);
        self.gains[0] = flush(self.gains[0] + self.smoothing * (wanted - self.gains[0]));
        self.gains[1] = flush(self.gains[1] + self.smoothing * (self.gains[0] - self.gains[1]));
        self.closed + self.gains[1]
    }
}

impl Effect for RunningGate {
    fn process(&mut self, block: &mut [StereoFrame], key: Option<&[StereoFrame]>) {
        let mut gains = [0.0; MAX_BLOCK];
        let heard = key.filter(|_| self.sidechain).unwrap_or(block);
        for (gain, [left, right]) in gains.iter_mut().zip(heard) {
            *gain = self.gain(left.abs().max(right.abs()));
        }
        self.look_ahead.process(block);
        for (frame, gain) in block.iter_mut().zip(gains) {
            *frame = [gain * frame[0], gain * frame[1]];
        }
    }

    fn reset(&mut self) {
        self.look_ahead.reset();
        self.peak = 0.0;
        self.held = 0;
        self.gains = [0.0; 2];
    }

    fn tail_frames(&self) -> usize {
        self.look_ahead.frames()
    }

    fn settle_frames(&self) -> usize {
        self.settle_frames
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

    /// A sine of 1 kHz whose level is `level_db` at each frame, gated.
    fn gated(spec: &Gate, frames: usize, level_db: impl Fn(usize) -> f32) -> Vec<f32> {
        let tempo = Tempo::new(120.0).expect("valid");
        let mut effect = spec.build(&EffectContext { sample_rate: SampleRate::CD, tempo, period_frames: None });
        let sine = |n: usize| db_to_gain(level_db(n)) * (std::f32::consts::TAU * n as f32 / 44.1).sin();
        let mut output: Vec<StereoFrame> = (0..frames).map(|n| [sine(n); 2]).collect();
        output.chunks_mut(MAX_BLOCK).for_each(|block| effect.process(block, None));
        output[effect.latency_frames()..].iter().map(|frame| frame[0]).collect()
    }

    fn peak_db(samples: &[f32]) -> f32 {
        gain_to_db(samples.iter().fold(0.0f32, |peak, sample| peak.max(sample.abs())))
    }

    #[test]
    fn what_is_loud_passes_and_what_is_quiet_is_taken_off() {
        let spec = Gate::default();
        let loud = gated(&spec, 20_000, |_| -20.0);
        assert!((peak_db(&loud[10_000..]) + 20.0).abs() < 0.05);
        // 5 dB below the threshold: 35 dB more go.
        let soft = gated(&spec, 20_000, |_| -50.0);
        assert!((peak_db(&soft[10_000..]) + 85.0).abs() < 0.5, "{}", peak_db(&soft[10_000..]));
        let hiss = gated(&spec, 20_000, |_| -70.0);
        assert!((peak_db(&hiss[10_000..]) + 130.0).abs() < 0.5, "{}", peak_db(&hiss[10_000..]));
    }

    #[test]
    fn an_onset_is_whole_and_the_rest_behind_it_gone() {
        let burst = |n: usize| if (10_000..14_410).contains(&n) { -6.0 } else { -60.0 };
        let output = gated(&Gate::default(), 44_100, burst);
        // The first half wave of the burst.
        assert!((peak_db(&output[10_000..10_022]) + 6.0).abs() < 0.5, "{}", peak_db(&output[10_000..10_022]));
        assert!(peak_db(&output[35_000..]) < -115.0, "{}", peak_db(&output[35_000..]));
    }
}
