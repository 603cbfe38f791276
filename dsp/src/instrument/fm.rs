//! Four sine operators that modulate each other's phase (Chowning, "The synthesis of complex audio spectra by means of frequency
//! modulation", 1973), in the eight arrangements of the four-operator synthesizers of the 1980s.

use super::voicing::{CONTROL_FRAMES, ControlledVoice, OnGrid, velocity_gain};
use super::{Instrument, Strike, Voice};
use crate::audio::StereoFrame;
use crate::envelope::{Adsr, Envelope, SILENCE};
use crate::lfo::{Lfo, LfoSpec};
use crate::osc::{phase_increment, sine};
use crate::parameters::parameters;
use crate::units::{SampleRate, db_to_gain, pitch_to_hz};

/// For each operator: which operators modulate it, and whether it is heard.
type Arrangement = [(&'static [usize], bool); 4];

/// The eight arrangements. Operator 4 is last.
///
/// 1: 4-3-2-1. 2: (3, 4)-2-1. 3: (4, 3-2)-1. 4: (2, 4-3)-1. 5: 2-1, 4-3. 6: 4-(1, 2, 3). 7: 4-3, 1, 2. 8: all side by side.
const ALGORITHMS: [Arrangement; 8] = [
    [(&[1], true), (&[2], false), (&[3], false), (&[], false)],
    [(&[1], true), (&[2, 3], false), (&[], false), (&[], false)],
    [(&[1, 3], true), (&[2], false), (&[], false), (&[], false)],
    [(&[1, 2], true), (&[], false), (&[3], false), (&[], false)],
    [(&[1], true), (&[], false), (&[3], true), (&[], false)],
    [(&[3], true), (&[3], true), (&[3], true), (&[], false)],
    [(&[], true), (&[], true), (&[3], true), (&[], false)],
    [(&[], true), (&[], true), (&[], true), (&[], true)],
];

parameters! {
    /// A sine with its own envelope.
    pub struct Operator {
        /// Frequency as a multiple of the struck pitch's.
        ratio: 1.0 in 0.1..=24.0,
        /// Fine tuning in cents.
        cents: 0.0 in -100.0..=100.0,
        /// Amplitude if it is heard; modulation index in radians if it modulates.
        level: 0.0 in 0.0..=12.0,
        /// How far velocity moves the level: 1.0 = 40 log10(velocity / 127) dB.
        velocity: 0.5 in 0.0..=2.0,
        /// How much lower the level is for each octave above middle C, in decibels.
        key_scaling_db: 0.0 in 0.0..=12.0,
        ;
        /// Moves the level.
        envelope: Adsr = Adsr::default(),
    }
}

parameters! {
    /// Four operators.
    pub struct Fm {
        /// Who modulates whom, 1 to 8; a fraction is cut off.
        algorithm: 5.0 in 1.0..=8.0,
        /// How far operator 4 modulates itself, in radians.
        feedback: 0.0 in 0.0..=2.0,
        /// Vibrato: depth of the LFO on the pitch, in cents.
        lfo_pitch_cents: 0.0 in 0.0..=1200.0,
        ;
        /// Always heard.
        operator1: Operator = Operator { level: 1.0, ..Operator::default() },
        /// Operator 2.
        operator2: Operator = Operator { level: 1.5, ..Operator::default() },
        /// Operator 3.
        operator3: Operator = Operator::default(),
        /// The one with feedback.
        operator4: Operator = Operator::default(),
        /// Vibrato.
        lfo: LfoSpec = LfoSpec::default(),
    }
}

impl Instrument for Fm {
    fn strike(&self, strike: &Strike) -> Box<dyn Voice> {
        Box::new(OnGrid::new(FmVoice::new(self, strike), strike.sample_rate))
    }

    fn sustains(&self) -> bool {
        let operators = [&self.operator1, &self.operator2, &self.operator3, &self.operator4];
        let heard = operators.into_iter().zip(self.arrangement()).filter(|(_, (_, is_heard))| *is_heard);
        heard.into_iter().any(|(operator, _)| operator.level > 0.0 && operator.envelope.sustain > SILENCE)
    }
}

impl Fm {
    fn arrangement(&self) -> &'static Arrangement {
        &ALGORITHMS[self.algorithm as usize - 1]
    }
}

struct RunningOperator {
    phase: u32,
    increment: u32,
    /// Frequency ratio, fine tuning included.
    ratio: f64,
    level: f32,
    envelope: Envelope,
}

impl RunningOperator {
    /// From the radians by which the phase is moved to the operator's sound, in place.
    fn modulate(&mut self, block: &mut [f32]) {
        let mut levels = [0.0; CONTROL_FRAMES];
        self.envelope.fill(&mut levels[..block.len()]);
        for (sample, level) in block.iter_mut().zip(&levels) {
            *sample = self.level * level * sine(self.phase.wrapping_add(radians_to_phase(*sample)));
            self.phase = self.phase.wrapping_add(self.increment);
        }
    }

    /// The same where the sum of its last two samples, without their level, moves its phase too.
    fn feed_back(&mut self, block: &mut [f32], feedback: f32, last: &mut [f32; 2]) {
        let mut levels = [0.0; CONTROL_FRAMES];
        self.envelope.fill(&mut levels[..block.len()]);
        for (sample, level) in block.iter_mut().zip(&levels) {
            let radians = *sample + feedback * (last[0] + last[1]);
            let wave = sine(self.phase.wrapping_add(radians_to_phase(radians)));
            self.phase = self.phase.wrapping_add(self.increment);
            *last = [wave, last[0]];
            *sample = self.level * level * wave;
        }
    }
}

/// In steps of 2^-24 of a cycle (an `f32` has no more); up to 128 cycles, ten times what operators can reach.
#[inline]
fn radians_to_phase(radians: f32) -> u32 {
    const STEPS: f32 = 16_777_216.0 / std::f32::consts::TAU;
    ((radians * STEPS) as i32 as u32) << 8
}

struct FmVoice {
    rate: SampleRate,
    pitch: f64,
    arrangement: &'static Arrangement,
    operators: [RunningOperator; 4],
    feedback: f32,
    /// The last two outputs of operator 4: their mean is fed back, which keeps it from oscillating at half the sample rate.
    fed_back: [f32; 2],
    lfo: Lfo,
    lfo_pitch_cents: f32,
}

impl FmVoice {
    fn new(fm: &Fm, strike: &Strike) -> Self {
        let rate = strike.sample_rate;
        let octaves = (strike.pitch as f32 - 60.0) / 12.0;
        let operators = [&fm.operator1, &fm.operator2, &fm.operator3, &fm.operator4].map(|spec| RunningOperator {
            phase: 0,
            increment: 0,
            ratio: f64::from(spec.ratio) * (f64::from(spec.cents) / 1200.0).exp2(),
            level: spec.level
                * velocity_gain(strike.velocity, spec.velocity)
                * db_to_gain(-spec.key_scaling_db * octaves),
            envelope: Envelope::new(&spec.envelope, rate.hz()),
        });
        Self {
            rate,
            pitch: strike.pitch,
            arrangement: fm.arrangement(),
            operators,
            feedback: fm.feedback,
            fed_back: [0.0; 2],
            lfo: Lfo::new(&fm.lfo, super::control_hz(rate), strike.bpm, strike.seed.fork("lfo")),
            lfo_pitch_cents: fm.lfo_pitch_cents,
        }
    }
}

impl ControlledVoice for FmVoice {
    fn control(&mut self, bend_semitones: f32) {
        let moved = bend_semitones + self.lfo.step() * self.lfo_pitch_cents / 100.0;
        let hz = pitch_to_hz(self.pitch + f64::from(moved));
        for operator in &mut self.operators {
            operator.increment = phase_increment(hz * operator.ratio, self.rate);
        }
    }

    fn fill(&mut self, block: &mut [StereoFrame]) {
        let count = block.len();
        let mut outputs = [[0.0; CONTROL_FRAMES]; 4];
        // Modulators have higher numbers than what they modulate.
        for index in (0..4).rev() {
            if self.operators[index].level == 0.0 {
                continue;
            }
            let (modulators, is_heard) = self.arrangement[index];
            let (modulated, modulating) = outputs.split_at_mut(index + 1);
            let out = &mut modulated[index][..count];
            for &from in modulators {
                out.iter_mut().zip(&modulating[from - index - 1]).for_each(|(radians, added)| *radians += added);
            }
            let operator = &mut self.operators[index];
            if index == 3 && self.feedback > 0.0 {
                operator.feed_back(out, 0.5 * self.feedback, &mut self.fed_back);
            } else {
                operator.modulate(out);
            }
            if is_heard {
                for (frame, sample) in block.iter_mut().zip(&*out) {
                    frame[0] += sample;
                    frame[1] += sample;
                }
            }
        }
    }

    fn release(&mut self) {
        self.operators.iter_mut().for_each(|operator| operator.envelope.release());
    }

    fn is_finished(&self) -> bool {
        let heard = self.operators.iter().zip(self.arrangement).filter(|(_, (_, is_heard))| *is_heard);
        heard.into_iter().all(|(operator, _)| operator.level == 0.0 || operator.envelope.is_finished())
    }
}
