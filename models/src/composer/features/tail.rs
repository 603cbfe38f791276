//! What length, strength and micro-timing are chosen by.

use super::writer::Writer;
use super::{AHEAD, Cursor, SIXTEENTH, View};
use crate::composer::chord_symbol;
use crate::composer::context::{BASS, COMP, KICK, SNARE};
use crate::composer::grid::slot_step;
use crate::composer::line::Token;
use crate::composer::quantise::{LENGTHS, OFFSETS, VELOCITIES};
use crate::piece::STEPS_PER_QUARTER;

impl View<'_> {
    /// Features for the length, strength and micro-timing of `symbol` at the slot chosen after `cursor`.
    pub fn tail(&self, cursor: Cursor, slot: usize, symbol: usize, out: &mut Vec<f32>) {
        let out = &mut Writer(out);
        let step = cursor.bar * self.bar_steps() + slot_step(slot);
        let matches = |token: &&Token| !self.part.is_polyphonic() || usize::from(token.symbol) == symbol;
        out.one_of(self.part.symbols(), Some(symbol));
        let latest = self.line.tokens().iter().rev().take(64).find(matches);
        let bar_ago = self.line.ago(step, self.bar_steps()).iter().find(matches);
        let beats_ago = self.line.ago(step, 2 * STEPS_PER_QUARTER).iter().find(matches);
        for then in [latest, bar_ago, beats_ago] {
            if self.part.has_velocity() {
                out.one_of(VELOCITIES, then.map(|token| usize::from(token.velocity)));
            }
            if self.part.has_length() {
                out.one_of(LENGTHS.len(), then.map(|token| usize::from(token.length)));
            }
            if self.part.has_offset() {
                out.one_of(OFFSETS, then.map(|token| usize::from(token.offset)));
            }
        }
        if self.part.has_length() {
            let position = self.window.step(step);
            let next = if self.window.known.harmony {
                self.window.context.next_change(position, self.bar_steps())
            } else {
                None
            };
            out.one_of(5, next.map(|next| ((next - position - 1) / STEPS_PER_QUARTER).min(4) as usize));
            let next = [KICK, SNARE, BASS, COMP]
                .map(|bit| (1..=AHEAD).find(|sixteenth| self.window.onsets(step + sixteenth * SIXTEENTH) & bit != 0));
            for (bit, next) in [KICK, SNARE, BASS, COMP].into_iter().zip(next) {
                if self.listens_to().contains(&bit) {
                    out.one_of(8, next.map(|sixteenths| sixteenths as usize - 1));
                }
            }
            out.one_of(8, Some(((self.bar_steps() - slot_step(slot)) / SIXTEENTH) as usize));
        }
        if self.part.is_melodic() {
            let chord = chord_symbol::chord(self.chord(step));
            let degree = chord.map(|chord| (symbol as u8 + 12 - chord.root.semitones()) % 12);
            out.one_of(12, degree.map(usize::from));
        }
    }
}
