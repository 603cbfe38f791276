//! `riffsmith train composer`: the networks that write the parts.

mod material;
mod report;

use super::log::{Log, write};
use super::minutes;
use crate::commands::pack::stop_by_ctrl_c;
use crate::commands::{generate, values};
use crate::console::Console;
use crate::error::{Error, Result};
use crate::files::{self, FileSet};
use crate::plot::curves_png;
use crate::style::Style;
use material::Material;
use report::{Report, Trial};
use riffsmith_dsp::Seed;
use riffsmith_models::composer::{Composer, Part};
use riffsmith_models::train::Compute;
use riffsmith_models::train::composer::{Plan, Progress, Start, Trained, can_train, train, weights_file};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Train the networks that write harmony, drums, chords, bass and lead
#[derive(Debug, clap::Args)]
#[command(
    after_help = "For your own music: riffsmith train composer --data my_midi/ --from builtin --out mine.bin, then riffsmith \
    generate house --weights mine.bin. Thirty pieces are little, a hundred are good. One in ten is held out to decide when \
    to stop, and one in ten to be judged by; the report at the end says whether it was worth it. Parts that your music lacks stay as \
    they were. Ctrl-C ends early and keeps the best; --resume goes on."
)]
pub struct Args {
    /// What to learn from besides the built-in grooves: MIDI and MusicXML files, directories of them, one of data sets, or a file of
    /// `corpus build`
    #[arg(long, value_name = "PATH", visible_alias = "corpus", num_args = 1.., required = true)]
    data: Vec<PathBuf>,
    /// Weights file to write; each part's checkpoint lies beside it
    #[arg(short, long, value_name = "FILE")]
    out: PathBuf,
    /// Go on from these weights instead of beginning anew: `builtin`, or a weights file
    #[arg(long, value_name = "builtin|FILE")]
    from: Option<PathBuf>,
    /// Style of the pieces whose paths name none: it will be theirs
    #[arg(long, value_name = "STYLE")]
    style: Option<String>,
    /// Train only this part; may be given several times [default: all that the data have]
    #[arg(long, value_name = "PART", value_parser = values::part)]
    part: Vec<Part>,
    /// Weights file whose networks are kept for the parts that are not trained [default: those of --from, or the built-in ones]
    #[arg(long, value_name = "FILE", conflicts_with = "from")]
    base: Option<PathBuf>,
    /// How long to train at most, all parts together [default: 10, or as long as --steps take]
    #[arg(long, value_parser = minutes)]
    minutes: Option<f64>,
    /// Steps for each part at most; without --minutes, the same seed then gives the same weights
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    steps: Option<u32>,
    /// Seed of the initial weights, the windows and the dropout
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Compute on the graphics processor; only in a program built with the feature `gpu`
    #[arg(long)]
    gpu: bool,
    /// Go on from the checkpoints beside --out, or from this one, which needs exactly one --part
    #[arg(long, value_name = "FILE")]
    resume: Option<Option<PathBuf>>,
    /// Also write a picture of the curves
    #[arg(long, value_name = "FILE.png")]
    plot: Option<PathBuf>,
    /// Replace existing files
    #[arg(long)]
    force: bool,
}

impl Args {
    /// To go on from the built-in networks with someone's music, all parts that it has, within `minutes`.
    pub fn to_learn(data: Vec<PathBuf>, out: PathBuf, style: Option<String>, minutes: f64, force: bool) -> Self {
        Self {
            data,
            out,
            from: Some("builtin".into()),
            style,
            part: Vec::new(),
            base: None,
            minutes: Some(minutes),
            steps: None,
            seed: 1,
            gpu: false,
            resume: None,
            plot: None,
            force,
        }
    }
}

