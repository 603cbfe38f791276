//! Takes as files.

use crate::error::Result;
use crate::files::{self, FileSet};
use crate::names;
use crate::output::{self, Extras};
use crate::pipeline::generate;
use crate::recipe::{Part, Recipe};
use riffsmith_models::composer::Composer;
use std::path::{Path, PathBuf};

/// Files that were written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exported {
    /// The mix.
    pub mix: PathBuf,
    /// How many files in all.
    pub count: usize,
}

/// Writes mix, stems and notes to `directory`, as `generate` does, under names that nothing there has.
///
/// # Errors
/// If there is no room or no right to write.
pub fn write(recipe: &Recipe, composer: &Composer, directory: &Path) -> Result<Exported> {
    files::make_directory(directory)?;
    let song = generate(recipe, composer);
    let base = free(directory, &names::base(recipe));
    let mix = directory.join(format!("{base}.wav"));
    let mut set = FileSet::new(false);
    set.stage(&mix, &output::sound(recipe, Part::Mix, &song.audio, &base)?)?;
    let extras = Extras { stems: true, midi: true, plot: false };
    let count = 1 + output::stage_extras(&mut set, recipe, &song, extras, directory, &base)?.len();
    set.commit()?;
    Ok(Exported { mix, count })
}

/// The name itself, or with the first number from 2 on that nothing in the directory has.
fn free(directory: &Path, base: &str) -> String {
    let taken = |name: &str| {
        let start = format!("{name}.");
        let stem = format!("{name}_premaster.");
        let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
        let mut names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
        names.any(|entry| entry.starts_with(&start) || entry.starts_with(&stem))
    };
    let numbered = (2..).map(|number| format!("{base}_{number}"));
    std::iter::once(base.to_owned()).chain(numbered).find(|name| !taken(name)).expect("numbers do not end")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_taken_gets_a_number() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path();
        assert_eq!(free(path, "120_a"), "120_a");
        std::fs::write(path.join("120_a.wav"), "").expect("writable");
        std::fs::write(path.join("120_a_2.mid"), "").expect("writable");
        assert_eq!(free(path, "120_a"), "120_a_3");
        assert_eq!(free(path, "120"), "120");
    }
}
