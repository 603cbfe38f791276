//! Some bars of a track anew, and what can be said of it; the ranking that all kinds share.

use super::distance::distance;
use super::proposal::{Edit, Proposal, shared};
use super::song::{Song, part_of};
use super::{Wishes, words};
use crate::error::{Error, Result};
use riffsmith_dsp::score::Role;
use riffsmith_models::composer::{Keep, Rewrite, Rewritten, TEMPERATURES};
use riffsmith_models::piece::{Event, Piece};
use std::ops::Range;

/// Drafts for each proposal that is wanted, and some more.
const DRAFTS: usize = 4;
/// Factors of the temperature that are tried until there are enough proposals.
const DARING: [f32; 3] = [1.0, 1.3, 1.7];
/// What leading on, and fitting the chords, are worth against a nat a decision.
const LEADS: f64 = 0.5;
const FITS: f64 = 0.5;
/// What a fault costs, and a copy.
const FAULT: f64 = 1.0;
const COPY: f64 = 100.0;

/// Proposals for bars (from 0) of a track; all else stays.
///
/// # Errors
/// A piece that the networks cannot write to.
pub fn infill(song: &Song, track: usize, bars: &Range<u32>, wishes: &Wishes<'_>) -> Result<Vec<Proposal>> {
    let role = song.role(track);
    let piece = song.piece(song.bars()?, Some(track));
    let steps = song.steps(bars.clone());
    let voice = song.voice(track)?;
    let before = within(&piece, role, &steps);
    let mut drafts: Vec<Rewritten> = Vec::new();
    // What returns all the time is written again as it was: then more daring is needed.
    for daring in DARING {
        let temperature = (wishes.temperature * daring).min(*TEMPERATURES.end());
        let wishes = Wishes { temperature, ..*wishes };
        let more = rewrite(&piece, role, vec![steps.clone()], Keep::Nothing, &wishes, DRAFTS * wishes.count + 2)?;
        drafts.extend(more.into_iter().filter(|draft| distance(&before, &within(&draft.piece, role, &steps)) > 0.0));
        drafts = ranked(drafts, role);
        if drafts.len() >= wishes.count {
            break;
        }
    }
    let proposal = |draft: Rewritten| {
        let own = within(&draft.piece, role, &steps);
        let notes = song.notes(role, own.iter().copied(), Some(track));
        let name = &song.score.tracks[track].name;
        let name = if name.is_empty() { role.name() } else { name };
        let shape = words::shape(song, &own, bars.end - bars.start, role != Role::Drums);
        let over = match role {
            Role::Drums => String::new(),
            _ => format!(" over {}; {}", words::chords(song, &piece, &steps), words::agreement(&piece, &own)),
        };
        Proposal {
            words: format!("{} of {name} anew: {shape}{over}", words::bars(bars)),
            likelihood: Some(draft.log_probability),
            distance: Some(distance(&before, &own)),
            shared: shared(song, role, &notes),
            edits: vec![Edit::of(voice, steps.clone(), notes)],
        }
    };
    Ok(drafts.into_iter().take(wishes.count).map(proposal).collect())
}

/// The piece with what would be proposed first for a role in a stretch.
///
/// # Errors
/// A piece that the networks cannot write to.
pub fn best_draft(piece: &Piece, role: Role, steps: &Range<u32>, wishes: &Wishes<'_>) -> Result<Option<Piece>> {
    let drafts = rewrite(piece, role, vec![steps.clone()], Keep::Nothing, wishes, DRAFTS * wishes.count + 2)?;
    Ok(ranked(drafts, role).into_iter().next().map(|draft| draft.piece))
}

/// Drafts of a role in open stretches.
pub fn rewrite(
    piece: &Piece,
    role: Role,
    open: Vec<Range<u32>>,
    keep: Keep,
    wishes: &Wishes<'_>,
    count: usize,
) -> Result<Vec<Rewritten>> {
    let request = Rewrite {
        piece,
        part: part_of(role),
        open,
        keep,
        styles: wishes.styles.to_vec(),
        begins_anew: wishes.begins_anew,
        temperature: wishes.temperature,
        top_p: 0.95,
        strict_key: wishes.strict_key,
        controls: wishes.controls.clone(),
        under: None,
        accents: wishes.accents,
    };
    wishes.composer.rewrite(&request, count, wishes.seed).map_err(|error| Error::failed(error.to_string()))
}

/// What a draft is worth, in nats a decision.
pub fn merit(draft: &Rewritten) -> f64 {
    let faults = FAULT * draft.faults as f64 + if draft.is_copy { COPY } else { 0.0 };
    draft.log_probability + LEADS * draft.after + FITS * f64::from(draft.fit) - faults
}

/// The best first, each once.
pub fn ranked(mut drafts: Vec<Rewritten>, role: Role) -> Vec<Rewritten> {
    drafts.sort_by(|a, b| merit(b).total_cmp(&merit(a)));
    let mut kept: Vec<Rewritten> = Vec::new();
    for draft in drafts {
        if kept.iter().all(|other| distance(other.piece.part(role), draft.piece.part(role)) > 0.0) {
            kept.push(draft);
        }
    }
    kept
}

/// The events of a role that begin in a stretch.
pub fn within(piece: &Piece, role: Role, steps: &Range<u32>) -> Vec<Event> {
    piece.part(role).iter().filter(|event| steps.contains(&event.step)).copied().collect()
}
