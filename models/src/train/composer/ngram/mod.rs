//! The baseline: an interpolated n-gram for each factor of an event, each after the context that serves it best.

mod chain;
mod moment;

use super::batch::Example;
use super::graph::Nats;
use crate::composer::features::Cursor;
use crate::composer::grammar::Grammar;
use crate::composer::grid::{NEXT_BAR, ONSETS};
use crate::composer::line::Token;
use crate::composer::part::Part;
use crate::composer::quantise::{LENGTHS, OFFSETS, ON_GRID, VELOCITIES};
use chain::{Chain, Decisions};
pub use moment::Memory;
use moment::{Element, FACTORS, Factor, walk};
use riffsmith_dsp::Rng;

/// N-grams of one part.
#[derive(Debug, Clone)]
pub struct Ngram {
    part: Part,
    elements: Vec<Element>,
    /// By factor.
    chains: Vec<Chain>,
}

impl Ngram {
    /// Counts the training windows; chooses contexts and weights by the validation ones.
    pub fn new(part: Part, memory: Memory, training: &[Example<'_>], validation: &[Example<'_>]) -> Self {
        let elements = Element::all(memory);
        let (training, validation) = (decisions(part, &elements, training), decisions(part, &elements, validation));
        let chain = |factor: Factor| {
            Chain::new(classes(part, factor), &training[factor as usize], &validation[factor as usize])
        };
        Self { part, chains: Factor::ALL.map(chain).into(), elements }
    }

    /// Nats of these windows.
    pub fn nats(&self, examples: &[Example<'_>]) -> Nats {
        let notes = examples.iter().map(|example| example.tokens.len()).sum();
        let mut nats = Nats { notes, ..Nats::default() };
        let all = decisions(self.part, &self.elements, examples);
        for factor in Factor::ALL {
            *match factor {
                Factor::Onset => &mut nats.onset,
                Factor::Symbol => &mut nats.symbol,
                Factor::Length => &mut nats.length,
                Factor::Velocity => &mut nats.velocity,
                Factor::Offset => &mut nats.offset,
            } += self.chains[factor as usize].nats(&all[factor as usize]);
        }
        nats
    }
}

impl Ngram {
    /// Draws tokens after those of an example, which has no bars after them, until it has `bars` bars.
    pub fn go_on(&self, example: &mut Example<'_>, bars: u32, rng: &mut Rng) {
        let grammar = Grammar { part: self.part, grid: example.window.context.grid };
        let mut cursor = Cursor::bar(example.window.bars);
        while cursor.bar < bars {
            example.window.bars = cursor.bar + 1;
            let last = example.tokens.last().copied();
            let row = self.next(example, Factor::Onset);
            let allowed = |class: usize| match class {
                NEXT_BAR => grammar.allows_onset(cursor, last.as_ref(), NEXT_BAR),
                later => {
                    let slot = cursor.slot + later;
                    slot < NEXT_BAR && grammar.allows_onset(cursor, last.as_ref(), slot)
                }
            };
            let class = self.draw(Factor::Onset, &row, allowed, rng);
            if class == NEXT_BAR {
                cursor = Cursor::bar(cursor.bar + 1);
                continue;
            }
            let drawn = cursor.slot + class;
            let token =
                Token { bar: cursor.bar, slot: drawn as u8, symbol: 0, length: 0, velocity: 0, offset: ON_GRID };
            example.tokens.push(token);
            for (factor, has) in [
                (Factor::Symbol, true),
                (Factor::Length, self.part.has_length()),
                (Factor::Velocity, self.part.has_velocity()),
                (Factor::Offset, self.part.has_offset()),
            ] {
                if !has {
                    continue;
                }
                let row = self.next(example, factor);
                let allowed = |class: usize| {
                    factor != Factor::Symbol || grammar.allows_symbol(cursor, last.as_ref(), drawn, class)
                };
                let class = self.draw(factor, &row, allowed, rng);
                let token = example.tokens.last_mut().expect("just pushed");
                match factor {
                    Factor::Onset => {}
                    Factor::Symbol => token.symbol = class as u16,
                    Factor::Length => token.length = class as u8,
                    Factor::Velocity => token.velocity = class as u8,
                    Factor::Offset => token.offset = class as u8,
                }
            }
            cursor = Cursor::after(example.tokens.last().expect("just pushed"));
        }
        example.window.bars = bars;
    }

    /// What the last decision of a factor may depend on.
    fn next(&self, example: &Example<'_>, factor: Factor) -> Vec<u16> {
        let mut last = Vec::new();
        walk(self.part, example, |own, _, moment| {
            if own == factor {
                last = self.elements.iter().map(|&element| moment.element(element)).collect();
            }
        });
        last
    }

