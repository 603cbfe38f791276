//! Envelopes with the exponential curves of a charging capacitor.

use crate::parameters::parameters;

/// A decay "time" is the time to fall by 60 dB, as in acoustics: ln(1000) time constants.
const TIME_CONSTANTS_TO_60_DB: f64 = 6.907_755;
/// The attack charges towards 1.3 and is cut off at 1, which makes it nearly straight, as in analogue envelope chips.
const ATTACK_TARGET: f64 = 1.3;
/// Time in which the release sets in, in seconds: a kink in the level would be heard on low notes. It makes the release 1 ms longer.
const RELEASE_ONSET_S: f64 = 0.002;
/// -90 dB: below this a voice is silent.
pub const SILENCE: f32 = 3.16e-5;

parameters! {
    /// Attack, decay, sustain, release.
    pub struct Adsr {
        /// From silence to full level, in seconds.
        attack_s: 0.002 in 0.0..=20.0,
        /// From full level to the sustain level, within -60 dB of the way, in seconds.
        decay_s: 0.5 in 0.001..=60.0,
        /// Level while the key is held, 0.0 ..= 1.0.
        sustain: 1.0 in 0.0..=1.0,
        /// From letting go to -60 dB, in seconds.
        release_s: 0.1 in 0.001..=60.0,
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Attack,
    Decay,
    Release,
}

/// A running [`Adsr`], 0.0 ..= 1.0.
#[derive(Debug, Clone, Copy)]
pub struct Envelope {
    stage: Stage,
    level: f32,
    sustain: f32,
    attack: f32,
    decay: f32,
    release: f32,
    /// Share of `release` that has set in, and what comes in each step.
    released: f32,
    release_onset: f32,
}

impl Envelope {
    /// An envelope that is stepped `rate_hz` times per second and starts now.
    pub fn new(adsr: &Adsr, rate_hz: f64) -> Self {
        let attack_constants = (ATTACK_TARGET / (ATTACK_TARGET - 1.0)).ln();
        let coefficient =
            |seconds: f32, constants: f64| (1.0 - (-constants / (f64::from(seconds) * rate_hz).max(1e-3)).exp()) as f32;
        Self {
            stage: Stage::Attack,
            level: 0.0,
            sustain: adsr.sustain,
            attack: coefficient(adsr.attack_s, attack_constants),
            decay: coefficient(adsr.decay_s, TIME_CONSTANTS_TO_60_DB),
            release: coefficient(adsr.release_s, TIME_CONSTANTS_TO_60_DB),
            released: 0.0,
            release_onset: (1.0 / (RELEASE_ONSET_S * rate_hz)) as f32,
        }
    }

    /// One step on; the new level.
    #[inline]
    pub fn step(&mut self) -> f32 {
        match self.stage {
            Stage::Attack => {
                self.level += self.attack * (ATTACK_TARGET as f32 - self.level);
                if self.level >= 1.0 {
                    self.level = 1.0;
                    self.stage = Stage::Decay;
                }
            }
            Stage::Decay => self.level += self.decay * (self.sustain - self.level),
            Stage::Release => {
                self.released = (self.released + self.release_onset).min(1.0);
                self.level -= self.released * self.release * self.level;
            }
        }
        self.level
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
            Stage::Attack => false,
            Stage::Decay => self.sustain < SILENCE && self.level < SILENCE,
            Stage::Release => self.level < SILENCE,
        }
    }
}

/// An exponential decay from 1.0.
#[derive(Debug, Clone, Copy)]
pub struct Decay {
    level: f32,
    factor: f32,
}

impl Decay {
    /// `decay_s`: time to fall by 60 dB, in seconds; stepped `rate_hz` times per second.
    pub fn new(decay_s: f32, rate_hz: f64) -> Self {
        Self { level: 1.0, factor: Self::factor(decay_s, rate_hz) }
    }

    /// What the level is multiplied by in each step.
    pub fn factor(decay_s: f32, rate_hz: f64) -> f32 {
        (-TIME_CONSTANTS_TO_60_DB / (f64::from(decay_s) * rate_hz).max(1e-3)).exp() as f32
    }

    /// The level now; then one step on.
    #[inline]
    pub fn step(&mut self) -> f32 {
        let level = self.level;
        // Stops at zero before denormal numbers.
        self.level = if level > 1e-12 { level * self.factor } else { 0.0 };
        level
    }

    /// Makes the rest of the decay take `decay_s` per 60 dB.
    pub fn hurry(&mut self, decay_s: f32, rate_hz: f64) {
        self.factor = self.factor.min(Self::factor(decay_s, rate_hz));
    }

    /// True below -90 dB.
    #[inline]
    pub fn is_finished(&self) -> bool {
        self.level < SILENCE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE_HZ: f64 = 10_000.0;

    #[test]
    fn an_envelope_keeps_its_times() {
        let adsr = Adsr { attack_s: 0.1, decay_s: 0.2, sustain: 0.5, release_s: 0.3 };
        let mut envelope = Envelope::new(&adsr, RATE_HZ);
        let attack: Vec<f32> = (0..1000).map(|_| envelope.step()).collect();
        // RC charging towards 1.3: at half time 1.3 (1 - exp(-0.733)) = 0.6755.
        assert!((attack[499] - 0.6755).abs() < 1e-3, "{}", attack[499]);
        assert!((attack[999] - 1.0).abs() < 2e-3);
        // 60 dB of the way from 1 to 0.5 leaves 0.0005.
        let decayed = (0..2000).map(|_| envelope.step()).last().expect("2000 steps");
        assert!((decayed - 0.5005).abs() < 1e-4, "{decayed}");
        envelope.release();
        // The onset costs 1 ms less half a step: 9.5 steps.
        let released = (0..3009).map(|_| envelope.step()).last().expect("3009 steps");
        assert!((released / 0.5005 - 1e-3).abs() < 5e-6, "{released}");
        assert!(!envelope.is_finished());
        (0..3000).for_each(|_| _ = envelope.step());
        assert!(envelope.is_finished());
    }

    #[test]
    fn a_decay_falls_by_60_db_in_its_time() {
        let mut decay = Decay::new(0.25, RATE_HZ);
        let levels: Vec<f32> = (0..=2500).map(|_| decay.step()).collect();
        assert_eq!(levels[0], 1.0);
        assert!((levels[2500] - 1e-3).abs() < 1e-6);
    }
}
