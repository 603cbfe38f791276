//! Writing one part: token by token from its network, within the grammar and the key.

use super::chord_symbol;
use super::context::Window;
use super::features::{Cursor, View};
use super::grammar::Grammar;
use super::grid::{NEXT_BAR, slot_step};
use super::line::{Line, Token};
use super::network::Network;
use super::part::Part;
use super::pitches;
use super::quantise::ON_GRID;
use super::sampler::{Taste, draw};
use riffsmith_dsp::Rng;

/// Largest share of notes outside the key, where some are allowed.
const OUTSIDE: f32 = 0.04;

/// The velocity class of what has none of its own.
const PLAIN_VELOCITY: u8 = 12;

/// Which pitch classes may be written, tonic at C.
#[derive(Debug, Clone, Copy)]
pub struct KeyRule {
    /// The scale as a set of bits, bit 0 the tonic.
    pub scale: u16,
    /// True: nothing outside the scale.
    pub strict: bool,
}

impl KeyRule {
    fn allows(self, part: Part, symbol: usize, line: &Line) -> bool {
        match part {
            Part::Drums | Part::Chords => true,
            Part::Harmony => chord_symbol::class_set(chord_symbol::chord(symbol)) & !self.scale == 0,
            Part::Bass | Part::Lead if self.has(part, symbol) => true,
            Part::Bass | Part::Lead if self.strict => false,
            Part::Bass | Part::Lead => {
                let tokens = line.tokens();
                let outside = tokens.iter().filter(|token| !self.has(part, usize::from(token.symbol))).count();
                (outside + 1) as f32 <= OUTSIDE * (tokens.len() + 1) as f32
            }
        }
    }

    fn has(self, part: Part, symbol: usize) -> bool {
        let range = if part == Part::Bass { pitches::BASS } else { pitches::LEAD };
        self.scale >> (range.pitch(symbol) % 12) & 1 == 1
    }
}

/// A part that has been written.
#[derive(Debug, Clone)]
pub struct Written {
    /// Its tokens.
    pub line: Line,
    /// Mean log probability of its decisions, in nats, at temperature 1.
    pub log_probability: f64,
}

/// Writes a part for the whole window.
pub fn write(network: &Network, window: Window<'_>, key: KeyRule, taste: Taste, rng: &mut Rng) -> Written {
    let part = network.layout().part;
    let grammar = Grammar { part, grid: window.context.grid };
    let mut line = Line::new(window.context.grid);
    let mut state = network.start();
    let mut cursor = Cursor::bar(0);
    let (mut sum, mut decisions) = (0.0, 0u32);
    let mut features = Vec::new();
    while cursor.bar < window.bars {
        let view = View { part, window, line: &line };
        let last = line.tokens().last().copied();
        let output = network.step(&mut state, filled(&mut features, |out| view.inputs(cursor, out)));
        let logits = network.onset_logits(&output, filled(&mut features, |out| view.onset(cursor, out)));
        let onset = draw(&logits, |onset| grammar.allows_onset(cursor, last.as_ref(), onset), taste, rng);
        let onset = onset.expect("the next bar or the first slot is always allowed");
        sum += onset.log_probability;
        decisions += 1;
        if onset.class == NEXT_BAR {
            cursor = Cursor::bar(cursor.bar + 1);
            continue;
        }
        let slot = onset.class;
        let mix = network.mix(&output, filled(&mut features, |out| view.at(cursor, slot, out)));
        let logits = network.symbol_logits(&mix, filled(&mut features, |out| view.symbol(cursor, slot, out)));
        let fits =
            |symbol: usize| grammar.allows_symbol(cursor, last.as_ref(), slot, symbol) && grammar.is_playable(symbol);
        let symbol = draw(&logits, |symbol| fits(symbol) && key.allows(part, symbol, &line), taste, rng);
        let symbol = symbol.expect("a scale holds more than one chord and one pitch");
        sum += symbol.log_probability;
        let mut token = Token {
            bar: cursor.bar,
            slot: slot as u8,
            symbol: symbol.class as u16,
            length: 0,
            velocity: PLAIN_VELOCITY,
            offset: ON_GRID,
        };
        if part.has_velocity() {
            let tail = network.tail(&mix, filled(&mut features, |out| view.tail(cursor, slot, symbol.class, out)));
            let mut class = |logits: Vec<f32>| draw(&logits, |_| true, taste, rng).map_or(0, |drawn| drawn.class as u8);
            if part.has_length() {
                token.length = class(network.length_logits(&tail));
            }
            token.velocity = class(network.velocity_logits(&tail, token.length));
            if part.has_offset() {
                token.offset = class(network.offset_logits(&tail, token.velocity));
            }
        }
        line.push(token);
        cursor = Cursor::after(&token);
        debug_assert!(slot_step(slot) < window.context.grid.steps);
    }
    Written { line, log_probability: sum / f64::from(decisions.max(1)) }
}

fn filled(features: &mut Vec<f32>, write: impl FnOnce(&mut Vec<f32>)) -> &[f32] {
    features.clear();
    write(features);
    features
}
