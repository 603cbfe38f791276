//! `riffsmith eval ablation`: what the composer's networks have from what they hear.

use crate::console::Console;
use crate::corpus;
use crate::error::{Error, Result};
use riffsmith_models::composer::Part;
use riffsmith_models::train::Watch;
use riffsmith_models::train::composer::{Plan, Progress, Without, ablate};
use serde::Serialize;
use std::path::PathBuf;
use std::time::Instant;

/// Train each network anew without style, chord or the other roles, and compare them
///
/// All networks of a part have the same sizes, seed, steps and data; what one is kept from is unknown in training and in the test.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A file of `corpus build`, or a directory of data sets
    #[arg(long, value_name = "PATH")]
    corpus: PathBuf,
    /// Steps of each training
    #[arg(long, default_value_t = 600, value_parser = clap::value_parser!(u32).range(8..=100_000))]
    steps: u32,
    /// Only these parts [default: all]
    #[arg(long, value_name = "PARTS", value_delimiter = ',', value_parser = part)]
    parts: Vec<Part>,
}

fn part(name: &str) -> std::result::Result<Part, String> {
    let names = || Part::ALL.map(Part::name).join(", ");
    Part::ALL.into_iter().find(|part| part.name() == name).ok_or_else(|| format!("there are {}", names()))
}

#[derive(Serialize)]
struct Row {
    part: &'static str,
    without: &'static str,
    steps: u32,
    notes: usize,
    nats_per_note: f64,
}

/// Prints a line for each network.
///
/// # Errors
/// If the corpus cannot be read, or has nothing to train or to test a part on.
pub fn run(args: &Args, console: Console) -> Result<()> {
    let pieces = corpus::read(&args.corpus, console)?;
    console.line("nats per note on test pieces, of networks trained anew without something")?;
    let mut rows = Vec::new();
    for part in Part::ALL.into_iter().filter(|part| args.parts.is_empty() || args.parts.contains(part)) {
        for without in Without::ALL.into_iter().filter(|without| without.is_heard_by(part)) {
            let plan = Plan { steps: args.steps, evaluate_every: 96, without, ..Plan::of(part) };
            let ablation = ablate(&pieces, &plan, &mut Quiet(Instant::now())).map_err(Error::failed)?;
            let Some(ablation) = ablation else { continue };
            let row = Row {
                part: part.name(),
                without: without.name(),
                steps: ablation.steps,
                notes: ablation.nats.notes,
                nats_per_note: ablation.nats.per_note(),
            };
            let Row { part, without, notes, nats_per_note, .. } = &row;
            console.line(&format!("{part:8} without {without:8} {notes:6} notes  {nats_per_note:.3}"))?;
            rows.push(row);
        }
    }
    console.object(&rows)
}

/// A training that nobody looks at.
struct Quiet(Instant);

impl Watch<Progress> for Quiet {
    fn elapsed_s(&mut self) -> f64 {
        self.0.elapsed().as_secs_f64()
    }

    fn progress(&mut self, _: &Progress) {}

    fn checkpoint(&mut self, _: &[u8]) {}
}
