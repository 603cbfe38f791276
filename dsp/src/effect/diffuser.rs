//! Diffusion in front of a reverb: one sound becomes a dense burst.

use super::flush;
use crate::audio::StereoFrame;
use crate::delay_line::DelayLine;
use crate::units::SampleRate;

/// Four all-passes in a row on each side (Schroeder, "Natural sounding artificial reverberation", 1962).
pub struct Diffuser {
    stages: [[AllPass; STAGES]; 2],
}

const STAGES: usize = 4;
/// Delays in ms, left and right, with no simple ratios.
const DELAYS_MS: [[f32; STAGES]; 2] = [[4.83, 7.61, 12.73, 19.87], [4.37, 8.09, 11.83, 20.71]];
/// Gains of the stages, first to last: Dattorro, "Effect design, part 1", 1997.
const GAINS: [f32; STAGES] = [0.75, 0.75, 0.625, 0.625];

impl Diffuser {
    /// - `scale`: of the delays
    /// - `ring_s`: time for 60 dB within which every stage has to have rung out; it must be shorter than the shortest decay of the
    ///   room behind, or the stages would be heard in it as a ring
    pub fn new(rate: SampleRate, scale: f32, ring_s: f32) -> Self {
        let side = |delays_ms: [f32; STAGES]| {
            std::array::from_fn(|stage| {
                let delay_s = 1e-3 * scale * delays_ms[stage];
                let most = 10f32.powf(-3.0 * delay_s / ring_s);
                AllPass::new((delay_s * rate.hz() as f32) as usize, GAINS[stage].min(most))
            })
        };
        Self { stages: DELAYS_MS.map(side) }
    }

    /// A block through, in place.
    pub fn process(&mut self, frames: &mut [StereoFrame]) {
        for (channel, stages) in self.stages.iter_mut().enumerate() {
            for stage in stages {
                for frame in frames.iter_mut() {
                    frame[channel] = stage.tick(frame[channel]);
                }
            }
        }
    }

    /// Silence.
    pub fn reset(&mut self) {
        self.stages.iter_mut().flatten().for_each(|stage| stage.line.reset());
    }
}

struct AllPass {
    line: DelayLine,
    frames: usize,
    gain: f32,
}

impl AllPass {
    fn new(frames: usize, gain: f32) -> Self {
        let frames = frames.max(1);
        Self { line: DelayLine::new(frames), frames, gain }
    }

    #[inline]
    fn tick(&mut self, input: f32) -> f32 {
        let delayed = self.line.read(self.frames);
        let inner = flush(input - self.gain * delayed);
        self.line.write(inner);
        self.gain * inner + delayed
    }
}
