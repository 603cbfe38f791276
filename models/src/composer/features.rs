//! What a network is told before each decision, as numbers; the same code serves training and writing.
//!
//! Four vectors belong to a token: the *inputs* of the recurrent step, *onset* features of every slot (scored by a query, so that
//! what holds for one slot or metre holds for all), features *at* the chosen slot with those of every *symbol* there, and the
//! *tail* for length, strength and micro-timing. Lookback features tell what this part did one, two and four bars ago.

use super::chord_symbol::{self, SILENCE};
use super::context::{BASS, CHANGE, COMP, HAT, KICK, SNARE, Window};
use super::grid::{MAX_SLOTS, NEXT_BAR, ONSETS, SLOTS_PER_QUARTER, slot_step};
use super::line::{Line, Token};
use super::part::Part;
use super::quantise::{LENGTHS, OFFSETS, VELOCITIES};
use super::{pitches, voicing::Motion};
use crate::piece::STEPS_PER_QUARTER;
use riffsmith_dsp::score::{Mode, Quality};

/// Distances between onsets that are told apart, in steps.
const GAPS: [u32; 12] = [0, 3, 4, 6, 8, 12, 18, 24, 36, 48, 72, 96];

/// Sixteenths that are looked ahead: a bar of 4/4.
const AHEAD: u32 = 16;

/// Steps of a sixteenth.
const SIXTEENTH: u32 = STEPS_PER_QUARTER / 4;

/// Widest interval of the melodic parts that is told apart, in semitones.
const WIDEST: i32 = 12;

/// Where the next decision stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// Bar of the window.
    pub bar: u32,
    /// Slot of the bar.
    pub slot: usize,
    /// The symbol struck last at this slot; `None` at the start of a bar.
    pub taken: Option<u16>,
}

impl Cursor {
    /// The start of a bar.
    pub fn bar(bar: u32) -> Self {
        Self { bar, slot: 0, taken: None }
    }

    /// After a token.
    pub fn after(token: &Token) -> Self {
        Self { bar: token.bar, slot: usize::from(token.slot), taken: Some(token.symbol) }
    }
}

/// The view of one part in one window: what it hears, and what it has written.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    /// Whose view it is.
    pub part: Part,
    /// What it hears.
    pub window: Window<'a>,
    /// What it has written.
    pub line: &'a Line,
}

/// Pushes features.
struct Writer<'a>(&'a mut Vec<f32>);

impl Writer<'_> {
    fn flag(&mut self, value: bool) {
        self.0.push(f32::from(u8::from(value)));
    }

    fn number(&mut self, value: f32) {
        self.0.push(value);
    }

    fn one_of(&mut self, count: usize, index: Option<usize>) {
        let start = self.0.len();
        self.0.resize(start + count, 0.0);
        if let Some(index) = index.filter(|&index| index < count) {
            self.0[start + index] = 1.0;
        }
    }

    fn set(&mut self, count: usize, bits: u32) {
        self.0.extend((0..count).map(|bit| f32::from(u8::from(bits >> bit & 1 == 1))));
    }
}

impl<'a> View<'a> {
    fn bar_steps(&self) -> u32 {
        self.window.context.grid.steps
    }

    fn cursor_step(&self, cursor: Cursor) -> u32 {
        cursor.bar * self.bar_steps() + slot_step(cursor.slot)
    }

