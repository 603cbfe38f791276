//! Writing one part: token by token from its network, within the grammar, the key and what is asked.

use super::context::Window;
use super::control::{Steering, steer_onsets};
use super::features::{Cursor, View};
use super::grammar::Grammar;
use super::grid::{NEXT_BAR, slot_step};
use super::key_rule::KeyRule;
use super::line::{Line, Token};
use super::network::{Network, State};
use super::part::Part;
use super::quantise::ON_GRID;
use super::sampler::{Taste, draw};
use riffsmith_dsp::Rng;

/// The velocity class of what has none of its own.
const PLAIN_VELOCITY: u8 = 12;

/// What is written by whom, and how.
#[derive(Debug, Clone, Copy)]
pub struct Task<'a> {
    /// The network of the part.
    pub network: &'a Network,
    /// What it hears.
    pub window: Window<'a>,
    /// Its key.
    pub key: KeyRule,
    /// How boldly it draws.
    pub taste: Taste,
    /// How its draws are pushed.
    pub steering: Steering<'a>,
    /// What is there already.
    pub given: Option<&'a Given>,
}

/// Music that the part goes on from.
#[derive(Debug, Clone, PartialEq)]
pub struct Given {
    /// Its notes.
    pub line: Line,
    /// The first step that is to be written.
    pub until: u32,
}

/// A part that has been written.
#[derive(Debug, Clone)]
pub struct Written {
    /// Its tokens.
    pub line: Line,
    /// Mean log probability of its decisions, in nats, at temperature 1.
    pub log_probability: f64,
    /// The same of its first bar, heard once more after its last; 0 where it is one bar long.
    pub closure: f64,
}

/// Writes a part for the whole window.
pub fn write(task: &Task<'_>, rng: &mut Rng) -> Written {
    let mut writer = Writer::new(*task);
    for bar in 0..task.window.bars {
        if task.steering.begins_anew(bar) {
            writer.begin_anew(bar);
        }
        let (given, from) = writer.given(bar);
        if task.steering.has_fill(bar) {
            writer.fill(bar, &given, from, rng);
        }
        writer.bar(bar, &given, from, rng);
    }
    let log_probability = writer.mean();
    writer.line.forget_before(0);
    let line = writer.filled_line();
    Written { closure: if task.window.bars > 1 { writer.closure() } else { 0.0 }, line, log_probability }
}

/// The state of writing.
pub(super) struct Writer<'a> {
    pub(super) task: Task<'a>,
    pub(super) part: Part,
    pub(super) line: Line,
    state: State,
    features: Vec<f32>,
    sum: f64,
    decisions: u32,
    /// Bars that are played with a fill in place of what the line has there.
    fills: Vec<Token>,
    /// True while one is written.
    is_filling: bool,
}

/// A note that stays but for its symbol.
pub(super) struct Model<'a> {
    /// The note.
    pub token: Token,
    /// The symbols that may take the place of its own, where any of them can be written.
    pub allows: &'a dyn Fn(usize) -> bool,
}

/// Log probability of a class among all.
pub(super) fn log_probability(logits: &[f32], class: usize) -> f64 {
    let highest = f64::from(logits.iter().copied().fold(f32::MIN, f32::max));
    let normaliser = highest + logits.iter().map(|&logit| (f64::from(logit) - highest).exp()).sum::<f64>().ln();
    f64::from(logits[class]) - normaliser
}

impl<'a> Writer<'a> {
    pub(super) fn new(task: Task<'a>) -> Self {
        Self {
            task,
            part: task.network.layout().part,
            line: Line::new(task.window.context.grid),
            state: task.network.start(),
            features: Vec::new(),
            sum: 0.0,
            decisions: 0,
            fills: Vec::new(),
            is_filling: false,
        }
    }

    /// Writes a bar, after what is given of it.
    fn bar(&mut self, bar: u32, given: &[Token], from: usize, rng: &mut Rng) {
        let cursor = self.repeat(bar, given);
        if from < self.task.window.context.grid.slots {
            self.draw(cursor, from, rng);
        } else {
            self.decide(cursor, NEXT_BAR);
        }
    }

