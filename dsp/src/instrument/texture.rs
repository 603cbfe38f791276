//! Granular texture: a cloud of short grains, cut out of a running tone at places and in registers of their own.
//!
//! All grains are read from one running phase, so that those at the note's own pitch never cancel each other; what moves is which
//! part of the wavetable, which octave and which side is heard (Roads, "Microsound", 2001, chapter 3: asynchronous clouds).

use super::voicing::{CONTROL_FRAMES, ControlledVoice, OnGrid};
use super::{Instrument, Strike, Voice, control_hz, velocity_gain};
use crate::audio::StereoFrame;
use crate::envelope::{Adsr, Envelope, SILENCE};
use crate::filter::OnePole;
use crate::osc::wavetable::{Table, TableOscillator};
use crate::osc::{Glide, Noise, NoiseColor, pan_gains, phase_increment, phase_of, sine};
use crate::parameters::parameters;
use crate::rng::Rng;
use crate::units::{SampleRate, pitch_to_hz};

/// Most grains at once; beyond that one begins only when another has ended.
const MOST_GRAINS: usize = 64;
/// Intervals of a fifth and of an octave, as frequency ratios.
const FIFTH: u32 = 3;
const OCTAVE: u32 = 2;

parameters! {
    /// A cloud of grains.
    pub struct Texture {
        /// Grains that begin in a second.
        density_hz: 24.0 in 1.0..=120.0,
        /// Length of a grain, in seconds.
        grain_s: 0.25 in 0.01..=1.0,
        /// Where in the wavetable grains are taken from.
        position: 0.3 in 0.0..=1.0,
        /// How far around that place.
        position_spread: 0.3 in 0.0..=1.0,
        /// How far a grain may be out of tune, in cents.
        detune_cents: 0.0 in 0.0..=50.0,
        /// Share of the grains that sound an octave higher.
        octave_share: 0.2 in 0.0..=1.0,
        /// Share of the grains that sound a twelfth higher: an octave and a fifth.
        twelfth_share: 0.0 in 0.0..=1.0,
        /// How far grains lie to the sides.
        spread: 0.8 in 0.0..=1.0,
        /// Level of pink noise in each grain.
        air: 0.0 in 0.0..=1.0,
        /// Corner of a gentle low-pass, 6 dB per octave, in hertz.
        tone_hz: 6000.0 in 100.0..=20000.0,
        /// How far velocity moves the loudness.
        velocity: 0.5 in 0.0..=1.0,
        ;
        /// What grains are cut from.
        table: Table = Table::Vowel,
        /// The loudness of the cloud.
        amp_envelope: Adsr = Adsr { attack_s: 0.4, decay_s: 0.5, sustain: 1.0, release_s: 1.2, ..Adsr::default() },
    }
}

impl Instrument for Texture {
    fn strike(&self, strike: &Strike) -> Box<dyn Voice> {
        Box::new(OnGrid::new(TextureVoice::new(self, strike), strike.sample_rate))
    }

    fn sustains(&self) -> bool {
        self.amp_envelope.sustain > SILENCE
    }
}

/// One grain under way.
struct Grain {
    oscillator: TableOscillator,
    /// Frequency over the note's.
    ratio: f64,
    position: Glide,
    gains: [f32; 2],
    /// The window's phase, of 2^32, and what it grows by.
    window: u32,
    window_step: u32,
    frames_left: usize,
}

struct TextureVoice {
    spec: Texture,
    rate: SampleRate,
    pitch: f64,
    /// Of the running tone.
    phase: u32,
    increment: u32,
    grains: Vec<Grain>,
    /// Control periods until the next grain begins.
    wait: f64,
    rng: Rng,
    noise: Noise,
    tone: [OnePole; 2],
    level: f32,
    envelope: Envelope,
    /// Frames of the control period that are done.
    done: usize,
}

