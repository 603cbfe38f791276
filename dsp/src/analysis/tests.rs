use super::*;
use crate::score::{Chord, Meter, Pitch, Tempo, Ticks, Track, Velocity};

fn note(start: u32, pitch: u8, length: u32) -> Note {
    Note { start: Ticks(start), pitch: Pitch::new(pitch), length: Ticks(length), velocity: Velocity::new(90) }
}

fn score(bars: u32) -> Score {
    Score::empty(Ticks(bars * 1920), Tempo::new(120.0).expect("valid"), Meter::COMMON)
}

/// One chord a bar: its bass on each half, its tones in broken eighths above.
fn played(chords: &str) -> Score {
    let names: Vec<&str> = chords.split(' ').collect();
    let mut score = score(names.len() as u32);
    let (mut bass, mut broken) = (Vec::new(), Vec::new());
    for (bar, chord) in (0..).zip(names).filter_map(|(bar, name)| Some((bar * 1920, name.parse::<Chord>().ok()?))) {
        bass.extend([0, 960].map(|at| note(bar + at, 36 + chord.lowest().semitones(), 900)));
        let tones: Vec<u8> = chord.classes().map(|class| 60 + class.semitones()).collect();
        broken.extend((0..8).map(|eighth| note(bar + eighth * 240, tones[eighth as usize % tones.len()], 220)));
    }
    score.tracks.push(Track { channel: 0, program: 33, notes: bass, ..Track::default() });
    score.tracks.push(Track { channel: 1, program: 0, notes: broken, ..Track::default() });
    score
}

fn named(analysis: &Analysis) -> String {
    let names = analysis.chords.iter().map(|span| span.chord.map_or("-".to_owned(), |chord| chord.to_string()));
    names.collect::<Vec<_>>().join(" ")
}

#[test]
fn broken_chords_over_a_bass_are_named() {
    for text in ["C Am F G", "C G/B Am F", "Em C D Bm", "Am Dm E Am"] {
        assert_eq!(named(&analyze(&played(text)).expect("short")), text);
    }
}

#[test]
fn held_chords_have_their_sevenths() {
    for text in ["Dm7 G7 Cmaj7 A7", "Am7 D7 Gmaj7 Em7", "Bm7b5 E7 Am F"] {
        let mut piece = played(text);
        piece.tracks[1].notes = (0..)
            .zip(text.split(' '))
            .flat_map(|(bar, name)| {
                let chord: Chord = name.parse().expect(name);
                chord.classes().map(move |class| note(bar * 1920, 60 + class.semitones(), 1900)).collect::<Vec<_>>()
            })
            .collect();
        piece.tracks[1].notes.sort_unstable();
        assert_eq!(named(&analyze(&piece).expect("short")), text);
    }
}

#[test]
fn keys_and_modulations_are_found() {
    let home = |text: &str| analyze(&played(text)).expect("short").keys.home.map(|(key, _)| key.to_string());
    assert_eq!(home("C Am F G C Am Dm G7 C").as_deref(), Some("C major"));
    assert_eq!(home("Am Dm E7 Am F Dm E7 Am").as_deref(), Some("A minor"));
    let first = "C F G7 C Am Dm G7 C";
    let second = "E A B7 E C#m F#m B7 E E A B7 E C#m F#m B7 E";
    let keys = analyze(&played(&format!("{first} {second}"))).expect("short").keys;
    let regions: Vec<(usize, String)> =
        keys.regions.iter().map(|region| (region.from, region.key.to_string())).collect();
    assert_eq!(regions, [(0, "C major".to_owned()), (8, "E major".to_owned())]);
    assert!(keys.regions.iter().all(|region| (0.5..=1.0).contains(&region.confidence)), "{keys:?}");
    assert_eq!(keys.at(7).map(|key| key.to_string()).as_deref(), Some("C major"));
}

