//! Electric piano: a tine with its overtones before a magnetic pickup, whose flux depends on the distance in a crooked way
//! (Pfeifle and Muenster, "Tone production of the Wurlitzer and Rhodes e-pianos", 2017).

use super::voicing::{ControlledVoice, OnGrid, velocity_gain};
use super::{Instrument, Strike, Voice, control_hz};
use crate::audio::StereoFrame;
use crate::envelope::{Decay, SILENCE};
use crate::filter::{FilterMode, Svf, SvfCoefficients};
use crate::instrument::voicing::Ramp;
use crate::lfo::{Lfo, LfoSpec};
use crate::osc::{Noise, phase_increment, sine};
use crate::parameters::parameters;
use crate::units::{SampleRate, pitch_to_hz};

/// Overtones of a clamped bar, as multiples of the fundamental, and how fast they die.
const OVERTONES: [(f64, f32); 2] = [(6.27, 1.0), (17.55, 0.35)];
/// A quarter of a cycle: from sine to cosine.
const QUARTER: u32 = 1 << 30;

parameters! {
    /// Hammer, tine, pickup and damper.
    pub struct ElectricPiano {
        /// Time for middle C to fall by 60 dB, in seconds; lower notes ring longer.
        decay_s: 7.0 in 0.2..=30.0,
        /// From letting go to -60 dB, in seconds.
        release_s: 0.25 in 0.02..=5.0,
        /// How far the tine swings at full velocity, in widths of the pickup: the harder, the more overtones.
        bark: 1.1 in 0.05..=4.0,
        /// How far the tine rests from the pickup's middle, in its widths: 0.0 makes octaves, 0.5 a full tone.
        offset: 0.42 in 0.0..=1.5,
        /// Level of the tine's bell-like overtones.
        tine: 0.22 in 0.0..=1.0,
        /// Time for these to fall by 60 dB, in seconds.
        tine_s: 0.5 in 0.02..=4.0,
        /// Level of the hammer's knock.
        hammer: 0.12 in 0.0..=1.0,
        /// How far velocity moves the loudness: 1.0 = 40 log10(velocity / 127) dB.
        velocity: 0.6 in 0.0..=1.0,
        /// Depth of the stereo tremolo.
        tremolo: 0.0 in 0.0..=1.0,
        ;
        /// The tremolo.
        lfo: LfoSpec = LfoSpec { rate_hz: 4.2, ..LfoSpec::default() },
    }
}

impl Instrument for ElectricPiano {
    fn strike(&self, strike: &Strike) -> Box<dyn Voice> {
        Box::new(OnGrid::new(TineVoice::new(self, strike), strike.sample_rate))
    }
}

struct TineVoice {
    rate: SampleRate,
    pitch: f64,
    release_s: f32,
    phases: [u32; 3],
    increments: [u32; 3],
    swing: Decay,
    damping: f32,
    damper: f32,
    overtones: [Decay; 2],
    overtone_level: f32,
    swing_level: f32,
    offset: f32,
    onset: f32,
    onset_step: f32,
    hammer: Decay,
    hammer_level: f32,
    noise: Noise,
    knock: (Svf, SvfCoefficients),
    loudness: f32,
    tremolo: f32,
    lfo: Lfo,
    sides: [Ramp; 2],
}

