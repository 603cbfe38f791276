//! The inputs of the recurrent step.

use super::writer::Writer;
use super::{AHEAD, Cursor, SIXTEENTH, View};
use crate::composer::chord_symbol::SILENCE;
use crate::composer::grid::{MAX_SLOTS, SLOTS_PER_QUARTER};
use crate::composer::part::Part;
use crate::composer::quantise::{LENGTHS, OFFSETS, VELOCITIES};
use crate::piece::STEPS_PER_QUARTER;
use riffsmith_dsp::score::Mode;

/// Tokens that agree at most, in classes; the last class has no bound.
const AGREEING: [u16; 6] = [1, 2, 4, 8, 16, 32];

impl View<'_> {
    /// The inputs of the recurrent step, before a decision at `cursor`.
    pub fn inputs(&self, cursor: Cursor, out: &mut Vec<f32>) {
        let out = &mut Writer(out);
        let context = self.window.context;
        let step = self.cursor_step(cursor);
        let last = self.line.tokens().last();
        // What was written last.
        out.one_of(MAX_SLOTS, Some(cursor.slot));
        out.one_of(SLOTS_PER_QUARTER, Some(cursor.slot % SLOTS_PER_QUARTER));
        out.flag(cursor.taken.is_none());
        out.one_of(self.part.symbols(), last.map(|token| usize::from(token.symbol)));
        if self.part.has_length() {
            out.one_of(LENGTHS.len(), last.map(|token| usize::from(token.length)));
        }
        if self.part.has_velocity() {
            out.one_of(VELOCITIES, last.map(|token| usize::from(token.velocity)));
        }
        if self.part.has_offset() {
            out.one_of(OFFSETS, last.map(|token| usize::from(token.offset)));
        }
        if self.part.is_polyphonic() {
            let here = if cursor.taken.is_some() { self.line.at(step) } else { &[] };
            out.set(self.part.symbols(), here.iter().fold(0, |set, token| set | 1 << token.symbol));
        }
        // The whole.
        let known = self.window.known;
        out.flag(known.styles);
        for weight in context.styles {
            out.number(if known.styles { weight } else { 0.0 });
        }
        let quarters = self.bar_steps() / STEPS_PER_QUARTER;
        out.one_of(8, Some(quarters as usize - 1));
        out.flag(!self.bar_steps().is_multiple_of(STEPS_PER_QUARTER));
        out.flag(context.grid.meter.denominator() >= 8);
        out.one_of(Mode::ALL.len(), self.mode().map(|mode| mode as usize));
        let bpm = self.window.bpm.filter(|_| known.tempo);
        out.flag(bpm.is_some());
        out.number(bpm.map_or(0.0, |bpm| (bpm / 120.0).log2() as f32));
        for heard in [known.harmony, known.drums, known.chords, known.bass] {
            out.flag(heard);
        }
        out.flag(context.is_loop);
        // Where in the form.
        out.one_of(8, Some((self.window.start + cursor.bar) as usize % 8));
        let left = (self.window.bars - cursor.bar.min(self.window.bars)) as usize;
        out.one_of(5, self.window.ends.then(|| left.saturating_sub(1).min(4)));
        for bars in [1, 2, 4, 8, 16, 32] {
            out.flag(cursor.bar >= bars);
        }
        // How much of what was played last was played before.
        for expected in self.expected() {
            let agreeing = expected.map(|expected| AGREEING.partition_point(|&most| most < expected.agreeing));
            out.one_of(AGREEING.len() + 1, agreeing);
        }
        out.number(self.line.tokens().len() as f32 / (8.0 * (cursor.bar + 1) as f32));
        // The harmony, now and next.
        if self.part != Part::Harmony {
            self.write_chord(out, self.chord(step));
            let position = self.window.step(step);
            let next = if known.harmony { context.next_change(position, 2 * self.bar_steps()) } else { None };
            self.write_chord(out, next.map_or(SILENCE, |next| context.chord(next)));
            out.one_of(5, next.map(|next| ((next - position - 1) / STEPS_PER_QUARTER).min(4) as usize));
        }
        // The next bar in sixteenths: the others, and this part some bars ago.
        for sixteenth in 0..AHEAD {
            let from = step + sixteenth * SIXTEENTH;
            let heard = (from..from + SIXTEENTH).fold(0, |bits, step| bits | self.window.onsets(step));
            for &bit in self.listens_to() {
                out.flag(heard & bit != 0);
            }
            for bars in [1, 2, 4] {
                let ago = bars * self.bar_steps();
                out.flag((from..from + SIXTEENTH).any(|step| !self.line.ago(step, ago).is_empty()));
            }
        }
    }
}
