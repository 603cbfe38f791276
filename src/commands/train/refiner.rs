//! `riffsmith train refiner`: takes our patches' spectra towards those of a SoundFont.

use crate::commands::eval;
use crate::console::Console;
use crate::error::{Error, Result};
use crate::files::{self, FileSet};
use riffsmith_dsp::Seed;
use riffsmith_dsp::soundfont::Reference;
use riffsmith_models::train::refiner::{PairSource, RefinerProgress, RefinerSettings, RefinerTrainer, SoundFontPairs};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Time between checkpoints, written beside the weights.
const CHECKPOINT_EVERY: Duration = Duration::from_secs(120);

/// Steps between two lines of the log.
const LOG_EVERY: usize = 50;

/// Train the refiner on pairs of our patches and a General MIDI SoundFont
#[derive(Debug, clap::Args)]
pub struct Args {
    /// SoundFont to sound like
    #[arg(long, value_name = "FILE.sf2")]
    target: PathBuf,
    /// Weights file to write; its checkpoint gets the ending .checkpoint
    #[arg(short, long, value_name = "FILE")]
    out: PathBuf,
    /// How long to train
    #[arg(long, default_value_t = 40.0, value_parser = minutes)]
    minutes: f64,
    /// Stop after so many steps, whatever the clock says; the same seed then gives the same weights
    #[arg(long)]
    steps: Option<usize>,
    /// Seed of the notes, the initial weights and the batches
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Go on from a checkpoint
    #[arg(long, value_name = "FILE")]
    resume: Option<PathBuf>,
    /// Train without the discriminator, for comparison
    #[arg(long)]
    no_adversary: bool,
    /// Held-out pairs to measure in the end
    #[arg(long, default_value_t = 160)]
    test_pairs: usize,
    /// Replace existing files
    #[arg(long)]
    force: bool,
}

fn minutes(text: &str) -> std::result::Result<f64, String> {
    match text.parse() {
        Ok(minutes) if (0.0..=10_000.0).contains(&minutes) => Ok(minutes),
        _ => Err("must be 0 to 10000".into()),
    }
}

/// Trains, writes weights and checkpoint, and prints the distances on held-out notes.
///
/// # Errors
/// If a file cannot be read or written, or the training collapses before it has learnt anything.
pub fn run(args: &Args, console: Console) -> Result<()> {
    let checkpoint_path = checkpoint_path(&args.out);
    FileSet::new(args.force).check(&args.out)?;
    let reference =
        Reference::from_bytes(&files::read(&args.target)?).map_err(|error| Error::file("read", &args.target, error))?;
    console.note(&format!("target: {} ({})", args.target.display(), reference.name()));
    let settings = RefinerSettings { seed: Seed(args.seed), adversarial: !args.no_adversary };
    let source: Box<dyn PairSource> = Box::new(SoundFontPairs::new(reference, settings.seed.fork("pairs")));
    let mut trainer = match &args.resume {
        None => RefinerTrainer::new(source, settings),
        Some(path) => RefinerTrainer::resume(source, &files::read(path)?, settings.adversarial)
            .map_err(|error| Error::file("read", path, error))?,
    };

    let (start, mut saved) = (Instant::now(), Instant::now());
    let length_s = args.minutes * 60.0;
    let already = trainer.elapsed();
    loop {
        let elapsed_s = start.elapsed().as_secs_f64();
        // A resumed run has the rest of its schedule before it.
        let elapsed = match args.steps {
            Some(steps) => trainer.steps() as f64 / steps.max(1) as f64,
            None => already + (1.0 - already) * elapsed_s / length_s,
        };
        if elapsed >= 1.0 {
            break;
        }
        let progress = trainer.step(elapsed);
        if progress.step.is_multiple_of(LOG_EVERY) || progress.validation.is_some() {
            console.note(&log_line(&progress, elapsed_s));
        }
        if progress.collapsed {
            console.warn("training collapsed: the refiner got no better than none; the best weights so far are kept");
            break;
        }
        if saved.elapsed() > CHECKPOINT_EVERY {
            write(&checkpoint_path, &trainer.checkpoint(), true)?;
            saved = Instant::now();
        }
    }
    trainer.finish();
    write(&args.out, &trainer.best_weights(), args.force)?;
    write(&checkpoint_path, &trainer.checkpoint(), true)?;
    report(&trainer, args.test_pairs, console)
}

fn report(trainer: &RefinerTrainer, test_pairs: usize, console: Console) -> Result<()> {
    for (family, label, count) in trainer.histogram() {
        console.note(&format!("trained on {count:4} examples of {family}: {label}"));
    }
    eval::refiner::table(&trainer.evaluate(test_pairs), console)
}

fn log_line(progress: &RefinerProgress, elapsed_s: f64) -> String {
    let RefinerProgress { step, pairs, spectral, deception, discrimination, validation, .. } = progress;
    let mut line = format!(
        "{elapsed_s:6.0} s  step {step:6}  pairs {pairs:5}  spectral {spectral:.3}  deception {deception:.3}  \
         discriminator {discrimination:.3}"
    );
    if let Some((loss, untrained)) = validation {
        line += &format!("  validation {loss:.3} (untrained {untrained:.3})");
    }
    line
}

/// Beside the weights: `refiner.bin.checkpoint`.
fn checkpoint_path(out: &Path) -> PathBuf {
    let mut name = out.as_os_str().to_owned();
    name.push(".checkpoint");
    PathBuf::from(name)
}

fn write(path: &Path, bytes: &[u8], force: bool) -> Result<()> {
    let mut files = FileSet::new(force);
    files.stage(path, bytes)?;
    files.commit()
}
