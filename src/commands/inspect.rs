//! `riffsmith inspect`: everything that WAV files say, and what they measure.

mod lines;
mod object;

use crate::console::Console;
use crate::error::{Error, Result};
use crate::files::{self, FileSet};
use crate::measure::{Measures, measure};
use crate::plot::{self, Marks};
use crate::recipe::{Part, Recipe};
use crate::wav::{self, Description, LoopPoints};
use riffsmith_dsp::AudioBuffer;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// Show what WAV files say about themselves, and their levels
#[derive(Debug, clap::Args)]
pub struct Args {
    /// WAV files, of any origin
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Also write a picture of waveform, mel spectrogram and spectrum, of one file
    #[arg(long, value_name = "OUT.png")]
    plot: Option<PathBuf>,
    /// Replace the picture if it exists
    #[arg(long)]
    force: bool,
}

/// What there is to know of a file.
struct Inspection<'a> {
    path: &'a Path,
    bytes: usize,
    description: Description,
    /// The sound, or why it is not understood.
    audio: riffsmith_dsp::Result<AudioBuffer>,
    measures: Option<Measures>,
    recipe: Option<(Recipe, Part)>,
}

/// Prints what is known of each file; one that is not understood does not keep the others back.
///
/// # Errors
/// If a file cannot be read or is no WAV file, or the picture cannot be written.
pub fn run(args: &Args, console: Console) -> Result<()> {
    let mut files = FileSet::new(args.force);
    if let Some(picture) = &args.plot {
        if args.files.len() > 1 {
            return Err(Error::usage(format!("--plot takes one file, but {} were given", args.files.len())));
        }
        files.check(picture)?;
    }
    let mut objects = Vec::new();
    let mut failed = Vec::new();
    for path in &args.files {
        match inspect(path) {
            Ok(inspection) => {
                for line in lines::lines(&inspection) {
                    console.line(&line)?;
                }
                objects.push(object::object(&inspection));
                if let Some(picture) = &args.plot {
                    files.stage(picture, &draw(&inspection)?)?;
                }
            }
            Err(error) => {
                objects.push(json!({ "path": path, "error": error.message }));
                failed.push(error);
            }
        }
    }
    files.commit()?;
    let single = args.files.len() == 1;
    if !(single && failed.len() == 1) {
        console.object(&json!({ "files": Value::Array(objects) }))?;
    }
    match failed.pop() {
        None => Ok(()),
        Some(error) if single => Err(error),
        Some(last) => {
            failed.push(last);
            failed.iter().for_each(|error| console.error(error));
            Err(Error::failed(format!("{} of {} files were not understood", failed.len(), args.files.len())))
        }
    }
}

fn inspect(path: &Path) -> Result<Inspection<'_>> {
    let bytes = files::read(path)?;
    let description = wav::describe(&bytes).map_err(|error| Error::file("inspect", path, error))?;
    let audio = description.audio(&bytes);
    let points = loop_points(&description);
    let mono = description.format.channels == 1;
    let measures = audio.as_ref().ok().map(|audio| measure(audio, mono, points));
    Ok(Inspection { path, bytes: bytes.len(), measures, audio, recipe: Recipe::of_file(&bytes).ok(), description })
}

/// The first loop that lies within the sound.
fn loop_points(description: &Description) -> Option<LoopPoints> {
    let it = description.sampler.as_ref()?.loops.first()?;
    let inside = it.first_frame < it.last_frame && u64::from(it.last_frame) < description.frames?;
    inside.then_some(LoopPoints { first_frame: it.first_frame as usize, last_frame: it.last_frame as usize })
}

fn draw(inspection: &Inspection) -> Result<Vec<u8>> {
    let Inspection { path, description, audio, .. } = inspection;
    let audio = audio.as_ref().map_err(|error| Error::file("draw", path, error))?;
    let cue =
        |cue: &wav::chunks::CuePoint| (cue.frame as usize, cue.label.clone().unwrap_or_else(|| cue.id.to_string()));
    let marks = Marks {
        repeat: loop_points(description).map(|points| [points.first_frame, points.last_frame]),
        cues: description.cues.iter().map(cue).collect(),
    };
    let title = path.file_stem().unwrap_or_default().to_string_lossy();
    Ok(plot::sound_png(&title, audio, &marks))
}
