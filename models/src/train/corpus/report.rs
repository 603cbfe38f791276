//! What a corpus amounts to.

use crate::piece::{Piece, Split};
use std::collections::BTreeMap;
use std::fmt;

/// Pieces, bars and events.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// Pieces.
    pub pieces: usize,
    /// Bars.
    pub bars: usize,
    /// Notes, or chords in the rows about harmony.
    pub events: usize,
}

impl Counts {
    fn add(&mut self, bars: u32, events: usize) {
        self.pieces += 1;
        self.bars += bars as usize;
        self.events += events;
    }
}

/// Counts of a corpus; displays as a table.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Report {
    /// By (data set, role or `harmony`).
    pub sets: BTreeMap<(String, String), Counts>,
    /// By style tag.
    pub styles: BTreeMap<String, Counts>,
    /// By (data set, split): `train`, `valid`, `test`.
    pub splits: BTreeMap<(String, &'static str), Counts>,
    /// How often something was left out, by data set and reason.
    pub dropped: BTreeMap<(String, String), usize>,
    /// Files that cannot be read, and why.
    pub unread: Vec<String>,
}

impl Report {
    /// Adds what was left out of a set.
    pub fn dropped<'a>(&mut self, set: &str, reasons: impl IntoIterator<Item = (&'a str, usize)>) {
        for (reason, count) in reasons {
            *self.dropped.entry((set.to_owned(), reason.to_owned())).or_default() += count;
        }
    }

    /// Adds pieces.
    pub fn count(&mut self, pieces: &[Piece]) {
        for piece in pieces {
            let set = piece.source.split('/').next().unwrap_or_default();
            let mut events = 0;
            for (role, part) in &piece.parts {
                self.sets.entry((set.to_owned(), role.to_string())).or_default().add(piece.bars, part.len());
                events += part.len();
            }
            let chords = piece.harmony.len();
            if chords > 0 {
                self.sets.entry((set.to_owned(), "harmony".to_owned())).or_default().add(piece.bars, chords);
            }
            for style in &piece.styles {
                self.styles.entry(style.clone()).or_default().add(piece.bars, events);
            }
            let split = match piece.split {
                Split::Train => "train",
                Split::Valid => "valid",
                Split::Test => "test",
            };
            self.splits.entry((set.to_owned(), split)).or_default().add(piece.bars, events);
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let head =
            |f: &mut fmt::Formatter<'_>, what| writeln!(f, "{what:<40} {:>7} {:>8} {:>9}", "pieces", "bars", "events");
        let row = |f: &mut fmt::Formatter<'_>, name: String, counts: &Counts| {
            writeln!(f, "{name:<40} {:>7} {:>8} {:>9}", counts.pieces, counts.bars, counts.events)
        };
        head(f, "set and part")?;
        for ((set, role), counts) in &self.sets {
            row(f, format!("{set} {role}"), counts)?;
        }
        head(f, "set and split")?;
        for ((set, split), counts) in &self.splits {
            row(f, format!("{set} {split}"), counts)?;
        }
        head(f, "style")?;
        for (style, counts) in &self.styles {
            row(f, style.clone(), counts)?;
        }
        writeln!(f, "left out")?;
        for ((set, reason), count) in &self.dropped {
            writeln!(f, "{:<64} {count:>7}", format!("{set}: {reason}"))?;
        }
        for file in &self.unread {
            writeln!(f, "{file}")?;
        }
        Ok(())
    }
}
