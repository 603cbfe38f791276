//! Writing stretches of a part anew within what is there: what comes before them and after them stays, and is heard.

use super::brief::{Brief, BriefOptions};
use super::chord_symbol;
use super::context::Window;
use super::control::{Controls, Steering, steer_onsets};
use super::encode;
use super::features::Cursor;
use super::grammar::Grammar;
use super::grid::{Bar, NEXT_BAR, slot_step};
use super::judge;
use super::key_rule::KeyRule;
use super::kit;
use super::line::{Line, Token};
use super::part::Part;
use super::pitches;
use super::quantise::{LENGTHS, offset, velocity};
use super::sampler::{draw, log_share};
use super::voicing::{self, Comp, Register};
use super::writer::{Model, Task, Writer, log_probability};
use super::{BARS, Composer};
use crate::error::{Error, Result};
use crate::piece::{Event, Piece};
use riffsmith_dsp::score::{Key, Mode, PitchClass, Role, Tempo};
use riffsmith_dsp::{Rng, Seed};
use std::ops::Range;

/// Bars before a stretch that are heard: as many as the networks learnt to remember.
const REMEMBERED: u32 = 32;
/// Bars after it that are heard, to judge whether it leads there.
const AHEAD: u32 = 4;

/// Semitones that comping needs at least, for every inversion of every chord.
const ROOM: u8 = 16;

/// What of the notes in a stretch stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Keep {
    /// Nothing.
    #[default]
    Nothing,
    /// When they begin, how long and how loud they are.
    Rhythm,
    /// That, and whether each is higher or lower than the one before.
    Contour,
    /// That they begin when they do, and that chord tones stay chord tones.
    Chords,
}

/// What is to be written.
#[derive(Debug, Clone)]
pub struct Rewrite<'a> {
    /// The piece, its tonic at C; what the part hears of it is what [`Part::ALL`] puts before it.
    pub piece: &'a Piece,
    /// The part, which the piece may lack.
    pub part: Part,
    /// The steps that are written anew, sorted and apart.
    pub open: Vec<Range<u32>>,
    /// What stays of the notes there.
    pub keep: Keep,
    /// Style tags of [`super::STYLES`] and their weights; empty: those of the piece.
    pub styles: Vec<(String, f32)>,
    /// True: what comes before is not heard, as where something new begins.
    pub begins_anew: bool,
    /// Divides the logits, in [`super::TEMPERATURES`].
    pub temperature: f32,
    /// Draw only from the likeliest classes that together have this probability, in [`super::TOP_PS`].
    pub top_p: f32,
    /// True: no note outside the key.
    pub strict_key: bool,
    /// Further wishes; form and fills are not for stretches.
    pub controls: Controls,
    /// The role whose notes new chords are to hold.
    pub under: Option<Role>,
    /// Log odds of a strike that are added at each step of the piece; empty: none. Drums are then rather kick, snare, clap and rim.
    pub accents: &'a [f32],
}

/// A stretch that was written.
#[derive(Debug, Clone, PartialEq)]
pub struct Rewritten {
    /// The piece with it; everything outside the stretch as it was.
    pub piece: Piece,
    /// Mean log probability of the decisions that were drawn, in nats.
    pub log_probability: f64,
    /// The same of what follows them within four bars: how well it leads there. 0 where nothing follows.
    pub after: f64,
    /// How well it fits the chords, 0 to 1 (`judge::fit`).
    pub fit: f32,
    /// Things that are wrong with it (`judge::faults`).
    pub faults: usize,
    /// True if more of it than may be is in the training music.
    pub is_copy: bool,
}

