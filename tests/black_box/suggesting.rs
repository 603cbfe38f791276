//! `riffsmith suggest`: what it changes, what it leaves, and what it says of files that it cannot use.

use super::midi_bytes::{END, chords, file, varlen};
use super::{names, riffsmith};
use riffsmith_dsp::score::{Note, Score, Ticks, Track, midi};
use serde_json::Value;
use std::path::Path;
use std::process::Output;

/// Eight bars of a loop in four parts, as `song.mid`.
fn song(directory: &Path) -> Score {
    let output = riffsmith()
        .args(["generate", "house", "--bars", "8", "--seed", "7", "--key", "D minor", "--midi", "--out", "made"])
        .current_dir(directory)
        .output()
        .expect("it runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let made = names(&directory.join("made")).into_iter().find(|name| name.ends_with(".mid")).expect("a MIDI file");
    std::fs::rename(directory.join("made").join(made), directory.join("song.mid")).expect("renamed");
    read(&directory.join("song.mid"))
}

fn read(path: &Path) -> Score {
    midi::read(&std::fs::read(path).expect("a file")).expect("a MIDI file")
}

fn run(directory: &Path, more: &[&str]) -> Output {
    riffsmith().arg("suggest").args(more).current_dir(directory).output().expect("it runs")
}

/// What `--json` lists.
fn listed(directory: &Path, more: &[&str]) -> Vec<Value> {
    let output = run(directory, &[more, &["--json"]].concat());
    assert!(output.status.success(), "{more:?}: {}", String::from_utf8_lossy(&output.stderr));
    let listed: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    listed.as_array().expect("a list").clone()
}

fn track<'a>(score: &'a Score, name: &str) -> &'a Track {
    score.tracks.iter().find(|track| track.name == name).expect("a track of that name")
}

fn outside(notes: &[Note], bars: std::ops::Range<u32>) -> Vec<Note> {
    let bar = Ticks::PER_QUARTER * 4;
    // A player may be a little early.
    notes.iter().filter(|note| !(bars.start * bar..bars.end * bar).contains(&(note.start.0 + 15))).copied().collect()
}

#[test]
fn an_infill_changes_its_bars_of_its_track_and_nothing_else() {
    let directory = tempfile::tempdir().expect("a directory");
    let before = song(directory.path());
    let found = listed(directory.path(), &["song.mid", "infill", "--bars", "5-6", "--track", "bass", "-n", "2"]);
    assert_eq!(found.len(), 2);
    for own in &found {
        let after = read(&directory.path().join(own["path"].as_str().expect("a path")));
        assert_eq!(
            (&after.tempos, &after.meters, &after.keys, after.length),
            (&before.tempos, &before.meters, &before.keys, before.length)
        );
        for other in before.tracks.iter().filter(|track| track.name != "bass") {
            assert_eq!(track(&after, &other.name), other);
        }
        let (old, new) = (&track(&before, "bass").notes, &track(&after, "bass").notes);
        assert_eq!(outside(new, 4..6), outside(old, 4..6));
        assert_ne!(new, old);
        assert!(own["words"].as_str().is_some_and(|words| words.starts_with("bars 5-6 of bass anew: ")), "{own}");
        assert!(own["likelihood"].as_f64().is_some_and(|nats| (-8.0..0.0).contains(&nats)), "{own}");
    }
}

#[test]
fn variations_go_as_far_as_they_are_asked_to() {
    let directory = tempfile::tempdir().expect("a directory");
    let before = song(directory.path());
    let far = |distance: &str| {
        let out = format!("out{distance}");
        let found = listed(directory.path(), &["song.mid", "melody", "--distance", distance, "-n", "1", "--out", &out]);
        let path = directory.path().join(found[0]["path"].as_str().expect("a path"));
        (found[0]["distance"].as_f64().expect("a distance"), read(&path))
    };
    let (none, same) = far("0");
    assert_eq!((none, &same), (0.0, &before));
    let [near, middle, most] = ["0.2", "0.5", "0.9"].map(|distance| far(distance).0);
    assert!((near - 0.2).abs() < 0.1 && (middle - 0.5).abs() < 0.1 && middle < most, "{near} {middle} {most}");
}