/// Trains part after part, writes the weights, and says what they are worth.
///
/// # Errors
/// If a file cannot be read or written, or the data lack a part.
pub fn run(args: &Args, console: Console) -> Result<()> {
    if matches!(args.resume, Some(Some(_))) && args.part.len() != 1 {
        return Err(Error::usage("--resume FILE needs exactly one --part").hint("a checkpoint holds one part"));
    }
    compute(args)
        .check()
        .map_err(|error| Error::failed(error).hint("leave out --gpu to train on the main processor"))?;
    // Who goes on replaces what was made so far.
    let force = args.force || args.resume == Some(None);
    let files = FileSet::new(force);
    files.check(&args.out)?;
    args.plot.as_deref().map_or(Ok(()), |plot| files.check(plot))?;
    let style = args.style.as_deref().map(Style::find).transpose()?;
    let before = match args.from.as_deref().or(args.base.as_deref()) {
        Some(path) if path.as_os_str() != "builtin" => generate::composer(Some(path))?,
        _ => generate::composer(None)?,
    };
    let material = Material::read(&args.data, style.as_ref(), console)?;
    let parts = parts(args, &material)?;
    let pieces = material.to_learn_from(args.from.is_some())?;
    let stop = stop_by_ctrl_c()?;
    let start = Instant::now();
    let mut trials: Vec<Trial> = Vec::new();
    for (index, &part) in parts.iter().enumerate().take_while(|_| !stop.asked()) {
        let left_s = 60.0 * minutes_at_most(args) - start.elapsed().as_secs_f64();
        let seconds = (left_s / (parts.len() - index) as f64).max(0.1);
        let checkpoint = checkpoint(args, part)?;
        let from = match (&checkpoint, &args.from) {
            (Some(bytes), _) => Start::Checkpoint(bytes),
            (None, Some(_)) => Start::From(&before),
            (None, None) => Start::Fresh,
        };
        let mut log = Log::new(console, beside(&args.out, part), line).until(stop.clone());
        let plan = plan(args, part, &before, seconds);
        let trained = train(&pieces, &plan, from, &mut log).map_err(Error::failed)?;
        let (seconds, progress) = log.end()?;
        console.note(&summary(&trained, seconds));
        trials.push(Trial { trained, progress, seconds });
    }
    let trained: Vec<Trained> = trials.iter().map(|trial| trial.trained.clone()).collect();
    let bytes = weights_file(Some(&before), &trained);
    write(&args.out, &bytes, force)?;
    let after = Composer::from_bytes(&bytes).map_err(Error::failed)?;
    let report = Report::new(&material, &trials, &before, &after, style.as_ref(), &stop)?;
    report.print(args, console)?;
    match &args.plot {
        Some(plot) => {
            write(plot, &curves_png(&format!("{}: nats per note", args.out.display()), &report.curves()), force)
        }
        None => Ok(()),
    }
}

/// The parts to train.
fn parts(args: &Args, material: &Material) -> Result<Vec<Part>> {
    let wanted = if args.part.is_empty() { Part::ALL.to_vec() } else { args.part.clone() };
    let (able, lacking): (Vec<Part>, Vec<Part>) =
        wanted.into_iter().partition(|&part| can_train(&material.corpus.pieces, part));
    if able.is_empty() || !(args.part.is_empty() || lacking.is_empty()) {
        let names = lacking.iter().map(|part| part.name()).collect::<Vec<_>>().join(", ");
        let count = material.corpus.pieces.len();
        let data = args.data.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ");
        let plural = if count == 1 { "" } else { "s" };
        return Err(Error::failed(format!("{data} holds too little to learn {names}: {count} piece{plural}"))
            .hint("each part needs a piece to learn from and one to be judged by; thirty pieces are a start"));
    }
    Ok(able)
}

/// Infinite where the steps alone say when it is enough.
fn minutes_at_most(args: &Args) -> f64 {
    args.minutes.unwrap_or(if args.steps.is_some() { f64::INFINITY } else { 10.0 })
}

fn plan(args: &Args, part: Part, before: &Composer, seconds: f64) -> Plan {
    let standard = if args.from.is_some() { Plan::fine_tuning(before, part) } else { Plan::of(part) };
    let steps = args.steps.unwrap_or(standard.steps);
    Plan { seed: Seed(args.seed), seconds, steps, compute: compute(args), ..standard }
}

fn compute(args: &Args) -> Compute {
    if args.gpu { Compute::Gpu } else { Compute::Cpu }
}

/// The checkpoint to go on from, if one is asked for and there.
fn checkpoint(args: &Args, part: Part) -> Result<Option<Vec<u8>>> {
    match &args.resume {
        None => Ok(None),
        Some(Some(file)) => files::read(file).map(Some),
        Some(None) => {
            Some(beside(&args.out, part)).filter(|path| path.exists()).map(|path| files::read(&path)).transpose()
        }
    }
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

fn summary(trained: &Trained, seconds: f64) -> String {
    let Trained { part, validation, steps, .. } = trained;
    let name = part.name();
    format!("{name:8} {validation:.3} nats per note on validation pieces after {steps} steps, {seconds:.0} s")
}

/// `composer.bin` and drums: `composer.bin.drums.checkpoint`.
fn beside(out: &Path, part: Part) -> PathBuf {
    let mut name = out.as_os_str().to_owned();
    name.push(format!(".{}.checkpoint", part.name()));
    PathBuf::from(name)
}
