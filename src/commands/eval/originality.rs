//! `riffsmith eval originality`: thousands of generated parts: what is copied, empty, stuck or there twice, how different they are, and
//! whether strict keys are kept.

use super::styles::{grooves, in_key, pairs};
use crate::commands::{generate, values};
use crate::console::Console;
use crate::error::{Error, Result};
use crate::pack::Outline;
use crate::recipe::{Choices, Recipe};
use crate::statistics::mean;
use crate::style::Style;
use rayon::prelude::*;
use riffsmith_dsp::Seed;
use riffsmith_dsp::score::{Note, Role, Score};
use riffsmith_models::composer::{Composer, is_stuck};
use riffsmith_models::originality::{Originality, bound};
use riffsmith_models::piece::{Piece, Split};
use serde::Serialize;
use std::path::PathBuf;

/// Bars of a loop, as our grooves have them.
const BARS: u32 = 4;

/// Write thousands of parts in all styles: copies, empty and stuck parts, twins, distances beside held-out grooves, notes out of a
/// strict key
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Parts at least, all styles and roles together, 100 to 1000000
    #[arg(long, default_value = "10000", value_parser = values::within(100..=1_000_000_usize))]
    parts: usize,
    /// The first seed
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Weights file; the built-in one if not given
    #[arg(long, value_name = "FILE")]
    weights: Option<PathBuf>,
}

/// One role of all styles.
#[derive(Debug, Serialize)]
struct Row {
    role: Role,
    parts: usize,
    /// Parts that share more than the bound with a training piece.
    copies: usize,
    empty: usize,
    stuck: usize,
    /// Parts whose every note another part has too, with its length and strength.
    identical: usize,
    /// Parts that have the onsets, to a 32nd, and the pitches above the tonic of another.
    alike: usize,
    /// Share of a single pitch or drum: of the parts, and of held-out grooves.
    single: [f64; 2],
    /// Mean distance of two parts of a style, and of two held-out grooves of it, 0 (the same) to 1; the mean over the styles.
    distance: [f64; 2],
}

/// Notes of loops in strict keys.
#[derive(Debug, Serialize)]
struct Strict {
    loops: usize,
    /// Share of the pitched notes in the scale: the mean, and the loop with the least.
    in_key: [f64; 2],
}

#[derive(Serialize)]
struct Report {
    parts: usize,
    loops: usize,
    roles: Vec<Row>,
    /// Of whole loops: as that of a role.
    distance: [f64; 2],
    strict: Strict,
}

/// A style's loops, and its held-out grooves.
struct Made {
    loops: Vec<Score>,
    held_out: Vec<Piece>,
}

/// Prints the table.
///
/// # Errors
/// If the weights cannot be read.
pub fn run(args: &Args, console: Console) -> Result<()> {
    let composer = generate::composer(args.weights.as_deref())?;
    let styles = Style::builtin();
    let roles: usize = styles.iter().map(|style| style.roles.len()).sum();
    let seeds = args.seed..args.seed + args.parts.div_ceil(roles) as u64;
    let grooves = grooves();
    let progress = console.progress("styles", 2 * styles.len() as u64);
    let (mut made, mut in_keys) = (Vec::new(), Vec::new());
    for style in &styles {
        let own = grooves.iter().filter(|(folder, piece)| *folder == style.name && piece.split != Split::Train);
        let held_out = own.map(|(_, piece)| piece.clone()).collect();
        made.push(Made { loops: compose(style, seeds.clone(), false, &composer)?, held_out });
        progress.inc(1);
        in_keys.extend(compose(style, seeds.clone(), true, &composer)?.iter().filter_map(in_key));
        progress.inc(1);
    }
    progress.finish_and_clear();
    let rows: Vec<Row> = Role::ALL.into_iter().map(|role| row(role, &made)).collect();
    let distance = distances(&made, &Outline::of, &Outline::of_piece);
    let least = in_keys.iter().copied().fold(1.0, f64::min);
    let strict = Strict { loops: in_keys.len(), in_key: [mean(in_keys), least] };
    let report = Report {
        parts: rows.iter().map(|row| row.parts).sum(),
        loops: made.iter().map(|made| made.loops.len()).sum(),
        roles: rows,
        distance,
        strict,
    };
    print(&report, console)?;
    console.object(&report)
}

fn print(report: &Report, console: Console) -> Result<()> {
    console.line(&format!(
        "{} parts of {} loops of {BARS} bars; beside them the held-out grooves",
        report.parts, report.loops
    ))?;
    console.line(
        "role    parts  copies  empty  stuck  identical  alike  one pitch / grooves  distance / grooves  ratio",
    )?;
    for row in &report.roles {
        let Row { parts, copies, empty, stuck, identical, alike, single, distance, .. } = row;
        console.line(&format!(
            "{:6} {parts:6} {copies:7} {empty:6} {stuck:6} {identical:10} {alike:6} {:11.3} / {:<7.3} {:8.3} / {:<7.3} {:6.3}",
            row.role.name(),
            single[0],
            single[1],
            distance[0],
            distance[1],
            distance[0] / distance[1]
        ))?;
    }
    let [own, theirs] = report.distance;
    console.line(&format!("whole loops: distance {own:.3} / {theirs:.3}, ratio {:.3}", own / theirs))?;
    let Strict { loops, in_key: [mean, least] } = report.strict;
    console
        .line(&format!("strict keys, {loops} loops: {mean:.6} of the pitched notes in the scale, at least {least:.6}"))
}

