//! `riffsmith train polyphonic`: the network that is measured on the standard sets of piano rolls.

use crate::console::Console;
use crate::error::{Error, Result};
use crate::files::{self, FileSet};
use riffsmith_dsp::Seed;
use riffsmith_models::polyphonic::roll::Set;
use riffsmith_models::train::polyphonic::{Plan, Progress, Sizes, Watch, train};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Train a network on a set of piano rolls
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Set of piano rolls: JSON with the lists train, valid and test
    #[arg(long, value_name = "FILE.json")]
    set: PathBuf,
    /// Weights file to write; its checkpoint gets the ending .checkpoint
    #[arg(short, long, value_name = "FILE")]
    out: PathBuf,
    #[arg(long, default_value_t = 192)]
    hidden: usize,
    #[arg(long, default_value_t = 256)]
    cells: usize,
    #[arg(long, default_value_t = 192)]
    wide: usize,
    #[arg(long, default_value_t = 2)]
    blocks: usize,
    #[arg(long, default_value_t = 12)]
    batch: usize,
    #[arg(long, default_value_t = 128)]
    window: usize,
    #[arg(long, default_value_t = 2e-3)]
    rate: f32,
    #[arg(long, default_value_t = 0.3)]
    dropout: f32,
    #[arg(long, default_value_t = 0.1)]
    drop_inputs: f32,
    #[arg(long, default_value_t = 0.1)]
    decay: f32,
    #[arg(long, default_value_t = 4)]
    every: u32,
    /// Decide from the lowest voice up
    #[arg(long)]
    mirrored: bool,
    /// How long to train
    #[arg(long, default_value_t = 30.0)]
    minutes: f64,
    /// Times that all pieces are seen at most
    #[arg(long)]
    epochs: Option<u32>,
    /// Seed
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Go on from a checkpoint
    #[arg(long, value_name = "FILE")]
    resume: Option<PathBuf>,
    /// Replace an existing weights file
    #[arg(long)]
    force: bool,
}

/// Trains, and writes the weights.
///
/// # Errors
/// If a file cannot be read or written.
pub fn run(args: &Args, console: Console) -> Result<()> {
    FileSet::new(args.force).check(&args.out)?;
    let set = Set::from_json(&files::read(&args.set)?).map_err(|error| Error::file("read", &args.set, error))?;
    let resume = args.resume.as_deref().map(files::read).transpose()?;
    let plan = Plan {
        sizes: Sizes { hidden: args.hidden, cells: args.cells, wide: args.wide, blocks: args.blocks },
        mirrored: args.mirrored,
        seed: Seed(args.seed),
        epochs: args.epochs.unwrap_or(u32::MAX),
        seconds: args.minutes * 60.0,
        batch: args.batch,
        window: args.window,
        learning_rate: args.rate,
        dropout: args.dropout,
        drop_inputs: args.drop_inputs,
        weight_decay: args.decay,
        evaluate_every: args.every,
        patience: 20,
    };
    let mut checkpoint = args.out.as_os_str().to_owned();
    checkpoint.push(".checkpoint");
    let mut log = Log { console, start: Instant::now(), checkpoint: PathBuf::from(checkpoint), failed: None };
    let trained = train(&set, &plan, resume.as_deref(), &mut log).map_err(Error::failed)?;
    if let Some(error) = log.failed {
        return Err(error);
    }
    console.line(&format!("{:.3} nats per frame on validation pieces after {} steps", trained.validation, trained.steps))
}

/// The terminal, the clock and the checkpoint file.
struct Log {
    console: Console,
    start: Instant,
    checkpoint: PathBuf,
    failed: Option<Error>,
}

impl Watch for Log {
    fn elapsed_s(&mut self) -> f64 {
        // A checkpoint that cannot be written ends the training: it would be lost.
        if self.failed.is_some() { f64::INFINITY } else { self.start.elapsed().as_secs_f64() }
    }

    fn progress(&mut self, progress: &Progress) {
        let Progress { epochs, steps, done, training, validation, best } = progress;
        self.console.note(&format!(
            "{:6.0} s  epoch {epochs:4}  step {steps:6}  {:3.0} %  training {training:.3}  validation {validation:.3}  best {best:.3}",
            self.start.elapsed().as_secs_f64(),
            100.0 * done,
        ));
    }

    fn checkpoint(&mut self, bytes: &[u8]) {
        self.failed = self.failed.take().or(write(&self.checkpoint, bytes, true).err());
    }
}

fn write(path: &Path, bytes: &[u8], force: bool) -> Result<()> {
    let mut files = FileSet::new(force);
    files.stage(path, bytes)?;
    files.commit()
}
