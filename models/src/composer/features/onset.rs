//! What the onset is chosen by.

use super::writer::Writer;
use super::{Cursor, GAPS, View};
use crate::composer::grid::{MAX_SLOTS, NEXT_BAR, slot_step};
use crate::composer::line::Token;
use crate::composer::quantise::LENGTHS;
use crate::composer::recall::Likeness;

impl View<'_> {
    /// Features of every slot of the bar and of "next bar", for a decision at `cursor`: [`ONSETS`] rows.
    pub fn onset(&self, cursor: Cursor, out: &mut Vec<f32>) {
        let out = &mut Writer(out);
        let here = self.cursor_step(cursor);
        let bar = cursor.bar * self.bar_steps();
        let tokens = self.line.tokens();
        let last = tokens.last().map(|token| self.line.step(token));
        let end = tokens.last().zip(last).map(|(token, step)| step + LENGTHS[usize::from(token.length)]);
        let pulses = self.pulses(cursor);
        let counts = |token: &Token, step: u32| step != here || cursor.taken.is_none_or(|taken| token.symbol > taken);
        let mut more = vec![false; self.lookbacks().len()];
        let expected = self.expected();
        for slot in 0..MAX_SLOTS {
            let step = bar + slot_step(slot);
            if slot >= self.window.context.grid.slots || step < here {
                self.skip_onset(out);
                continue;
            }
            let gap = last.map_or(u32::MAX, |last| step - last.min(step));
            out.one_of(GAPS.len(), GAPS.iter().position(|&known| known == gap));
            for (index, &lookback) in self.lookbacks().iter().enumerate() {
                let struck = self.line.ago(step, self.distance(lookback)).iter().any(|token| counts(token, step));
                more[index] |= struck;
                out.flag(struck);
            }
            out.flag(pulses.iter().any(|&(symbol, pulse)| {
                pulse == step && (step != here || cursor.taken.is_none_or(|taken| symbol > taken))
            }));
            for expected in &expected {
                out.flag(expected.is_some_and(|next| next.step == step && counts(&next.token, step)));
            }
            out.flag(end == Some(step));
            let heard = self.window.onsets(step);
            for &bit in self.listens_to() {
                out.flag(heard & bit != 0);
            }
            out.flag(false);
        }
        debug_assert_eq!(NEXT_BAR, MAX_SLOTS);
        let row = out.0.len();
        self.skip_onset(out);
        for (index, (&more, &lookback)) in more.iter().zip(self.lookbacks()).enumerate() {
            out.0[row + GAPS.len() + index] = f32::from(u8::from(!more && here >= self.distance(lookback)));
        }
        let row = row + GAPS.len() + self.lookbacks().len() + 1;
        for (index, expected) in expected.iter().enumerate() {
            let is_later = expected.is_some_and(|next| next.step >= bar + self.bar_steps());
            out.0[row + index] = f32::from(u8::from(is_later));
        }
        if let Some(last) = out.0.last_mut() {
            *last = 1.0;
        }
    }

    fn skip_onset(&self, out: &mut Writer<'_>) {
        let known = GAPS.len() + self.lookbacks().len() + Likeness::ALL.len();
        out.one_of(known + 2 + self.listens_to().len() + 1, None);
    }
}
