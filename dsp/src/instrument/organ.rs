//! Tone-wheel organ: nine drawbars, percussion on the second harmonic, and the click of the keys' contacts.

use super::burst::{Burst, BurstShape};
use super::voicing::{CONTROL_FRAMES, ControlledVoice, OnGrid};
use super::{Instrument, Strike, Voice};
use crate::audio::StereoFrame;
use crate::envelope::{Adsr, Decay, Envelope, SILENCE};
use crate::osc::wavetable::Cycle;
use crate::osc::{phase_increment, sine};
use crate::parameters::parameters;
use crate::units::{SampleRate, pitch_to_hz};

/// The drawbars' pipes as harmonics of the 16-foot one: 16', 5 1/3', 8', 4', 2 2/3', 2', 1 3/5', 1 1/3', 1'.
const HARMONICS: [usize; 9] = [1, 3, 2, 4, 6, 8, 10, 12, 16];

parameters! {
    /// Drawbars, 0 (in) to 8 (out; each step is 3 dB), and percussion.
    pub struct Organ {
        /// 16'.
        sub: 8.0 in 0.0..=8.0,
        /// 5 1/3'.
        sub_third: 8.0 in 0.0..=8.0,
        /// 8'.
        unison: 8.0 in 0.0..=8.0,
        /// 4'.
        octave: 0.0 in 0.0..=8.0,
        /// 2 2/3'.
        twelfth: 0.0 in 0.0..=8.0,
        /// 2'.
        fifteenth: 0.0 in 0.0..=8.0,
        /// 1 3/5'.
        seventeenth: 0.0 in 0.0..=8.0,
        /// 1 1/3'.
        nineteenth: 0.0 in 0.0..=8.0,
        /// 1'.
        twenty_second: 0.0 in 0.0..=8.0,
        /// Level of the percussion.
        percussion: 0.0 in 0.0..=1.0,
        /// Time for the percussion to fall by 60 dB, in seconds.
        percussion_s: 0.6 in 0.05..=4.0,
        /// Level of the contacts' click.
        click: 0.15 in 0.0..=1.0,
        ;
        /// Sounding and ending.
        amp_envelope: Adsr = Adsr { attack_s: 0.004, decay_s: 0.5, sustain: 1.0, release_s: 0.05, ..Adsr::default() },
    }
}

impl Organ {
    fn drawbars(&self) -> [f32; 9] {
        let Self { sub, sub_third, unison, octave, twelfth, fifteenth, seventeenth, nineteenth, twenty_second, .. } =
            self;
        [sub, sub_third, unison, octave, twelfth, fifteenth, seventeenth, nineteenth, twenty_second].map(|&bar| bar)
    }
}

impl Instrument for Organ {
    fn strike(&self, strike: &Strike) -> Box<dyn Voice> {
        Box::new(OnGrid::new(OrganVoice::new(self, strike), strike.sample_rate))
    }

    fn sustains(&self) -> bool {
        self.amp_envelope.sustain > SILENCE
    }
}

struct OrganVoice {
    rate: SampleRate,
    pitch: f64,
    /// One cycle of the 16-foot pipe holds all the others.
    cycle: Cycle,
    phase: u32,
    increment: u32,
    percussion: Decay,
    percussion_level: f32,
    click: Burst,
    envelope: Envelope,
}

impl OrganVoice {
    fn new(organ: &Organ, strike: &Strike) -> Self {
        let rate = strike.sample_rate;
        let mut amplitudes = [0.0; 17];
        let sub_hz = 0.5 * pitch_to_hz(strike.pitch);
        for (bar, harmonic) in organ.drawbars().into_iter().zip(HARMONICS) {
            // A bend of two semitones up must stay below half the sample rate as well.
            if bar > 0.0 && 1.13 * sub_hz * (harmonic as f64) < 0.5 * rate.hz() {
                amplitudes[harmonic] = 0.35 * 10f64.powf(0.15 * (f64::from(bar) - 8.0));
            }
        }
        Self {
            rate,
            pitch: strike.pitch,
            cycle: Cycle::of_harmonics(&amplitudes),
            phase: 0,
            increment: 0,
            percussion: Decay::new(organ.percussion_s, rate.hz()),
            percussion_level: 0.6 * organ.percussion,
            click: Burst::new(
                &BurstShape {
                    level: organ.click * (0.6 + 0.8 * strike.seed.rng().uniform()),
                    hz: 2600.0,
                    q: 0.7,
                    decay_s: 0.012,
                },
                rate,
                strike.seed,
            ),
            envelope: Envelope::new(&organ.amp_envelope, rate.hz()),
        }
    }
}

impl ControlledVoice for OrganVoice {
    fn control(&mut self, bend_semitones: f32) {
        let hz = 0.5 * pitch_to_hz(self.pitch + f64::from(bend_semitones));
        self.increment = phase_increment(hz, self.rate);
        self.click.control();
    }

    fn fill(&mut self, block: &mut [StereoFrame]) {
        let mut scratch = [[0.0; CONTROL_FRAMES]; 2];
        let [tone, levels] = scratch.each_mut().map(|scratch| &mut scratch[..block.len()]);
        self.cycle.sweep(self.phase, self.increment, tone, |tone, sample| *tone = sample);
        self.percussion.fill(levels);
        for (tone, level) in tone.iter_mut().zip(&*levels) {
            *tone += self.percussion_level * level * sine(self.phase.wrapping_mul(4));
            self.phase = self.phase.wrapping_add(self.increment);
        }
        self.envelope.fill(levels);
        tone.iter_mut().zip(levels).for_each(|(tone, level)| *tone *= *level);
        self.click.add(tone);
        for (frame, out) in block.iter_mut().zip(tone) {
            frame[0] += *out;
            frame[1] += *out;
        }
    }

    fn release(&mut self) {
        self.envelope.release();
    }

    fn is_finished(&self) -> bool {
        self.envelope.is_finished()
    }
}
