//! What the composer writes in each style, beside our own grooves of it.

use crate::commands::{generate, values};
use crate::console::Console;
use crate::error::{Error, Result};
use crate::pack::Outline;
use crate::recipe::{Choices, Recipe};
use crate::statistics::{Classifier, FEATURES, mean, of_piece, outline, overlapped_area};
use crate::style::Style;
use rayon::prelude::*;
use riffsmith_dsp::Seed;
use riffsmith_dsp::score::Score;
use riffsmith_models::composer::Composer;
use riffsmith_models::groove;
use riffsmith_models::of_score;
use riffsmith_models::originality::Originality;
use riffsmith_models::piece::{Piece, Split};
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Measure loops of each style: its traits, a classifier, statistics beside our own grooves, originality
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Loops of each style, 2 to 10000
    #[arg(long, default_value = "100", value_parser = values::within(2..=10_000_u64))]
    loops: u64,
    /// Only these styles [default: all]
    #[arg(long, value_delimiter = ',')]
    styles: Vec<String>,
    /// Weights file; the built-in one if not given
    #[arg(long, value_name = "FILE")]
    weights: Option<PathBuf>,
    /// Name each trait that holds in fewer loops than nine in ten
    #[arg(long)]
    traits: bool,
}

#[derive(Serialize)]
struct Row {
    style: String,
    /// Mean share of loops in which a trait holds, and that of the weakest trait.
    traits: [f64; 2],
    /// Share of loops, and of held-out grooves, that the classifier takes for this style.
    recognised: [f64; 2],
    /// Mean overlapped area over the features.
    overlap: f64,
    overlaps: BTreeMap<&'static str, f64>,
    /// Loops that copy, and pairs of loops with the same notes.
    copies: usize,
    same: usize,
    /// Parts without a note.
    empty: usize,
    /// Mean distance of two loops, and of two grooves.
    distance: [f64; 2],
    in_key: f64,
}

struct Made {
    score: Score,
    piece: Piece,
}

/// Prints the table.
///
/// # Errors
/// If a style or the weights cannot be read.
pub fn run(args: &Args, console: Console) -> Result<()> {
    let composer = generate::composer(args.weights.as_deref())?;
    let all = Style::builtin();
    let wanted: Vec<&Style> =
        all.iter().filter(|style| args.styles.is_empty() || args.styles.contains(&style.name)).collect();
    if wanted.is_empty() {
        return Err(Error::usage("--styles names no style").hint("riffsmith list styles names them all"));
    }
    let grooves = grooves();
    let class = |name: &str| all.iter().position(|style| style.name == name);
    let examples = |held_out: bool| -> Vec<(Vec<f32>, usize)> {
        let pieces = grooves.iter().filter(|(_, piece)| (piece.split != Split::Train) == held_out);
        pieces.filter_map(|(folder, piece)| Some((outline(piece), class(folder)?))).collect()
    };
    let (train, held_out) = (examples(false), examples(true));
    let classifier = Classifier::train(&train, all.len());
    console.line(&format!(
        "{} loops a style; classifier from {} grooves, {} held out",
        args.loops,
        train.len(),
        held_out.len()
    ))?;
    console.line(
        "style          traits mean least  recognised/held out  overlap  copies same empty  distance/grooves  in key",
    )?;
    let mut rows = Vec::new();
    for style in wanted {
        let made = compose(style, args.loops, &composer)?;
        let own: Vec<&Piece> =
            grooves.iter().filter(|(folder, _)| *folder == style.name).map(|(_, piece)| piece).collect();
        let index = class(&style.name);
        let share = |examples: &mut dyn Iterator<Item = usize>| {
            let taken: Vec<usize> = examples.collect();
            taken.iter().filter(|&&class| Some(class) == index).count() as f64 / taken.len().max(1) as f64
        };
        let recognised = [
            share(&mut made.iter().map(|made| classifier.class(&outline(&made.piece)))),
            share(
                &mut held_out
                    .iter()
                    .filter(|(_, class)| Some(*class) == index)
                    .map(|(features, _)| classifier.class(features)),
            ),
        ];
        let row = measure(style, &made, &own, recognised);
        print(console, &row)?;
        for (what, held) in traits(style, &made).into_iter().filter(|(_, held)| args.traits && *held < 0.9) {
            console.line(&format!("    {held:.2} {what}"))?;
        }
        rows.push(row);
    }
    let mean = |of: &dyn Fn(&Row) -> f64| mean(rows.iter().map(of));
    console.line(&format!(
        "mean: traits {:.3}, recognised {:.3} of loops and {:.3} of held-out grooves, overlap {:.3}, distance {:.3} and {:.3}",
        mean(&|row| row.traits[0]),
        mean(&|row| row.recognised[0]),
        mean(&|row| row.recognised[1]),
        mean(&|row| row.overlap),
        mean(&|row| row.distance[0]),
        mean(&|row| row.distance[1]),
    ))?;
    console.object(&rows)
}

