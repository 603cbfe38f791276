//! How a piece might go on.

use super::infill::{merit, ranked, rewrite, within};
use super::progression::drafts;
use super::proposal::{Edit, Proposal, shared};
use super::song::Song;
use super::{Wishes, words};
use crate::error::Result;
use riffsmith_dsp::score::{Role, Ticks};
use riffsmith_models::composer::Keep;

/// Drafts of each part, of which the best is kept.
const DRAFTS: usize = 4;

/// Proposals for `more` bars after the last: chords first, then every part that the piece has, each to those before it.
///
/// # Errors
/// A piece that the networks cannot write to.
pub fn continuation(song: &Song, more: u32, wishes: &Wishes<'_>) -> Result<Vec<Proposal>> {
    let bars = song.bars()?;
    let piece = song.piece(bars + more, None);
    let steps = song.steps(bars..bars + more);
    let roles: Vec<Role> = [Role::Drums, Role::Chords, Role::Bass, Role::Lead]
        .into_iter()
        .filter(|role| !piece.part(*role).is_empty())
        .collect();
    let mut proposals = Vec::new();
    for index in 0..wishes.count {
        let wishes = Wishes { seed: wishes.seed.fork_index(index as u64), ..*wishes };
        let mut chords = drafts(&piece, vec![steps.clone()], &wishes, DRAFTS)?;
        chords.sort_by(|a, b| merit(b).total_cmp(&merit(a)));
        let Some(first) = chords.into_iter().next() else { continue };
        let (mut piece, mut likelihood, mut edits, mut found) =
            (first.piece, vec![first.log_probability], Vec::new(), None);
        for &role in &roles {
            let drafts = rewrite(&piece, role, vec![steps.clone()], Keep::Nothing, &wishes, DRAFTS)?;
            let Some(best) = ranked(drafts, role).into_iter().next() else { continue };
            let Some(track) = song.track_of(role) else { continue };
            let notes = song.notes(role, within(&best.piece, role, &steps).into_iter(), Some(track));
            found = found.or_else(|| shared(song, role, &notes));
            edits.push(Edit::Replace {
                voice: song.voice(track)?,
                range: song.ticks(&steps).start..Ticks(u32::MAX),
                notes,
            });
            likelihood.push(best.log_probability);
            piece = best.piece;
        }
        let parts: Vec<&str> = roles.iter().map(|role| role.name()).collect();
        proposals.push(Proposal {
            words: format!(
                "{}: {} ({}); {}",
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