#[test]
fn transposing_a_piece_transposes_its_analysis() {
    let piece = played("C Am F G7 C/E F Dm7 G7 C");
    let plain = analyze(&piece).expect("short");
    for semitones in 1..12 {
        let mut moved = piece.clone();
        for note in moved.tracks.iter_mut().flat_map(|track| &mut track.notes) {
            note.pitch = note.pitch.transposed(semitones);
        }
        let moved = analyze(&moved).expect("short");
        let chords =
            |it: &Analysis, by| it.chords.iter().map(|span| span.chord.map(|c| c.transposed(by))).collect::<Vec<_>>();
        assert_eq!(chords(&moved, -semitones), chords(&plain, 0), "{semitones}");
        let tonic = |it: &Analysis| it.keys.home.map(|(key, _)| key.tonic);
        assert_eq!(tonic(&moved), tonic(&plain).map(|tonic| tonic.transposed(semitones)));
    }
}

#[test]
fn sections_that_come_back_have_the_same_letter() {
    let verse = "C Am F G C Am F G";
    let chorus = "E5 E5 B5 E5 E5 E5 B5 E5";
    let analysis = analyze(&played(&format!("{verse} {chorus} {verse} {chorus}"))).expect("short");
    let labels: Vec<(usize, &str)> = analysis.sections.iter().map(|it| (it.from, it.label.as_str())).collect();
    assert_eq!(labels, [(0, "A"), (8, "B"), (16, "A"), (24, "B")]);
    assert_eq!((analysis.repeats[4], analysis.repeats[16], analysis.repeats[0]), (Some(0), Some(0), None));
}

#[test]
fn tracks_have_their_functions() {
    let mut piece = played("C Am F G");
    let held = (0..4).flat_map(|bar| [60, 64, 69].map(|pitch| note(bar * 1920, pitch, 1900))).collect();
    piece.tracks.push(Track { channel: 2, program: 89, notes: held, ..Track::default() });
    let kit = (0..16).map(|beat| note(beat * 480, 36, 60)).collect();
    piece.tracks.push(Track { channel: 9, notes: kit, ..Track::default() });
    let analysis = analyze(&piece).expect("short");
    let names: Vec<&str> = analysis.parts.iter().map(|part| part.function.name()).collect();
    assert_eq!(names, ["bass", "lead", "pad", "drums"]);
    assert!((analysis.parts[2].voices - 3.0).abs() < 1e-9);
    assert_eq!(analysis.density, [2 + 8 + 3 + 4; 4]);
    assert_eq!(analysis.parts[0].presence, 1.0);
    // The last pad ends 20 ticks before the fourth bar does.
    assert!((analysis.seconds - 7660.0 / 960.0).abs() < 1e-9);
}

#[test]
fn drums_alone_and_nothing_have_no_key() {
    let empty = analyze(&score(4)).expect("short");
    assert!(
        empty.beats.beats.is_empty() && empty.keys.home.is_none() && empty.chords.is_empty() && empty.feel.is_none()
    );
    let mut drums = score(4);
    let kit = (0..16).map(|beat| note(beat * 480, 36, 60)).collect();
    drums.tracks.push(Track { channel: 9, notes: kit, ..Track::default() });
    let drums = analyze(&drums).expect("short");
    assert!(drums.keys.home.is_none() && drums.chords.is_empty() && drums.keys.regions.is_empty());
    assert_eq!((drums.beats.bars.len(), drums.sections.len()), (4, 1));
}

#[test]
fn odd_metres_and_changes_are_analysed() {
    let mut piece = played("Am Am F F G G Am Am");
    piece.meters =
        vec![(Ticks(0), "7/8".parse().expect("a metre")), (Ticks(1680 * 4), "3/4".parse().expect("a metre"))];
    piece.tempos.push((Ticks(3000), Tempo::new(60.0).expect("valid")));
    let analysis = analyze(&piece).expect("short");
    assert_eq!(analysis.beats.bars[4].start, Ticks(1680 * 4));
    assert_eq!(analysis.keys.home.map(|(key, _)| key.tonic), "A".parse::<Chord>().ok().map(|chord| chord.root));
    assert_eq!(analysis.chords.iter().filter_map(|span| span.chord).count(), analysis.chords.len());
}

#[test]
fn a_note_that_never_ends_does_not_rule_the_piece() {
    let mut piece = played(&["C F G C"; 64].join(" "));
    // A note-off was lost in the first bar; the piece is 256 bars long.
    piece.tracks[1].notes.insert(1, note(0, 61, 256 * 1920));
    let analysis = analyze(&piece).expect("short");
    let late = named(&analysis);
    assert!(late.ends_with("C F G C C F G C") || late.ends_with("F G C F G C"), "{late}");
}
