//! The vibrating string of [`super::pluck`].

use super::Strike;
use super::pluck::Pluck;
use crate::filter::{ANTI_DENORMAL, OnePole};
use crate::rng::Seed;
use crate::units::{SampleRate, pitch_to_hz};
use std::f64::consts::TAU;

/// Where [`Pluck::treble_s`] is measured, in hertz.
const TREBLE_HZ: f64 = 3000.0;
/// How far a bend may lower the pitch: the delay line is this much longer than a period.
const SLACK: f64 = 2.2;
/// Time in which a finger comes to rest on the string, in seconds: at once would be a step, and heard as a click.
const DAMPING_S: f64 = 0.01;

pub(super) struct PluckedString {
    rate: SampleRate,
    pitch: f64,
    /// A power of two long.
    line: Vec<f32>,
    write: usize,
    delay: usize,
    /// First-order all-pass for the fraction of a frame.
    allpass: f32,
    allpass_state: [f32; 2],
    /// One-pole low-pass: `y = gain (1 - pole) x + pole y`.
    pole: f64,
    lowpassed: f32,
    gain: f32,
    release_gain: f32,
    /// Share of the way from `gain` to `release_gain` that is done once it is let go, and what is done in a frame.
    damped: Option<f32>,
    damping: f32,
    /// The pick, still to be played.
    pick: Vec<f32>,
    played: usize,
    pickup_delay: usize,
    /// Falls as the string does: when it is over.
    level: f32,
    fall: f32,
    release_fall: f32,
}

impl PluckedString {
    pub(super) fn new(pluck: &Pluck, strike: &Strike, cents: f64, seed: Seed) -> Self {
        let rate = strike.sample_rate;
        let pitch = strike.pitch + cents / 100.0;
        let hz = pitch_to_hz(pitch).min(0.3 * rate.hz());
        let period = rate.hz() / hz;
        let decay_s = f64::from(pluck.decay_s) * (pitch_to_hz(60.0) / hz).powf(f64::from(pluck.decay_tracking));
        let treble_s = f64::from(pluck.treble_s).min(decay_s);
        // What is left after one turn, for 60 dB in a time.
        let turn_gain = |seconds: f64| 10f64.powf(-3.0 / (hz * seconds));
        let treble_hz = TREBLE_HZ.max(2.5 * hz).min(0.45 * rate.hz());
        let pole =
            solve_pole(TAU * hz / rate.hz(), TAU * treble_hz / rate.hz(), turn_gain(treble_s) / turn_gain(decay_s));
        let at_fundamental = low_pass_gain(pole, (TAU * hz / rate.hz()).cos());
        let gain = |seconds: f64| (turn_gain(seconds) / at_fundamental).min(0.999_95) as f32;
        let fall = |seconds: f64| (10f64.powf(-3.0 / (seconds * rate.hz()))) as f32;
        let release_s = f64::from(pluck.release_s).min(decay_s);
        let mut string = Self {
            rate,
            pitch: f64::NAN,
            line: vec![0.0; ((SLACK * period) as usize + 8).next_power_of_two()],
            write: 0,
            delay: 1,
            allpass: 0.0,
            allpass_state: [0.0; 2],
            pole,
            lowpassed: 0.0,
            gain: gain(decay_s),
            release_gain: gain(release_s),
            damped: None,
            damping: (1.0 / (DAMPING_S * rate.hz())) as f32,
            pick: pick(pluck, strike, period, seed),
            played: 0,
            pickup_delay: (f64::from(pluck.pickup) * period).round() as usize,
            level: 1.0,
            fall: fall(decay_s),
            release_fall: fall(release_s),
        };
        string.tune(pitch);
        string
    }

    /// Sets the delay so that one turn takes exactly one period: the low-pass and the all-pass delay the fundamental too.
    pub(super) fn tune(&mut self, pitch: f64) {
        if pitch == self.pitch {
            return;
        }
        self.pitch = pitch;
        let omega = TAU * (pitch_to_hz(pitch) / self.rate.hz()).min(0.3);
        let low_pass_delay = (self.pole * omega.sin()).atan2(1.0 - self.pole * omega.cos()) / omega;
        let needed = (TAU / omega - low_pass_delay).clamp(1.6, self.line.len() as f64 - 2.0);
        let whole = (needed - 0.5).floor();
        self.delay = whole as usize;
        let fraction = needed - whole;
        // Exact at the fundamental, not only near DC.
        self.allpass = ((0.5 * (1.0 - fraction) * omega).sin() / (0.5 * (1.0 + fraction) * omega).sin()) as f32;
    }

    /// The next samples.
    pub(super) fn fill(&mut self, samples: &mut [f32]) {
        samples.iter_mut().for_each(|sample| *sample = self.step());
    }

