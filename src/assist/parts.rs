//! A whole part to what is there: bass, drums, comping, a melody.

use super::infill::{merit, ranked, rewrite, within};
use super::proposal::{Edit, Proposal, shared};
use super::song::Song;
use super::{Wishes, words};
use crate::error::Result;
use riffsmith_dsp::Seed;
use riffsmith_dsp::score::Role;
use riffsmith_models::composer::{Keep, Rewritten};
use riffsmith_models::piece::{Event, Piece, STEPS_PER_QUARTER};

/// Bars that are written at once; the next ones hear them.
const AT_ONCE: u32 = 32;
/// Drafts of each stretch, of which the best is kept.
const DRAFTS: usize = 4;
/// What a kick with every note of the bass is worth, in nats a decision.
const WITH_BASS: f64 = 1.0;
/// An accent is so many steps of velocity above the mean; log odds that it adds to a strike.
const LOUDER: f32 = 12.0;
const ACCENTED: f32 = 1.5;

/// Proposals for a part: in the place of that of the track which plays the role, or as a track of its own.
///
/// # Errors
/// A piece that the networks cannot write to.
pub fn part(song: &Song, role: Role, wishes: &Wishes<'_>) -> Result<Vec<Proposal>> {
    let bars = song.bars()?;
    let track = song.track_of(role);
    let piece = song.piece(bars, track);
    let accents = if role == Role::Drums { accents(&piece) } else { Vec::new() };
    let wishes = &Wishes { accents: &accents, ..*wishes };
    (0..wishes.count)
        .map(|index| {
            let wishes = Wishes { seed: wishes.seed.fork_index(index as u64), ..*wishes };
            let worth = |draft: &Piece| match role {
                Role::Drums => WITH_BASS * with_bass(draft).unwrap_or(0.0),
                _ => 0.0,
            };
            let (written, likelihood) = whole(&piece, role, bars, &wishes, &worth)?;
            Ok((likelihood + worth(&written), proposal(song, &piece, &written, role, track, likelihood)))
        })
        .collect::<Result<Vec<(f64, Proposal)>>>()
        .map(|mut proposals| {
            proposals.sort_by(|(a, _), (b, _)| b.total_cmp(a));
            proposals.into_iter().map(|(_, proposal)| proposal).collect()
        })
}

fn proposal(
    song: &Song,
    before: &Piece,
    written: &Piece,
    role: Role,
    track: Option<usize>,
    likelihood: f64,
) -> Proposal {
    let events = written.part(role);
    let notes = song.notes(role, events.iter().copied(), track);
    let name = role.name();
    let how = match role {
        Role::Drums => match with_bass(written) {
            Some(share) => format!("; a kick with {:.0} % of the bass's notes on eighths", 100.0 * share),
            None => String::new(),
        },
        _ => format!("; {}", words::agreement(written, events)),
    };
    let where_ = if track.is_some() { format!("another {name}") } else { format!("a track of {name}") };
    Proposal {
        words: format!("{where_}: {}{how}", words::shape(song, events, written.bars, role != Role::Drums)),
        likelihood: Some(likelihood),
        distance: track.map(|_| super::distance(before.part(role), events)),
        shared: shared(song, role, &notes),
        edits: vec![match track.map(|track| song.voice(track)) {
            Some(Ok(voice)) => Edit::of(voice, 0..u32::MAX, notes),
            _ => Edit::Add { name, role, program: program(role), notes },
        }],
    }
}

/// A General MIDI sound for a role: finger bass, piano, synth lead.
pub fn program(role: Role) -> u8 {
    match role {
        Role::Drums | Role::Chords => 0,
        Role::Bass => 33,
        Role::Lead => 80,
    }
}

/// Writes a role for all bars, stretch by stretch, and its mean log probability. `worth` says what a draft is worth besides its merit, in
/// nats a decision.
pub fn whole(
    piece: &Piece,
    role: Role,
    bars: u32,
    wishes: &Wishes<'_>,
    worth: &dyn Fn(&Piece) -> f64,
) -> Result<(Piece, f64)> {
    let mut piece = piece.clone();
    piece.parts.retain(|(own, _)| *own != role);
    let bar = piece.steps_per_bar();
    let (mut sum, mut count) = (0.0, 0.0);
    for start in (0..bars).step_by(AT_ONCE as usize) {
        let end = (start + AT_ONCE).min(bars);
        let seed: Seed = wishes.seed.fork_index(u64::from(start));
        let steps = start * bar..end * bar;
        let drafts = rewrite(&piece, role, vec![steps], Keep::Nothing, &Wishes { seed, ..*wishes }, DRAFTS)?;
        let worth = |draft: &Rewritten| merit(draft) + worth(&draft.piece);
        let best = ranked(drafts, role).into_iter().max_by(|a, b| worth(a).total_cmp(&worth(b)));
        if let Some(best) = best {
            sum += best.log_probability * f64::from(end - start);
            count += f64::from(end - start);
            piece = best.piece;
        }
    }
    Ok((piece, if count > 0.0 { sum / count } else { 0.0 }))
}

/// Log odds of a strike at each step: where the bass begins a note, and where another part is much louder than on average.
fn accents(piece: &Piece) -> Vec<f32> {
    let mut accents = vec![0.0; (piece.bars * piece.steps_per_bar()) as usize];
    for (role, events) in piece.parts.iter().filter(|(role, _)| *role != Role::Drums) {
        let mean = events.iter().map(|event| f32::from(event.velocity)).sum::<f32>() / events.len().max(1) as f32;
        for event in events {
            let Some(own) = accents.get_mut(event.step as usize) else { continue };
            let is_accent = f32::from(event.velocity) > mean + LOUDER;
            *own = f32::max(*own, if is_accent { ACCENTED } else { 0.0 });
            if *role == Role::Bass {
                *own = f32::max(*own, WITH_BASS as f32);
            }
        }
    }
    accents
}

/// Share of the bass's notes on eighths that have a kick; `None` without such notes.
fn with_bass(piece: &Piece) -> Option<f64> {
    let eighths = |event: &&Event| event.step.is_multiple_of(STEPS_PER_QUARTER / 2);
    let bass: Vec<u32> =
        within(piece, Role::Bass, &(0..u32::MAX)).iter().filter(eighths).map(|event| event.step).collect();
    let is_kick = |event: &&Event| matches!(event.pitch, 35 | 36);
    let kicks: Vec<u32> = piece.part(Role::Drums).iter().filter(is_kick).map(|event| event.step).collect();
    let with = bass.iter().filter(|step| kicks.binary_search(step).is_ok()).count();
    (!bass.is_empty()).then(|| with as f64 / bass.len() as f64)
}