impl Composer {
    /// Writes the stretches `count` times, each from a seed of its own.
    ///
    /// # Errors
    /// A metre that the networks do not know, stretches of more than [`BARS`] bars, or wishes outside their ranges.
    pub fn rewrite(&self, request: &Rewrite<'_>, count: usize, seed: Seed) -> Result<Vec<Rewritten>> {
        let whole = request.piece;
        let grid =
            Bar::new(whole.meter).ok_or_else(|| Error::range("meter", "a bar of 1 to 8 quarter notes", whole.meter))?;
        let (Some(first), Some(last)) = (request.open.first(), request.open.last()) else {
            return Ok(Vec::new());
        };
        // A window of the piece, so that its length does not matter.
        let remembered = if request.begins_anew { 0 } else { REMEMBERED };
        let from = (first.start / grid.steps).saturating_sub(remembered);
        let to = (last.end.div_ceil(grid.steps) + AHEAD).min(whole.bars);
        let piece = whole.excerpt(from..to);
        let brief = brief(request, &piece)?;
        let mut context = encode::heard(&piece, request.part, grid);
        if !request.styles.is_empty() {
            context.styles = brief.styles();
            context.known.styles = true;
        }
        let mut line = Line::new(grid);
        encode::tokens(&piece, request.part, grid).into_iter().for_each(|token| line.push(token));
        let start = from * grid.steps;
        let open: Vec<Range<u32>> = request.open.iter().map(|open| open.start - start..open.end - start).collect();
        let key = KeyRule {
            scale: brief.options().key.mode.intervals().iter().fold(0, |set, &class| set | 1 << class),
            strict: request.strict_key,
        };
        let task = Task {
            network: self.network(request.part),
            window: Window::whole(&context),
            key,
            taste: brief.taste(request.part),
            steering: Steering::new(request.part, &brief)
                .accenting(request.accents.get(start as usize..).unwrap_or_default())
                .under(request.under.map_or(&[], |role| piece.part(role))),
            given: None,
        };
        let one = |index: usize| {
            let mut rewriter = Rewriter { line: &line, open: &open, keep: request.keep, after: (0.0, 0) };
            let mut writer = Writer::new(task);
            let mut rng = seed.fork(request.part.name()).fork_index(index as u64).rng();
            (0..task.window.bars).for_each(|bar| rewriter.bar(&mut writer, bar, &mut rng));
            let (sum, count) = rewriter.after;
            let written = &writer.line;
            Rewritten {
                log_probability: writer.mean(),
                after: sum / f64::from(count.max(1)),
                fit: judge::fit(request.part, task.window, written),
                faults: judge::faults(request.part, task.window, written, &request.controls),
                is_copy: judge::is_copy(request.part, task.window, written),
                piece: with(whole, request.part, &request.open, written, start, grid),
            }
        };
        Ok((0..count).map(one).collect())
    }
}

fn brief(request: &Rewrite<'_>, piece: &Piece) -> Result<Brief> {
    if piece.bars > *BARS.end() {
        return Err(Error::range("bars", format!("{} to {} at once", BARS.start(), BARS.end()), piece.bars));
    }
    let mode = piece.mode.unwrap_or(Mode::Major);
    Brief::new(BriefOptions {
        styles: request.styles.clone(),
        key: Key { tonic: PitchClass::new(0), mode },
        meter: piece.meter,
        tempo: piece.bpm.and_then(|bpm| Tempo::new(bpm).ok()).unwrap_or(BriefOptions::default().tempo),
        bars: piece.bars,
        temperature: request.temperature,
        top_p: request.top_p,
        strict_key: request.strict_key,
        controls: Controls { form: None, fill_every: None, ..request.controls.clone() },
        ..BriefOptions::default()
    })
}

/// The piece with what tokens that begin with bar `from` have in some bars.
///
/// # Panics
/// If its metre is none that the networks know.
pub(crate) fn replaced(piece: &Piece, part: Part, bars: &Range<u32>, from: u32, tokens: &[Token]) -> Piece {
    let grid = Bar::new(piece.meter).expect("it has been read as a song");
    let mut line = Line::new(grid);
    tokens.iter().for_each(|&token| line.push(token));
    let open = bars.start * grid.steps..bars.end * grid.steps;
    with(piece, part, std::slice::from_ref(&open), &line, from * grid.steps, grid)
}