impl TextureVoice {
    fn new(spec: &Texture, strike: &Strike) -> Self {
        let rate = strike.sample_rate;
        let overlap = spec.density_hz * spec.grain_s;
        let mut voice = Self {
            rate,
            pitch: strike.pitch,
            phase: 0,
            increment: phase_increment(pitch_to_hz(strike.pitch), rate),
            grains: Vec::with_capacity(MOST_GRAINS),
            wait: 0.0,
            rng: strike.seed.rng(),
            noise: Noise::new(NoiseColor::Pink, strike.seed.fork("air")),
            tone: [OnePole::new(spec.tone_hz, rate); 2],
            // A window is one half on average, and grains at one pitch add up.
            level: velocity_gain(strike.velocity, spec.velocity) / (0.5 * overlap).max(1.0),
            envelope: Envelope::new(&spec.amp_envelope, rate.hz()),
            done: 0,
            spec: spec.clone(),
        };
        // As if the cloud had been there before.
        for _ in 0..(overlap.round() as usize).min(MOST_GRAINS) {
            let age = voice.rng.uniform();
            voice.begin_grain(age);
        }
        voice
    }

    /// Begins a grain of which a share is over already.
    fn begin_grain(&mut self, age: f32) {
        let (spec, rng) = (&self.spec, &mut self.rng);
        let register = rng.uniform();
        let harmonic = match register {
            _ if register < spec.octave_share => OCTAVE,
            _ if register < spec.octave_share + spec.twelfth_share => FIFTH,
            _ => 1,
        };
        let cents = f64::from(spec.detune_cents * rng.bipolar());
        let position = (spec.position + spec.position_spread * rng.bipolar()).clamp(0.0, 1.0);
        let gains = pan_gains(spec.spread * rng.bipolar());
        let frames = (f64::from(spec.grain_s) * self.rate.hz()).round().max(1.0);
        let window_step = phase_of(1.0 / frames);
        let window = phase_of(f64::from(age));
        self.grains.push(Grain {
            oscillator: TableOscillator::new(spec.table.get(), self.phase.wrapping_mul(harmonic)),
            ratio: f64::from(harmonic) * (cents / 1200.0).exp2(),
            position: Glide::fixed(position),
            gains,
            window,
            window_step,
            frames_left: ((1.0 - f64::from(age)) * frames) as usize,
        });
    }
}

impl ControlledVoice for TextureVoice {
    fn control(&mut self, bend_semitones: f32) {
        self.done = 0;
        self.increment = phase_increment(pitch_to_hz(self.pitch + f64::from(bend_semitones)), self.rate);
        self.grains.retain(|grain| grain.frames_left > 0);
        self.wait -= 1.0;
        while self.wait <= 0.0 {
            if self.grains.len() < MOST_GRAINS {
                self.begin_grain(0.0);
            }
            let periods = control_hz(self.rate) / f64::from(self.spec.density_hz);
            self.wait += periods * (0.5 + self.rng.uniform_f64());
        }
    }

    fn fill(&mut self, block: &mut [StereoFrame]) {
        let mut cloud = [[0.0; 2]; CONTROL_FRAMES];
        let mut air = [0.0; CONTROL_FRAMES];
        let mut scratch = [0.0; CONTROL_FRAMES];
        let (cloud, air) = (&mut cloud[..block.len()], &mut air[..block.len()]);
        air.fill_with(|| self.spec.air * self.noise.sample());
        for grain in &mut self.grains {
            let count = block.len().min(grain.frames_left);
            let tone = &mut scratch[..count];
            let increment = (f64::from(self.increment) * grain.ratio).min(f64::from(u32::MAX / 2)) as u32;
            grain.oscillator.fill(tone, increment, &grain.position, self.done);
            for ((frame, &tone), &air) in cloud.iter_mut().zip(tone.iter()).zip(air.iter()) {
                // A quarter turn back, a sine is minus a cosine: Hann's window.
                let window = 0.5 + 0.5 * sine(grain.window.wrapping_sub(1 << 30));
                grain.window = grain.window.wrapping_add(grain.window_step);
                let sample = window * (tone + air);
                *frame = [frame[0] + grain.gains[0] * sample, frame[1] + grain.gains[1] * sample];
            }
            grain.frames_left -= count;
        }
        for (frame, cloud) in block.iter_mut().zip(cloud) {
            let gain = self.level * self.envelope.step();
            for (channel, tone) in self.tone.iter_mut().enumerate() {
                frame[channel] += gain * tone.low(cloud[channel]);
            }
        }
        self.phase = self.phase.wrapping_add(self.increment.wrapping_mul(block.len() as u32));
        self.done += block.len();
    }

