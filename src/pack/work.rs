//! A pack in the making: which of its items are done. What is done is known from receipts, each written after the files that it
//! vouches for; so a pack can be stopped at any moment, and gone on with.

use super::make::Made;
use super::manifest::Row;
use super::recipe::PackRecipe;
use crate::checksum::sha256;
use crate::error::{Error, Result};
use crate::files::{self, FileSet};
use std::fs::{self, File};
use std::path::{Path, PathBuf};

/// The folder within the pack's that is there while it is being made.
const FOLDER: &str = ".riffsmith";

/// The folder of a pack that is being made.
#[derive(Debug)]
pub struct Work {
    directory: PathBuf,
    /// Locked for as long as this lives: no two programs make the same pack.
    _lock: File,
}

/// The rows of an item's files.
pub type Receipt = Vec<Row>;

/// What is found where a pack is to be made.
#[derive(Debug)]
pub enum Found {
    /// It can be made, or gone on with.
    Open(Work),
    /// It is there, and complete.
    Complete,
}

impl Work {
    /// Opens `directory` for `pack`, made if it is missing; `resume` goes on with what is there.
    ///
    /// # Errors
    /// If something else is there, another recipe's pack, or another program is at work on it.
    pub fn open(directory: &Path, pack: &PackRecipe, resume: bool) -> Result<Found> {
        let recipe_path = directory.join(FOLDER).join("pack.json");
        if recipe_path.exists() {
            if !resume {
                return Err(Error::failed(format!("{} holds a pack that is not finished", directory.display()))
                    .hint("--resume goes on with it"));
            }
            let found = Self::at(directory)?;
            let other = found.recipe()?;
            if other != *pack {
                return Err(other_recipe(directory, &other, pack));
            }
            // What a program was writing that was killed.
            files::sweep_below(directory);
            return Ok(Found::Open(found));
        }
        if directory.join("manifest.json").exists() && resume {
            let text = text(&directory.join("manifest.json"))?;
            let other = super::Manifest::from_json(&text)?.recipe;
            if other != *pack {
                return Err(other_recipe(directory, &other, pack));
            }
            // All that a program may have left that was killed as it closed the pack; else there is nothing to remove.
            drop(fs::remove_dir_all(directory.join(FOLDER)));
            return Ok(Found::Complete);
        }
        // A folder of receipts without a recipe is from a program that was killed as it began.
        let is_foreign = |entry: std::io::Result<fs::DirEntry>| entry.is_ok_and(|entry| entry.file_name() != FOLDER);
        if fs::read_dir(directory).is_ok_and(|mut entries| entries.any(is_foreign)) {
            return Err(Error::failed(format!("{} exists and is not empty", directory.display()))
                .hint("choose another --out or --name; --resume goes on with a pack that was stopped"));
        }
        files::make_directory(&directory.join(FOLDER))?;
        let work = Self::at(directory)?;
        let json = serde_json::to_vec_pretty(pack).expect("a recipe is plain data");
        work.write(&recipe_path, &json)?;
        Ok(Found::Open(work))
    }

    /// Opens what was begun in `directory`.
    ///
    /// # Errors
    /// If nothing was, or another program is at work on it.
    pub fn at(directory: &Path) -> Result<Self> {
        let refused = |error: std::io::Error| Error::file("open pack in", directory, files::reason(&error));
        let lock = File::create(directory.join(FOLDER).join("lock")).map_err(refused)?;
        match lock.try_lock() {
            Err(fs::TryLockError::WouldBlock) => {
                Err(Error::failed(format!("another riffsmith is at work in {}", directory.display())))
            }
            // A file system without locks: nothing can be told.
            Ok(()) | Err(fs::TryLockError::Error(_)) => Ok(Self { directory: directory.to_owned(), _lock: lock }),
        }
    }

    /// True if a pack was begun in `directory`, and not finished.
    pub fn is_begun(directory: &Path) -> bool {
        directory.join(FOLDER).join("pack.json").exists()
    }

