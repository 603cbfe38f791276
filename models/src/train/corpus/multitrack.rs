//! Songs of several tracks: roles, key and chords are found, the tonic moved to C.

use super::{chord_finding, grid, harmony, key_finding, roles};
use crate::kit;
use crate::piece::{Event, Piece, Split, TICKS_PER_STEP};
use riffsmith_dsp::score::{Chord, Key, Meter, Note, Pitch, Role, Score, Ticks, Track};
use std::collections::BTreeMap;

/// Shorter stretches between changes of metre are left out, and longer ones, which are no music: a file that counts wrong.
const MIN_BARS: u32 = 4;
const MAX_BARS: u32 = 1 << 14;

/// How much the first note of the bass counts for the tonic, as a share of all others: songs tend to start there.
const FIRST_BASS_NOTE: f64 = 0.25;

/// What a reader knows of a song beside its notes.
#[derive(Debug, Clone)]
pub struct Song {
    /// Data set and file.
    pub source: String,
    /// Its styles.
    pub styles: Vec<String>,
    /// Which part of the data it belongs to.
    pub split: Split,
}

/// The stretches of one metre of a machine-timed score, each a piece. Silent bars at either end are cut off.
pub fn pieces(score: &Score, song: &Song) -> Vec<Piece> {
    let roles = roles::roles(&score.tracks);
    let ends = score.meters.iter().skip(1).map(|&(at, _)| at).chain([score.length]);
    let stretches = score.meters.iter().zip(ends);
    let stretches = stretches.filter_map(|(&(start, meter), end)| stretch(score, &roles, song, meter, start, end));
    stretches.collect()
}

fn stretch(
    score: &Score,
    roles: &[(Role, Vec<&Track>)],
    song: &Song,
    meter: Meter,
    start: Ticks,
    end: Ticks,
) -> Option<Piece> {
    let bar = meter.bar().0 / TICKS_PER_STEP;
    let mut parts: Vec<(Role, Vec<Event>)> = roles
        .iter()
        .map(|(role, tracks)| (*role, merged(*role, tracks.iter().map(|track| events(*role, track, start, end)), bar)))
        .filter(|(_, events)| !events.is_empty())
        .collect();
    let bpm = score.tempos.iter().rev().find(|(at, _)| *at <= start).map(|(_, tempo)| tempo.bpm());
    let source = if start == Ticks(0) { song.source.clone() } else { format!("{}#{}", song.source, start.0) };
    trimmed(&mut parts, bar).and_then(|bars| {
        let key = key(&parts, bars * bar);
        piece(Song { source, ..song.clone() }, parts, bars, &Setting { meter, key, bpm, chords_change: halves(meter) })
    })
}

/// Cuts off silent bars at either end and says how many are left; `None` if that is less than a piece needs.
pub fn trimmed(parts: &mut [(Role, Vec<Event>)], bar: u32) -> Option<u32> {
    let first = parts.iter().filter_map(|(_, events)| events.first()).map(|event| event.step).min()? / bar;
    let last = parts.iter().filter_map(|(_, events)| events.last()).map(|event| event.step).max()? / bar;
    let bars = last + 1 - first;
    if !(MIN_BARS..=MAX_BARS).contains(&bars) {
        return None;
    }
    for event in parts.iter_mut().flat_map(|(_, events)| events) {
        event.step -= first * bar;
        event.length = event.length.min(bars * bar - event.step);
    }
    Some(bars)
}

/// What is known of the notes of a piece.
pub struct Setting {
    /// Its metre.
    pub meter: Meter,
    /// Its key.
    pub key: Option<Key>,
    /// Quarter notes per minute.
    pub bpm: Option<f64>,
    /// Lengths within a bar at which chords may change, in grid steps, longest first.
    pub chords_change: Vec<u32>,
}

/// A piece of some bars: the tonic moved to C, its chords found.
pub fn piece(song: Song, mut parts: Vec<(Role, Vec<Event>)>, bars: u32, setting: &Setting) -> Option<Piece> {
    let bar = setting.meter.bar().0 / TICKS_PER_STEP;
    if let Some(key) = setting.key {
        to_c(&mut parts, key);
    }
    let harmony = if setting.key.is_some() { chords(&parts, bars, bar, &setting.chords_change) } else { Vec::new() };
    parts.retain(|(_, events)| !events.is_empty());
    (!parts.is_empty()).then(|| Piece {
        source: song.source,
        styles: song.styles,
        split: song.split,
        meter: setting.meter,
        mode: setting.key.map(|key| key.mode),
        bpm: setting.bpm,
        bars,
        harmony,
        parts,
        is_loop: false,
    })
}

