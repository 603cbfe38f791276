//! `riffsmith eval suggest`: infills and continuations of held-out pieces, beside an n-gram's, the bars before again, and the truth.

use crate::assist::{Wishes, best_draft, distance};
use crate::commands::{generate, values};
use crate::console::Console;
use crate::corpus;
use crate::error::Result;
use riffsmith_dsp::Seed;
use riffsmith_dsp::score::{Mode, Role};
use riffsmith_models::composer::{Composer, Controls, Part};
use riffsmith_models::piece::{Event, Piece, STEPS_PER_QUARTER};
use riffsmith_models::train::composer::{Foretelling, Foretold, judged_pieces};
use serde::Serialize;
use std::collections::BTreeSet;
use std::ops::Range;
use std::path::PathBuf;

/// Bars that are written, within a piece and at its end, and those around them that tell its ways.
const INFILLED: u32 = 2;
const CONTINUED: u32 = 4;
const BEFORE: u32 = 12;
const AFTER: u32 = 4;

/// Write infills and continuations of held-out pieces and compare them with what was there
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Nats per note of the true bars given the 12 before, and how much of what is written is as its surroundings are: notes in \
    the scale, notes on beats in the chord, pitches within the range around, bars as dense as the sparsest to the densest around, \
    bars whose rhythm is as near to one around as these are to each other. The bars before again are within all of that by making: \
    `new` and the distance from the true bars (0 the same, 1 nothing in common) tell them apart."
)]
pub struct Args {
    /// A file of `corpus build`, or a directory of data sets
    #[arg(long, value_name = "PATH")]
    corpus: PathBuf,
    /// Weights file; the built-in one if not given
    #[arg(long, value_name = "FILE")]
    weights: Option<PathBuf>,
    /// Measure only this part; may be given several times
    #[arg(long, value_name = "PART", value_parser = values::part)]
    part: Vec<Part>,
    /// Stretches for each part and task at most, evenly chosen from the test pieces, 1 to 1000
    #[arg(long, default_value = "40", value_parser = values::within(1..=1000_u64))]
    stretches: u64,
    /// Where all chance comes from
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "lowercase")]
enum Task {
    Infill,
    Continue,
}

/// What is counted of written bars.
#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    in_scale: Share,
    in_chord: Share,
    in_range: Share,
    dense: Share,
    rhythm: Share,
    new: Share,
    distance: (f64, usize),
}

#[derive(Debug, Clone, Copy, Default)]
struct Share {
    hits: usize,
    all: usize,
}

#[derive(Serialize)]
struct Row {
    part: &'static str,
    task: Task,
    who: &'static str,
    stretches: usize,
    /// Of the true bars; none for who cannot tell.
    nats_per_note: Option<f64>,
    in_scale: Option<f64>,
    in_chord: Option<f64>,
    in_range: Option<f64>,
    dense: Option<f64>,
    rhythm: Option<f64>,
    new: Option<f64>,
    distance: Option<f64>,
}

/// Prints the table.
///
/// # Errors
/// If a file cannot be read, or no bars be written.
pub fn run(args: &Args, console: Console) -> Result<()> {
    let composer = generate::composer(args.weights.as_deref())?;
    let pieces = corpus::read(&args.corpus, console)?;
    console.line(
        "part    task      who        stretches  nats/note  in scale  in chord  in range  density  rhythm    new  distance",
    )?;
    let mut rows = Vec::new();
    for part in Part::ALL.into_iter().filter(|part| args.part.is_empty() || args.part.contains(part)) {
        let judged = judged_pieces(&pieces, part);
        if judged.is_empty() {
            continue;
        }
        let foretelling = Foretelling::new(&pieces, part);
        for task in [Task::Infill, Task::Continue] {
            let own = stretches(&judged, task, args.stretches as usize, part);
            for row in compared(part, task, &own, &foretelling, &composer, Seed(args.seed))? {
                console.line(&line(&row))?;
                rows.push(row);
            }
        }
    }
    console.object(&rows)
}

