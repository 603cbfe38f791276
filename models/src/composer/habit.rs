//! What a player usually does: how hard, and how far off the grid, strikes like the one to come were played before.
//!
//! Each [`Habit`] is a way of being like it. The classes of the strikes that are like it, the latest first and each a little less
//! than the one after it, are smoothed into a share of every class; what is told is the logarithm of that share against an even one,
//! so that nothing known is 0 and a network weighs several habits by adding them.

use super::grid::{Bar, SLOTS_PER_QUARTER, slot_step};
use super::line::Token;

/// One strike among those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Strike {
    symbol: u16,
    slot: u8,
    /// Steps since the last strike of its symbol; 0 where there was none.
    gap: u32,
    /// The symbols struck before it at the same step, a bit each.
    together: u64,
    /// The micro-timing of the first of these.
    leader: Option<u8>,
}

impl Strike {
    /// A strike of `symbol` at this place, after these tokens.
    pub fn new(tokens: &[Token], grid: Bar, bar: u32, slot: u8, symbol: u16) -> Self {
        let place = |token: &Token| token.bar * grid.steps + slot_step(usize::from(token.slot));
        let step = bar * grid.steps + slot_step(usize::from(slot));
        let before = tokens.iter().rev().take(REMEMBERED).find(|token| token.symbol == symbol);
        let here = tokens.iter().rev().take_while(|token| (token.bar, token.slot) == (bar, slot));
        let (mut together, mut leader) = (0, None);
        for token in here {
            together |= 1 << (token.symbol % 64);
            leader = Some(token.offset);
        }
        Self { symbol, slot, gap: before.map_or(0, |before| step - place(before)), together, leader }
    }
}

/// A way in which an earlier strike is like the one to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Habit {
    /// Any strike.
    Any,
    /// Any strike at the same place of a quarter.
    Place,
    /// The same symbol.
    Symbol,
    /// The same symbol: the last few.
    Lately,
    /// The same symbol at the same slot of the bar.
    Slot,
    /// The same symbol at the same place of a quarter.
    SymbolPlace,
    /// The same symbol as long after the one before.
    Gap,
    /// The same symbol with the same others.
    Together,
    /// The same symbol after another at the same step: as far from the first there as then. For micro-timing.
    Leader,
}

impl Habit {
    /// Those by which velocities go.
    pub const VELOCITY: [Self; 7] =
        [Self::Any, Self::Symbol, Self::Lately, Self::Slot, Self::SymbolPlace, Self::Gap, Self::Together];
    /// Those by which micro-timing goes.
    pub const OFFSET: [Self; 6] = [Self::Any, Self::Place, Self::Symbol, Self::Slot, Self::SymbolPlace, Self::Leader];

    /// What each strike weighs against the next of its kind.
    fn decay(self) -> f32 {
        match self {
            Self::Lately => 0.6,
            Self::Any | Self::Slot => 0.8,
            Self::Place | Self::SymbolPlace | Self::Gap => 0.85,
            Self::Symbol | Self::Together | Self::Leader => 0.92,
        }
    }

    fn fits(self, then: &Strike, now: &Strike) -> bool {
        let symbol = then.symbol == now.symbol;
        let place = |strike: &Strike| usize::from(strike.slot) % SLOTS_PER_QUARTER;
        match self {
            Self::Any => true,
            Self::Place => place(then) == place(now),
            Self::Symbol | Self::Lately => symbol,
            Self::Slot => symbol && then.slot == now.slot,
            Self::SymbolPlace => symbol && place(then) == place(now),
            Self::Gap => symbol && then.gap == now.gap,
            Self::Together => symbol && then.together == now.together,
            Self::Leader => symbol && then.leader.is_some() && now.leader.is_some(),
        }
    }

    /// By how many classes what was played then is moved now.
    fn moved(self, then: &Strike, now: &Strike) -> i32 {
        match (self, then.leader, now.leader) {
            (Self::Leader, Some(then), Some(now)) => i32::from(now) - i32::from(then),
            _ => 0,
        }
    }
}

/// Strikes that are looked back at.
const REMEMBERED: usize = 256;
/// Weight below which a strike no longer matters.
const FORGOTTEN: f32 = 0.03;
/// What an even share weighs: as much as this many strikes.
const EVEN: f32 = 1.0;
/// How much of a strike each class has that is so far from its own: a Laplace distribution of scale 1.
const SPREAD: [f32; 6] = [0.4621, 0.1700, 0.0625, 0.0230, 0.0085, 0.0031];

/// All strikes of a line.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Habits {
    strikes: Vec<Strike>,
}

impl Habits {
    /// Hears the last of these tokens.
    pub fn hear(&mut self, tokens: &[Token], grid: Bar) {
        let Some((last, earlier)) = tokens.split_last() else { return };
        self.strikes.push(Strike::new(earlier, grid, last.bar, last.slot, last.symbol));
    }

