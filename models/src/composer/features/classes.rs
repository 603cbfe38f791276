//! Features of every length, velocity and micro-timing: how far each is from those of notes that it may be like, and, of drums, how
//! usual it is (`habit.rs`).

use super::writer::Writer;
use super::{Cursor, SIXTEENTH, View};
use crate::composer::context::{BASS, CHANGE, COMP, KICK};
use crate::composer::grid::slot_step;
use crate::composer::habit::Habit;
use crate::composer::line::Token;
use crate::composer::quantise::{LENGTHS, OFFSETS, VELOCITIES};
use crate::composer::recall::Likeness;
use crate::piece::STEPS_PER_QUARTER;

/// Distances from a note's class that are told apart, either way.
const NEAR: i32 = 2;

impl View<'_> {
    /// Features of every length of `symbol` at the slot chosen after `cursor`: a row each, none where the part has no lengths.
    pub fn lengths(&self, cursor: Cursor, slot: usize, symbol: usize, out: &mut Vec<f32>) {
        if !self.part.has_length() {
            return;
        }
        let like = self.like(cursor, slot, symbol);
        let step = cursor.bar * self.bar_steps() + slot_step(slot);
        // What is heard within two bars: a note may end where something begins.
        let next = [CHANGE, KICK, COMP, BASS].map(|bit| {
            let listens = self.listens_to().contains(&bit);
            (1..=2 * self.bar_steps()).find(|ahead| listens && self.window.onsets(step + ahead) & bit != 0)
        });
        for (class, &length) in LENGTHS.iter().enumerate() {
            let out = &mut Writer(out);
            distances(&like, |token| token.length, class, out);
            let end = step + length;
            out.flag(end.is_multiple_of(self.bar_steps()));
            out.flag((end % self.bar_steps()).is_multiple_of(STEPS_PER_QUARTER));
            out.flag((end % self.bar_steps()).is_multiple_of(SIXTEENTH));
            for next in next {
                out.flag(next == Some(length));
                out.flag(next.is_some_and(|next| next < length));
            }
        }
    }

    /// Features of every velocity, as [`Self::lengths`].
    pub fn velocities(&self, cursor: Cursor, slot: usize, symbol: usize, out: &mut Vec<f32>) {
        if !self.part.has_velocity() {
            return;
        }
        let like = self.like(cursor, slot, symbol);
        let habits = if self.part.is_polyphonic() { &Habit::VELOCITY[..] } else { &[] };
        let usual = self.line.usual((cursor.bar, slot, symbol), habits, VELOCITIES, |token| token.velocity);
        for class in 0..VELOCITIES {
            distances(&like, |token| token.velocity, class, &mut Writer(out));
            out.extend(&usual[class * habits.len()..(class + 1) * habits.len()]);
        }
    }

    /// Features of every micro-timing, as [`Self::lengths`].
    pub fn offsets(&self, cursor: Cursor, slot: usize, symbol: usize, out: &mut Vec<f32>) {
        if !self.part.has_offset() {
            return;
        }
        let like = self.like(cursor, slot, symbol);
        let habits = &Habit::OFFSET;
        let usual = self.line.usual((cursor.bar, slot, symbol), habits, OFFSETS, |token| token.offset);
        for class in 0..OFFSETS {
            distances(&like, |token| token.offset, class, &mut Writer(out));
            out.extend(&usual[class * habits.len()..(class + 1) * habits.len()]);
        }
    }

    /// The notes that this one may be like: the last one, the last of its symbol, those some time ago (of its symbol, where several may
    /// sound), and what followed when the same was played before.
    fn like(&self, cursor: Cursor, slot: usize, symbol: usize) -> Vec<Option<Token>> {
        let step = cursor.bar * self.bar_steps() + slot_step(slot);
        let tokens = self.line.tokens();
        let is_own = |token: &&Token| usize::from(token.symbol) == symbol;
        let fits = |token: &&Token| !self.part.is_polyphonic() || is_own(token);
        let latest = tokens.iter().rev().take(LATEST).find(is_own);
        let ago = self
            .lookbacks()
            .iter()
            .map(|&lookback| self.line.ago(step, self.distance(lookback)).iter().find(fits).copied());
        let expected = [Likeness::Exact, Likeness::Sequence, Likeness::Rhythm].map(|likeness| {
            let next = self.line.expected(likeness).filter(|next| next.step == step);
            next.map(|next| next.token).filter(|token| fits(&token))
        });
        [tokens.last().copied(), latest.copied()].into_iter().chain(ago).chain(expected).collect()
    }
}

/// Tokens among which the last of the same symbol is looked for.
const LATEST: usize = 64;

/// Writes how far a class is from that of each note: one of [`NEAR`] either way.
fn distances(like: &[Option<Token>], of: impl Fn(&Token) -> u8, class: usize, out: &mut Writer<'_>) {
    for token in like {
        let distance = token.map(|token| class as i32 - i32::from(of(&token)) + NEAR);
        out.one_of(2 * NEAR as usize + 1, distance.and_then(|distance| usize::try_from(distance).ok()));
    }
}
