//! Music whose chords or key experts have written down, as scores that say nothing of either: for measuring an analysis.

mod accompany;
mod billboard;
mod grooves;
mod lieder;
mod melody;
mod sheets;

pub use accompany::Texture;

use super::Files;
use crate::error::Result;
use crate::piece::Split;
use riffsmith_dsp::score::{Chord, Key, Score, Ticks};

/// Chords on a time line, each from its start to its end; `None` where nothing sounds.
pub type TimeLine = Vec<(Ticks, Ticks, Option<Chord>)>;

/// A piece and what experts say of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Annotated {
    /// Where it comes from.
    pub source: String,
    /// The part of the data it belongs to.
    pub split: Split,
    /// Its notes; its keys and chords are empty.
    pub score: Score,
    /// Its chords; empty where nobody has written them.
    pub chords: TimeLine,
    /// Its key, where somebody has written it.
    pub key: Option<Key>,
}

/// A set of annotated pieces and how it is read.
pub struct Set {
    /// Its name in tables.
    pub name: &'static str,
    /// The data set's directory; `None` for what comes with the program.
    pub directory: Option<&'static str>,
    /// What its notes are.
    pub what: &'static str,
    /// From its files to pieces.
    pub read: fn(&Files) -> Result<Vec<Annotated>>,
}

const fn set(
    name: &'static str,
    directory: Option<&'static str>,
    what: &'static str,
    read: fn(&Files) -> Result<Vec<Annotated>>,
) -> Set {
    Set { name, directory, what, read }
}

/// One line per set.
pub const SETS: &[Set] = &[
    set("billboard, blocks", Some("mcgill-billboard"), "expert chords, each held in root position", |files| {
        billboard::read(files, Texture::Blocks)
    }),
    set(
        "billboard, band",
        Some("mcgill-billboard"),
        "expert chords, bass and comping invented, with a melody",
        |files| billboard::read(files, Texture::Band),
    ),
    set("openewld, band", Some("openewld-strict"), "the song's own melody, bass and comping invented", |files| {
        sheets::read(files, Some(Texture::Band))
    }),
    set("openewld, melody", Some("openewld-strict"), "the song's own melody alone", |files| sheets::read(files, None)),
    set("grooves", None, "our own grooves: drums, bass and lead as written, comping by their chords", |_| {
        grooves::read()
    }),
    set(
        "lieder",
        Some("openscore-lieder"),
        "songs with piano as written; key by signature and last bass note",
        lieder::read,
    ),
];

/// A seed of its own for each piece.
fn seed(source: &str) -> riffsmith_dsp::Seed {
    riffsmith_dsp::Seed(0).fork("annotated").fork(source)
}
