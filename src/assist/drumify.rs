//! Drums to a rhythm that someone tapped or played: its accents and its timing, on a whole kit.

use super::Wishes;
use super::parts::whole;
use super::proposal::{Edit, Proposal, shared};
use super::song::Song;
use crate::error::{Error, Result};
use riffsmith_dsp::score::{Note, Role, Ticks, Velocity};
use riffsmith_models::moment;
use riffsmith_models::piece::{Event, Piece, STEPS_PER_QUARTER};
use std::collections::BTreeMap;

/// Log odds that a tap of mean strength adds, and that silence takes away. A groove needs what keeps the time between the taps.
const TAPPED: f32 = 3.0;
const SILENT: f32 = -0.7;
/// What it is worth, in nats a decision, that every tap is answered by kick, snare or tom.
const ANSWERED: f64 = 3.0;
/// How much of a tap's strength, against the mean, its drums take over.
const ACCENT: f64 = 0.6;
/// Steps of the grids that taps may lie on: sixteenths, and triplets of eighths.
const GRIDS: [u32; 2] = [STEPS_PER_QUARTER / 4, STEPS_PER_QUARTER / 3];

/// What was tapped at one place of the grid.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Tap {
    /// The loudest velocity.
    velocity: u8,
    /// Mean ticks after the grid.
    late: f64,
    count: u32,
}

/// Taps by step.
type Taps = BTreeMap<u32, Tap>;

/// Grooves to the rhythm of a track: in the place of its notes where they are drums themselves, of the drums that there are, or as a track of
/// their own.
///
/// # Errors
/// A piece that the networks cannot write to, or no track that plays.
pub fn drumify(song: &Song, track: Option<usize>, wishes: &Wishes<'_>) -> Result<Vec<Proposal>> {
    let played = || song.track_of(Role::Lead).or_else(|| song.analysis.parts.first().map(|part| part.track));
    let track = track
        .or_else(played)
        .ok_or_else(|| Error::failed(format!("{} has no track that could be tapped", song.name())))?;
    let bars = song.bars()?;
    let taps = taps(song, track, bars);
    let drums = song.track_of(Role::Drums);
    let piece = song.piece(bars, drums);
    let accents = accents(&taps, song.steps(0..bars).end);
    let worth = |draft: &Piece| ANSWERED * answered(&taps, draft.part(Role::Drums), is_drum);
    let mut proposals = Vec::new();
    for index in 0..wishes.count {
        let wishes = Wishes { seed: wishes.seed.fork_index(index as u64), accents: &accents, ..*wishes };
        let (written, likelihood) = whole(&piece, Role::Drums, bars, &wishes, &worth)?;
        let events = written.part(Role::Drums);
        let [struck, by_drums] = [answered(&taps, events, |_| true), answered(&taps, events, is_drum)];
        let notes = played_as(song, &taps, song.notes(Role::Drums, events.iter().copied(), drums));
        let rate = notes.len() as f64 / f64::from(bars);
        let proposal = Proposal {
            words: format!(
                "drums to {} places of {}: {:.0} % of them struck, {:.0} % by kick, snare or tom; {rate:.1} strikes a bar, with its \
                 accents and timing",
                taps.len(),
                named(song, track),
                100.0 * struck,
                100.0 * by_drums
            ),
            likelihood: Some(likelihood),
            distance: None,
            shared: shared(song, Role::Drums, &notes),
            edits: vec![match drums.map(|drums| song.voice(drums)) {
                Some(voice) => Edit::of(voice?, 0..u32::MAX, notes),
                None => Edit::Add { name: Role::Drums.name(), role: Role::Drums, program: 0, notes },
            }],
        };
        proposals.push((likelihood + worth(&written), proposal));
    }
    proposals.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    Ok(proposals.into_iter().map(|(_, proposal)| proposal).collect())
}

fn named(song: &Song, track: usize) -> &str {
    match song.score.tracks[track].name.trim() {
        "" => song.role(track).name(),
        name => name,
    }
}

