//! The gentlest filter: 6 dB per octave.

use super::flush;
use crate::audio::StereoFrame;
use crate::units::SampleRate;
use std::f64::consts::TAU;

/// Stereo low-pass of 6 dB per octave; what it takes away is the matching high-pass.
#[derive(Debug, Clone, Copy)]
pub struct OnePole {
    coefficient: f32,
    state: StereoFrame,
}

impl OnePole {
    /// With -3 dB at (nearly) `hz`.
    pub fn new(rate: SampleRate, hz: f32) -> Self {
        let coefficient = 1.0 - (-TAU * f64::from(hz) / rate.hz()).exp();
        Self { coefficient: coefficient as f32, state: [0.0; 2] }
    }

    /// What lies below.
    #[inline]
    pub fn low(&mut self, frame: StereoFrame) -> StereoFrame {
        for (state, sample) in self.state.iter_mut().zip(frame) {
            *state = flush(*state + self.coefficient * (sample - *state));
        }
        self.state
    }

    /// What lies above.
    #[inline]
    pub fn high(&mut self, frame: StereoFrame) -> StereoFrame {
        let low = self.low(frame);
        [frame[0] - low[0], frame[1] - low[1]]
    }

    /// Forgets all input.
    pub fn reset(&mut self) {
        self.state = [0.0; 2];
    }
}
