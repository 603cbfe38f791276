//! What is wrong with a draft, so that it is not worth hearing, and how well it fits the other parts.

use super::chord_symbol;
use super::context::Window;
use super::control::{Controls, Form, Mood, fill};
use super::kit;
use super::line::Line;
use super::part::Part;
use crate::originality::{BASS_BOUND, LEAD_BOUND, Originality};
use crate::piece::STEPS_PER_QUARTER;
use riffsmith_dsp::score::{Chord, PitchClass, Role};

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

/// How many things are wrong with a draft: empty or too dense, stuck on one symbol, silent for too long, a bass that ignores the
/// chords, and each fill that is missing or was not asked for.
pub fn faults(part: Part, window: Window<'_>, line: &Line, controls: &Controls) -> usize {
    let bounds = asked(bounds(part), part, controls);
    let grid = window.context.grid;
    let quarters = (window.bars * grid.steps) as f32 / STEPS_PER_QUARTER as f32;
    let tokens = line.tokens();
    let density = tokens.len() as f32 / quarters;
    let symbols: Vec<u16> = tokens.iter().map(|token| token.symbol).collect();
    let [different, run] = variety(&symbols);
    let onsets: Vec<u32> = tokens.iter().map(|token| line.step(token)).collect();
    let edges =
        [0].into_iter().chain(onsets.iter().copied()).zip(onsets.iter().copied().chain([window.bars * grid.steps]));
    let silence = edges.map(|(from, to)| to - from).max().unwrap_or(0);
    let checks = [
        tokens.is_empty(),
        density < bounds.per_quarter.0,
        density > bounds.per_quarter.1,
        // One bar may well hold a single note or two.
        different < bounds.symbols.min(window.bars as usize + 1),
        run > bounds.run,
        silence > bounds.silence.saturating_mul(grid.steps),
        part == Part::Bass && off_chord(window, line) > 0.5,
    ];
    let fills = if part == Part::Drums { fill::misplaced(line, grid, window.bars, controls) } else { 0 };
    checks.into_iter().filter(|&fault| fault).count() + fills
}

/// How many different symbols there are, and the longest run of one.
fn variety(symbols: &[u16]) -> [usize; 2] {
    let run = symbols.chunk_by(|a, b| a == b).map(<[_]>::len).max().unwrap_or(0);
    let mut different = symbols.to_vec();
    different.sort_unstable();
    different.dedup();
    [different.len(), run]
}

/// True for a part that is stuck, by the bounds that drafts must keep where nothing else is asked for: fewer than three pitches in a
/// lead, or one of them more than eight times in a row; 33 times in a bass; a single drum. `pitches` in the order of time.
pub fn is_stuck(role: Role, pitches: &[u8], bars: u32) -> bool {
    let bounds = bounds(Part::of_role(role));
    let [different, run] = variety(&pitches.iter().map(|&pitch| u16::from(pitch)).collect::<Vec<u16>>());
    different < bounds.symbols.min(bars as usize + 1) || run > bounds.run
}

/// The bounds where something is asked for that moves them: sparse parts are silent for longer, and so are those that wait for an
/// answer.
fn asked(mut bounds: Bounds, part: Part, controls: &Controls) -> Bounds {
    let density = controls.density();
    if density < 0.0 {
        bounds.per_quarter.0 *= (3.0 * density).exp();
        bounds.silence = (bounds.silence as f32 * (1.0 - 2.0 * density)).ceil().min(1e6) as u32;
        bounds.symbols = bounds.symbols.min(2);
    }
    if part != Part::Harmony && matches!(controls.form, Some(Form::CallResponse)) {
        bounds.per_quarter.0 *= 0.3;
        bounds.silence = u32::MAX;
    }
    bounds
}

/// True if more of it than may be is in the training music.
pub fn is_copy(part: Part, window: Window<'_>, line: &Line) -> bool {
    let index = Originality::builtin();
    let sixteenth = STEPS_PER_QUARTER / 4;
    let notes = line.tokens().iter().map(|token| ((line.step(token) + sixteenth / 2) / sixteenth, token.symbol as u8));
    match part {
        Part::Harmony | Part::Chords => false,
        Part::Drums => {
            let hits = notes.map(|(at, symbol)| (at, kit::drum(usize::from(symbol)))).collect();
            index.drums(&hits, window.context.grid.steps / sixteenth).is_some()
        }
        Part::Bass | Part::Lead => {
            let bound = if part == Part::Lead { LEAD_BOUND } else { BASS_BOUND };
            // Symbols are semitones from the lowest pitch on: their intervals are those of the notes.
            index.melody(&notes.collect::<Vec<_>>()).is_some_and(|found| found.length > bound)
        }
    }
}

/// How well a part fits those before it, 0 to 1: the share of the bass's notes at chord changes that are the chord's root, of the
/// lead's notes on quarters that are chord tones; of others there is nothing to say.
pub fn fit(part: Part, window: Window<'_>, line: &Line) -> f32 {
    let (mut all, mut fit) = (0u32, 0u32);
    for token in line.tokens() {
        let local = line.step(token);
        let step = window.step(local);
        let symbol = window.context.chord(step);
        let Some(chord) = chord_symbol::chord(symbol) else { continue };
        let class = token.symbol % 12;
        let is_change = step == 0 || window.context.chord(step - 1) != symbol;
        match part {
            Part::Bass if is_change => {
                all += 1;
                fit += u32::from(u16::from(chord.root.semitones()) == class);
            }
            Part::Lead if local.is_multiple_of(STEPS_PER_QUARTER) => {
                all += 1;
                fit += u32::from(chord_symbol::class_set(Some(chord)) >> class & 1 == 1);
            }
            _ => {}
        }
    }
    if all == 0 { 1.0 } else { fit as f32 / all as f32 }
}

/// How far a line is from the mood that is asked for: chords by their thirds and tones, lines by their notes; 0 for drums, for the comping
/// (which plays the chords that are there) and where nothing sounds.
pub fn off_mood(part: Part, line: &Line, mood: Mood) -> f32 {
    let mean = |numbers: &[f32]| numbers.iter().sum::<f32>() / numbers.len().max(1) as f32;
    let fifths = |class: u8| PitchClass::new(i32::from(class)).fifths() as f32;
    let tokens = line.tokens();
    match part {
        Part::Harmony => {
            let chords: Vec<Chord> =
                tokens.iter().filter_map(|token| chord_symbol::chord(usize::from(token.symbol))).collect();
            let third = |chord: &Chord| {
                let has = |interval: u8| f32::from(u8::from(chord.quality.intervals().contains(&interval)));
                has(4) - has(3)
            };
            let thirds: Vec<f32> = chords.iter().map(third).collect();
            let tones: Vec<f32> =
                chords.iter().flat_map(|chord| chord.classes()).map(|class| fifths(class.semitones())).collect();
            if chords.is_empty() { 0.0 } else { mood.missed(Some(mean(&thirds)), mean(&tones)) }
        }
        Part::Bass | Part::Lead if !tokens.is_empty() => {
            let notes: Vec<f32> = tokens.iter().map(|token| fifths((token.symbol % 12) as u8)).collect();
            mood.missed(None, mean(&notes))
        }
        _ => 0.0,
    }
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