    /// Writes a bar with a fill, and puts it aside: the network goes on from the beat, not from the fill. What it has just heard it
    /// repeats, so that a fill where it expects none would go on for bars.
    fn fill(&mut self, bar: u32, given: &[Token], from: usize, rng: &mut Rng) {
        let (state, line) = (self.state.clone(), self.line.clone());
        self.is_filling = true;
        self.bar(bar, given, from, rng);
        self.is_filling = false;
        let written = std::mem::replace(&mut self.line, line);
        self.state = state;
        self.fills.extend(written.tokens().iter().filter(|token| token.bar == bar));
    }

    /// The line with its fills.
    fn filled_line(&self) -> Line {
        if self.fills.is_empty() {
            return self.line.clone();
        }
        let is_beat = |token: &&Token| !self.task.steering.has_fill(token.bar);
        let mut tokens: Vec<Token> = self.line.tokens().iter().filter(is_beat).chain(&self.fills).copied().collect();
        tokens.sort_unstable();
        let mut line = Line::new(self.task.window.context.grid);
        tokens.into_iter().for_each(|token| line.push(token));
        line
    }

    pub(super) fn mean(&self) -> f64 {
        self.sum / f64::from(self.decisions.max(1))
    }

    /// Forgets what was: a section that is to differ is written as if it were the first.
    fn begin_anew(&mut self, bar: u32) {
        self.state = self.task.network.start();
        self.line.forget_before(bar * self.task.window.context.grid.steps);
    }

    /// The tokens of a bar that need not be written, and the slot from which on the others may be.
    fn given(&self, bar: u32) -> (Vec<Token>, usize) {
        let grid = self.task.window.context.grid;
        let of_bar = |line: &Line, source: u32| -> Vec<Token> {
            let own = line.tokens().iter().filter(|token| token.bar == source);
            own.map(|token| Token { bar, ..*token }).collect()
        };
        let start = bar * grid.steps;
        if let Some(given) = self.task.given.filter(|given| given.until > start) {
            let from = (0..grid.slots).find(|&slot| start + slot_step(slot) >= given.until).unwrap_or(grid.slots);
            let tokens = of_bar(&given.line, bar).into_iter().filter(|token| usize::from(token.slot) < from);
            return (tokens.collect(), from);
        }
        match self.task.steering.repeats(bar) {
            Some(source) => (of_bar(&self.line, source), grid.slots),
            None => (Vec::new(), 0),
        }
    }

    /// Takes tokens as they are; the network hears them.
    fn repeat(&mut self, bar: u32, tokens: &[Token]) -> Cursor {
        let mut cursor = Cursor::bar(bar);
        for token in tokens {
            self.decide(cursor, usize::from(token.slot));
            self.line.push(*token);
            cursor = Cursor::after(token);
        }
        cursor
    }

    /// One step of the network, whose decision on the onset is known; returns its log probability.
    fn decide(&mut self, cursor: Cursor, onset: usize) -> f64 {
        let (_, logits) = self.step(cursor);
        log_probability(&logits, onset)
    }

    /// One step of the network: its output, and the logits of the onset.
    pub(super) fn step(&mut self, cursor: Cursor) -> (Vec<f32>, Vec<f32>) {
        let Self { task, part, line, state, features, .. } = self;
        let view = View { part: *part, window: task.window, line };
        let output = task.network.step(state, filled(features, |out| view.inputs(cursor, out)));
        let logits = task.network.onset_logits(&output, filled(features, |out| view.onset(cursor, out)));
        (output, logits)
    }

    /// Writes the rest of a bar, from slot `from` on.
    fn draw(&mut self, mut cursor: Cursor, from: usize, rng: &mut Rng) {
        let Task { taste, steering, window, .. } = self.task;
        let grammar = Grammar { part: self.part, grid: window.context.grid };
        loop {
            let last = self.line.tokens().last().copied();
            let (output, mut logits) = self.step(cursor);
            let allowed = |onset: usize| {
                // The harmony must begin somewhere, whatever is given.
                let is_free = onset >= from || (self.part == Part::Harmony && last.is_none());
                is_free && grammar.allows_onset(cursor, last.as_ref(), onset)
            };
            let filling = self.is_filling;
            steer_onsets(&mut logits, allowed, |slot| steering.onset(cursor, slot, filling));
            let onset = draw(&logits, allowed, taste, rng).expect("the next bar or the first slot is always allowed");
            self.count(onset.log_probability);
            if onset.class == NEXT_BAR {
                return;
            }
            let token = self.token(cursor, onset.class, &output, None, rng);
            self.line.push(token);
            cursor = Cursor::after(&token);
        }
    }