/// The piece with what was written in the open stretches, where the line begins at step `start`.
fn with(piece: &Piece, part: Part, open: &[Range<u32>], line: &Line, start: u32, grid: Bar) -> Piece {
    let is_open = |step: u32| open.iter().any(|open| open.contains(&step));
    let mut piece = piece.clone();
    let Some(role) = part.role() else {
        piece.harmony.retain(|&(step, _)| !is_open(step));
        let own = line.tokens().iter().map(|token| (line.step(token) + start, token));
        let new = own.filter(|&(step, _)| is_open(step));
        piece.harmony.extend(new.map(|(step, token)| (step, chord_symbol::chord(usize::from(token.symbol)))));
        piece.harmony.sort_by_key(|&(step, _)| step);
        piece.harmony.dedup_by(|(_, chord), (_, before)| chord == before);
        return piece;
    };
    let new = events(part, line, start, &piece, grid, &is_open);
    let mut all: Vec<Event> = piece.part(role).iter().filter(|event| !is_open(event.step)).copied().collect();
    if !part.is_polyphonic() && part != Part::Chords {
        // One note at a time: what began before gives way.
        for event in &mut all {
            let next = new.iter().map(|new| new.step).filter(|&step| is_open(step) && step > event.step).min();
            let end = next.unwrap_or(u32::MAX).min(event.step + event.length);
            event.length = (end - event.step).max(1);
        }
    }
    all.extend(new.into_iter().filter(|event| is_open(event.step)));
    all.sort_unstable();
    piece.parts.retain(|(own, _)| *own != role);
    piece.parts.push((role, all));
    piece
}

/// The notes of a line in the steps that are open; it begins at step `start` of the piece. Comping lies where the piece's own does, and goes on
/// from it.
fn events(part: Part, line: &Line, start: u32, piece: &Piece, grid: Bar, is_open: &dyn Fn(u32) -> bool) -> Vec<Event> {
    let has_bass = !piece.part(Role::Bass).is_empty();
    let kept: Vec<&Event> = piece.part(Role::Chords).iter().filter(|event| !is_open(event.step)).collect();
    let register = register(&kept);
    let mut last: Vec<u8> = Vec::new();
    let mut events = Vec::new();
    for (index, token) in line.tokens().iter().enumerate() {
        let step = line.step(token) + start;
        if !is_open(step) {
            last = kept.iter().filter(|event| event.step == step).map(|event| event.pitch).collect();
            continue;
        }
        let symbol = usize::from(token.symbol);
        let change = piece.harmony.partition_point(|&(from, _)| from <= step);
        let pitches = match part {
            Part::Harmony => Vec::new(),
            Part::Drums => vec![kit::drum(symbol)],
            Part::Bass => vec![pitches::BASS.pitch(symbol)],
            Part::Lead => vec![pitches::LEAD.pitch(symbol)],
            Part::Chords => {
                let chord = change.checked_sub(1).and_then(|index| piece.harmony[index].1);
                let voiced = |chord| voicing::voice(chord, Comp::from_symbol(symbol), &last, has_bass, register);
                last = chord.map(voiced).unwrap_or_default();
                last.clone()
            }
        };
        let next = line.tokens().get(index + 1).map_or(piece.bars * grid.steps, |next| line.step(next) + start);
        let until = match part {
            // A held chord gives way to the next one.
            Part::Chords => piece.harmony.get(change).map_or(next, |&(change, _)| next.min(change)),
            _ => next,
        };
        let length =
            if part.has_length() { LENGTHS[usize::from(token.length)].min(until.max(step + 1) - step) } else { 3 };
        events.extend(pitches.into_iter().map(|pitch| Event {
            step,
            pitch,
            length,
            velocity: velocity(token.velocity),
            offset: offset(token.offset) as i8,
        }));
    }
    events
}

/// Where someone's comping lies, and room for a chord; the usual place where there is none.
fn register(kept: &[&Event]) -> Register {
    let mut pitches: Vec<u8> = kept.iter().map(|event| event.pitch).collect();
    pitches.sort_unstable();
    let (Some(&low), Some(&high)) = (pitches.first(), pitches.last()) else { return Register::USUAL };
    let missing = ROOM.saturating_sub(high - low);
    let low = low.saturating_sub(missing / 2);
    let high = high.max(low + ROOM).min(127);
    Register { low, high, centre: f32::from(pitches[pitches.len() / 2]) }
}

/// Goes through a line bar by bar: takes what stays, draws what is open.
struct Rewriter<'a> {
    line: &'a Line,
    open: &'a [Range<u32>],
    keep: Keep,
    /// Log probabilities of what follows the first open step, and how many.
    after: (f64, u32),
}

