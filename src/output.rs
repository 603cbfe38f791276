//! The files of a song: mix, stems, MIDI and picture, under names that belong together.

use crate::error::Result;
use crate::files::FileSet;
use crate::pipeline::Song;
use crate::recipe::{Part, Recipe};
use crate::report::{Kind, Made};
use crate::wav::{self, Repeat, Sound, Tags};
use crate::{names, plot};
use riffsmith_dsp::AudioBuffer;
use riffsmith_dsp::score::{Role, midi};
use std::path::{Path, PathBuf};

/// What to write beside the mix.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::Args)]
pub struct Extras {
    /// Also write each part and their unmastered sum, as 32-bit float
    #[arg(long)]
    pub stems: bool,
    /// Also write the notes as a MIDI file
    #[arg(long)]
    pub midi: bool,
    /// Also write a picture of notes, waveform and spectrum as PNG
    #[arg(long)]
    pub plot: bool,
}

/// The name of a sound, without its ending.
pub fn name(recipe: &Recipe, part: Part) -> String {
    let base = names::base(recipe);
    match part {
        Part::Mix => base,
        Part::Premaster => format!("{base}_premaster"),
        Part::Stem(role) => format!("{base}_{role}"),
    }
}

/// Stages the mix of `song` and its extras in `directory`.
///
/// # Errors
/// If there is no room or no right to write, or one of them exists.
pub fn stage(files: &mut FileSet, recipe: &Recipe, song: &Song, extras: Extras, directory: &Path) -> Result<Vec<Made>> {
    let base = names::base(recipe);
    let mut made = vec![stage_sound(files, recipe, Part::Mix, &song.audio, directory.join(format!("{base}.wav")))?];
    made.extend(stage_extras(files, recipe, song, extras, directory, &base)?);
    Ok(made)
}

/// Stages what is wanted beside the mix, under names that start with `base`.
///
/// # Errors
/// If there is no room or no right to write, or one of them exists.
pub fn stage_extras(
    files: &mut FileSet,
    recipe: &Recipe,
    song: &Song,
    extras: Extras,
    directory: &Path,
    base: &str,
) -> Result<Vec<Made>> {
    let path = |ending: &str| directory.join(format!("{base}{ending}"));
    let mut made = Vec::new();
    if extras.stems {
        let premaster = song.sound(Part::Premaster)?;
        made.push(stage_sound(files, recipe, Part::Premaster, &premaster, path("_premaster.wav"))?);
        for role in &recipe.roles {
            let part = Part::Stem(*role);
            let stem = song.sound(part)?;
            made.push(stage_sound(files, recipe, part, &stem, path(&format!("_{role}.wav")))?);
        }
    }
    if extras.midi {
        files.stage(&path(".mid"), &midi::write(&song.score))?;
        made.push(Made::new(path(".mid"), Kind::Midi, recipe));
    }
    if extras.plot {
        files.stage(&path(".png"), &plot::png(&title(recipe), &song.score, &song.audio))?;
        made.push(Made::new(path(".png"), Kind::Plot, recipe));
    }
    Ok(made)
}

fn stage_sound(files: &mut FileSet, recipe: &Recipe, part: Part, audio: &AudioBuffer, path: PathBuf) -> Result<Made> {
    files.stage(&path, &sound(recipe, part, audio, &name(recipe, part))?)?;
    Ok(Made::sound(path, recipe, part, audio))
}

/// One sound of a song as a WAV file that holds the recipe.
///
/// # Errors
/// If it is too long for a WAV file.
pub fn sound(recipe: &Recipe, part: Part, audio: &AudioBuffer, title: &str) -> Result<Vec<u8>> {
    wav::encode(audio, recipe.depth(part), &tags(recipe, part, title), recipe.seed.fork("dither"))
}

/// What a WAV file says about one sound of a song.
pub fn tags(recipe: &Recipe, part: Part, title: &str) -> Tags {
    let unpitched = part == Part::Stem(Role::Drums) || recipe.roles == [Role::Drums];
    let root = (!unpitched).then_some(recipe.key.tonic);
    Tags {
        title: title.to_owned(),
        genre: recipe.style.clone(),
        keywords: if unpitched { Vec::new() } else { vec![recipe.key.to_string()] },
        comment: recipe.to_json(part),
        sound: Sound::Loop(Repeat::new(recipe.length(), recipe.tempo, recipe.meter, root, recipe.rate)),
        ..Tags::default()
    }
}

fn title(recipe: &Recipe) -> String {
    let Recipe { style, tempo, key, meter, bars, seed, .. } = recipe;
    format!("{style}  {} bpm  {key}  {meter}  {bars} bars  seed {}", tempo.bpm(), seed.0)
}
