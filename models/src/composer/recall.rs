//! What followed when the same was played before: small recurrent networks copy badly, so they are told what a copy would be.
//!
//! For each earlier token, how many tokens up to it agree with as many up to the last one; in four ways of agreeing. What came after the
//! longest agreement is to be expected now.

use super::grid::{Bar, slot_step};
use super::line::Token;

/// In what two tokens, each with the one before it, agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Likeness {
    /// Symbol, slot of the bar and time since the token before.
    Exact,
    /// As [`Self::Exact`], where something else followed than after the longest: the second choice.
    Otherwise,
    /// Step from the symbol before and time since then: a figure wherever it is repeated, in pitch and in time.
    Sequence,
    /// Symbol alone: the order of things, in whatever rhythm.
    Order,
    /// Slot of the bar and time since the token before: the rhythm, whatever is played.
    Rhythm,
}

impl Likeness {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Exact, Self::Otherwise, Self::Sequence, Self::Order, Self::Rhythm];
}

/// What followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expected {
    /// Tokens that agree, at least one.
    pub agreeing: u16,
    /// The token that followed, with the symbol that it would have now; its bar and slot are those of then.
    pub token: Token,
    /// The step at which it would come now.
    pub step: u32,
}

/// Lengths of agreements that end at each token.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Recall {
    exact: Vec<u16>,
    sequence: Vec<u16>,
    order: Vec<u16>,
    rhythm: Vec<u16>,
}

fn step(token: &Token, grid: Bar) -> u32 {
    token.bar * grid.steps + slot_step(usize::from(token.slot))
}

impl Recall {
    /// Hears the last of these tokens.
    pub fn hear(&mut self, tokens: &[Token], grid: Bar) {
        let Some((last, earlier)) = tokens.split_last() else { return };
        let gap =
            |index: usize| index.checked_sub(1).map(|before| step(&tokens[index], grid) - step(&tokens[before], grid));
        let rise = |index: usize| {
            index.checked_sub(1).map(|before| i32::from(tokens[index].symbol) - i32::from(tokens[before].symbol))
        };
        let own = earlier.len();
        let (own_gap, own_rise) = (gap(own), rise(own));
        let grow = |lengths: &mut Vec<u16>, agrees: &dyn Fn(usize) -> bool| {
            lengths.push(0);
            // From the end, since each grows from the one before it.
            for index in (0..own).rev() {
                let before = index.checked_sub(1).map_or(0, |before| lengths[before]);
                lengths[index] = if agrees(index) { before.saturating_add(1) } else { 0 };
            }
        };
        // The first token has none before it: there the time and the step count as agreeing.
        let same_gap = |index: usize| index == 0 || gap(index) == own_gap;
        grow(&mut self.exact, &|index| {
            let then = &tokens[index];
            then.symbol == last.symbol && then.slot == last.slot && same_gap(index)
        });
        grow(&mut self.sequence, &|index| index > 0 && rise(index) == own_rise && gap(index) == own_gap);
        grow(&mut self.order, &|index| tokens[index].symbol == last.symbol);
        grow(&mut self.rhythm, &|index| tokens[index].slot == last.slot && same_gap(index));
    }

    /// What followed the longest agreement, of equally long ones the latest; of what lies before step `horizon` nothing is known.
    pub fn expected(&self, likeness: Likeness, tokens: &[Token], grid: Bar, horizon: u32) -> Option<Expected> {
        let lengths = match likeness {
            Likeness::Exact | Likeness::Otherwise => &self.exact,
            Likeness::Sequence => &self.sequence,
            Likeness::Order => &self.order,
            Likeness::Rhythm => &self.rhythm,
        };
        let longest = |differs: &dyn Fn(usize) -> bool| -> Option<usize> {
            let known = tokens.partition_point(|token| step(token, grid) < horizon);
            let mut best: Option<usize> = None;
            for index in known..tokens.len().saturating_sub(1) {
                let is_best = lengths[index] > 0 && best.is_none_or(|best| lengths[index] >= lengths[best]);
                if is_best && differs(index) {
                    best = Some(index);
                }
            }
            best
        };
        let after =
            |index: usize| (tokens[index + 1].symbol, step(&tokens[index + 1], grid) - step(&tokens[index], grid));
        let mut at = longest(&|_| true)?;
        if likeness == Likeness::Otherwise {
            let usual = after(at);
            at = longest(&|index| after(index) != usual)?;
        }
        let last = tokens.last()?;
        let (mut token, (symbol, gap)) = (tokens[at + 1], after(at));
        if likeness == Likeness::Sequence {
            let rise = i32::from(symbol) - i32::from(tokens[at].symbol);
            token.symbol = u16::try_from(i32::from(last.symbol) + rise).ok()?;
        }
        Some(Expected { agreeing: lengths[at], token, step: step(last, grid) + gap })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::composer::line::Line;

    fn line(symbols: &[(u32, u8, u16)]) -> Line {
        let mut line = Line::new(Bar::new("4/4".parse().expect("a metre")).expect("a bar"));
        for &(bar, slot, symbol) in symbols {
            line.push(Token { bar, slot, symbol, length: 3, velocity: symbol as u8, offset: 6 });
        }
        line
    }

    fn expected(line: &Line, likeness: Likeness) -> Option<(u16, u16, u32)> {
        line.expected(likeness).map(|found| (found.agreeing, found.token.symbol, found.step))
    }

    #[test]
    fn what_followed_then_is_expected_now() {
        // A bar of four notes, its first two again.
        let line = line(&[(0, 0, 5), (0, 12, 7), (0, 24, 9), (0, 36, 5), (1, 0, 5), (1, 12, 7)]);
        assert_eq!(expected(&line, Likeness::Exact), Some((2, 9, 96 + 48)));
        assert_eq!(expected(&line, Likeness::Otherwise), None);
        assert_eq!(expected(&line, Likeness::Rhythm), Some((2, 9, 96 + 48)));
        assert_eq!(expected(&line, Likeness::Order), Some((2, 9, 96 + 48)));
    }

    #[test]
    fn a_figure_is_known_again_at_another_pitch_and_place() {
        let line = line(&[(0, 0, 5), (0, 12, 7), (0, 24, 4), (0, 36, 10), (1, 0, 12)]);
        assert_eq!(expected(&line, Likeness::Sequence), Some((1, 9, 96 + 24)));
        assert_eq!(expected(&line, Likeness::Exact), None);
    }

    #[test]
    fn the_second_choice_is_what_followed_once_before() {
        let line = line(&[(0, 0, 5), (0, 12, 7), (1, 0, 5), (1, 24, 8), (2, 0, 5), (2, 12, 7), (3, 0, 5)]);
        let (usual, other) = (expected(&line, Likeness::Exact), expected(&line, Likeness::Otherwise));
        assert!(usual.is_some_and(|(_, symbol, step)| (symbol, step) == (8, 3 * 96 + 48)), "{usual:?}");
        assert!(other.is_some_and(|(_, symbol, step)| (symbol, step) == (7, 3 * 96 + 24)), "{other:?}");
    }

    #[test]
    fn what_was_forgotten_is_not_expected() {
        let mut line = line(&[(0, 0, 5), (0, 12, 7), (1, 0, 5)]);
        assert!(line.expected(Likeness::Exact).is_some());
        line.forget_before(96);
        assert_eq!(line.expected(Likeness::Exact), None);
    }
}
