//! Tape: the warmth and the faults of a tape machine.

use super::loop_noise::{LoopNoise, Presence};
use super::waveshaper::{Waveshaper, compensation, soft_mean};
use super::wow::Wow;
use super::{Biquad, Effect, EffectContext, MAX_BLOCK, Parameters, check};
use crate::audio::StereoFrame;
use crate::error::Result;
use crate::units::db_to_gain;
use serde::{Deserialize, Serialize};

/// Tape machine: soft saturation, antialiased; the bump of the play head at 80 Hz and its loss of treble; wow and flutter; hiss,
/// which ends some seconds after the music. A sine at -12 dBFS keeps its level.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Tape {
    /// Level on the tape: 0 to 24 dB, default 8.
    pub drive_db: f32,
    /// Height of the bump at 80 Hz: 0 to 6 dB, default 1.5.
    pub bump_db: f32,
    /// Where treble is lost: 2 000 to 20 000 Hz, default 11 000.
    pub high_cut_hz: f32,
    /// Deepest detuning by the wow, 0.7 times a second: 0 to 50 cents, default 4.
    pub wow_cents: f32,
    /// Deepest detuning by the flutter, 8.5 times a second: 0 to 20 cents, default 1.5.
    pub flutter_cents: f32,
    /// Level (root mean square) of the hiss: -100 (none) to -30 dBFS, default -68.
    pub hiss_db: f32,
    /// Of the hiss: 0 to 4 294 967 295, default 1.
    pub seed: u32,
}

impl Default for Tape {
    fn default() -> Self {
        Self {
            drive_db: 8.0,
            bump_db: 1.5,
            high_cut_hz: 11_000.0,
            wow_cents: 4.0,
            flutter_cents: 1.5,
            hiss_db: -68.0,
            seed: 1,
        }
    }
}

const BUMP_HZ: f64 = 80.0;
const WOW_HZ: f32 = 0.7;
const FLUTTER_HZ: f32 = 8.5;
/// Level at which a noise is off.
pub(super) const OFF_DB: f32 = -100.0;

impl Parameters for Tape {
    fn validate(&self) -> Result<()> {
        check("drive_db of tape", self.drive_db, 0.0..=24.0, "dB")?;
        check("bump_db of tape", self.bump_db, 0.0..=6.0, "dB")?;
        check("high_cut_hz of tape", self.high_cut_hz, 2_000.0..=20_000.0, "Hz")?;
        check("wow_cents of tape", self.wow_cents, 0.0..=50.0, "cents")?;
        check("flutter_cents of tape", self.flutter_cents, 0.0..=20.0, "cents")?;
        check("hiss_db of tape", self.hiss_db, OFF_DB..=-30.0, "dBFS")
    }

    fn build(&self, context: &EffectContext) -> Box<dyn Effect> {
        let rate = context.sample_rate;
        let gain = db_to_gain(self.drive_db);
        Box::new(RunningTape {
            gain,
            makeup: compensation(gain, |x| x / (1.0 + x * x).sqrt()),
            // As far as drive goes with this curve.
            waveshaper: Waveshaper::new(if self.drive_db <= 12.0 { 2 } else { 3 }),
            bump: Biquad::peak(rate, BUMP_HZ, f64::from(self.bump_db), 0.8),
            loss: Biquad::low_pass(rate, f64::from(self.high_cut_hz)),
            wow: Wow::new(context, [(self.wow_cents, WOW_HZ), (self.flutter_cents, FLUTTER_HZ)], 0),
            noise: LoopNoise::new(context, self.seed),
            presence: Presence::new(context),
            // Uniform noise has a third of the power of its peak.
            hiss: if self.hiss_db > OFF_DB { 3f32.sqrt() * db_to_gain(self.hiss_db) } else { 0.0 },
            noise_frames: if self.hiss_db > OFF_DB { rate.frames(Presence::TAIL_S) } else { 0 },
        })
    }
}

