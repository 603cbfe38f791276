//! From a brief to a score: part after part, each from its own seed, each hearing those before it.

use super::brief::Brief;
use super::chord_symbol;
use super::context::{Context, Window};
use super::control::Steering;
use super::draft_piece;
use super::judge;
use super::key_rule::KeyRule;
use super::line::{Line, Token};
use super::network::Network;
use super::part::Part;
use super::perform;
use super::redraw::Redraw;
use super::writer::{Given, Task, Written, write};
use crate::piece::{Piece, TICKS_PER_STEP};
use crate::traits::Rule;
use riffsmith_dsp::Seed;
use riffsmith_dsp::score::{Chord, Role, Score};

/// Drafts at most for each good one that is wanted; where not one of them is good, up to so many times as many, and then the one with
/// the fewest faults is kept.
const TRIES: usize = 4;
const PATIENCE: usize = 3;

/// A copy is worse than any number of other faults.
const COPY: usize = 100;

/// What is better than what, in nats a decision: how likely the draft is, how likely its start is after its end, how well it fits the
/// other parts.
const CLOSURE: f64 = 0.15;
const FIT: f64 = 0.5;
/// How much worse a draft is that misses the mood by 1, and how many times as many drafts there are to choose from where one is asked for.
const OFF_MOOD: f64 = 4.0;
const MOOD_DRAFTS: usize = 4;

/// Writes all that the brief asks for. `network` gives the network of a part.
pub fn compose<'a>(network: impl Fn(Part) -> &'a Network, brief: &Brief, seed: Seed, redraws: &[Redraw]) -> Score {
    let first = write_parts(&network, brief, seed, None);
    let last = redraws
        .iter()
        .fold(first, |before, redraw| write_parts(&network, brief, redraw.seed, Some((before, &redraw.keeps))));
    perform::score(brief, &last.harmony, &last.lines)
}

/// Chords and lines of a loop.
struct Parts {
    harmony: Vec<(u32, Option<Chord>)>,
    lines: Vec<perform::Written>,
}

