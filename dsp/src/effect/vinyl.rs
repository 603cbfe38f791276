//! Vinyl: crackle, rumble, hiss and wow of a record.

use super::loop_noise::{LoopNoise, Presence};
use super::tape::OFF_DB;
use super::wow::Wow;
use super::{Biquad, Effect, EffectContext, Parameters, check};
use crate::audio::StereoFrame;
use crate::error::Result;
use crate::units::{SampleRate, db_to_gain};
use serde::{Deserialize, Serialize};

/// A worn record at 33 1/3 turns a minute. Its noises repeat with the loop, and end some seconds after the music.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Vinyl {
    /// Peak of the loudest crackles: -100 (none) to -12 dBFS, default -30. Most are far softer.
    pub crackle_db: f32,
    /// Crackles a second: 0 to 200, default 14.
    pub crackles_per_s: f32,
    /// Level (root mean square) of the motor's rumble, around 30 Hz: -100 (none) to -30 dBFS, default -62.
    pub rumble_db: f32,
    /// Level of the groove's hiss: -100 (none) to -30 dBFS, default -66.
    pub hiss_db: f32,
    /// Deepest detuning, once a turn: 0 to 50 cents, default 4.
    pub wow_cents: f32,
    /// What the worn groove has lost above: 2 000 to 20 000 Hz, default 13 000.
    pub high_cut_hz: f32,
    /// Of all its noises: 0 to 4 294 967 295, default 1.
    pub seed: u32,
}

impl Default for Vinyl {
    fn default() -> Self {
        Self {
            crackle_db: -30.0,
            crackles_per_s: 14.0,
            rumble_db: -62.0,
            hiss_db: -66.0,
            wow_cents: 4.0,
            high_cut_hz: 13_000.0,
            seed: 1,
        }
    }
}

/// 33 1/3 turns a minute; flutter plays no part.
const TURNS_HZ: f32 = 0.555_6;
/// A crackle is a scratch's step, rounded by the needle: the middle of its band.
const CRACKLE_HZ: f64 = 2_600.0;
const CRACKLE_Q: f64 = 0.6;
const RUMBLE_HZ: f64 = 30.0;
const RUMBLE_Q: f64 = 1.0;

impl Parameters for Vinyl {
    fn validate(&self) -> Result<()> {
        check("crackle_db of vinyl", self.crackle_db, OFF_DB..=-12.0, "dBFS")?;
        check("crackles_per_s of vinyl", self.crackles_per_s, 0.0..=200.0, "a second")?;
        check("rumble_db of vinyl", self.rumble_db, OFF_DB..=-30.0, "dBFS")?;
        check("hiss_db of vinyl", self.hiss_db, OFF_DB..=-30.0, "dBFS")?;
        check("wow_cents of vinyl", self.wow_cents, 0.0..=50.0, "cents")?;
        check("high_cut_hz of vinyl", self.high_cut_hz, 2_000.0..=20_000.0, "Hz")
    }

    fn build(&self, context: &EffectContext) -> Box<dyn Effect> {
        let rate = context.sample_rate;
        let on = |db: f32| if db > OFF_DB { db_to_gain(db) } else { 0.0 };
        let crackle = Biquad::band_pass(rate, CRACKLE_HZ, CRACKLE_Q);
        let rumble = Biquad::band_pass(rate, RUMBLE_HZ, RUMBLE_Q);
        let [crackle_peak, _] = peak_and_power(crackle, rate);
        let [_, rumble_power] = peak_and_power(rumble, rate);
        Box::new(RunningVinyl {
            chance: (f64::from(self.crackles_per_s) / rate.hz()) as f32,
            crackle_gain: on(self.crackle_db) / crackle_peak,
            // Uniform noise has a third of the power of its peak.
            rumble_gain: on(self.rumble_db) * (3.0 / rumble_power).sqrt(),
            hiss_gain: on(self.hiss_db) * 3f32.sqrt(),
            noise: LoopNoise::new(context, self.seed),
            presence: Presence::new(context),
            crackle,
            rumble,
            wow: Wow::new(context, [(self.wow_cents, TURNS_HZ), (0.0, TURNS_HZ)], 0),
            loss: Biquad::low_pass(rate, f64::from(self.high_cut_hz)),
            noise_frames: rate.frames(Presence::TAIL_S),
        })
    }
}

/// Largest value and energy of a filter's impulse response.
fn peak_and_power(mut filter: Biquad, rate: SampleRate) -> [f32; 2] {
    let response = (0..rate.frames(0.5)).map(|n| filter.tick([f64::from(u8::from(n == 0)); 2])[0]);
    let [peak, power] = response.fold([0.0f64; 2], |[peak, power], x| [peak.max(x.abs()), power + x * x]);
    [peak as f32, power as f32]
}

