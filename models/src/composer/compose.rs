//! From a brief to a score: part after part, each from its own seed, each hearing those before it.

use super::brief::Brief;
use super::chord_symbol;
use super::context::{Context, Window};
use super::judge;
use super::line::Line;
use super::network::Network;
use super::part::Part;
use super::perform;
use super::writer::{KeyRule, Written, write};
use crate::piece::TICKS_PER_STEP;
use riffsmith_dsp::Seed;
use riffsmith_dsp::score::{Chord, Score};

/// Good drafts of a part, of which the likeliest is kept. The drums carry the style: theirs are more.
fn drafts(part: Part) -> usize {
    if part == Part::Drums { 4 } else { 2 }
}

/// Drafts at most; after that the one with the fewest faults is kept.
const TRIES: u64 = 10;

/// Writes all that the brief asks for. `network` gives the network of a part.
pub fn compose<'a>(network: impl Fn(Part) -> &'a Network, brief: &Brief, seed: Seed) -> Score {
    let options = brief.options();
    let key = KeyRule {
        scale: options.key.mode.intervals().iter().fold(0, |set, &class| set | 1 << class),
        strict: options.strict_key,
    };
    let mut context = Context::new(brief.grid(), options.bars, true);
    context.styles = brief.styles();
    context.mode = Some(options.key.mode);
    context.bpm = Some(options.tempo.bpm());
    context.known.styles = !options.styles.is_empty();
    context.known.mode = true;
    context.known.tempo = true;
    let draft = |part: Part, context: &Context| {
        best_draft(network(part), Window::whole(context), key, brief, seed.fork(part.name()))
    };
    let harmony = given_harmony(brief).unwrap_or_else(|| changes(&draft(Part::Harmony, &context).line));
    context.hear_harmony(&harmony);
    let mut lines = Vec::new();
    for part in Part::ALL {
        if part.role().is_some_and(|role| options.roles.contains(&role)) {
            let line = draft(part, &context).line;
            context.hear(part, &line);
            lines.push((part, line));
        }
    }
    perform::score(brief, &harmony, &lines)
}

/// The brief's own chords on the grid, tonic at C, the first one from the start on.
fn given_harmony(brief: &Brief) -> Option<Vec<(u32, Option<Chord>)>> {
    let options = brief.options();
    let chords = options.chords.as_ref()?;
    let shift = -i32::from(options.key.tonic.semitones());
    let mut harmony: Vec<(u32, Option<Chord>)> = Vec::new();
    for &(at, chord) in chords {
        let step = if harmony.is_empty() { 0 } else { (at.0 + TICKS_PER_STEP / 2) / TICKS_PER_STEP };
        harmony.retain(|&(before, _)| before != step);
        harmony.push((step, Some(chord.transposed(shift))));
    }
    Some(harmony)
}

/// The chord changes that a line of the harmony part means.
fn changes(line: &Line) -> Vec<(u32, Option<Chord>)> {
    line.tokens().iter().map(|token| (line.step(token), chord_symbol::chord(usize::from(token.symbol)))).collect()
}

fn best_draft(network: &Network, window: Window<'_>, key: KeyRule, brief: &Brief, seed: Seed) -> Written {
    let part = network.layout().part;
    let mut all: Vec<(usize, Written)> = Vec::new();
    for index in 0..TRIES {
        let written = write(network, window, key, brief.taste(), &mut seed.fork_index(index).rng());
        all.push((judge::faults(part, window, &written.line), written));
        if all.iter().filter(|(faults, _)| *faults == 0).count() == drafts(part) {
            break;
        }
    }
    let order = |a: &(usize, Written), b: &(usize, Written)| {
        b.0.cmp(&a.0).then(a.1.log_probability.total_cmp(&b.1.log_probability))
    };
    all.into_iter().max_by(order).map(|(_, written)| written).expect("at least one draft was written")
}
