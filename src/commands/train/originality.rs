//! `riffsmith train originality`: the index of what the composer learns from.

use crate::console::Console;
use crate::corpus;
use crate::error::Result;
use crate::files::FileSet;
use riffsmith_dsp::score::Role;
use riffsmith_models::originality::{BASS_BOUND, DRUM_BARS, LEAD_BOUND, build};
use riffsmith_models::piece::{Piece, Split};
use std::path::PathBuf;

/// Index the training music, so that copies of it are noticed
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Directory of data sets
    #[arg(long, value_name = "DIR")]
    corpus: PathBuf,
    /// Index file to write
    #[arg(short, long, value_name = "FILE")]
    out: PathBuf,
    /// Replace the file if it exists
    #[arg(long)]
    force: bool,
}

/// Writes the index, and says how much of it is common property and how much human music that was held out shares with it.
///
/// # Errors
/// If the data cannot be read or the file not be written.
pub fn run(args: &Args, console: Console) -> Result<()> {
    let mut files = FileSet::new(args.force);
    files.check(&args.out)?;
    let pieces = corpus::read(&args.corpus, console)?;
    let (index, counts) = build(&pieces);
    let bytes = index.to_bytes();
    files.stage(&args.out, &bytes)?;
    files.commit()?;
    let line = |what: &str, [all, common]: [usize; 2]| {
        console.line(&format!("{all} figures of {what}, {common} of them common property (in three pieces and more)"))
    };
    console.line(&format!("{} pieces, {} bytes", counts.pieces, bytes.len()))?;
    line("eight notes", counts.melodies)?;
    line("two bars of drums", counts.drums)?;
    for (role, bound) in [(Role::Lead, LEAD_BOUND), (Role::Bass, BASS_BOUND), (Role::Drums, DRUM_BARS - 1)] {
        let held_out: Vec<&Piece> =
            pieces.iter().filter(|piece| piece.split != Split::Train && !piece.part(role).is_empty()).collect();
        let mut longest: Vec<usize> =
            held_out.iter().map(|piece| index.of_piece(piece, role).map_or(0, |found| found.length)).collect();
        longest.sort_unstable();
        let at =
            |share: f64| longest.get(((longest.len() as f64 - 1.0) * share).round() as usize).copied().unwrap_or(0);
        let beyond = longest.iter().filter(|&&length| length > bound).count();
        console.line(&format!(
            "{role}: {beyond} of {} held-out pieces share more than {bound} in a row with a training piece; median {}, 90 % {}",
            longest.len(),
            at(0.5),
            at(0.9)
        ))?;
    }
    Ok(())
}
