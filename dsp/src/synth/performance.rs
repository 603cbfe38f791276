//! From a track's notes and controllers to frames: when each voice starts, is let go and is choked, and how the channel bends
//! and swells.

use super::Ending;
use super::controllers::{self, Curve, Wheels};
use crate::instrument::Instrument;
use crate::patch::Patch;
use crate::score::{Control, Note, Score, Ticks, Track};
use crate::units::SampleRate;

/// MIDI's controller of the sustain pedal.
const SUSTAIN: u8 = 64;

/// A change of pitch within a played note.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Slide {
    pub(super) frame: usize,
    /// Where it goes, in semitones from the struck pitch.
    pub(super) semitones: f32,
}

/// A note on its frames.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct PlayedNote {
    pub(super) note: Note,
    pub(super) start_frame: usize,
    /// When it is let go, by key and pedal.
    pub(super) release_frame: usize,
    /// When another note silences it.
    pub(super) choke_frame: Option<usize>,
    /// How far from its pitch it starts, in semitones.
    pub(super) glide_semitones: f32,
    /// Legato notes that it goes on as, in order.
    pub(super) slides: Vec<Slide>,
}

impl PlayedNote {
    /// Semitones from the struck pitch at a frame, if each glide falls by `fall` in a frame.
    pub(super) fn semitones_at(&self, frame: usize, fall: f32) -> f32 {
        if self.glide_semitones == 0.0 && self.slides.is_empty() {
            return 0.0;
        }
        let left = |since: usize, until: usize| fall.powi((until - since) as i32);
        let mut last = Slide { frame: self.start_frame, semitones: 0.0 };
        let mut distance = self.glide_semitones;
        for &slide in self.slides.iter().take_while(|slide| slide.frame <= frame) {
            distance = last.semitones + distance * left(last.frame, slide.frame) - slide.semitones;
            last = slide;
        }
        last.semitones + distance * left(last.frame, frame)
    }
}

/// A track as it is played.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Performance {
    pub(super) notes: Vec<PlayedNote>,
    /// What pitch wheel and modulation do to the pitch.
    pub(super) wheels: Wheels,
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
        let release_frame = score.frame_at(release, rate).max(start_frame + 1);
        let overlaps = patch.mono && before.is_some_and(|before| before.end() > note.start);
        if let (true, true, 0, Some(held)) = (patch.legato, overlaps, in_chord, notes.last_mut()) {
            let semitones = f32::from(note.pitch.number()) - f32::from(held.note.pitch.number());
            held.slides.push(Slide { frame: start_frame, semitones });
            held.release_frame = release_frame;
            continue;
        }
        let glides = overlaps && patch.glide_s > 0.0;
        let from = before.filter(|_| glides).map_or(note.pitch, |before| before.pitch);
        notes.push(PlayedNote {
            note,
            start_frame,
            release_frame,
            choke_frame: None,
            glide_semitones: f32::from(from.number()) - f32::from(note.pitch.number()),
            slides: Vec::new(),
        });
    }
    let turn = (ending == Ending::Wrap).then(|| score.frame_at(score.length, rate));
    for index in 0..notes.len() {
        notes[index].choke_frame = choke_frame(&notes, index, patch, turn);
    }
    let (wheels, gain) = controllers::read(score, track, &patch.instrument, rate);
    Performance { notes, wheels, gain }
}

/// The frame of the first later note that chokes note `index`; in a loop of `turn` frames, also one of the next turn.
fn choke_frame(notes: &[PlayedNote], index: usize, patch: &Patch, turn: Option<usize>) -> Option<usize> {
    let sounding = &notes[index];
    let pitch = |note: &PlayedNote| f64::from(note.note.pitch.number());
    let chokes = |other: &&PlayedNote| patch.mono || patch.instrument.chokes(pitch(other), pitch(sounding));
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
