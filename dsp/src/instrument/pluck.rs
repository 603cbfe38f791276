//! Plucked string: a delay line as long as a period, with losses (Karplus and Strong, "Digital synthesis of plucked-string and
//! drum timbres", 1983; tuning and picking as in Jaffe and Smith, "Extensions of the Karplus-Strong plucked-string
//! algorithm", 1983).

use super::body::Body;
use super::string::PluckedString;
use super::voicing::{CONTROL_FRAMES, ControlledVoice, OnGrid, velocity_gain};
use super::{Instrument, Strike, Voice};
use crate::audio::StereoFrame;
use crate::filter::DcBlocker;
use crate::parameters::parameters;

parameters! {
    /// A plucked string.
    pub struct Pluck {
        /// Time for the fundamental of middle C to fall by 60 dB, in seconds.
        decay_s: 4.0 in 0.05..=30.0,
        /// The same for the partials near 3 kHz.
        treble_s: 0.9 in 0.01..=30.0,
        /// How much longer lower strings sound: decay grows by this power of the period.
        decay_tracking: 0.4 in 0.0..=1.0,
        /// From letting go to -60 dB, in seconds.
        release_s: 0.15 in 0.01..=10.0,
        /// Where it is picked, as a part of the string.
        position: 0.14 in 0.02..=0.5,
        /// Softness of the pick at full velocity: its spectrum falls from here on, in hertz.
        pick_hz: 3500.0 in 100.0..=18000.0,
        /// How much darker soft notes are, in octaves at the softest velocity.
        velocity_octaves: 2.0 in 0.0..=6.0,
        /// Part of noise in the pick's impulse.
        pick_noise: 0.2 in 0.0..=1.0,
        /// How far velocity moves the loudness: 1.0 = 40 log10(velocity / 127) dB.
        velocity: 0.7 in 0.0..=1.0,
        /// Level of the body's resonances.
        body: 0.3 in 0.0..=2.0,
        /// The lowest resonance of the body, in hertz.
        body_hz: 105.0 in 40.0..=1000.0,
        /// Detuning of a second string, in cents; 0 = there is none.
        double_cents: 0.0 in 0.0..=50.0,
        /// How far apart the two strings are, left and right.
        width: 0.3 in 0.0..=1.0,
        /// Where a magnetic pickup sits, as a part of the string; 0 = there is none.
        pickup: 0.0 in 0.0..=0.5,
        /// How many cents the pitch is too high when plucked hard; gone within 0.1 s.
        twang_cents: 0.0 in 0.0..=100.0,
    }
}

impl Instrument for Pluck {
    fn strike(&self, strike: &Strike) -> Box<dyn Voice> {
        Box::new(OnGrid::new(PluckVoice::new(self, strike), strike.sample_rate))
    }
}

struct PluckVoice {
    pitch: f64,
    strings: Vec<(PluckedString, f64, [f32; 2])>,
    /// If it is heard.
    body: Option<Body>,
    loudness: f32,
    twang_cents: f64,
    twang: crate::envelope::Decay,
    dc: [DcBlocker; 2],
}

impl PluckVoice {
    fn new(pluck: &Pluck, strike: &Strike) -> Self {
        let rate = strike.sample_rate;
        let detunings: &[f64] = if pluck.double_cents > 0.0 { &[-0.5, 0.5] } else { &[0.0] };
        let strings = (detunings.iter().enumerate())
            .map(|(index, side)| {
                let cents = side * f64::from(pluck.double_cents);
                let string = PluckedString::new(pluck, strike, cents, strike.seed.fork_index(index as u64));
                let pan = if detunings.len() > 1 { 2.0 * *side as f32 * pluck.width } else { 0.0 };
                let level = 1.0 / (detunings.len() as f32).sqrt();
                (string, cents, crate::osc::pan_gains(pan).map(|gain| gain * level))
            })
            .collect();
        Self {
            pitch: strike.pitch,
            strings,
            body: (pluck.body > 0.0).then(|| Body::new(pluck.body, pluck.body_hz, rate)),
            loudness: velocity_gain(strike.velocity, pluck.velocity),
            twang_cents: f64::from(pluck.twang_cents * strike.velocity.unit()),
            twang: crate::envelope::Decay::new(0.1, super::control_hz(rate)),
            dc: [DcBlocker::new(rate); 2],
        }
    }
}

impl ControlledVoice for PluckVoice {
    fn control(&mut self, bend_semitones: f32) {
        let moved = f64::from(bend_semitones) + f64::from(self.twang.step()) * self.twang_cents / 100.0;
        for (string, cents, _) in &mut self.strings {
            string.tune(self.pitch + moved + *cents / 100.0);
        }
    }

    fn fill(&mut self, block: &mut [StereoFrame]) {
        let mut scratch = ([[0.0; 2]; CONTROL_FRAMES], [0.0; CONTROL_FRAMES]);
        let (out, samples) = (&mut scratch.0[..block.len()], &mut scratch.1[..block.len()]);
        for (string, _, gains) in &mut self.strings {
            string.fill(samples);
            for (out, sample) in out.iter_mut().zip(&*samples) {
                *out = [out[0] + gains[0] * sample, out[1] + gains[1] * sample];
            }
        }
        let [left, right] = &mut self.dc;
        for (frame, out) in block.iter_mut().zip(out) {
            let dry = [left.process(out[0]), right.process(out[1])];
            let heard = self.body.as_mut().map_or(dry, |body| body.process(dry));
            frame[0] += self.loudness * heard[0];
            frame[1] += self.loudness * heard[1];
        }
    }

    fn release(&mut self) {
        self.strings.iter_mut().for_each(|(string, ..)| string.release());
    }

    fn is_finished(&self) -> bool {
        self.strings.iter().all(|(string, ..)| string.is_finished())
    }
}
