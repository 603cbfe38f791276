//! Our own grooves, which state their chords and keys.

use super::{Annotated, TimeLine, seed};
use crate::error::Result;
use crate::groove;
use crate::piece::{Event, Piece, TICKS_PER_STEP};
use riffsmith_dsp::score::{Key, Note, Pitch, PitchClass, Role, Score, Tempo, Ticks, Track, Velocity};

/// All grooves with pitches, each in a key of its own.
pub fn read() -> Result<Vec<Annotated>> {
    let mut all = Vec::new();
    for (name, text) in groove::builtin() {
        all.extend(annotated(&groove::read(name, text)?));
    }
    Ok(all)
}

fn annotated(piece: &Piece) -> Option<Annotated> {
    let shift = seed(&piece.source).rng().below(12) as i32 - 6;
    let length = Ticks(piece.bars * piece.meter.bar().0);
    let mut score = Score::empty(length, Tempo::new(piece.bpm.unwrap_or(120.0)).ok()?, piece.meter);
    for (channel, (role, events)) in (0..).zip(&piece.parts) {
        let is_drums = *role == Role::Drums;
        let mut notes: Vec<Note> = events.iter().map(|event| note(event, if is_drums { 0 } else { shift })).collect();
        notes.sort_unstable();
        // The roles are not told: the analysis has to find them.
        score.tracks.push(Track {
            channel: if is_drums { Track::DRUM_CHANNEL } else { channel },
            notes,
            ..Track::default()
        });
    }
    score.tracks.iter().any(|track| !track.is_drums() && !track.notes.is_empty()).then_some(())?;
    let ends = piece.harmony.iter().skip(1).map(|&(step, _)| Ticks(step * TICKS_PER_STEP)).chain([length]);
    let line = piece.harmony.iter().zip(ends);
    let chords: TimeLine = line
        .map(|(&(step, chord), end)| (Ticks(step * TICKS_PER_STEP), end, chord.map(|chord| chord.transposed(shift))))
        .collect();
    let key = piece.mode.map(|mode| Key { tonic: PitchClass::new(shift), mode });
    Some(Annotated { source: piece.source.clone(), split: piece.split, score, chords, key })
}

fn note(event: &Event, shift: i32) -> Note {
    let at = i64::from(event.step * TICKS_PER_STEP) + i64::from(event.offset);
    Note {
        start: Ticks(at.max(0) as u32),
        pitch: Pitch::folded(i32::from(event.pitch) + shift),
        length: Ticks((event.length * TICKS_PER_STEP).max(1)),
        velocity: Velocity::new(event.velocity),
    }
}