/// Half a bar, where a bar has two halves.
fn halves(meter: Meter) -> Vec<u32> {
    let has_halves = matches!((meter.numerator(), meter.denominator()), (4 | 6, 4) | (2, 2) | (12 | 6, 8));
    if has_halves { vec![meter.bar().0 / TICKS_PER_STEP / 2] } else { Vec::new() }
}

/// The events of a track from `start` on; drums outside the kit are left out.
fn events(role: Role, track: &Track, start: Ticks, end: Ticks) -> Vec<Event> {
    let inside = |note: &&Note| note.start >= start && note.start < end;
    let event = |note: &Note| {
        let step = grid::nearest_step(note.start - start);
        let length = (grid::nearest_step(note.end() - start).saturating_sub(step)).max(1);
        let pitch = note.pitch.number();
        let (pitch, length) = if role == Role::Drums { (kit::folded(pitch)?, 1) } else { (pitch, length) };
        Some(Event { step, pitch, length, velocity: note.velocity.value(), offset: 0 })
    };
    track.notes.iter().filter(inside).filter_map(event).collect()
}

/// One part of several tracks: all drums; of the others in each bar the first track that plays there.
fn merged(role: Role, tracks: impl Iterator<Item = Vec<Event>>, bar: u32) -> Vec<Event> {
    let mut all: Vec<Event> = if role == Role::Drums {
        tracks.flatten().collect()
    } else {
        let mut bars: BTreeMap<u32, (usize, Vec<Event>)> = BTreeMap::new();
        for (number, events) in tracks.enumerate() {
            for event in events {
                let (owner, own) = bars.entry(event.step / bar).or_insert_with(|| (number, Vec::new()));
                if *owner == number {
                    own.push(event);
                }
            }
        }
        bars.into_values().flat_map(|(_, events)| events).collect()
    };
    grid::tidy(&mut all);
    all
}

fn pitched(parts: &[(Role, Vec<Event>)]) -> impl Iterator<Item = &(Role, Vec<Event>)> {
    parts.iter().filter(|(role, _)| *role != Role::Drums)
}

fn key(parts: &[(Role, Vec<Event>)], length: u32) -> Option<Key> {
    let (mut all, mut bass) = ([0.0; 12], [0.0; 12]);
    for (role, events) in pitched(parts) {
        let weights = chord_finding::weights(events, 0, length);
        all.iter_mut().zip(weights).for_each(|(sum, weight)| *sum += weight);
        if *role == Role::Bass {
            bass = weights;
            bass[usize::from(events[0].pitch % 12)] += FIRST_BASS_NOTE * weights.iter().sum::<f64>();
        }
    }
    key_finding::key(&all, &bass)
}

/// Moves the tonic to C, by at most six semitones, and each part into its register.
pub fn to_c(parts: &mut [(Role, Vec<Event>)], key: Key) {
    let tonic = i32::from(key.tonic.semitones());
    let shift = if tonic > 6 { 12 - tonic } else { -tonic };
    for (role, events) in parts.iter_mut().filter(|(role, _)| *role != Role::Drums) {
        for event in &mut *events {
            event.pitch = in_register(*role, i32::from(event.pitch) + shift);
        }
        // Octaves may have become unisons.
        grid::tidy(events);
    }
}

/// Brings a pitch by octaves into the register of its part: the bass from E1 to G3, chords from A1 to E6, the lead from C3
/// to E7.
fn in_register(role: Role, mut pitch: i32) -> u8 {
    let (low, high) = match role {
        Role::Bass => (28, 55),
        Role::Chords => (33, 88),
        Role::Lead => (48, 100),
        Role::Drums => (0, 127),
    };
    while pitch < low {
        pitch += 12;
    }
    while pitch > high {
        pitch -= 12;
    }
    Pitch::folded(pitch).number()
}

/// The chords of the pitched parts.
fn chords(parts: &[(Role, Vec<Event>)], bars: u32, bar: u32, changes: &[u32]) -> Vec<(u32, Option<Chord>)> {
    let bass = parts.iter().find(|(role, _)| *role == Role::Bass).map_or(&[][..], |(_, events)| events);
    let others: Vec<&[Event]> =
        pitched(parts).filter(|(role, _)| *role != Role::Bass).map(|(_, e)| e.as_slice()).collect();
    harmony::merged(chord_finding::chords(bass, &others, bars, bar, changes))
}
