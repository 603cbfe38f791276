//! A part as its network reads and writes it: compound tokens in the order of writing.

use super::grid::{Bar, slot_step};
use super::habit::{Habit, Habits, Strike};
use super::recall::{Expected, Likeness, Recall};

/// One event: where, what, how long, how strong and how far off the grid, all as classes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Token {
    /// Bar of the line.
    pub bar: u32,
    /// Slot of the bar.
    pub slot: u8,
    /// What is struck; its meaning depends on the part.
    pub symbol: u16,
    /// Index into [`super::quantise::LENGTHS`].
    pub length: u8,
    /// Velocity class.
    pub velocity: u8,
    /// Micro-timing class.
    pub offset: u8,
}

/// The tokens written so far, found by their grid step.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    grid: Bar,
    tokens: Vec<Token>,
    /// For each step up to the last token's, how many tokens lie before it.
    before: Vec<u32>,
    /// What lies before this step is forgotten.
    horizon: u32,
    /// Where the same was played before.
    recall: Recall,
    /// How what was like it was played before.
    habits: Habits,
}

impl Line {
    /// An empty line.
    pub fn new(grid: Bar) -> Self {
        Self {
            grid,
            tokens: Vec::new(),
            before: Vec::new(),
            horizon: 0,
            recall: Recall::default(),
            habits: Habits::default(),
        }
    }

    /// All tokens.
    pub fn tokens(&self) -> &[Token] {
        &self.tokens
    }

    /// The step of a token from the start of the line.
    pub fn step(&self, token: &Token) -> u32 {
        token.bar * self.grid.steps + slot_step(usize::from(token.slot))
    }

    /// Writes the next token, which is not before the last.
    pub fn push(&mut self, token: Token) {
        debug_assert!(self.tokens.last().is_none_or(|last| (last.bar, last.slot) <= (token.bar, token.slot)));
        let step = self.step(&token) as usize;
        if self.before.len() <= step {
            self.before.resize(step + 1, self.tokens.len() as u32);
        }
        self.tokens.push(token);
        self.recall.hear(&self.tokens, self.grid);
        self.habits.hear(&self.tokens, self.grid);
    }

    /// What is to be expected after the last token, since it followed when the same was played before.
    pub fn expected(&self, likeness: Likeness) -> Option<Expected> {
        self.recall.expected(likeness, &self.tokens, self.grid, self.horizon)
    }

    /// For each class and habit, how usual it would be for `symbol` at this place: see [`Habits::log_shares`]. Habits are a player's, so
    /// they outlive sections.
    pub fn usual(
        &self,
        (bar, slot, symbol): (u32, usize, usize),
        habits: &[Habit],
        classes: usize,
        of: impl Fn(&Token) -> u8,
    ) -> Vec<f32> {
        let now = Strike::new(&self.tokens, self.grid, bar, slot as u8, symbol as u16);
        let mut shares = Vec::new();
        self.habits.log_shares(&self.tokens, &now, habits, classes, of, &mut shares);
        shares
    }

    /// Looks back no further than to `step`: a new section begins there, that is not to repeat the one before.
    pub fn forget_before(&mut self, step: u32) {
        self.horizon = step;
    }

    /// The tokens at a step; none where it is forgotten.
    pub fn at(&self, step: u32) -> &[Token] {
        if step < self.horizon {
            return &[];
        }
        let step = step as usize;
        let Some(&from) = self.before.get(step) else { return &[] };
        let to = self.before.get(step + 1).map_or(self.tokens.len(), |&to| to as usize);
        &self.tokens[from as usize..to]
    }

    /// The tokens `ago` steps before `step`; empty before the start.
    pub fn ago(&self, step: u32, ago: u32) -> &[Token] {
        step.checked_sub(ago).map_or(&[], |then| self.at(then))
    }

    /// The last token at or before a step.
    pub fn sounding(&self, step: u32) -> Option<&Token> {
        let until = self.before.get(step as usize + 1).map_or(self.tokens.len(), |&to| to as usize);
        self.tokens[..until].last()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_found_by_their_step() {
        let grid = Bar::new("4/4".parse().expect("a metre")).expect("a bar");
        let token = |bar, slot, symbol| Token { bar, slot, symbol, length: 0, velocity: 0, offset: 0 };
        let mut line = Line::new(grid);
        let written = [token(0, 0, 1), token(0, 0, 3), token(0, 12, 1), token(2, 6, 2)];
        written.into_iter().for_each(|token| line.push(token));
        assert_eq!(line.at(0), &written[..2]);
        assert_eq!(line.at(24), &written[2..3]);
        assert_eq!(line.at(2 * 96 + 12), &written[3..]);
        assert_eq!(line.at(1), &[]);
        assert_eq!(line.at(9999), &[]);
        assert_eq!(line.ago(120, 96), &written[2..3]);
        assert_eq!(line.ago(5, 96), &[]);
        assert_eq!(line.sounding(23), Some(&written[1]));
        assert_eq!(line.sounding(150), Some(&written[2]));
        assert_eq!(line.sounding(5000), Some(&written[3]));
        line.forget_before(20);
        assert_eq!((line.at(0), line.at(24)), (&[][..], &written[2..3]));
        assert_eq!(line.ago(96, 96), &[]);
    }
}
