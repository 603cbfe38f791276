//! `riffsmith patch mutate`: near a patch.

use super::Output;
use crate::commands::values;
use crate::console::Console;
use crate::error::{Error, Result};
use crate::patch_file::read;
use crate::suggest;
use riffsmith_dsp::Seed;
use riffsmith_dsp::fit::{DRUM_PARTS, mutate};
use riffsmith_dsp::instrument::InstrumentSpec;
use riffsmith_dsp::patch::Patch;
use serde_json::json;

/// Make a patch near another one, by chance
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The patch: its name, or a .toml file
    #[arg(value_name = "PATCH")]
    patch: String,
    /// How far away, 0 (the same) to 1
    #[arg(long, default_value = "0.3", value_parser = values::within(0.0..=1.0_f64), allow_negative_numbers = true)]
    amount: f64,
    /// Seed of the chance: the same one makes the same patch
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Of a kit, change only this drum, such as snare
    #[arg(long, value_name = "DRUM")]
    part: Option<String>,
    #[command(flatten)]
    output: Output,
}

/// Writes the patch.
///
/// # Errors
/// If there is no such patch or drum, or the file cannot be written.
pub fn run(args: &Args, console: Console) -> Result<()> {
    args.output.check()?;
    let model = read(&args.patch)?;
    let part = args.part.as_deref();
    if let Some(part) = part {
        check_drum("--part", part, &model)?;
    }
    let patch = mutate(&model, part, args.amount, Seed(args.seed));
    let patch = Patch { description: format!("a variation of {}", model.name), ..patch };
    let words = format!("{} away from {}, seed {}", args.amount, model.name, args.seed);
    let facts = json!({ "from": model.name, "amount": args.amount, "seed": args.seed, "part": part });
    args.output.write(patch, &words, facts.as_object().cloned().unwrap_or_default(), console)
}

/// Refuses what is no drum, or a drum of what is no kit.
pub(super) fn check_drum(flag: &str, name: &str, patch: &Patch) -> Result<()> {
    let names = || DRUM_PARTS.iter().map(|drum| drum.name);
    if !names().any(|drum| drum == name) {
        let all = format!("there are {}", names().collect::<Vec<_>>().join(", "));
        let hint = suggest::hint(name, names(), &all);
        return Err(Error::usage(format!("{flag} must be a drum of a kit, but was {name:?}")).hint(hint));
    }
    if !matches!(patch.instrument, InstrumentSpec::Kit(_)) {
        return Err(Error::usage(format!("{flag} {name} is for kits, but {} is none", patch.name)));
    }
    Ok(())
}