/// Writes the parts; those kept of the loop before stay as they are, and the others are written to them. With a pitched part, its
/// chords are kept.
fn write_parts<'a>(
    network: &impl Fn(Part) -> &'a Network,
    brief: &Brief,
    seed: Seed,
    kept: Option<(Parts, &Vec<Role>)>,
) -> Parts {
    let (kept_harmony, mut kept_lines) = kept.map_or((None, Vec::new()), |(before, keeps)| {
        let is_kept = |written: &perform::Written| written.part.role().is_some_and(|role| keeps.contains(&role));
        let keeps_chords = keeps.iter().any(|role| *role != Role::Drums);
        (keeps_chords.then_some(before.harmony), before.lines.into_iter().filter(is_kept).collect())
    });
    let options = brief.options();
    let key = KeyRule {
        scale: options.key.mode.intervals().iter().fold(0, |set, &class| set | 1 << class),
        strict: options.strict_key,
    };
    let mut context = Context::new(brief.grid(), options.bars, true);
    context.styles = brief.styles();
    context.mode = Some(options.key.mode);
    context.bpm = Some(options.written_tempo.unwrap_or(options.tempo).bpm());
    context.known.styles = !options.styles.is_empty();
    context.known.mode = true;
    context.known.tempo = true;
    let primer = options.controls.primer.as_ref().map(|primer| Given {
        line: primer.line(brief.grid(), i32::from(options.key.tonic.semitones())),
        until: primer.end_step(),
    });
    let draft = |part: Part, context: &Context, broken: &dyn Fn(&Line) -> usize| {
        let task = Task {
            network: network(part),
            window: Window::whole(context),
            key,
            taste: brief.taste(part),
            steering: Steering::new(part, brief),
            given: primer.as_ref().filter(|_| part == Part::Lead),
        };
        best_draft(&task, brief, seed.fork(part.name()), broken)
    };
    let count = |piece: &Piece, own: &dyn Fn(&Rule) -> bool| {
        options.rules.iter().filter(|&rule| own(rule) && !rule.holds(piece)).count()
    };
    let harmony = given_harmony(brief).or(kept_harmony).unwrap_or_else(|| {
        let broken =
            |line: &Line| count(&draft_piece::piece(brief, &changes(line), std::iter::empty()), &Rule::is_of_harmony);
        changes(&draft(Part::Harmony, &context, &broken).line)
    });
    context.hear_harmony(&harmony);
    // Players of two styles that are written from one seed do not play by the same chance.
    let players = options.styles.iter().fold(seed.fork("perform"), |seed, (style, _)| seed.fork(style));
    let mut lines: Vec<perform::Written> = Vec::new();
    for part in Part::ALL {
        if let Some(role) = part.role().filter(|role| options.roles.contains(role)) {
            let kept = kept_lines.iter().position(|written| written.part == part);
            let written = kept.map(|index| kept_lines.swap_remove(index)).unwrap_or_else(|| {
                let broken = |line: &Line| {
                    let before = lines.iter().map(|written| (written.part, &written.line));
                    let of_part = |rule: &Rule| rule.role() == role && !rule.is_of_harmony();
                    count(&draft_piece::piece(brief, &harmony, before.chain([(part, line)])), &of_part)
                };
                let line = draft(part, &context, &broken).line;
                perform::Written { part, line, seed: players }
            });
            context.hear(part, &written.line);
            lines.push(written);
        }
    }
    Parts { harmony, lines }
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

/// The chord changes that a line of the harmony part means: where a section repeats, its first chord may go on from the one before.
fn changes(line: &Line) -> Vec<(u32, Option<Chord>)> {
    let chord = |token: &Token| (line.step(token), chord_symbol::chord(usize::from(token.symbol)));
    let mut changes: Vec<_> = line.tokens().iter().map(chord).collect();
    changes.dedup_by(|(_, chord), (_, before)| chord == before);
    changes
}

/// Good drafts of a part, of which the best is kept. The drums carry the style: theirs are more.
fn drafts(part: Part, candidates: u32) -> usize {
    let count = if part == Part::Drums { candidates } else { candidates.div_ceil(2) };
    count as usize
}

fn best_draft(task: &Task<'_>, brief: &Brief, seed: Seed, broken: &dyn Fn(&Line) -> usize) -> Written {
    let part = task.network.layout().part;
    let controls = &brief.options().controls;
    let colours = controls.mood.filter(|_| matches!(part, Part::Harmony | Part::Bass | Part::Lead));
    let wanted = drafts(part, controls.candidates) * colours.map_or(1, |_| MOOD_DRAFTS);
    let mut all: Vec<(usize, f64, Written)> = Vec::new();
    let tries = TRIES * wanted + 2;
    for index in 0..PATIENCE * tries {
        let good = all.iter().filter(|(faults, ..)| *faults == 0).count();
        if good == wanted || (good > 0 && index >= tries) {
            break;
        }
        let written = write(task, &mut seed.fork_index(index as u64).rng());
        let copied = usize::from(judge::is_copy(part, task.window, &written.line));
        let faults = judge::faults(part, task.window, &written.line, controls) + COPY * copied + broken(&written.line);
        let fit = judge::fit(part, task.window, &written.line);
        let off_mood = colours.map_or(0.0, |mood| judge::off_mood(part, &written.line, mood));
        let likely = written.log_probability + CLOSURE * written.closure;
        let merit = likely + FIT * f64::from(fit) - OFF_MOOD * f64::from(off_mood);
        all.push((faults, merit, written));
    }
    let order = |a: &(usize, f64, Written), b: &(usize, f64, Written)| b.0.cmp(&a.0).then(a.1.total_cmp(&b.1));
    all.into_iter().max_by(order).map(|(.., written)| written).expect("at least one draft was written")
}