fn compose(style: &Style, seeds: std::ops::Range<u64>, strict_key: bool, composer: &Composer) -> Result<Vec<Score>> {
    let choices = Choices { bars: Some(BARS), strict_key, ..Choices::default() };
    seeds
        .into_par_iter()
        .map(|seed| {
            let recipe = Recipe::resolve(style, &choices, Seed(seed), composer.hash()).map_err(Error::failed)?;
            Ok(composer.compose(&recipe.brief(), recipe.seed.fork("compose")))
        })
        .collect()
}

fn row(role: Role, made: &[Made]) -> Row {
    let index = Originality::builtin();
    let scores: Vec<&Score> =
        made.iter().flat_map(|made| &made.loops).filter(|score| score.track(role).is_some()).collect();
    let parts: Vec<&[Note]> = scores.iter().map(|score| notes(score, role)).collect();
    let held_out: Vec<Vec<u8>> = made
        .iter()
        .flat_map(|made| &made.held_out)
        .map(|piece| piece.part(role).iter().map(|event| event.pitch).collect::<Vec<u8>>())
        .filter(|pitches| !pitches.is_empty())
        .collect();
    let copied = |score: &Score| index.of_role(score, role).is_some_and(|found| found.length > bound(role));
    let single = |parts: &[Vec<u8>]| {
        let count = parts.iter().filter(|pitches| pitches.windows(2).all(|pair| pair[0] == pair[1])).count();
        count as f64 / parts.len().max(1) as f64
    };
    let pitches: Vec<Vec<u8>> = parts.iter().map(|notes| pitches(notes)).collect();
    Row {
        role,
        parts: parts.len(),
        copies: scores.par_iter().map(|score| usize::from(copied(score))).sum(),
        empty: parts.iter().filter(|notes| notes.is_empty()).count(),
        stuck: pitches.iter().filter(|pitches| is_stuck(role, pitches, BARS)).count(),
        identical: repeated(parts.clone()),
        alike: repeated(scores.iter().map(|score| Outline::of(score).only(role)).collect()),
        single: [single(&pitches), single(&held_out)],
        distance: distances(made, &|score| Outline::of(score).only(role), &|piece| Outline::of_piece(piece).only(role)),
    }
}

fn notes(score: &Score, role: Role) -> &[Note] {
    score.track(role).map_or(&[], |track| &track.notes)
}

fn pitches(notes: &[Note]) -> Vec<u8> {
    notes.iter().map(|note| note.pitch.number()).collect()
}

/// How many are not the first of their kind.
fn repeated<T: Ord>(mut all: Vec<T>) -> usize {
    let count = all.len();
    all.sort_unstable();
    all.dedup();
    count - all.len()
}

/// Mean distances within a style, of what is made and of what is held out: the mean over the styles that have two of both.
fn distances(
    made: &[Made],
    of_score: &(dyn Fn(&Score) -> Outline + Sync),
    of_piece: &(dyn Fn(&Piece) -> Outline + Sync),
) -> [f64; 2] {
    let within = |outlines: Vec<Outline>| {
        let parts: Vec<Outline> = outlines.into_iter().filter(|outline| !outline.is_empty()).collect();
        (parts.len() > 1).then(|| mean(pairs(&parts)))
    };
    let of_style = |made: &Made| {
        let written = within(made.loops.iter().map(of_score).collect())?;
        Some([written, within(made.held_out.iter().map(of_piece).collect())?])
    };
    let all: Vec<[f64; 2]> = made.iter().filter_map(of_style).collect();
    [0, 1].map(|which| mean(all.iter().map(|both| both[which])))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(loops: Vec<Score>) -> Made {
        let held_out = grooves().into_iter().filter(|(folder, _)| folder == "house").take(3).map(|(_, piece)| piece);
        Made { loops, held_out: held_out.collect() }
    }

    #[test]
    fn twins_stuck_and_empty_parts_are_counted() {
        let composer = Composer::builtin().expect("built in");
        let style = Style::find("house").expect("a style");
        let mut loops = compose(&style, 1..4, false, &composer).expect("composes");
        let plain = row(Role::Lead, &[made(loops.clone())]);
        assert_eq!(
            [plain.parts, plain.copies, plain.empty, plain.stuck, plain.identical, plain.alike],
            [3, 0, 0, 0, 0, 0]
        );
        assert!(plain.distance.iter().all(|distance| (0.3..1.0).contains(distance)), "{:?}", plain.distance);
        // The same lead once more, one that repeats a note, and one without notes.
        loops.extend(loops.clone());
        let leads: Vec<&mut Vec<Note>> = loops
            .iter_mut()
            .flat_map(|score| &mut score.tracks)
            .filter(|track| track.role == Some(Role::Lead))
            .map(|track| &mut track.notes)
            .collect();
        for (index, notes) in leads.into_iter().enumerate() {
            let first = notes[0].pitch;
            match index {
                4 => notes.iter_mut().for_each(|note| note.pitch = first),
                5 => notes.clear(),
                _ => {}
            }
        }
        let spoilt = row(Role::Lead, &[made(loops)]);
        // What is empty has no pitches either.
        assert_eq!([spoilt.parts, spoilt.empty, spoilt.stuck, spoilt.identical, spoilt.alike], [6, 1, 2, 1, 1]);
    }

    #[test]
    fn strict_keys_are_kept() {
        let composer = Composer::builtin().expect("built in");
        let style = Style::find("jazz").expect("a style");
        let loops = compose(&style, 1..4, true, &composer).expect("composes");
        assert!(loops.iter().all(|score| in_key(score) == Some(1.0)));
    }
}
