//! The slow sine that modulates choruses, reverbs and tapes, locked to the loop.

use super::EffectContext;
use crate::units::SampleRate;
use std::f64::consts::TAU;

/// A slow sine and cosine. In a loop it makes a whole number of turns, at least one, so that the loop's end meets its start.
#[derive(Debug, Clone, Copy)]
pub struct Sweep {
    phasor: [f64; 2],
    step: [f64; 2],
    turns: f64,
    position: usize,
    period: usize,
}

impl Sweep {
    /// A sweep of (nearly) `rate_hz`.
    pub fn new(context: &EffectContext, rate_hz: f32) -> Self {
        let cycle = context.sample_rate.hz() / f64::from(rate_hz.max(1e-3));
        let period = context.period_frames.unwrap_or(cycle.round() as usize).max(1);
        let turns = (period as f64 / cycle).round().max(1.0);
        let angle = TAU * turns / period as f64;
        Self { phasor: [1.0, 0.0], step: [angle.cos(), angle.sin()], turns, position: 0, period }
    }

    /// Its turns per second.
    pub fn rate_hz(&self, rate: SampleRate) -> f64 {
        self.turns / rate.seconds(self.period)
    }

    /// Cosine and sine, one frame on. A rotation, set back at every period: it does not drift.
    #[inline]
    pub fn tick(&mut self) -> [f32; 2] {
        let [cos, sin] = self.phasor;
        self.position += 1;
        self.phasor = if self.position == self.period {
            self.position = 0;
            [1.0, 0.0]
        } else {
            [cos * self.step[0] - sin * self.step[1], sin * self.step[0] + cos * self.step[1]]
        };
        [cos as f32, sin as f32]
    }

    /// Back to phase 0.
    pub fn reset(&mut self) {
        self.phasor = [1.0, 0.0];
        self.position = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score::Tempo;

    #[test]
    fn a_sweep_repeats_with_the_loop() {
        let tempo = Tempo::new(120.0).expect("valid");
        for period in [1_000usize, 44_100, 352_801] {
            let context = EffectContext { sample_rate: SampleRate::CD, tempo, period_frames: Some(period) };
            let mut sweep = Sweep::new(&context, 0.7);
            let first: Vec<_> = (0..period).map(|_| sweep.tick()).collect();
            let second: Vec<_> = (0..period).map(|_| sweep.tick()).collect();
            assert_eq!(first, second);
            // The step into the next pass is as small as every other.
            let cycle = 44_100.0 / 0.7f32;
            let slope = 1.5 * std::f32::consts::TAU / (period as f32).min(cycle);
            assert!((first[period - 1][1] - first[0][1]).abs() < slope);
        }
    }
}
