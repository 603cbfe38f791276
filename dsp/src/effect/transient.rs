//! Transient shaper: attack and sustain, louder or softer, whatever the level.

use super::frame_delay::FrameDelay;
use super::{Effect, EffectContext, MAX_BLOCK, Parameters, check, flush};
use crate::audio::StereoFrame;
use crate::error::Result;
use crate::units::SampleRate;
use serde::{Deserialize, Serialize};

/// Transient shaper by the differences of envelopes: where a fast one is above a slow one there is an attack, where a long one is
/// above a fast one there is a sustain. No threshold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Transient {
    /// Gain of attacks: -15 to 15 dB, default 4.
    pub attack_db: f32,
    /// Gain of what rings on: -24 to 24 dB, default 0.
    pub sustain_db: f32,
    /// 0.0 (dry) to 1.0 (default).
    pub mix: f32,
}

impl Default for Transient {
    fn default() -> Self {
        Self { attack_db: 4.0, sustain_db: 0.0, mix: 1.0 }
    }
}

/// Attack and release of the envelopes in ms, by a drum's onset (1 to 5 ms) and decay (50 to 500 ms). The fast one follows the sound,
/// the others follow it.
const FAST_MS: [f32; 2] = [0.5, 60.0];
const SLOW_MS: [f32; 2] = [25.0, 1.0];
const LONG_MS: [f32; 2] = [0.5, 500.0];
/// Look-ahead, and time constant of the gain.
const LOOK_AHEAD_S: f64 = 0.0015;
const SMOOTHING_MS: f32 = 0.7;
/// Differences at which the whole gain is given.
const FULL_ATTACK_DB: f32 = 12.0;
const FULL_SUSTAIN_DB: f32 = 18.0;
/// Below -80 dBFS envelopes are taken as equal.
const FLOOR: f32 = 1e-4;

impl Parameters for Transient {
    fn validate(&self) -> Result<()> {
        check("attack_db of transient", self.attack_db, -15.0..=15.0, "dB")?;
        check("sustain_db of transient", self.sustain_db, -24.0..=24.0, "dB")?;
        check("mix of transient", self.mix, 0.0..=1.0, "")
    }

    fn build(&self, context: &EffectContext) -> Box<dyn Effect> {
        let rate = context.sample_rate;
        Box::new(RunningTransient {
            spec: self.clone(),
            envelopes: [FAST_MS, SLOW_MS, LONG_MS].map(|times_ms| Envelope::new(rate, times_ms)),
            smoothing: 1.0 - decay(rate, SMOOTHING_MS),
            gain_db: 0.0,
            look_ahead: FrameDelay::new(rate.frames(LOOK_AHEAD_S)),
            // The longest envelope, over 90 dB.
            settle_frames: rate.frames(10.4e-3 * f64::from(LONG_MS[1])),
        })
    }
}

/// What a time constant leaves from frame to frame.
fn decay(rate: SampleRate, ms: f32) -> f32 {
    (-1.0 / (1e-3 * f64::from(ms) * rate.hz())).exp() as f32
}

/// A peak follower.
struct Envelope {
    attack: f32,
    release: f32,
    level: f32,
}

impl Envelope {
    fn new(rate: SampleRate, [attack_ms, release_ms]: [f32; 2]) -> Self {
        Self { attack: decay(rate, attack_ms), release: decay(rate, release_ms), level: 0.0 }
    }

    #[inline]
    fn tick(&mut self, input: f32) -> f32 {
        let coefficient = if input > self.level { self.attack } else { self.release };
        self.level = flush(input + coefficient * (self.level - input));
        self.level
    }
}

struct RunningTransient {
    spec: Transient,
    /// Fast, slow, long.
    envelopes: [Envelope; 3],
    smoothing: f32,
    gain_db: f32,
    look_ahead: FrameDelay,
    settle_frames: usize,
}

impl Effect for RunningTransient {
    fn process(&mut self, block: &mut [StereoFrame], _key: Option<&[StereoFrame]>) {
        const DB_PER_OCTAVE: f32 = 6.020_6;
        let mut gains = [0.0; MAX_BLOCK];
        for (gain, [left, right]) in gains.iter_mut().zip(&*block) {
            let input = left.abs().max(right.abs());
            let [fast, slow, long] = &mut self.envelopes;
            let fast = fast.tick(input);
            let [fast, slow, long] =
                [fast, slow.tick(fast), long.tick(fast)].map(|level| DB_PER_OCTAVE * (level + FLOOR).log2());
            let attack = ((fast - slow) / FULL_ATTACK_DB).clamp(0.0, 1.0);
            let sustain = ((long - fast) / FULL_SUSTAIN_DB).clamp(0.0, 1.0);
            let wanted_db = self.spec.attack_db * attack + self.spec.sustain_db * sustain;
            self.gain_db = flush(self.gain_db + self.smoothing * (wanted_db - self.gain_db));
            *gain = 1.0 + self.spec.mix * ((self.gain_db / DB_PER_OCTAVE).exp2() - 1.0);
        }
        self.look_ahead.process(block);
        for (frame, gain) in block.iter_mut().zip(gains) {
            *frame = [gain * frame[0], gain * frame[1]];
        }
    }

    fn reset(&mut self) {
        self.envelopes.iter_mut().for_each(|envelope| envelope.level = 0.0);
        self.gain_db = 0.0;
        self.look_ahead.reset();
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
    use crate::units::gain_to_db;

    /// Level of a drum's first 5 ms and of what is left 150 to 200 ms later, in dB, at a peak of `level`.
    fn drum_db(spec: &Transient, level: f32) -> [f32; 2] {
        let tempo = Tempo::new(120.0).expect("valid");
        let mut effect = spec.build(&EffectContext { sample_rate: SampleRate::CD, tempo, period_frames: None });
        let hit = |n: usize| level * (-(n as f32) / 3_000.0).exp() * (0.1 * n as f32).sin();
        let mut frames: Vec<StereoFrame> = (0..44_100).map(|n| [hit(n % 22_050); 2]).collect();
        frames.chunks_mut(MAX_BLOCK).for_each(|block| effect.process(block, None));
        let start = 22_050 + effect.latency_frames();
        [(0, 220), (6_615, 8_820)].map(|(from, to)| {
            let samples = &frames[start + from..start + to];
            gain_to_db((samples.iter().map(|frame| frame[0] * frame[0]).sum::<f32>() / samples.len() as f32).sqrt())
        })
    }

    #[test]
    fn attack_and_sustain_are_changed_apart_at_any_level() {
        let off = Transient { attack_db: 0.0, ..Transient::default() };
        for level in [0.05, 0.8] {
            let [attack_0, sustain_0] = drum_db(&off, level);
            for attack_db in [-9.0, 9.0] {
                let [attack, sustain] = drum_db(&Transient { attack_db, ..off.clone() }, level);
                let change = (attack - attack_0) / attack_db;
                assert!((0.6..=1.0).contains(&change), "{level}, {attack_db}: {change}");
                assert!((sustain - sustain_0).abs() < 0.7, "{level}, {attack_db}: {}", sustain - sustain_0);
            }
            for sustain_db in [-12.0, 12.0] {
                let [attack, sustain] = drum_db(&Transient { sustain_db, ..off.clone() }, level);
                let change = (sustain - sustain_0) / sustain_db;
                assert!((0.25..=1.0).contains(&change), "{level}, {sustain_db}: {change}");
                assert!((attack - attack_0).abs() < 1.0, "{level}, {sustain_db}: {}", attack - attack_0);
            }
        }
    }
}
