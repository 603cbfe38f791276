//! From one melody to another, in steps.

use super::distance::distance;
use super::infill::rewrite;
use super::proposal::{Edit, Proposal, shared};
use super::song::Song;
use super::{Wishes, words};
use crate::error::{Error, Result};
use riffsmith_dsp::score::Role;
use riffsmith_models::composer::Keep;
use riffsmith_models::piece::{Event, Piece, STEPS_PER_QUARTER};
use std::ops::Range;

/// Quarters that are taken from one melody together.
const TOGETHER: u32 = 2;

/// Melodies between that of `song` and that of `other`, `wishes.count` of them: each takes more half bars of the other one, which is heard from its
/// start again where it is shorter, at the tonic of `song`; notes on quarters that are strange to the chords there are written anew.
///
/// # Errors
/// Pieces without a melody or of different metres.
pub fn interpolate(song: &Song, other: &Song, wishes: &Wishes<'_>) -> Result<Vec<Proposal>> {
    let lead =
        |song: &Song| song.track_of(Role::Lead).ok_or_else(|| Error::failed(format!("{} has no melody", song.name())));
    let (track, other_track) = (lead(song)?, lead(other)?);
    if song.score.meter() != other.score.meter() {
        let (own, theirs) = (song.score.meter(), other.score.meter());
        return Err(Error::failed(format!(
            "{} is in {own}, {} in {theirs}: both must be in one metre",
            song.name(),
            other.name()
        )));
    }
    let (bars, other_bars) = (song.bars()?, other.bars()?);
    let piece = song.piece(bars, Some(track));
    let own = piece.part(Role::Lead).to_vec();
    let theirs = repeated(&other.piece(other_bars, Some(other_track)), bars);
    let unit = TOGETHER * STEPS_PER_QUARTER;
    let mut units: Vec<u32> = (0..(bars * piece.steps_per_bar()).div_ceil(unit)).collect();
    let mut rng = wishes.seed.fork("interpolation").rng();
    for index in (1..units.len()).rev() {
        units.swap(index, rng.below(index + 1));
    }
    let voice = song.voice(track)?;
    let mut proposals = Vec::new();
    for index in 1..=wishes.count {
        let taken = units.len() * index / (wishes.count + 1);
        let is_theirs = |event: &&Event| units[..taken].contains(&(event.step / unit));
        let mut line: Vec<Event> = own.iter().filter(|event| !is_theirs(event)).copied().collect();
        line.extend(theirs.iter().filter(is_theirs).copied());
        line.sort_unstable();
        for index in 1..line.len() {
            line[index - 1].length = line[index - 1].length.min((line[index].step - line[index - 1].step).max(1));
        }
        let mut mixed = piece.clone();
        mixed.parts.retain(|(role, _)| *role != Role::Lead);
        mixed.parts.push((Role::Lead, line));
        let strange = strange(&mixed);
        let changed = strange.len();
        let mut likelihood = None;
        if !strange.is_empty() {
            let seed = wishes.seed.fork_index(index as u64);
            let best = rewrite(&mixed, Role::Lead, strange, Keep::Rhythm, &Wishes { seed, ..*wishes }, 8)?
                .into_iter()
                .max_by(|a, b| super::infill::merit(a).total_cmp(&super::infill::merit(b)));
            if let Some(best) = best {
                likelihood = Some(best.log_probability);
                mixed = best.piece;
            }
        }
        let events = mixed.part(Role::Lead);
        let notes = song.notes(Role::Lead, events.iter().copied(), Some(track));
        proposals.push(Proposal {
            words: format!(
                "{taken} of {} half bars from {}, {changed} notes moved to the chords; {:.2} from it; {}",
                units.len(),
                other.name(),
                distance(&theirs, events),
                words::agreement(&mixed, events)
            ),
            likelihood,
            distance: Some(distance(&own, events)),
            shared: shared(song, Role::Lead, &notes),
            edits: vec![Edit::of(voice, 0..u32::MAX, notes)],
        });
    }
    Ok(proposals)
}

/// The melody of a piece, again and again for so many bars.
fn repeated(piece: &Piece, bars: u32) -> Vec<Event> {
    let (length, all) = (piece.bars * piece.steps_per_bar(), bars * piece.steps_per_bar());
    let rounds = (0..all).step_by(length.max(1) as usize);
    let round =
        |start: u32| piece.part(Role::Lead).iter().map(move |event| Event { step: event.step + start, ..*event });
    rounds.flat_map(round).filter(|event| event.step < all).collect()
}

/// Notes on quarters that are not tones of the chord there.
fn strange(piece: &Piece) -> Vec<Range<u32>> {
    let is_strange = |event: &&Event| {
        let after = piece.harmony.partition_point(|&(at, _)| at <= event.step);
        let chord = after.checked_sub(1).and_then(|index| piece.harmony[index].1);
        event.step.is_multiple_of(STEPS_PER_QUARTER)
            && chord.is_some_and(|chord| chord.classes().all(|class| class.semitones() != event.pitch % 12))
    };
    let mut open: Vec<Range<u32>> = Vec::new();
    for event in piece.part(Role::Lead).iter().filter(is_strange) {
        if open.last().is_none_or(|last| last.end <= event.step) {
            open.push(event.step..event.step + 1);
        }
    }
    open
}
