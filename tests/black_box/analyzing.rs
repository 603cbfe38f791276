//! `riffsmith analyze`: what it says of good files and of bad ones.

use super::midi_bytes::{END, chords, file, varlen};
use super::{names, riffsmith};
use serde_json::Value;
use std::path::Path;
use std::process::Output;

const C: &[u8] = &[36, 60, 64, 67];
const AM: &[u8] = &[33, 60, 64, 69];
const F: &[u8] = &[41, 60, 65, 69];
const G: &[u8] = &[43, 59, 62, 67];

/// C Am F G C in quarter notes of 96 ticks.
fn song() -> Vec<u8> {
    [chords(0, &[C, AM, F, G, C]), END.to_vec()].concat()
}

fn run(directory: &Path, bytes: &[u8], more: &[&str]) -> Output {
    std::fs::write(directory.join("x.mid"), bytes).expect("writable");
    riffsmith().args(["analyze", "x.mid"]).args(more).current_dir(directory).output().expect("it runs")
}

/// The object that `--json` prints.
fn analysis(bytes: &[u8]) -> Value {
    let directory = tempfile::tempdir().expect("a directory");
    let output = run(directory.path(), bytes, &["--json"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

fn symbols(analysis: &Value) -> String {
    let names =
        analysis["chords"].as_array().expect("a list").iter().map(|chord| chord["chord"].as_str().unwrap_or("-"));
    names.collect::<Vec<_>>().join(" ")
}

/// What stderr says of a file that is refused.
fn refused(bytes: &[u8]) -> String {
    let directory = tempfile::tempdir().expect("a directory");
    let output = run(directory.path(), bytes, &["--plot", "x.png"]);
    let stderr = String::from_utf8(output.stderr).expect("text");
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.starts_with("error: cannot ") && stderr.lines().count() <= 2, "{stderr}");
    assert_eq!(names(directory.path()), ["x.mid"]);
    assert!(output.stdout.is_empty());
    stderr
}

#[test]
fn a_song_is_told_as_lines_as_an_object_and_as_a_picture() {
    let directory = tempfile::tempdir().expect("a directory");
    let bytes = file(1, 96, &[song()]);
    let output = run(directory.path(), &bytes, &["--plot", "x.png"]);
    let text = String::from_utf8(output.stdout).expect("text");
    assert!(output.status.success(), "{text}");
    assert!(text.contains("\nkey      C major, "), "{text}");
    assert!(text.contains("| C | Am | F  | G |") && text.contains("| I | vi | IV | V |"), "{text}");
    assert!(text.contains("\ntempo    120.0 bpm\n") && text.contains("\nmetre    4/4\n"), "{text}");
    assert!(std::fs::read(directory.path().join("x.png")).expect("a file").starts_with(b"\x89PNG"));
    let again = run(directory.path(), &bytes, &["--plot", "x.png"]);
    assert_eq!(again.status.code(), Some(1), "a picture is not replaced");
    let object = analysis(&bytes);
    assert_eq!((object["key"]["key"].as_str(), object["bars"].as_u64()), (Some("C major"), Some(5)));
    assert_eq!(symbols(&object), "C Am F G C");
    assert_eq!(object["chords"][3]["numeral"], "V");
    assert_eq!(object["written_key"], Value::Null);
}

#[test]
fn empty_tracks_and_drums_have_no_key_and_no_chords() {
    for track in [END.to_vec(), [vec![0, 0x99, 36, 100, 96, 0x89, 36, 0], END.to_vec()].concat()] {
        let object = analysis(&file(0, 96, &[track]));
        assert_eq!((&object["key"], symbols(&object).as_str()), (&Value::Null, ""));
    }
    let directory = tempfile::tempdir().expect("a directory");
    let output = run(directory.path(), &file(0, 96, &[END.to_vec()]), &["--plot", "x.png"]);
    let text = String::from_utf8(output.stdout).expect("text");
    assert!(output.status.success() && text.starts_with("length   0 bars, 0.0 s, 0 notes: there is nothing"), "{text}");
}

#[test]
fn odd_metres_and_changes_of_tempo_are_told() {
    let seven = [0, 0xff, 0x58, 4, 7, 3, 24, 8];
    let tempos = [&[0, 0xff, 0x51, 3, 7, 0xa1, 0x20][..], &varlen(480), &[0xff, 0x51, 3, 15, 0x42, 0x40]].concat();
    let conductor = [seven.to_vec(), tempos, END.to_vec()].concat();
    let object = analysis(&file(1, 96, &[conductor, song()]));
    assert_eq!(object["meters"][0]["meter"], "7/8");
    // Twenty quarter notes are forty eighths: five bars and a part of one.
    assert_eq!((object["bars"].as_u64(), object["tempos"].as_array().map(Vec::len)), (Some(6), Some(2)));
    // Five quarter notes at 120 and fifteen at 60.
    assert_eq!(object["seconds"], 17.5);
}

#[test]
fn every_format_and_every_way_to_write_notes_is_read() {
    let plain = analysis(&file(1, 96, &[song()]));
    // Format 0; system exclusive messages between the notes; note-offs as note-ons of velocity 0, in running status.
    let mut running = vec![0, 0xf0, 3, 1, 2, 0xf7];
    for chord in [C, AM, F, G, C] {
        running.extend([0, 0x90]);
        for (index, &pitch) in chord.iter().enumerate() {
            running.extend(if index == 0 { vec![pitch, 90] } else { vec![0, pitch, 90] });
        }
        for (index, &pitch) in chord.iter().enumerate() {
            running.extend(varlen(if index == 0 { 384 } else { 0 }));
            running.extend([pitch, 0]);
        }
    }
    running.extend(END);
    let other = analysis(&file(0, 96, &[running]));
    assert_eq!((symbols(&other), &other["key"]), (symbols(&plain), &plain["key"]));
    // Format 2: patterns that follow one another.
    let half = |own: &[&[u8]]| [chords(0, own), END.to_vec()].concat();
    let sequence = analysis(&file(2, 96, &[half(&[C, AM]), half(&[F, G, C])]));
    assert_eq!(symbols(&sequence), symbols(&plain));
}

#[test]
fn sixteen_tracks_and_overlapping_notes_are_analysed() {
    let track = |channel: u8| [chords(channel, &[C, AM, F, G, C]), END.to_vec()].concat();
    let object = analysis(&file(1, 96, &(0..16).map(track).collect::<Vec<_>>()));
    assert_eq!(object["tracks"].as_array().map(Vec::len), Some(16));
    assert_eq!((object["tracks"][9]["role"].as_str(), symbols(&object).as_str()), (Some("drums"), "C Am F G C"));
    // The same notes, struck again before they end.
    let twice: Vec<u8> = C.iter().flat_map(|&pitch| [0, 0x90, pitch, 90, 10, 0x90, pitch, 90]).collect();
    let ends: Vec<u8> = C.iter().flat_map(|&pitch| [96, 0x80, pitch, 0, 0, 0x80, pitch, 0]).collect();
    // They end one after another: what the last one alone is heard as is not asked.
    let object = analysis(&file(0, 96, &[[twice, ends, END.to_vec()].concat()]));
    assert_eq!(symbols(&object).split(' ').next(), Some("C"));
}

#[test]
fn missing_note_offs_and_two_hundred_thousand_notes_are_analysed() {
    let never: Vec<u8> = C.iter().flat_map(|&pitch| [0, 0x90, pitch, 90]).collect();
    let object = analysis(&file(0, 96, &[[never, varlen(96 * 16), END[1..].to_vec()].concat()]));
    assert_eq!((symbols(&object).as_str(), object["bars"].as_u64()), ("C", Some(4)));
    // No note ends, and there are 200 000 of them: sixteenths of a broken chord.
    let mut many = Vec::new();
    for index in 0..200_000usize {
        many.extend([24, 0x90, C[1 + index % 3], 90]);
    }
    many.extend(END);
    let object = analysis(&file(0, 96, &[many]));
    assert_eq!((symbols(&object).as_str(), object["notes"].as_u64()), ("C", Some(200_000)));
}

#[test]
fn broken_files_are_refused_in_a_line() {
    assert!(refused(b"not music").contains("it does not start with an MThd header"));
    assert!(refused(b"").contains("it does not start with an MThd header"));
    let whole = file(1, 96, &[song()]);
    assert!(refused(&whole[..whole.len() - 9]).contains("it breaks off"));
    let broken = file(0, 96, &[vec![0, 0x90, 60]]);
    assert!(refused(&broken).contains("broken event at byte"), "{}", refused(&broken));
    assert!(refused(&file(3, 96, &[song()])).contains("format 3; 0, 1 and 2 are read"));
    // A note after a hundred thousand beats.
    let long = [varlen(96 * 100_000), vec![0x90, 60, 90, 96, 0x80, 60, 0], END.to_vec()].concat();
    assert!(refused(&file(0, 96, &[long])).contains("more than 65536 beats"));
}

#[test]
fn the_evaluation_measures_our_grooves_where_there_is_nothing_else() {
    let directory = tempfile::tempdir().expect("a directory");
    let arguments = ["eval", "analysis", "--json", "--corpus"];
    let output = riffsmith().args(arguments).arg(directory.path()).output().expect("it runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let rows: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let rows = rows.as_array().expect("a list");
    assert_eq!(rows.iter().map(|row| row["set"].as_str()).collect::<Vec<_>>(), [Some("grooves")]);
    let number = |name: &str, index: usize| rows[0][name][index].as_f64().expect("a number");
    // Better than templates, in chords with their thirds and in keys.
    assert!(number("chords", 1) > number("chords_template", 1) + 0.05 && number("chords", 1) > 0.85);
    assert!(number("key", 0) > number("key_template", 0));
}
