//! Network against n-gram on the same held-out windows.

use super::batch::Example;
use super::graph::Nats;
use super::mixture::balanced;
use super::ngram::{Memory, Ngram};
use super::sampling::{varied, windows};
use super::song::Song;
use super::trainer::{Trained, batches, evaluate};
use super::without::Without;
use crate::composer::Composer;
use crate::composer::layout::Layout;
use crate::composer::part::Part;
use crate::piece::{Piece, Split};
use riffsmith_dsp::Seed;

/// The test pieces that a part is judged on, by the start of their source.
fn benchmark(part: Part) -> &'static [&'static str] {
    match part {
        Part::Harmony => &["mcgill-billboard/"],
        Part::Drums => &["groove-midi/"],
        Part::Chords => &["freedoom-midi/"],
        Part::Bass | Part::Lead => &["freedoom-midi/", "openewld-strict/"],
    }
}

/// Windows evaluated together.
const BATCH: usize = 16;

/// Varied copies of a window that the n-gram counts besides the window itself. Chosen on validation pieces, where more gain little
/// for the parts of songs, and none gain for drums and harmony.
fn copies(part: Part) -> usize {
    if part.has_length() { 7 } else { 0 }
}

/// One line of the table.
#[derive(Debug, Clone, PartialEq)]
pub struct Score {
    /// The part.
    pub part: Part,
    /// Test pieces.
    pub pieces: usize,
    /// Bars of the windows that were evaluated; those in which the part is silent throughout are not.
    pub bars: usize,
    /// What the network loses on them.
    pub network: Nats,
    /// What the n-gram loses on them.
    pub ngram: Nats,
    /// What an n-gram loses that is told what followed when the same was played before.
    pub recalling: Nats,
}

/// Nats of a composer's networks and of n-grams trained on the same pieces, on the test pieces of each part.
pub fn table(pieces: &[Piece], composer: &Composer) -> Vec<Score> {
    Part::ALL.into_iter().filter_map(|part| line(pieces, composer, part)).collect()
}

/// The line of one part; `None` without test pieces.
pub fn line(pieces: &[Piece], composer: &Composer, part: Part) -> Option<Score> {
    let songs: Vec<Song> = pieces.iter().filter_map(|piece| Song::new(piece, part)).collect();
    let judged: Vec<&Song> = songs.iter().filter(|song| is_judged(part, song)).collect();
    let test: Vec<Example<'_>> = judged.iter().flat_map(|song| windows(part, song)).collect();
    if test.is_empty() {
        return None;
    }
    let all = |split: Split| {
        let songs = balanced(songs.iter().filter(|song| song.split == split));
        songs.into_iter().flat_map(|song| windows(part, song)).collect::<Vec<_>>()
    };
    let (training, validation) = (counted(part, all(Split::Train)), all(Split::Valid));
    let counted = |memory: Memory| Ngram::new(part, memory, &training, &validation).nats(&test);
    let [ngram, recalling] = [Memory::Short, Memory::Recalling].map(counted);
    let bars = test.iter().map(|example| example.window.bars as usize).sum();
    let network = lost(composer, part, &test);
    Some(Score { part, pieces: judged.len(), bars, network, ngram, recalling })
}

/// What a trained network loses on the test pieces of its part, as it was trained: `without` what it never heard.
pub fn test_loss(pieces: &[Piece], trained: &Trained, without: Option<Without>) -> Nats {
    let part = trained.part;
    let songs: Vec<Song> = pieces.iter().filter_map(|piece| Some(Song::new(piece, part)?.hiding(without))).collect();
    let judged = songs.iter().filter(|song| is_judged(part, song));
    let test: Vec<Example<'_>> = judged.flat_map(|song| windows(part, song)).collect();
    lost_by(&Layout::new(part, trained.sizes), &trained.parameters, &test)
}

pub(super) fn is_judged(part: Part, song: &Song) -> bool {
    song.split == Split::Test && benchmark(part).iter().any(|start| song.source.starts_with(start))
}

/// What a composer's network loses on windows.
pub(super) fn lost(composer: &Composer, part: Part, windows: &[Example<'_>]) -> Nats {
    let network = composer.network(part);
    lost_by(network.layout(), network.parameters(), windows)
}

fn lost_by(layout: &Layout, parameters: &[f32], windows: &[Example<'_>]) -> Nats {
    let mut nats = Nats::default();
    // A few windows at a time: a batch holds every feature of every slot.
    for examples in windows.chunks(BATCH) {
        nats.add(evaluate(layout, parameters, &batches(layout.part, layout, examples.to_vec(), BATCH)));
    }
    nats
}

/// What the n-gram counts: the windows, and copies of them varied as those are that the network learns from.
pub(super) fn counted(part: Part, windows: Vec<Example<'_>>) -> Vec<Example<'_>> {
    let mut rng = Seed(1).fork("n-gram").rng();
    let copies: Vec<Example<'_>> =
        (0..copies(part)).flat_map(|_| &windows).map(|window| varied(part, window.clone(), &mut rng)).collect();
    windows.into_iter().chain(copies).collect()
}
