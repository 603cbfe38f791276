//! `riffsmith eval refiner`: how far our patches are from a SoundFont or a folder of one-shots, refined and not.

use crate::commands::train::refiner_target::{self, Target};
use crate::console::Console;
use crate::error::{Error, Result};
use crate::files;
use riffsmith_dsp::Seed;
use riffsmith_models::piece::Split;
use riffsmith_models::refiner::{Family, Refiner};
use riffsmith_models::train::refiner::{Distances, Moved, Row, measure};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// Measure the refiner on held-out notes of our patches and a target
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    target: Target,
    /// Weights file; the built-in one if not given
    #[arg(long, value_name = "FILE")]
    weights: Option<PathBuf>,
    /// Weights of another run, to compare: one without the discriminator, for what that adds
    #[arg(long, value_name = "FILE")]
    compare: Option<PathBuf>,
    /// Held-out pairs to measure
    #[arg(long, default_value_t = 300)]
    pairs: usize,
    /// Measure pairs of the validation, which are there to choose weights by, and leave the test unseen
    #[arg(long)]
    validation: bool,
    /// Training pairs to fit the static equalizers on
    #[arg(long, default_value_t = 400)]
    training_pairs: usize,
    /// Seed of the notes
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// A table's title, and what stands in it.
type Table = (&'static str, fn(&Distances) -> f32);

/// Prints the tables.
///
/// # Errors
/// If a file cannot be read or is broken.
pub fn run(args: &Args, console: Console) -> Result<()> {
    let first = args.weights.as_deref().map_or_else(|| Ok(Refiner::builtin()), read)?;
    let refiners = [Some(first), args.compare.as_deref().map(read).transpose()?];
    let refiners: Vec<Refiner> = refiners.into_iter().flatten().collect();
    let source = refiner_target::pairs(&args.target, Seed(args.seed).fork("pairs"), console)?;
    let split = if args.validation { Split::Valid } else { Split::Test };
    table(&measure(&refiners, &*source, args.training_pairs, split, args.pairs), console)
}

fn read(path: &Path) -> Result<Refiner> {
    Refiner::from_bytes(&files::read(path)?).map_err(|error| Error::file("read", path, error))
}

/// Names of the columns, in their order.
const COLUMNS: [&str; 4] = ["unrefined", "equalizer", "refined", "compared"];

/// Prints distances, one line per family and one for all.
///
/// # Errors
/// If stdout cannot be written to.
pub fn table(rows: &[Row], console: Console) -> Result<()> {
    let tables: [Table; 4] = [
        ("log-spectral distance to the target on held-out notes, in dB", |distances| distances.spectral_db),
        ("the same over those cells that are heard in the unrefined sound or the target, in dB", |distances| {
            distances.fixed_db
        }),
        ("multi-resolution STFT loss", |distances| distances.multi_resolution),
        ("Fréchet distance of mel levels, in dB²", |distances| distances.frechet),
    ];
    let columns = rows.first().map_or(0, |row| row.columns.len());
    for (title, value) in tables {
        console.line(title)?;
        let header: String = COLUMNS[..columns].iter().map(|name| format!("{name:>11}")).collect();
        console.line(&format!("family     pairs{header}"))?;
        for row in rows {
            let values: String = row.columns.iter().map(|column| format!("{:11.2}", value(column))).collect();
            let change = |against: usize| {
                let (before, after) = (value(&row.columns[against]), row.columns.get(2).map_or(f32::NAN, value));
                100.0 * (after / before - 1.0)
            };
            let changes = format!("   {:+4.0} % {:+4.0} %", change(0), change(1));
            console.line(&format!("{:9} {:6}{values}{changes}", name(row.family), row.pairs))?;
        }
        console.line("")?;
    }
    console.line("the most that refining moved")?;
    console.line(
        "family    attacks  onset ms  cents    LU  correlation  echo dB  silence dBFS  seam  peak dB  attacks less  pairs less",
    )?;
    for row in rows {
        let Moved { attacks, onset_ms, pitch_cents, level_lu, correlation, echo_db, silence_dbfs, seam, peak_db } =
            row.moved;
        console.line(&format!(
            "{:9} {attacks:7} {onset_ms:9.1} {pitch_cents:6.1} {level_lu:5.2} {correlation:12.3} {echo_db:8.0} \
             {silence_dbfs:13.0} {seam:5.2} {peak_db:8.1} {:13} {:11}",
            name(row.family),
            row.attacks_less,
            row.held_back
        ))?;
    }
    console.object(&rows.iter().map(object).collect::<Vec<Value>>())
}

fn name(family: Option<Family>) -> &'static str {
    family.map_or("all", Family::name)
}

fn object(row: &Row) -> Value {
    let columns = COLUMNS.iter().zip(&row.columns).map(|(name, distances)| {
        let Distances { spectral_db, fixed_db, multi_resolution, frechet } = distances;
        let value = json!({"spectral_db": spectral_db, "fixed_db": fixed_db, "multi_resolution": multi_resolution, "frechet": frechet});
        ((*name).to_owned(), value)
    });
    let Moved { attacks, onset_ms, pitch_cents, level_lu, correlation, echo_db, silence_dbfs, seam, peak_db } =
        row.moved;
    json!({
        "family": name(row.family),
        "pairs": row.pairs,
        "distances": columns.collect::<serde_json::Map<String, Value>>(),
        "attacks": attacks,
        "attacks_less": row.attacks_less,
        "held_back": row.held_back,
        "moved": {
            "onset_ms": onset_ms, "pitch_cents": pitch_cents, "level_lu": level_lu, "correlation": correlation,
            "echo_db": finite(echo_db), "silence_dbfs": finite(silence_dbfs), "seam": seam, "peak_db": peak_db,
        },
    })
}

/// `null` for what is perfectly silent.
fn finite(level_db: f32) -> Option<f32> {
    level_db.is_finite().then_some(level_db)
}