    /// How far back is looked, in steps, nearest first.
    fn lookbacks(&self) -> &'static [(u32, u32)] {
        // (beats, bars)
        match self.part {
            Part::Harmony => &[(0, 1), (0, 2), (0, 4), (0, 8)],
            Part::Drums => &[(1, 0), (2, 0), (0, 1), (0, 2), (0, 4)],
            Part::Chords | Part::Bass | Part::Lead => &[(2, 0), (0, 1), (0, 2), (0, 4)],
        }
    }

    fn distance(&self, (beats, bars): (u32, u32)) -> u32 {
        beats * STEPS_PER_QUARTER + bars * self.bar_steps()
    }

    /// The bits of the context that the part listens to.
    fn listens_to(&self) -> &'static [u8] {
        match self.part {
            Part::Harmony => &[],
            Part::Drums => &[CHANGE],
            Part::Chords => &[KICK, SNARE, HAT, CHANGE],
            Part::Bass => &[KICK, SNARE, HAT, COMP, CHANGE],
            Part::Lead => &[KICK, SNARE, COMP, BASS, CHANGE],
        }
    }

    fn chord(&self, local: u32) -> usize {
        if self.window.known.harmony { self.window.context.chord(self.window.step(local)) } else { SILENCE }
    }

    fn mode(&self) -> Option<Mode> {
        self.window.context.mode.filter(|_| self.window.known.mode)
    }

    fn write_chord(&self, out: &mut Writer<'_>, symbol: usize) {
        let chord = chord_symbol::chord(symbol);
        out.one_of(12, chord.map(|chord| usize::from(chord.root.semitones())));
        out.set(12, u32::from(chord_symbol::class_set(chord)));
    }

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
        for bars in [1, 2, 4] {
            out.flag(cursor.bar >= bars);
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
        if let Some(last) = out.0.last_mut() {
            *last = 1.0;
        }
    }

    fn skip_onset(&self, out: &mut Writer<'_>) {
        out.one_of(GAPS.len() + self.lookbacks().len() + 2 + self.listens_to().len() + 1, None);
    }

    /// Where each symbol (any, unless polyphonic) would be struck again if it went on as its last two strikes did.
    fn pulses(&self, cursor: Cursor) -> Vec<(u16, u32)> {
        let here = self.cursor_step(cursor);
        let tokens = self.line.tokens();
        if !self.part.is_polyphonic() {
            let steps: Vec<u32> = tokens.iter().rev().take(2).map(|token| self.line.step(token)).collect();
            return match steps[..] {
                [last, before] => vec![(0, 2 * last - before)],
                _ => Vec::new(),
            };
        }
        let horizon = here.saturating_sub(2 * self.bar_steps());
        let mut strikes = vec![Vec::<u32>::new(); self.part.symbols()];
        for token in tokens.iter().rev() {
            let step = self.line.step(token);
            if step < horizon {
                break;
            }
            let strikes = &mut strikes[usize::from(token.symbol)];
            if strikes.len() < 2 {
                strikes.push(step);
            }
        }
        let pulse = |(symbol, steps): (usize, Vec<u32>)| match steps[..] {
            [last, before] => Some((symbol as u16, 2 * last - before)),
            _ => None,
        };
        strikes.into_iter().enumerate().filter_map(pulse).collect()
    }

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
        for symbol in 0..self.part.symbols() {
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
        for symbol in 0..self.part.symbols() as u16 {
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
        for symbol in 0..self.part.symbols() as u16 {
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
        for symbol in 0..range.count() {
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

/// Lengths of a part's feature vectors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Widths {
    /// Inputs of the recurrent step.
    pub inputs: usize,
    /// Features of each slot; there are [`ONSETS`] rows.
    pub onset: usize,
    /// Features at the chosen slot.
    pub at: usize,
    /// Features of each symbol.
    pub symbol: usize,
    /// Features for the tail.
    pub tail: usize,
}

impl Widths {
    /// Measured on an empty bar.
    pub fn of(part: Part) -> Self {
        let grid = super::grid::Bar::new(riffsmith_dsp::score::Meter::COMMON).expect("4/4 is four quarters");
        let context = super::context::Context::new(grid, 1, false);
        let line = Line::new(grid);
        let view = View { part, window: Window::whole(&context), line: &line };
        let measure = |write: &dyn Fn(&mut Vec<f32>)| {
            let mut out = Vec::new();
            write(&mut out);
            out.len()
        };
        let start = Cursor::bar(0);
        Self {
            inputs: measure(&|out| view.inputs(start, out)),
            onset: measure(&|out| view.onset(start, out)) / ONSETS,
            at: measure(&|out| view.at(start, 0, out)),
            symbol: measure(&|out| view.symbol(start, 0, out)) / part.symbols(),
            tail: measure(&|out| view.tail(start, 0, 0, out)),
        }
    }
}
