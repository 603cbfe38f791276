//! A second melody against the first.

use super::infill::{merit, rewrite, within};
use super::proposal::{Edit, Proposal, shared};
use super::song::Song;
use super::{Wishes, words};
use crate::error::{Error, Result};
use riffsmith_dsp::score::Role;
use riffsmith_models::composer::{Keep, Rewritten};
use riffsmith_models::piece::{Event, Piece, STEPS_PER_QUARTER};
use std::ops::Range;

/// Drafts for each proposal.
const DRAFTS: usize = 12;
/// Bars that are written at once.
const AT_ONCE: u32 = 16;
/// What the whole of each is worth, in nats a decision: consonance, moving while the other rests, and parallel fifths and octaves.
const CONSONANT: f64 = 3.0;
const BETWEEN: f64 = 1.5;
const PARALLEL: f64 = 2.0;

/// How two lines go together, each a share from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Together {
    /// Of the moments in which both sound: consonances (thirds, fifths, sixths, octaves).
    consonant: f64,
    /// Of the second line's notes: those that begin where no note of the first does.
    between: f64,
    /// Of the steps that both take together: from one fifth or octave into another.
    parallel: f64,
}

/// Counter-melodies: the network's melodies to the chords and to the first melody's onsets, chosen by how they go with it.
///
/// # Errors
/// A piece without a melody, or one that the networks cannot write to.
pub fn counter(song: &Song, track: Option<usize>, wishes: &Wishes<'_>) -> Result<Vec<Proposal>> {
    let Some(track) = track.or_else(|| song.track_of(Role::Lead)) else {
        return Err(Error::failed(format!("{} has no melody to write a second one to", song.name())));
    };
    let bars = song.bars()?;
    let piece = song.piece(bars, Some(track));
    let theme = piece.part(song.role(track)).to_vec();
    // The network hears comping's onsets: here those of the theme, so that it leaves them room.
    let mut stage = piece;
    stage.parts.retain(|(role, _)| !matches!(role, Role::Lead | Role::Chords));
    stage.parts.push((Role::Chords, theme.clone()));
    let mut proposals = Vec::new();
    for index in 0..wishes.count {
        let wishes = Wishes { seed: wishes.seed.fork_index(index as u64), ..*wishes };
        let (written, likelihood) = written(&stage, &theme, bars, &wishes)?;
        let events = written.part(Role::Lead);
        let Together { consonant, between, parallel } = together(&theme, events);
        let notes = song.notes(Role::Lead, events.iter().copied(), None);
        proposals.push(Proposal {
            words: format!(
                "a second melody: {}; {:.0} % consonant with the first, {:.0} % of its notes between the other's, {:.0} % of \
                 the common steps in parallel fifths or octaves",
                words::shape(song, events, bars, true),
                100.0 * consonant,
                100.0 * between,
                100.0 * parallel
            ),
            likelihood: Some(likelihood),
            distance: Some(super::distance(&theme, events)),
            shared: shared(song, Role::Lead, &notes),
            edits: vec![Edit::Add { name: "counter", role: Role::Lead, program: 80, notes }],
        });
    }
    Ok(proposals)
}

/// The best drafts, stretch by stretch.
fn written(stage: &Piece, theme: &[Event], bars: u32, wishes: &Wishes<'_>) -> Result<(Piece, f64)> {
    let bar = stage.steps_per_bar();
    let (mut piece, mut sum) = (stage.clone(), 0.0);
    for start in (0..bars).step_by(AT_ONCE as usize) {
        let steps: Range<u32> = start * bar..(start + AT_ONCE).min(bars) * bar;
        let wishes = Wishes { seed: wishes.seed.fork_index(u64::from(start)), ..*wishes };
        let drafts = rewrite(&piece, Role::Lead, vec![steps.clone()], Keep::Nothing, &wishes, DRAFTS)?;
        let worth = |draft: &Rewritten| {
            let Together { consonant, between, parallel } = together(theme, &within(&draft.piece, Role::Lead, &steps));
            merit(draft) + CONSONANT * consonant + BETWEEN * between - PARALLEL * parallel
        };
        if let Some(best) = drafts.into_iter().max_by(|a, b| worth(a).total_cmp(&worth(b))) {
            sum += best.log_probability * f64::from(steps.end - steps.start);
            piece = best.piece;
        }
    }
    Ok((piece, sum / f64::from((bars * bar).max(1))))
}

fn together(theme: &[Event], counter: &[Event]) -> Together {
    let at = |line: &[Event], step: u32| {
        let after = line.partition_point(|event| event.step <= step);
        after.checked_sub(1).map(|index| line[index]).filter(|event| step < event.step + event.length)
    };
    let end = counter.last().map_or(0, |event| event.step + event.length);
    let (mut both, mut consonant) = (0u32, 0u32);
    for step in (0..end).step_by(STEPS_PER_QUARTER as usize / 4) {
        if let (Some(one), Some(other)) = (at(theme, step), at(counter, step)) {
            both += 1;
            consonant += u32::from(matches!(one.pitch.abs_diff(other.pitch) % 12, 0 | 3 | 4 | 7 | 8 | 9));
        }
    }
    let starts = |line: &[Event], step: u32| line.binary_search_by_key(&step, |event| event.step).is_ok();
    let between = counter.iter().filter(|event| !starts(theme, event.step)).count();
    let (mut steps, mut parallel) = (0u32, 0u32);
    for pair in counter.windows(2) {
        let (Some(first), Some(second)) = (at(theme, pair[0].step), at(theme, pair[1].step)) else { continue };
        if first.pitch != second.pitch && pair[0].pitch != pair[1].pitch {
            steps += 1;
            let interval = |one: u8, other: u8| one.abs_diff(other) % 12;
            let (before, after) = (interval(first.pitch, pair[0].pitch), interval(second.pitch, pair[1].pitch));
            parallel += u32::from(before == after && matches!(before, 0 | 7));
        }
    }
    let share = |part: u32, whole: u32| if whole == 0 { 0.0 } else { f64::from(part) / f64::from(whole) };
    Together {
        consonant: share(consonant, both),
        between: share(between as u32, counter.len() as u32),
        parallel: share(parallel, steps),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(notes: &[(u32, u8)]) -> Vec<Event> {
        notes.iter().map(|&(step, pitch)| Event { step, pitch, length: 24, velocity: 90, offset: 0 }).collect()
    }

    #[test]
    fn parallels_consonance_and_room_are_seen() {
        let theme = line(&[(0, 72), (24, 74), (48, 76)]);
        let fifths = together(&theme, &line(&[(0, 65), (24, 67), (48, 69)]));
        assert_eq!((fifths.consonant, fifths.between, fifths.parallel), (1.0, 0.0, 1.0));
        let seconds = together(&theme, &line(&[(0, 70), (24, 72), (48, 74)]));
        assert_eq!((seconds.consonant, seconds.parallel), (0.0, 0.0));
        let apart = together(&theme, &line(&[(12, 69), (36, 71)]));
        assert_eq!(apart.between, 1.0);
    }
}
