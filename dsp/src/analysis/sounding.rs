//! What sounds in each beat.

use super::beats::Beats;
use crate::score::{Note, Score, Ticks};

/// A note that is held longer is believed for so long only: a note-off may be missing, and most instruments have died away.
const HELD: Ticks = Ticks(64 * Ticks::PER_QUARTER);

/// How much a note counts that begins after its beat, against one that sounds on it: it is passing more often.
const OFF_BEAT: f64 = 0.75;

/// A note is on the beat if it begins at most this share of the beat late.
const LATE: f64 = 0.15;

/// A pitch class that sounds in several octaves counts at most this many times.
const DOUBLED: f64 = 1.6;

/// Semitones above the lowest note at which a note counts as bass 1/e as much.
const BASS_DECAY: f64 = 3.0;

/// Semitones above the lowest note of the last beats at which a beat's own lowest note says 1/e as much of the bass.
const LIFTED_DECAY: f64 = 6.0;

/// How many beats the ear remembers a low note.
const MEMORY: usize = 3;

/// From this pitch up the lowest note says less and less about the bass, until an octave higher it says nothing.
const HIGH: f64 = 57.0;

/// What sounds in a beat, by pitch class.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Sounding {
    /// How much of the beat each class fills, 0.0 ..= 1.6; what is struck after the beat counts less.
    pub all: [f64; 12],
    /// How much of the beat each class is the lowest, 0.0 ..= 1.0.
    pub bass: [f64; 12],
}

impl Sounding {
    /// True if nothing sounds.
    pub fn is_silent(&self) -> bool {
        self.all.iter().sum::<f64>() < 1e-3
    }
}

/// Notes of all tracks but drums.
pub fn pitched(score: &Score) -> impl Iterator<Item = &Note> {
    score.tracks.iter().filter(|track| !track.is_drums()).flat_map(|track| &track.notes)
}

/// When the last note ends; tick 0 if there is none.
pub fn end(score: &Score) -> Ticks {
    let notes = score.tracks.iter().flat_map(|track| &track.notes);
    notes.map(|note| note.start + note.length.min(HELD)).max().unwrap_or_default()
}

/// What sounds in each beat, drums left out.
pub fn sounding(score: &Score, beats: &Beats) -> Vec<Sounding> {
    let mut parts: Vec<Vec<(u8, f64)>> = vec![Vec::new(); beats.beats.len()];
    for note in pitched(score) {
        let end = note.start + note.length.min(HELD);
        let first = beats.beat_at(note.start);
        for (beat, part) in beats.beats.iter().zip(&mut parts).skip(first).take_while(|(beat, _)| beat.start < end) {
            let length = f64::from((beat.end - beat.start).0).max(1.0);
            let share = f64::from((end.min(beat.end) - note.start.max(beat.start)).0) / length;
            let is_late = f64::from((note.start - beat.start).0) > LATE * length;
            // What a player cuts short is heard as the rest of its beat.
            part.push((note.pitch.number(), share.sqrt() * if is_late { OFF_BEAT } else { 1.0 }));
        }
    }
    let lowest: Vec<Option<u8>> = parts.iter().map(|part| part.iter().map(|&(pitch, _)| pitch).min()).collect();
    let remembered = |index: usize| lowest[index.saturating_sub(MEMORY)..=index].iter().flatten().min();
    parts.iter().enumerate().map(|(index, part)| one(part, lowest[index], remembered(index).copied())).collect()
}

fn one(part: &[(u8, f64)], lowest: Option<u8>, remembered: Option<u8>) -> Sounding {
    let mut sounding = Sounding::default();
    let (Some(lowest), Some(remembered)) = (lowest.map(f64::from), remembered.map(f64::from)) else { return sounding };
    let register = ((HIGH + 12.0 - lowest) / 12.0).clamp(0.0, 1.0);
    let trust = register * ((remembered - lowest) / LIFTED_DECAY).exp();
    for &(pitch, weight) in part {
        let class = usize::from(pitch % 12);
        sounding.all[class] = (sounding.all[class] + weight).min(DOUBLED);
        let low = weight * ((lowest - f64::from(pitch)) / BASS_DECAY).exp() * trust;
        sounding.bass[class] = (sounding.bass[class] + low).min(1.0);
    }
    sounding
}
