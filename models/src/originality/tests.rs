use super::*;
use crate::groove;
use crate::piece::{Piece, Split};
use proptest::prelude::*;

fn grooves() -> Vec<Piece> {
    let read = |(name, text)| groove::read(name, text).expect("valid");
    groove::builtin().into_iter().map(read).map(|piece| Piece { split: Split::Train, ..piece }).collect()
}

fn notes(pitches: &[u8], from: u32) -> Vec<(u32, u8)> {
    (from..).step_by(2).zip(pitches.iter().copied()).collect()
}

/// Ten notes with no pattern.
const TUNE: [u8; 10] = [60, 64, 62, 67, 65, 72, 70, 64, 69, 61];

#[test]
fn what_was_learnt_is_found_in_any_key_and_nothing_else_is() {
    let pieces = grooves();
    let (index, counts) = build(&pieces);
    assert_eq!(counts.pieces, pieces.len());
    assert!(counts.melodies[0] > 20 * counts.pieces && counts.melodies[1] < counts.melodies[0] / 20, "{counts:?}");
    let with_own = |role| pieces.iter().filter(|piece| index.of_piece(piece, role).is_some()).count();
    // Some basses are roots on the beat throughout, and some drums are plain.
    assert!(with_own(Role::Lead) * 100 >= 95 * pieces.len(), "{}", with_own(Role::Lead));
    assert!(with_own(Role::Drums) * 100 >= 70 * pieces.len(), "{}", with_own(Role::Drums));
    assert_eq!(index.melody(&notes(&TUNE, 0)), None);
    let moved: Vec<(u32, u8)> =
        pieces[0].part(Role::Lead).iter().map(|event| (4 + event.step / SIXTEENTH, event.pitch - 5)).collect();
    let found = index.melody(&moved).expect("its own");
    assert_eq!(found.source, pieces[0].source);
}

#[test]
fn the_longest_stretch_is_counted_in_notes() {
    let piece = |pitches: &[u8]| {
        let mut piece = grooves().remove(0);
        for (role, events) in &mut piece.parts {
            if *role == Role::Lead {
                let first = events[0];
                *events = (0..)
                    .step_by(2 * SIXTEENTH as usize)
                    .zip(pitches)
                    .map(|(step, &pitch)| crate::piece::Event { step, pitch, ..first })
                    .collect();
            } else {
                events.clear();
            }
        }
        piece.source = "a/tune".to_owned();
        piece
    };
    let (index, _) = build(&[piece(&TUNE)]);
    for length in [8, 9, 10] {
        let mut quoted = notes(&[40, 43, 40], 0);
        quoted.extend(notes(&TUNE[..length], 7).iter().map(|&(at, pitch)| (at, pitch + 3)));
        quoted.extend(notes(&[50, 90], 40));
        let found = index.melody(&quoted).map(|found| (found.length, found.source));
        assert_eq!(found, Some((length, "a/tune".to_owned())));
    }
    assert_eq!(index.melody(&notes(&TUNE[..7], 0)), None);
}

#[test]
fn what_three_pieces_have_and_what_is_plain_is_everyones() {
    let (index, _) = build(&grooves());
    assert_eq!(index.melody(&notes(&[60; 12], 0)), None);
    let one = grooves().remove(0);
    let named = |name: &str| Piece { source: name.to_owned(), ..one.clone() };
    let (index, counts) = build(&[named("a"), named("b")]);
    assert_eq!(counts.melodies[1], 0);
    assert!(index.of_piece(&one, Role::Lead).is_some());
    let (index, counts) = build(&[named("a"), named("b"), named("c")]);
    assert_eq!(counts.melodies[0], counts.melodies[1]);
    assert_eq!(index.of_piece(&one, Role::Lead), None);
}

#[test]
fn the_index_that_comes_with_the_program_is_read() {
    let index = Originality::builtin();
    assert!(index.sources.len() > 500 && index.melodies.len() > 10_000 && index.drums.len() > 5_000);
}

proptest! {
    #[test]
    fn an_index_round_trips_and_broken_ones_are_refused(cut in 0usize..4000, at in 0usize..4000, flip in 1u8..=255) {
        let (index, _) = build(&grooves()[..3]);
        let bytes = index.to_bytes();
        let again = Originality::from_bytes(&bytes).expect("whole");
        prop_assert_eq!(again.to_bytes(), bytes.clone());
        prop_assert!(Originality::from_bytes(&bytes[..cut.min(bytes.len() - 1)]).is_err());
        let mut changed = bytes.clone();
        let at = at % changed.len();
        changed[at] ^= flip;
        prop_assert!(Originality::from_bytes(&changed).is_err());
    }
}
