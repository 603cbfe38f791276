//! `riffsmith eval polyphonic`: exact likelihoods of the standard sets of piano rolls.

use crate::console::Console;
use crate::error::{Error, Result};
use crate::files;
use crate::rolls::Rolls;
use riffsmith_models::polyphonic::{Baselines, baselines};
use riffsmith_models::train::polyphonic::{Ensemble, Likelihood};
use serde::Serialize;
use std::path::PathBuf;

/// Measure a polyphonic network, in nats per frame of 88 keys
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Directory of data sets
    #[arg(long, value_name = "DIR")]
    corpus: PathBuf,
    /// The set that is measured
    #[arg(long, value_enum, default_value_t = Rolls::Jsb)]
    set: Rolls,
    /// Weights file; without one, only what counting reaches
    #[arg(long, value_name = "FILE")]
    weights: Option<PathBuf>,
}

#[derive(Serialize)]
struct Report {
    set: &'static str,
    rows: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    split: &'static str,
    frames: usize,
    independent_keys: f64,
    markov: f64,
    /// Over frames 1 to T and 2 to T of each piece.
    network: Option<[f64; 2]>,
}

/// Prints the table.
///
/// # Errors
/// If a file cannot be read or is broken.
pub fn run(args: &Args, console: Console) -> Result<()> {
    let set = args.set.read(&args.corpus)?;
    let read =
        |path: &PathBuf| Ensemble::from_bytes(&files::read(path)?).map_err(|error| Error::file("read", path, error));
    let ensemble = args.weights.as_ref().map(read).transpose()?;
    console.line(
        "nats per frame of 88 keys, over frames 1 to T and 2 to T of each piece; keys counted on the training pieces",
    )?;
    if let Some(ensemble) = &ensemble {
        let (networks, parameters) = (ensemble.networks(), ensemble.parameters());
        console.note(&format!("{networks} networks, {parameters} parameters"));
    }
    let mut rows = Vec::new();
    for (split, rolls) in [("valid", &set.valid), ("test", &set.test)] {
        let frames = rolls.iter().map(Vec::len).sum::<usize>();
        let Baselines { independent, markov } = baselines(&set.train, rolls);
        let network = ensemble.as_ref().map(|ensemble| {
            let likelihood: Likelihood = ensemble.likelihood(rolls);
            [likelihood.per_frame(), likelihood.after_first()]
        });
        let mut line =
            format!("{split:5} {frames:6} frames  independent keys {independent:.2} (1..T)  Markov {markov:.2} (2..T)");
        if let Some([all, later]) = network {
            line += &format!("  network {all:.3} (1..T) {later:.3} (2..T)");
        }
        console.line(&line)?;
        rows.push(Row { split, frames, independent_keys: independent, markov, network });
    }
    console.object(&Report { set: args.set.name(), rows })
}
