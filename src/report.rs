//! What a command has made: a line per file for people, one object for programs.

use crate::console::Console;
use crate::error::Result;
use crate::recipe::{Part, Recipe};
use riffsmith_dsp::AudioBuffer;
use riffsmith_dsp::score::Role;
use serde::Serialize;
use std::path::PathBuf;

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A finished loop.
    Mix,
    /// The sum of the stems, before it is finished.
    Premaster,
    /// One role alone.
    Stem,
    /// The notes.
    Midi,
    /// A picture.
    Plot,
}

/// A file that was made.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Made {
    /// Where it is.
    pub path: PathBuf,
    /// What it holds.
    pub kind: Kind,
    /// The role, of a stem.
    pub role: Option<Role>,
    /// Name of the style.
    pub style: Option<String>,
    /// The seed.
    pub seed: Option<u64>,
    /// Quarter notes per minute.
    pub bpm: f64,
    /// Tonic and mode.
    pub key: Option<String>,
    /// Time signature.
    pub meter: String,
    /// Length in bars.
    pub bars: u32,
    /// Length in frames, of a sound.
    pub frames: Option<usize>,
    /// Frames per second, of a sound.
    pub rate: Option<u32>,
    /// Bits in a sample, of a sound.
    pub bits: Option<u16>,
}

impl Made {
    /// A file made by `recipe`; what only sounds have is left open.
    pub fn new(path: PathBuf, kind: Kind, recipe: &Recipe) -> Self {
        Self {
            path,
            kind,
            role: None,
            style: Some(recipe.style.clone()),
            seed: Some(recipe.seed.0),
            bpm: recipe.tempo.bpm(),
            key: Some(recipe.key.to_string()),
            meter: recipe.meter.to_string(),
            bars: recipe.bars,
            frames: None,
            rate: None,
            bits: None,
        }
    }

    /// A sound made by `recipe`.
    pub fn sound(path: PathBuf, recipe: &Recipe, part: Part, audio: &AudioBuffer) -> Self {
        let (kind, role) = match part {
            Part::Mix => (Kind::Mix, None),
            Part::Premaster => (Kind::Premaster, None),
            Part::Stem(role) => (Kind::Stem, Some(role)),
        };
        Self {
            role,
            frames: Some(audio.len()),
            rate: Some(recipe.rate.as_u32()),
            bits: Some(recipe.depth(part).bits()),
            ..Self::new(path, kind, recipe)
        }
    }
}

/// All that a command has made.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    files: Vec<Made>,
    /// The recipe, of the first loop where there are several.
    #[serde(skip_serializing_if = "Option::is_none")]
    recipe: Option<Recipe>,
    /// All recipes, where there are several.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    recipes: Vec<Recipe>,
}

impl Report {
    /// Adds the files of a loop.
    pub fn add(&mut self, recipe: Recipe, files: Vec<Made>) {
        self.files.extend(files);
        match &self.recipe {
            None => self.recipe = Some(recipe),
            Some(first) => {
                if self.recipes.is_empty() {
                    self.recipes.push(first.clone());
                }
                self.recipes.push(recipe);
            }
        }
    }

    /// Adds a file that has no recipe.
    pub fn add_file(&mut self, file: Made) {
        self.files.push(file);
    }

    /// Prints one path a line, or one JSON object.
    ///
    /// # Errors
    /// If stdout cannot be written to.
    pub fn print(&self, console: Console) -> Result<()> {
        for file in &self.files {
            console.line(&file.path.display().to_string())?;
        }
        console.object(self)
    }
}
