//! `riffsmith train refiner`: takes our patches' spectra towards those of a SoundFont or of someone's one-shots.

use super::minutes;
use super::refiner_target::{self, Target};
use crate::commands::eval;
use crate::console::Console;
use crate::error::{Error, Result};
use crate::files::{self, FileSet};
use crate::plot;
use crate::wav::{self, BitDepth, Tags};
use riffsmith_dsp::{AudioBuffer, Seed};
use riffsmith_models::refiner::Refiner;
use riffsmith_models::train::refiner::{Example, RefinerProgress, RefinerSettings, RefinerTrainer};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Time between checkpoints, written beside the weights.
const CHECKPOINT_EVERY: Duration = Duration::from_secs(120);

/// Steps between two lines of the log.
const LOG_EVERY: usize = 50;

const AFTER_HELP: &str = "Writes the weights, beside them a checkpoint (.checkpoint) and what was trained on (.histogram), and \
                          prints how far held-out notes are from the target, unrefined and refined. Notes are held out by \
                          pitch and by velocity. Cut off, it goes on with --resume.";

/// Train the refiner on pairs of our patches and a SoundFont or a folder of one-shots
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Args {
    #[command(flatten)]
    target: Target,
    /// Weights file to write
    #[arg(short, long, value_name = "FILE")]
    out: PathBuf,
    /// How long to train; a resumed run does the rest of its schedule in that time
    #[arg(long, default_value_t = 40.0, value_parser = minutes)]
    minutes: f64,
    /// Stop after so many steps, whatever the clock says; the same seed then gives the same weights
    #[arg(long)]
    steps: Option<usize>,
    /// Seed of the notes, the initial weights and the batches
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Begin with these weights: a file, builtin, or none [default: builtin for a folder, none for a SoundFont]
    #[arg(long, value_name = "FILE", conflicts_with = "resume")]
    from: Option<PathBuf>,
    /// Go on from a checkpoint
    #[arg(long, value_name = "FILE")]
    resume: Option<PathBuf>,
    /// Train without the discriminator, for comparison
    #[arg(long)]
    no_adversary: bool,
    /// Write examples to this directory while training: of each family a held-out note as a WAV file (ours, refined, target in
    /// turn) and a picture
    #[arg(long, value_name = "DIR")]
    examples: Option<PathBuf>,
    /// Steps from one set of examples to the next
    #[arg(long, value_name = "STEPS", default_value_t = 500, value_parser = clap::value_parser!(u32).range(1..))]
    examples_every: u32,
    /// Held-out pairs to measure in the end
    #[arg(long, default_value_t = 160)]
    test_pairs: usize,
    /// Replace existing files
    #[arg(long)]
    force: bool,
}

/// Trains, writes weights, checkpoint and histogram, and prints the distances on held-out notes.
///
/// # Errors
/// If a file cannot be read or written.
pub fn run(args: &Args, console: Console) -> Result<()> {
    let [checkpoint, histogram] = ["checkpoint", "histogram"].map(|ending| beside(&args.out, ending));
    let files = FileSet::new(args.force);
    files.check(&args.out)?;
    files.check(&histogram)?;
    let mut trainer = trainer(args, console)?;
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
        if elapsed >= 1.0 || (args.steps.is_none() && elapsed_s >= length_s) {
            break;
        }
        let progress = trainer.step(elapsed);
        if progress.step.is_multiple_of(LOG_EVERY) || progress.validation.is_some() {
            console.note(&log_line(&progress, elapsed_s));
        }
        if progress.collapsed {
            console.warn("training collapsed: it only gets worse; it stops, and the best weights so far are kept");
            break;
        }
        let shows = progress.step.is_multiple_of(args.examples_every as usize);
        if let Some(directory) = args.examples.as_ref().filter(|_| shows) {
            write_examples(directory, &trainer)?;
        }
        if saved.elapsed() > CHECKPOINT_EVERY {
            write(&checkpoint, &trainer.checkpoint(), true)?;
            saved = Instant::now();
        }
    }
    trainer.finish();
    write(&args.out, &trainer.best_weights(), args.force)?;
    write(&checkpoint, &trainer.checkpoint(), true)?;
    let lines: Vec<String> =
        trainer.histogram().map(|(family, label, count)| format!("{count:5} examples of {family}: {label}")).collect();
    console.note("trained on");
    lines.iter().for_each(|line| console.note(line));
    write(&histogram, (lines.join("\n") + "\n").as_bytes(), args.force)?;
    eval::refiner::table(&trainer.evaluate(args.test_pairs), console)
}

