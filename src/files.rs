//! Writing files: all of a command's files or none, whole or not at all, and nothing overwritten unasked.

use crate::error::{Error, Result};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::NamedTempFile;

/// How temporary files are called. Each is locked as long as it is being written: an unlocked one is left from a run that was
/// stopped.
const PREFIX: &str = ".riffsmith-";
const SUFFIX: &str = ".tmp";
/// A younger one may have been made just now, and not be locked yet.
const SETTLED: Duration = Duration::from_secs(10);

/// Files that appear together: each is first written whole under a temporary name in its own directory.
#[derive(Debug)]
pub struct FileSet {
    force: bool,
    synced: bool,
    staged: Vec<(NamedTempFile, PathBuf)>,
}

impl FileSet {
    /// No files yet. With `force`, existing files are replaced.
    pub fn new(force: bool) -> Self {
        Self { force, synced: true, staged: Vec::new() }
    }

    /// The same for many files, of which none waits for the disk: they outlive the program, however it ends, but not a failure
    /// of power. For what is compared with its checksum before it is trusted; existing files are replaced.
    pub fn unsynced() -> Self {
        Self { force: true, synced: false, staged: Vec::new() }
    }

    /// Refuses early what [`FileSet::commit`] would refuse after the work.
    ///
    /// # Errors
    /// If there is something at `path`, and no leave to replace it.
    pub fn check(&self, path: &Path) -> Result<()> {
        if path.is_dir() {
            return Err(Error::file("write", path, "it is a directory"));
        }
        if !self.force && path.symlink_metadata().is_ok() { Err(exists(path)) } else { Ok(()) }
    }

    /// Writes `bytes` beside `path`.
    ///
    /// # Errors
    /// If there is no room or no right to write, or `path` exists already.
    pub fn stage(&mut self, path: &Path, bytes: &[u8]) -> Result<()> {
        self.stage_with(path, |file| file.write_all(bytes))
    }

    /// The same for what is too long to be held: `write` writes it piece by piece.
    ///
    /// # Errors
    /// If there is no room or no right to write, or `path` exists already.
    pub fn stage_with(&mut self, path: &Path, write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>) -> Result<()> {
        self.check(path)?;
        if self.staged.iter().all(|(_, other)| other.parent() != path.parent()) {
            sweep(directory_of(path), SETTLED);
        }
        self.staged.push((write_beside(path, write, self.synced)?, path.to_owned()));
        Ok(())
    }

    /// Gives all files their names.
    ///
    /// # Errors
    /// If one cannot have its name; then none of them is left that was not there before.
    pub fn commit(self) -> Result<()> {
        let mut named = Vec::new();
        for (file, path) in self.staged {
            let is_new = path.symlink_metadata().is_err();
            let result = if self.force { file.persist(&path) } else { file.persist_noclobber(&path) };
            if let Err(refused) = result {
                for path in named {
                    // Best effort: the first error is the one to report.
                    drop(fs::remove_file(path));
                }
                return Err(match refused.error.kind() {
                    std::io::ErrorKind::AlreadyExists => exists(&path),
                    _ => Error::file("write", &path, reason(&refused.error)),
                });
            }
            // What has replaced a file stays: without it there would be neither.
            if is_new {
                named.push(path);
            }
        }
        Ok(())
    }
}

/// The directory that a file is in, or would be.
pub fn directory_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Writes a temporary file in the directory of `path`; `synced`: through to the disk.
fn write_beside(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>,
    synced: bool,
) -> Result<NamedTempFile> {
    let refused = |error: std::io::Error| Error::file("write", path, reason(&error));
    let mut file = temporary_in(directory_of(path)).map_err(refused)?;
    write(&mut file).map_err(refused)?;
    if synced {
        file.as_file().sync_all().map_err(refused)?;
    }
    Ok(file)
}

/// A file in `directory` that is removed unless it is given its name.
///
/// # Errors
/// If there is no room or no right to write.
pub fn temporary_in(directory: &Path) -> std::io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(PREFIX).suffix(SUFFIX);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // Temporary files are private by default; these become ordinary ones, as the umask allows.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    let file = builder.tempfile_in(directory)?;
    // A file system without locks leaves nothing to sweep later, and nothing else to do.
    drop(file.as_file().try_lock());
    Ok(file)
}

/// Puts `bytes` in the place of an existing file, whole or not at all. Its permissions stay, and a link still leads to it.
///
/// # Errors
/// If there is no such file, it is read-only, or there is no room or no right to write.
pub fn replace(path: &Path, bytes: &[u8]) -> Result<()> {
    let refused = |error: std::io::Error| Error::file("write", path, reason(&error));
    let target = path.canonicalize().map_err(refused)?;
    let permissions = target.metadata().map_err(refused)?.permissions();
    if permissions.readonly() {
        return Err(Error::file("write", path, "it is read-only"));
    }
    let file = write_beside(&target, |file| file.write_all(bytes), true)?;
    file.as_file().set_permissions(permissions).map_err(refused)?;
    file.persist(&target).map_err(|error| refused(error.error))?;
    Ok(())
}

/// Makes sure that there is a directory to write to.
///
/// # Errors
/// If it cannot be made.
pub fn make_directory(directory: &Path) -> Result<()> {
    fs::create_dir_all(directory).map_err(|error| Error::file("make directory", directory, reason(&error)))
}

/// The bytes of a file.
///
/// # Errors
/// If it cannot be read.
pub fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).map_err(|error| Error::file("read", path, reason(&error)))
}

