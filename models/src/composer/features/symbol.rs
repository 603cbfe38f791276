//! What the symbol is chosen by.

use super::writer::Writer;
use super::{Cursor, GAPS, View};
use crate::composer::chord_symbol;
use crate::composer::grid::{MAX_SLOTS, SLOTS_PER_QUARTER, slot_step};
use crate::composer::line::Token;
use crate::composer::part::Part;
use crate::composer::pitches;
use crate::composer::recall::Expected;
use crate::composer::voicing::Motion;
use riffsmith_dsp::score::{Mode, Quality};

/// Widest interval of the melodic parts that is told apart, in semitones.
const WIDEST: i32 = 12;

/// Writes whether a symbol is the one to be expected, and whether it is due now: two flags for each likeness.
fn write_expected(expected: &[Option<Expected>], step: u32, symbol: usize, out: &mut Writer<'_>) {
    for expected in expected {
        let is_own = expected.is_some_and(|next| usize::from(next.token.symbol) == symbol);
        out.flag(is_own);
        out.flag(is_own && expected.is_some_and(|next| next.step == step));
    }
}

impl View<'_> {
    /// Features at the slot chosen after `cursor`.
    pub fn at(&self, cursor: Cursor, slot: usize, out: &mut Vec<f32>) {
        let out = &mut Writer(out);
        let step = cursor.bar * self.bar_steps() + slot_step(slot);
        let last = self.line.tokens().last();
        out.one_of(MAX_SLOTS, Some(slot));
        out.one_of(SLOTS_PER_QUARTER, Some(slot % SLOTS_PER_QUARTER));
        let gap = last.map(|token| step - self.line.step(token).min(step));
        out.one_of(GAPS.len(), gap.and_then(|gap| GAPS.iter().position(|&known| known == gap)));
        out.one_of(Mode::ALL.len(), self.mode().map(|mode| mode as usize));
        let here = if self.part.is_polyphonic() { self.line.at(step) } else { &[] };
        if self.part.is_polyphonic() {
            out.set(self.part.symbols(), here.iter().fold(0, |set, token| set | 1 << token.symbol));
        } else {
            out.one_of(self.part.symbols(), last.map(|token| usize::from(token.symbol)));
        }
        if self.part != Part::Harmony {
            self.write_chord(out, self.chord(step));
        }
        let heard = self.window.onsets(step);
        for &bit in self.listens_to() {
            out.flag(heard & bit != 0);
        }
        for expected in self.expected() {
            out.flag(expected.is_some_and(|next| next.step == step));
        }
        if matches!(self.part, Part::Chords | Part::Lead) {
            let bass = self.window.context.bass(self.window.step(step)).filter(|_| self.window.known.bass);
            out.one_of(12, bass.map(usize::from));
        }
    }

    /// Features of every symbol at the slot chosen after `cursor`: one row per symbol.
    pub fn symbol(&self, cursor: Cursor, slot: usize, out: &mut Vec<f32>) {
        let step = cursor.bar * self.bar_steps() + slot_step(slot);
        let out = &mut Writer(out);
        match self.part {
            Part::Harmony => self.harmony_symbols(step, out),
            Part::Drums => self.drum_symbols(cursor, step, out),
            Part::Chords => self.comp_symbols(step, out),
            Part::Bass => self.pitch_symbols(pitches::BASS, step, out),
            Part::Lead => self.pitch_symbols(pitches::LEAD, step, out),
        }
    }

    fn harmony_symbols(&self, step: u32, out: &mut Writer<'_>) {
        let ago: Vec<Option<u16>> = self
            .lookbacks()
            .iter()
            .map(|&lookback| {
                let then = step.checked_sub(self.distance(lookback))?;
                self.line.sounding(then).map(|token| token.symbol)
            })
            .collect();
        let last = self.line.tokens().last().map(|token| usize::from(token.symbol));
        let last_chord = last.and_then(chord_symbol::chord);
        let first = self.line.tokens().first().map(|token| token.symbol);
        let last_set = chord_symbol::class_set(last_chord);
        let scale = self.mode().map(|mode| mode.intervals().iter().fold(0u16, |set, &class| set | 1 << class));
        let expected = self.expected();
        for symbol in 0..self.part.symbols() {
            write_expected(&expected, step, symbol, out);
            let chord = chord_symbol::chord(symbol);
            let set = chord_symbol::class_set(chord);
            for &then in &ago {
                out.flag(then == Some(symbol as u16));
            }
            out.flag(first == Some(symbol as u16));
            out.flag(chord.is_some_and(|chord| chord.root.semitones() == 0));
            out.flag(chord.is_some() && scale.is_some_and(|scale| set & !scale == 0));
            out.one_of(12, chord.zip(last_chord).map(|(to, from)| usize::from(to.root.above(from.root))));
            out.flag(chord.zip(last_chord).is_some_and(|(to, from)| to.quality == from.quality));
            out.number((set & last_set).count_ones() as f32 / 4.0);
            out.one_of(Quality::ALL.len(), chord.map(|chord| chord.quality as usize));
        }
    }

    fn drum_symbols(&self, cursor: Cursor, step: u32, out: &mut Writer<'_>) {
        let mut since = vec![u32::MAX; self.part.symbols()];
        for token in self.line.tokens() {
            since[usize::from(token.symbol)] = step - self.line.step(token).min(step);
        }
        let pulses = self.pulses(cursor);
        let previous = self.line.tokens().iter().rev().map(|token| self.line.step(token)).find(|&then| then < step);
        let previous = previous.map_or(&[][..], |then| self.line.at(then));
        let is_at = |tokens: &[Token], symbol: u16| tokens.iter().any(|token| token.symbol == symbol);
        let expected = self.expected();
        for symbol in 0..self.part.symbols() as u16 {
            write_expected(&expected, step, usize::from(symbol), out);
            for &lookback in self.lookbacks() {
                out.flag(is_at(self.line.ago(step, self.distance(lookback)), symbol));
            }
            out.flag(pulses.contains(&(symbol, step)));
            out.flag(is_at(previous, symbol));
            let since = since[usize::from(symbol)];
            let bounds = [6, 12, 24, 48, 96, 400, u32::MAX - 1];
            out.one_of(bounds.len(), bounds.iter().position(|&bound| since <= bound));
        }
    }

    fn comp_symbols(&self, step: u32, out: &mut Writer<'_>) {
        let size = |symbol: u16| usize::from(symbol) / Motion::ALL.len();
        let then: Vec<Option<u16>> = self
            .lookbacks()
            .iter()
            .map(|&lookback| self.line.ago(step, self.distance(lookback)).first().map(|token| token.symbol))
            .chain([self.line.tokens().last().map(|token| token.symbol)])
            .collect();
        let expected = self.expected();
        for symbol in 0..self.part.symbols() as u16 {
            write_expected(&expected, step, usize::from(symbol), out);
            for &then in &then {
                out.flag(then == Some(symbol));
                out.flag(then.is_some_and(|then| size(then) == size(symbol)));
            }
        }
    }

    fn pitch_symbols(&self, range: pitches::Range, step: u32, out: &mut Writer<'_>) {
        let chord = chord_symbol::chord(self.chord(step));
        let tones = chord_symbol::class_set(chord);
        let position = self.window.step(step);
        let next =
            if self.window.known.harmony { self.window.context.next_change(position, self.bar_steps()) } else { None };
        let next = next.and_then(|next| chord_symbol::chord(self.window.context.chord(next)));
        let bass = self.window.context.bass(position).filter(|_| self.window.known.bass && self.part == Part::Lead);
        let scale = self.mode().map(|mode| mode.intervals().iter().fold(0u16, |set, &class| set | 1 << class));
        let tokens = self.line.tokens();
        let last = tokens.last().map(|token| i32::from(token.symbol));
        let before = tokens.len().checked_sub(2).map(|index| i32::from(tokens[index].symbol));
        // What sounded some time ago: as it was, and moved along with the chord's root.
        let ago: Vec<(Option<i32>, Option<i32>)> = self
            .lookbacks()
            .iter()
            .map(|&lookback| {
                let distance = self.distance(lookback);
                let symbol = self.line.ago(step, distance).first().map(|token| i32::from(token.symbol));
                let moved = symbol.and_then(|symbol| {
                    let then = chord_symbol::chord(self.chord(step - distance))?;
                    let way = i32::from(chord?.root.above(then.root));
                    Some((symbol, if way > 6 { way - 12 } else { way }))
                });
                (symbol, moved.map(|(symbol, way)| symbol + way))
            })
            .collect();
        let expected = self.expected();
        for symbol in 0..range.count() {
            write_expected(&expected, step, symbol, out);
            let class = range.pitch(symbol) % 12;
            let own = symbol as i32;
            for &(then, moved) in &ago {
                out.flag(then == Some(own));
                out.flag(moved == Some(own));
            }
            let degree = chord.map(|chord| (class + 12 - chord.root.semitones()) % 12);
            out.one_of(12, degree.map(usize::from));
            out.flag(tones >> class & 1 == 1);
            out.flag(next.is_some_and(|next| next.root.semitones() == class));
            out.flag(chord_symbol::class_set(next) >> class & 1 == 1);
            out.flag(scale.is_some_and(|scale| scale >> class & 1 == 1));
            out.flag(bass == Some(class));
            let interval = last.map(|last| own - last).filter(|interval| interval.abs() <= WIDEST);
            out.one_of(2 * WIDEST as usize + 1, interval.map(|interval| (interval + WIDEST) as usize));
            out.flag(before == Some(own));
            out.number(last.map_or(0.0, |last| (own - last).abs() as f32 / 12.0));
        }
    }
}