/// Evenly chosen pieces, each with the bars to write: after its middle, or its last ones.
fn stretches(pieces: &[&Piece], task: Task, most: usize, part: Part) -> Vec<(Piece, Range<u32>)> {
    let at = |piece: &&Piece| {
        let (bars, last) = match task {
            Task::Infill => (INFILLED, piece.bars.saturating_sub(AFTER)),
            Task::Continue => (CONTINUED, piece.bars),
        };
        let end = match task {
            Task::Infill => (piece.bars / 2 + bars).max(BEFORE + bars).min(last),
            Task::Continue => last,
        };
        let own = end.checked_sub(bars).filter(|&start| start >= BEFORE)?..end;
        let piece = match task {
            Task::Infill => (*piece).clone(),
            Task::Continue => piece.excerpt(0..end),
        };
        let bar = piece.steps_per_bar();
        let plays = |bars: Range<u32>| match part.role() {
            Some(role) => within(&piece, role, &(bars.start * bar..bars.end * bar)).len() >= 4,
            None => true,
        };
        (plays(own.clone()) && plays(own.start - BEFORE..own.start)).then_some((piece, own))
    };
    let all: Vec<(Piece, Range<u32>)> = pieces.iter().filter_map(at).collect();
    let every = all.len().div_ceil(most).max(1);
    all.into_iter().step_by(every).collect()
}

fn compared(
    part: Part,
    task: Task,
    stretches: &[(Piece, Range<u32>)],
    foretelling: &Foretelling,
    composer: &Composer,
    seed: Seed,
) -> Result<Vec<Row>> {
    let mut nats = Foretold::default();
    let mut counts = [Counts::default(); 4];
    let controls = Controls::default();
    for (index, (piece, bars)) in stretches.iter().enumerate() {
        let seed = seed.fork(part.name()).fork_index(index as u64);
        if let Some(own) = foretelling.foretold(composer, piece, bars) {
            nats.network.add(own.network);
            nats.ngram.add(own.ngram);
            nats.recalling.add(own.recalling);
        }
        let Some(role) = part.role() else { continue };
        let bar = piece.steps_per_bar();
        let steps = bars.start * bar..bars.end * bar;
        let wishes = Wishes {
            composer,
            count: 1,
            seed,
            temperature: 1.0,
            strict_key: false,
            controls: &controls,
            styles: &[],
            begins_anew: false,
            accents: &[],
        };
        let written = [
            Some(piece.clone()),
            best_draft(piece, role, &steps, &wishes)?,
            foretelling.written(piece, bars, seed.fork("n-gram")),
            Some(again(piece, role, bars)),
        ];
        for (counts, written) in counts.iter_mut().zip(written) {
            if let Some(written) = written {
                counts.add(piece, &written, role, bars);
            }
        }
    }
    let likelihoods = [None, Some(nats.network), Some(nats.ngram), Some(nats.recalling)];
    let names = ["truth", "network", "n-gram", "again"];
    let row = |index: usize| {
        let Counts { in_scale, in_chord, in_range, dense, rhythm, new, distance } = counts[index];
        Row {
            part: part.name(),
            task,
            who: names[index],
            stretches: stretches.len(),
            nats_per_note: likelihoods[index].map(|nats| nats.per_note()),
            in_scale: in_scale.value(),
            in_chord: in_chord.value(),
            in_range: in_range.value(),
            dense: dense.value(),
            rhythm: rhythm.value(),
            new: new.value(),
            distance: (distance.1 > 0).then(|| distance.0 / distance.1 as f64),
        }
    };
    Ok((0..names.len()).map(row).collect())
}

impl Share {
    fn count(&mut self, hits: bool) {
        self.hits += usize::from(hits);
        self.all += 1;
    }

    fn value(self) -> Option<f64> {
        (self.all > 0).then(|| self.hits as f64 / self.all as f64)
    }
}

