//! Envelopes with the exponential curves of a charging capacitor.

mod decay;

pub use decay::Decay;

use crate::parameters::parameters;

/// A decay "time" is the time to fall by 60 dB, as in acoustics: ln(1000) time constants.
const TIME_CONSTANTS_TO_60_DB: f64 = 6.907_755;
/// How far beyond its end a curve aims, as a part of the way: at 0.5, an attack charges towards 1.3 and is cut off at 1, as in analogue
/// envelope chips; 0.0 is nearly straight.
fn overshoot(curve: f32) -> f64 {
    0.3 * 0.03f64.powf(2.0 * f64::from(curve) - 1.0)
}

/// Time constants until a curve that aims that far is at its end.
fn time_constants(overshoot: f64) -> f64 {
    ((1.0 + overshoot) / overshoot).ln()
}

/// Time in which the release sets in, in seconds: a kink in the level would be heard on low notes. It makes the release 1 ms longer.
const RELEASE_ONSET_S: f64 = 0.002;
/// Time constant in which the level that is heard follows the curve, in seconds: corners between stages would click.
const ROUNDING_S: f64 = 0.0003;
/// -90 dB: below this a voice is silent.
pub const SILENCE: f32 = 3.16e-5;

parameters! {
    /// Delay, attack, hold, decay, sustain, release.
    pub struct Adsr {
        /// Silence before the attack, in seconds.
        delay_s: 0.0 in 0.0..=20.0,
        /// From silence to full level, in seconds.
        attack_s: 0.002 in 0.0..=20.0,
        /// At full level, in seconds.
        hold_s: 0.0 in 0.0..=20.0,
        /// From full level to the sustain level, within -60 dB of the way, in seconds.
        decay_s: 0.5 in 0.001..=60.0,
        /// Level while the key is held, 0.0 ..= 1.0.
        sustain: 1.0 in 0.0..=1.0,
        /// From letting go to -60 dB, in seconds.
        release_s: 0.1 in 0.001..=60.0,
        /// 0.0 (straight) ..= 1.0 (fast at first, then slow).
        attack_curve: 0.5 in 0.0..=1.0,
        /// 0.0 (straight) ..= 1.0 (exponential). Below 1.0 the decay ends at the sustain level in its time.
        decay_curve: 1.0 in 0.0..=1.0,
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Steps left.
    Delay(u32),
    Attack,
    /// Steps left.
    Hold(u32),
    Decay,
    Release,
}

/// A running [`Adsr`], 0.0 ..= 1.0.
#[derive(Debug, Clone, Copy)]
pub struct Envelope {
    stage: Stage,
    /// Where the curve is.
    curve: f32,
    /// What is heard of it, and how fast that follows.
    level: f32,
    rounding: f32,
    sustain: f32,
    attack: f32,
    attack_target: f32,
    hold: u32,
    decay: f32,
    decay_target: f32,
    release: f32,
    /// Share of `release` that has set in, and what comes in each step.
    released: f32,
    release_onset: f32,
}

impl Envelope {
    /// An envelope that is stepped `rate_hz` times per second and starts now.
    pub fn new(adsr: &Adsr, rate_hz: f64) -> Self {
        let rise = overshoot(adsr.attack_curve);
        let (fall, decay_constants) = if adsr.decay_curve >= 1.0 {
            (0.0, TIME_CONSTANTS_TO_60_DB)
        } else {
            let fall = overshoot(adsr.decay_curve);
            (fall, time_constants(fall))
        };
        let steps = |seconds: f32| (f64::from(seconds) * rate_hz).round() as u32;
        let coefficient =
            |seconds: f32, constants: f64| (1.0 - (-constants / (f64::from(seconds) * rate_hz).max(1e-3)).exp()) as f32;
        Self {
            stage: if steps(adsr.delay_s) > 0 { Stage::Delay(steps(adsr.delay_s)) } else { Stage::Attack },
            curve: 0.0,
            level: 0.0,
            rounding: coefficient(ROUNDING_S as f32, 1.0),
            sustain: adsr.sustain,
            attack: coefficient(adsr.attack_s, time_constants(rise)),
            attack_target: (1.0 + rise) as f32,
            hold: steps(adsr.hold_s),
            decay: coefficient(adsr.decay_s, decay_constants),
            decay_target: adsr.sustain - fall as f32 * (1.0 - adsr.sustain),
            release: coefficient(adsr.release_s, TIME_CONSTANTS_TO_60_DB),
            released: 0.0,
            release_onset: (1.0 / (RELEASE_ONSET_S * rate_hz)) as f32,
        }
    }

    /// One step on; the new level.
    #[inline]
    pub fn step(&mut self) -> f32 {
        match self.stage {
            Stage::Delay(left) => self.stage = if left > 1 { Stage::Delay(left - 1) } else { Stage::Attack },
            Stage::Attack => {
                self.curve += self.attack * (self.attack_target - self.curve);
                if self.curve >= 1.0 {
                    self.curve = 1.0;
                    self.stage = if self.hold > 0 { Stage::Hold(self.hold) } else { Stage::Decay };
                }
            }
            Stage::Hold(left) => self.stage = if left > 1 { Stage::Hold(left - 1) } else { Stage::Decay },
            Stage::Decay => self.curve = (self.curve + self.decay * (self.decay_target - self.curve)).max(self.sustain),
            Stage::Release => {
                self.released = (self.released + self.release_onset).min(1.0);
                self.curve -= self.released * self.release * self.curve;
            }
        }
        self.level += self.rounding * (self.curve - self.level);
        self.level
    }

    /// Steps once for each of `levels`, with the same result.
    pub fn fill(&mut self, levels: &mut [f32]) {
        match self.stage {
            Stage::Decay if self.is_steady() => levels.fill(self.level),
            // The long stages in loops of their own.
            Stage::Decay => {
                let Self { mut curve, mut level, rounding, sustain, decay, decay_target, .. } = *self;
                for out in levels {
                    curve = (curve + decay * (decay_target - curve)).max(sustain);
                    level += rounding * (curve - level);
                    *out = level;
                }
                (self.curve, self.level) = (curve, level);
            }
            Stage::Release => {
                let Self { mut curve, mut level, mut released, rounding, release, release_onset, .. } = *self;
                for out in levels {
                    released = (released + release_onset).min(1.0);
                    curve -= released * release * curve;
                    level += rounding * (curve - level);
                    *out = level;
                }
                (self.curve, self.level, self.released) = (curve, level, released);
            }
            Stage::Delay(_) | Stage::Attack | Stage::Hold(_) => {
                levels.iter_mut().for_each(|level| *level = self.step())
            }
        }
    }

    /// True where another step of the decay would change nothing.
    fn is_steady(&self) -> bool {
        let mut next = *self;
        next.step() == self.level && next.curve == self.curve
    }

    /// The level as of the last step.
    #[inline]
    pub fn level(&self) -> f32 {
        self.level
    }

    /// The key is let go.
    pub fn release(&mut self) {
        self.stage = Stage::Release;
    }

    /// True once it is and stays below -90 dB.
    #[inline]
    pub fn is_finished(&self) -> bool {
        match self.stage {
            Stage::Delay(_) | Stage::Attack | Stage::Hold(_) => false,
            Stage::Decay => self.sustain < SILENCE && self.level < SILENCE,
            Stage::Release => self.level < SILENCE,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE_HZ: f64 = 10_000.0;

    #[test]
    fn an_envelope_keeps_its_times() {
        let adsr = Adsr { attack_s: 0.1, decay_s: 0.2, sustain: 0.5, release_s: 0.3, ..Adsr::default() };
        let mut envelope = Envelope::new(&adsr, RATE_HZ);
        // Rounding makes everything three steps late.
        (0..3).for_each(|_| _ = envelope.step());
        let attack: Vec<f32> = (0..1000).map(|_| envelope.step()).collect();
        // RC charging towards 1.3: at half time 1.3 (1 - exp(-0.733)) = 0.6755.
        assert!((attack[499] - 0.6755).abs() < 1e-3, "{}", attack[499]);
        assert!((attack[999] - 1.0).abs() < 3e-3);
        // 60 dB of the way from 1 to 0.5 leaves 0.0005.
        let decayed = (0..2000).map(|_| envelope.step()).last().expect("2000 steps");
        assert!((decayed - 0.5005).abs() < 1e-4, "{decayed}");
        envelope.release();
        // The onset costs 1 ms less half a step: 9.5 steps; rounding two and a half.
        let released = (0..3012).map(|_| envelope.step()).last().expect("3012 steps");
        assert!((released / 0.5005 - 1e-3).abs() < 1e-5, "{released}");
        assert!(!envelope.is_finished());
        (0..3000).for_each(|_| _ = envelope.step());
        assert!(envelope.is_finished());
    }

    #[test]
    fn delay_and_hold_take_their_time_and_curves_bend() {
        let adsr = |attack_curve, decay_curve| Adsr {
            delay_s: 0.05,
            attack_s: 0.1,
            hold_s: 0.03,
            decay_s: 0.2,
            sustain: 0.5,
            attack_curve,
            decay_curve,
            ..Adsr::default()
        };
        let levels = |adsr: Adsr| {
            let mut envelope = Envelope::new(&adsr, RATE_HZ);
            (0..4000).map(|_| envelope.step()).collect::<Vec<f32>>()
        };
        let straight = levels(adsr(0.0, 0.0));
        assert!(straight[..500].iter().all(|&level| level == 0.0));
        // Half way up, half way down: a curve that aims eleven times as far bends by 2.4 %, and rounding by 0.3 %.
        assert!((straight[999] - 0.5).abs() < 0.03 && (straight[2799] - 0.75).abs() < 0.03);
        assert!(straight[1540..1798].iter().all(|&level| level > 0.9999));
        assert!((straight[3840] - 0.5).abs() < 1e-5);
        let bent = levels(adsr(1.0, 0.5));
        assert!(bent[999] > 0.9 && bent[2799] < 0.72, "{} {}", bent[999], bent[2799]);
    }
}
