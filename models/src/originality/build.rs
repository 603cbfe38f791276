//! Making an index, and how much music has in common.

use super::figure::{Hit, bars_of_drums, figures};
use super::format::Table;
use super::{Match, Originality, SIXTEENTH, highest};
use crate::piece::{Piece, Split};
use riffsmith_dsp::score::Role;
use std::collections::{BTreeMap, BTreeSet};

/// Pieces of which a figure must be for it to be common property.
const COMMON: usize = 3;

/// What an index holds, and what was left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Pieces that have a lead, a bass or drums.
    pub pieces: usize,
    /// Different figures of eight notes, and those of them that are common property.
    pub melodies: [usize; 2],
    /// Different figures of two bars of drums, and those of them that are common property.
    pub drums: [usize; 2],
}

/// An index of the training pieces.
pub fn build(pieces: &[Piece]) -> (Originality, Counts) {
    let mut counts = Counts::default();
    let mut sources = Vec::new();
    let mut melodies: BTreeMap<u32, BTreeSet<u16>> = BTreeMap::new();
    let mut drums: BTreeMap<u32, BTreeSet<u16>> = BTreeMap::new();
    for piece in pieces.iter().filter(|piece| piece.split == Split::Train).take(usize::from(u16::MAX)) {
        let source = sources.len() as u16;
        let note = |table: &mut BTreeMap<u32, BTreeSet<u16>>, figures: Vec<Option<u32>>| {
            for hash in figures.into_iter().flatten() {
                table.entry(hash).or_default().insert(source);
            }
        };
        for role in [Role::Lead, Role::Bass] {
            note(&mut melodies, figures(&melody(piece, role)));
        }
        note(&mut drums, bars_of_drums(&hits(piece), piece.steps_per_bar() / SIXTEENTH));
        sources.push(piece.source.clone());
    }
    counts.pieces = sources.len();
    let table = |figures: BTreeMap<u32, BTreeSet<u16>>, bits: u32, counts: &mut [usize; 2]| {
        counts[0] = figures.len();
        counts[1] = figures.values().filter(|pieces| pieces.len() >= COMMON).count();
        let own = figures.into_iter().filter(|(_, pieces)| pieces.len() < COMMON);
        let rows: Vec<(u32, u16)> =
            own.flat_map(|(hash, pieces)| pieces.into_iter().map(move |piece| (hash, piece))).collect();
        Table::new(&rows, bits)
    };
    let (melodies, drums) = (table(melodies, 16, &mut counts.melodies), table(drums, 12, &mut counts.drums));
    (Originality::new(sources, melodies, drums), counts)
}

impl Originality {
    /// The longest stretch of a part of a piece that is in the index.
    pub fn of_piece(&self, piece: &Piece, role: Role) -> Option<Match> {
        match role {
            Role::Chords => None,
            Role::Drums => self.drums(&hits(piece), piece.steps_per_bar() / SIXTEENTH),
            Role::Bass | Role::Lead => self.melody(&melody(piece, role)),
        }
    }
}

fn melody(piece: &Piece, role: Role) -> Vec<(u32, u8)> {
    highest(piece.part(role).iter().map(|event| ((event.step + SIXTEENTH / 2) / SIXTEENTH, event.pitch)).collect())
}

fn hits(piece: &Piece) -> BTreeSet<Hit> {
    piece.part(Role::Drums).iter().map(|event| ((event.step + SIXTEENTH / 2) / SIXTEENTH, event.pitch)).collect()
}
