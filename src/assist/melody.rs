//! Variations of a melody, near or far.

use super::distance::distance;
use super::infill::{merit, ranked, rewrite};
use super::proposal::{Edit, Proposal, shared};
use super::song::Song;
use super::{Wishes, words};
use crate::error::Result;
use riffsmith_dsp::score::{Note, Role};
use riffsmith_models::composer::{Keep, Rewritten};
use riffsmith_models::piece::{Event, Piece, STEPS_PER_QUARTER};
use std::ops::Range;

/// Choices of what is opened for each proposal that is wanted.
const TRIES: usize = 12;
/// How much more is opened than is to differ, at the least and at the most: what is drawn again may come out as it was.
const OPENED: (f64, f64) = (0.8, 1.8);
/// What missing the distance by 1 costs, in nats a decision.
const MISSED: f64 = 40.0;

/// Variations at about `wanted` (0 to 1) from the melody, which keep what `keep` says; without a melody, one is written.
///
/// # Errors
/// A piece that the networks cannot write to.
pub fn melody(
    song: &Song,
    track: Option<usize>,
    wanted: f64,
    keep: Keep,
    wishes: &Wishes<'_>,
) -> Result<Vec<Proposal>> {
    let Some(track) = track.or_else(|| song.track_of(Role::Lead)) else {
        return super::part(song, Role::Lead, wishes);
    };
    let bars = song.bars()?;
    let piece = song.piece(bars, Some(track));
    let role = song.role(track);
    let theme = piece.part(role).to_vec();
    if wanted == 0.0 {
        return Ok(vec![Proposal {
            edits: Vec::new(),
            words: "the melody as it is".to_owned(),
            likelihood: None,
            distance: Some(0.0),
            shared: shared(song, role, &song.score.tracks[track].notes),
        }]);
    }
    let mut found: Vec<(f64, Vec<Range<u32>>, Rewritten)> = Vec::new();
    for index in 0..TRIES * wishes.count {
        let seed = wishes.seed.fork("variation").fork_index(index as u64);
        let mut rng = seed.rng();
        let share = (wanted * (OPENED.0 + (OPENED.1 - OPENED.0) * rng.uniform_f64())).min(1.0);
        let open = opened(&piece, &theme, keep, |_| rng.uniform_f64() < share);
        let drafts = rewrite(&piece, role, open.clone(), keep, &Wishes { seed, ..*wishes }, 1)?;
        found.extend(drafts.into_iter().map(|draft| (distance(&theme, draft.piece.part(role)), open.clone(), draft)));
    }
    let worth = |(far, _, draft): &(f64, Vec<Range<u32>>, Rewritten)| merit(draft) - MISSED * (far - wanted).abs();
    found.sort_by(|a, b| worth(b).total_cmp(&worth(a)));
    let voice = song.voice(track)?;
    let mut proposals = Vec::new();
    let mut kept: Vec<Rewritten> = Vec::new();
    for (far, open, draft) in found {
        let is_new = ranked([kept.clone(), vec![draft.clone()]].concat(), role).len() > kept.len();
        if !is_new || proposals.len() == wishes.count {
            continue;
        }
        let is_new = |event: &Event| open.iter().any(|steps| steps.contains(&event.step));
        let new = draft.piece.part(role).iter().filter(|event| is_new(event)).copied();
        let mut notes = song.notes(role, new, Some(track));
        if keep != Keep::Nothing {
            // Played as the notes were whose place they take.
            let old = &song.score.tracks[track].notes;
            for note in &mut notes {
                let own = old.iter().find(|old| song.step(old.start) == song.step(note.start));
                *note = own.map_or(*note, |own| Note { pitch: note.pitch, ..*own });
            }
        }
        let edits = vec![Edit::Replace { voice, steps: open, notes }];
        let all = song.notes(role, draft.piece.part(role).iter().copied(), Some(track));
        let same = draft
            .piece
            .part(role)
            .iter()
            .filter(|event| theme.iter().any(|own| (own.step, own.pitch) == (event.step, event.pitch)));
        proposals.push(Proposal {
            words: format!(
                "{} of {} notes as they were{}; {}; {}",
                same.count(),
                theme.len(),
                kept_in_words(keep),
                words::shape(song, draft.piece.part(role), bars, true),
                words::agreement(&piece, draft.piece.part(role)),
            ),
            likelihood: Some(draft.log_probability),
            distance: Some(far),
            shared: shared(song, role, &all),
            edits,
        });
        kept.push(draft);
    }
    Ok(proposals)
}

/// The steps that are opened: whole quarters; single notes, where these stay in their places.
fn opened(piece: &Piece, theme: &[Event], keep: Keep, mut chosen: impl FnMut(u32) -> bool) -> Vec<Range<u32>> {
    let units: Vec<Range<u32>> = if keep == Keep::Nothing {
        let all = piece.bars * piece.steps_per_bar();
        let from = theme.first().map_or(0, |event| event.step / STEPS_PER_QUARTER * STEPS_PER_QUARTER);
        (from..all)
            .step_by(STEPS_PER_QUARTER as usize)
            .map(|start| start..(start + STEPS_PER_QUARTER).min(all))
            .collect()
    } else {
        let mut steps: Vec<u32> = theme.iter().map(|event| event.step).collect();
        steps.dedup();
        steps.into_iter().map(|step| step..step + 1).collect()
    };
    let first = units.first().cloned();
    let mut open: Vec<Range<u32>> = Vec::new();
    for unit in units.into_iter().filter(|unit| chosen(unit.start)) {
        match open.last_mut() {
            Some(last) if last.end == unit.start => last.end = unit.end,
            _ => open.push(unit),
        }
    }
    // Something differs.
    if open.is_empty() { first.into_iter().collect() } else { open }
}

fn kept_in_words(keep: Keep) -> &'static str {
    match keep {
        Keep::Nothing => "",
        Keep::Rhythm => ", all in their rhythm",
        Keep::Contour => ", all in their rhythm and their ups and downs",
        Keep::Chords => ", chord tones are chord tones still",
    }
}
