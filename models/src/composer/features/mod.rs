//! What a network is told before each decision, as numbers; the same code serves training and writing.
//!
//! Four vectors belong to a token: the *inputs* of the recurrent step, *onset* features of every slot (scored by a query, so that
//! what holds for one slot or metre holds for all), features *at* the chosen slot with those of every *symbol* there, and the
//! *tail* for length, strength and micro-timing, with those of every *class* of these. Lookback features tell what this part did
//! some bars ago, and what followed when it played the same before (`recall`).

mod classes;
mod inputs;
mod onset;
mod symbol;
mod tail;
mod writer;

use super::chord_symbol::{self, SILENCE};
use super::context::{BASS, CHANGE, COMP, Context, HAT, KICK, SNARE, Window};
use super::grid::{Bar, ONSETS, slot_step};
use super::line::{Line, Token};
use super::part::Part;
use super::quantise::{LENGTHS, OFFSETS, VELOCITIES};
use super::recall::{Expected, Likeness};
use crate::piece::STEPS_PER_QUARTER;
use riffsmith_dsp::score::{Meter, Mode};
use writer::Writer;

/// Distances between onsets that are told apart, in steps.
const GAPS: [u32; 12] = [0, 3, 4, 6, 8, 12, 18, 24, 36, 48, 72, 96];

/// Sixteenths that are looked ahead: a bar of 4/4.
const AHEAD: u32 = 16;

/// Steps of a sixteenth.
const SIXTEENTH: u32 = STEPS_PER_QUARTER / 4;

/// Where the next decision stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// Bar of the window.
    pub bar: u32,
    /// Slot of the bar.
    pub slot: usize,
    /// The symbol struck last at this slot; `None` at the start of a bar.
    pub taken: Option<u16>,
}

impl Cursor {
    /// The start of a bar.
    pub fn bar(bar: u32) -> Self {
        Self { bar, slot: 0, taken: None }
    }

    /// After a token.
    pub fn after(token: &Token) -> Self {
        Self { bar: token.bar, slot: usize::from(token.slot), taken: Some(token.symbol) }
    }
}

/// The view of one part in one window: what it hears, and what it has written.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    /// Whose view it is.
    pub part: Part,
    /// What it hears.
    pub window: Window<'a>,
    /// What it has written.
    pub line: &'a Line,
}

impl View<'_> {
    fn bar_steps(&self) -> u32 {
        self.window.context.grid.steps
    }

    fn cursor_step(&self, cursor: Cursor) -> u32 {
        cursor.bar * self.bar_steps() + slot_step(cursor.slot)
    }

    /// How far back is looked, in steps, nearest first.
    fn lookbacks(&self) -> &'static [(u32, u32)] {
        // (beats, bars)
        match self.part {
            Part::Harmony => &[(0, 1), (0, 2), (0, 4), (0, 8), (0, 16), (0, 32)],
            Part::Drums => &[(1, 0), (2, 0), (0, 1), (0, 2), (0, 4), (0, 8)],
            Part::Chords | Part::Bass | Part::Lead => &[(2, 0), (0, 1), (0, 2), (0, 4), (0, 8), (0, 16)],
        }
    }

    fn distance(&self, (beats, bars): (u32, u32)) -> u32 {
        beats * STEPS_PER_QUARTER + bars * self.bar_steps()
    }

    /// The bits of the context that the part listens to.
    fn listens_to(&self) -> &'static [u8] {
        match self.part {
            Part::Harmony => &[],
            Part::Drums => &[CHANGE],
            Part::Chords => &[KICK, SNARE, HAT, CHANGE],
            Part::Bass => &[KICK, SNARE, HAT, COMP, CHANGE],
            Part::Lead => &[KICK, SNARE, COMP, BASS, CHANGE],
        }
    }

    /// What is to be expected next, in each likeness.
    fn expected(&self) -> [Option<Expected>; Likeness::ALL.len()] {
        Likeness::ALL.map(|likeness| self.line.expected(likeness))
    }

    fn chord(&self, local: u32) -> usize {
        if self.window.known.harmony { self.window.context.chord(self.window.step(local)) } else { SILENCE }
    }

    fn mode(&self) -> Option<Mode> {
        self.window.context.mode.filter(|_| self.window.known.mode)
    }

    fn write_chord(&self, out: &mut Writer<'_>, symbol: usize) {
        let chord = chord_symbol::chord(symbol);
        out.one_of(12, chord.map(|chord| usize::from(chord.root.semitones())));
        out.set(12, u32::from(chord_symbol::class_set(chord)));
    }

    /// Where each symbol (any, unless polyphonic) would be struck again if it went on as its last two strikes did.
    fn pulses(&self, cursor: Cursor) -> Vec<(u16, u32)> {
        let here = self.cursor_step(cursor);
        let tokens = self.line.tokens();
        if !self.part.is_polyphonic() {
            let steps: Vec<u32> = tokens.iter().rev().take(2).map(|token| self.line.step(token)).collect();
            return match steps[..] {
                [last, before] => vec![(0, 2 * last - before)],
                _ => Vec::new(),
            };
        }
        let horizon = here.saturating_sub(2 * self.bar_steps());
        let mut strikes = vec![Vec::<u32>::new(); self.part.symbols()];
        for token in tokens.iter().rev() {
            let step = self.line.step(token);
            if step < horizon {
                break;
            }
            let strikes = &mut strikes[usize::from(token.symbol)];
            if strikes.len() < 2 {
                strikes.push(step);
            }
        }
        let pulse = |(symbol, steps): (usize, Vec<u32>)| match steps[..] {
            [last, before] => Some((symbol as u16, 2 * last - before)),
            _ => None,
        };
        strikes.into_iter().enumerate().filter_map(pulse).collect()
    }
}

/// Lengths of a part's feature vectors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Widths {
    /// Inputs of the recurrent step.
    pub inputs: usize,
    /// Features of each slot; there are [`ONSETS`] rows.
    pub onset: usize,
    /// Features at the chosen slot.
    pub at: usize,
    /// Features of each symbol.
    pub symbol: usize,
    /// Features for the tail.
    pub tail: usize,
    /// Features of each length; 0 where the part has none, as in the next two.
    pub length: usize,
    /// Features of each velocity.
    pub velocity: usize,
    /// Features of each micro-timing.
    pub offset: usize,
}

impl Widths {
    /// Measured on an empty bar.
    pub fn of(part: Part) -> Self {
        let grid = Bar::new(Meter::COMMON).expect("4/4 is four quarters");
        let context = Context::new(grid, 1, false);
        let line = Line::new(grid);
        let view = View { part, window: Window::whole(&context), line: &line };
        let measure = |write: &dyn Fn(&mut Vec<f32>)| {
            let mut out = Vec::new();
            write(&mut out);
            out.len()
        };
        let start = Cursor::bar(0);
        Self {
            inputs: measure(&|out| view.inputs(start, out)),
            onset: measure(&|out| view.onset(start, out)) / ONSETS,
            at: measure(&|out| view.at(start, 0, out)),
            symbol: measure(&|out| view.symbol(start, 0, out)) / part.symbols(),
            tail: measure(&|out| view.tail(start, 0, 0, out)),
            length: measure(&|out| view.lengths(start, 0, 0, out)) / LENGTHS.len(),
            velocity: measure(&|out| view.velocities(start, 0, 0, out)) / VELOCITIES,
            offset: measure(&|out| view.offsets(start, 0, 0, out)) / OFFSETS,
        }
    }
}
