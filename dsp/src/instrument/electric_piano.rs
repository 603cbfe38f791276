//! Electric piano: a tine with its overtones before a magnetic pickup, whose flux depends on the distance in a crooked way
//! (Pfeifle and Muenster, "Tone production of the Wurlitzer and Rhodes e-pianos", 2017).

use super::burst::{Burst, BurstShape};
use super::voicing::{CONTROL_FRAMES, ControlledVoice, OnGrid, Ramp, velocity_gain};
use super::{Instrument, Strike, Voice, control_hz};
use crate::audio::StereoFrame;
use crate::envelope::{Decay, SILENCE};
use crate::lfo::{Lfo, LfoSpec};
use crate::osc::{phase_increment, sine};
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
    knock: Burst,
    /// Frames since the control period began.
    frame: usize,
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
            knock: Burst::new(
                &BurstShape { level: -piano.hammer * force, hz: 900.0 + 1.2 * hz, q: 0.8, decay_s: 0.03 },
                rate,
                strike.seed,
            ),
            frame: 0,
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
        self.frame = 0;
        self.knock.control();
        let swing = self.tremolo * self.lfo.step();
        // Power moves from side to side and stays the same in sum.
        for (side, sign) in self.sides.iter_mut().zip([1.0, -1.0]) {
            side.aim((1.0 + sign * swing).max(0.0).sqrt());
        }
    }

    fn fill(&mut self, block: &mut [StereoFrame]) {
        let mut scratch = [[0.0; CONTROL_FRAMES]; 4];
        let [reach, place, speed, level] = scratch.each_mut().map(|scratch| &mut scratch[..block.len()]);
        for reach in reach.iter_mut() {
            self.damping *= self.damper;
            self.onset = (self.onset + self.onset_step).min(1.0);
            *reach = self.onset * self.damping * self.swing_level;
        }
        // Speeds, not places, are of a level: a high overtone hardly moves the tine.
        let overtones = self
            .overtones
            .iter_mut()
            .zip(OVERTONES)
            .map(|(decay, (ratio, _))| (decay, self.overtone_level, 1.0 / ratio as f32));
        let modes = std::iter::once((&mut self.swing, 1.0, 1.0)).chain(overtones);
        for ((decay, gain, width), (phase, increment)) in modes.zip(self.phases.iter_mut().zip(self.increments)) {
            decay.fill(level);
            for (((place, speed), reach), level) in place.iter_mut().zip(&mut *speed).zip(&*reach).zip(&*level) {
                let level = reach * gain * level;
                *place += width * level * sine(*phase);
                *speed += level * sine(phase.wrapping_add(QUARTER));
                *phase = phase.wrapping_add(increment);
            }
        }
        for (place, speed) in place.iter_mut().zip(speed) {
            *place = self.loudness * flux_slope(self.offset + *place) * *speed;
        }
        self.knock.add(place);
        let [left, right] = &self.sides;
        for (index, (frame, out)) in block.iter_mut().zip(place).enumerate() {
            frame[0] += left.at(self.frame + index) * *out;
            frame[1] += right.at(self.frame + index) * *out;
        }
        self.frame += block.len();
    }

    fn release(&mut self) {
        self.damper = Decay::factor(self.release_s, self.rate.hz());
    }

    fn is_finished(&self) -> bool {
        self.swing.is_finished() || self.damping < SILENCE
    }
}
