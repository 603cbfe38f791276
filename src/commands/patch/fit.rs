//! `riffsmith patch fit`: a patch that imitates a recording.

use super::Output;
use super::mutate::check_drum;
use super::target::Source;
use crate::commands::values;
use crate::console::Console;
use crate::error::{Error, Result};
use crate::patch_file::read;
use crate::suggest;
use riffsmith_dsp::Seed;
use riffsmith_dsp::fit::{DRUM_PARTS, DrumPart, FitSettings, fit};
use riffsmith_dsp::instrument::{INSTRUMENTS, InstrumentSpec};
use riffsmith_dsp::patch::Patch;
use riffsmith_dsp::score::Pitch;
use serde_json::json;

/// Fit a patch to a recorded hit or note, or to a program of a SoundFont
///
/// Only numbers of the patch change; nothing of the recording is kept.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// What to imitate: HIT.wav, or FILE.sf2:PROGRAM, of which several notes at two velocities are heard
    #[arg(long, value_name = "SOUND")]
    target: Source,
    /// An instrument, or a drum of a kit such as kick [default: --from's]
    #[arg(long, value_name = "NAME", required_unless_present = "from")]
    instrument: Option<String>,
    /// The patch to start from: its name, or a .toml file [default: the instrument's default sound]
    #[arg(long, value_name = "PATCH")]
    from: Option<String>,
    /// The note in the recording, such as C3 [default: as detected]
    #[arg(long, value_name = "NOTE", value_parser = values::note)]
    note: Option<Pitch>,
    /// How many patches to listen to
    #[arg(long, default_value = "1500", value_parser = values::within(20..=1_000_000_usize), allow_negative_numbers = true)]
    evaluations: usize,
    /// Seed of the search: the same one finds the same patch
    #[arg(long, default_value_t = 1)]
    seed: u64,
    #[command(flatten)]
    output: Output,
}

/// Fits, and writes the patch.
///
/// # Errors
/// If the target or the patch to start from cannot be used, or the file cannot be written.
pub fn run(args: &Args, console: Console) -> Result<()> {
    args.output.check()?;
    let (start, part) = start(args)?;
    let target = args.target.target(&start, part, args.note)?;
    let settings = FitSettings { evaluations: args.evaluations, seed: Seed(args.seed) };
    let bar = console.progress("fitting", args.evaluations as u64);
    let fitted = fit(&start, part.map(|part| part.name), &target, settings, &|done| bar.set_position(done as u64));
    bar.finish_and_clear();
    let words = format!(
        "{:.2} -> {:.2} dB from {}, {} patches heard",
        fitted.before_db,
        fitted.after_db,
        args.target.name(),
        fitted.evaluations
    );
    let facts = json!({
        "target": args.target.name(),
        "before_db": fitted.before_db,
        "after_db": fitted.after_db,
        "evaluations": fitted.evaluations,
        "seed": args.seed,
    });
    args.output.write(fitted.patch, &words, facts.as_object().cloned().unwrap_or_default(), console)
}

/// The patch to start from, and the drum to fit.
fn start(args: &Args) -> Result<(Patch, Option<&'static DrumPart>)> {
    let from = args.from.as_deref().map(read).transpose()?;
    let name = args.instrument.as_deref();
    let part = name.and_then(DrumPart::find);
    let start = match from {
        Some(patch) => patch,
        None => Patch {
            name: String::new(),
            description: format!("fitted to {}", args.target.name()),
            tags: if part.is_some() { vec!["kit".to_owned()] } else { Vec::new() },
            gain_db: 0.0,
            mono: false,
            legato: false,
            glide_s: 0.0,
            strum_s: 0.0,
            instrument: instrument(name.unwrap_or_default(), part)?,
            inserts: Vec::new(),
        },
    };
    let own = start.instrument.entry().name;
    match (name, part) {
        (Some(name), Some(_)) => check_drum("--instrument", name, &start)?,
        (Some(name), None) if name != own => {
            return Err(Error::usage(format!("--instrument is {name}, but {} is a {own}", start.name)));
        }
        (_, None) if matches!(start.instrument, InstrumentSpec::Kit(_)) => {
            let drums: Vec<&str> = DRUM_PARTS.iter().map(|drum| drum.name).collect();
            return Err(Error::usage("--instrument must name one drum of the kit").hint(drums.join(", ")));
        }
        _ => {}
    }
    Ok((start, part))
}

/// The default sound of an instrument, or the default kit for a drum.
fn instrument(name: &str, part: Option<&DrumPart>) -> Result<InstrumentSpec> {
    let wanted = if part.is_some() { "kit" } else { name };
    let entry = INSTRUMENTS.iter().find(|entry| entry.name == wanted).ok_or_else(|| {
        let instruments = INSTRUMENTS.iter().map(|entry| entry.name).filter(|name| *name != "kit");
        let names: Vec<&str> = instruments.chain(DRUM_PARTS.iter().map(|drum| drum.name)).collect();
        let all = format!("there are {}", names.join(", "));
        let hint = suggest::hint(name, names.iter().copied(), &all);
        Error::usage(format!("--instrument must be an instrument or a drum, but was {name:?}")).hint(hint)
    })?;
    Ok((entry.default)())
}
