//! The piece's own melody and chords in other styles: drums, bass and comping anew.

use super::infill::within;
use super::parts::{program, whole};
use super::proposal::{Edit, Proposal, shared};
use super::song::Song;
use super::{Wishes, words};
use crate::error::Result;
use riffsmith_dsp::score::Role;

/// What is written anew, each to those before it.
const ROLES: [Role; 3] = [Role::Drums, Role::Chords, Role::Bass];

/// Arrangements in the styles of `wishes`: in the place of the tracks that play these roles, or as tracks of their own.
///
/// # Errors
/// A piece that the networks cannot write to.
pub fn blend(song: &Song, wishes: &Wishes<'_>) -> Result<Vec<Proposal>> {
    let bars = song.bars()?;
    let mut proposals = Vec::new();
    for index in 0..wishes.count {
        let wishes = Wishes { seed: wishes.seed.fork_index(index as u64), ..*wishes };
        let mut piece = song.piece(bars, None);
        piece.parts.retain(|(role, _)| !ROLES.contains(role));
        let (mut edits, mut likelihood, mut told, mut found) = (Vec::new(), 0.0, Vec::new(), None);
        for role in ROLES {
            let (written, own) = whole(&piece, role, bars, &wishes, &|_| 0.0)?;
            piece = written;
            likelihood += own / ROLES.len() as f64;
            let events = within(&piece, role, &(0..u32::MAX));
            let track = song.track_of(role);
            let shape = words::shape(song, &events, bars, role == Role::Bass);
            told.push(format!("{} {shape}", role.name()));
            let notes = song.notes(role, events.into_iter(), track);
            found = found.or_else(|| shared(song, role, &notes));
            edits.push(match track {
                Some(track) => Edit::of(song.voice(track)?, 0..u32::MAX, notes),
                None => Edit::Add { name: role.name(), role, program: program(role), notes },
            });
        }
        let styles: Vec<String> = wishes.styles.iter().map(|(style, share)| format!("{style} {share:.2}")).collect();
        let proposal = Proposal {
            words: format!("in {}: {}", styles.join(" and "), told.join("; ")),
            likelihood: Some(likelihood),
            distance: None,
            shared: found,
            edits,
        };
        proposals.push(proposal);
    }
    proposals.sort_by(|a, b| b.likelihood.unwrap_or(0.0).total_cmp(&a.likelihood.unwrap_or(0.0)));
    Ok(proposals)
}
