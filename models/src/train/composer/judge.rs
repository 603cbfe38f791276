//! What a training with someone's own music was good for.

use super::batch::Example;
use super::evaluate::{counted, lost};
use super::graph::Nats;
use super::ngram::{Memory, Ngram};
use super::sampling::windows;
use super::song::Song;
use crate::composer::Composer;
use crate::composer::part::Part;
use crate::piece::{Piece, Split};

/// Notes that are evaluated at most, evenly chosen.
const NOTES: usize = 12_000;
/// Notes that the n-gram counts at most, evenly chosen: more take minutes.
const COUNTED_NOTES: usize = 30_000;

/// Fewer training pieces, training notes or held-out notes say nothing of music in general.
const LEAST_PIECES: usize = 10;
const LEAST_NOTES: usize = 500;
const LEAST_HELD_OUT_NOTES: usize = 100;
/// Fewer test pieces are judged together with those that were validated with.
const ENOUGH_TEST_PIECES: usize = 5;
/// A gain on training pieces of so many nats per note of which held-out ones have less than this share is a gain by heart.
const LEARNT_NATS: f64 = 0.1;
const SHARE_HELD_OUT: f64 = 0.25;
/// A piece or two, of which less than this share of the surprise is left, are known by heart.
const PIECE_OR_TWO: usize = 2;
const BY_HEART: f64 = 0.3;
/// Shares of parts with long copies that may differ by chance.
const COPIES_BY_CHANCE: f64 = 0.1;

/// How much music of a part there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Amount {
    /// Pieces that have the part.
    pub pieces: usize,
    /// Their bars.
    pub bars: usize,
    /// Their notes, strikes or chords.
    pub notes: usize,
}

/// What two networks lose on the same music, in nats per note.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Losses {
    /// The music, all of it.
    pub amount: Amount,
    /// The network before.
    pub before: f64,
    /// The network after.
    pub after: f64,
}

/// A part's training, judged.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// The part.
    pub part: Part,
    /// On what was learnt from, without dropout.
    pub training: Losses,
    /// On pieces that were not learnt from.
    pub held_out: Losses,
    /// True if none of these pieces was used to choose when to stop.
    pub is_test: bool,
    /// What an n-gram of the same training pieces loses on the held-out ones, in nats per note.
    pub ngram: f64,
    /// What is lost less than before on the held-out pieces, in nats per note.
    pub gain: f64,
    /// Its standard error, as far as one piece differs from the other; infinite for a single one.
    pub gain_error: f64,
}

/// Shares of parts that have a long stretch in common with a training piece.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Copies {
    /// Of the parts that the networks write.
    pub written: f64,
    /// Of the pieces that were held out: what is common among them anyway.
    pub held_out: f64,
}

/// What is to be said of a training in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The figures say nothing of music in general.
    TooLittle,
    /// Pieces were learnt by heart.
    Memorising,
    /// Held-out music is not surely better known than before.
    NoGain,
    /// Held-out music is better known than before.
    Useful,
}

impl Verdict {
    /// The verdict in plain words.
    pub fn words(self) -> &'static str {
        match self {
            Self::TooLittle => "too little data",
            Self::Memorising => "memorising",
            Self::NoGain => "no clear gain",
            Self::Useful => "useful",
        }
    }
}

impl Judged {
    /// The verdict; `copies` of the parts written, where they were counted.
    pub fn verdict(&self, copies: Option<Copies>) -> Verdict {
        let Self { training, held_out, gain, gain_error, .. } = self;
        let learnt = training.before - training.after;
        let copied = copies.is_some_and(|copies| copies.written > copies.held_out + COPIES_BY_CHANCE);
        let is_little = training.amount.pieces < LEAST_PIECES
            || training.amount.notes < LEAST_NOTES
            || held_out.amount.notes < LEAST_HELD_OUT_NOTES;
        if is_little {
            // What was held out of a piece or two repeats what was learnt, and says nothing; how well that is known does.
            let is_by_heart = training.amount.pieces <= PIECE_OR_TWO && training.after < BY_HEART * training.before;
            if is_by_heart { Verdict::Memorising } else { Verdict::TooLittle }
        } else if copied || (learnt > LEARNT_NATS && *gain < SHARE_HELD_OUT * learnt) {
            Verdict::Memorising
        } else if *gain > 2.0 * gain_error {
            Verdict::Useful
        } else {
            Verdict::NoGain
        }
    }
}

/// True if the pieces have this part both to train and to validate on.
pub fn can_train(pieces: &[Piece], part: Part) -> bool {
    [Split::Train, Split::Valid]
        .into_iter()
        .all(|split| pieces.iter().any(|piece| piece.split == split && Song::new(piece, part).is_some()))
}

/// Judges a part's network after training beside the one before it, on someone's own pieces: the test pieces, and those that were
/// validated with where these are few. `None` where nothing was held out.
pub fn judge(pieces: &[Piece], part: Part, before: &Composer, after: &Composer) -> Option<Judged> {
    let songs: Vec<Song> = pieces.iter().filter_map(|piece| Song::new(piece, part)).collect();
    let of = |split: Split| songs.iter().filter(|song| song.split == split).collect::<Vec<&Song>>();
    let (train, valid, test) = (of(Split::Train), of(Split::Valid), of(Split::Test));
    let is_test = test.len() >= ENOUGH_TEST_PIECES;
    let held_out = if is_test { test } else { [&valid[..], &test].concat() };
    if held_out.is_empty() || train.is_empty() {
        return None;
    }
    let (training, _) = losses(part, &train, before, after);
    let (on_held_out, gains) = losses(part, &held_out, before, after);
    let tuned_on = if valid.is_empty() { &held_out } else { &valid };
    let counts = counted(part, examples(part, &train, COUNTED_NOTES));
    let ngram = Ngram::new(part, Memory::Short, &counts, &examples(part, tuned_on, NOTES));
    let (gain, gain_error) = ratio_and_error(&gains);
    let ngram = ngram.nats(&examples(part, &held_out, NOTES)).per_note();
    Some(Judged { part, training, held_out: on_held_out, is_test, ngram, gain, gain_error })
}

