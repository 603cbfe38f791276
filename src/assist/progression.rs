//! Chords: how they might go on, or others under the same melody.

use super::infill::{merit, rewrite};
use super::parts::whole;
use super::proposal::{Edit, Proposal};
use super::song::Song;
use super::{Wishes, words};
use crate::error::{Error, Result};
use riffsmith_dsp::score::Role;
use riffsmith_models::composer::{Keep, Part, Rewrite, Rewritten};
use riffsmith_models::groove;
use riffsmith_models::piece::Piece;
use std::ops::Range;

/// Drafts for each proposal that goes on.
const DRAFTS: usize = 4;
/// Drafts for each proposal under a melody: most do not fit it.
const UNDER: usize = 24;
/// What it is worth, in nats a decision, that all of the melody's time is in its chords.
const AGREES: f64 = 6.0;
/// Bars that a chord may stand for on average, and what it costs where one stands for good.
const BARS_A_CHORD: u32 = 2;
const STANDS: f64 = 4.0;

/// Drafts of the harmony, which holds the notes of the role `under` where one is given.
pub fn drafts(
    piece: &Piece,
    open: Vec<Range<u32>>,
    under: Option<Role>,
    wishes: &Wishes<'_>,
    count: usize,
) -> Result<Vec<Rewritten>> {
    let request = Rewrite {
        piece,
        part: Part::Harmony,
        open,
        keep: Keep::Nothing,
        styles: wishes.styles.to_vec(),
        begins_anew: wishes.begins_anew,
        temperature: wishes.temperature,
        top_p: 0.95,
        strict_key: wishes.strict_key,
        controls: wishes.controls.clone(),
        under,
        accents: wishes.accents,
    };
    wishes.composer.rewrite(&request, count, wishes.seed).map_err(|error| Error::failed(error.to_string()))
}

/// Proposals for the chords of `more` bars after the last, comped as a track goes on.
///
/// # Errors
/// A piece that the networks cannot write to.
pub fn next_chords(song: &Song, more: u32, wishes: &Wishes<'_>) -> Result<Vec<Proposal>> {
    let bars = song.bars()?;
    let piece = song.piece(bars + more, None);
    let steps = song.steps(bars..bars + more);
    let found = distinct(drafts(&piece, vec![steps.clone()], None, wishes, DRAFTS * wishes.count)?, merit, &steps);
    let what = if wishes.begins_anew { "next, from scratch" } else { "next" };
    found
        .into_iter()
        .take(wishes.count)
        .map(|draft| comped(song, &draft.piece, Some(draft.log_probability), &steps, wishes, what))
        .collect()
}

/// Proposals for a track that comps given chords, as Roman numerals of the song's key, after the last bar: a bar each, or bars between `|`.
///
/// # Errors
/// What is no progression, or a piece that the networks cannot write to.
pub fn given_chords(song: &Song, numerals: &str, wishes: &Wishes<'_>) -> Result<Vec<Proposal>> {
    let bars = song.bars()?;
    let text = match numerals.contains('|') {
        true => numerals.to_owned(),
        false => numerals.split_whitespace().collect::<Vec<_>>().join(" | "),
    };
    let bar = song.steps(0..1).end;
    let (more, chords) =
        groove::progression(&text, song.key, bar).map_err(|reason| Error::usage(format!("--numerals: {reason}")))?;
    let steps = song.steps(bars..bars + more);
    let mut piece = song.piece(bars + more, None);
    piece.harmony.retain(|&(at, _)| at < steps.start);
    piece.harmony.extend(chords.into_iter().map(|(at, chord)| (steps.start + at, Some(chord))));
    (0..wishes.count)
        .map(|index| {
            let wishes = Wishes { seed: wishes.seed.fork_index(index as u64), ..*wishes };
            comped(song, &piece, None, &steps, &wishes, "as given")
        })
        .collect()
}

/// Proposals for other chords under the melody, which stays, and a track that comps them.
///
/// # Errors
/// A piece without a melody, or one that the networks cannot write to.
pub fn reharmonize(song: &Song, wishes: &Wishes<'_>) -> Result<Vec<Proposal>> {
    let found = under_melody(song, wishes)?;
    found
        .into_iter()
        .take(wishes.count)
        .map(|draft| {
            let steps = song.steps(0..draft.piece.bars);
            let agrees = 100.0 * agreement(&draft.piece);
            let likelihood = Some(draft.log_probability);
            let mut proposal = comped(song, &draft.piece, likelihood, &steps, wishes, "under the melody")?;
            proposal.words = format!("{}; {agrees:.0} % of the melody's time is in them", proposal.words);
            Ok(proposal)
        })
        .collect()
}

