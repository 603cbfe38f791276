//! What a part hears: the harmony and the parts written before it, step by step, and what is known of the whole.

use super::chord_symbol::{self, SILENCE};
use super::grid::Bar;
use super::kit;
use super::line::Line;
use super::part::Part;
use super::style;
use riffsmith_dsp::score::{Chord, Mode};

/// A kick is struck.
pub const KICK: u8 = 1;
/// A snare, clap or rim is struck.
pub const SNARE: u8 = 2;
/// A hi-hat, ride or shaker is struck.
pub const HAT: u8 = 4;
/// A chord is comped.
pub const COMP: u8 = 8;
/// A bass note begins.
pub const BASS: u8 = 16;
/// The chord changes.
pub const CHANGE: u8 = 32;

/// Which of the things that can be known are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// The style tags.
    pub styles: bool,
    /// The tempo.
    pub tempo: bool,
    /// The mode.
    pub mode: bool,
    /// The chords.
    pub harmony: bool,
    /// The drums.
    pub drums: bool,
    /// The comping.
    pub chords: bool,
    /// The bass.
    pub bass: bool,
}

/// A piece as heard by the parts that are still to be written.
#[derive(Debug, Clone, PartialEq)]
pub struct Context {
    /// The grid of its bars.
    pub grid: Bar,
    /// Its length.
    pub bars: u32,
    /// True where its end leads back to its start.
    pub is_loop: bool,
    /// Weights of the style tags.
    pub styles: [f32; style::INPUTS],
    /// The mode.
    pub mode: Option<Mode>,
    /// Quarter notes per minute.
    pub bpm: Option<f64>,
    /// What is known.
    pub known: Known,
    /// Chord symbol at each step.
    chords: Vec<u16>,
    /// What begins at each step: the bits above.
    onsets: Vec<u8>,
    /// Pitch class of the latest bass note at each step; 12 before the first.
    bass: Vec<u8>,
}

impl Context {
    /// A piece of which nothing is heard yet.
    pub fn new(grid: Bar, bars: u32, is_loop: bool) -> Self {
        let steps = (grid.steps * bars) as usize;
        let known = Known {
            styles: false,
            tempo: false,
            mode: false,
            harmony: false,
            drums: false,
            chords: false,
            bass: false,
        };
        Self {
            grid,
            bars,
            is_loop,
            styles: [0.0; style::INPUTS],
            mode: None,
            bpm: None,
            known,
            chords: vec![SILENCE as u16; steps],
            onsets: vec![0; steps],
            bass: vec![12; steps],
        }
    }

    /// Its length in steps.
    pub fn steps(&self) -> u32 {
        self.grid.steps * self.bars
    }

    /// Hears the harmony: chords from a step on, sorted by step.
    pub fn hear_harmony(&mut self, changes: &[(u32, Option<Chord>)]) {
        self.known.harmony = true;
        for (index, &(from, chord)) in changes.iter().enumerate() {
            let to = changes.get(index + 1).map_or(self.chords.len(), |&(next, _)| next as usize);
            let symbol = chord_symbol::symbol(chord) as u16;
            let range = (from as usize).min(self.chords.len())..to.min(self.chords.len());
            self.chords[range].fill(symbol);
        }
        for step in 0..self.chords.len() {
            let before = if step > 0 { self.chords[step - 1] } else { u16::MAX };
            if self.chords[step] != before {
                self.onsets[step] |= CHANGE;
            }
        }
    }

    /// Hears a part that has been written.
    pub fn hear(&mut self, part: Part, line: &Line) {
        match part {
            Part::Harmony | Part::Lead => return,
            Part::Drums => self.known.drums = true,
            Part::Chords => self.known.chords = true,
            Part::Bass => self.known.bass = true,
        }
        let mut last = (0, 12);
        for token in line.tokens() {
            let step = line.step(token) as usize;
            let Some(onsets) = self.onsets.get_mut(step) else { continue };
            let symbol = usize::from(token.symbol);
            *onsets |= match part {
                Part::Drums if kit::is_kick(symbol) => KICK,
                Part::Drums if kit::is_snare(symbol) => SNARE,
                Part::Drums if kit::is_hat(symbol) => HAT,
                Part::Chords => COMP,
                Part::Bass => BASS,
                _ => 0,
            };
            if part == Part::Bass {
                self.bass[last.0..step].fill(last.1);
                last = (step, (symbol % 12) as u8);
            }
        }
        if part == Part::Bass {
            self.bass[last.0..].fill(last.1);
        }
    }

    /// A step of the piece, its continuation after the end: the start of a loop, else nothing.
    fn index(&self, step: u32) -> Option<usize> {
        match step {
            step if step < self.steps() => Some(step as usize),
            step if self.is_loop => Some((step % self.steps().max(1)) as usize),
            _ => None,
        }
    }

    /// The chord's symbol at a step; the last one holds on.
    pub fn chord(&self, step: u32) -> usize {
        let index = self.index(step).or(self.chords.len().checked_sub(1));
        index.map_or(SILENCE, |index| usize::from(self.chords[index]))
    }

    /// What begins at a step.
    pub fn onsets(&self, step: u32) -> u8 {
        self.index(step).map_or(0, |index| self.onsets[index])
    }

    /// Pitch class of the bass at a step; `None` before its first note.
    pub fn bass(&self, step: u32) -> Option<u8> {
        self.index(step).map(|index| self.bass[index]).filter(|&class| class < 12)
    }

    /// The first step after `step` where the chord changes, at most `within` steps later.
    pub fn next_change(&self, step: u32, within: u32) -> Option<u32> {
        (step + 1..=step + within).find(|&later| self.onsets(later) & CHANGE != 0)
    }
}

/// Some bars of a piece, as a part is written or learnt.
#[derive(Debug, Clone, Copy)]
pub struct Window<'a> {
    /// The piece.
    pub context: &'a Context,
    /// What is known in this window: at most what the piece knows.
    pub known: Known,
    /// Its first bar.
    pub start: u32,
    /// Its length in bars.
    pub bars: u32,
    /// True where the piece ends with it.
    pub ends: bool,
    /// Quarter notes per minute.
    pub bpm: Option<f64>,
}

impl<'a> Window<'a> {
    /// The whole piece.
    pub fn whole(context: &'a Context) -> Self {
        Self { context, known: context.known, start: 0, bars: context.bars, ends: true, bpm: context.bpm }
    }

    /// The piece's step of a step of the window.
    pub fn step(&self, local: u32) -> u32 {
        self.start * self.context.grid.steps + local
    }

    /// What begins at a step of the window, as far as it is known.
    pub fn onsets(&self, local: u32) -> u8 {
        let mut heard = 0;
        if self.known.harmony {
            heard |= CHANGE;
        }
        if self.known.drums {
            heard |= KICK | SNARE | HAT;
        }
        if self.known.chords {
            heard |= COMP;
        }
        if self.known.bass {
            heard |= BASS;
        }
        self.context.onsets(self.step(local)) & heard
    }
}