    /// Where the pack lies.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// The recipe of the pack that was begun.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn recipe(&self) -> Result<PackRecipe> {
        let path = self.directory.join(FOLDER).join("pack.json");
        serde_json::from_str(&text(&path)?).map_err(|error| Error::file("use", &path, error))
    }

    /// Writes the files of an item, and then its receipt.
    ///
    /// # Errors
    /// If there is no room or no right to write.
    pub fn store(&self, index: usize, made: &Made) -> Result<()> {
        let mut set = FileSet::unsynced();
        for (row, bytes) in &made.files {
            let path = self.directory.join(&row.path);
            files::make_directory(path.parent().unwrap_or(&self.directory))?;
            set.stage(&path, bytes)?;
        }
        set.commit()?;
        let rows: Vec<&Row> = made.files.iter().map(|(row, _)| row).collect();
        let json = serde_json::to_vec(&rows).expect("rows are plain data");
        self.write(&self.receipt_path(index), &json)
    }

    /// The receipt of an item, if all its files are there as they were written.
    pub fn receipt(&self, index: usize) -> Option<Receipt> {
        let rows: Receipt = serde_json::from_slice(&fs::read(self.receipt_path(index)).ok()?).ok()?;
        let is_whole =
            |row: &Row| fs::read(self.directory.join(&row.path)).is_ok_and(|bytes| sha256(&bytes) == row.sha256);
        rows.iter().all(is_whole).then_some(rows)
    }

    /// Takes over an item that was made elsewhere.
    ///
    /// # Errors
    /// If its files cannot be read, or there is no room or no right to write.
    pub fn adopt(&self, index: usize, other: &Self, receipt: Receipt) -> Result<()> {
        let read = |row: Row| {
            let bytes = files::read(&other.directory.join(&row.path))?;
            Ok((row, bytes))
        };
        self.store(index, &Made { files: receipt.into_iter().map(read).collect::<Result<_>>()? })
    }

    /// All is done: forgets how.
    ///
    /// # Errors
    /// If the folder of receipts cannot be removed.
    pub fn close(self) -> Result<()> {
        let folder = self.directory.join(FOLDER);
        fs::remove_dir_all(&folder).map_err(|error| Error::file("remove", &folder, files::reason(&error)))
    }

    fn receipt_path(&self, index: usize) -> PathBuf {
        self.directory.join(FOLDER).join("items").join(format!("{index:05}.json"))
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> Result<()> {
        files::make_directory(path.parent().unwrap_or(&self.directory))?;
        let mut set = FileSet::unsynced();
        set.stage(path, bytes)?;
        set.commit()
    }
}

fn text(path: &Path) -> Result<String> {
    String::from_utf8(files::read(path)?).map_err(|_| Error::file("use", path, "it is no text"))
}

/// Names the first choice in which two recipes differ.
fn other_recipe(directory: &Path, other: &PackRecipe, asked: &PackRecipe) -> Error {
    let [other, asked] = [other, asked].map(|recipe| serde_json::to_value(recipe).expect("a recipe is plain data"));
    let fields = other.as_object().into_iter().flatten();
    let differs = fields.filter(|(name, value)| asked.get(name.as_str()) != Some(*value)).map(|(name, value)| {
        let asked = asked.get(name.as_str()).map_or("nothing".to_owned(), ToString::to_string);
        format!("its {name} is {value}, not {asked}")
    });
    let what = differs.collect::<Vec<_>>().join("; ");
    Error::failed(format!("{} holds another pack: {what}", directory.display()))
}

#[cfg(test)]
mod tests {
    use super::super::manifest::Kind;
    use super::super::recipe::example;
    use super::*;

    fn open(directory: &Path, resume: bool) -> Result<Work> {
        match Work::open(directory, &example(), resume)? {
            Found::Open(work) => Ok(work),
            Found::Complete => panic!("nothing is complete"),
        }
    }

    #[test]
    fn a_receipt_counts_only_while_its_files_are_whole() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("pack");
        let work = open(&path, false).expect("empty");
        let row = Row { sha256: sha256(b"sound"), ..Row::new("Loops/a.wav", Kind::Loop, "full") };
        work.store(3, &Made { files: vec![(row.clone(), b"sound".to_vec())] }).expect("writable");
        assert_eq!(work.receipt(3), Some(vec![row]));
        assert_eq!(work.receipt(2), None);
        fs::write(path.join("Loops/a.wav"), b"sou").expect("writable");
        assert_eq!(work.receipt(3), None);
    }

    #[test]
    fn nothing_else_is_written_over_and_another_pack_is_not_mixed_in() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("pack");
        drop(open(&path, false).expect("empty"));
        assert!(open(&path, false).expect_err("begun").message.contains("not finished"));
        let work = open(&path, true).expect("the same");
        assert!(open(&path, true).expect_err("locked").message.starts_with("another riffsmith is at work in"));
        drop(work);
        let other = PackRecipe { loops: 99, ..example() };
        let error = Work::open(&path, &other, true).expect_err("another");
        assert!(error.message.ends_with("holds another pack: its loops is 12, not 99"), "{error}");
        fs::write(directory.path().join("mine.txt"), "mine").expect("writable");
        let error = open(directory.path(), false).expect_err("not empty");
        assert!(error.message.ends_with("exists and is not empty"), "{error}");
        assert!(open(directory.path(), true).is_err());
    }

    #[test]
    fn a_pack_whose_making_was_killed_at_once_can_be_begun_again() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("pack");
        fs::create_dir_all(path.join(FOLDER)).expect("writable");
        fs::write(path.join(FOLDER).join("lock"), "").expect("writable");
        drop(open(&path, true).expect("as good as empty"));
        assert!(Work::is_begun(&path));
    }

    #[test]
    fn a_closed_pack_leaves_no_trace_of_its_making() {
        let directory = tempfile::tempdir().expect("a directory");
        let work = open(&directory.path().join("pack"), false).expect("empty");
        work.close().expect("removable");
        assert_eq!(fs::read_dir(directory.path().join("pack")).expect("a directory").count(), 0);
    }
}
