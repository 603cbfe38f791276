//! A listener who knows some music, and is surprised by other.

use super::batch::Example;
use super::ngram::{Memory, Ngram};
use super::sampling::windows;
use super::song::Song;
use crate::composer::part::Part;
use crate::piece::{Piece, Split};

/// How surprising notes are to someone who has heard other music: their information content under n-grams of it, the measure of
/// expectation that agrees best with listeners' (Pearce, "Statistical learning and probabilistic prediction in music cognition",
/// 2018). It shares neither parameters nor features with the networks.
#[derive(Debug)]
pub struct Listener {
    ngrams: Vec<(Part, Ngram)>,
}

impl Listener {
    /// Hears the training pieces, and finds by the validation pieces what to listen to.
    pub fn new(pieces: &[Piece], parts: &[Part]) -> Self {
        let ngram = |&part: &Part| {
            let songs: Vec<Song> = pieces.iter().filter_map(|piece| Song::new(piece, part)).collect();
            let of = |split: Split| -> Vec<Example<'_>> {
                songs.iter().filter(|song| song.split == split).flat_map(|song| windows(part, song)).collect()
            };
            (part, Ngram::new(part, Memory::Short, &of(Split::Train), &of(Split::Valid)))
        };
        Self { ngrams: parts.iter().map(ngram).collect() }
    }

    /// Nats in a note of a piece, the mean over the parts that are known: when it begins, what it is and how long it lasts; 0 where the
    /// piece has none of the parts.
    pub fn surprise(&self, piece: &Piece) -> f64 {
        let each = self.ngrams.iter().filter_map(|(part, ngram)| {
            let song = Song::new(piece, *part)?;
            let nats = ngram.nats(&windows(*part, &song));
            Some((nats.onset + nats.symbol + nats.length) / nats.notes.max(1) as f64)
        });
        let each: Vec<f64> = each.collect();
        each.iter().sum::<f64>() / each.len().max(1) as f64
    }
}