fn print(console: Console, row: &Row) -> Result<()> {
    console.line(&format!(
        "{:14} {:11.3} {:5.2}  {:10.2} / {:<8.2} {:7.3} {:7} {:4} {:5}  {:8.2} / {:<6.2} {:6.3}",
        row.style,
        row.traits[0],
        row.traits[1],
        row.recognised[0],
        row.recognised[1],
        row.overlap,
        row.copies,
        row.same,
        row.empty,
        row.distance[0],
        row.distance[1],
        row.in_key
    ))
}

/// Our own grooves by the folders they lie in, which are named after the styles.
pub(super) fn grooves() -> Vec<(String, Piece)> {
    let read = |(name, text): (&str, &str)| {
        let folder = name.split('/').next().unwrap_or_default().to_owned();
        Some((folder, groove::read(name, text).ok()?))
    };
    groove::builtin().into_iter().filter_map(read).collect()
}

fn compose(style: &Style, loops: u64, composer: &Composer) -> Result<Vec<Made>> {
    let tags: Vec<String> = style.composer.styles.keys().cloned().collect();
    let choices = Choices { bars: Some(4), ..Choices::default() };
    (0..loops)
        .into_par_iter()
        .map(|seed| {
            let recipe = Recipe::resolve(style, &choices, Seed(seed), composer.hash()).map_err(Error::failed)?;
            let score = composer.compose(&recipe.brief(), recipe.seed.fork("compose"));
            Ok(Made { piece: of_score(&score, &style.name, &tags, recipe.swing), score })
        })
        .collect()
}

/// Each trait, and the share of loops in which it holds.
fn traits(style: &Style, made: &[Made]) -> Vec<(String, f64)> {
    let share = |own: &riffsmith_models::traits::Trait| {
        made.iter().filter(|made| own.rule.holds(&made.piece)).count() as f64 / made.len() as f64
    };
    style.traits.iter().map(|own| (own.what.clone(), share(own))).collect()
}

fn measure(style: &Style, made: &[Made], own: &[&Piece], recognised: [f64; 2]) -> Row {
    let held = traits(style, made);
    let real: Vec<_> = own.iter().map(|piece| of_piece(piece)).collect();
    let written: Vec<_> = made.iter().map(|made| of_piece(&made.piece)).collect();
    let overlaps: BTreeMap<&str, f64> = FEATURES
        .iter()
        .enumerate()
        .map(|(index, name)| {
            let column = |rows: &[[f64; FEATURES.len()]]| rows.iter().map(|row| row[index]).collect::<Vec<f64>>();
            (*name, overlapped_area(&column(&real), &column(&written)))
        })
        .collect();
    let outlines: Vec<Outline> = made.iter().map(|made| Outline::of(&made.score)).collect();
    let theirs: Vec<Outline> = own.iter().map(|piece| Outline::of_piece(piece)).collect();
    let index = Originality::builtin();
    let distances = pairs(&outlines);
    Row {
        style: style.name.clone(),
        traits: [
            held.iter().map(|(_, share)| share).sum::<f64>() / held.len().max(1) as f64,
            held.iter().map(|(_, share)| *share).fold(1.0, f64::min),
        ],
        recognised,
        overlap: overlaps.values().sum::<f64>() / overlaps.len() as f64,
        overlaps,
        copies: made.iter().filter(|made| !index.copied(&made.score).is_empty()).count(),
        same: distances.iter().filter(|&&distance| distance == 0.0).count(),
        empty: made.iter().flat_map(|made| &made.score.tracks).filter(|track| track.notes.is_empty()).count(),
        distance: [mean(distances), mean(pairs(&theirs))],
        in_key: mean(made.iter().filter_map(|made| in_key(&made.score))),
    }
}

/// Distances of each two.
pub(super) fn pairs(outlines: &[Outline]) -> Vec<f64> {
    let distance = |one: usize| {
        let row: Vec<f64> = outlines[..one].iter().map(|other| f64::from(outlines[one].distance(other))).collect();
        row
    };
    (0..outlines.len()).into_par_iter().flat_map_iter(distance).collect()
}

/// Share of the pitched notes that are in the key; `None` without any.
pub(super) fn in_key(score: &Score) -> Option<f64> {
    let key = score.keys.first()?.1;
    let pitched = score.tracks.iter().filter(|track| !track.is_drums()).flat_map(|track| &track.notes);
    let (inside, all) = pitched
        .fold((0u32, 0u32), |(inside, all), note| (inside + u32::from(key.contains(note.pitch.class())), all + 1));
    (all > 0).then(|| f64::from(inside) / f64::from(all))
}