#[test]
fn what_is_to_be_kept_of_a_melody_is_kept() {
    let directory = tempfile::tempdir().expect("a directory");
    let before = song(directory.path());
    let lead = &track(&before, "lead").notes;
    let rises = |notes: &[Note]| -> Vec<_> { notes.windows(2).map(|pair| pair[1].pitch.cmp(&pair[0].pitch)).collect() };
    for keep in ["rhythm", "contour"] {
        let found = listed(
            directory.path(),
            &["song.mid", "melody", "--distance", "0.3", "--keep", keep, "-n", "1", "--out", keep],
        );
        let after = read(&directory.path().join(found[0]["path"].as_str().expect("a path")));
        let own = &track(&after, "lead").notes;
        let starts = |notes: &[Note]| -> Vec<Ticks> { notes.iter().map(|note| note.start).collect() };
        assert_eq!(starts(own), starts(lead), "{keep}");
        assert_ne!(own, lead, "{keep}");
        if keep == "contour" {
            let same = rises(own).iter().zip(rises(lead)).filter(|(own, other)| **own == *other).count();
            assert!(same * 10 >= 9 * rises(lead).len(), "{same} of {}", rises(lead).len());
        }
    }
}

#[test]
fn parts_chords_and_continuations_are_written_to_what_is_there() {
    let directory = tempfile::tempdir().expect("a directory");
    let before = song(directory.path());
    let one = |what: &[&str]| {
        let found = listed(directory.path(), &[&["song.mid"], what, &["-n", "1"]].concat());
        (
            found[0]["words"].as_str().expect("words").to_owned(),
            read(&directory.path().join(found[0]["path"].as_str().expect("a path"))),
        )
    };
    let (_, bass) = one(&["bass"]);
    assert_ne!(track(&bass, "bass").notes, track(&before, "bass").notes);
    assert_eq!(track(&bass, "lead"), track(&before, "lead"));
    let (words, drums) = one(&["drums"]);
    assert!(words.contains("a kick with") && track(&drums, "drums").notes.len() > 16, "{words}");
    let (words, longer) = one(&["continue", "--bars", "4"]);
    assert!(words.starts_with("bars 9-12: "), "{words}");
    for own in &before.tracks {
        let notes = &track(&longer, &own.name).notes;
        assert_eq!(notes[..own.notes.len()], own.notes);
        assert!(notes.len() > own.notes.len(), "{}", own.name);
    }
    let (words, next) = one(&["chords", "--bars", "4"]);
    assert!(words.starts_with("next: ") && words.contains('('), "{words}");
    assert!(track(&next, "chords").notes.len() > track(&before, "chords").notes.len());
    let (words, under) = one(&["harmonize"]);
    assert!(words.contains("% of the melody's time is in them"), "{words}");
    assert_eq!(track(&under, "lead"), track(&before, "lead"));
}

#[test]
fn playing_by_hand_moves_notes_and_keeps_them() {
    let directory = tempfile::tempdir().expect("a directory");
    let before = song(directory.path());
    let by_hand = |amount: &str| {
        let found = listed(directory.path(), &["song.mid", "humanize", "--amount", amount, "-n", "1", "--out", amount]);
        read(&directory.path().join(found[0]["path"].as_str().expect("a path")))
    };
    assert_eq!(by_hand("0"), before);
    let moved = by_hand("1");
    let pitches = |score: &Score| -> Vec<usize> {
        let mut counts = vec![0; 128];
        score
            .tracks
            .iter()
            .flat_map(|track| &track.notes)
            .for_each(|note| counts[usize::from(note.pitch.number())] += 1);
        counts
    };
    assert_eq!(pitches(&moved), pitches(&before));
    assert_ne!(moved, before);
    let found = listed(directory.path(), &["song.mid", "groove", "--from", "song.mid", "--out", "grooved"]);
    assert_eq!(found.len(), 1);
}

#[test]
fn three_voices_lie_under_the_melody() {
    let directory = tempfile::tempdir().expect("a directory");
    let before = song(directory.path());
    let found = listed(directory.path(), &["song.mid", "harmonize", "--four-voices", "-n", "1"]);
    assert!(
        found[0]["words"].as_str().is_some_and(|words| words.contains("no parallel fifths or octaves")),
        "{found:?}"
    );
    let after = read(&directory.path().join(found[0]["path"].as_str().expect("a path")));
    assert_eq!(track(&after, "lead"), track(&before, "lead"));
    let at = |name: &str, moment: Ticks| {
        let mut bass = after.tracks.iter().filter(|track| track.name == name);
        // The loop has a bass of its own; the new one is the last.
        let notes = &bass.next_back().expect("a voice").notes;
        notes.iter().find(|note| note.start <= moment && moment < note.end()).map(|note| note.pitch.number())
    };
    for bar in 0..8 {
        let moment = Ticks(bar * 4 * Ticks::PER_QUARTER);
        let voices = ["bass", "tenor", "alto"].map(|name| at(name, moment).expect("it sounds"));
        assert!(voices[0] < voices[1] && voices[1] <= voices[2] && (40..=74).contains(&voices[0]), "{voices:?}");
    }
}

