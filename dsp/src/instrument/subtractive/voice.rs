//! A sounding note of the subtractive synthesizer.

use super::Subtractive;
use super::filter::{FilterAim, VoiceFilter};
use super::modulation::{Moved, Source, Sources, Target};
use super::source::Oscillators;
use crate::audio::StereoFrame;
use crate::envelope::{Decay, Envelope};
use crate::instrument::voicing::{CONTROL_FRAMES, ControlledVoice, Ramp, velocity_gain};
use crate::instrument::{Controllers, Strike, control_hz};
use crate::lfo::Lfo;
use crate::osc::pan_gains;

/// Time constant with which the matrix follows controllers, in seconds: their 128 steps are not heard, the hand is.
const FOLLOW_S: f64 = 0.01;

pub(super) struct SubtractiveVoice {
    spec: Subtractive,
    pitch: f64,
    oscillators: Oscillators,
    is_stereo: bool,
    filter: VoiceFilter,
    /// log2 of the cutoff at rest, in hertz.
    cutoff_log2: f32,
    gain: Ramp,
    /// Frames since the control period began.
    frame: usize,
    /// Left and right, if something pans.
    pan: Option<[Ramp; 2]>,
    loudness: f32,
    amp_envelope: Envelope,
    filter_envelope: Envelope,
    mod_envelope: Envelope,
    pitch_start: Decay,
    lfos: [Lfo; 2],
    sources: Sources,
    /// Where the controllers are, and where the matrix has followed them to; a note begins where they are.
    controllers: Controllers,
    followed: Option<Controllers>,
    /// How much of the way they are followed in a control period.
    follow: f32,
}

impl SubtractiveVoice {
    pub(super) fn new(spec: &Subtractive, strike: &Strike) -> Self {
        let rate = strike.sample_rate;
        let control_hz = control_hz(rate);
        let mut rng = strike.seed.rng();
        let pitch = strike.pitch + f64::from(rng.bipolar() * spec.drift_cents) / 100.0;
        let oscillators = Oscillators::new(spec, strike, &mut rng);
        let softness = 1.0 - strike.velocity.unit();
        let filter = &spec.filter;
        let moves = |target| spec.modulation.iter().any(|modulation| modulation.target == target);
        let random = strike.seed.fork("random").rng().bipolar();
        Self {
            pitch,
            is_stereo: spec.unison.spread > 0.0 && oscillators.count() > 1,
            oscillators,
            filter: VoiceFilter::new(filter, filter.drive_db > 0.0 || moves(Target::Drive), rate),
            cutoff_log2: filter.cutoff_hz.log2() + filter.key_tracking * (pitch as f32 - 60.0) / 12.0
                - filter.velocity_octaves * softness,
            gain: Ramp::default(),
            frame: 0,
            pan: moves(Target::Pan).then(Default::default),
            loudness: velocity_gain(strike.velocity, spec.velocity),
            amp_envelope: Envelope::new(&spec.amp_envelope, rate.hz()),
            filter_envelope: Envelope::new(&spec.filter_envelope, control_hz),
            mod_envelope: Envelope::new(&spec.mod_envelope, control_hz),
            pitch_start: Decay::new(spec.pitch_start_s, control_hz),
            lfos: [(&spec.lfo, "lfo"), (&spec.lfo2, "lfo2")]
                .map(|(lfo, name)| Lfo::new(lfo, control_hz, strike.bpm, strike.seed.fork(name))),
            sources: Sources::of_note(strike.velocity.unit(), strike.pitch, random),
            controllers: Controllers::default(),
            followed: None,
            follow: (1.0 - (-1.0 / (FOLLOW_S * control_hz)).exp()) as f32,
            spec: spec.clone(),
        }
    }

