//! From a track's notes and controllers to frames: when each voice starts, is let go and is choked, and how the channel bends
//! and swells.

use super::Ending;
use crate::audio::StereoFrame;
use crate::instrument::Instrument;
use crate::patch::Patch;
use crate::score::{Control, Note, Score, Ticks, Track};
use crate::units::SampleRate;

/// MIDI controllers.
const VOLUME: u8 = 7;
const EXPRESSION: u8 = 11;
const SUSTAIN: u8 = 64;
/// Semitones of a full pitch bend where nothing else is said.
const BEND_RANGE_SEMITONES: f32 = 2.0;
/// Time in which gain and pan follow a controller, in seconds.
const GLIDE_S: f64 = 0.01;

/// A note on its frames.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct PlayedNote {
    pub(super) note: Note,
    pub(super) start_frame: usize,
    /// When it is let go, by key and pedal.
    pub(super) release_frame: usize,
    /// When another note silences it.
    pub(super) choke_frame: Option<usize>,
    /// How far from its pitch it starts, in semitones.
    pub(super) glide_semitones: f32,
}

/// A value that changes in steps.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Curve {
    initial: f32,
    /// From a frame on, sorted.
    changes: Vec<(usize, f32)>,
}

impl Curve {
    pub(super) fn at(&self, frame: usize) -> f32 {
        let after = self.changes.partition_point(|&(start, _)| start <= frame);
        after.checked_sub(1).map_or(self.initial, |index| self.changes[index].1)
    }

    /// Multiplies `frames` by `gain` times the curve, gliding from step to step.
    pub(super) fn apply(&self, frames: &mut [StereoFrame], gain: f32) {
        if self.changes.is_empty() {
            let gain = gain * self.initial;
            frames.iter_mut().for_each(|frame| *frame = frame.map(|sample| gain * sample));
            return;
        }
        let glide = 1.0 / (GLIDE_S * 44_100.0) as f32;
        let mut value = self.at(0);
        let mut changes = self.changes.iter().peekable();
        let mut target = value;
        for (index, frame) in frames.iter_mut().enumerate() {
            while let Some(&(_, next)) = changes.next_if(|&&(start, _)| start <= index) {
                target = next;
            }
            value += glide * (target - value);
            *frame = frame.map(|sample| gain * value * sample);
        }
    }
}

/// A track as it is played.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Performance {
    pub(super) notes: Vec<PlayedNote>,
    /// In semitones.
    pub(super) bend: Curve,
    /// Volume and expression, as an amplitude factor.
    pub(super) gain: Curve,
}

pub(super) fn performance(
    score: &Score,
    track: &Track,
    patch: &Patch,
    rate: SampleRate,
    ending: Ending,
) -> Performance {
    let pedal = pedal_ups(track, score.length);
    let mut in_chord = 0;
    let mut notes: Vec<PlayedNote> = Vec::with_capacity(track.notes.len());
    for (index, &note) in track.notes.iter().enumerate() {
        let before = index.checked_sub(1).map(|before| track.notes[before]);
        in_chord = if before.is_some_and(|before| before.start == note.start) { in_chord + 1 } else { 0 };
        let end = note.end();
        let held = pedal.iter().find(|&&(down, up)| down <= end && end < up);
        let release = held.map_or(end, |&(_, up)| up);
        let strum_frames = rate.frames(f64::from(patch.strum_s) * f64::from(in_chord.min(6)));
        let start_frame = score.frame_at(note.start, rate) + strum_frames;
        let glides = patch.mono && patch.glide_s > 0.0 && before.is_some_and(|before| before.end() > note.start);
        let from = before.filter(|_| glides).map_or(note.pitch, |before| before.pitch);
        notes.push(PlayedNote {
            note,
            start_frame,
            release_frame: score.frame_at(release, rate).max(start_frame + 1),
            choke_frame: None,
            glide_semitones: f32::from(from.number()) - f32::from(note.pitch.number()),
        });
    }
    let turn = (ending == Ending::Wrap).then(|| score.frame_at(score.length, rate));
    for index in 0..notes.len() {
        notes[index].choke_frame = choke_frame(&notes, index, patch, turn);
    }
    let (bend, gain) = curves(score, track, rate);
    Performance { notes, bend, gain }
}

/// The frame of the first later note that chokes note `index`; in a loop of `turn` frames, also one of the next turn.
fn choke_frame(notes: &[PlayedNote], index: usize, patch: &Patch, turn: Option<usize>) -> Option<usize> {
    let sounding = notes[index];
    let pitch = |note: &PlayedNote| f64::from(note.note.pitch.number());
    let chokes = |other: &&PlayedNote| patch.mono || patch.instrument.chokes(pitch(other), pitch(&sounding));
    let later = notes[index + 1..].iter().filter(|other| other.start_frame > sounding.start_frame).find(chokes);
    later.map(|other| other.start_frame).or_else(|| {
        let turn = turn?;
        notes.iter().find(chokes).map(|other| other.start_frame + turn)
    })
}

/// When the sustain pedal goes down and up again.
fn pedal_ups(track: &Track, end: Ticks) -> Vec<(Ticks, Ticks)> {
    let mut pressed = Vec::new();
    let mut down = None;
    for &(at, control) in &track.controls {
        if let Control::Controller(SUSTAIN, value) = control {
            match (value >= 64, down) {
                (true, None) => down = Some(at),
                (false, Some(start)) => {
                    pressed.push((start, at));
                    down = None;
                }
                _ => {}
            }
        }
    }
    pressed.extend(down.map(|start| (start, end)));
    pressed
}

/// Pitch bend in semitones, and the gain of volume and expression: 40 log10(value / 127) dB each (General MIDI 2). A track that
/// never sets its volume plays at full level.
fn curves(score: &Score, track: &Track, rate: SampleRate) -> (Curve, Curve) {
    let mut bend = Curve { initial: 0.0, changes: Vec::new() };
    let mut gain = Curve { initial: 1.0, changes: Vec::new() };
    let (mut volume, mut expression) = (1.0f32, 1.0f32);
    for &(at, control) in &track.controls {
        let frame = score.frame_at(at, rate);
        match control {
            Control::PitchBend(value) => {
                bend.changes.push((frame, f32::from(value) / 8192.0 * BEND_RANGE_SEMITONES));
            }
            Control::Controller(VOLUME | EXPRESSION, value) => {
                let amplitude = (f32::from(value) / 127.0).powi(2);
                if matches!(control, Control::Controller(VOLUME, _)) {
                    volume = amplitude;
                } else {
                    expression = amplitude;
                }
                gain.changes.push((frame, volume * expression));
            }
            _ => {}
        }
    }
    (bend, gain)
}
