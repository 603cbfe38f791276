//! `riffsmith eval refiner`: how far our patches are from a SoundFont, refined and not.

use crate::console::Console;
use crate::error::{Error, Result};
use crate::files;
use riffsmith_dsp::Seed;
use riffsmith_dsp::soundfont::Reference;
use riffsmith_models::refiner::Refiner;
use riffsmith_models::train::refiner::{FamilyDistances, SoundFontPairs, measure};
use serde::Serialize;
use std::path::PathBuf;

/// Measure the refiner on held-out notes of our patches and a SoundFont
#[derive(Debug, clap::Args)]
pub struct Args {
    /// SoundFont to compare with
    #[arg(long, value_name = "FILE.sf2")]
    target: PathBuf,
    /// Weights file; the built-in one if not given
    #[arg(long, value_name = "FILE")]
    weights: Option<PathBuf>,
    /// Held-out pairs to measure
    #[arg(long, default_value_t = 200)]
    pairs: usize,
    /// Training pairs to fit the static equalizers on
    #[arg(long, default_value_t = 400)]
    training_pairs: usize,
    /// Seed of the notes
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

#[derive(Serialize)]
struct Row {
    family: &'static str,
    pairs: usize,
    unrefined_db: f32,
    equalized_db: f32,
    refined_db: f32,
}

/// Prints the table.
///
/// # Errors
/// If a file cannot be read or is broken.
pub fn run(args: &Args, console: Console) -> Result<()> {
    let refiner = match &args.weights {
        Some(path) => Refiner::from_bytes(&files::read(path)?).map_err(|error| Error::file("read", path, error))?,
        None => Refiner::builtin(),
    };
    let reference =
        Reference::from_bytes(&files::read(&args.target)?).map_err(|error| Error::file("read", &args.target, error))?;
    let source = SoundFontPairs::new(reference, Seed(args.seed).fork("pairs"));
    table(&measure(&refiner, &source, args.training_pairs, args.pairs), console)
}

/// Prints distances, one line per family.
///
/// # Errors
/// If stdout cannot be written to.
pub fn table(distances: &[FamilyDistances], console: Console) -> Result<()> {
    console.line("log-spectral distance to the target on held-out notes, in dB")?;
    console.line("family     pairs  unrefined  equalizer  refined")?;
    let mut rows = Vec::new();
    for &FamilyDistances { family, pairs, unrefined_db, equalized_db, refined_db } in distances {
        let family = family.name();
        console.line(&format!("{family:9} {pairs:6} {unrefined_db:10.2} {equalized_db:10.2} {refined_db:8.2}"))?;
        rows.push(Row { family, pairs, unrefined_db, equalized_db, refined_db });
    }
    console.object(&rows)
}
