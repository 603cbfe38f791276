//! Struck bars, tongues, glasses and bells: a handful of decaying modes.

use super::burst::{Burst, BurstShape};
use super::voicing::{CONTROL_FRAMES, ControlledVoice, OnGrid, velocity_gain};
use super::{Instrument, Strike, Voice};
use crate::audio::StereoFrame;
use crate::envelope::{Decay, SILENCE};
use crate::osc::{pan_gains, phase_increment, phase_of, sine};
use crate::parameters::{Checked, parameters};
use crate::units::{SampleRate, pitch_to_hz};
use serde::{Deserialize, Serialize};

/// What is struck: which modes it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Material {
    /// Marimba: a bar tuned to 1 : 3.9 : 9.2.
    #[default]
    Bar,
    /// Vibraphone: a metal bar tuned to 1 : 4 : 10.
    Metal,
    /// Kalimba: a clamped tongue, 1 : 6.3 : 17.5, with the box's own modes.
    Tongue,
    /// A glass: modes near squares.
    Glass,
    /// A church bell: hum, prime, tierce, quint, nominal and above, heard an octave below the nominal.
    Bell,
}

impl Checked for Material {}

impl Material {
    /// Frequency ratio, level, and decay as a part of the whole's (ratios after Fletcher and Rossing, "The Physics of Musical
    /// Instruments", chapters 19 to 21).
    fn modes(self) -> &'static [(f64, f32, f32)] {
        match self {
            Self::Bar => &[(1.0, 1.0, 1.0), (3.93, 0.3, 0.3), (9.2, 0.14, 0.12), (16.3, 0.05, 0.06)],
            Self::Metal => &[(1.0, 1.0, 1.0), (4.0, 0.28, 0.45), (10.1, 0.14, 0.2), (17.9, 0.06, 0.1)],
            Self::Tongue => {
                &[(1.0, 1.0, 1.0), (2.01, 0.1, 0.5), (5.42, 0.22, 0.2), (6.27, 0.16, 0.14), (17.5, 0.06, 0.05)]
            }
            Self::Glass => {
                &[(1.0, 1.0, 1.0), (2.32, 0.45, 0.7), (4.25, 0.32, 0.45), (6.63, 0.2, 0.3), (9.38, 0.1, 0.2)]
            }
            Self::Bell => &[
                (0.5, 0.35, 1.5),
                (1.0, 1.0, 1.0),
                (1.19, 0.55, 0.8),
                (1.5, 0.25, 0.5),
                (2.0, 0.7, 0.55),
                (2.56, 0.25, 0.35),
                (3.0, 0.2, 0.3),
                (4.07, 0.2, 0.2),
            ],
        }
    }
}

/// The most modes of a material.
const MAX_MODES: usize = 8;

parameters! {
    /// Something that rings when it is struck.
    pub struct Modal {
        /// Time for middle C's lowest mode to fall by 60 dB, in seconds; higher notes are shorter.
        decay_s: 1.5 in 0.05..=30.0,
        /// From letting go to -60 dB, in seconds.
        release_s: 1.5 in 0.02..=30.0,
        /// Hardness of the mallet: level of the higher modes at full velocity, 1.0 = as they are.
        hardness: 0.8 in 0.0..=2.0,
        /// Level of the mallet's knock.
        knock: 0.1 in 0.0..=1.0,
        /// How far velocity moves the loudness: 1.0 = 40 log10(velocity / 127) dB.
        velocity: 0.7 in 0.0..=1.0,
        /// Modes beat with a twin this far away, in cents; 0 = there is none.
        beat_cents: 0.0 in 0.0..=30.0,
        /// How far the modes are spread over left and right.
        width: 0.4 in 0.0..=1.0,
        ;
        /// What is struck.
        material: Material = Material::Bar,
    }
}

impl Instrument for Modal {
    fn strike(&self, strike: &Strike) -> Box<dyn Voice> {
        Box::new(OnGrid::new(ModalVoice::new(self, strike), strike.sample_rate))
    }
}

