//! Wow and flutter: the uneven speed of a turning carrier.

use super::{EffectContext, Sweep};
use crate::audio::StereoFrame;
use crate::delay_line::DelayLine;
use std::f64::consts::TAU;

/// A delay that two sines swing: slow wow and fast flutter.
pub struct Wow {
    lines: [DelayLine; 2],
    sweeps: [Sweep; 2],
    depths: [f32; 2],
    mean: f32,
}

impl Wow {
    /// Each of wow and flutter: deepest detuning in cents, and turns per second; `delay_frames` more in all.
    pub fn new(context: &EffectContext, swings: [(f32, f32); 2], delay_frames: usize) -> Self {
        let sweeps = swings.map(|(_, hz)| Sweep::new(context, hz));
        let rate = context.sample_rate;
        let depths = std::array::from_fn(|index| {
            // A delay that swings by d frames at w radians a frame detunes by the factor 1 + d w.
            let detuning = (f64::from(swings[index].0) / 1_200.0).exp2() - 1.0;
            (detuning * rate.hz() / (TAU * sweeps[index].rate_hz(rate))) as f32
        });
        let mean = (depths[0] + depths[1]).ceil() + 2.0 + delay_frames as f32;
        let line = DelayLine::new((mean + depths[0] + depths[1]) as usize + 2);
        Self { lines: [line.clone(), line], sweeps, depths, mean }
    }

    /// The mean delay in frames: what is read now was written that long ago.
    pub fn latency_frames(&self) -> usize {
        self.mean as usize
    }

    /// What comes out now.
    #[inline]
    pub fn read(&mut self) -> StereoFrame {
        let [[_, wow], [_, flutter]] = [self.sweeps[0].tick(), self.sweeps[1].tick()];
        let delay = self.mean + self.depths[0] * wow + self.depths[1] * flutter;
        [self.lines[0].read_cubic(delay), self.lines[1].read_cubic(delay)]
    }

    /// What goes in now.
    #[inline]
    pub fn write(&mut self, frame: StereoFrame) {
        for (line, sample) in self.lines.iter_mut().zip(frame) {
            line.write(sample);
        }
    }

    /// Silence.
    pub fn reset(&mut self) {
        self.lines.iter_mut().for_each(DelayLine::reset);
        self.sweeps.iter_mut().for_each(Sweep::reset);
    }
}
