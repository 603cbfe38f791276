//! The corpus: openly licensed music, read into [`Piece`]s.
//!
//! [`read`] takes the bytes of a directory with one sub-directory per data set, as named in [`READERS`]; each set's
//! `README.md` says where it comes from. Each piece has its tonic moved to C.

mod accompaniment;
pub mod annotated;
mod chorales;
mod chord_finding;
mod csv;
mod drum_clips;
mod files;
mod folder;
mod grid;
mod groove_midi;
mod harmony;
mod harte;
mod lead_sheets;
mod mcgill_billboard;
mod midi_songs;
mod mood_progressions;
mod multitrack;
mod musicxml;
mod near;
mod openscore;
mod packed;
mod pop909;
mod report;
mod rock_corpus;
mod roman;
mod shared_songs;
mod stickflow;
mod unique;
mod written;

pub use files::Files;
pub use folder::ENDINGS;
pub use packed::{pack, unpack};
pub use report::{Report, Rows};

use crate::error::{Error, Result};
use crate::piece::{Piece, Split};
use riffsmith_dsp::Seed;
use std::collections::BTreeMap;

/// A data set and how it is read.
pub struct Reader {
    /// Its name, which is that of its directory.
    pub set: &'static str,
    /// What its licence is.
    pub licence: &'static str,
    /// From its files to pieces.
    pub read: fn(&Files) -> Result<Harvest>,
}

/// One line per data set.
pub const READERS: &[Reader] = &[
    Reader { set: "groove-midi", licence: "CC BY 4.0", read: groove_midi::read },
    Reader { set: "composable-drum-patterns", licence: "CC0", read: drum_clips::read },
    Reader { set: "mood-progressions", licence: "MIT", read: mood_progressions::read },
    Reader { set: "mcgill-billboard", licence: "CC0", read: mcgill_billboard::read },
    Reader { set: "pop909-chords", licence: "MIT", read: pop909::read },
    Reader { set: "freedoom-midi", licence: "BSD 3-clause", read: midi_songs::freedoom },
    Reader { set: "openewld-strict", licence: "MIT, public domain", read: lead_sheets::read },
    Reader { set: "stickflow-drums", licence: "CC0 or CC BY 4.0", read: stickflow::read },
    Reader { set: "blasphemer-midi", licence: "BSD 3-clause", read: midi_songs::blasphemer },
    Reader { set: "lmms-electronic", licence: "CC BY, BSD (per file)", read: midi_songs::lmms },
    Reader { set: "rock-corpus-harmony", licence: "CC BY 4.0", read: rock_corpus::read },
    Reader { set: "open-hymnal", licence: "public domain", read: chorales::hymnal },
    Reader { set: "js-fake-chorales", licence: "CC BY 4.0", read: chorales::fakes },
    Reader { set: "openscore-lieder", licence: "CC0", read: openscore::lieder },
    Reader { set: "openscore-quartets", licence: "CC0", read: openscore::quartets },
];

/// What a reader made of its files.
#[derive(Debug, Default)]
pub struct Harvest {
    /// The pieces.
    pub pieces: Vec<Piece>,
    /// How often something was left out, by reason.
    pub dropped: BTreeMap<&'static str, usize>,
    /// Files that cannot be read, each with its name and the reason.
    pub unread: Vec<String>,
}

impl Harvest {
    fn unread(&mut self, name: &str, error: &Error) {
        // Some errors name the file already.
        let text = error.to_string();
        let prefix = format!("{name}: ");
        self.unread.push(if text.contains(&prefix) {
            format!("{prefix}{}", text.replace(&prefix, ""))
        } else {
            prefix + &text
        });
    }

    fn add(&mut self, other: Self) {
        self.pieces.extend(other.pieces);
        self.unread.extend(other.unread);
        for (reason, count) in other.dropped {
            *self.dropped.entry(reason).or_default() += count;
        }
    }

    fn drop(&mut self, reason: &'static str) {
        *self.dropped.entry(reason).or_default() += 1;
    }
}

/// All pieces and what they amount to.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Corpus {
    /// The pieces, sets in the order of [`READERS`], then folders.
    pub pieces: Vec<Piece>,
    /// Counts.
    pub report: Report,
}

/// Sets whose publishers say which part of the data a piece belongs to.
const OFFICIAL_SPLITS: [&str; 1] = ["groove-midi"];

/// Reads every data set that is there, by the name of its directory, and folders of someone's own music by the names that they
/// shall have. Leaves out pieces that are there twice, and those from which could be learnt what is tested on others.
///
/// # Errors
/// A file that all of a data set hangs on is missing or broken.
pub fn read(sets: &BTreeMap<String, Files>, folders: &BTreeMap<String, Files>) -> Result<Corpus> {
    let mut pieces = Vec::new();
    let mut report = Report::default();
    let mut take = |set: &str, licence: &str, harvest: Harvest| {
        report.licences.insert(set.to_owned(), licence.to_owned());
        report.dropped(set, harvest.dropped);
        report.unread.extend(harvest.unread.iter().map(|file| format!("{set}/{file}")));
        pieces.extend(harvest.pieces);
    };
    for reader in READERS {
        if let Some(files) = sets.get(reader.set) {
            take(reader.set, reader.licence, (reader.read)(files)?);
        }
    }
    for (name, files) in folders {
        take(name, "the user's own", folder::read(name, files));
    }
    shared_songs::align(&mut pieces, sets);
    let mut pieces = unique::unique(pieces, &mut report);
    let leaks = near::leaks(&pieces, |piece| OFFICIAL_SPLITS.contains(&piece.set()));
    for (piece, _) in pieces.iter().zip(&leaks).filter(|(_, leaks)| **leaks) {
        report.dropped(piece.set(), [("nearly the same as a piece of a part that is held out", 1)]);
    }
    let mut leaks = leaks.into_iter();
    pieces.retain(|_| !leaks.next().unwrap_or(false));
    report.count(&pieces);
    Ok(Corpus { pieces, report })
}

/// The part of the data that a song belongs to where nobody has decided it: 80 % train, 10 % valid, 10 % test, by a hash
/// of its name, so that all versions of a song stay together.
pub fn split_of(song: &str) -> Split {
    match Seed(0).fork(song).rng().uniform() {
        0.9.. => Split::Test,
        0.8.. => Split::Valid,
        _ => Split::Train,
    }
}

/// The usual spelling of a style's tag: lower case, and one name where the sets have several.
fn style_tag(name: &str) -> String {
    match name.to_lowercase().as_str() {
        "hip-hop" | "hip hop" => "hiphop".to_owned(),
        "lo-fi" => "lofi".to_owned(),
        "drum-and-bass" | "drum & bass" => "dnb".to_owned(),
        other => other.to_owned(),
    }
}

#[cfg(test)]
mod tests;
