//! How a piece is played, with its notes as they are: a human's deviations, or another piece's.

use super::proposal::{Edit, Proposal};
use super::song::Song;
use crate::error::{Error, Result};
use crate::recipe::{Choices, Recipe};
use crate::style::Style;
use riffsmith_dsp::score::{Note, Role, Score, Ticks, Velocity};
use riffsmith_dsp::{Rng, Seed};
use riffsmith_models::composer::Composer;
use std::ops::RangeInclusive;

/// How much of a human's deviations can be asked for: 0 none, 1 as those of a practised player.
pub const AMOUNTS: RangeInclusive<f64> = 0.0..=2.0;

/// A practised player's deviations: standard deviation of the time in seconds, and of the velocity. Chosen, not measured.
const TIME_S: f64 = 0.008;
const STRENGTH: f64 = 8.0;
/// How much of a deviation is that of the moment, which all tracks share: players hear each other.
const TOGETHER: f64 = 0.6;
/// How much of a moment's deviation is that of the moment before: players drift.
const DRIFT: f64 = 0.7;
/// Bars that a style's drummer plays.
const DRUMMED_BARS: u32 = 16;
/// Sixteenths in a bar at most.
const PLACES: usize = 64;

/// Moves notes as a player would, `amount` times as far.
///
/// # Errors
/// None that reading has not found.
pub fn humanize(song: &Song, amount: f64, count: usize, seed: Seed) -> Result<Vec<Proposal>> {
    let proposal = |index: usize| {
        let seed = seed.fork("humanize").fork_index(index as u64);
        let moments = Moments::new(song, seed.fork("moments"));
        let mut edits = Vec::new();
        for part in &song.analysis.parts {
            let mut rng = seed.fork_index(part.track as u64).rng();
            let moved = |note: &Note| {
                let (time, strength) = moments.at(note.start);
                let own = (1.0 - TOGETHER * TOGETHER).sqrt();
                let time = TIME_S * amount * (TOGETHER * time + own * normal(&mut rng));
                let strength = STRENGTH * amount * (TOGETHER * strength + own * normal(&mut rng));
                shifted(song, note, time, strength)
            };
            let notes = song.score.tracks[part.track].notes.iter().map(moved).collect();
            edits.push(whole_track(song, part.track, notes)?);
        }
        let time_ms = 1000.0 * TIME_S * amount;
        Ok(Proposal {
            words: format!("played by hand: {time_ms:.0} ms and {:.0} steps of velocity either way", STRENGTH * amount),
            likelihood: None,
            distance: None,
            shared: None,
            edits,
        })
    };
    (0..count).map(proposal).collect()
}

/// Whose timing and accents are taken.
#[derive(Debug, Clone)]
pub struct Model {
    name: String,
    score: Score,
    /// Its drums, where it has some.
    drums: Option<usize>,
}

impl Model {
    /// A file.
    pub fn of_song(song: Song) -> Self {
        Self { name: song.name(), drums: song.track_of(Role::Drums), score: song.score }
    }

    /// A drummer of a style, who plays in the song's metre and tempo.
    ///
    /// # Errors
    /// A metre or a tempo that the networks do not know.
    pub fn of_style(style: &Style, song: &Song, composer: &Composer, seed: Seed) -> Result<Self> {
        let choices = Choices {
            meter: Some(song.score.meter()),
            tempo: Some(song.score.tempo()),
            bars: Some(DRUMMED_BARS),
            roles: vec![Role::Drums],
            ..Choices::default()
        };
        let recipe = Recipe::resolve(style, &choices, seed, composer.hash())?;
        let score = composer.compose(&recipe.brief(), seed.fork("drummer"));
        let drums = score.tracks.iter().position(|track| track.role == Some(Role::Drums));
        Ok(Self { name: format!("a {} drummer", style.name), score, drums })
    }
}

/// Plays the piece with the timing and the accents that a model has at each sixteenth of the bar.
///
/// # Errors
/// Another metre, or a piece without notes.
pub fn groove(song: &Song, model: &Model, amount: f64) -> Result<Vec<Proposal>> {
    if song.score.meter() != model.score.meter() {
        return Err(Error::failed(format!(
            "the groove of {} is in {}, {} in {}: both must be in one metre",
            model.name,
            model.score.meter(),
            song.name(),
            song.score.meter()
        )));
    }
    let template = Template::of(model);
    let mut edits = Vec::new();
    for part in &song.analysis.parts {
        let moved = |note: &Note| template.apply(song, note, amount);
        let notes = song.score.tracks[part.track].notes.iter().map(moved).collect();
        edits.push(whole_track(song, part.track, notes)?);
    }
    Ok(vec![Proposal {
        words: format!("timing and accents of {}: {}", model.name, template.words()),
        likelihood: None,
        distance: None,
        shared: None,
        edits,
    }])
}