impl Rewriter<'_> {
    fn is_open(&self, step: u32) -> bool {
        let at = self.open.partition_point(|open| open.end <= step);
        self.open.get(at).is_some_and(|open| open.contains(&step))
    }

    fn bar(&mut self, writer: &mut Writer<'_>, bar: u32, rng: &mut Rng) {
        let Task { taste, steering, window, .. } = writer.task;
        let grid = window.context.grid;
        let grammar = Grammar { part: writer.part, grid };
        let step_of = |slot: usize| bar * grid.steps + slot_step(slot);
        let holds_onsets = self.keep != Keep::Nothing;
        let stays =
            |token: &&Token| token.bar == bar && (holds_onsets || !self.is_open(step_of(usize::from(token.slot))));
        let staying: Vec<Token> = self.line.tokens().iter().filter(stays).copied().collect();
        let mut staying = staying.into_iter().peekable();
        let mut cursor = Cursor::bar(bar);
        loop {
            let last = writer.line.tokens().last().copied();
            let next = staying.peek().copied();
            let stop = next.map_or(NEXT_BAR, |token| usize::from(token.slot));
            let until = stop.min(grid.slots);
            let free = |slot: usize| {
                slot < until
                    && !holds_onsets
                    && self.is_open(step_of(slot))
                    && grammar.allows_onset(cursor, last.as_ref(), slot)
            };
            let (output, mut logits) = writer.step(cursor);
            if (0..until).any(free) {
                let allowed = |onset: usize| onset == stop || free(onset);
                let unsteered = logits.clone();
                let chord = last.filter(|_| writer.part == Part::Harmony).map(|last| last.symbol);
                steer_onsets(&mut logits, allowed, |slot| {
                    steering.onset(cursor, slot, false) + steering.change(bar, slot, chord)
                });
                let onset = draw(&logits, allowed, taste, rng).expect("to stop is always allowed");
                // How likely the network finds it, whatever was wished for.
                writer.count(log_share(&unsteered, allowed, onset.class));
                if onset.class != stop {
                    let token = writer.token(cursor, onset.class, &output, None, rng);
                    writer.line.push(token);
                    cursor = Cursor::after(&token);
                    continue;
                }
            } else {
                self.count_after(step_of(until.saturating_sub(1)), || log_probability(&logits, stop));
            }
            let Some(token) = staying.next() else { return };
            let slot = usize::from(token.slot);
            let token = if self.is_open(step_of(slot)) {
                writer.count(0.0);
                let allows = |symbol: usize| self.allows(window, step_of(slot), &token, last.as_ref(), symbol);
                writer.token(cursor, slot, &output, Some(&Model { token, allows: &allows }), rng)
            } else {
                let symbol = usize::from(token.symbol);
                self.count_after(step_of(slot), || writer.symbol_log_probability(cursor, slot, &output, symbol));
                token
            };
            writer.line.push(token);
            cursor = Cursor::after(&token);
        }
    }

    /// Counts what lies behind the first open step.
    fn count_after(&mut self, step: u32, log_probability: impl FnOnce() -> f64) {
        if self.open.first().is_some_and(|open| step >= open.start) {
            self.after.0 += log_probability();
            self.after.1 += 1;
        }
    }

    /// True if `symbol` may stand for a token: another one that keeps what is asked.
    fn allows(&self, window: Window<'_>, step: u32, own: &Token, last: Option<&Token>, symbol: usize) -> bool {
        if symbol == usize::from(own.symbol) {
            return false;
        }
        let symbol = symbol as u16;
        match self.keep {
            Keep::Nothing | Keep::Rhythm => true,
            Keep::Contour => {
                let before = self.line.tokens().partition_point(|token| self.line.step(token) < step);
                let before = before.checked_sub(1).map(|index| self.line.tokens()[index]);
                let after = self.line.tokens().iter().find(|token| self.line.step(token) > step);
                let follows = |earlier: Option<u16>, model: Option<&Token>| match (earlier, model) {
                    (Some(earlier), Some(model)) => symbol.cmp(&earlier) == own.symbol.cmp(&model.symbol),
                    _ => true,
                };
                let leads = after.is_none_or(|after| after.symbol.cmp(&symbol) == after.symbol.cmp(&own.symbol));
                follows(last.map(|last| last.symbol), before.as_ref()) && leads
            }
            Keep::Chords => {
                let tones = chord_symbol::class_set(chord_symbol::chord(window.context.chord(window.step(step))));
                let is_tone = |symbol: u16| tones >> (symbol % 12) & 1 == 1;
                !is_tone(own.symbol) || is_tone(symbol)
            }
        }
    }
}