/// The places that a track's notes were meant for, on that grid which they are nearer to.
fn taps(song: &Song, track: usize, bars: u32) -> Taps {
    let notes = &song.score.tracks[track].notes;
    let end = song.steps(0..bars).end;
    let place = |note: &Note, grid: u32| {
        // The step that was heard may be one beside the grid.
        let step = (song.step(note.start) + grid / 2) / grid * grid;
        let late = f64::from(note.start.0) - f64::from(moment(step, song.swing()));
        (step, late)
    };
    let missed = |grid: u32| notes.iter().map(|note| place(note, grid).1.abs()).sum::<f64>();
    let grid = if missed(GRIDS[1]) < missed(GRIDS[0]) { GRIDS[1] } else { GRIDS[0] };
    let mut taps = Taps::new();
    for (note, (step, late)) in notes.iter().map(|note| (note, place(note, grid))).filter(|(_, (step, _))| *step < end)
    {
        let tap = taps.entry(step).or_default();
        tap.velocity = tap.velocity.max(note.velocity.value());
        tap.late += (late - tap.late) / f64::from(tap.count + 1);
        tap.count += 1;
    }
    taps
}

/// Log odds at each step: more where a tap is, the louder the more.
fn accents(taps: &Taps, steps: u32) -> Vec<f32> {
    let mean = mean_velocity(taps);
    let at = |step| taps.get(&step).map_or(SILENT, |tap| TAPPED * (f64::from(tap.velocity) / mean) as f32);
    (0..steps).map(at).collect()
}

fn mean_velocity(taps: &Taps) -> f64 {
    taps.values().map(|tap| f64::from(tap.velocity)).sum::<f64>() / taps.len().max(1) as f64
}

/// Share of the taps at which a drum is struck that `counts`.
fn answered(taps: &Taps, events: &[Event], counts: impl Fn(u8) -> bool) -> f64 {
    let is_struck = |step: &&u32| {
        let from = events.partition_point(|event| event.step < **step);
        events[from..].iter().take_while(|event| event.step == **step).any(|event| counts(event.pitch))
    };
    taps.keys().filter(is_struck).count() as f64 / taps.len().max(1) as f64
}

/// True for kick, snare, clap, rim and toms.
fn is_drum(pitch: u8) -> bool {
    matches!(pitch, 35..=41 | 43 | 45 | 47 | 48 | 50)
}

/// The strikes at taps as early or late as these were, and louder or softer with them.
fn played_as(song: &Song, taps: &Taps, notes: Vec<Note>) -> Vec<Note> {
    let mean = mean_velocity(taps);
    let own = |note: Note| {
        let Some((&step, tap)) = taps.get_key_value(&song.step(note.start)) else { return note };
        let start = (f64::from(moment(step, song.swing())) + tap.late).round().max(0.0) as u32;
        let velocity = f64::from(note.velocity.value()) + ACCENT * (f64::from(tap.velocity) - mean);
        Note { start: Ticks(start), velocity: Velocity::new(velocity.round().clamp(1.0, 127.0) as u8), ..note }
    };
    notes.into_iter().map(own).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tap(velocity: u8) -> Tap {
        Tap { velocity, late: 0.0, count: 1 }
    }

    #[test]
    fn loud_taps_pull_more_than_soft_ones_and_silence_pushes() {
        let taps = Taps::from([(0, tap(100)), (18, tap(50))]);
        let accents = accents(&taps, 24);
        assert!(accents[0] > accents[18] && accents[18] > 0.0 && accents[6] < 0.0);
        assert_eq!(accents.len(), 24);
    }

    #[test]
    fn taps_are_answered_by_what_counts() {
        let event = |step, pitch| Event { step, pitch, length: 3, velocity: 90, offset: 0 };
        let taps = Taps::from([(0, tap(100)), (18, tap(50)), (24, tap(80)), (42, tap(80))]);
        let events = [event(0, 36), event(0, 42), event(18, 42), event(24, 38)];
        assert_eq!((answered(&taps, &events, |_| true), answered(&taps, &events, is_drum)), (0.75, 0.5));
        assert_eq!(answered(&Taps::new(), &events, |_| true), 0.0);
    }
}
