//! What the refiner is trained or measured against: a SoundFont, or a folder of one-shots.

use crate::console::Console;
use crate::error::{Error, Result};
use crate::{files, one_shots};
use riffsmith_dsp::Seed;
use riffsmith_dsp::soundfont::Reference;
use riffsmith_models::refiner::Family;
use riffsmith_models::train::refiner::{OneShotPairs, PairSource, SoundFontPairs};
use std::path::PathBuf;

/// The flags.
#[derive(Debug, clap::Args)]
pub struct Target {
    /// General MIDI SoundFont to sound like, or a folder of WAV one-shots: what each is by its name or its folder's, its root
    /// by its smpl chunk, its name, or its pitch
    #[arg(long, value_name = "FILE.sf2|DIR")]
    pub target: PathBuf,
    /// All one-shots of the folder are of this family
    #[arg(long, value_name = "NAME", value_parser = family)]
    family: Option<Family>,
}

/// A family of instruments.
pub fn family(text: &str) -> std::result::Result<Family, String> {
    let names = Family::ALL.map(Family::name).join(", ");
    Family::from_name(text).map_err(|_| format!("must be one of {names}, but was {text}"))
}

impl Target {
    /// Whether it is a folder.
    pub fn is_folder(&self) -> bool {
        self.target.is_dir()
    }
}

/// Pairs of our patches and the target.
///
/// # Errors
/// If the target cannot be read, or holds nothing to learn from.
pub fn pairs(target: &Target, seed: Seed, console: Console) -> Result<Box<dyn PairSource>> {
    let path = &target.target;
    if target.is_folder() {
        let shots = one_shots::read(path, target.family, console)?;
        console.note(&format!("target: {} one-shots in {}", shots.len(), path.display()));
        return Ok(Box::new(OneShotPairs::new(shots, seed)));
    }
    if target.family.is_some() {
        return Err(Error::usage("--family is for a folder of one-shots; a SoundFont's programs say what they are"));
    }
    let reference = Reference::from_bytes(&files::read(path)?).map_err(|error| Error::file("read", path, error))?;
    console.note(&format!("target: {} ({})", path.display(), reference.name()));
    Ok(Box::new(SoundFontPairs::new(reference, seed)))
}