/// Removes the temporary files that stopped runs have left in `directory` and all below it, however young: for a directory that
/// belongs to this run alone.
pub fn sweep_below(directory: &Path) {
    sweep(directory, Duration::ZERO);
    let Ok(entries) = fs::read_dir(directory) else { return };
    for entry in entries.flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            sweep_below(&entry.path());
        }
    }
}

/// Removes the temporary files that stopped runs have left in a directory, at least as old as `settled`.
fn sweep(directory: &Path, settled: Duration) {
    let Ok(entries) = fs::read_dir(directory) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if !(name.starts_with(PREFIX) && name.ends_with(SUFFIX)) {
            continue;
        }
        let age = entry.metadata().and_then(|metadata| metadata.modified()).map(|modified| modified.elapsed());
        let is_old = settled.is_zero() || age.is_ok_and(|age| age.is_ok_and(|age| age > settled));
        let is_stale = is_old && fs::File::open(entry.path()).is_ok_and(|file| file.try_lock().is_ok());
        if is_stale {
            // Best effort: whoever owns it may remove it.
            drop(fs::remove_file(entry.path()));
        }
    }
}

fn exists(path: &Path) -> Error {
    Error::failed(format!("{} exists already", path.display())).hint("--force replaces it")
}

/// What the system says, without its error number.
pub fn reason(error: &std::io::Error) -> String {
    let text = error.to_string();
    // Errors of temporary files also name their path, which means nothing to the user.
    let text = text.split(" at path ").next().unwrap_or_default();
    text.split(" (os error").next().unwrap_or_default().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(directory: &Path) -> Vec<String> {
        let entries = fs::read_dir(directory).expect("a directory");
        let mut names: Vec<_> =
            entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    #[test]
    fn files_appear_together_or_not_at_all() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = |name: &str| directory.path().join(name);
        fs::write(path("b"), "mine").expect("writable");

        let mut files = FileSet::new(true);
        files.stage(&path("a"), b"1").expect("writable");
        files.stage(&path("c"), b"2").expect("writable");
        drop(files);
        assert_eq!(names(directory.path()), ["b"]);

        let mut files = FileSet::new(false);
        files.stage(&path("a"), b"1").expect("writable");
        files.stage(&path("d"), b"2").expect("writable");
        // Someone else takes the second name while we work.
        fs::write(path("d"), "theirs").expect("writable");
        let error = files.commit().expect_err("taken");
        assert!(error.message.ends_with("d exists already"), "{error}");
        assert_eq!(names(directory.path()), ["b", "d"]);
        assert_eq!(fs::read(path("d")).expect("readable"), b"theirs");
    }

    #[test]
    fn nothing_is_replaced_without_leave() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("a");
        fs::write(&path, "mine").expect("writable");
        assert!(FileSet::new(false).stage(&path, b"new").is_err());
        assert_eq!(fs::read(&path).expect("readable"), b"mine");

        let mut files = FileSet::new(true);
        files.stage(&path, b"new").expect("writable");
        files.commit().expect("allowed");
        assert_eq!(fs::read(&path).expect("readable"), b"new");
    }

    #[cfg(unix)]
    #[test]
    fn a_replaced_file_keeps_its_permissions_and_its_links() {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempfile::tempdir().expect("a directory");
        let (path, link) = (directory.path().join("a"), directory.path().join("link"));
        fs::write(&path, "old").expect("writable");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).expect("ours");
        std::os::unix::fs::symlink("a", &link).expect("writable");
        replace(&link, b"new").expect("writable");
        assert_eq!(fs::read(&path).expect("readable"), b"new");
        assert!(link.is_symlink());
        assert_eq!(path.metadata().expect("there").permissions().mode() & 0o777, 0o640);

        fs::set_permissions(&path, fs::Permissions::from_mode(0o440)).expect("ours");
        let error = replace(&path, b"newer").expect_err("read-only");
        assert!(error.message.ends_with("a: it is read-only"), "{error}");
        assert_eq!(fs::read(&path).expect("readable"), b"new");
        assert_eq!(names(directory.path()), ["a", "link"]);
        assert!(replace(Path::new("no-such-file"), b"").is_err());
    }

    #[test]
    fn refusals_name_the_file_and_the_reason() {
        let missing = Path::new("no-such-directory/a.wav");
        let error = FileSet::new(false).stage(missing, b"").expect_err("no directory");
        assert_eq!(error.message, "cannot write no-such-directory/a.wav: no such file or directory");
    }

    #[test]
    fn what_a_stopped_run_left_is_swept_and_what_is_being_written_is_not() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = |name: &str| directory.path().join(name);
        let stale = fs::File::create(path(".riffsmith-stale.tmp")).expect("writable");
        stale.set_modified(std::time::SystemTime::now() - 2 * SETTLED).expect("our own");
        drop(stale);
        fs::write(path(".riffsmith-young.tmp"), "half a fi").expect("writable");
        fs::write(path(".riffsmith.toml"), "the user's").expect("writable");
        let mut other = FileSet::new(false);
        other.stage(&path("a"), b"1").expect("writable");
        let mut files = FileSet::new(false);
        files.stage(&path("b"), b"2").expect("writable");
        files.commit().expect("free");
        other.commit().expect("still there");
        assert_eq!(names(directory.path()), [".riffsmith-young.tmp", ".riffsmith.toml", "a", "b"]);

        let below = directory.path().join("below");
        make_directory(&below).expect("writable");
        fs::write(below.join(".riffsmith-young.tmp"), "half a fi").expect("writable");
        let mut written = FileSet::new(false);
        written.stage(&below.join("c"), b"3").expect("writable");
        sweep_below(directory.path());
        written.commit().expect("still there");
        assert_eq!(names(directory.path()), [".riffsmith.toml", "a", "b", "below"]);
        assert_eq!(names(&below), ["c"]);
    }
}
