//! Reverb: a room from a feedback delay network.

use super::diffuser::Diffuser;
use super::fdn::{Decay, FeedbackDelayNetwork, Lines};
use super::{Biquad, Effect, EffectContext, MAX_BLOCK, Parameters, check, crossfade};
use crate::audio::StereoFrame;
use crate::delay_line::DelayLine;
use crate::error::Result;
use crate::units::SampleRate;
use serde::{Deserialize, Serialize};

/// What the room is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReverbKind {
    /// Walls near by: a short build-up.
    Room,
    /// Walls far away: it swells over a tenth of a second.
    #[default]
    Hall,
    /// A sheet of steel: dense from the first moment.
    Plate,
}

impl ReverbKind {
    /// Shortest and longest delay at size 1, in seconds. For a hall they are 0.8 s in all: more than one mode a hertz without
    /// decay.
    fn delays_s(self) -> [f64; 2] {
        match self {
            Self::Room => [0.008, 0.056],
            Self::Hall => [0.021, 0.087],
            Self::Plate => [0.004, 0.056],
        }
    }

    /// Scale of the diffusion in front.
    fn diffusion(self) -> f32 {
        match self {
            Self::Room => 0.6,
            Self::Hall => 1.0,
            Self::Plate => 0.6,
        }
    }
}

/// Reverb: pre-delay, low cut, diffusion in front, then a feedback delay network whose lines slowly turn into each other.
///
/// Fully wet and undamped, it is about as loud as its input, however long it decays.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Reverb {
    /// `room`, `hall` (default) or `plate`.
    pub kind: ReverbKind,
    /// Time until the room has fallen by 60 dB, below the damping: 0.2 to 20 s, default 1.8.
    pub decay_s: f32,
    /// Size of the room: 0.3 (a closet) to 2.0 (a cathedral), default 1.0.
    pub size: f32,
    /// How much faster the treble decays: 0.0 (as fast as the bass) to 1.0 (ten times as fast at 6 kHz); default 0.5.
    pub damping: f32,
    /// Time before the room answers: 0 to 250 ms, default 15.
    pub predelay_ms: f32,
    /// Keeps bass out of the room: 20 to 1 000 Hz, default 150.
    pub low_cut_hz: f32,
    /// 0.0 (dry) to 1.0 (room alone); default 0.25.
    pub mix: f32,
}

impl Default for Reverb {
    fn default() -> Self {
        Self {
            kind: ReverbKind::Hall,
            decay_s: 1.8,
            size: 1.0,
            damping: 0.5,
            predelay_ms: 15.0,
            low_cut_hz: 150.0,
            mix: 0.25,
        }
    }
}

impl Reverb {
    /// Time in which it falls by 60 dB at `hz`, in seconds: `decay_s` in the bass, above it as the damping's low-pass has it.
    pub fn decay_at_s(&self, hz: f64, rate: SampleRate) -> f64 {
        Lines::new(rate, self.delays_s(), MAX_BLOCK, self.decay()).decay_at_s(rate, hz)
    }

    fn delays_s(&self) -> [f64; 2] {
        self.kind.delays_s().map(|delay_s| f64::from(self.size) * delay_s)
    }

    fn decay(&self) -> Decay {
        Decay { decay_s: f64::from(self.decay_s), damping: f64::from(self.damping) }
    }
}

impl Parameters for Reverb {
    fn validate(&self) -> Result<()> {
        check("decay_s of reverb", self.decay_s, 0.2..=20.0, "s")?;
        check("size of reverb", self.size, 0.3..=2.0, "")?;
        check("damping of reverb", self.damping, 0.0..=1.0, "")?;
        check("predelay_ms of reverb", self.predelay_ms, 0.0..=250.0, "ms")?;
        check("low_cut_hz of reverb", self.low_cut_hz, 20.0..=1_000.0, "Hz")?;
        check("mix of reverb", self.mix, 0.0..=1.0, "")
    }

    fn build(&self, context: &EffectContext) -> Box<dyn Effect> {
        let rate = context.sample_rate;
        let predelay = rate.frames(f64::from(self.predelay_ms) * 1e-3).max(1);
        let line = DelayLine::new(predelay);
        // Three tenths of the decay in the highest octave that is heard as pitch.
        let ring_s = 0.3 * self.decay_at_s(8_000.0, rate) as f32;
        Box::new(RunningReverb {
            mix: self.mix,
            predelay,
            lines: [line.clone(), line],
            low_cut: Biquad::high_pass(rate, f64::from(self.low_cut_hz), std::f64::consts::FRAC_1_SQRT_2),
            diffuser: Diffuser::new(rate, self.size.sqrt() * self.kind.diffusion(), ring_s),
            network: FeedbackDelayNetwork::new(context, self.delays_s(), self.decay()),
            // 1.5 times as long for -90 dB as for -60 dB; a tenth more for what the diffusion adds.
            tail_frames: predelay + rate.frames(1.6 * f64::from(self.decay_s) + 0.25),
        })
    }
}

struct RunningReverb {
    mix: f32,
    predelay: usize,
    lines: [DelayLine; 2],
    low_cut: Biquad,
    diffuser: Diffuser,
    network: FeedbackDelayNetwork,
    tail_frames: usize,
}

impl Effect for RunningReverb {
    fn process(&mut self, block: &mut [StereoFrame], _key: Option<&[StereoFrame]>) {
        let mut wet = [[0.0; 2]; MAX_BLOCK];
        let wet = &mut wet[..block.len()];
        for (wet, frame) in wet.iter_mut().zip(&*block) {
            for (line, sample) in self.lines.iter_mut().zip(*frame) {
                line.write(sample);
            }
            let delayed = [self.lines[0].read(self.predelay), self.lines[1].read(self.predelay)];
            *wet = self.low_cut.tick(delayed.map(f64::from)).map(|sample| sample as f32);
        }
        self.low_cut.flush();
        self.diffuser.process(wet);
        self.network.process(wet);
        for (frame, wet) in block.iter_mut().zip(wet) {
            *frame = crossfade(*frame, *wet, self.mix);
        }
    }

    fn reset(&mut self) {
        self.lines.iter_mut().for_each(DelayLine::reset);
        self.low_cut.reset();
        self.diffuser.reset();
        self.network.reset();
    }

    fn tail_frames(&self) -> usize {
        self.tail_frames
    }
}

#[cfg(test)]
mod tests;
