//! Reverb: a room from a feedback delay network.

use super::diffuser::Diffuser;
use super::fdn::FeedbackDelayNetwork;
use super::{Biquad, Effect, EffectContext, Parameters, check, crossfade};
use crate::audio::StereoFrame;
use crate::delay_line::DelayLine;
use crate::error::Result;
use serde::{Deserialize, Serialize};

/// Reverb: pre-delay, low cut, diffusion in front, then a feedback delay network whose lines are slowly modulated.
///
/// Fully wet, it is as loud as its input: on white noise in the long run, without damping.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Reverb {
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
        Self { decay_s: 1.8, size: 1.0, damping: 0.5, predelay_ms: 15.0, low_cut_hz: 150.0, mix: 0.25 }
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
        Box::new(RunningReverb {
            mix: self.mix,
            predelay,
            lines: [line.clone(), line],
            low_cut: Biquad::high_pass(rate, f64::from(self.low_cut_hz), std::f64::consts::FRAC_1_SQRT_2),
            diffuser: Diffuser::new(rate, self.size),
            network: FeedbackDelayNetwork::new(context, self.size, self.decay_s, self.damping),
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
        for frame in block {
            for (line, sample) in self.lines.iter_mut().zip(*frame) {
                line.write(sample);
            }
            let delayed = [self.lines[0].read(self.predelay), self.lines[1].read(self.predelay)];
            let cut = self.low_cut.tick(delayed.map(f64::from)).map(|sample| sample as f32);
            let wet = self.network.tick(self.diffuser.tick(cut));
            *frame = crossfade(*frame, wet, self.mix);
        }
        self.low_cut.flush();
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
