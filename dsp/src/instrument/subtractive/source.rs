//! The oscillators of a voice: two, or copies of two, a sub and noise.

use super::modulation::{Moved, Target};
use super::{OscillatorSpec, Subtractive};
use crate::instrument::Strike;
use crate::instrument::voicing::CONTROL_FRAMES;
use crate::osc::wavetable::TableOscillator;
use crate::osc::{Glide, Noise, Oscillator, SyncMotion, SyncedOscillator, SyncedShape, phase_increment, phase_of};
use crate::rng::Rng;
use crate::units::{SampleRate, pitch_to_hz};

/// An oscillator of one of the three kinds.
enum Source {
    Plain(Oscillator),
    Table(TableOscillator),
    Synced(Box<SyncedOscillator>),
}

impl Source {
    fn new(spec: &OscillatorSpec, phase: u32, rate: SampleRate) -> Self {
        if spec.sync_ratio > 0.0 {
            let shape = match spec.wavetable {
                Some(table) => SyncedShape::Table(table.get()),
                None => SyncedShape::Classic(spec.waveform),
            };
            return Self::Synced(Box::new(SyncedOscillator::new(shape, phase, f64::from(spec.sync_ratio), rate)));
        }
        match spec.wavetable {
            Some(table) => Self::Table(TableOscillator::new(table.get(), phase)),
            None => Self::Plain(Oscillator::new(spec.waveform, phase)),
        }
    }
}

/// How one of the oscillators moves in a control period, whichever its copy.
#[derive(Default)]
struct Motion {
    hz: f64,
    /// What that is the frequency of.
    pitch: f64,
    /// Frequency of a synced waveform as a multiple of its pitch.
    sync_ratio: f64,
    width: Glide,
    position: Glide,
    level: Glide,
    is_heard: bool,
}

/// One copy of both oscillators.
struct Copy {
    sources: [Source; 2],
    ratio: f64,
    gains: [f32; 2],
}

pub(super) struct Oscillators {
    rate: SampleRate,
    copies: Vec<Copy>,
    motions: [Motion; 2],
    ring_level: f32,
    sub: Oscillator,
    sub_level: f32,
    noise: Noise,
    noise_level: Glide,
    /// Frames since the control period began.
    frame: usize,
}

impl Oscillators {
    pub(super) fn new(spec: &Subtractive, strike: &Strike, rng: &mut Rng) -> Self {
        let rate = strike.sample_rate;
        let voices = spec.unison.voices(rng);
        let copies = voices.iter().map(|voice| Copy {
            sources: [&spec.osc1, &spec.osc2]
                .map(|osc| Source::new(osc, phase_of(rng.uniform_f64() * f64::from(spec.free_phase)), rate)),
            ratio: voice.ratio,
            gains: voice.gains,
        });
        Self {
            rate,
            copies: copies.collect(),
            motions: [(); 2].map(|()| Motion { pitch: f64::NAN, ..Motion::default() }),
            ring_level: spec.ring_level,
            sub: Oscillator::new(spec.sub_waveform, 0),
            sub_level: spec.sub_level,
            noise: Noise::new(spec.noise_color, strike.seed.fork("noise")),
            noise_level: Glide::default(),
            frame: 0,
        }
    }

    pub(super) fn count(&self) -> usize {
        self.copies.len()
    }

