//! From pieces to tokens, and to what a part hears of them.

use super::chord_symbol;
use super::context::Context;
use super::grid::Bar;
use super::kit;
use super::line::{Line, Token};
use super::part::Part;
use super::pitches::{self, Range};
use super::quantise::{ON_GRID, length_class, offset_class, velocity_class};
use super::style;
use super::voicing::Comp;
use crate::piece::{Event, Piece, TICKS_PER_STEP};
use riffsmith_dsp::score::Chord;

/// The tokens of a part, in the order of writing; empty where the piece does not have it.
pub fn tokens(piece: &Piece, part: Part, grid: Bar) -> Vec<Token> {
    let events = part.role().map_or(&[][..], |role| piece.part(role));
    let mut tokens = match part {
        Part::Harmony => harmony(piece, grid),
        Part::Drums => events.iter().filter_map(|event| drum(event, grid)).collect(),
        Part::Chords => comping(piece, events, grid),
        Part::Bass => melody(events, grid, pitches::BASS, |pitch| pitch),
        Part::Lead => melody(events, grid, pitches::LEAD, |pitch| u8::MAX - pitch),
    };
    tokens.retain(|token| token.bar < piece.bars);
    tokens.sort_unstable();
    tokens.dedup_by_key(|token| (token.bar, token.slot, if part.is_polyphonic() { token.symbol } else { 0 }));
    tokens
}

/// What `part` hears of the piece: its styles, mode and tempo, its harmony and the parts written before it, where the piece has them.
pub fn heard(piece: &Piece, part: Part, grid: Bar) -> Context {
    let mut context = Context::new(grid, piece.bars, piece.is_loop);
    let tags: Vec<usize> = piece.styles.iter().filter_map(|tag| style::index(tag)).collect();
    for &tag in &tags {
        context.styles[tag] += 1.0 / tags.len() as f32;
    }
    context.mode = piece.mode;
    context.bpm = piece.bpm;
    context.known.styles = !tags.is_empty();
    context.known.mode = piece.mode.is_some();
    context.known.tempo = piece.bpm.is_some();
    if part != Part::Harmony && !piece.harmony.is_empty() {
        context.hear_harmony(&piece.harmony);
    }
    for earlier in Part::ALL.into_iter().take_while(|&earlier| earlier != part) {
        let mut line = Line::new(grid);
        tokens(piece, earlier, grid).into_iter().for_each(|token| line.push(token));
        if earlier != Part::Harmony && !line.tokens().is_empty() {
            context.hear(earlier, &line);
        }
    }
    context
}

/// The chord at a step of the piece.
fn chord_at(piece: &Piece, step: u32) -> Option<Chord> {
    let after = piece.harmony.partition_point(|&(from, _)| from <= step);
    after.checked_sub(1).and_then(|index| piece.harmony[index].1)
}

fn harmony(piece: &Piece, grid: Bar) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::new();
    for &(step, chord) in &piece.harmony {
        let (bar, slot, _) = grid.nearest(step);
        let symbol = chord_symbol::symbol(chord) as u16;
        // Of two changes in one slot the later holds.
        tokens.retain(|token| (token.bar, usize::from(token.slot)) != (bar, slot));
        if tokens.last().is_none_or(|last| last.symbol != symbol) {
            tokens.push(Token { bar, slot: slot as u8, symbol, length: 0, velocity: 0, offset: ON_GRID });
        }
    }
    tokens
}

fn drum(event: &Event, grid: Bar) -> Option<Token> {
    let (bar, slot, moved) = grid.nearest(event.step);
    let offset = i32::from(event.offset) - moved * TICKS_PER_STEP as i32;
    Some(Token {
        bar,
        slot: slot as u8,
        symbol: kit::symbol(event.pitch)? as u16,
        length: 0,
        velocity: velocity_class(event.velocity),
        offset: offset_class(offset),
    })
}

/// One note at each onset: the one that comes first by `order` of its pitch.
fn melody(events: &[Event], grid: Bar, range: Range, order: fn(u8) -> u8) -> Vec<Token> {
    let mut sorted: Vec<(u32, usize, &Event)> = events
        .iter()
        .map(|event| {
            let (bar, slot, _) = grid.nearest(event.step);
            (bar, slot, event)
        })
        .collect();
    sorted.sort_by_key(|&(bar, slot, event)| (bar, slot, order(event.pitch)));
    sorted.dedup_by_key(|&mut (bar, slot, _)| (bar, slot));
    let token = |(bar, slot, event): (u32, usize, &Event)| Token {
        bar,
        slot: slot as u8,
        symbol: range.symbol(event.pitch) as u16,
        length: length_class(event.length),
        velocity: velocity_class(event.velocity),
        offset: ON_GRID,
    };
    sorted.into_iter().map(token).collect()
}

/// One strike at each onset: all its notes as size and motion.
fn comping(piece: &Piece, events: &[Event], grid: Bar) -> Vec<Token> {
    let place = |event: &Event| {
        let (bar, slot, _) = grid.nearest(event.step);
        (bar, slot)
    };
    let mut last_top = None;
    let strike = |notes: &[Event]| {
        let (bar, slot) = place(&notes[0]);
        let mut pitches: Vec<u8> = notes.iter().map(|note| note.pitch).collect();
        pitches.sort_unstable();
        pitches.dedup();
        let symbol = Comp::of(&pitches, last_top, chord_at(piece, notes[0].step)).symbol() as u16;
        last_top = pitches.last().copied();
        let longest = notes.iter().map(|note| note.length).max().unwrap_or(1);
        let loudest = notes.iter().map(|note| note.velocity).max().unwrap_or(1);
        let (length, velocity) = (length_class(longest), velocity_class(loudest));
        Token { bar, slot: slot as u8, symbol, length, velocity, offset: ON_GRID }
    };
    events.chunk_by(|a, b| place(a) == place(b)).map(strike).collect()
}
