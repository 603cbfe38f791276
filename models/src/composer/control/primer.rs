//! A beginning that the user gives: the lead goes on from it, and the chords are chosen under it.

use crate::composer::grid::{Bar, slot_step};
use crate::composer::line::{Line, Token};
use crate::composer::pitches;
use crate::composer::quantise::{ON_GRID, length_class, velocity_class};
use crate::error::{Error, Result};
use crate::piece::{STEPS_PER_QUARTER, TICKS_PER_STEP};
use riffsmith_dsp::score::{Meter, Note, Pitch, Ticks, Velocity};
use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// A melody's first notes, and how far it reaches.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Primer {
    /// One at a time, in their order.
    notes: Vec<PrimerNote>,
    /// Where the composer goes on.
    end: Ticks,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct PrimerNote {
    start: Ticks,
    length: Ticks,
    pitch: Pitch,
    velocity: Velocity,
}

/// Velocity of what is written as text.
const PLAIN: u8 = 90;

impl Primer {
    /// From a track: its highest note at each moment, until the next one begins.
    pub fn of_notes(notes: &[Note]) -> Option<Self> {
        let mut sorted = notes.to_vec();
        sorted.sort_by_key(|note| (note.start, std::cmp::Reverse(note.pitch)));
        sorted.dedup_by_key(|note| note.start);
        let ends: Vec<Ticks> = sorted.iter().skip(1).map(|note| note.start).collect();
        let notes: Vec<PrimerNote> = sorted
            .iter()
            .enumerate()
            .map(|(index, note)| {
                let end = ends.get(index).map_or(note.end(), |&next| next.min(note.end()));
                PrimerNote { start: note.start, length: end - note.start, pitch: note.pitch, velocity: note.velocity }
            })
            .collect();
        let end = notes.last().map(|last| last.start + last.length)?;
        Some(Self { notes, end })
    }

    /// # Errors
    /// No notes, or as many as the loop is long.
    pub fn check(&self, bars: u32, meter: Meter) -> Result<()> {
        let length = meter.bar() * bars;
        let is_sorted = self.notes.is_sorted_by(|a, b| a.start + a.length <= b.start);
        if self.notes.is_empty() || !is_sorted || self.notes.iter().any(|note| note.length.0 == 0) {
            return Err(Error::range("primer", "a melody of one note or more, one at a time", self.notes.len()));
        }
        if self.end >= length {
            let given = format!("{:.2} quarter notes long", self.end.quarters());
            return Err(Error::range(
                "primer",
                format!("shorter than the loop's {} quarters", length.quarters()),
                given,
            ));
        }
        Ok(())
    }

    /// The step from which the composer writes.
    pub(crate) fn end_step(&self) -> u32 {
        self.end.0.div_ceil(TICKS_PER_STEP)
    }

    /// As a line, the tonic `tonic` semitones above C moved to C.
    pub(crate) fn line(&self, grid: Bar, tonic: i32) -> Line {
        let mut line = Line::new(grid);
        let shift = if tonic > 6 { tonic - 12 } else { tonic };
        let mut last = None;
        for note in &self.notes {
            let (bar, slot, _) = grid.nearest((note.start.0 + TICKS_PER_STEP / 2) / TICKS_PER_STEP);
            if last.replace((bar, slot)) == Some((bar, slot)) {
                continue;
            }
            let pitch = (i32::from(note.pitch.number()) - shift).clamp(0, 127) as u8;
            line.push(Token {
                bar,
                slot: slot as u8,
                symbol: pitches::LEAD.symbol(pitch) as u16,
                length: length_class((note.length.0 + TICKS_PER_STEP / 2) / TICKS_PER_STEP),
                velocity: velocity_class(note.velocity.value()),
                offset: ON_GRID,
            });
        }
        debug_assert!(line.tokens().iter().all(|token| slot_step(usize::from(token.slot)) < grid.steps));
        line
    }

    /// How much of what sounds in these steps, tonic at C, belongs to a set of pitch classes: steps inside and outside.
    pub(crate) fn agreement(&self, tonic: i32, from: u32, to: u32, classes: u16) -> [u32; 2] {
        let mut steps = [0, 0];
        for note in &self.notes {
            let (start, end) = (note.start.0 / TICKS_PER_STEP, (note.start + note.length).0.div_ceil(TICKS_PER_STEP));
            let common = end.min(to).saturating_sub(start.max(from));
            let class = (i32::from(note.pitch.number()) - tonic).rem_euclid(12);
            steps[usize::from(classes >> class & 1 == 0)] += common;
        }
        steps
    }
}

impl FromStr for Primer {
    type Err = Error;

    /// `C4 E4 G4/2 -`: notes of a quarter, or of as many quarters as the number after `*` or of a quarter divided by that after `/`;
    /// `-` is a rest.
    fn from_str(text: &str) -> Result<Self> {
        let mut notes = Vec::new();
        let mut now = 0.0;
        for word in text.split_whitespace() {
            let refused = || Error::range("primer", "notes such as C4 E4/2 G4*1.5 and rests -", word);
            let cut = word.find(['*', '/']).unwrap_or(word.len());
            let (name, factor) = word.split_at(cut);
            let number = || factor[1..].parse().ok().filter(|number: &f64| (0.05..=64.0).contains(number));
            let quarters = match factor.chars().next() {
                None => 1.0,
                Some('*') => number().ok_or_else(refused)?,
                Some(_) => 1.0 / number().ok_or_else(refused)?,
            };
            let ticks =
                |quarters: f64| Ticks((quarters * f64::from(TICKS_PER_STEP * STEPS_PER_QUARTER)).round() as u32);
            if name != "-" {
                let pitch: Pitch = name.parse().map_err(|_| refused())?;
                let (start, length) = (ticks(now), ticks(now + quarters) - ticks(now));
                notes.push(PrimerNote { start, length, pitch, velocity: Velocity::new(PLAIN) });
            }
            now += quarters;
        }
        if notes.is_empty() {
            return Err(Error::range("primer", "notes such as C4 E4/2 G4*1.5 and rests -", text));
        }
        let end = Ticks((now * f64::from(TICKS_PER_STEP * STEPS_PER_QUARTER)).round() as u32);
        Ok(Self { notes, end })
    }
}