struct RunningVinyl {
    chance: f32,
    crackle_gain: f32,
    rumble_gain: f32,
    hiss_gain: f32,
    noise: LoopNoise,
    presence: Presence,
    crackle: Biquad,
    rumble: Biquad,
    wow: Wow,
    loss: Biquad,
    noise_frames: usize,
}

impl RunningVinyl {
    /// All noises of a frame.
    #[inline]
    fn noise(&mut self) -> StereoFrame {
        let [hiss_left, hiss_right, rumble, crackle, strength, place] = self.noise.tick();
        // Few are loud: the fourth power of a uniform number.
        let struck = if 0.5 + 0.5 * crackle < self.chance { strength * strength.abs().powi(3) } else { 0.0 };
        let struck = self.crackle_gain * struck;
        // A scratch is on one wall of the groove, mostly.
        let sides = [struck * (0.5 + 0.5 * place).sqrt(), struck * (0.5 - 0.5 * place).sqrt()];
        let crackle = self.crackle.tick(sides.map(f64::from));
        let rumble = self.rumble.tick([f64::from(self.rumble_gain * rumble); 2]);
        let add = |side: usize, hiss: f32| (crackle[side] + rumble[side]) as f32 + self.hiss_gain * hiss;
        [add(0, hiss_left), add(1, hiss_right)]
    }
}

impl Effect for RunningVinyl {
    fn process(&mut self, block: &mut [StereoFrame], _key: Option<&[StereoFrame]>) {
        for frame in block.iter_mut() {
            self.wow.write(*frame);
            let heard = self.wow.read();
            let presence = self.presence.tick(heard);
            let noise = self.noise();
            *frame = [heard[0] + presence * noise[0], heard[1] + presence * noise[1]];
        }
        self.loss.process(block);
    }

    fn reset(&mut self) {
        self.noise.reset();
        self.presence.reset();
        self.crackle.reset();
        self.rumble.reset();
        self.wow.reset();
        self.loss.reset();
    }

    fn tail_frames(&self) -> usize {
        2 * self.latency_frames() + self.loss.tail_frames() + self.noise_frames
    }

    fn latency_frames(&self) -> usize {
        // The newest sample is read at a delay of 1.
        self.wow.latency_frames() - 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::effect::MAX_BLOCK;
    use crate::score::Tempo;
    use crate::units::gain_to_db;

    /// The noises alone: beside them a click every half second, taken out again.
    fn noises(spec: &Vinyl) -> Vec<f32> {
        let tempo = Tempo::new(120.0).expect("valid");
        let context = EffectContext { sample_rate: SampleRate::CD, tempo, period_frames: None };
        let silent = Vinyl { crackle_db: OFF_DB, rumble_db: OFF_DB, hiss_db: OFF_DB, ..spec.clone() };
        let [with, without] = [spec, &silent].map(|spec| {
            let mut effect = spec.build(&context);
            let mut frames: Vec<StereoFrame> =
                (0..882_000).map(|n| [f32::from(u8::from(n % 22_050 == 0)); 2]).collect();
            frames.chunks_mut(MAX_BLOCK).for_each(|block| effect.process(block, None));
            frames
        });
        with.iter().zip(without).map(|(with, without)| with[0] - without[0]).collect()
    }

    fn rms_db(samples: &[f32]) -> f32 {
        gain_to_db((samples.iter().map(|x| x * x).sum::<f32>() / samples.len() as f32).sqrt())
    }

    #[test]
    fn every_noise_has_its_level() {
        let none =
            Vinyl { crackle_db: OFF_DB, rumble_db: OFF_DB, hiss_db: OFF_DB, high_cut_hz: 20_000.0, ..Vinyl::default() };
        let rumble = rms_db(&noises(&Vinyl { rumble_db: -50.0, ..none.clone() }));
        // Twenty seconds of noise 30 Hz wide: 600 independent values, 0.25 dB each way.
        assert!((rumble + 50.0).abs() < 0.8, "{rumble}");
        let hiss = rms_db(&noises(&Vinyl { hiss_db: -50.0, ..none.clone() }));
        assert!((-51.0..-49.9).contains(&hiss), "{hiss}");
        let crackle = noises(&Vinyl { crackle_db: -20.0, crackles_per_s: 50.0, ..none });
        let peak_db = gain_to_db(crackle.iter().fold(0.0f32, |peak, x| peak.max(x.abs())));
        // The loudest of a thousand, somewhere between left and right.
        assert!((-25.0..-17.0).contains(&peak_db), "{peak_db}");
        assert!(rms_db(&crackle) < peak_db - 25.0, "{}", rms_db(&crackle));
    }
}