impl Counts {
    /// Counts what was written in the place of some bars of a piece.
    fn add(&mut self, piece: &Piece, written: &Piece, role: Role, bars: &Range<u32>) {
        let bar = piece.steps_per_bar();
        let steps = bars.start * bar..bars.end * bar;
        let own = within(written, role, &steps);
        let truth = within(piece, role, &steps);
        let around: Vec<u32> = (bars.start.saturating_sub(BEFORE)..bars.start)
            .chain(bars.end..(bars.end + AFTER).min(piece.bars))
            .collect();
        let of_bar = |piece: &Piece, index: u32| within(piece, role, &(index * bar..(index + 1) * bar));
        if role != Role::Drums {
            let scale = piece.mode.unwrap_or(Mode::Major).intervals();
            let pitches: Vec<u8> =
                around.iter().flat_map(|&index| of_bar(piece, index)).map(|event| event.pitch).collect();
            let range = pitches.iter().min().zip(pitches.iter().max());
            for event in &own {
                self.in_scale.count(scale.contains(&(event.pitch % 12)));
                if let Some((low, high)) = range {
                    self.in_range.count((low..=high).contains(&&event.pitch));
                }
                let after = piece.harmony.partition_point(|&(at, _)| at <= event.step);
                let chord = after.checked_sub(1).and_then(|index| piece.harmony[index].1);
                if let Some(chord) = chord.filter(|_| event.step.is_multiple_of(STEPS_PER_QUARTER)) {
                    self.in_chord.count(chord.classes().any(|class| class.semitones() == event.pitch % 12));
                }
            }
        }
        let around: Vec<Vec<Event>> = around.into_iter().map(|index| of_bar(piece, index)).collect();
        let amounts = around.iter().map(Vec::len);
        let (least, most) = (amounts.clone().min().unwrap_or(0), amounts.max().unwrap_or(0));
        let rhythms: Vec<BTreeSet<u32>> = around.iter().map(|events| rhythm(events, bar)).collect();
        // How near the bars around are to that one of the others which is nearest, the farthest of them.
        let nearest = |own: &BTreeSet<u32>, without: Option<usize>| {
            let others = rhythms.iter().enumerate().filter(|(index, _)| Some(*index) != without);
            others.map(|(_, other)| likeness(own, other)).fold(0.0, f64::max)
        };
        let usual = rhythms.iter().enumerate().map(|(index, own)| nearest(own, Some(index))).fold(1.0, f64::min);
        for index in bars.clone() {
            let events = of_bar(written, index);
            self.dense.count((least..=most).contains(&events.len()));
            self.rhythm.count(nearest(&rhythm(&events, bar), None) >= usual);
            let shown = |events: &[Event]| -> Vec<(u32, u8)> {
                events.iter().map(|event| (event.step % bar, event.pitch)).collect()
            };
            self.new.count(around.iter().all(|other| shown(other) != shown(&events)));
        }
        self.distance.0 += distance(&truth, &own);
        self.distance.1 += 1;
    }
}

/// The bars before once more.
fn again(piece: &Piece, role: Role, bars: &Range<u32>) -> Piece {
    let bar = piece.steps_per_bar();
    let steps = bars.start * bar..bars.end * bar;
    let long = steps.end - steps.start;
    let copied = within(piece, role, &(steps.start - long..steps.start));
    let mut written = piece.clone();
    for (_, events) in written.parts.iter_mut().filter(|(own, _)| *own == role) {
        events.retain(|event| !steps.contains(&event.step));
        events.extend(copied.iter().map(|event| Event { step: event.step + long, ..*event }));
        events.sort_unstable();
    }
    written
}

fn within(piece: &Piece, role: Role, steps: &Range<u32>) -> Vec<Event> {
    piece.part(role).iter().filter(|event| steps.contains(&event.step)).copied().collect()
}