/// Chords under the melody, the best first.
///
/// # Errors
/// A piece without a melody, or one that the networks cannot write to.
pub fn under_melody(song: &Song, wishes: &Wishes<'_>) -> Result<Vec<Rewritten>> {
    let Some(track) = song.track_of(Role::Lead) else {
        return Err(Error::failed(format!("{} has no melody to put chords under", song.name())));
    };
    let bars = song.bars()?;
    let piece = song.piece(bars, Some(track));
    let steps = song.steps(0..bars);
    let worth = |draft: &Rewritten| {
        let changes = draft.piece.harmony.len() as f64;
        let stands = (1.0 - changes / f64::from(bars.div_ceil(BARS_A_CHORD))).max(0.0);
        draft.log_probability + AGREES * agreement(&draft.piece) - STANDS * stands
    };
    Ok(distinct(drafts(&piece, vec![steps.clone()], Some(Role::Lead), wishes, UNDER * wishes.count)?, worth, &steps))
}

/// The best first, each progression once.
fn distinct(mut drafts: Vec<Rewritten>, worth: impl Fn(&Rewritten) -> f64, steps: &Range<u32>) -> Vec<Rewritten> {
    let own = |draft: &Rewritten| -> Vec<_> {
        draft.piece.harmony.iter().filter(|(at, _)| steps.contains(at)).copied().collect()
    };
    drafts.sort_by(|a, b| worth(b).total_cmp(&worth(a)));
    let mut kept: Vec<Rewritten> = Vec::new();
    for draft in drafts {
        if kept.iter().all(|other| own(other) != own(&draft)) {
            kept.push(draft);
        }
    }
    kept
}

/// A progression with its comping, as the track of chords goes on or as a new one. Without a likelihood of its own it has that of the comping.
fn comped(
    song: &Song,
    piece: &Piece,
    likelihood: Option<f64>,
    steps: &Range<u32>,
    wishes: &Wishes<'_>,
    what: &str,
) -> Result<Proposal> {
    let bar = piece.steps_per_bar();
    let goes_on = steps.start > 0;
    let track = song.track_of(Role::Chords);
    let (comped, of_comping) = match track {
        Some(_) if goes_on => {
            let drafts = rewrite(piece, Role::Chords, vec![steps.clone()], Keep::Nothing, wishes, 1)?;
            let first = drafts.into_iter().next();
            first.map_or_else(|| (piece.clone(), 0.0), |draft| (draft.piece, draft.log_probability))
        }
        _ => whole(piece, Role::Chords, steps.end / bar, wishes, &|_| 0.0)?,
    };
    let events = super::infill::within(&comped, Role::Chords, steps);
    let notes = song.notes(Role::Chords, events.into_iter(), None);
    let edit = match track {
        Some(track) => {
            let from = if goes_on { steps.start } else { 0 };
            Edit::of(song.voice(track)?, from..u32::MAX, notes)
        }
        None => Edit::Add { name: Role::Chords.name(), role: Role::Chords, program: 0, notes },
    };
    Ok(Proposal {
        words: format!("{what}: {} ({})", words::chords(song, piece, steps), words::numerals(song, piece, steps)),
        likelihood: likelihood.or(Some(of_comping)),
        distance: None,
        shared: None,
        edits: vec![edit],
    })
}

/// Share of the melody's time that is in the chords, 0 to 1.
pub fn agreement(piece: &Piece) -> f64 {
    let (mut all, mut inside) = (0.0, 0.0);
    for event in piece.part(Role::Lead) {
        for step in (event.step..event.step + event.length).step_by(3) {
            let after = piece.harmony.partition_point(|&(at, _)| at <= step);
            let Some(chord) = after.checked_sub(1).and_then(|index| piece.harmony[index].1) else { continue };
            all += 1.0;
            inside += f64::from(u8::from(chord.classes().any(|class| class.semitones() == event.pitch % 12)));
        }
    }
    if all > 0.0 { inside / all } else { 0.0 }
}
