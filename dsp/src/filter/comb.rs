//! Feedback comb filter: a delay as long as a period, which rings at its harmonics.

use super::ANTI_DENORMAL;
use crate::delay_line::DelayLine;
use crate::units::SampleRate;

/// Feedback at full resonance.
const MAX_FEEDBACK: f32 = 0.98;
/// The lowest cutoff, in hertz.
const LOWEST_HZ: f64 = 20.0;

/// The shortest period.
const SHORTEST_FRAMES: f32 = 5.0;

/// One channel.
#[derive(Debug, Clone)]
pub struct Comb {
    line: DelayLine,
    max_frames: f32,
}

impl Comb {
    /// At rest.
    pub fn new(rate: SampleRate) -> Self {
        let max_frames = rate.hz() / LOWEST_HZ;
        Self { line: DelayLine::new(max_frames as usize + 2), max_frames: max_frames as f32 }
    }

    /// The next sample: `y = a x + f y[n - period]`, with `a = sqrt(1 - f^2)` so that noise stays as loud.
    ///
    /// - `period_frames`: 5.0 (shorter ones would be out of tune) up to that of 20 Hz
    /// - `resonance`: 0.0 (dry) ..= 1.0 (rings long)
    #[inline]
    pub fn process(&mut self, input: f32, period_frames: f32, resonance: f32) -> f32 {
        let feedback = MAX_FEEDBACK * resonance;
        let late = self.line.read_cubic(period_frames.clamp(SHORTEST_FRAMES, self.max_frames));
        let out = (1.0 - feedback * feedback).sqrt() * (input + ANTI_DENORMAL) + feedback * late;
        self.line.write(out);
        out
    }
}
