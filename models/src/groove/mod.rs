//! Grooves: our own four-role examples in a text notation that a musician can write, read into [`Piece`]s to learn from.
//!
//! `samples/grooves/README.md` describes the notation. Scale degrees and Roman numerals count within the declared mode, so
//! a change of the `key` line moves a whole groove.

mod harmony;
mod header;
mod kit;
pub mod review;
mod row;
mod voicing;

use crate::piece::{Event, Piece, Split};
use crate::{Error, Result};
use harmony::Harmony;
use header::{Header, Swing};
use include_dir::{Dir, include_dir};
use riffsmith_dsp::Seed;
use riffsmith_dsp::score::{Chord, Key, Role};
use row::{Feel, Hit, Notation, Symbol};

pub use kit::KIT;

/// `samples/grooves`, as it was when this crate was built.
static LIBRARY: Dir = include_dir!("$CARGO_MANIFEST_DIR/../samples/grooves");

/// One groove in this many validates, and as many are only tested on; chosen by the names.
const HELD_OUT_ONE_IN: u64 = 10;

/// Which ones.
const SPLIT_SEED: Seed = Seed(7);

/// The grooves that come with riffsmith as (name, text), sorted by name: `house/deep_night.groove`.
pub fn builtin() -> Vec<(&'static str, &'static str)> {
    let mut grooves: Vec<_> = LIBRARY
        .dirs()
        .flat_map(Dir::files)
        .filter(|file| file.path().extension().is_some_and(|extension| extension == "groove"))
        .filter_map(|file| Some((file.path().to_str()?, file.contents_utf8()?)))
        .collect();
    grooves.sort_unstable();
    grooves
}

/// Reads a groove; `name` is for messages, for [`Piece::source`] and chooses its [`Split`].
///
/// # Errors
/// [`Error::Format`] with name, line, what is wrong and what is allowed.
pub fn read(name: &str, text: &str) -> Result<Piece> {
    let mut line = 0;
    parse(name, text, &mut line).map_err(|reason| Error::format("groove", format!("{name}:{line}: {reason}")))
}

/// Chords written as Roman numerals of a key, bars between `|`: how many bars, and the chords by grid step, the tonic moved to C. The chords of a
/// bar share it evenly, and `-` holds the one before.
///
/// # Errors
/// What is wrong with the text, in words.
pub fn progression(text: &str, key: Key, steps_per_bar: u32) -> std::result::Result<(u32, Vec<(u32, Chord)>), String> {
    Harmony::read(text, key, steps_per_bar).map(|harmony| (harmony.bars, harmony.chords))
}

/// What is wrong with a line, before its number is known.
type Wrong<T> = std::result::Result<T, String>;

/// Reads a groove, keeping `line` at the line being read, from 1.
fn parse(name: &str, text: &str, line: &mut usize) -> Wrong<Piece> {
    let mut header = Header::default();
    let mut rows = Vec::new();
    for (index, content) in text.lines().enumerate() {
        *line = index + 1;
        let content = content.trim();
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        let (before, after) = content.split_once(':').ok_or("a line is `name: value`, a `# comment` or empty")?;
        if !header.take(*line, before.trim(), after.trim())? {
            let mut words = before.split_whitespace();
            let voice = Voice::named(words.next().unwrap_or_default())?;
            rows.push((*line, voice, words, after));
        }
    }
    let header = header.complete()?;
    *line = header.harmony.0;
    let harmony = Harmony::read(&header.harmony.1, header.key, header.steps_per_bar())?;

    let mut parts = [const { None::<Vec<Event>> }; Role::ALL.len()];
    let mut seen = Vec::new();
    for (number, voice, words, after) in rows {
        *line = number;
        if seen.contains(&voice) {
            return Err("this row is there twice".to_owned());
        }
        seen.push(voice);
        let feel = Feel::read(words, header.key)?;
        let hits = row::read(after, voice.notation(), header.steps_per_bar(), harmony.bars)?;
        let part = parts[voice.role() as usize].get_or_insert_default();
        for hit in hits {
            for pitch in voice.pitches(&hit, &feel, header.key, &harmony)? {
                part.push(event(&hit, pitch, &feel, header.swing));
            }
        }
    }
    let parts: Vec<_> = Role::ALL
        .into_iter()
        .zip(parts)
        .filter_map(|(role, events)| {
            let mut events = events?;
            events.sort_unstable();
            Some((role, events))
        })
        .collect();
    if parts.is_empty() {
        return Err(format!("there is no row; write at least one of {}", Voice::names()));
    }
    Ok(Piece {
        source: format!("grooves/{name}"),
        styles: vec![header.style],
        split: match SPLIT_SEED.fork(name).0 % HELD_OUT_ONE_IN {
            0 => Split::Valid,
            1 => Split::Test,
            _ => Split::Train,
        },
        meter: header.meter,
        mode: Some(header.key.mode),
        bpm: Some(header.tempo.bpm()),
        bars: harmony.bars,
        harmony: harmony.chords.iter().map(|&(step, chord)| (step, Some(chord))).collect(),
        parts,
        is_loop: true,
    })
}