fn whole_track(song: &Song, track: usize, notes: Vec<Note>) -> Result<Edit> {
    Ok(Edit::of(song.voice(track)?, 0..u32::MAX, notes))
}

/// A note later by seconds and louder by steps; its end stays where it was.
fn shifted(song: &Song, note: &Note, seconds: f64, louder: f64) -> Note {
    let tempo =
        song.score.tempos.iter().rfind(|(at, _)| *at <= note.start).map_or(song.score.tempo(), |&(_, tempo)| tempo);
    let ticks = seconds / tempo.seconds_per_quarter() * f64::from(Ticks::PER_QUARTER);
    let start = (f64::from(note.start.0) + ticks).round().clamp(0.0, f64::from(note.end().0 - 1)) as u32;
    let velocity = (f64::from(note.velocity.value()) + louder).round().clamp(1.0, 127.0) as u8;
    Note { start: Ticks(start), length: Ticks(note.end().0 - start), velocity: Velocity::new(velocity), ..*note }
}

fn normal(rng: &mut Rng) -> f64 {
    f64::from(rng.normal())
}

/// A deviation for each sixteenth of the piece, each like the one before.
struct Moments {
    deviations: Vec<(f64, f64)>,
}

impl Moments {
    fn new(song: &Song, seed: Seed) -> Self {
        let mut rng = seed.rng();
        let (mut time, mut strength) = (normal(&mut rng), normal(&mut rng));
        let fresh = (1.0 - DRIFT * DRIFT).sqrt();
        let count = song.score.length.0 / Ticks::SIXTEENTH.0 + 1;
        let next = |_| {
            time = DRIFT * time + fresh * normal(&mut rng);
            strength = DRIFT * strength + fresh * normal(&mut rng);
            (time, strength)
        };
        Self { deviations: (0..count).map(next).collect() }
    }

    fn at(&self, at: Ticks) -> (f64, f64) {
        let index = ((at.0 + Ticks::SIXTEENTH.0 / 2) / Ticks::SIXTEENTH.0) as usize;
        self.deviations.get(index).copied().unwrap_or_default()
    }
}

/// Mean lateness in ticks, and velocity against the mean, at each sixteenth of the bar.
struct Template {
    places: Vec<Option<(f64, f64)>>,
}

impl Template {
    /// Of the drums, or of all where there are none.
    fn of(model: &Model) -> Self {
        let is_model = |index: usize| model.drums.is_none_or(|drums| drums == index);
        let tracks = model.score.tracks.iter().enumerate().filter(|(index, _)| is_model(*index));
        let notes: Vec<&Note> = tracks.flat_map(|(_, track)| &track.notes).collect();
        let mean = notes.iter().map(|note| f64::from(note.velocity.value())).sum::<f64>() / notes.len().max(1) as f64;
        let mut sums = vec![(0.0, 0.0, 0u32); PLACES];
        for note in notes {
            let (place, late) = place(&model.score, note.start);
            let sum = &mut sums[place];
            *sum = (sum.0 + late, sum.1 + f64::from(note.velocity.value()) - mean, sum.2 + 1);
        }
        let place = |(late, louder, count): (f64, f64, u32)| {
            (count > 0).then(|| (late / f64::from(count), louder / f64::from(count)))
        };
        Self { places: sums.into_iter().map(place).collect() }
    }

    /// The note where the template has it; notes off the sixteenths (triplets) keep their time.
    fn apply(&self, song: &Song, note: &Note, amount: f64) -> Note {
        let (place, late) = place(&song.score, note.start);
        let Some((wanted, louder)) = self.places[place] else { return *note };
        if late.abs() > f64::from(Ticks::SIXTEENTH.0) * 0.45 {
            return *note;
        }
        let start = (f64::from(note.start.0) + amount * (wanted - late)).round().max(0.0) as u32;
        let velocity = (f64::from(note.velocity.value()) + amount * louder).round().clamp(1.0, 127.0) as u8;
        Note { start: Ticks(start), velocity: Velocity::new(velocity), ..*note }
    }

    fn words(&self) -> String {
        let known: Vec<&(f64, f64)> = self.places.iter().flatten().collect();
        let late = known.iter().map(|(late, _)| *late).fold(f64::MIN, f64::max);
        let early = known.iter().map(|(late, _)| *late).fold(f64::MAX, f64::min);
        format!("{} places of the bar, {early:.0} to {late:.0} ticks off the grid", known.len())
    }
}

/// The sixteenth of the bar that a moment is nearest to, and how many ticks later it is.
fn place(score: &Score, at: Ticks) -> (usize, f64) {
    let bar = score.meter().bar().0.max(1);
    let sixteenth = Ticks::SIXTEENTH.0;
    let nearest = (at.0 + sixteenth / 2) / sixteenth * sixteenth;
    let late = f64::from(at.0) - f64::from(nearest);
    (((nearest % bar) / sixteenth) as usize % PLACES, late)
}
