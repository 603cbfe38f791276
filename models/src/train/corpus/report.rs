//! What a corpus amounts to.

use crate::piece::{Piece, Split};
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;

/// Pieces, bars and events.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize)]
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
    /// The licence of each data set.
    pub licences: BTreeMap<String, String>,
    /// By (data set, role or `harmony`).
    pub sets: BTreeMap<(String, String), Counts>,
    /// By (style tag, role or `harmony`).
    pub styles: BTreeMap<(String, String), Counts>,
    /// By (data set, split).
    pub splits: BTreeMap<(String, Split), Counts>,
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
            let set = piece.set();
            let chords = (!piece.harmony.is_empty()).then_some(("harmony", piece.harmony.len()));
            let parts = piece.parts.iter().map(|(role, events)| (role.name(), events.len())).chain(chords);
            for (role, events) in parts {
                self.sets.entry((set.to_owned(), role.to_owned())).or_default().add(piece.bars, events);
                for style in &piece.styles {
                    self.styles.entry((style.clone(), role.to_owned())).or_default().add(piece.bars, events);
                }
            }
            let events = piece.parts.iter().map(|(_, events)| events.len()).sum();
            self.splits.entry((set.to_owned(), piece.split)).or_default().add(piece.bars, events);
        }
    }

    /// The report as rows, for programs.
    pub fn rows(&self) -> Rows<'_> {
        Rows {
            licences: &self.licences,
            sets: self.sets.iter().map(|((set, role), &counts)| SetRow { set, role, counts }).collect(),
            styles: self.styles.iter().map(|((style, role), &counts)| StyleRow { style, role, counts }).collect(),
            splits: self
                .splits
                .iter()
                .map(|((set, split), &counts)| SplitRow { set, split: split.name(), counts })
                .collect(),
            dropped: self.dropped.iter().map(|((set, reason), &count)| DroppedRow { set, reason, count }).collect(),
            unread: &self.unread,
        }
    }
}

/// A [`Report`] as rows, to be written as JSON.
#[derive(Debug, Serialize)]
pub struct Rows<'a> {
    licences: &'a BTreeMap<String, String>,
    sets: Vec<SetRow<'a>>,
    styles: Vec<StyleRow<'a>>,
    splits: Vec<SplitRow<'a>>,
    dropped: Vec<DroppedRow<'a>>,
    unread: &'a [String],
}

#[derive(Debug, Serialize)]
struct SetRow<'a> {
    set: &'a str,
    role: &'a str,
    #[serde(flatten)]
    counts: Counts,
}

#[derive(Debug, Serialize)]
struct StyleRow<'a> {
    style: &'a str,
    role: &'a str,
    #[serde(flatten)]
    counts: Counts,
}

#[derive(Debug, Serialize)]
struct SplitRow<'a> {
    set: &'a str,
    split: &'static str,
    #[serde(flatten)]
    counts: Counts,
}

#[derive(Debug, Serialize)]
struct DroppedRow<'a> {
    set: &'a str,
    reason: &'a str,
    count: usize,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let head =
            |f: &mut fmt::Formatter<'_>, what| writeln!(f, "{what:<40} {:>7} {:>8} {:>9}", "pieces", "bars", "events");
        let row = |f: &mut fmt::Formatter<'_>, name: &str, part: &str, counts: &Counts| {
            writeln!(f, "{:<40} {:>7} {:>8} {:>9}", format!("{name} {part}"), counts.pieces, counts.bars, counts.events)
        };
        head(f, "set and part")?;
        self.sets.iter().try_for_each(|((set, role), counts)| row(f, set, role, counts))?;
        head(f, "set and split")?;
        self.splits.iter().try_for_each(|((set, split), counts)| row(f, set, split.name(), counts))?;
        head(f, "style and part")?;
        self.styles.iter().try_for_each(|((style, role), counts)| row(f, style, role, counts))?;
        writeln!(f, "left out")?;
        for ((set, reason), count) in &self.dropped {
            writeln!(f, "{:<66} {count:>7}", format!("{set}: {reason}"))?;
        }
        if !self.unread.is_empty() {
            writeln!(f, "not readable")?;
            self.unread.iter().try_for_each(|file| writeln!(f, "{file}"))?;
        }
        writeln!(f, "licences")?;
        self.licences.iter().try_for_each(|(set, licence)| writeln!(f, "{set}: {licence}"))
    }
}
