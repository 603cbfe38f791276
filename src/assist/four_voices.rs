//! Three voices under a melody, as a choir sings them.

use super::part_writing::{Moment, Voicing, lay_out, parallels};
use super::progression::{agreement, under_melody};
use super::proposal::{Edit, Proposal};
use super::song::Song;
use super::{Wishes, words};
use crate::error::{Error, Result};
use riffsmith_dsp::score::Role;
use riffsmith_models::piece::{Event, Piece};
use std::ops::Range;

/// How loud they are, beside a melody of 64 to 100.
const VELOCITY: u8 = 72;
/// Choir, from 0.
const PROGRAM: u8 = 52;

/// Proposals for alto, tenor and bass to chords under the melody, a track each.
///
/// # Errors
/// A piece without a melody, one that the networks cannot write to, or a melody with no room under it.
pub fn four_voices(song: &Song, wishes: &Wishes<'_>) -> Result<Vec<Proposal>> {
    // Unless another style is asked for, as hymns go: dance music has chords without thirds.
    let chorale = [("chorale".to_owned(), 1.0)];
    let styles = if wishes.styles.is_empty() { &chorale[..] } else { wishes.styles };
    let drafts = under_melody(song, &Wishes { styles, ..*wishes })?;
    let mut proposals = Vec::new();
    for draft in drafts.into_iter().take(wishes.count) {
        let (spans, moments) = moments(song, &draft.piece);
        let found = lay_out(&moments, song.key).ok_or_else(|| {
            Error::failed(format!("the melody of {} lies too low for three voices under it", song.name()))
                .hint("move it up by an octave")
        })?;
        let faults = parallels(&moments, &found);
        let steps = song.steps(0..draft.piece.bars);
        proposals.push(Proposal {
            words: format!(
                "four voices: {} ({}); {:.0} % of the melody's time is in them, {} parallel fifths or octaves, {:.1} semitones from chord to \
                 chord in the inner voices",
                words::chords(song, &draft.piece, &steps),
                words::numerals(song, &draft.piece, &steps),
                100.0 * agreement(&draft.piece),
                if faults == 0 { "no".to_owned() } else { faults.to_string() },
                motion(&found)
            ),
            likelihood: Some(draft.log_probability),
            distance: None,
            shared: None,
            edits: [("alto", 2), ("tenor", 1), ("bass", 0)]
                .map(|(name, voice)| {
                    let events = sung(song, &spans, &found, voice);
                    let notes = song.notes(Role::Chords, events.into_iter(), None);
                    Edit::Add { name, role: Role::Chords, program: PROGRAM, notes }
                })
                .into(),
        });
    }
    Ok(proposals)
}

/// The stretches in which one chord sounds, bar by bar, and what the melody has at their start or first within them.
fn moments(song: &Song, piece: &Piece) -> (Vec<Range<u32>>, Vec<Moment>) {
    let bar = piece.steps_per_bar();
    let melody = piece.part(Role::Lead);
    let end = melody.last().map_or(0, |event| (event.step + event.length).div_ceil(bar) * bar);
    let mut starts: Vec<u32> = piece.harmony.iter().map(|&(at, _)| at).chain((0..end).step_by(bar as usize)).collect();
    starts.retain(|&start| start < end);
    starts.sort_unstable();
    starts.dedup();
    let (mut spans, mut moments) = (Vec::new(), Vec::new());
    for (index, &start) in starts.iter().enumerate() {
        let span = start..starts.get(index + 1).copied().unwrap_or(end);
        let after = piece.harmony.partition_point(|&(at, _)| at <= start);
        let Some(chord) = after.checked_sub(1).and_then(|index| piece.harmony[index].1) else { continue };
        let sounds = |event: &&Event| event.step < span.end && start < event.step + event.length;
        let soprano =
            melody.iter().find(sounds).map(|event| (i32::from(event.pitch) - song.shift()).clamp(0, 127) as u8);
        moments.push(Moment { chord: chord.transposed(-song.shift()), soprano });
        spans.push(span);
    }
    (spans, moments)
}

/// A voice's notes; one that stays is held.
fn sung(song: &Song, spans: &[Range<u32>], found: &[Voicing], voice: usize) -> Vec<Event> {
    let mut events: Vec<Event> = Vec::new();
    for (span, voicing) in spans.iter().zip(found) {
        let pitch = (i32::from(voicing[voice]) + song.shift()).clamp(0, 127) as u8;
        let length = span.end - span.start;
        match events.last_mut() {
            Some(last) if last.pitch == pitch && last.step + last.length == span.start => last.length += length,
            _ => events.push(Event { step: span.start, pitch, length, velocity: VELOCITY, offset: 0 }),
        }
    }
    events
}

/// Semitones from chord to chord, the mean of alto and tenor.
fn motion(found: &[Voicing]) -> f64 {
    let steps =
        found.windows(2).flat_map(|pair| [1, 2].map(|voice| f64::from(pair[0][voice].abs_diff(pair[1][voice]))));
    let count = steps.clone().count();
    steps.sum::<f64>() / count.max(1) as f64
}
