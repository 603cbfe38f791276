//! Songs of several tracks: roles, key and chords are found, the tonic moved to C.

use super::{chord_finding, grid, harmony};
use crate::kit;
use crate::piece::{Event, Piece, Split, TICKS_PER_STEP};
use riffsmith_dsp::analysis::{key_finding, roles};
use riffsmith_dsp::score::{Chord, Key, Meter, Note, Pitch, Role, Score, Ticks, Track};
use std::collections::BTreeMap;

/// Shorter stretches of songs between changes of metre are left out.
pub const SONG_BARS: u32 = 4;

/// Longer pieces are no music: a file that counts wrong.
pub const MAX_BARS: u32 = 1 << 14;

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

/// What is expected of a score's timing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Timing {
    /// On the grid, or nearly: what is off it is rounded.
    Machine,
    /// Tracks that are off the grid were played, and keep how.
    Played,
}

/// The stretches of one metre of a score, each a piece. Silent bars at either end are cut off.
pub fn pieces(score: &Score, song: &Song) -> Vec<Piece> {
    let roles = roles::roles(&score.tracks);
    let stretches = stretches(score).into_iter();
    let stretches = stretches.filter_map(|(start, end, meter)| {
        let mut parts = parts(&roles, meter, start, end, Timing::Machine);
        let bars = trimmed(&mut parts, meter.bar().0 / TICKS_PER_STEP, SONG_BARS)?;
        whole(score, song, start, meter, parts, bars)
    });
    stretches.collect()
}

/// Start, end and metre of each stretch of one metre; bars shorter than a quarter note are slips.
pub fn stretches(score: &Score) -> Vec<(Ticks, Ticks, Meter)> {
    let ends = score.meters.iter().skip(1).map(|&(at, _)| at).chain([score.length]);
    let stretches = score.meters.iter().zip(ends).map(|(&(start, meter), end)| (start, end, meter));
    stretches.filter(|(_, _, meter)| meter.bar() >= Ticks::QUARTER).collect()
}

/// What each role plays in a stretch, from its start on.
pub fn parts(
    roles: &[(Role, Vec<&Track>)],
    meter: Meter,
    start: Ticks,
    end: Ticks,
    timing: Timing,
) -> Vec<(Role, Vec<Event>)> {
    let bar = meter.bar().0 / TICKS_PER_STEP;
    let of = |role: Role, tracks: &[&Track]| {
        merged(role, tracks.iter().map(|track| events(role, track, start, end, timing)), bar)
    };
    let parts = roles.iter().map(|(role, tracks)| (*role, of(*role, tracks)));
    parts.filter(|(_, events)| !events.is_empty()).collect()
}

/// The piece of a stretch's parts; key and chords are found.
pub fn whole(
    score: &Score,
    song: &Song,
    start: Ticks,
    meter: Meter,
    parts: Vec<(Role, Vec<Event>)>,
    bars: u32,
) -> Option<Piece> {
    let bpm = score.tempos.iter().rev().find(|(at, _)| *at <= start).map(|(_, tempo)| tempo.bpm());
    let source = if start == Ticks(0) { song.source.clone() } else { format!("{}#{}", song.source, start.0) };
    let key = key(&parts, bars * meter.bar().0 / TICKS_PER_STEP);
    piece(Song { source, ..song.clone() }, parts, bars, &Setting { meter, key, bpm, chords_change: halves(meter) })
}

/// Cuts off silent bars at either end and says how many are left; `None` if that is less than a piece needs.
pub fn trimmed(parts: &mut [(Role, Vec<Event>)], bar: u32, least: u32) -> Option<u32> {
    let first = parts.iter().filter_map(|(_, events)| events.first()).map(|event| event.step).min()? / bar;
    let last = parts.iter().filter_map(|(_, events)| events.last()).map(|event| event.step).max()? / bar;
    let bars = last + 1 - first;
    if !(least..=MAX_BARS).contains(&bars) {
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
fn events(role: Role, track: &Track, start: Ticks, end: Ticks, timing: Timing) -> Vec<Event> {
    let notes: Vec<&Note> = track.notes.iter().filter(|note| note.start >= start && note.start < end).collect();
    let onsets: Vec<Ticks> = notes.iter().map(|note| note.start - start).collect();
    let places = match timing {
        Timing::Played if !grid::is_on_grid(&onsets) => grid::human(&onsets),
        _ => onsets.iter().map(|&at| (grid::nearest_step(at), 0)).collect(),
    };
    let event = |(note, (step, offset)): (&Note, (u32, i8))| {
        let pitch = note.pitch.number();
        let (pitch, length) = if role == Role::Drums {
            (kit::folded(pitch)?, 1)
        } else if offset == 0 {
            (pitch, grid::nearest_step(note.end() - start).saturating_sub(step))
        } else {
            (pitch, grid::nearest_step(note.length))
        };
        Some(Event { step, pitch, length: length.max(1), velocity: note.velocity.value(), offset })
    };
    notes.into_iter().zip(places).filter_map(event).collect()
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
