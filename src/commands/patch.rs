//! `riffsmith patch`: makes patches from recordings and from other patches.

mod fit;
mod morph;
mod mutate;
mod target;

use crate::console::Console;
use crate::error::{Error, Result};
use crate::files::FileSet;
use riffsmith_dsp::patch::Patch;
use serde_json::{Map, Value, json};
use std::path::PathBuf;

/// Fit a patch to a recording, or make one from other patches
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    way: Way,
}

#[derive(Debug, clap::Subcommand)]
enum Way {
    Fit(fit::Args),
    Morph(morph::Args),
    Mutate(mutate::Args),
}

/// Makes the patch asked for.
///
/// # Errors
/// If what it is made from cannot be used, or the file cannot be written.
pub fn run(args: &Args, console: Console) -> Result<()> {
    match &args.way {
        Way::Fit(args) => fit::run(args, console),
        Way::Morph(args) => morph::run(args, console),
        Way::Mutate(args) => mutate::run(args, console),
    }
}

/// Where a patch is written to.
#[derive(Debug, clap::Args)]
struct Output {
    /// The patch file to write; its name becomes the patch's
    #[arg(short, long, value_name = "OUT.toml")]
    output: PathBuf,
    /// Replace the file if it exists
    #[arg(long)]
    force: bool,
}

impl Output {
    /// Refuses early what [`Output::write`] would refuse after the work.
    fn check(&self) -> Result<()> {
        if self.output.extension().is_none_or(|ending| ending != "toml") {
            return Err(Error::usage(format!("--output must be a .toml file, but was {}", self.output.display())));
        }
        FileSet::new(self.force).check(&self.output)
    }

    /// Writes the patch under the file's name, and says so with `facts`.
    fn write(&self, patch: Patch, words: &str, facts: Map<String, Value>, console: Console) -> Result<()> {
        let patch = Patch { name: self.name(), ..patch };
        let mut files = FileSet::new(self.force);
        files.stage(&self.output, patch.to_toml().as_bytes())?;
        files.commit()?;
        console.line(&format!("{}  {words}", self.output.display()))?;
        let mut object = json!({ "path": self.output, "patch": patch.name });
        if let Some(object) = object.as_object_mut() {
            object.extend(facts);
        }
        console.object(&object)
    }

    /// The patch's name: the file's, in lower case, with underscores.
    fn name(&self) -> String {
        let stem = self.output.file_stem().unwrap_or_default().to_string_lossy().to_lowercase();
        stem.chars().map(|letter| if letter.is_alphanumeric() { letter } else { '_' }).collect()
    }
}
