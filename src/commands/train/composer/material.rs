//! What a user gives to learn from.

use crate::console::Console;
use crate::corpus;
use crate::error::Result;
use crate::style::Style;
use riffsmith_models::piece::{Piece, Split};
use riffsmith_models::train::corpus::Corpus;
use std::collections::BTreeSet;
use std::path::PathBuf;

/// Bars that a piece needs for its end to be held out.
const LEAST_BARS: u32 = 8;

/// Someone's music, without our own grooves.
pub struct Material {
    /// Its pieces, and what was left out.
    pub corpus: Corpus,
}

impl Material {
    /// Reads directories and files of music, or a corpus file; pieces without a style get those of `style`. Of music that is one piece, the last
    /// quarter is held out.
    ///
    /// # Errors
    /// If a path cannot be read, or they hold no music.
    pub fn read(paths: &[PathBuf], style: Option<&Style>, console: Console) -> Result<Self> {
        let mut corpus = corpus::open_all(paths, console)?;
        if corpus.pieces.iter().all(|piece| piece.split == Split::Train) {
            corpus.pieces = corpus.pieces.iter().flat_map(held_out_from).collect();
        }
        let tags: Vec<String> = style.iter().flat_map(|style| style.composer.styles.keys().cloned()).collect();
        for piece in corpus.pieces.iter_mut().filter(|piece| piece.styles.is_empty()) {
            piece.styles.clone_from(&tags);
        }
        Ok(Self { corpus })
    }

    /// With our own grooves. Who goes on from weights hears them again, so that the styles are not forgotten, but is judged by
    /// the new music alone.
    ///
    /// # Errors
    /// Where the program itself was damaged.
    pub fn to_learn_from(&self, goes_on: bool) -> Result<Vec<Piece>> {
        let mut grooves = corpus::grooves()?;
        grooves.retain(|groove| !goes_on || groove.split == Split::Train);
        Ok(self.corpus.pieces.iter().cloned().chain(grooves).collect())
    }

    /// Files that gave a piece.
    pub fn files(&self) -> usize {
        let file = |piece: &Piece| piece.source.split('#').next().unwrap_or_default().to_owned();
        self.corpus.pieces.iter().map(file).collect::<BTreeSet<String>>().len()
    }
}

/// A piece without its last quarter, and this, to be judged by.
fn held_out_from(piece: &Piece) -> Vec<Piece> {
    if piece.bars < LEAST_BARS {
        return vec![piece.clone()];
    }
    let from = piece.bars - piece.bars / 4;
    vec![piece.excerpt(0..from), Piece { split: Split::Valid, ..piece.excerpt(from..piece.bars) }]
}
