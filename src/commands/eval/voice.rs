//! `riffsmith eval voice`: how well a voice knows someone's music, beside the built-in networks.

use crate::commands::generate;
use crate::console::Console;
use crate::corpus;
use crate::error::Result;
use riffsmith_models::composer::Part;
use riffsmith_models::piece::{Piece, Split};
use riffsmith_models::train::composer::{Losses, held_out_losses};
use serde::Serialize;
use std::path::PathBuf;

/// Measure how well a voice of `--learn` or `train composer` knows music, beside the built-in networks
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Nats per note: how surprised the networks are by what comes next. Music that the voice has learnt from tells nothing."
)]
pub struct Args {
    /// Music that the voice has not learnt from: MIDI and MusicXML files, or directories of them
    #[arg(long, value_name = "PATH", num_args = 1.., required = true)]
    data: Vec<PathBuf>,
    /// The voice
    #[arg(long, value_name = "FILE")]
    voice: PathBuf,
}

#[derive(Serialize)]
struct Row {
    part: &'static str,
    pieces: usize,
    notes: usize,
    builtin: f64,
    voice: f64,
}

/// Prints the table.
///
/// # Errors
/// If a file cannot be read, or there is no music.
pub fn run(args: &Args, console: Console) -> Result<()> {
    let [builtin, voice] = [generate::composer(None)?, generate::composer(Some(&args.voice))?];
    let held_out = |piece| Piece { split: Split::Test, ..piece };
    let pieces: Vec<Piece> = corpus::open_all(&args.data, console)?.pieces.into_iter().map(held_out).collect();
    let row = |part: Part| {
        let Losses { amount, before, after } = held_out_losses(&pieces, part, &builtin, &voice)?;
        Some(Row { part: part.name(), pieces: amount.pieces, notes: amount.notes, builtin: before, voice: after })
    };
    let rows: Vec<Row> = Part::ALL.into_iter().filter_map(row).collect();
    console.line("part     pieces   notes  built-in   voice  difference")?;
    for Row { part, pieces, notes, builtin, voice } in &rows {
        let difference = 100.0 * (voice / builtin - 1.0);
        console.line(&format!("{part:8} {pieces:6} {notes:7} {builtin:9.3} {voice:7.3} {difference:+9.1} %"))?;
    }
    console.object(&rows)
}