    /// What comes in the next control period, at a pitch.
    pub(super) fn control(&mut self, spec: &Subtractive, pitch: f64, pulse_shift: f32, moved: &Moved) {
        self.frame = 0;
        let own = [
            (Target::Osc1Pitch, Target::Osc1Level, Target::Osc1Position),
            (Target::Osc2Pitch, Target::Osc2Level, Target::Osc2Position),
        ];
        for ((motion, osc), (own_pitch, own_level, own_position)) in
            self.motions.iter_mut().zip([&spec.osc1, &spec.osc2]).zip(own)
        {
            let tuning = f64::from(osc.semitones) + f64::from(osc.cents) / 100.0;
            let pitch = pitch + f64::from(moved.by(own_pitch)) + tuning;
            if pitch != motion.pitch {
                (motion.pitch, motion.hz) = (pitch, pitch_to_hz(pitch));
            }
            if osc.sync_ratio > 0.0 {
                motion.sync_ratio = f64::from(osc.sync_ratio * moved.by(Target::Sync).exp2());
            }
            let width = osc.pulse_width + pulse_shift + moved.by(Target::PulseWidth);
            motion.width.aim(width.clamp(0.02, 0.98), CONTROL_FRAMES);
            let position = osc.position + moved.by(Target::Position) + moved.by(own_position);
            motion.position.aim(position.clamp(0.0, 1.0), CONTROL_FRAMES);
            let was_heard = motion.level.target() > 0.0;
            let level = (osc.level + moved.by(own_level)).max(0.0);
            motion.level.aim(level, CONTROL_FRAMES);
            motion.is_heard = level > 0.0 || was_heard;
        }
        self.noise_level.aim((spec.noise_level + moved.by(Target::NoiseLevel)).max(0.0), CONTROL_FRAMES);
    }

    /// Adds the oscillators of all copies, the sub and the noise.
    pub(super) fn add(&mut self, left: &mut [f32], right: &mut [f32]) {
        let mut scratch = [[0.0; CONTROL_FRAMES]; 3];
        let [sum, first, second] = scratch.each_mut().map(|scratch| &mut scratch[..left.len()]);
        for copy in &mut self.copies {
            sum.fill(0.0);
            for ((source, motion), wave) in copy.sources.iter_mut().zip(&self.motions).zip([&mut *first, &mut *second])
            {
                if motion.is_heard || self.ring_level > 0.0 {
                    source.fill(wave, motion, copy.ratio, self.frame, self.rate);
                    for (index, (sum, sample)) in sum.iter_mut().zip(wave.iter()).enumerate() {
                        *sum += motion.level.at(self.frame + index) * sample;
                    }
                }
            }
            if self.ring_level > 0.0 {
                for (sum, (first, second)) in sum.iter_mut().zip(first.iter().zip(second.iter())) {
                    *sum += self.ring_level * first * second;
                }
            }
            for ((left, right), &sample) in left.iter_mut().zip(right.iter_mut()).zip(sum.iter()) {
                *left += copy.gains[0] * sample;
                *right += copy.gains[1] * sample;
            }
        }
        if self.sub_level > 0.0 {
            self.sub.fill(first, phase_increment(0.5 * self.motions[0].hz, self.rate), 0.5);
            add_both(left, right, first, |_| self.sub_level);
        }
        if self.noise_level.at(0) > 0.0 || self.noise_level.target() > 0.0 {
            first.fill_with(|| self.noise.sample());
            add_both(left, right, first, |index| self.noise_level.at(self.frame + index));
        }
        self.frame += left.len();
    }
}

impl Source {
    fn fill(&mut self, out: &mut [f32], motion: &Motion, ratio: f64, start: usize, rate: SampleRate) {
        let increment = phase_increment(motion.hz * ratio, rate);
        match self {
            Self::Plain(oscillator) => oscillator.fill_moving(out, increment, &motion.width, start),
            Self::Table(oscillator) => oscillator.fill(out, increment, &motion.position, start),
            Self::Synced(oscillator) => {
                let synced_increment = phase_increment(motion.hz * ratio * motion.sync_ratio, rate);
                let (width, position) = (motion.width.target(), motion.position.target());
                oscillator.fill(out, &SyncMotion { increment, synced_increment, width, position });
            }
        }
    }
}

fn add_both(left: &mut [f32], right: &mut [f32], added: &[f32], gain: impl Fn(usize) -> f32) {
    for (index, ((left, right), &sample)) in left.iter_mut().zip(right).zip(added).enumerate() {
        *left += gain(index) * sample;
        *right += gain(index) * sample;
    }
}