/// Sixteenths of the bar that are struck.
fn rhythm(events: &[Event], bar: u32) -> BTreeSet<u32> {
    let sixteenth = STEPS_PER_QUARTER / 4;
    events.iter().map(|event| (event.step % bar + sixteenth / 2) / sixteenth).collect()
}

/// Share of the places of either that both strike.
fn likeness(a: &BTreeSet<u32>, b: &BTreeSet<u32>) -> f64 {
    match a.union(b).count() {
        0 => 1.0,
        all => a.intersection(b).count() as f64 / all as f64,
    }
}

fn line(row: &Row) -> String {
    let shown = |value: Option<f64>| value.map_or("-".to_owned(), |value| format!("{value:.3}"));
    let task = match row.task {
        Task::Infill => "infill",
        Task::Continue => "continue",
    };
    let columns = [
        (row.nats_per_note, 11),
        (row.in_scale, 10),
        (row.in_chord, 10),
        (row.in_range, 10),
        (row.dense, 9),
        (row.rhythm, 8),
        (row.new, 7),
        (row.distance, 10),
    ];
    let figures: String = columns.iter().map(|&(value, width)| format!("{:>width$}", shown(value))).collect();
    format!("{:7} {task:9} {:10} {:9}{figures}", row.part, row.who, row.stretches)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sixteen bars of C with a note on each beat.
    fn piece() -> Piece {
        let events = (0..64).map(|beat| Event {
            step: beat * STEPS_PER_QUARTER,
            pitch: [60, 64, 67, 72][beat as usize % 4],
            length: 12,
            velocity: 90,
            offset: 0,
        });
        Piece {
            source: "a".into(),
            styles: Vec::new(),
            split: riffsmith_models::piece::Split::Test,
            meter: "4/4".parse().expect("a metre"),
            mode: Some(Mode::Major),
            bpm: None,
            bars: 16,
            harmony: vec![(0, "C".parse().ok())],
            parts: vec![(Role::Lead, events.collect())],
            is_loop: false,
        }
    }

    #[test]
    fn what_is_as_its_surroundings_counts_in_full() {
        let (piece, bars) = (piece(), 12..14);
        let mut counts = Counts::default();
        counts.add(&piece, &again(&piece, Role::Lead, &bars), Role::Lead, &bars);
        let Counts { in_scale, in_chord, in_range, dense, rhythm, new, distance } = counts;
        assert_eq!([in_scale, in_chord, in_range, dense, rhythm].map(Share::value), [Some(1.0); 5]);
        assert_eq!((new.value(), distance), (Some(0.0), (0.0, 1)));
    }

    #[test]
    fn what_is_otherwise_does_not() {
        let (piece, bars) = (piece(), 12..14);
        let mut other = piece.clone();
        let steps = 12 * 96..14 * 96;
        for (_, events) in &mut other.parts {
            for event in events.iter_mut().filter(|event| steps.contains(&event.step)) {
                // C# an octave up, a sixteenth late.
                (event.pitch, event.step) = (85, event.step + 6);
            }
        }
        let mut counts = Counts::default();
        counts.add(&piece, &other, Role::Lead, &bars);
        assert_eq!([counts.in_scale, counts.in_range, counts.rhythm].map(Share::value), [Some(0.0); 3]);
        assert_eq!((counts.dense.value(), counts.new.value()), (Some(1.0), Some(1.0)));
        assert_eq!(counts.in_chord.value(), None);
        assert_eq!(counts.distance, (1.0, 1));
    }

    #[test]
    fn stretches_leave_room_around_them() {
        let piece = piece();
        let infill = stretches(&[&piece], Task::Infill, 9, Part::Lead);
        assert_eq!(infill.len(), 0, "12 bars before, 2 to write and 4 after do not fit 16");
        let own = stretches(&[&piece], Task::Continue, 9, Part::Lead);
        assert_eq!(own.iter().map(|(_, bars)| bars.clone()).collect::<Vec<_>>(), std::slice::from_ref(&(12..16)));
    }
}