struct RunningTape {
    gain: f32,
    makeup: f32,
    waveshaper: Waveshaper,
    bump: Biquad,
    loss: Biquad,
    wow: Wow,
    noise: LoopNoise,
    presence: Presence,
    hiss: f32,
    noise_frames: usize,
}

impl Effect for RunningTape {
    fn process(&mut self, block: &mut [StereoFrame], _key: Option<&[StereoFrame]>) {
        let mut hiss = [[0.0; 2]; MAX_BLOCK];
        for (hiss, frame) in hiss.iter_mut().zip(&*block) {
            let level = self.hiss * self.presence.tick(*frame);
            *hiss = self.noise.tick().map(|noise: f32| level * noise);
        }
        self.waveshaper.process(block, self.gain, soft_mean);
        for (frame, hiss) in block.iter_mut().zip(hiss) {
            self.wow.write([self.makeup * frame[0] + hiss[0], self.makeup * frame[1] + hiss[1]]);
            *frame = self.wow.read();
        }
        self.bump.process(block);
        self.loss.process(block);
    }

    fn reset(&mut self) {
        self.waveshaper.reset();
        self.bump.reset();
        self.loss.reset();
        self.wow.reset();
        self.noise.reset();
        self.presence.reset();
    }

    fn tail_frames(&self) -> usize {
        let filters = self.bump.tail_frames() + self.loss.tail_frames();
        2 * self.latency_frames() + filters + self.noise_frames
    }

    fn latency_frames(&self) -> usize {
        // The newest sample is read at a delay of 1.
        self.waveshaper.latency_frames() + self.wow.latency_frames() - 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score::Tempo;
    use crate::units::{SampleRate, gain_to_db};

    fn run(spec: &Tape, input: impl Fn(usize) -> f32) -> Vec<StereoFrame> {
        let tempo = Tempo::new(120.0).expect("valid");
        let mut effect = spec.build(&EffectContext { sample_rate: SampleRate::CD, tempo, period_frames: None });
        let mut frames: Vec<StereoFrame> = (0..88_200).map(|n| [input(n); 2]).collect();
        frames.chunks_mut(MAX_BLOCK).for_each(|block| effect.process(block, None));
        frames.split_off(44_100)
    }

    fn rms_db(frames: &[StereoFrame]) -> f32 {
        gain_to_db((frames.iter().map(|frame| frame[0] * frame[0]).sum::<f32>() / frames.len() as f32).sqrt())
    }

    #[test]
    fn loud_notes_are_compressed_and_the_level_of_soft_ones_kept() {
        let sine = |level: f32| move |n: usize| level * (std::f32::consts::TAU * 441.0 * n as f32 / 44_100.0).sin();
        let still = Tape { hiss_db: OFF_DB, wow_cents: 0.0, flutter_cents: 0.0, bump_db: 0.0, ..Tape::default() };
        for drive_db in [0.0, 8.0, 20.0] {
            let spec = Tape { drive_db, ..still.clone() };
            let kept = rms_db(&run(&spec, sine(0.25))) + 15.05;
            assert!(kept.abs() < 0.1, "{drive_db} dB: {kept} dB");
            let loud = rms_db(&run(&spec, sine(1.0))) + 3.01;
            assert!(loud < if drive_db > 5.0 { -3.0 } else { -1.0 }, "{drive_db} dB: {loud} dB");
        }
    }

    #[test]
    fn the_hiss_has_its_level_beside_music() {
        // A sound far below the hiss but above the gate, on one frame in a thousand.
        let spec = Tape { hiss_db: -50.0, high_cut_hz: 20_000.0, ..Tape::default() };
        let level_db = rms_db(&run(&spec, |n| if n % 11_000 == 0 { 0.003 } else { 0.0 }));
        // The losses of the interpolation and the treble take up to 1.5 dB of white noise.
        assert!((-52.0..-49.7).contains(&level_db), "{level_db} dBFS");
    }
}