/// A run that begins, or goes on.
fn trainer(args: &Args, console: Console) -> Result<RefinerTrainer> {
    // A folder is little beside what the weights know; a SoundFont is as much, and learnt as if anew.
    let tuning = args.target.is_folder();
    let settings = RefinerSettings { seed: Seed(args.seed), adversarial: !args.no_adversary, tuning };
    let source = refiner_target::pairs(&args.target, settings.seed.fork("pairs"), console)?;
    if let Some(path) = &args.resume {
        let checkpoint = files::read(path)?;
        let resumed = RefinerTrainer::resume(source, &checkpoint, settings.adversarial);
        return resumed.map_err(|error| Error::file("read", path, error));
    }
    let default = Path::new(if args.target.is_folder() { "builtin" } else { "none" });
    let from = args.from.as_deref().unwrap_or(default);
    if from == Path::new("none") {
        return Ok(RefinerTrainer::new(source, RefinerSettings { tuning: false, ..settings }));
    }
    let own;
    let weights = if from == Path::new("builtin") {
        Refiner::builtin_weights()
    } else {
        own = files::read(from)?;
        &own
    };
    RefinerTrainer::tune(source, settings, weights).map_err(|error| Error::file("read", from, error))
}

/// For each family a WAV file (ours, refined, target) and a picture of the three, named after the step.
fn write_examples(directory: &Path, trainer: &RefinerTrainer) -> Result<()> {
    files::make_directory(directory)?;
    for Example { pair, refined } in trainer.examples() {
        let name = format!("{}_{:06}", pair.family, trainer.steps());
        let sounds = [("ours", &pair.ours), ("refined", &refined), ("target", &pair.reference)];
        let frames = sounds.iter().flat_map(|(_, audio)| audio.frames.iter().copied()).collect();
        let in_turn = AudioBuffer { sample_rate: refined.sample_rate, frames };
        let tags = Tags { title: pair.label.clone(), ..Tags::default() };
        let bytes = wav::encode(&in_turn, BitDepth::default(), &tags, Seed(0))?;
        write(&directory.join(format!("{name}.wav")), &bytes, true)?;
        write(&directory.join(format!("{name}.png")), &plot::comparison_png(&pair.label, &sounds), true)?;
    }
    Ok(())
}

fn log_line(progress: &RefinerProgress, elapsed_s: f64) -> String {
    let RefinerProgress { step, pairs, spectral, deception, discrimination, validation, .. } = progress;
    let mut line = format!(
        "{elapsed_s:6.0} s  step {step:6}  pairs {pairs:5}  spectral {spectral:.3}  deception {deception:.3}  \
         discriminator {discrimination:.3}"
    );
    if let Some((loss, untrained)) = validation {
        line += &format!("  validation {:.2} dB (at first {:.2})", 20.0 * loss, 20.0 * untrained);
    }
    line
}

/// A file beside the weights: `refiner.bin.checkpoint`.
fn beside(out: &Path, ending: &str) -> PathBuf {
    let mut name = out.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    PathBuf::from(name)
}

fn write(path: &Path, bytes: &[u8], force: bool) -> Result<()> {
    let mut files = FileSet::new(force);
    files.stage(path, bytes)?;
    files.commit()
}
