//! `riffsmith train composer`: the networks that write the parts.

use super::log::{Log, write};
use super::minutes;
use crate::console::Console;
use crate::corpus;
use crate::error::{Error, Result};
use crate::files::{self, FileSet};
use riffsmith_dsp::Seed;
use riffsmith_models::composer::Part;
use riffsmith_models::train::composer::{Plan, Progress, Trained, train, weights_file};
use std::path::{Path, PathBuf};

/// Train the networks that write harmony, drums, chords, bass and lead
#[derive(Debug, clap::Args)]
pub struct Args {
    /// What to learn from besides the built-in grooves: a file of `corpus build`, a directory of data sets, or one of MIDI files
    #[arg(long, value_name = "PATH")]
    corpus: PathBuf,
    /// Weights file to write; each part's checkpoint lies beside it
    #[arg(short, long, value_name = "FILE")]
    out: PathBuf,
    /// Train only this part, and take the others from --base; may be given several times
    #[arg(long, value_name = "PART", value_parser = part)]
    part: Vec<Part>,
    /// Weights file whose networks are kept for the parts that are not trained
    #[arg(long, value_name = "FILE")]
    base: Option<PathBuf>,
    /// How long to train each part
    #[arg(long, default_value_t = 30.0, value_parser = minutes)]
    minutes: f64,
    /// Steps for each part at most; if they end it, the same seed gives the same weights
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    steps: Option<u32>,
    /// Seed of the initial weights, the windows and the dropout
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Go on from a checkpoint; needs exactly one --part
    #[arg(long, value_name = "FILE")]
    resume: Option<PathBuf>,
    /// Replace an existing weights file
    #[arg(long)]
    force: bool,
}

fn part(text: &str) -> std::result::Result<Part, String> {
    Part::from_name(text).ok_or_else(|| format!("must be one of {}", Part::ALL.map(Part::name).join(", ")))
}

/// Trains part after part, and writes the weights.
///
/// # Errors
/// If a file cannot be read or written, or the corpus lacks a part.
pub fn run(args: &Args, console: Console) -> Result<()> {
    if args.resume.is_some() && args.part.len() != 1 {
        return Err(Error::usage("--resume needs exactly one --part").hint("a checkpoint holds one part"));
    }
    FileSet::new(args.force).check(&args.out)?;
    let base = args.base.as_deref().map(files::read).transpose()?;
    let resume = args.resume.as_deref().map(files::read).transpose()?;
    let pieces = corpus::read(&args.corpus, console)?;
    let parts = if args.part.is_empty() { Part::ALL.to_vec() } else { args.part.clone() };
    let mut networks: Vec<Trained> = Vec::new();
    for part in parts {
        let standard = Plan::of(part);
        let plan = Plan {
            seed: Seed(args.seed),
            seconds: args.minutes * 60.0,
            steps: args.steps.unwrap_or(standard.steps),
            ..standard
        };
        let mut log = Log::new(console, beside(&args.out, part), line);
        let trained = train(&pieces, &plan, resume.as_deref(), &mut log).map_err(Error::failed)?;
        let seconds = log.end()?;
        console.line(&format!(
            "{:8} {:.3} nats per note on validation pieces after {} steps, {seconds:.0} s",
            part.name(),
            trained.validation,
            trained.steps
        ))?;
        networks.push(trained);
    }
    let bytes = weights_file(base.as_deref(), &networks).map_err(Error::failed)?;
    write(&args.out, &bytes, args.force)
}

/// How far a training is, in a line.
fn line(progress: &Progress) -> String {
    let Progress { part, step, done, training, validation, best, .. } = progress;
    format!(
        "{:8} step {step:6}  {:3.0} %  training {training:.3}  validation {:.3}  best {best:.3}",
        part.name(),
        100.0 * done,
        validation.per_note()
    )
}

/// `composer.bin` and drums: `composer.bin.drums.checkpoint`.
fn beside(out: &Path, part: Part) -> PathBuf {
    let mut name = out.as_os_str().to_owned();
    name.push(format!(".{}.checkpoint", part.name()));
    PathBuf::from(name)
}
