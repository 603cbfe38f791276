//! How well the true bars of a piece are foretold from those before, and what n-grams would write in their place.

use super::batch::Example;
use super::evaluate::{counted, is_judged, lost};
use super::graph::Nats;
use super::mixture::balanced;
use super::ngram::{Memory, Ngram};
use super::sampling::windows;
use super::song::Song;
use crate::composer::Composer;
use crate::composer::context::Window;
use crate::composer::part::Part;
use crate::composer::rewrite;
use crate::piece::{Piece, Split};
use riffsmith_dsp::Seed;
use std::ops::Range;

/// Bars before a stretch that are heard.
const HEARD: u32 = 12;

/// The pieces that a part is judged on and no network learnt from.
pub fn judged_pieces(pieces: &[Piece], part: Part) -> Vec<&Piece> {
    let is_judged = |piece: &&Piece| Song::new(piece, part).is_some_and(|song| is_judged(part, &song));
    pieces.iter().filter(is_judged).collect()
}

/// What foretells a part, for comparison.
#[derive(Debug)]
pub struct Foretelling {
    part: Part,
    ngram: Ngram,
    recalling: Ngram,
}

/// Nats of the true bars under each, given those before.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Foretold {
    /// Under the network.
    pub network: Nats,
    /// Under the n-gram.
    pub ngram: Nats,
    /// Under the n-gram that is told what followed when the same was played before: it copies where copying pays.
    pub recalling: Nats,
}

impl Foretelling {
    /// Counts the training pieces; the validation pieces choose contexts and weights.
    pub fn new(pieces: &[Piece], part: Part) -> Self {
        let songs: Vec<Song> = pieces.iter().filter_map(|piece| Song::new(piece, part)).collect();
        let all = |split: Split| {
            let songs = balanced(songs.iter().filter(|song| song.split == split));
            songs.into_iter().flat_map(|song| windows(part, song)).collect::<Vec<_>>()
        };
        let (training, validation) = (counted(part, all(Split::Train)), all(Split::Valid));
        let [ngram, recalling] =
            [Memory::Short, Memory::Recalling].map(|memory| Ngram::new(part, memory, &training, &validation));
        Self { part, ngram, recalling }
    }

    /// What the true notes of some bars cost, given the [`HEARD`] bars before; `None` where the part is silent in one or the other.
    pub fn foretold(&self, composer: &Composer, piece: &Piece, bars: &Range<u32>) -> Option<Foretold> {
        let song = Song::new(piece, self.part)?;
        let from = bars.start.saturating_sub(HEARD);
        // What comes before costs the same in both windows: no decision hears what is after it.
        let [whole, before] = [bars.end, bars.start].map(|end| self.example(&song, from..end));
        if before.tokens.is_empty() || before.tokens.len() == whole.tokens.len() {
            return None;
        }
        let nats = |of: &dyn Fn(&[Example<'_>]) -> Nats| {
            let [whole, before] = [&whole, &before].map(|example| of(std::slice::from_ref(example)));
            whole.less(before)
        };
        Some(Foretold {
            network: nats(&|examples| lost(composer, self.part, examples)),
            ngram: nats(&|examples| self.ngram.nats(examples)),
            recalling: nats(&|examples| self.recalling.nats(examples)),
        })
    }

    /// The piece with what the n-gram writes in some bars, given the [`HEARD`] bars before; `None` where the piece lacks the part.
    pub fn written(&self, piece: &Piece, bars: &Range<u32>, seed: Seed) -> Option<Piece> {
        let song = Song::new(piece, self.part)?;
        let from = bars.start.saturating_sub(HEARD);
        let mut example = self.example(&song, from..bars.start);
        let mut rng = seed.rng();
        self.ngram.go_on(&mut example, bars.end - from, &mut rng);
        Some(rewrite::replaced(piece, self.part, bars, from, &example.tokens))
    }

    fn example<'a>(&self, song: &'a Song, bars: Range<u32>) -> Example<'a> {
        let window = song.window(bars.start, bars.end - bars.start, song.context.known);
        // That the piece ends there is not told.
        let window = Window { ends: false, ..window };
        Example { window, tokens: song.tokens_in(self.part, window) }
    }
}