struct Mode {
    ratio: f64,
    phase: u32,
    increment: u32,
    decay: Decay,
    gains: [f32; 2],
}

struct ModalVoice {
    rate: SampleRate,
    pitch: f64,
    modes: Vec<Mode>,
    release_s: f32,
    damping: f32,
    damper: f32,
    knock: Burst,
    loudness: f32,
}

impl ModalVoice {
    fn new(modal: &Modal, strike: &Strike) -> Self {
        let rate = strike.sample_rate;
        let hz = pitch_to_hz(strike.pitch);
        let octaves = (strike.pitch as f32 - 60.0) / 12.0;
        let force = strike.velocity.unit();
        let mut rng = strike.seed.rng();
        let twins: &[f64] = if modal.beat_cents > 0.0 { &[-0.5, 0.5] } else { &[0.0] };
        let mut modes = Vec::with_capacity(2 * MAX_MODES);
        for (index, &(ratio, level, part)) in modal.material.modes().iter().enumerate() {
            // A mode above the range of hearing is not struck.
            if hz * ratio > (0.45 * rate.hz()).min(20_000.0) {
                continue;
            }
            let is_main = ratio == 1.0;
            let brightness = if is_main { 1.0 } else { modal.hardness * (0.3 + 0.7 * force) };
            let pan = if is_main { 0.0 } else { modal.width * if index % 2 == 0 { 1.0 } else { -1.0 } };
            for twin in twins {
                let level = level * brightness / (twins.len() as f32);
                modes.push(Mode {
                    ratio: ratio * (twin * f64::from(modal.beat_cents) / 1200.0).exp2(),
                    phase: if is_main { 0 } else { phase_of(rng.uniform_f64()) },
                    increment: 0,
                    decay: Decay::new(modal.decay_s * part * (-0.5 * octaves).exp2(), rate.hz()),
                    gains: pan_gains(pan).map(|gain| gain * level),
                });
            }
        }
        Self {
            rate,
            pitch: strike.pitch,
            modes,
            release_s: modal.release_s,
            damping: 1.0,
            damper: 1.0,
            knock: Burst::new(
                &BurstShape { level: 2.0 * modal.knock * force, hz: 700.0 + 1.5 * hz as f32, q: 0.7, decay_s: 0.025 },
                rate,
                strike.seed,
            ),
            loudness: 0.7 * velocity_gain(strike.velocity, modal.velocity),
        }
    }
}

impl ControlledVoice for ModalVoice {
    fn control(&mut self, bend_semitones: f32) {
        let hz = pitch_to_hz(self.pitch + f64::from(bend_semitones));
        for mode in &mut self.modes {
            mode.increment = phase_increment(hz * mode.ratio, self.rate);
        }
        self.modes.retain(|mode| !mode.decay.is_inaudible());
        self.knock.control();
    }

    fn fill(&mut self, block: &mut [StereoFrame]) {
        let mut scratch = [[0.0; CONTROL_FRAMES]; 4];
        let [left, right, level, knock] = scratch.each_mut().map(|scratch| &mut scratch[..block.len()]);
        for mode in &mut self.modes {
            mode.decay.fill(level);
            let (mut phase, [gain_left, gain_right]) = (mode.phase, mode.gains);
            for ((left, right), level) in left.iter_mut().zip(&mut *right).zip(&*level) {
                let sample = level * sine(phase);
                phase = phase.wrapping_add(mode.increment);
                *left += gain_left * sample;
                *right += gain_right * sample;
            }
            mode.phase = phase;
        }
        self.knock.add(knock);
        for ((frame, knock), (left, right)) in block.iter_mut().zip(knock).zip(left.iter().zip(&*right)) {
            self.damping *= self.damper;
            frame[0] += self.loudness * (self.damping * left + *knock);
            frame[1] += self.loudness * (self.damping * right + *knock);
        }
    }

    fn release(&mut self) {
        self.damper = Decay::factor(self.release_s, self.rate.hz());
    }

    fn is_finished(&self) -> bool {
        self.damping < SILENCE || self.modes.iter().all(|mode| mode.decay.is_finished())
    }
}