    #[inline(always)]
    fn step(&mut self) -> f32 {
        let mask = self.line.len() - 1;
        let read = self.line[(self.write + self.line.len() - self.delay) & mask];
        let delayed = self.allpass * (read - self.allpass_state[1]) + self.allpass_state[0];
        self.allpass_state = [read, delayed];
        let pole = self.pole as f32;
        self.lowpassed = (1.0 - pole) * delayed + pole * self.lowpassed + ANTI_DENORMAL;
        let picked = self.pick.get(self.played).copied().unwrap_or(0.0);
        self.played += 1;
        let gain = match &mut self.damped {
            None => self.gain,
            Some(share) => {
                *share = (*share + self.damping).min(1.0);
                self.gain + (self.release_gain - self.gain) * *share * *share * (3.0 - 2.0 * *share)
            }
        };
        let out = gain * self.lowpassed + picked;
        self.line[self.write] = out;
        let heard = if self.pickup_delay == 0 {
            out
        } else {
            out - self.line[(self.write + self.line.len() - self.pickup_delay) & mask]
        };
        self.write = (self.write + 1) & mask;
        self.level *= self.fall;
        heard
    }

    pub(super) fn release(&mut self) {
        self.damped.get_or_insert(0.0);
        self.fall = self.release_fall;
    }

    pub(super) fn is_finished(&self) -> bool {
        self.level < crate::envelope::SILENCE
    }
}

/// Gain of the low-pass at an angular frequency (in radians per frame) whose cosine is `cos`.
fn low_pass_gain(pole: f64, cos: f64) -> f64 {
    (1.0 - pole) / (1.0 - 2.0 * pole * cos + pole * pole).sqrt()
}

/// The pole for which the gain at `high` is `ratio` times that at `low`.
fn solve_pole(low: f64, high: f64, ratio: f64) -> f64 {
    let [low, high] = [low, high].map(f64::cos);
    let (mut bright, mut dark) = (0.0, 0.99);
    for _ in 0..40 {
        let pole = 0.5 * (bright + dark);
        if low_pass_gain(pole, high) / low_pass_gain(pole, low) > ratio {
            bright = pole;
        } else {
            dark = pole;
        }
    }
    0.5 * (bright + dark)
}

/// Delays, as parts of the period, and gains of the all-passes that smear the pick's impulse: a finger or a pick is not a point,
/// and lets go over some time.
const DIFFUSION: [(f32, f32); 3] = [(0.013, 0.6), (0.031, 0.6), (0.053, 0.5)];

/// An all-pass in place (Schroeder, "Natural sounding artificial reverberation", 1962).
fn diffuse(samples: &mut [f32], delay: usize, gain: f32) {
    let mut state = vec![0.0; delay];
    for (index, sample) in samples.iter_mut().enumerate() {
        let late = &mut state[index % delay];
        let entering = *sample - gain * *late;
        *sample = *late + gain * entering;
        *late = entering;
    }
}

/// The pick's push: an impulse and its reflection from the near end of the string, softened, of unit energy times the period's
/// root so that all pitches are about as loud.
fn pick(pluck: &Pluck, strike: &Strike, period: f64, seed: Seed) -> Vec<f32> {
    let rate = strike.sample_rate;
    let mut rng = seed.rng();
    let softness = pluck.velocity_octaves * (1.0 - strike.velocity.unit());
    let cutoff_hz = (pluck.pick_hz * (-softness).exp2()).max(60.0);
    let [mut soften, mut soften_more] = [OnePole::new(cutoff_hz, rate), OnePole::new(2.5 * cutoff_hz, rate)];
    let length = period.ceil() as usize;
    let position = f64::from(pluck.position) * (1.0 + 0.1 * f64::from(rng.bipolar()));
    let reflection = ((position * period).round() as usize).clamp(1, length.max(2) - 1);
    let settle = rate.frames(0.004).max(length / 2);
    let mut raw: Vec<f32> = (0..length)
        .map(|_| pluck.pick_noise * rng.normal() / (length as f32).sqrt())
        .chain(std::iter::repeat_n(0.0, settle + reflection))
        .collect();
    raw[0] += 1.0 - pluck.pick_noise;
    for (part, gain) in DIFFUSION {
        diffuse(&mut raw, (f64::from(part) * period).round().max(1.0) as usize, gain);
    }
    let push: Vec<f32> = raw.iter().map(|&x| soften_more.low(soften.low(x))).collect();
    let mut comb: Vec<f32> =
        (0..push.len()).map(|n| push[n] - n.checked_sub(reflection).map_or(0.0, |earlier| push[earlier])).collect();
    let energy: f32 = comb.iter().map(|x| x * x).sum();
    let scale = 0.25 * (length as f32 / energy.max(1e-12)).sqrt();
    comb.iter_mut().for_each(|x| *x *= scale);
    comb
}