    fn draw(&self, factor: Factor, row: &[u16], allowed: impl Fn(usize) -> bool, rng: &mut Rng) -> usize {
        let chain = &self.chains[factor as usize];
        let weight = |class: usize| if allowed(class) { chain.probability(class as u16, row) } else { 0.0 };
        let weights: Vec<f64> = (0..classes(self.part, factor)).map(weight).collect();
        let mut left = rng.uniform_f64() * weights.iter().sum::<f64>();
        let crossed = |weight: &f64| {
            left -= weight;
            left < 0.0
        };
        let found = weights.iter().position(crossed);
        found.or_else(|| weights.iter().rposition(|&weight| weight > 0.0)).unwrap_or(0)
    }
}

/// Number of classes of a factor.
fn classes(part: Part, factor: Factor) -> usize {
    match factor {
        Factor::Onset => ONSETS,
        Factor::Symbol => part.symbols(),
        Factor::Length => LENGTHS.len(),
        Factor::Velocity => VELOCITIES,
        Factor::Offset => OFFSETS,
    }
}

/// All decisions of these windows, by factor.
fn decisions(part: Part, elements: &[Element], examples: &[Example<'_>]) -> [Decisions; FACTORS] {
    let mut all: [Decisions; FACTORS] = Default::default();
    for example in examples {
        walk(part, example, |factor, class, moment| {
            let row = elements.iter().map(|&element| moment.element(element)).collect();
            all[factor as usize].push(class, row);
        });
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::composer::context::{Context, Window};
    use crate::composer::grid::Bar;
    use riffsmith_dsp::Seed;

    const BARS: u32 = 32;

    fn context() -> Context {
        Context::new(Bar::new("4/4".parse().expect("a metre")).expect("a bar"), BARS, true)
    }

    /// A note on every beat.
    fn example<'a>(context: &'a Context, mut note: impl FnMut(u32) -> Token) -> Example<'a> {
        let tokens = (0..4 * BARS).map(|beat| Token { bar: beat / 4, slot: (beat % 4 * 12) as u8, ..note(beat) });
        Example { window: Window::whole(context), tokens: tokens.collect() }
    }

    fn any(rng: &mut Rng) -> Token {
        let mut class = |classes: usize| rng.below(classes) as u8;
        let (symbol, length, velocity) = (class(5).into(), class(3), class(16));
        Token { bar: 0, slot: 0, symbol, length, velocity, offset: 6 }
    }

    #[test]
    fn probabilities_add_up_to_one_after_any_history() {
        let context = context();
        let mut rng = Seed(2).rng();
        let [training, validation] = [(); 2].map(|()| example(&context, |_| any(&mut rng)));
        let ngram = Ngram::new(Part::Bass, Memory::Short, &[training], std::slice::from_ref(&validation));
        let histories = decisions(Part::Bass, &ngram.elements, &[validation]);
        for factor in [Factor::Onset, Factor::Symbol, Factor::Length, Factor::Velocity] {
            let chain = &ngram.chains[factor as usize];
            let never_seen = vec![99; ngram.elements.len()];
            for row in histories[factor as usize].rows().chain([&never_seen[..]]) {
                let sum: f64 = (0..classes(Part::Bass, factor) as u16).map(|class| chain.probability(class, row)).sum();
                assert!((sum - 1.0).abs() < 1e-12, "{factor:?} {sum}");
            }
        }
    }

    #[test]
    fn a_factor_follows_its_own_history_whatever_lies_between() {
        let context = context();
        let mut rng = Seed(3).rng();
        // Three strengths in turn, which no place in a bar of four gives away; all else at random.
        let mut song = || example(&context, |beat| Token { velocity: (beat % 3) as u8, ..any(&mut rng) });
        let (training, validation, test) = (song(), song(), song());
        let nats = Ngram::new(Part::Bass, Memory::Short, &[training], &[validation]).nats(&[test]);
        // One class in three without the history, ln 3; with it only the first notes are in doubt.
        assert!(nats.velocity / (nats.notes as f64) < 0.1, "{nats:?}");
        assert!(nats.symbol / nats.notes as f64 > 0.9 * 5f64.ln(), "{nats:?}");
        assert!(nats.onset / (nats.notes as f64) < 0.1, "{nats:?}");
    }

    #[test]
    fn it_goes_on_as_the_music_does() {
        let context = context();
        let song = || {
            example(&context, |beat| Token {
                bar: 0,
                slot: 0,
                symbol: (beat % 3) as u16,
                length: 1,
                velocity: 9,
                offset: 6,
            })
        };
        let ngram = Ngram::new(Part::Bass, Memory::Short, &[song()], &[song()]);
        let mut started = song();
        started.window.bars = 8;
        started.tokens.truncate(32);
        ngram.go_on(&mut started, 16, &mut Seed(1).rng());
        let expected = &song().tokens[..64];
        let same = started.tokens.iter().zip(expected).filter(|(a, b)| a == b).count();
        assert!(same > 60, "{same} of 64");
    }

    #[test]
    fn who_recalls_knows_what_returns_after_long() {
        let context = context();
        let mut rng = Seed(3).rng();
        // Four bars at random, again and again: longer than any context.
        let mut song = || {
            let bars: Vec<Token> = (0..16).map(|_| any(&mut rng)).collect();
            example(&context, |beat| bars[beat as usize % 16])
        };
        let (training, validation, test) = (song(), song(), song());
        let of = |memory: Memory| {
            let (training, validation) = (std::slice::from_ref(&training), std::slice::from_ref(&validation));
            let nats = Ngram::new(Part::Bass, memory, training, validation).nats(std::slice::from_ref(&test));
            nats.velocity / nats.notes as f64
        };
        let (short, recalling) = (of(Memory::Short), of(Memory::Recalling));
        assert!(recalling < 1.4 && short > recalling + 1.0, "{short} {recalling}");
    }
}