/// What two networks lose on the pieces of these that are held out: the built-in grooves tell how much of the styles a network has
/// forgotten over someone's own pieces. `None` where none has the part.
pub fn held_out_losses(pieces: &[Piece], part: Part, before: &Composer, after: &Composer) -> Option<Losses> {
    let held_out = pieces.iter().filter(|piece| piece.split != Split::Train);
    let songs: Vec<Song> = held_out.filter_map(|piece| Song::new(piece, part)).collect();
    (!songs.is_empty()).then(|| losses(part, &songs.iter().collect::<Vec<_>>(), before, after).0)
}

/// What both lose on these songs, and for each song the nats that are lost less after, with its notes.
fn losses(part: Part, songs: &[&Song], before: &Composer, after: &Composer) -> (Losses, Vec<(f64, f64)>) {
    let each: Vec<[Nats; 2]> = thinned(songs, NOTES)
        .into_iter()
        .map(|song| [before, after].map(|composer| lost(composer, part, &windows(part, song))))
        .collect();
    let total = |which: usize| {
        let mut sum = Nats::default();
        each.iter().for_each(|nats| sum.add(nats[which]));
        sum.per_note()
    };
    let gain = |[before, after]: &[Nats; 2]| (before.total() - after.total(), before.notes as f64);
    (Losses { amount: amount(songs), before: total(0), after: total(1) }, each.iter().map(gain).collect())
}

/// The windows of about so many notes.
fn examples<'a>(part: Part, songs: &[&'a Song], most: usize) -> Vec<Example<'a>> {
    thinned(songs, most).into_iter().flat_map(|song| windows(part, song)).collect()
}

fn amount(songs: &[&Song]) -> Amount {
    Amount {
        pieces: songs.len(),
        bars: songs.iter().map(|song| song.context.bars as usize).sum(),
        notes: songs.iter().map(|song| song.tokens.len()).sum(),
    }
}

/// Every nth song, so that about so many notes are left.
fn thinned<'a>(songs: &[&'a Song], most: usize) -> Vec<&'a Song> {
    let every = amount(songs).notes.div_ceil(most).max(1);
    songs.iter().copied().step_by(every).collect()
}

/// The sum of the first numbers over that of the second, and its standard error over the pairs (Cochran, "Sampling Techniques",
/// 1977, equation 6.13, of an infinite population).
fn ratio_and_error(pairs: &[(f64, f64)]) -> (f64, f64) {
    let whole: f64 = pairs.iter().map(|(_, notes)| notes).sum();
    let ratio = pairs.iter().map(|(nats, _)| nats).sum::<f64>() / whole;
    let squares: f64 = pairs.iter().map(|(nats, notes)| (nats - ratio * notes).powi(2)).sum();
    let count = pairs.len() as f64;
    (ratio, if pairs.len() > 1 { (squares * count / (count - 1.0)).sqrt() / whole } else { f64::INFINITY })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(gain: f64, learnt: f64) -> Judged {
        let amount = Amount { pieces: 30, bars: 900, notes: 4000 };
        let losses = |gain: f64| Losses { amount, before: 3.0, after: 3.0 - gain };
        let (training, held_out) = (losses(learnt), losses(gain));
        Judged { part: Part::Lead, training, held_out, is_test: true, ngram: 3.5, gain, gain_error: 0.05 }
    }

    #[test]
    fn what_is_gained_on_held_out_pieces_is_useful_unless_most_is_by_heart() {
        assert_eq!(judged(0.3, 0.6).verdict(None), Verdict::Useful);
        assert_eq!(judged(0.05, 0.08).verdict(None), Verdict::NoGain);
        assert_eq!(judged(0.2, 1.5).verdict(None), Verdict::Memorising);
        let few = |judged: Judged, notes: usize| Judged {
            held_out: Losses { amount: Amount { notes, ..judged.held_out.amount }, ..judged.held_out },
            ..judged
        };
        assert_eq!(few(judged(0.3, 0.6), 90).verdict(None), Verdict::TooLittle);
        assert_eq!(few(judged(2.6, 2.5), 90).verdict(None), Verdict::TooLittle);
        let mut single = few(judged(2.6, 2.5), 90);
        single.training.amount.pieces = 1;
        assert_eq!(single.verdict(None), Verdict::Memorising);
        assert_eq!(judged(2.6, 2.5).verdict(None), Verdict::Useful);
    }

    #[test]
    fn more_copies_than_the_music_itself_has_are_by_heart() {
        let copies = |written: f64| Some(Copies { written, held_out: 0.3 });
        assert_eq!(judged(0.3, 0.6).verdict(copies(0.35)), Verdict::Useful);
        assert_eq!(judged(0.3, 0.6).verdict(copies(0.5)), Verdict::Memorising);
    }

    #[test]
    fn the_error_of_equal_pieces_is_that_of_their_mean() {
        assert_eq!(ratio_and_error(&[(1.0, 1.0), (3.0, 1.0)]), (2.0, 1.0));
        // Twice as long a piece counts twice.
        assert_eq!(ratio_and_error(&[(1.0, 1.0), (8.0, 2.0)]).0, 3.0);
        assert_eq!(ratio_and_error(&[(6.0, 2.0)]), (3.0, f64::INFINITY));
    }
}