/// What a row is played on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Voice {
    Drum(u8),
    Bass,
    Chords,
    Lead,
}

impl Voice {
    fn named(name: &str) -> Wrong<Self> {
        match name {
            "bass" => Ok(Self::Bass),
            "chords" => Ok(Self::Chords),
            "lead" => Ok(Self::Lead),
            _ => {
                KIT.iter().find(|(drum, _)| *drum == name).map(|&(_, number)| Self::Drum(number)).ok_or_else(|| {
                    format!("{name:?} is no row; write {} or {}", header::NAMES.join(", "), Self::names())
                })
            }
        }
    }

    fn names() -> String {
        let drums: Vec<_> = KIT.iter().map(|(name, _)| *name).collect();
        format!("bass, chords, lead, {}", drums.join(", "))
    }

    fn role(&self) -> Role {
        match self {
            Self::Drum(_) => Role::Drums,
            Self::Bass => Role::Bass,
            Self::Chords => Role::Chords,
            Self::Lead => Role::Lead,
        }
    }

    fn notation(&self) -> Notation {
        match self {
            Self::Drum(_) => Notation::Drum,
            Self::Bass | Self::Lead => Notation::Degrees,
            Self::Chords => Notation::Chords,
        }
    }

    /// The MIDI pitches of a hit, tonic moved to C.
    fn pitches(&self, hit: &Hit, feel: &Feel, key: Key, harmony: &Harmony) -> Wrong<Vec<u8>> {
        match (self, hit.symbol) {
            (Self::Drum(number), _) => Ok(vec![*number]),
            (_, Symbol::Degree { degree, semitones }) => {
                let first = feel.first.ok_or("a row of degrees says which note 1 is: `bass 1=A1: ...`")?;
                let above = i32::from(key.mode.intervals()[degree]) + semitones;
                let number = i32::from(first.number()) + to_c(key) + above;
                match u8::try_from(number) {
                    Ok(number @ 0..=127) => Ok(vec![number]),
                    _ => Err(format!("degree {} is beyond MIDI's 128 pitches", degree + 1)),
                }
            }
            (_, Symbol::Strike) => Ok(harmony.voicing_at(hit.start, 0, feel.is_open)),
            (_, Symbol::Ahead) => Ok(harmony.voicing_at(hit.start, 1, feel.is_open)),
        }
    }
}

/// Semitones from the tonic to the nearest C, -6 to 5.
fn to_c(key: Key) -> i32 {
    let tonic = i32::from(key.tonic.semitones());
    if tonic <= 6 { -tonic } else { 12 - tonic }
}

/// The bars of a line; a `|` at either end is welcome.
fn bars(text: &str) -> impl Iterator<Item = &str> {
    let text = text.trim();
    let text = text.strip_prefix('|').unwrap_or(text);
    text.strip_suffix('|').unwrap_or(text).split('|').map(str::trim)
}

/// A note of a row as the networks see it.
fn event(hit: &Hit, pitch: u8, feel: &Feel, swing: Swing) -> Event {
    let offset = swing.delay_ticks(hit.start) + feel.late_ticks;
    Event {
        step: hit.start,
        pitch,
        length: hit.length,
        velocity: hit.level.velocity(feel.velocity, hit.start),
        offset: offset.clamp(-row::MAX_LATE_TICKS, row::MAX_LATE_TICKS) as i8,
    }
}

#[cfg(test)]
mod tests;