    /// What is struck at a slot, how long, how strong, how far off the grid; the last three as in `model` if there is one.
    pub(super) fn token(
        &mut self,
        cursor: Cursor,
        slot: usize,
        output: &[f32],
        model: Option<&Model<'_>>,
        rng: &mut Rng,
    ) -> Token {
        let Task { network, window, key, taste, steering, .. } = self.task;
        let Self { part, line, features, is_filling, .. } = self;
        let part = *part;
        let view = View { part, window, line };
        let grammar = Grammar { part, grid: window.context.grid };
        let last = line.tokens().last();
        let mix = network.mix(output, filled(features, |out| view.at(cursor, slot, out)));
        let mut logits = network.symbol_logits(&mix, filled(features, |out| view.symbol(cursor, slot, out)));
        for (symbol, logit) in logits.iter_mut().enumerate() {
            *logit += steering.symbol(window, cursor, slot, symbol, *is_filling);
        }
        let fits = |symbol: usize| grammar.allows_symbol(cursor, last, slot, symbol) && grammar.is_playable(symbol);
        let free = |symbol: usize| fits(symbol) && key.allows(part, symbol, line) && steering.allows(symbol);
        let wanted = |symbol: usize| free(symbol) && model.is_none_or(|model| (model.allows)(symbol));
        let symbol = draw(&logits, wanted, taste, rng).or_else(|| draw(&logits, free, taste, rng));
        let symbol = symbol.expect("a scale holds more than one chord and one pitch, also within an octave");
        let mut token = Token {
            bar: cursor.bar,
            slot: slot as u8,
            symbol: symbol.class as u16,
            length: 0,
            velocity: PLAIN_VELOCITY,
            offset: ON_GRID,
        };
        if let Some(Model { token: like, .. }) = model {
            token = Token { symbol: token.symbol, ..*like };
        } else if part.has_velocity() {
            let tail = network.tail(&mix, filled(features, |out| view.tail(cursor, slot, symbol.class, out)));
            let chosen = symbol.class;
            let mut class = |logits: Vec<f32>| draw(&logits, |_| true, taste, rng).map_or(0, |drawn| drawn.class as u8);
            if part.has_length() {
                let rows = filled(features, |out| view.lengths(cursor, slot, chosen, out));
                token.length = class(network.length_logits(&tail, rows));
            }
            let rows = filled(features, |out| view.velocities(cursor, slot, chosen, out));
            token.velocity = class(network.velocity_logits(&tail, token.length, rows));
            if part.has_offset() {
                let rows = filled(features, |out| view.offsets(cursor, slot, chosen, out));
                token.offset = class(network.offset_logits(&tail, token.velocity, rows));
            }
        }
        self.sum += symbol.log_probability;
        token
    }

    pub(super) fn count(&mut self, log_probability: f64) {
        self.sum += log_probability;
        self.decisions += 1;
    }

    /// Log probability of a symbol at a slot.
    pub(super) fn symbol_log_probability(&mut self, cursor: Cursor, slot: usize, output: &[f32], symbol: usize) -> f64 {
        let Self { task, part, line, features, .. } = self;
        let view = View { part: *part, window: task.window, line };
        let mix = task.network.mix(output, filled(features, |out| view.at(cursor, slot, out)));
        let logits = task.network.symbol_logits(&mix, filled(features, |out| view.symbol(cursor, slot, out)));
        log_probability(&logits, symbol)
    }

    /// How likely the first bar is after the last: mean log probability of its onsets and symbols.
    fn closure(mut self) -> f64 {
        let bars = self.task.window.bars;
        self.task.window = Window { bars: bars + 1, ends: false, ..self.task.window };
        let first: Vec<Token> = self.line.tokens().iter().filter(|token| token.bar == 0).copied().collect();
        let (mut sum, mut cursor) = (0.0, Cursor::bar(bars));
        for token in &first {
            let slot = usize::from(token.slot);
            let (output, logits) = self.step(cursor);
            sum += log_probability(&logits, slot);
            sum += self.symbol_log_probability(cursor, slot, &output, usize::from(token.symbol));
            let token = Token { bar: bars, ..*token };
            self.line.push(token);
            cursor = Cursor::after(&token);
        }
        sum += self.decide(cursor, NEXT_BAR);
        sum / (first.len() + 1) as f64
    }
}

fn filled(features: &mut Vec<f32>, write: impl FnOnce(&mut Vec<f32>)) -> &[f32] {
    features.clear();
    write(features);
    features
}
