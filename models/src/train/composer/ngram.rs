//! The baseline: an interpolated n-gram over the same factors as one stream of tokens.

use super::batch::Example;
use super::graph::Nats;
use super::song::replay;
use crate::composer::grid::{NEXT_BAR, ONSETS};
use crate::composer::part::Part;
use crate::composer::quantise::{LENGTHS, OFFSETS, VELOCITIES};
use std::collections::HashMap;

/// Longest n-gram.
pub const ORDER: usize = 5;

/// A factor of an event; a class of one factor is never mistaken for one of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Factor {
    Onset,
    Symbol,
    Length,
    Velocity,
    Offset,
}

/// The factor that comes next, and the tokens before it.
type Context = (Factor, Vec<(Factor, u16)>);

/// How often each class followed a context.
#[derive(Debug, Clone, Default)]
struct Counts {
    total: u32,
    classes: HashMap<u16, u32>,
}

/// An n-gram of one part, smoothed as by Witten and Bell (1991), the weight of the shorter context scaled by a factor for each
/// order that is tuned on validation pieces.
#[derive(Debug, Clone)]
pub struct Ngram {
    part: Part,
    /// For each number of tokens before, what followed them.
    orders: Vec<HashMap<Context, Counts>>,
    scales: [f64; ORDER],
}

impl Ngram {
    /// Counts the training windows and tunes on the validation ones.
    pub fn new(part: Part, training: &[Example<'_>], validation: &[Example<'_>]) -> Self {
        let mut ngram = Self { part, orders: vec![HashMap::new(); ORDER], scales: [1.0; ORDER] };
        for example in training {
            ngram.walk(example, |ngram, history, factor, class| {
                for (order, counts) in ngram.orders.iter_mut().enumerate() {
                    let context = history[history.len().saturating_sub(order)..].to_vec();
                    if context.len() == order {
                        let counts = counts.entry((factor, context)).or_default();
                        counts.total += 1;
                        *counts.classes.entry(class).or_default() += 1;
                    }
                }
            });
        }
        for order in 0..ORDER {
            let nats = |scale: f64, ngram: &mut Self| {
                ngram.scales[order] = scale;
                ngram.nats(validation).per_note()
            };
            let tried =
                [0.1, 0.2, 0.4, 0.7, 1.0, 1.5, 2.5, 4.0, 8.0, 16.0].map(|scale| (nats(scale, &mut ngram), scale));
            let best = tried.into_iter().min_by(|a, b| a.0.total_cmp(&b.0));
            ngram.scales[order] = best.map_or(1.0, |(_, scale)| scale);
        }
        ngram
    }

    /// Nats of these windows.
    pub fn nats(&mut self, examples: &[Example<'_>]) -> Nats {
        let mut nats = Nats::default();
        for example in examples {
            nats.notes += example.tokens.len();
            self.walk(example, |ngram, history, factor, class| {
                let lost = -ngram.probability(history, factor, class).ln();
                *match factor {
                    Factor::Onset => &mut nats.onset,
                    Factor::Symbol => &mut nats.symbol,
                    Factor::Length => &mut nats.length,
                    Factor::Velocity => &mut nats.velocity,
                    Factor::Offset => &mut nats.offset,
                } += lost;
            });
        }
        nats
    }

    /// Visits every token of a window's stream with those before it.
    fn walk(&mut self, example: &Example<'_>, mut visit: impl FnMut(&mut Self, &[(Factor, u16)], Factor, u16)) {
        let part = self.part;
        let mut history: Vec<(Factor, u16)> = Vec::new();
        let mut next = |factor: Factor, class: usize| {
            let from = history.len().saturating_sub(ORDER - 1);
            visit(self, &history[from..], factor, class as u16);
            history.push((factor, class as u16));
        };
        replay(part, example.window, &example.tokens, |_, _, token| {
            let Some(token) = token else { return next(Factor::Onset, NEXT_BAR) };
            next(Factor::Onset, usize::from(token.slot));
            next(Factor::Symbol, usize::from(token.symbol));
            if part.has_length() {
                next(Factor::Length, usize::from(token.length));
            }
            if part.has_velocity() {
                next(Factor::Velocity, usize::from(token.velocity));
            }
            if part.has_offset() {
                next(Factor::Offset, usize::from(token.offset));
            }
        });
    }

    /// Probability of a class after a history.
    fn probability(&self, history: &[(Factor, u16)], factor: Factor, class: u16) -> f64 {
        let mut probability = 1.0 / self.classes(factor) as f64;
        for (order, counts) in self.orders.iter().enumerate().take(history.len() + 1) {
            let context = history[history.len() - order..].to_vec();
            let Some(counts) = counts.get(&(factor, context)) else { break };
            let count = f64::from(counts.classes.get(&class).copied().unwrap_or(0));
            let shorter = self.scales[order] * counts.classes.len() as f64;
            probability = (count + shorter * probability) / (f64::from(counts.total) + shorter);
        }
        probability
    }

    fn classes(&self, factor: Factor) -> usize {
        match factor {
            Factor::Onset => ONSETS,
            Factor::Symbol => self.part.symbols(),
            Factor::Length => LENGTHS.len(),
            Factor::Velocity => VELOCITIES,
            Factor::Offset => OFFSETS,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::composer::context::{self, Window};
    use crate::composer::grid::Bar;
    use crate::composer::line::Token;
    use riffsmith_dsp::Seed;

    #[test]
    fn probabilities_add_up_to_one_after_any_history() {
        let grid = Bar::new("4/4".parse().expect("a metre")).expect("a bar");
        let context = context::Context::new(grid, 4, true);
        let mut rng = Seed(2).rng();
        let mut token = |bar: u32, slot: u8| Token {
            bar,
            slot,
            symbol: rng.below(5) as u16,
            length: rng.below(3) as u8,
            velocity: rng.below(16) as u8,
            offset: 6,
        };
        let tokens: Vec<Token> = (0..4)
            .flat_map(|bar| [0, 12, 24, 36].map(|slot| (bar, slot)))
            .map(|(bar, slot)| token(bar, slot))
            .collect();
        let example = Example { window: Window::whole(&context), tokens };
        let mut ngram = Ngram::new(Part::Bass, std::slice::from_ref(&example), std::slice::from_ref(&example));
        let mut histories = vec![Vec::new(), vec![(Factor::Length, 99)]];
        ngram.walk(&example, |_, history, _, _| histories.push(history.to_vec()));
        for history in &histories {
            for factor in [Factor::Onset, Factor::Symbol, Factor::Length, Factor::Velocity] {
                let sum: f64 =
                    (0..ngram.classes(factor) as u16).map(|class| ngram.probability(history, factor, class)).sum();
                assert!((sum - 1.0).abs() < 1e-12, "{sum}");
            }
        }
    }
}
