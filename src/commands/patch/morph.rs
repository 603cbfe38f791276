//! `riffsmith patch morph`: between two patches.

use super::Output;
use crate::commands::values;
use crate::console::Console;
use crate::error::{Error, Result};
use crate::patch_file::read;
use riffsmith_dsp::fit::morph;
use serde_json::json;

/// Make a patch between two of the same instrument
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The first patch: its name, or a .toml file
    #[arg(value_name = "A")]
    first: String,
    /// The second patch
    #[arg(value_name = "B")]
    second: String,
    /// How far from the first to the second, 0 to 1
    #[arg(long, default_value = "0.5", value_parser = values::within(0.0..=1.0_f64), allow_negative_numbers = true)]
    amount: f64,
    #[command(flatten)]
    output: Output,
}

/// Writes the patch.
///
/// # Errors
/// If the patches are of two instruments, or the file cannot be written.
pub fn run(args: &Args, console: Console) -> Result<()> {
    args.output.check()?;
    let (a, b) = (read(&args.first)?, read(&args.second)?);
    let patch = morph(&a, &b, args.amount)
        .map_err(|error| Error::failed(error).hint("both must be of the same type, as riffsmith list instruments"))?;
    let words = format!("{} of the way from {} to {}", args.amount, a.name, b.name);
    let facts = json!({ "from": a.name, "to": b.name, "amount": args.amount });
    args.output.write(patch, &words, facts.as_object().cloned().unwrap_or_default(), console)
}
