//! `riffsmith train`: makes the networks' weights. One variant and one file per network.

pub mod composer;
mod log;
mod originality;
mod polyphonic;
mod refiner;
pub mod refiner_target;

use crate::console::Console;
use crate::error::Result;

/// Train a network
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    network: Network,
}

#[derive(Debug, clap::Subcommand)]
enum Network {
    Composer(composer::Args),
    Originality(originality::Args),
    Polyphonic(polyphonic::Args),
    Refiner(refiner::Args),
}

/// Trains the network asked for.
///
/// # Errors
/// Whatever its own training fails with.
pub fn run(args: &Args, console: Console) -> Result<()> {
    match &args.network {
        Network::Composer(args) => composer::run(args, console),
        Network::Originality(args) => originality::run(args, console),
        Network::Polyphonic(args) => polyphonic::run(args, console),
        Network::Refiner(args) => refiner::run(args, console),
    }
}

/// Minutes of training.
///
/// # Errors
/// What is no number, or out of range.
pub fn minutes(text: &str) -> std::result::Result<f64, String> {
    match text.parse() {
        Ok(minutes) if (0.01..=10_000.0).contains(&minutes) => Ok(minutes),
        _ => Err("must be 0.01 to 10000".into()),
    }
}
