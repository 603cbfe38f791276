//! How a piece might go on, or what section might follow.

use super::infill::{merit, ranked, rewrite, within};
use super::progression::drafts;
use super::proposal::{Edit, Proposal, shared};
use super::song::Song;
use super::{Wishes, words};
use crate::error::Result;
use riffsmith_dsp::score::Role;
use riffsmith_models::composer::{Controls, Keep, SHIFTS};
use riffsmith_models::piece::{Event, Piece};

/// Drafts of each part, of which the best is kept.
const DRAFTS: usize = 4;
/// Tries for each proposal: what returns all the time goes on in one way.
const TRIES: usize = 3;

/// What a section is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Section {
    /// Fuller, louder and higher than what was before.
    Chorus,
    /// Something else: neither chords nor lines go on from what was before.
    Bridge,
    /// Few notes, without drums and bass.
    Break,
    /// Fewer notes, softer; the last bar is on the tonic.
    Outro,
}

impl Section {
    fn name(self) -> &'static str {
        match self {
            Self::Chorus => "chorus",
            Self::Bridge => "bridge",
            Self::Break => "break",
            Self::Outro => "outro",
        }
    }

    /// What is added to the density, and the share of the velocity.
    fn fullness(self) -> (f32, f32) {
        match self {
            Self::Chorus => (0.3, 1.12),
            Self::Bridge => (0.0, 1.0),
            Self::Break => (-0.4, 0.8),
            Self::Outro => (-0.3, 0.85),
        }
    }

    fn plays(self, role: Role) -> bool {
        self != Self::Break || matches!(role, Role::Chords | Role::Lead)
    }
}

/// Proposals for `more` bars after the last: chords first, then every part that the piece has, each to those before it.
///
/// # Errors
/// A piece that the networks cannot write to.
pub fn continuation(song: &Song, more: u32, wishes: &Wishes<'_>) -> Result<Vec<Proposal>> {
    follow(song, more, None, wishes)
}

/// Proposals for a section of `more` bars after the last.
///
/// # Errors
/// A piece that the networks cannot write to.
pub fn section(song: &Song, kind: Section, more: u32, wishes: &Wishes<'_>) -> Result<Vec<Proposal>> {
    let (denser, _) = kind.fullness();
    let density = (wishes.controls.density + denser).clamp(*SHIFTS.start(), *SHIFTS.end());
    let controls = Controls { density, ..wishes.controls.clone() };
    follow(song, more, Some(kind), &Wishes { controls: &controls, begins_anew: kind == Section::Bridge, ..*wishes })
}

fn follow(song: &Song, more: u32, kind: Option<Section>, wishes: &Wishes<'_>) -> Result<Vec<Proposal>> {
    let bars = song.bars()?;
    let piece = song.piece(bars + more, None);
    let steps = song.steps(bars..bars + more);
    let roles: Vec<Role> = [Role::Drums, Role::Chords, Role::Bass, Role::Lead]
        .into_iter()
        .filter(|&role| !piece.part(role).is_empty() && kind.is_none_or(|kind| kind.plays(role)))
        .collect();
    let mut proposals: Vec<Proposal> = Vec::new();
    for index in 0..TRIES * wishes.count {
        let wishes = Wishes { seed: wishes.seed.fork_index(index as u64), ..*wishes };
        let mut chords = drafts(&piece, vec![steps.clone()], None, &wishes, DRAFTS)?;
        chords.sort_by(|a, b| merit(b).total_cmp(&merit(a)));
        let Some(first) = chords.into_iter().next() else { continue };
        let (mut piece, mut likelihood) = (first.piece, vec![first.log_probability]);
        if kind == Some(Section::Outro) {
            on_the_tonic(song, &mut piece, steps.end);
        }
        let (mut edits, mut found) = (Vec::new(), None);
        for &role in &roles {
            let drafts = rewrite(&piece, role, vec![steps.clone()], Keep::Nothing, &wishes, DRAFTS)?;
            let Some(best) = ranked(drafts, role).into_iter().next() else { continue };
            let Some(track) = song.track_of(role) else { continue };
            let events = shaped(within(&best.piece, role, &steps), role, kind);
            let notes = song.notes(role, events.into_iter(), Some(track));
            found = found.or_else(|| shared(song, role, &notes));
            edits.push(Edit::of(song.voice(track)?, steps.start..u32::MAX, notes));
            likelihood.push(best.log_probability);
            piece = best.piece;
        }
        if proposals.len() == wishes.count || proposals.iter().any(|other| other.edits == edits) {
            continue;
        }
        let parts: Vec<&str> = roles.iter().map(|role| role.name()).collect();
        proposals.push(Proposal {
            words: format!(
                "{}{}: {} ({}); {}",
                kind.map_or(String::new(), |kind| format!("{}, ", kind.name())),
                words::bars(&(bars..bars + more)),
                words::chords(song, &piece, &steps),
                words::numerals(song, &piece, &steps),
                parts.join(", ")
            ),
            likelihood: Some(likelihood.iter().sum::<f64>() / likelihood.len() as f64),
            distance: None,
            shared: found,
            edits,
        });
    }
    proposals.sort_by(|a, b| b.likelihood.unwrap_or(0.0).total_cmp(&a.likelihood.unwrap_or(0.0)));
    Ok(proposals)
}

/// The chord of the tonic in the last bar before `end`.
fn on_the_tonic(song: &Song, piece: &mut Piece, end: u32) {
    let from = end - piece.steps_per_bar();
    piece.harmony.retain(|&(step, _)| step < from);
    piece.harmony.push((from, Some(song.tonic_chord())));
}

/// Softer or louder as the section is; the melody of a chorus an octave higher, where it has room.
fn shaped(mut events: Vec<Event>, role: Role, kind: Option<Section>) -> Vec<Event> {
    let Some(kind) = kind else { return events };
    let (_, louder) = kind.fullness();
    let highest = events.iter().map(|event| event.pitch).max().unwrap_or(0);
    let lift = if kind == Section::Chorus && role == Role::Lead && highest <= 79 { 12 } else { 0 };
    for event in &mut events {
        event.velocity = (f32::from(event.velocity) * louder).round().clamp(1.0, 127.0) as u8;
        event.pitch += lift;
    }
    events
}
