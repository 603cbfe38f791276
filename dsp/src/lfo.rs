//! Low-frequency oscillators.

use crate::parameters::{Checked, parameters};
use crate::rng::{Rng, Seed};
use serde::{Deserialize, Serialize};

/// The shape of a modulation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LfoShape {
    /// Starts at 0, upwards.
    #[default]
    Sine,
    /// Starts at 0, upwards.
    Triangle,
    /// Falls from 1 to -1.
    Saw,
    /// 1, then -1.
    Square,
    /// A new random level in each period.
    SampleAndHold,
    /// From one random level to the next along a cosine.
    SmoothRandom,
}

impl Checked for LfoShape {}

parameters! {
    /// A low-frequency oscillator, started anew by each note.
    pub struct LfoSpec {
        /// Periods per second; used where `period_beats` is 0.
        rate_hz: 5.0 in 0.01..=40.0,
        /// Length of a period in quarter notes; 0 = by `rate_hz`.
        period_beats: 0.0 in 0.0..=64.0,
        /// Time before it sets in, in seconds.
        delay_s: 0.0 in 0.0..=20.0,
        /// Time from there until its full depth, in seconds.
        fade_s: 0.0 in 0.0..=20.0,
        /// Where in its period it starts, 0.0 ..= 1.0.
        phase: 0.0 in 0.0..=1.0,
        ;
        /// The curve.
        shape: LfoShape = LfoShape::Sine,
    }
}

/// A running [`LfoSpec`], -1.0 ..= 1.0.
#[derive(Debug, Clone)]
pub struct Lfo {
    shape: LfoShape,
    phase: f64,
    increment: f64,
    depth: f32,
    depth_step: f32,
    /// Steps until it sets in.
    delay: u32,
    /// The last random level, and the next one.
    held: f32,
    next: f32,
    rng: Rng,
}

impl Lfo {
    /// One that is stepped `step_hz` times per second, at a tempo.
    pub fn new(spec: &LfoSpec, step_hz: f64, bpm: f64, seed: Seed) -> Self {
        let rate_hz =
            if spec.period_beats > 0.0 { bpm / 60.0 / f64::from(spec.period_beats) } else { f64::from(spec.rate_hz) };
        let fade_steps = f64::from(spec.fade_s) * step_hz;
        let mut rng = seed.rng();
        let (held, next) = (rng.bipolar(), rng.bipolar());
        let delay = (f64::from(spec.delay_s) * step_hz).round() as u32;
        Self {
            shape: spec.shape,
            phase: f64::from(spec.phase),
            increment: rate_hz / step_hz,
            depth: if fade_steps < 1.0 && delay == 0 { 1.0 } else { 0.0 },
            depth_step: (1.0 / fade_steps.max(1.0)) as f32,
            delay,
            held,
            next,
            rng,
        }
    }

    /// The level now; then one step on.
    pub fn step(&mut self) -> f32 {
        let phase = self.phase as f32;
        let level = match self.shape {
            LfoShape::Sine => (std::f32::consts::TAU * phase).sin(),
            LfoShape::Triangle => 1.0 - 4.0 * ((phase + 0.25).fract() - 0.5).abs(),
            LfoShape::Saw => 1.0 - 2.0 * phase,
            LfoShape::Square => {
                if phase < 0.5 {
                    1.0
                } else {
                    -1.0
                }
            }
            LfoShape::SampleAndHold => self.held,
            LfoShape::SmoothRandom => {
                self.held + (self.next - self.held) * (0.5 - 0.5 * (std::f32::consts::PI * phase).cos())
            }
        };
        let level = level * self.depth;
        if self.delay > 0 {
            self.delay -= 1;
        } else {
            self.depth = (self.depth + self.depth_step).min(1.0);
        }
        self.phase += self.increment;
        if self.phase >= 1.0 {
            self.phase = self.phase.fract();
            self.held = std::mem::replace(&mut self.next, self.rng.bipolar());
        }
        level
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_in_beats_follows_the_tempo() {
        // Two beats at 120 BPM are one second: 1000 steps.
        for shape in [LfoShape::Sine, LfoShape::Triangle, LfoShape::Saw, LfoShape::Square] {
            let spec = LfoSpec { period_beats: 2.0, shape, ..LfoSpec::default() };
            let mut lfo = Lfo::new(&spec, 1000.0, 120.0, Seed(1));
            let levels: Vec<f32> = (0..2000).map(|_| lfo.step()).collect();
            assert!((levels[250] - levels[1250]).abs() < 1e-3, "{shape:?}");
            assert!(levels.iter().sum::<f32>().abs() < 5.0, "{shape:?}");
            assert!(levels.iter().fold(0.0f32, |peak, level| peak.max(level.abs())) > 0.99, "{shape:?}");
        }
    }

    #[test]
    fn smooth_random_never_jumps_and_a_delay_is_silent() {
        let spec = LfoSpec { rate_hz: 10.0, delay_s: 0.2, shape: LfoShape::SmoothRandom, ..LfoSpec::default() };
        let mut lfo = Lfo::new(&spec, 1000.0, 120.0, Seed(4));
        let levels: Vec<f32> = (0..2000).map(|_| lfo.step()).collect();
        assert!(levels[..200].iter().all(|&level| level == 0.0));
        // At most 2 within the 100 steps of a period, at most pi / 2 times as fast in its middle.
        assert!(levels[202..].windows(2).all(|pair| (pair[1] - pair[0]).abs() < 0.0315));
        assert!(levels.iter().any(|&level| level > 0.4) && levels.iter().any(|&level| level < -0.4));
    }

    #[test]
    fn a_fade_starts_from_nothing() {
        let spec = LfoSpec { fade_s: 1.0, shape: LfoShape::Square, rate_hz: 1.0, ..LfoSpec::default() };
        let mut lfo = Lfo::new(&spec, 1000.0, 120.0, Seed(1));
        let levels: Vec<f32> = (0..1500).map(|_| lfo.step()).collect();
        assert_eq!(levels[0], 0.0);
        assert!((levels[250] - 0.25).abs() < 1e-3);
        assert_eq!(levels[1250], 1.0);
    }
}
