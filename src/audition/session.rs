//! The session file: what was kept, safe from the moment that it was kept.
//!
//! Each line is a checksum and a JSON object, and lines are only ever added: whatever kills the program, all whole lines still stand. A line
//! that was cut off, or that something else has damaged, is passed over.

use crate::checksum::sha256;
use crate::error::{Error, Result};
use crate::files;
use crate::recipe::{Recipe, VERSION};
use serde::{Deserialize, Serialize};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::Write;
use std::path::{Path, PathBuf};

/// Hexadecimal digits of a line's checksum.
const DIGITS: usize = 16;

/// A session, open to be added to.
#[derive(Debug)]
pub struct Session {
    path: PathBuf,
    /// Opened with the first line; locked as long as it is open.
    file: Option<File>,
    contents: Contents,
}

/// What a session holds.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Contents {
    /// What was kept, in the order of keeping.
    pub kept: Vec<Kept>,
    /// Where the takes came from when it was last opened.
    pub origin: Option<Origin>,
    /// Lines that were passed over.
    pub damaged: usize,
}

/// Where fresh takes come from: enough to go on with the next.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Origin {
    /// The style, or what else was auditioned.
    pub source: String,
    /// The seed of the first take; it counts up.
    pub seed: u64,
    /// How many fresh takes were reached.
    pub reached: u64,
}

/// A take that was kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Kept {
    /// Its number, which no other take of the session has.
    pub number: u64,
    /// What it was called on the screen.
    pub name: String,
    /// How to make it again; none for files of others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipe: Option<Box<Recipe>>,
    /// The file that it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<PathBuf>,
}

/// A line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    /// The first one.
    Session { program: String, version: String },
    /// It was opened, or a further take was reached.
    Origin(Origin),
    /// A take was kept.
    Kept(Box<Kept>),
    /// A take was kept no longer.
    Dropped { number: u64 },
}

impl Session {
    /// The session in a file, or a new one, whose file is made when there is something to keep.
    ///
    /// # Errors
    /// If there is something else at `path`, or another program has the session open.
    pub fn open(path: &Path) -> Result<Self> {
        let mut session = Self { path: path.to_owned(), file: None, contents: Contents::default() };
        if path.exists() {
            session.contents = read(path)?;
            session.file = Some(session.append()?);
        }
        Ok(session)
    }

