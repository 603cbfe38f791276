//! Loudness of what is heard stretch by stretch.

use super::k_weighting::k_weighting;
use super::{HOPS_PER_S, MOMENTARY_HOPS, gated_power, lufs, windows};
use crate::audio::StereoFrame;
use crate::effect::Biquad;
use crate::units::SampleRate;

/// Integrated loudness of any length of sound; its memory grows by eight bytes every 100 ms.
pub struct LoudnessMeter {
    shelf: Biquad,
    high_pass: Biquad,
    hop_frames: usize,
    /// Powers of the hops that are over.
    powers: Vec<f64>,
    /// Energy of both channels in the hop that is not, and its frames.
    energies: [f64; 2],
    frames: usize,
}

impl LoudnessMeter {
    /// A meter that has heard nothing.
    pub fn new(rate: SampleRate) -> Self {
        let [shelf, high_pass] = k_weighting(rate);
        let hop_frames = (rate.as_u32() as usize / HOPS_PER_S).max(1);
        Self { shelf, high_pass, hop_frames, powers: Vec::new(), energies: [0.0; 2], frames: 0 }
    }

    /// Hears the next frames.
    pub fn add(&mut self, frames: &[StereoFrame]) {
        let mut left = frames;
        while !left.is_empty() {
            let (heard, behind) = left.split_at((self.hop_frames - self.frames).min(left.len()));
            let mut energies = self.energies;
            for frame in heard {
                let weighted = self.high_pass.tick(self.shelf.tick(frame.map(f64::from)));
                energies = [energies[0] + weighted[0] * weighted[0], energies[1] + weighted[1] * weighted[1]];
            }
            self.energies = energies;
            self.frames += heard.len();
            if self.frames == self.hop_frames {
                self.powers.push(self.power());
                (self.energies, self.frames) = ([0.0; 2], 0);
            }
            left = behind;
        }
    }

    /// Loudness of all it has heard, gated; -infinity for silence. Below 400 ms it counts as one block.
    pub fn integrated_lufs(&self) -> f32 {
        lufs(gated_power(&windows(&self.hops(), MOMENTARY_HOPS))) as f32
    }

    /// Power of every 100 ms; of what there is, if there is less.
    pub(super) fn hops(&self) -> Vec<f64> {
        if self.powers.is_empty() && self.frames > 0 { vec![self.power()] } else { self.powers.clone() }
    }

    /// Of the hop that is not over.
    fn power(&self) -> f64 {
        (self.energies[0] + self.energies[1]) / self.frames as f64
    }
}
