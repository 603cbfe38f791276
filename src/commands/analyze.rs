//! `riffsmith analyze`: what is in a MIDI file.

mod lines;
mod object;

use crate::console::Console;
use crate::error::{Error, Result};
use crate::files::FileSet;
use crate::{commands::render, plot};
use riffsmith_dsp::analysis::{Analysis, Function, analyze};
use riffsmith_dsp::score::{Role, Score};
use std::path::PathBuf;

/// Say what is in a MIDI file: key, chords, form, motifs, feel
///
/// Key and modulations with their probabilities, tempo, metre, chords on the beats they begin on as symbols and Roman
/// numerals, sections and repeats, motifs, density, ranges, swing, timing, loudness, and what each track is there for. All
/// of it is found in the notes; written key signatures are only told.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A standard MIDI file
    #[arg(value_name = "FILE.mid")]
    file: PathBuf,
    /// Also write a picture: piano roll, chords, keys and sections
    #[arg(long, value_name = "OUT.png")]
    plot: Option<PathBuf>,
    /// Replace the picture if it exists
    #[arg(long)]
    force: bool,
}

/// Prints the analysis.
///
/// # Errors
/// If the file is no MIDI file or too long, or the picture cannot be written.
pub fn run(args: &Args, console: Console) -> Result<()> {
    let mut files = FileSet::new(args.force);
    if let Some(picture) = &args.plot {
        files.check(picture)?;
    }
    let mut score = render::read(&args.file)?;
    let analysis = analyze(&score).map_err(|error| Error::file("analyze", &args.file, error))?;
    assign(&mut score, &analysis);
    if let Some(picture) = &args.plot {
        let title = args.file.file_stem().unwrap_or_default().to_string_lossy();
        files.stage(picture, &plot::analysis_png(&title, &score, &analysis))?;
    }
    for line in lines::lines(&score, &analysis) {
        console.line(&line)?;
    }
    files.commit()?;
    console.object(&object::object(&score, &analysis))
}

/// Gives the tracks the roles that were found, for the colours of the picture.
fn assign(score: &mut Score, analysis: &Analysis) {
    for part in &analysis.parts {
        score.tracks[part.track].role = match part.function {
            Function::Role(role) => Some(role),
            Function::Pad => Some(Role::Chords),
            Function::Other => None,
        };
    }
}
