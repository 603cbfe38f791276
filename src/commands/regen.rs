//! `riffsmith regen`: makes a file again from the recipe that it holds.

use super::generate::composer;
use crate::console::Console;
use crate::error::{Error, Result};
use crate::files::{self, FileSet};
use crate::output::{self, Extras};
use crate::pipeline::generate;
use crate::recipe::{Recipe, VERSION};
use crate::report::{Made, Report};
use crate::wav;
use riffsmith_models::composer::Composer;
use riffsmith_models::refiner::Refiner;
use std::path::{Path, PathBuf};

const AFTER_HELP: &str =
    "Without --output or --out, the file itself is checked: it is left alone if its sound comes out the same.";

/// Make a loop again from the recipe stored in its WAV file
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Args {
    /// A WAV file made by riffsmith
    file: PathBuf,
    /// Write to this file
    #[arg(short, long, value_name = "FILE", conflicts_with = "out")]
    output: Option<PathBuf>,
    /// Write to this directory, under the name that generate gives
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    #[command(flatten)]
    extras: Extras,
    /// Replace files that exist
    #[arg(long)]
    force: bool,
    /// Compose with the weights in this file in place of the built-in ones
    #[arg(long, value_name = "FILE")]
    weights: Option<PathBuf>,
}

/// Makes the file again.
///
/// # Errors
/// If it holds no recipe, another composer made it, or the result cannot be written.
pub fn run(args: &Args, console: Console) -> Result<()> {
    let original = files::read(&args.file)?;
    let (recipe, part) = Recipe::of_file(&original).map_err(|error| Error::file("make again", &args.file, error))?;
    let composer = composer(args.weights.as_deref())?;
    check_maker(&recipe, &composer, console)?;
    let song = generate(&recipe, &composer);

    let name = output::name(&recipe, part);
    let sound = song.sound(part)?;
    let bytes = output::sound(&recipe, part, &sound, &name)?;
    let target = match (&args.output, &args.out) {
        (Some(file), _) => file.clone(),
        (None, Some(directory)) => {
            files::make_directory(directory)?;
            directory.join(format!("{name}.wav"))
        }
        (None, None) => args.file.clone(),
    };
    let mut files = FileSet::new(args.force);
    if target == args.file && bytes == original {
        console.note(&format!("{} comes out the same, byte for byte", target.display()));
    } else if target == args.file && !args.force && wav::is_same_sound(&bytes, &original) {
        console.note(&format!("{} comes out with the same sound, bit for bit; its tags are kept", target.display()));
    } else if target == args.file && !args.force {
        return Err(Error::failed(format!("{} comes out different", target.display()))
            .hint("--force replaces it, --output writes to another file"));
    } else {
        files.stage(&target, &bytes)?;
    }
    let mut made = vec![Made::sound(target.clone(), &recipe, part, &sound)];
    let directory = target.parent().unwrap_or(Path::new(""));
    let base = target.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or(name);
    made.extend(output::stage_extras(&mut files, &recipe, &song, args.extras, directory, &base)?);
    files.commit()?;
    let mut report = Report::default();
    report.add(recipe, made);
    report.print(console)
}

fn check_maker(recipe: &Recipe, composer: &Composer, console: Console) -> Result<()> {
    if recipe.composer != composer.hash() {
        return Err(Error::failed(format!(
            "it was composed with weights {}, but these are {}",
            recipe.composer,
            composer.hash()
        ))
        .hint(format!("use riffsmith {}, or --weights with the file that was used", recipe.version)));
    }
    if let Some(refinement) = &recipe.refine {
        let own = Refiner::builtin().hash();
        if refinement.weights != own {
            let other = &refinement.weights;
            return Err(Error::failed(format!("it was refined with weights {other}, but these are {own}"))
                .hint(format!("use riffsmith {}", recipe.version)));
        }
    }
    if recipe.version != VERSION {
        console.warn(&format!("it was made by riffsmith {}, and may sound different by {VERSION}", recipe.version));
    }
    Ok(())
}