#[test]
fn drums_answer_the_rhythm_that_was_played() {
    let directory = tempfile::tempdir().expect("a directory");
    let before = song(directory.path());
    let found = listed(directory.path(), &["song.mid", "drumify", "--track", "lead", "-n", "1"]);
    let after = read(&directory.path().join(found[0]["path"].as_str().expect("a path")));
    for name in ["lead", "bass", "chords"] {
        assert_eq!(track(&after, name), track(&before, name));
    }
    let drums = &track(&after, "drums").notes;
    let near = |a: Ticks, b: Ticks| a.0.abs_diff(b.0) <= 20;
    let lead = &track(&before, "lead").notes;
    let answered = lead.iter().filter(|note| drums.iter().any(|own| near(own.start, note.start))).count();
    assert!(answered * 10 >= lead.len() * 9, "{answered} of {}", lead.len());
}

#[test]
fn an_arrangement_between_styles_leaves_the_melody() {
    let directory = tempfile::tempdir().expect("a directory");
    let before = song(directory.path());
    let found = listed(directory.path(), &["song.mid", "blend", "reggae:0.5,funk:0.5", "-n", "1"]);
    let words = found[0]["words"].as_str().expect("words");
    assert!(words.contains("funk 0.50") && words.contains("reggae 0.50"), "{words}");
    let after = read(&directory.path().join(found[0]["path"].as_str().expect("a path")));
    assert_eq!(track(&after, "lead"), track(&before, "lead"));
    for name in ["drums", "bass", "chords"] {
        assert_ne!(track(&after, name).notes, track(&before, name).notes, "{name}");
    }
    let found = listed(directory.path(), &["song.mid", "groove", "--from", "funk"]);
    let words = found[0]["words"].as_str().expect("words");
    assert!(words.starts_with("timing and accents of a funk drummer: "), "{words}");
}

#[test]
fn chords_are_taken_as_numerals() {
    let directory = tempfile::tempdir().expect("a directory");
    let before = song(directory.path());
    let found = listed(directory.path(), &["song.mid", "chords", "--numerals", "ii7b5 V7 i i", "-n", "1"]);
    let words = found[0]["words"].as_str().expect("words");
    assert!(words.starts_with("as given: Em7b5 A7 Dm (iiø7 V7 i)"), "{words}");
    let after = read(&directory.path().join(found[0]["path"].as_str().expect("a path")));
    let bar = Ticks::PER_QUARTER * 4;
    let old = track(&before, "chords").notes.len();
    let new = &track(&after, "chords").notes[old..];
    assert!(new.iter().all(|note| (8 * bar - 60..12 * bar).contains(&note.start.0)) && !new.is_empty());
    let output = run(directory.path(), &["song.mid", "chords", "--numerals", "ii X"]);
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.code() == Some(2) && stderr.contains("\"X\" is no chord; write a Roman numeral"), "{stderr}");
}

#[test]
fn what_was_learnt_is_kept_as_a_voice() {
    let directory = tempfile::tempdir().expect("a directory");
    song(directory.path());
    crate::corpus::folder(&directory.path().join("loops"));
    let learn = ["song.mid", "drums", "-n", "1", "--learn", "loops", "--learn-minutes", "0.05", "--voice", "mine.bin"];
    let output = run(directory.path(), &[&learn[..], &["--json"]].concat());
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success() && told.contains("held out") && told.contains("drums"), "{told}");
    let found: Value = serde_json::from_slice(&output.stdout).expect("one JSON document");
    assert_eq!(found.as_array().map(Vec::len), Some(1));
    assert!(run(directory.path(), &["song.mid", "bass", "-n", "1", "--voice", "mine.bin"]).status.success());
    let judged = riffsmith()
        .args(["eval", "voice", "--data", "song.mid", "--voice", "mine.bin"])
        .current_dir(directory.path())
        .output()
        .expect("it runs");
    let table = String::from_utf8_lossy(&judged.stdout).into_owned();
    assert!(judged.status.success() && table.contains("drums") && table.contains(" %"), "{table}");
    let again = run(directory.path(), &learn);
    assert!(String::from_utf8_lossy(&again.stderr).contains("mine.bin exists already"), "a voice is not replaced");
}

