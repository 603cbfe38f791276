//! `riffsmith eval`: the networks on what they have not been trained on. The composer against an n-gram here.

mod ablation;
mod controls;
mod mixes;
mod polyphonic;
pub mod refiner;
mod styles;

use crate::commands::generate;
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
    Composer(ComposerArgs),
    Controls(controls::Args),
    Mixes(mixes::Args),
    Polyphonic(polyphonic::Args),
    Refiner(refiner::Args),
    Styles(styles::Args),
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
}

#[derive(Serialize)]
struct Row {
    part: &'static str,
    pieces: usize,
    notes: usize,
    bars: usize,
    network: f64,
    ngram: f64,
    network_per_bar: f64,
    ngram_per_bar: f64,
}

/// Prints the table.
///
/// # Errors
/// If a file cannot be read or is broken.
pub fn run(args: &Args, console: Console) -> Result<()> {
    match &args.network {
        Network::Ablation(args) => ablation::run(args, console),
        Network::Composer(args) => composer(args, console),
        Network::Controls(args) => controls::run(args, console),
        Network::Mixes(args) => mixes::run(args, console),
        Network::Polyphonic(args) => polyphonic::run(args, console),
        Network::Refiner(args) => refiner::run(args, console),
        Network::Styles(args) => styles::run(args, console),
    }
}

fn composer(args: &ComposerArgs, console: Console) -> Result<()> {
    let composer = generate::composer(args.weights.as_deref())?;
    let pieces = corpus::read(&args.corpus, console)?;
    console.line("nats per note on test pieces (onset + symbol + length + velocity + micro-timing)")?;
    let mut rows = Vec::new();
    for part in Part::ALL {
        let Some(Score { pieces, bars, network, ngram, .. }) = line(&pieces, &composer, part) else { continue };
        let name = part.name();
        console.line(&format!(
            "{name:8} {pieces:4} pieces {:6} notes {bars:6} bars  network {}",
            network.notes,
            factors(&network, bars)
        ))?;
        console.line(&format!("{:45} n-gram  {}", "", factors(&ngram, bars)))?;
        rows.push(Row {
            part: name,
            pieces,
            notes: network.notes,
            bars,
            network: network.per_note(),
            ngram: ngram.per_note(),
            network_per_bar: per_bar(&network, bars),
            ngram_per_bar: per_bar(&ngram, bars),
        });
    }
    console.object(&rows)
}

fn per_bar(nats: &Nats, bars: usize) -> f64 {
    nats.per_note() * nats.notes as f64 / bars.max(1) as f64
}

fn factors(nats: &Nats, bars: usize) -> String {
    let each = |sum: f64| sum / nats.notes.max(1) as f64;
    let Nats { onset, symbol, length, velocity, offset, .. } = *nats;
    let [onset, symbol, length, velocity, offset] = [onset, symbol, length, velocity, offset].map(each);
    let (note, bar) = (nats.per_note(), per_bar(nats, bars));
    format!("{note:.3} ({onset:.3} + {symbol:.3} + {length:.3} + {velocity:.3} + {offset:.3}), {bar:.2} per bar")
}
