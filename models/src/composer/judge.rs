//! Faults of a draft that make it not worth hearing.

use super::chord_symbol;
use super::context::Window;
use super::line::Line;
use super::part::Part;
use crate::piece::STEPS_PER_QUARTER;

/// Onsets in a quarter note that a part may have on average, at least and at most, and how many different symbols it needs.
struct Bounds {
    per_quarter: (f32, f32),
    symbols: usize,
    /// The longest run of one symbol.
    run: usize,
    /// The longest silence, in bars.
    silence: u32,
}

fn bounds(part: Part) -> Bounds {
    match part {
        Part::Harmony => Bounds { per_quarter: (0.0, 1.0), symbols: 1, run: usize::MAX, silence: u32::MAX },
        Part::Drums => Bounds { per_quarter: (0.5, 10.0), symbols: 2, run: 64, silence: 1 },
        Part::Chords => Bounds { per_quarter: (0.1, 4.0), symbols: 1, run: usize::MAX, silence: 4 },
        Part::Bass => Bounds { per_quarter: (0.1, 4.5), symbols: 1, run: 33, silence: 2 },
        Part::Lead => Bounds { per_quarter: (0.2, 5.0), symbols: 3, run: 8, silence: 2 },
    }
}

/// How many things are wrong with a draft: empty or too dense, stuck on one symbol, silent for too long, or a bass that ignores
/// the chords.
pub fn faults(part: Part, window: Window<'_>, line: &Line) -> usize {
    let bounds = bounds(part);
    let grid = window.context.grid;
    let quarters = (window.bars * grid.steps) as f32 / STEPS_PER_QUARTER as f32;
    let tokens = line.tokens();
    let density = tokens.len() as f32 / quarters;
    let mut different: Vec<u16> = tokens.iter().map(|token| token.symbol).collect();
    different.sort_unstable();
    different.dedup();
    let run = tokens.chunk_by(|a, b| a.symbol == b.symbol).map(<[_]>::len).max().unwrap_or(0);
    let onsets: Vec<u32> = tokens.iter().map(|token| line.step(token)).collect();
    let edges =
        [0].into_iter().chain(onsets.iter().copied()).zip(onsets.iter().copied().chain([window.bars * grid.steps]));
    let silence = edges.map(|(from, to)| to - from).max().unwrap_or(0);
    let checks = [
        tokens.is_empty(),
        density < bounds.per_quarter.0,
        density > bounds.per_quarter.1,
        // One bar may well hold a single note or two.
        different.len() < bounds.symbols.min(window.bars as usize + 1),
        run > bounds.run,
        silence > bounds.silence.saturating_mul(grid.steps),
        part == Part::Bass && off_chord(window, line) > 0.5,
    ];
    checks.into_iter().filter(|&fault| fault).count()
}

/// Share of the bass notes at chord changes that are not in the new chord.
fn off_chord(window: Window<'_>, line: &Line) -> f32 {
    let at_changes = line.tokens().iter().filter(|token| {
        let step = window.step(line.step(token));
        step == 0 || window.context.chord(step) != window.context.chord(step - 1)
    });
    let (mut all, mut off) = (0u32, 0u32);
    for token in at_changes {
        let tones = chord_symbol::class_set(chord_symbol::chord(window.context.chord(window.step(line.step(token)))));
        all += 1;
        off += u32::from(tones >> (token.symbol % 12) & 1 == 0);
    }
    off as f32 / all.max(1) as f32
}
