//! A draft and the parts before it as a piece, for what is measured on pieces.

use super::brief::Brief;
use super::kit;
use super::line::{Line, Token};
use super::part::Part;
use super::pitches;
use super::quantise::{LENGTHS, velocity};
use super::voicing::{Comp, Size};
use crate::piece::{Event, Piece, Split};
use riffsmith_dsp::score::Chord;

/// The piece of these lines.
pub fn piece<'a>(
    brief: &Brief,
    harmony: &[(u32, Option<Chord>)],
    lines: impl Iterator<Item = (Part, &'a Line)>,
) -> Piece {
    let options = brief.options();
    let parts = lines.filter_map(|(part, line)| Some((part.role()?, events(part, line)))).collect();
    Piece {
        source: String::new(),
        styles: Vec::new(),
        split: Split::Test,
        meter: options.meter,
        mode: Some(options.key.mode),
        bpm: Some(options.written_tempo.unwrap_or(options.tempo).bpm()),
        bars: options.bars,
        harmony: harmony.to_vec(),
        parts,
        is_loop: true,
    }
}

fn events(part: Part, line: &Line) -> Vec<Event> {
    let tokens = line.tokens();
    let event = |(index, token): (usize, &Token)| {
        let step = line.step(token);
        // One note at a time ends where the next begins.
        let next = tokens.get(index + 1).map_or(u32::MAX, |next| line.step(next)).max(step + 1);
        let length = if part.has_length() { LENGTHS[usize::from(token.length)].min(next - step) } else { 3 };
        let symbol = usize::from(token.symbol);
        let (lowest, count) = match part {
            Part::Harmony => (0, 0),
            Part::Drums => (kit::drum(symbol), 1),
            Part::Bass => (pitches::BASS.pitch(symbol), 1),
            Part::Lead => (pitches::LEAD.pitch(symbol), 1),
            // Which notes they are is decided later: only how many.
            Part::Chords => (60, notes(Comp::from_symbol(symbol).size)),
        };
        let strike = Event { step, pitch: lowest, length, velocity: velocity(token.velocity), offset: 0 };
        (0..count).map(move |above| Event { pitch: lowest + above, ..strike })
    };
    tokens.iter().enumerate().flat_map(event).collect()
}

fn notes(size: Size) -> u8 {
    match size {
        Size::Root | Size::Third | Size::Fifth | Size::Other => 1,
        Size::Dyad => 2,
        Size::Triad => 3,
        Size::Four => 4,
        Size::Full => 5,
    }
}
