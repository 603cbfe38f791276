//! `riffsmith corpus build`: a folder of someone's own files becomes one file.

use crate::riffsmith;
use riffsmith_dsp::score::{Meter, Note, Pitch, Score, Tempo, Ticks, Track, Velocity, midi};
use std::path::Path;

/// Four bars of a drum loop that a number tells from others.
fn drums(number: u32) -> Vec<u8> {
    let note = |sixteenth: u32, pitch: u8| Note {
        start: Ticks(sixteenth * 120),
        pitch: Pitch::new(pitch),
        length: Ticks(60),
        velocity: Velocity::new(100),
    };
    let mut notes: Vec<Note> = (0..16).map(|beat| note(beat * 4, 36)).collect();
    notes.extend((0..64).filter(|sixteenth| sixteenth * (number + 1) % 13 < 3).map(|sixteenth| note(sixteenth, 42)));
    notes.sort_unstable();
    let mut score = Score::empty(Ticks(4 * 1920), Tempo::new(124.0).expect("valid"), Meter::COMMON);
    score.tracks.push(Track { channel: 9, notes, ..Track::default() });
    midi::write(&score)
}

/// Ten loops, a broken file and a text.
pub fn folder(directory: &Path) {
    let house = directory.join("House");
    std::fs::create_dir_all(&house).expect("writable");
    (0..10).for_each(|number| {
        std::fs::write(house.join(format!("loop {number}.mid")), drums(number)).expect("writable");
    });
    std::fs::write(directory.join("broken.mid"), b"MThd").expect("writable");
    std::fs::write(directory.join("read me.txt"), b"mine").expect("writable");
}

#[test]
fn a_folder_of_midi_files_becomes_a_file_with_a_report() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = |name: &str| directory.path().join(name).to_string_lossy().into_owned();
    folder(Path::new(&path("my loops")));
    let build = |more: &[&str]| {
        let mut arguments =
            vec!["corpus".to_owned(), "build".to_owned(), path("my loops"), "--out".to_owned(), path("my.corpus")];
        arguments.extend(more.iter().map(|&own| own.to_owned()));
        riffsmith().args(arguments).output().expect("it runs")
    };
    let output = build(&[]);
    let (text, messages) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{messages}");
    let row =
        |start: &str| text.lines().find(|line| line.starts_with(start)).unwrap_or_else(|| panic!("{start}: {text}"));
    assert_eq!(row("my loops drums").split_whitespace().skip(3).take(2).collect::<Vec<_>>(), ["10", "40"]);
    assert!(row("house drums").contains("10"));
    assert!(row("my loops: files of other kinds").ends_with(" 1"));
    assert_eq!(row("my loops: the user"), "my loops: the user's own");
    assert!(messages.contains("not readable: my loops/broken.mid: not a valid MIDI file"), "{messages}");

    assert!(String::from_utf8_lossy(&build(&[]).stderr).contains("exists already"));
    let json: serde_json::Value = serde_json::from_slice(&build(&["--force", "--json"]).stdout).expect("JSON");
    assert_eq!(json["pieces"], 10);
    assert_eq!((json["sets"][0]["set"].as_str(), json["sets"][0]["bars"].as_u64()), (Some("my loops"), Some(40)));
    assert_eq!(json["licences"]["my loops"], "the user's own");
    let splits: Vec<_> = json["splits"].as_array().expect("rows").iter().map(|row| row["pieces"].as_u64()).collect();
    assert_eq!(splits, [Some(8), Some(1), Some(1)]);
}

#[test]
fn what_holds_no_music_is_refused_by_its_name() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = |name: &str| directory.path().join(name).to_string_lossy().into_owned();
    let refused = |arguments: &[&str]| {
        let output = riffsmith().args(arguments).output().expect("it runs");
        assert_eq!(output.status.code(), Some(1));
        String::from_utf8_lossy(&output.stderr).lines().next().unwrap_or_default().to_owned()
    };
    std::fs::create_dir(path("empty")).expect("writable");
    let message = refused(&["corpus", "build", &path("empty"), "-o", &path("x.corpus")]);
    assert!(message.starts_with("error: no music in ") && message.ends_with("empty"), "{message}");
    let message = refused(&["corpus", "build", &path("gone"), "-o", &path("x.corpus")]);
    assert!(message.ends_with("gone: no such file or directory"), "{message}");
    std::fs::write(path("x.corpus"), b"riffcorp, but no more").expect("writable");
    let message = refused(&["train", "composer", "--corpus", &path("x.corpus"), "-o", &path("w.bin")]);
    assert!(message.contains("x.corpus: not a valid corpus file: "), "{message}");
}