    fn release(&mut self) {
        self.envelope.release();
    }

    fn is_finished(&self) -> bool {
        self.envelope.is_finished()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Seed;
    use crate::score::Velocity;

    /// Two seconds of a held note, its first half second left out.
    fn cloud(spec: &Texture, seed: u64) -> Vec<StereoFrame> {
        let rate = SampleRate::CD;
        let strike =
            Strike { pitch: 57.0, velocity: Velocity::new(100), sample_rate: rate, bpm: 120.0, seed: Seed(seed) };
        let mut voice = spec.strike(&strike);
        let mut frames = vec![[0.0; 2]; 88_200];
        frames.chunks_mut(64).for_each(|block| voice.render(block));
        frames.split_off(22_050)
    }

    fn rms(samples: impl Iterator<Item = f32>) -> f32 {
        let (sum, count) = samples.fold((0.0, 0), |(sum, count), sample| (sum + sample * sample, count + 1));
        (sum / count as f32).sqrt()
    }

    #[test]
    fn a_dense_cloud_is_steady_and_a_sparse_one_has_gaps() {
        let swing_db = |density_hz: f32| {
            let spec =
                Texture { density_hz, grain_s: 0.1, octave_share: 0.0, air: 0.0, spread: 0.0, ..Texture::default() };
            let levels: Vec<f32> =
                cloud(&spec, 1).chunks_exact(2205).map(|part| rms(part.iter().map(|frame| frame[0]))).collect();
            let most = levels.iter().copied().fold(0.0, f32::max);
            20.0 * (levels.iter().copied().fold(f32::INFINITY, f32::min) / most).max(1e-6).log10()
        };
        assert!(swing_db(100.0) > -9.0, "{}", swing_db(100.0));
        assert!(swing_db(4.0) < -30.0, "{}", swing_db(4.0));
    }

    #[test]
    fn spread_lays_grains_to_the_sides_and_keeps_the_sum() {
        let side = |spread| {
            let frames = cloud(&Texture { spread, ..Texture::default() }, 2);
            rms(frames.iter().map(|[left, right]| left - right)) / rms(frames.iter().map(|[left, right]| left + right))
        };
        assert!(side(0.0) < 1e-6, "{}", side(0.0));
        assert!((0.1..0.8).contains(&side(1.0)), "{}", side(1.0));
    }

    #[test]
    fn no_grain_begins_or_ends_with_a_click() {
        let spec = Texture {
            air: 0.0,
            tone_hz: 20_000.0,
            table: Table::Classic,
            position: 0.0,
            position_spread: 0.0,
            ..Texture::default()
        };
        let frames = cloud(&spec, 3);
        let bend = |at: usize| (frames[at - 1][0] - 2.0 * frames[at][0] + frames[at + 1][0]).abs();
        let peak = frames.iter().fold(0.0f32, |peak, frame| peak.max(frame[0].abs()));
        // A sine of 440 Hz, the octave above, bends by (2 pi 440 / 44100)^2 of its peak.
        let own = (std::f32::consts::TAU * 440.0 / 44_100.0).powi(2) * peak;
        assert!((1..frames.len() - 1).map(bend).fold(0.0, f32::max) < 1.2 * own);
    }
}
