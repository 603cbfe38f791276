//! Windows as the numbers that the graph computes with.

use super::song::replay;
use crate::composer::context::Window;
use crate::composer::features::Widths;
use crate::composer::grammar::Grammar;
use crate::composer::grid::{NEXT_BAR, ONSETS};
use crate::composer::line::Token;
use crate::composer::part::Part;

/// Added to the logits of what the grammar forbids.
pub const FORBIDDEN: f32 = -1e9;

/// A window and its tokens.
#[derive(Debug, Clone)]
pub struct Example<'a> {
    /// What is heard.
    pub window: Window<'a>,
    /// What is played.
    pub tokens: Vec<Token>,
}

impl Example<'_> {
    /// Decisions in the example: its tokens and its bar lines.
    pub fn decisions(&self) -> usize {
        self.tokens.len() + self.window.bars as usize
    }
}

/// Examples side by side. A *step* is a decision, a *note* a decision for a token.
#[derive(Debug, Clone, Default)]
pub struct Batch {
    /// Examples.
    pub count: usize,
    /// Steps of the longest example.
    pub time: usize,
    /// `[count, time, inputs]`, zero after an example's end.
    pub inputs: Vec<f32>,
    /// Row of each step in `[count, time]`.
    pub steps: Vec<i32>,
    /// `[steps, onsets, features]`.
    pub onset_features: Vec<f32>,
    /// `[steps, onsets]`: 0 or [`FORBIDDEN`].
    pub onset_mask: Vec<f32>,
    /// `[steps]`.
    pub onsets: Vec<i32>,
    /// Row of each note in `[count, time]`.
    pub notes: Vec<i32>,
    /// `[notes, features]`.
    pub at: Vec<f32>,
    /// `[notes, symbols, features]`.
    pub symbol_features: Vec<f32>,
    /// `[notes, symbols]`.
    pub symbol_mask: Vec<f32>,
    /// `[notes]`.
    pub symbols: Vec<i32>,
    /// `[notes, features]`.
    pub tail: Vec<f32>,
    /// `[notes, lengths, features]`.
    pub length_features: Vec<f32>,
    /// `[notes]`.
    pub lengths: Vec<i32>,
    /// `[notes, velocities, features]`.
    pub velocity_features: Vec<f32>,
    /// `[notes]`.
    pub velocities: Vec<i32>,
    /// `[notes, micro-timings, features]`.
    pub offset_features: Vec<f32>,
    /// `[notes]`.
    pub offsets: Vec<i32>,
}

impl Batch {
    /// Lays the examples out.
    pub fn new(part: Part, widths: Widths, examples: &[Example<'_>]) -> Self {
        let time = examples.iter().map(Example::decisions).max().unwrap_or(0);
        let mut batch = Self { count: examples.len(), time, ..Self::default() };
        for (index, example) in examples.iter().enumerate() {
            batch.inputs.resize(index * time * widths.inputs, 0.0);
            let mut row = (index * time) as i32;
            let grammar = Grammar { part, grid: example.window.context.grid };
            replay(part, example.window, &example.tokens, |view, cursor, token| {
                let last = view.line.tokens().last();
                view.inputs(cursor, &mut batch.inputs);
                batch.steps.push(row);
                view.onset(cursor, &mut batch.onset_features);
                batch.onset_mask.extend((0..ONSETS).map(|onset| mask(grammar.allows_onset(cursor, last, onset))));
                batch.onsets.push(token.map_or(NEXT_BAR, |token| usize::from(token.slot)) as i32);
                if let Some(token) = token {
                    let slot = usize::from(token.slot);
                    let symbol = usize::from(token.symbol);
                    batch.notes.push(row);
                    view.at(cursor, slot, &mut batch.at);
                    view.symbol(cursor, slot, &mut batch.symbol_features);
                    let symbols = 0..part.symbols();
                    batch
                        .symbol_mask
                        .extend(symbols.map(|symbol| mask(grammar.allows_symbol(cursor, last, slot, symbol))));
                    batch.symbols.push(symbol as i32);
                    if part.has_velocity() {
                        view.tail(cursor, slot, symbol, &mut batch.tail);
                        view.lengths(cursor, slot, symbol, &mut batch.length_features);
                        view.velocities(cursor, slot, symbol, &mut batch.velocity_features);
                        view.offsets(cursor, slot, symbol, &mut batch.offset_features);
                    }
                    batch.lengths.push(i32::from(token.length));
                    batch.velocities.push(i32::from(token.velocity));
                    batch.offsets.push(i32::from(token.offset));
                }
                row += 1;
            });
        }
        batch.inputs.resize(examples.len() * time * widths.inputs, 0.0);
        batch
    }
}

fn mask(allowed: bool) -> f32 {
    if allowed { 0.0 } else { FORBIDDEN }
}