impl TineVoice {
    fn new(piano: &ElectricPiano, strike: &Strike) -> Self {
        let rate = strike.sample_rate;
        let octaves = (strike.pitch as f32 - 60.0) / 12.0;
        let force = strike.velocity.unit();
        let hz = pitch_to_hz(strike.pitch) as f32;
        // Short tines swing less, and hard hammers leave them sooner.
        let swing_level = piano.bark * force.powf(1.3) * (-0.45 * octaves).exp2().min(1.8);
        let onset_s = (0.35 / hz).clamp(0.0004, 0.003) * (1.4 - 0.4 * force);
        // Only overtones below the upper end of hearing are worth their aliases.
        let audible = |index: usize| f64::from(hz) * OVERTONES[index].0 < 0.45 * rate.hz();
        Self {
            rate,
            pitch: strike.pitch,
            release_s: piano.release_s,
            phases: [0; 3],
            increments: [0; 3],
            swing: Decay::new(piano.decay_s * (-0.55 * octaves).exp2(), rate.hz()),
            damping: 1.0,
            damper: 1.0,
            overtones: std::array::from_fn(|index| {
                let decay_s = piano.tine_s * OVERTONES[index].1 * (-0.4 * octaves).exp2();
                Decay::new(if audible(index) { decay_s } else { 1e-4 }, rate.hz())
            }),
            overtone_level: piano.tine * (0.25 + 0.75 * force * force),
            swing_level,
            offset: piano.offset,
            onset: 0.0,
            onset_step: (1.0 / (f64::from(onset_s) * rate.hz())) as f32,
            hammer: Decay::new(0.03, rate.hz()),
            hammer_level: piano.hammer * force,
            noise: Noise::white(strike.seed),
            knock: (Svf::default(), SvfCoefficients::tuned(FilterMode::Band, 900.0 + 1.2 * hz, 0.8, rate)),
            loudness: velocity_gain(strike.velocity, piano.velocity) / pickup_scale(piano.offset, swing_level),
            tremolo: piano.tremolo,
            lfo: Lfo::new(&piano.lfo, control_hz(rate), strike.bpm, strike.seed.fork("lfo")),
            sides: Default::default(),
        }
    }
}

/// Slope of the pickup's flux 1 / (1 + x^2) at a distance x from its middle.
#[inline]
fn flux_slope(x: f32) -> f32 {
    let bell = 1.0 / (1.0 + x * x);
    -2.0 * x * bell * bell
}

/// RMS of the pickup's voltage for a swing, times the root of two: what brings all swings to one loudness.
fn pickup_scale(offset: f32, swing: f32) -> f32 {
    const POINTS: u32 = 64;
    let power: f32 = (0..POINTS)
        .map(|n| {
            let phase = n * (u32::MAX / POINTS);
            (flux_slope(offset + swing * sine(phase)) * swing * sine(phase.wrapping_add(QUARTER))).powi(2)
        })
        .sum();
    (2.0 * power / POINTS as f32).sqrt().max(1e-3)
}

impl ControlledVoice for TineVoice {
    fn control(&mut self, bend_semitones: f32) {
        let hz = pitch_to_hz(self.pitch + f64::from(bend_semitones));
        self.increments = [1.0, OVERTONES[0].0, OVERTONES[1].0].map(|ratio| phase_increment(hz * ratio, self.rate));
        let swing = self.tremolo * self.lfo.step();
        // Power moves from side to side and stays the same in sum.
        for (side, sign) in self.sides.iter_mut().zip([1.0, -1.0]) {
            side.aim((1.0 + sign * swing).max(0.0).sqrt());
        }
    }

    fn fill(&mut self, block: &mut [StereoFrame]) {
        for frame in block {
            self.damping *= self.damper;
            self.onset = (self.onset + self.onset_step).min(1.0);
            let swing = self.onset * self.damping * self.swing_level * self.swing.step();
            let mut place = swing * sine(self.phases[0]);
            let mut speed = swing * sine(self.phases[0].wrapping_add(QUARTER));
            for (index, overtone) in self.overtones.iter_mut().enumerate() {
                // Speeds, not places, are of a level: a high overtone hardly moves the tine.
                let level = self.onset * self.damping * self.swing_level * self.overtone_level * overtone.step();
                place += level / OVERTONES[index].0 as f32 * sine(self.phases[index + 1]);
                speed += level * sine(self.phases[index + 1].wrapping_add(QUARTER));
            }
            for (phase, increment) in self.phases.iter_mut().zip(self.increments) {
                *phase = phase.wrapping_add(increment);
            }
            let (filter, tuning) = &mut self.knock;
            let knock = filter.process(tuning, self.noise.sample()) * self.hammer.step() * self.hammer_level;
            let out = self.loudness * flux_slope(self.offset + place) * speed - knock;
            frame[0] += self.sides[0].step() * out;
            frame[1] += self.sides[1].step() * out;
        }
    }

    fn release(&mut self) {
        self.damper = Decay::factor(self.release_s, self.rate.hz());
    }

    fn is_finished(&self) -> bool {
        self.swing.is_finished() || self.damping < SILENCE
    }
}