    /// What it holds.
    pub fn contents(&self) -> &Contents {
        &self.contents
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Keeps a take.
    ///
    /// # Errors
    /// If there is no room or no right to write.
    pub fn keep(&mut self, kept: Kept) -> Result<()> {
        self.write(&Line::Kept(Box::new(kept.clone())), true)?;
        self.contents.kept.push(kept);
        Ok(())
    }

    /// Keeps a take no longer.
    ///
    /// # Errors
    /// If there is no room or no right to write.
    pub fn drop_take(&mut self, number: u64) -> Result<()> {
        self.write(&Line::Dropped { number }, true)?;
        self.contents.kept.retain(|kept| kept.number != number);
        Ok(())
    }

    /// Remembers how far it came. Written with what is kept, or once there is a file.
    ///
    /// # Errors
    /// If there is no room or no right to write.
    pub fn reach(&mut self, origin: Origin) -> Result<()> {
        if self.contents.origin.as_ref() == Some(&origin) {
            return Ok(());
        }
        self.contents.origin = Some(origin.clone());
        if self.file.is_some() { self.write(&Line::Origin(origin), false) } else { Ok(()) }
    }

    fn write(&mut self, line: &Line, synced: bool) -> Result<()> {
        let refused = |error: std::io::Error| Error::file("write", &self.path, files::reason(&error));
        let mut text = String::new();
        if self.file.is_none() {
            self.file = Some(self.append()?);
            text += &encode(&Line::Session { program: "riffsmith".to_owned(), version: VERSION.to_owned() });
            if let Some(origin) = self.contents.origin.clone() {
                text += &encode(&Line::Origin(origin));
            }
        }
        text += &encode(line);
        let file = self.file.as_mut().expect("opened above");
        // In one piece, at the end: what a crash leaves is whole lines and at most one that is cut off.
        file.write_all(text.as_bytes()).map_err(refused)?;
        if synced { file.sync_data().map_err(refused) } else { Ok(()) }
    }

    /// Opens the file to add lines, after whatever a crash has left.
    fn append(&self) -> Result<File> {
        let refused = |error: std::io::Error| Error::file("write", &self.path, files::reason(&error));
        let mut file = OpenOptions::new().append(true).create(true).open(&self.path).map_err(refused)?;
        if let Err(TryLockError::WouldBlock) = file.try_lock() {
            return Err(Error::failed(format!("another riffsmith has the session {} open", self.path.display()))
                .hint("--session FILE opens another one"));
        }
        let bytes = std::fs::read(&self.path).map_err(refused)?;
        if bytes.last().is_some_and(|last| *last != b'\n') {
            file.write_all(b"\n").map_err(refused)?;
        }
        Ok(file)
    }
}

/// What a session file holds.
///
/// # Errors
/// If it cannot be read, or is no session.
pub fn read(path: &Path) -> Result<Contents> {
    let bytes = files::read(path)?;
    let mut contents = Contents::default();
    let mut is_session = bytes.is_empty();
    for text in bytes.split(|byte| *byte == b'\n').filter(|text| !text.is_empty()) {
        match decode(text) {
            Some(Line::Session { .. }) => is_session = true,
            Some(Line::Origin(origin)) => contents.origin = Some(origin),
            Some(Line::Kept(kept)) => {
                contents.kept.retain(|other| other.number != kept.number);
                contents.kept.push(*kept);
            }
            Some(Line::Dropped { number }) => contents.kept.retain(|kept| kept.number != number),
            None => contents.damaged += 1,
        }
    }
    // The first line may be the one that is damaged.
    if is_session || !contents.kept.is_empty() {
        Ok(contents)
    } else {
        Err(Error::file("open", path, "it is no session of riffsmith"))
    }
}

fn encode(line: &Line) -> String {
    let json = serde_json::to_string(line).expect("a line is plain data");
    format!("{} {json}\n", &sha256(json.as_bytes())[..DIGITS])
}

fn decode(text: &[u8]) -> Option<Line> {
    let (checksum, json) = std::str::from_utf8(text).ok()?.split_once(' ')?;
    (sha256(json.as_bytes()).get(..DIGITS) == Some(checksum)).then(|| serde_json::from_str(json).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipe::Choices;
    use crate::style::Style;
    use riffsmith_dsp::Seed;

    fn kept(number: u64) -> Kept {
        let style = Style::find("house").expect("built in");
        let recipe = Recipe::resolve(&style, &Choices::default(), Seed(number), "0".to_owned()).expect("a recipe");
        Kept { number, name: format!("take {number}"), recipe: Some(Box::new(recipe)), path: None }
    }

    fn origin(reached: u64) -> Origin {
        Origin { source: "house".to_owned(), seed: 7, reached }
    }

    fn filled(path: &Path) -> Contents {
        let mut session = Session::open(path).expect("new");
        session.reach(origin(0)).expect("nothing is written yet");
        assert!(!path.exists());
        (1..=3).for_each(|number| session.keep(kept(number)).expect("writable"));
        session.drop_take(2).expect("writable");
        session.reach(origin(9)).expect("writable");
        session.contents().clone()
    }

    #[test]
    fn a_session_opens_again_with_what_was_kept() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("a.session");
        let contents = filled(&path);
        assert_eq!(contents.kept, [kept(1), kept(3)]);
        assert_eq!((&read(&path).expect("a session"), &contents.origin), (&contents, &Some(origin(9))));
        let mut session = Session::open(&path).expect("a session");
        session.keep(kept(4)).expect("writable");
        assert_eq!(read(&path).expect("a session").kept, [kept(1), kept(3), kept(4)]);
    }

    #[test]
    fn cut_off_anywhere_all_whole_lines_still_stand_and_more_can_be_kept() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("a.session");
        filled(&path);
        let bytes = std::fs::read(&path).expect("written");
        let first_line = bytes.iter().position(|byte| *byte == b'\n').expect("lines");
        let cut = directory.path().join("cut.session");
        for length in (first_line + 1..bytes.len()).step_by(97).chain([bytes.len() - 1]) {
            std::fs::write(&cut, &bytes[..length]).expect("writable");
            let whole = bytes[..length].split(|byte| *byte == b'\n');
            let wanted = whole.filter(|line| matches!(decode(line), Some(Line::Kept(_)))).count();
            let dropped = bytes[..length]
                .split(|byte| *byte == b'\n')
                .any(|line| matches!(decode(line), Some(Line::Dropped { .. })));
            let mut session = Session::open(&cut).expect("a session");
            assert_eq!(session.contents().kept.len(), wanted - usize::from(dropped), "{length}");
            session.keep(kept(8)).expect("writable");
            drop(session);
            assert_eq!(read(&cut).expect("a session").kept.last(), Some(&kept(8)), "{length}");
        }
    }

    #[test]
    fn a_damaged_line_costs_itself_alone() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("a.session");
        filled(&path);
        let text = std::fs::read_to_string(&path).expect("written");
        std::fs::write(&path, text.replacen("take 1", "take 7", 1)).expect("writable");
        let contents = read(&path).expect("a session");
        assert_eq!((contents.kept, contents.damaged), (vec![kept(3)], 1));
    }

    #[test]
    fn other_files_are_left_alone_and_a_session_has_one_writer() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("a.txt");
        std::fs::write(&path, "my notes\n").expect("writable");
        assert!(Session::open(&path).expect_err("no session").message.ends_with("it is no session of riffsmith"));
        assert_eq!(std::fs::read_to_string(&path).expect("there"), "my notes\n");
        let path = directory.path().join("a.session");
        filled(&path);
        let first = Session::open(&path).expect("a session");
        assert!(Session::open(&path).expect_err("open").message.starts_with("another riffsmith"));
        drop(first);
        assert!(Session::open(&path).is_ok());
    }
}