    /// For each class (row) and habit (column) the logarithm of its share against an even one.
    pub fn log_shares(
        &self,
        tokens: &[Token],
        now: &Strike,
        habits: &[Habit],
        classes: usize,
        of: impl Fn(&Token) -> u8,
        out: &mut Vec<f32>,
    ) {
        let start = out.len();
        out.resize(start + classes * habits.len(), 0.0);
        let shares = &mut out[start..];
        for (column, &habit) in habits.iter().enumerate() {
            let (mut weight, mut total) = (1.0, EVEN);
            let alike = self.strikes.iter().zip(tokens).rev().take(REMEMBERED);
            for (then, token) in alike.filter(|(then, _)| habit.fits(then, now)) {
                let center = (i32::from(of(token)) + habit.moved(then, now)).clamp(0, classes as i32 - 1);
                for (class, row) in shares.chunks_mut(habits.len()).enumerate() {
                    let distance = center.abs_diff(class as i32) as usize;
                    row[column] += weight * SPREAD.get(distance).copied().unwrap_or(0.0);
                }
                total += weight;
                weight *= habit.decay();
                if weight < FORGOTTEN {
                    break;
                }
            }
            for row in shares.chunks_mut(habits.len()) {
                row[column] = ((row[column] * classes as f32 + EVEN) / total).ln();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::composer::quantise::OFFSETS;

    const CLASSES: usize = 16;

    fn heard(strikes: &[(u32, u8, u16, u8, u8)]) -> (Habits, Vec<Token>, Bar) {
        let grid = Bar::new("4/4".parse().expect("a metre")).expect("a bar");
        let (mut habits, mut tokens) = (Habits::default(), Vec::new());
        for &(bar, slot, symbol, velocity, offset) in strikes {
            tokens.push(Token { bar, slot, symbol, length: 0, velocity, offset });
            habits.hear(&tokens, grid);
        }
        (habits, tokens, grid)
    }

    fn likeliest(column: usize, columns: usize, shares: &[f32]) -> usize {
        let rows: Vec<f32> = shares.chunks(columns).map(|row| row[column]).collect();
        (0..rows.len()).max_by(|&a, &b| rows[a].total_cmp(&rows[b])).expect("classes")
    }

    #[test]
    fn nothing_heard_says_nothing() {
        let (habits, tokens, grid) = heard(&[]);
        let mut shares = Vec::new();
        let now = Strike::new(&tokens, grid, 0, 0, 1);
        habits.log_shares(&tokens, &now, &Habit::VELOCITY, CLASSES, |token| token.velocity, &mut shares);
        assert_eq!(shares, vec![0.0; CLASSES * Habit::VELOCITY.len()]);
    }

    #[test]
    fn each_habit_expects_what_was_played_when_it_was_so() {
        // A hat, loud on the quarters and soft between them, once with a kick.
        let (habits, tokens, grid) =
            heard(&[(0, 0, 0, 9, 6), (0, 0, 5, 12, 7), (0, 6, 5, 4, 6), (0, 12, 5, 11, 6), (0, 18, 5, 3, 6)]);
        let now = Strike::new(&tokens, grid, 0, 24, 5);
        let mut shares = Vec::new();
        habits.log_shares(&tokens, &now, &Habit::VELOCITY, CLASSES, |token| token.velocity, &mut shares);
        let of = |habit: Habit| {
            let column = Habit::VELOCITY.iter().position(|&other| other == habit).expect("a habit of velocities");
            likeliest(column, Habit::VELOCITY.len(), &shares)
        };
        assert_eq!(of(Habit::Lately), 3);
        assert_eq!(of(Habit::SymbolPlace), 11);
        let evens: f32 = shares.chunks(Habit::VELOCITY.len()).map(|row| row[3].abs()).sum();
        assert_eq!(evens, 0.0, "slot 24 was never struck");
    }

    #[test]
    fn what_follows_a_leader_stays_as_far_from_it() {
        // A hat one class after the kick; now the kick is three classes late.
        let (habits, tokens, grid) = heard(&[(0, 0, 0, 9, 6), (0, 0, 5, 9, 7), (0, 12, 0, 9, 9)]);
        let now = Strike::new(&tokens, grid, 0, 12, 5);
        let mut shares = Vec::new();
        habits.log_shares(&tokens, &now, &Habit::OFFSET, OFFSETS, |token| token.offset, &mut shares);
        assert_eq!(likeliest(5, Habit::OFFSET.len(), &shares), 10);
        assert_eq!(likeliest(2, Habit::OFFSET.len(), &shares), 7);
    }

    #[test]
    fn shares_of_all_classes_are_the_whole() {
        let (habits, tokens, grid) = heard(&[(0, 0, 5, 8, 6), (0, 12, 5, 7, 6), (0, 24, 5, 8, 6)]);
        let mut shares = Vec::new();
        let now = Strike::new(&tokens, grid, 0, 36, 5);
        habits.log_shares(&tokens, &now, &[Habit::Symbol], CLASSES, |token| token.velocity, &mut shares);
        let whole: f32 = shares.iter().map(|share| share.exp() / CLASSES as f32).sum();
        assert!((whole - 1.0).abs() < 0.01, "{whole}");
    }
}