#[test]
fn what_is_locked_comes_back_as_it_was() {
    let directory = tempfile::tempdir().expect("a directory");
    let before = song(directory.path());
    let wishes = ["song.mid", "continue", "--bars", "2", "--lock", "drums", "-n", "1"];
    let found = listed(directory.path(), &wishes);
    let after = read(&directory.path().join(found[0]["path"].as_str().expect("a path")));
    assert_eq!(track(&after, "drums"), track(&before, "drums"));
    assert!(track(&after, "bass").notes.len() > track(&before, "bass").notes.len());
    let wishes = ["song.mid", "melody", "--distance", "0.9", "--lock", "bars:3-6", "-n", "1"];
    let found = listed(directory.path(), &wishes);
    let after = read(&directory.path().join(found[0]["path"].as_str().expect("a path")));
    let within = |score: &Score| -> Vec<Note> {
        let outside = outside(&track(score, "lead").notes, 2..6);
        track(score, "lead").notes.iter().filter(|note| !outside.contains(note)).copied().collect()
    };
    // All but the last note, which may be cut by what follows it.
    let (own, old) = (within(&after), within(&before));
    assert_eq!(own[..own.len() - 1], old[..old.len() - 1]);
    assert_ne!(track(&after, "lead").notes, track(&before, "lead").notes);
    let output = run(directory.path(), &["song.mid", "bass", "--lock", "bars:9"]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("within 1-8"));
}

#[test]
fn melodies_between_two_go_from_one_to_the_other() {
    let directory = tempfile::tempdir().expect("a directory");
    song(directory.path());
    std::fs::rename(directory.path().join("song.mid"), directory.path().join("other.mid")).expect("renamed");
    let output = riffsmith()
        .args(["generate", "funk", "--bars", "8", "--seed", "3", "--key", "A minor", "--midi", "--out", "again"])
        .current_dir(directory.path())
        .output()
        .expect("it runs");
    assert!(output.status.success());
    let made = names(&directory.path().join("again")).into_iter().find(|name| name.ends_with(".mid")).expect("MIDI");
    std::fs::rename(directory.path().join("again").join(made), directory.path().join("song.mid")).expect("renamed");
    let found = listed(directory.path(), &["song.mid", "interpolate", "--to", "other.mid", "-n", "3"]);
    let distances: Vec<f64> = found.iter().map(|own| own["distance"].as_f64().expect("a distance")).collect();
    assert!(distances.is_sorted() && distances[0] > 0.0 && distances[2] > distances[0] + 0.2, "{distances:?}");
}

#[test]
fn existing_files_stay_and_bad_wishes_name_what_is_allowed() {
    let directory = tempfile::tempdir().expect("a directory");
    song(directory.path());
    let infill = ["song.mid", "infill", "--bars", "2", "-n", "1"];
    assert!(run(directory.path(), &infill).status.success());
    let refused = |more: &[&str]| {
        let output = run(directory.path(), more);
        assert!(!output.status.success() && output.stdout.is_empty(), "{more:?}");
        String::from_utf8(output.stderr).expect("text")
    };
    assert!(refused(&infill).contains("song_infill_1.mid"), "{}", refused(&infill));
    assert!(refused(&["song.mid", "infill", "--bars", "8-9"]).contains("within 1-8"));
    assert!(refused(&["song.mid", "infill", "--bars", "x"]).contains("5-6"));
    assert!(refused(&["song.mid", "infill", "--bars", "1", "--track", "kazoo"]).contains("1 drums (drums)"));
    assert!(refused(&["song.mid", "melody", "--distance", "2"]).contains("0 to 1"));
    assert!(refused(&["none.mid", "bass"]).contains("none.mid"));
}

const C: &[u8] = &[36, 60, 64, 67];
const AM: &[u8] = &[33, 60, 64, 69];

/// Every kind of proposal, each with one result.
const KINDS: [&[&str]; 16] = [
    &["infill", "--bars", "1", "--track", "1"],
    &["continue", "--bars", "2"],
    &["chords", "--bars", "2"],
    &["harmonize"],
    &["melody", "--distance", "0.5"],
    &["counter"],
    &["section", "--form", "outro", "--bars", "2"],
    &["bass"],
    &["drums"],
    &["comping"],
    &["humanize"],
    &["harmonize", "--four-voices"],
    &["drumify", "--track", "1"],
    &["chords", "--numerals", "IV V I"],
    &["blend", "house:0.6,funk:0.4"],
    &["groove", "--from", "funk"],
];

