use super::*;
use proptest::prelude::*;

const SMALL: &str = "\
# Two bars
style: house
bpm: 124
key: A minor
feel: swing 60
harmony: i7 | VImaj7

kick: X... x... x... x...
hat @80 +5: .x.g [xxx]... .... .... | %
bass 1=A1: 1-.. ..5,#7, .... .... | ..6,!. .... .... ....
chords: x--- .... .... .... | .... .... .... >o---
lead 1=A4 @90: 1'... .... .... .... | [123]:4 .... .... ....
";

#[test]
fn a_groove_becomes_a_piece_with_its_tonic_at_c() {
    let piece = read("house/small.groove", SMALL).expect("valid");
    assert_eq!(piece.source, "grooves/house/small.groove");
    assert_eq!((piece.bars, piece.bpm, piece.steps_per_bar()), (2, Some(124.0), 96));
    assert_eq!(piece.styles, ["house"]);
    assert!(piece.is_loop);

    let bass: Vec<_> = piece.part(Role::Bass).iter().map(|e| (e.step, e.pitch, e.length, e.velocity)).collect();
    assert_eq!(bass, [(0, 36, 12, 100), (36, 31, 6, 96), (42, 35, 6, 92), (108, 32, 6, 115)]);

    let lead: Vec<_> = piece.part(Role::Lead).iter().map(|e| (e.step, e.pitch, e.length)).collect();
    assert_eq!(lead, [(0, 84, 6), (96, 72, 8), (104, 74, 8), (112, 75, 8)]);

    // 60 % of an eighth is 24 ticks after its half, and the row itself is 5 late; triplets do not swing.
    let hats: Vec<_> = piece.part(Role::Drums).iter().filter(|e| e.pitch == 42 && e.step < 96).collect();
    let hats: Vec<_> = hats.iter().map(|e| (e.step, e.velocity, e.offset)).collect();
    assert_eq!(hats, [(6, 73, 29), (18, 33, 29), (24, 80, 5), (26, 70, 5), (28, 70, 5)]);

    let chord_at = |step| -> Vec<_> {
        piece.part(Role::Chords).iter().filter(|e| e.step == step).map(|e| (e.pitch, e.length)).collect()
    };
    assert_eq!(chord_at(0).len(), 4);
    assert_eq!(chord_at(168), chord_at(0), "the push at the end takes the first chord");
}

#[test]
fn mistakes_name_the_file_the_line_and_what_is_allowed() {
    for (from, to, message) in [
        ("style: house", "", "a groove needs a line `style: ...`"),
        ("bpm: 124", "bpm: 999", ":3: bpm must be 20 to 300, but was 999"),
        ("A minor", "H minor", ":4: key \"H minor\" is not understood"),
        ("swing 60", "swing 80", ":5: feel is `straight` or `swing 50` to `swing 75`, not \"swing 80\""),
        ("VImaj7", "VIx", ":6: \"VIx\" is no chord"),
        ("harmony", "harmonies", ":6: \"harmonies\" is no row"),
        ("kick: X", "kick: X.", ":8: bar 1 has 17 sixteenths, but must have 16"),
        ("kick: X", "kick: 1", ":8: '1' is not understood; here stand X x o g"),
        ("kick:", "lick:", ":8: \"lick\" is no row; write style,"),
        ("[xxx]", "[xxxx]", ":9: bar 1: 4 in brackets do not fit 1 sixteenths"),
        ("[xxx]", "[xxx", ":9: a `[` has no `]`"),
        ("hat @80", "hat @200", ":9: \"@200\" must be @1 to @127"),
        ("hat @80 +5", "hat @80 +61", ":9: \"+61\" must be -60 to +60 ticks"),
        ("hat @80", "kick", ":9: this row is there twice"),
        ("1=A1", "1=C2", ":10: degree 1 of A minor is A, not C2"),
        (" 1=A1", "", ":10: a row of degrees says which note 1 is"),
        ("bass 1=A1: 1", "bass 1=A1: -", ":10: bar 1: a hold `-` needs a note right before it"),
        ("x--- ", "x--x |", ":11: bar 1 has 4 sixteenths"),
        ("1'...", "1''''''...", ":12: degree 1 is beyond MIDI's 128 pitches"),
        ("| [123]:4", "| % | [123]:4", ":12: 3 bars do not repeat evenly in the 2 of the harmony"),
    ] {
        let text = SMALL.replacen(from, to, 1);
        let error = read("house/small.groove", &text).expect_err(message).to_string();
        assert!(error.contains(message) && error.contains("house/small.groove:"), "{error}\nlacks {message}");
    }
    assert!(read("empty", "").is_err());
}

#[test]
fn a_row_in_another_metre_fills_its_bars() {
    let text = "style: waltz\nbpm: 90\nkey: C\nmeter: 6/8\nharmony: I | IV V\nchords open: x-----x-----";
    let piece = read("waltz", text).expect("valid");
    assert_eq!((piece.steps_per_bar(), piece.part(Role::Chords).len()), (72, 12));
}

#[test]
fn the_example_of_the_readme_is_a_groove() {
    let readme = LIBRARY.get_file("README.md").and_then(|file| file.contents_utf8()).expect("beside the grooves");
    let example: Vec<&str> = readme.lines().filter_map(|line| line.strip_prefix("    ")).collect();
    let piece = read("house/example.groove", &example.join("\n")).expect("valid");
    assert_eq!((piece.bars, piece.parts.len()), (4, 4));
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in "\\PC*", lines in "((kick|bass 1=A1|chords|harmony|key|bpm): ?[-Xx1-7b#',.?! \\[\\]:%|>iIvV]*\n)*") {
        let _ = read("any", &text);
        let _ = read("any", &lines);
        let header = "style: x\nbpm: 90\nkey: Am\nharmony: i | V7\n";
        let _ = read("any", &format!("{header}{lines}"));
    }

    #[test]
    fn a_groove_with_a_change_anywhere_is_read_or_refused(at in 0..SMALL.len(), put in any::<char>()) {
        let mut text = SMALL.to_owned();
        text.replace_range(at..=at, &put.to_string());
        if let Ok(piece) = read("changed", &text) {
            for (role, events) in &piece.parts {
                prop_assert!(events.is_sorted(), "{role}");
                let end = piece.bars * piece.steps_per_bar();
                prop_assert!(events.iter().all(|e| e.length > 0 && e.step + e.length <= end && (1..=127).contains(&e.velocity)));
            }
        }
    }
}
