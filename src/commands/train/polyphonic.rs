//! `riffsmith train polyphonic`: the networks that are measured on the standard sets of piano rolls.

use super::log::{Log, write};
use super::minutes;
use crate::console::Console;
use crate::error::{Error, Result};
use crate::files::{self, FileSet};
use crate::rolls::Rolls;
use riffsmith_dsp::Seed;
use riffsmith_models::polyphonic::Order;
use riffsmith_models::train::polyphonic::{Ensemble, Plan, Progress, train};
use std::path::PathBuf;

/// Train a network on a standard set of piano rolls
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Directory of data sets
    #[arg(long, value_name = "DIR")]
    corpus: PathBuf,
    /// The set to learn from
    #[arg(long, value_enum, default_value_t = Rolls::Jsb)]
    set: Rolls,
    /// Weights file to write; its checkpoint gets the ending .checkpoint
    #[arg(short, long, value_name = "FILE")]
    out: PathBuf,
    /// Weights file whose networks are kept: the new one joins them
    #[arg(long, value_name = "FILE")]
    join: Option<PathBuf>,
    /// The order in which it decides the voices of a frame: down, up, or outer voices first
    #[arg(long, default_value = "down", value_parser = order)]
    order: Order,
    /// How long to train at most
    #[arg(long, value_parser = minutes)]
    minutes: Option<f64>,
    /// Times that all pieces are seen; without --minutes, the same seed then gives the same weights
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    epochs: Option<u32>,
    /// Seed of the initial weights, the order of the pieces and the dropout
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Go on from a checkpoint
    #[arg(long, value_name = "FILE")]
    resume: Option<PathBuf>,
    /// Replace an existing weights file
    #[arg(long)]
    force: bool,
}

fn order(text: &str) -> std::result::Result<Order, String> {
    let known = || format!("must be one of {}", Order::ALL.map(Order::name).join(", "));
    Order::ALL.into_iter().find(|order| order.name() == text).ok_or_else(known)
}

/// Trains, and writes the weights.
///
/// # Errors
/// If a file cannot be read or written.
pub fn run(args: &Args, console: Console) -> Result<()> {
    FileSet::new(args.force).check(&args.out)?;
    let set = args.set.read(&args.corpus)?;
    let resume = args.resume.as_deref().map(files::read).transpose()?;
    let read =
        |path: &PathBuf| Ensemble::from_bytes(&files::read(path)?).map_err(|error| Error::file("read", path, error));
    let others = args.join.as_ref().map(read).transpose()?;
    let standard = match args.set {
        Rolls::Jsb => Plan::of_chorales(),
        Rolls::Nottingham => Plan::of_folk_tunes(),
    };
    let plan = Plan {
        order: args.order,
        seed: Seed(args.seed),
        epochs: args.epochs.unwrap_or(standard.epochs),
        seconds: args.minutes.map_or(f64::INFINITY, |minutes| 60.0 * minutes),
        ..standard
    };
    let mut checkpoint = args.out.as_os_str().to_owned();
    checkpoint.push(".checkpoint");
    let mut log = Log::new(console, PathBuf::from(checkpoint), line);
    let trained = train(&set, &plan, resume.as_deref(), &mut log).map_err(Error::failed)?;
    let (validation, steps, seconds) = (trained.validation, trained.steps, log.end()?.0);
    console
        .line(&format!("{validation:.3} nats per frame on validation pieces after {steps} steps, {seconds:.0} s"))?;
    let own = Ensemble::from(trained);
    let ensemble = match others {
        Some(others) => others.join(own),
        None => own,
    };
    write(&args.out, &ensemble.to_bytes(), args.force)
}

/// How far a training is, in a line.
fn line(progress: &Progress) -> String {
    let Progress { epochs, steps, done, training, validation, best } = progress;
    format!(
        "epoch {epochs:4}  step {steps:6}  {:3.0} %  training {training:.3}  validation {validation:.3}  best {best:.3}",
        100.0 * done
    )
}