/// Every kind on a file: it succeeds, or says in an error why not.
fn all_kinds(bytes: &[u8]) -> Vec<(bool, String)> {
    let directory = tempfile::tempdir().expect("a directory");
    std::fs::write(directory.path().join("x.mid"), bytes).expect("writable");
    let one = |kind: &&[&str]| {
        let output = run(directory.path(), &[&["x.mid"], *kind, &["-n", "1", "--force"]].concat());
        let stderr = String::from_utf8(output.stderr).expect("text");
        let is_told = output.status.success() || (output.status.code() == Some(1) && stderr.starts_with("error: "));
        assert!(is_told, "{kind:?}: {:?} {stderr}", output.status);
        (output.status.success(), stderr)
    };
    KINDS.iter().map(one).collect()
}

#[test]
fn unusual_files_are_written_to() {
    let plain = [chords(0, &[C, AM, C, AM]), END.to_vec()].concat();
    let works = |bytes: &[u8]| all_kinds(bytes).into_iter().filter(|(works, _)| *works).count();
    // Chords alone: everything but what needs a melody.
    assert!(works(&file(0, 96, std::slice::from_ref(&plain))) >= 8);
    let seven = [vec![0, 0xff, 0x58, 4, 7, 3, 24, 8], END.to_vec()].concat();
    assert!(works(&file(1, 96, &[seven, plain.clone()])) >= 8);
    let tempos =
        [&[0, 0xff, 0x51, 3, 7, 0xa1, 0x20][..], &varlen(480), &[0xff, 0x51, 3, 15, 0x42, 0x40], &END].concat();
    assert!(works(&file(1, 96, &[tempos, plain.clone()])) >= 8);
    let drums = [vec![0, 0x99, 36, 100, 96, 0x89, 36, 0, 0, 0x99, 38, 100, 96, 0x89, 38, 0], END.to_vec()].concat();
    assert!(works(&file(0, 96, &[drums])) >= 6);
    // Notes that never end, notes over each other.
    let never: Vec<u8> = C.iter().flat_map(|&pitch| [0, 0x90, pitch, 90, 10, 0x90, pitch, 90]).collect();
    assert!(works(&file(0, 96, &[[never, varlen(96 * 16), END[1..].to_vec()].concat()])) >= 7);
    // All channels in use: there is none for a new track.
    let all: Vec<Vec<u8>> = (0..16).map(|channel| [chords(channel, &[C, AM]), END.to_vec()].concat()).collect();
    let found = all_kinds(&file(1, 96, &all));
    assert!(
        found.iter().all(|(works, stderr)| *works || stderr.contains("channel") || stderr.contains("melody")),
        "{found:?}"
    );
}

#[test]
fn files_that_cannot_be_written_to_are_refused_with_the_reason() {
    let plain = [chords(0, &[C, AM, C, AM]), END.to_vec()].concat();
    let reasons = |bytes: &[u8], reason: &str| {
        for (works, stderr) in all_kinds(bytes) {
            assert!(!works && stderr.contains(reason), "{reason}: {stderr}");
        }
    };
    reasons(&file(0, 96, &[END.to_vec()]), "no notes");
    reasons(&file(2, 96, &[plain.clone(), plain.clone()]), "format 2");
    reasons(b"not music", "MThd");
    reasons(&file(0, 96, &[vec![0, 0x90, 60]]), "broken event");
    let changes = [&[0, 0xff, 0x58, 4, 4, 2, 24, 8][..], &varlen(768), &[0xff, 0x58, 4, 3, 2, 24, 8], &END].concat();
    let found = all_kinds(&file(1, 96, &[changes, plain]));
    assert!(found[0].1.contains("its metre changes from 4/4 to 3/4 in bar 3"), "{}", found[0].1);
    assert!(found[10].0, "{}", found[10].1);
}

#[test]
fn two_hundred_thousand_notes_are_written_to() {
    let mut many = Vec::new();
    for index in 0..200_000usize {
        many.extend([24, 0x90, C[1 + index % 3], 90]);
    }
    many.extend(END);
    let directory = tempfile::tempdir().expect("a directory");
    std::fs::write(directory.path().join("x.mid"), file(0, 96, &[many])).expect("writable");
    let found = listed(directory.path(), &["x.mid", "infill", "--bars", "3000-3001", "--track", "1", "-n", "1"]);
    assert!(found[0]["words"].as_str().is_some_and(|words| words.starts_with("bars 3000-3001")));
}