    /// How far the matrix moves each target in the next control period, and the values of the first LFO and the filter envelope.
    fn modulate(&mut self) -> (Moved, f32, f32) {
        let [lfo1, lfo2] = self.lfos.each_mut().map(Lfo::step);
        let filter_envelope = self.filter_envelope.step();
        for (source, value) in [
            (Source::Lfo1, lfo1),
            (Source::Lfo2, lfo2),
            (Source::AmpEnvelope, self.amp_envelope.level()),
            (Source::FilterEnvelope, filter_envelope),
            (Source::ModEnvelope, self.mod_envelope.step()),
        ] {
            self.sources.set(source, value);
        }
        let followed = self.followed.get_or_insert(self.controllers);
        followed.approach(&self.controllers, self.follow);
        followed.sources().into_iter().for_each(|(source, value)| self.sources.set(source, value));
        (Moved::new(&self.spec.modulation, &self.sources), lfo1, filter_envelope)
    }
}

impl ControlledVoice for SubtractiveVoice {
    fn listen(&mut self, controllers: &Controllers) {
        self.controllers = *controllers;
    }

    fn control(&mut self, bend_semitones: f32) {
        self.frame = 0;
        let (moved, lfo, filter_envelope) = self.modulate();
        let spec = &self.spec;
        let bent = bend_semitones
            + lfo * spec.lfo_pitch_cents / 100.0
            + self.pitch_start.step() * spec.pitch_start_semitones
            + lfo * moved.by(Target::Vibrato)
            + moved.by(Target::Pitch);
        self.oscillators.control(spec, self.pitch + f64::from(bent), lfo * spec.lfo_pulse_width, &moved);
        let shift_octaves = spec.filter.envelope_octaves * filter_envelope
            + spec.lfo_filter_octaves * lfo
            + spec.filter.key_tracking * bend_semitones / 12.0
            + moved.by(Target::Cutoff);
        self.filter.control(&FilterAim {
            cutoff_hz: (self.cutoff_log2 + shift_octaves).exp2(),
            shift_octaves,
            resonance: spec.filter.resonance + moved.by(Target::Resonance),
            vowel: spec.filter.vowel + moved.by(Target::Vowel),
            drive_db: spec.filter.drive_db + moved.by(Target::Drive),
        });
        let tremolo = (1.0 - spec.lfo_amplitude * 0.5 * (1.0 - lfo)) * (1.0 + moved.by(Target::Amplitude)).max(0.0);
        self.gain.aim(self.loudness * tremolo);
        if let Some(pan) = &mut self.pan {
            pan.iter_mut().zip(pan_gains(moved.by(Target::Pan))).for_each(|(pan, gain)| pan.aim(gain));
        }
    }

    fn fill(&mut self, block: &mut [StereoFrame]) {
        let mut left = [0.0; CONTROL_FRAMES];
        let mut right = [0.0; CONTROL_FRAMES];
        let mut levels = [0.0; CONTROL_FRAMES];
        let count = block.len();
        let (left, right, levels) = (&mut left[..count], &mut right[..count], &mut levels[..count]);
        self.oscillators.add(left, right);
        if self.is_stereo {
            self.filter.process([left, right]);
        } else {
            self.filter.process([left]);
            right.copy_from_slice(left);
        }
        if let Some(pan) = &self.pan {
            for (samples, pan) in [&mut *left, &mut *right].into_iter().zip(pan) {
                samples.iter_mut().enumerate().for_each(|(index, sample)| *sample *= pan.at(self.frame + index));
            }
        }
        self.amp_envelope.fill(levels);
        for (index, level) in levels.iter_mut().enumerate() {
            *level *= self.gain.at(self.frame + index);
        }
        for ((frame, &level), (&left, &right)) in block.iter_mut().zip(&*levels).zip(left.iter().zip(&*right)) {
            frame[0] += level * left;
            frame[1] += level * right;
        }
        self.frame += count;
    }

    fn release(&mut self) {
        self.amp_envelope.release();
        self.filter_envelope.release();
        self.mod_envelope.release();
    }

    fn is_finished(&self) -> bool {
        self.amp_envelope.is_finished()
    }
}
