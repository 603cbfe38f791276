//! The room of a gated snare: its reverb held up by a compressor, then shut by a gate, as on drums since 1980 (Padgham's for Collins
//! and Gabriel) and in the non-linear programs of the digital reverbs that followed.

use super::hit::{HitContext, Onset};
use super::snare::Snare;
use crate::audio::StereoFrame;
use crate::filter::{FilterMode, Svf, SvfCoefficients};
use crate::osc::Noise;

/// Time in which the first reflections become dense, in seconds.
const BUILD_S: f32 = 0.012;
/// How far the burst has fallen when the gate shuts: 6 dB.
const LEFT: f64 = 0.5;
/// Time in which the gate shuts, in seconds: fast, and without a click.
const SHUT_S: f64 = 0.02;
/// A room takes the highest octave away; the drum's body stays below.
const LOW_HZ: f32 = 250.0;
const HIGH_HZ: f32 = 5_500.0;

/// Dense late reflections are noise; that of left and right is unrelated.
pub(super) struct GatedRoom {
    noises: [Noise; 2],
    filters: [[Svf; 2]; 2],
    high: SvfCoefficients,
    low: SvfCoefficients,
    onset: Onset,
    level: f32,
    /// What the level is multiplied by in each frame.
    factor: f32,
    frames_left: usize,
    shut_frames: usize,
}

impl GatedRoom {
    pub(super) fn new(snare: &Snare, context: &HitContext) -> Self {
        let rate = context.rate;
        let frames = rate.frames(f64::from(snare.room_s));
        Self {
            noises: ["room left", "room right"].map(|side| Noise::white(context.seed.fork(side))),
            filters: Default::default(),
            high: SvfCoefficients::tuned(FilterMode::High, LOW_HZ, 0.707, rate),
            low: SvfCoefficients::tuned(FilterMode::Low, HIGH_HZ, 0.707, rate),
            onset: Onset::new(BUILD_S, rate),
            level: 0.4 * snare.room * context.force,
            factor: LEFT.powf(1.0 / frames.max(1) as f64) as f32,
            frames_left: frames,
            shut_frames: rate.frames(SHUT_S),
        }
    }

    /// Adds what is left of it.
    pub(super) fn fill(&mut self, block: &mut [StereoFrame]) {
        for frame in block.iter_mut().take(self.frames_left) {
            let gate = (self.frames_left as f32 / self.shut_frames as f32).min(1.0);
            let gain = gate * self.level * self.onset.step();
            self.level *= self.factor;
            self.frames_left -= 1;
            for ((out, noise), [high, low]) in frame.iter_mut().zip(&mut self.noises).zip(&mut self.filters) {
                *out += gain * low.process(&self.low, high.process(&self.high, noise.sample()));
            }
        }
    }

    pub(super) fn is_shut(&self) -> bool {
        self.frames_left == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Seed;
    use crate::units::SampleRate;

    /// RMS of ten milliseconds from each of `starts_s`, in dB.
    fn levels_db<const COUNT: usize>(room_s: f32, starts_s: [f64; COUNT]) -> [f64; COUNT] {
        let rate = SampleRate::CD;
        let context = HitContext { rate, force: 1.0, ratio: 1.0, seed: Seed(3) };
        let mut room = GatedRoom::new(&Snare { room: 1.0, room_s, ..Snare::default() }, &context);
        let mut frames = vec![[0.0f32; 2]; 44_100];
        frames.chunks_mut(64).for_each(|block| room.fill(block));
        assert!(room.is_shut());
        starts_s.map(|start_s| {
            let part = &frames[rate.frames(start_s)..][..441];
            let energy: f64 = part.iter().flatten().map(|sample| f64::from(*sample).powi(2)).sum();
            10.0 * (energy / 882.0).max(1e-20).log10()
        })
    }

    #[test]
    fn the_room_stays_up_until_its_gate_shuts() {
        for room_s in [0.15, 0.3] {
            let end_s = f64::from(room_s);
            let [early, late, after] = levels_db(room_s, [0.02, end_s - 0.035, end_s + 0.001]);
            // 6 dB in all, and the chance of ten milliseconds of noise.
            assert!((early - late - 5.0).abs() < 3.0, "{early} {late}");
            assert!(after < -190.0, "{after}");
        }
    }
}
