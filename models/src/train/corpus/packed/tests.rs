use super::*;
use crate::piece::{Event, Piece, Split};
use crate::train::corpus::Report;
use proptest::prelude::*;
use riffsmith_dsp::score::{Chord, Mode, PitchClass, Quality, Role};

fn event() -> impl Strategy<Value = Event> {
    (0u32..384, 0u8..128, 1u32..400, 1u8..128, -60i8..=60).prop_map(|(step, pitch, length, velocity, offset)| Event {
        step,
        pitch,
        length,
        velocity,
        offset,
    })
}

fn chord() -> impl Strategy<Value = Option<Chord>> {
    let chord = (0i32..12, 0..Quality::ALL.len(), proptest::option::of(0i32..12)).prop_map(|(root, quality, bass)| {
        Chord { root: PitchClass::new(root), quality: Quality::ALL[quality], bass: bass.map(PitchClass::new) }
    });
    proptest::option::of(chord)
}

prop_compose! {
    fn piece()(
        source in "[a-z]{1,5}/[a-z0-9 #]{1,12}",
        styles in proptest::collection::vec("[a-z]{1,4}", 0..3),
        split in 0usize..3,
        mode in proptest::option::of(0..Mode::ALL.len()),
        bpm in proptest::option::of(20.0f64..300.0),
        is_loop in any::<bool>(),
        chords in proptest::collection::btree_map(0u32..384, chord(), 0..6),
        parts in proptest::collection::btree_map(0usize..4, proptest::collection::vec(event(), 1..20), 0..4),
    ) -> Piece {
        let parts = parts.into_iter().map(|(role, mut events)| {
            events.sort_by_key(|event| (event.step, event.pitch));
            (Role::ALL[role], events)
        });
        Piece {
            source,
            styles,
            split: [Split::Train, Split::Valid, Split::Test][split],
            meter: "4/4".parse().expect("a metre"),
            mode: mode.map(|mode| Mode::ALL[mode]),
            bpm,
            bars: 4,
            harmony: chords.into_iter().collect(),
            parts: parts.collect(),
            is_loop,
        }
    }
}

/// A corpus of some pieces with a full report.
fn corpus(pieces: Vec<Piece>) -> Corpus {
    let mut report = Report { unread: vec!["a/b.mid: it breaks off".to_owned()], ..Report::default() };
    report.licences.insert("a".to_owned(), "CC0".to_owned());
    report.dropped("a", [("clips without a genre", 300)]);
    report.count(&pieces);
    Corpus { pieces, report }
}

proptest! {
    #[test]
    fn corpora_come_back_as_they_were(pieces in proptest::collection::vec(piece(), 0..6)) {
        let corpus = corpus(pieces);
        prop_assert_eq!(unpack(&pack(&corpus)).expect("our own"), corpus);
    }

    #[test]
    fn changed_bytes_are_refused(pieces in proptest::collection::vec(piece(), 1..3), at in any::<usize>(), bit in 0u8..8) {
        let mut bytes = pack(&corpus(pieces));
        let at = at % bytes.len();
        bytes[at] ^= 1 << bit;
        prop_assert!(unpack(&bytes).is_err());
        prop_assert!(unpack(&bytes[..at]).is_err());
    }

    /// The checksum guards against accidents; a body that was made on purpose must not bring the program down either.
    #[test]
    fn no_body_panics(pieces in proptest::collection::vec(piece(), 1..3), changes in proptest::collection::vec((any::<usize>(), any::<u8>()), 1..8)) {
        let mut output = Output::default();
        body::write(&corpus(pieces), &mut output);
        let mut bytes = output.into_bytes();
        for (at, byte) in changes {
            let at = at % bytes.len();
            bytes[at] = byte;
        }
        if let Ok(corpus) = body::read(&mut Input::new(&bytes)) {
            for piece in &corpus.pieces {
                let end = piece.bars * piece.steps_per_bar();
                prop_assert!(piece.harmony.iter().all(|&(step, _)| step < end));
                prop_assert!(piece.parts.iter().flat_map(|(_, events)| events).all(|event| event.step < end));
            }
        }
        let _ = body::read(&mut Input::new(&bytes[..bytes.len() / 2]));
    }

    #[test]
    fn noise_is_refused(noise in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = body::read(&mut Input::new(&noise));
        let framed = [&MAGIC[..], &VERSION.to_le_bytes(), &noise].concat();
        prop_assert!(unpack(&noise).is_err() && unpack(&framed).is_err());
    }
}

#[test]
fn refusals_say_what_is_wrong() {
    let good = pack(&corpus(Vec::new()));
    let refused = |bytes: &[u8]| unpack(bytes).expect_err("broken").to_string();
    assert_eq!(refused(b"MThd"), "not a valid corpus file: it does not start with `riffcorp`");
    let mut newer = good.clone();
    newer[8] = 9;
    assert_eq!(refused(&newer), "corpus file not supported: version 9; this program reads 1: build it again");
    assert_eq!(
        refused(&good[..good.len() - 1]),
        "not a valid corpus file: its checksum is wrong: it was cut off or changed"
    );
}
