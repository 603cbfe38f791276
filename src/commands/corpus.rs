//! `riffsmith corpus`: the music that networks learn from, as one file.

use crate::console::Console;
use crate::corpus;
use crate::error::Result;
use crate::files::FileSet;
use riffsmith_models::train::corpus::{Rows, pack};
use serde::Serialize;
use std::path::{Path, PathBuf};

/// Make a corpus to train on, out of MIDI files, MusicXML and data sets
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, clap::Subcommand)]
enum Task {
    Build(BuildArgs),
}

/// Read directories of music into one file that trains and evaluates at once
#[derive(Debug, clap::Args)]
#[command(
    after_help = "A directory holds data sets in directories of their names, or is one of them, or is your own folder of \
    MIDI files (.mid, .midi, .kar) and MusicXML (.mxl, .musicxml, .xml), also in .zip files. Roles (drums, bass, chords, lead) are \
    told by program, track name, register and how many notes sound together; words of a path that are known styles, as in \
    house/loop.mid, are the styles. Keys are moved to C, played onsets to the grid with how far they were off; what is there \
    twice, in whatever key, is left out, and versions of one piece are never split between training and test. The report says what \
    was left out and why; files that cannot be read are skipped."
)]
struct BuildArgs {
    /// Directories of music
    #[arg(value_name = "DIR", required = true)]
    directories: Vec<PathBuf>,
    /// Corpus file to write
    #[arg(short, long, value_name = "FILE")]
    out: PathBuf,
    /// Replace an existing file
    #[arg(long)]
    force: bool,
}

#[derive(Serialize)]
struct Built<'a> {
    path: &'a Path,
    bytes: usize,
    pieces: usize,
    #[serde(flatten)]
    report: Rows<'a>,
}

/// Builds a corpus file and prints what is in it.
///
/// # Errors
/// If a directory or data set cannot be read, holds no music, or the file cannot be written.
pub fn run(args: &Args, console: Console) -> Result<()> {
    let Task::Build(args) = &args.task;
    let mut files = FileSet::new(args.force);
    files.check(&args.out)?;
    let corpus = corpus::gather(&args.directories)?;
    let bytes = pack(&corpus);
    files.stage(&args.out, &bytes)?;
    files.commit()?;
    let (pieces, report) = (corpus.pieces.len(), &corpus.report);
    report.unread.iter().for_each(|file| console.warn(&format!("not readable: {file}")));
    console.line(report.to_string().trim_end())?;
    console.line(&format!("{}: {pieces} pieces, {} bytes", args.out.display(), bytes.len()))?;
    console.object(&Built { path: &args.out, bytes: bytes.len(), pieces, report: report.rows() })
}
