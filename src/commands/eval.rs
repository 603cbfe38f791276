//! `riffsmith eval`: the networks on what they have not been trained on. The composer against an n-gram here.

mod ablation;
mod analysis;
mod controls;
mod mixes;
mod originality;
mod polyphonic;
pub mod refiner;
mod styles;
mod suggest;
mod voice;

use crate::commands::{generate, values};
use crate::console::Console;
use crate::corpus;
use crate::error::Result;
use riffsmith_models::composer::Part;
use riffsmith_models::train::composer::{Nats, Score, line};
use serde::Serialize;
use std::path::PathBuf;

/// Measure a network on held-out data
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    network: Network,
}

#[derive(Debug, clap::Subcommand)]
enum Network {
    Ablation(ablation::Args),
    Analysis(analysis::Args),
    Composer(ComposerArgs),
    Controls(controls::Args),
    Mixes(mixes::Args),
    Originality(originality::Args),
    Polyphonic(polyphonic::Args),
    Refiner(refiner::Args),
    Styles(styles::Args),
    Suggest(suggest::Args),
    Voice(voice::Args),
}

/// Compare the composer with interpolated n-grams, in nats per note and per bar
#[derive(Debug, clap::Args)]
struct ComposerArgs {
    /// A file of `corpus build`, or a directory of data sets
    #[arg(long, value_name = "PATH")]
    corpus: PathBuf,
    /// Weights file; the built-in one if not given
    #[arg(long, value_name = "FILE")]
    weights: Option<PathBuf>,
    /// Measure only this part; may be given several times
    #[arg(long, value_name = "PART", value_parser = values::part)]
    part: Vec<Part>,
}

#[derive(Serialize)]
struct Row {
    part: &'static str,
    pieces: usize,
    notes: usize,
    bars: usize,
    /// Nats in a note, as `ngram`.
    network: f64,
    ngram: f64,
    recalling: f64,
    network_per_bar: f64,
    ngram_per_bar: f64,
    recalling_per_bar: f64,
}

impl Row {
    fn of(score: &Score) -> Self {
        let &Score { part, pieces, bars, network, ngram, recalling } = score;
        let [network_per_bar, ngram_per_bar, recalling_per_bar] =
            [&network, &ngram, &recalling].map(|nats| per_bar(nats, bars));
        Self {
            part: part.name(),
            pieces,
            notes: network.notes,
            bars,
            network: network.per_note(),
            ngram: ngram.per_note(),
            recalling: recalling.per_note(),
            network_per_bar,
            ngram_per_bar,
            recalling_per_bar,
        }
    }
}

fn per_bar(nats: &Nats, bars: usize) -> f64 {
    nats.total() / bars.max(1) as f64
}

/// Prints the table.
///
/// # Errors
/// If a file cannot be read or is broken.
pub fn run(args: &Args, console: Console) -> Result<()> {
    match &args.network {
        Network::Ablation(args) => ablation::run(args, console),
        Network::Analysis(args) => analysis::run(args, console),
        Network::Composer(args) => composer(args, console),
        Network::Controls(args) => controls::run(args, console),
        Network::Mixes(args) => mixes::run(args, console),
        Network::Originality(args) => originality::run(args, console),
        Network::Polyphonic(args) => polyphonic::run(args, console),
        Network::Refiner(args) => refiner::run(args, console),
        Network::Styles(args) => styles::run(args, console),
        Network::Suggest(args) => suggest::run(args, console),
        Network::Voice(args) => voice::run(args, console),
    }
}

fn composer(args: &ComposerArgs, console: Console) -> Result<()> {
    let composer = generate::composer(args.weights.as_deref())?;
    let pieces = corpus::read(&args.corpus, console)?;
    console.line("nats per note (onset + symbol + length + velocity + micro-timing) and per bar, on test pieces")?;
    let mut rows = Vec::new();
    for part in Part::ALL.into_iter().filter(|part| args.part.is_empty() || args.part.contains(part)) {
        let Some(score) = line(&pieces, &composer, part) else { continue };
        let row = Row::of(&score);
        let counts = format!("{:8} {:4} pieces {:6} notes {:5} bars", row.part, row.pieces, row.notes, row.bars);
        for (index, (name, nats)) in
            [("network", score.network), ("n-gram", score.ngram), ("recalling n-gram", score.recalling)]
                .into_iter()
                .enumerate()
        {
            let (counts, width) = (if index == 0 { &counts[..] } else { "" }, counts.len());
            let per_bar = per_bar(&nats, score.bars);
            console.line(&format!("{counts:width$}  {name:16} {per_bar:7.3} a bar, {} a note", factors(&nats)))?;
        }
        rows.push(row);
    }
    console.object(&rows)
}

fn factors(nats: &Nats) -> String {
    let each = |sum: f64| sum / nats.notes.max(1) as f64;
    let Nats { onset, symbol, length, velocity, offset, .. } = *nats;
    let [onset, symbol, length, velocity, offset] = [onset, symbol, length, velocity, offset].map(each);
    format!("{:.3} ({onset:.3} + {symbol:.3} + {length:.3} + {velocity:.3} + {offset:.3})", nats.per_note())
}
