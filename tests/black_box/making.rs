//! Making files: what is written, under which names, and making them again.

use super::{names, one_note_midi, riffsmith};
use riffsmith::wav;
use serde_json::Value;
use std::fs;
use std::path::Path;

fn generate(directory: &Path, args: &[&str]) -> Value {
    let mut command = riffsmith();
    command.args(["generate", "--json", "--out"]).arg(directory).args(args);
    let output = command.output().expect("it runs");
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("one JSON object")
}

#[test]
fn a_loop_is_written_with_stems_notes_and_picture_under_one_name() {
    let directory = tempfile::tempdir().expect("a directory");
    let args = ["house", "--seed", "8391", "--bpm", "120", "--key", "Am", "--bars", "2", "--stems", "--midi", "--plot"];
    let report = generate(directory.path(), &args);
    let base = "120_Amin_house_8391";
    let expected: Vec<String> =
        [".mid", ".png", ".wav", "_bass.wav", "_chords.wav", "_drums.wav", "_lead.wav", "_premaster.wav"]
            .map(|ending| format!("{base}{ending}"))
            .into();
    assert_eq!(names(directory.path()), expected);

    let files = report["files"].as_array().expect("a list");
    assert_eq!(files.len(), expected.len());
    let mix = files.iter().find(|file| file["kind"] == "mix").expect("a mix");
    for (field, value) in [
        ("style", Value::from("house")),
        ("seed", 8391.into()),
        ("bpm", 120.0.into()),
        ("key", "A minor".into()),
        ("meter", "4/4".into()),
        ("bars", 2.into()),
        ("frames", 176_400.into()),
        ("rate", 44_100.into()),
        ("bits", 24.into()),
    ] {
        assert_eq!(mix[field], value, "{field}");
    }
    let stems: Vec<&Value> = files.iter().filter(|file| file["kind"] == "stem").collect();
    assert!(stems.iter().all(|file| file["bits"] == 32 && file["frames"] == 176_400));
    assert_eq!(report["recipe"]["seed"], 8391);

    let sound = fs::read(directory.path().join(format!("{base}.wav"))).expect("readable");
    for chunk in [&b"smpl"[..], b"acid", b"LIST"] {
        assert!(sound.windows(4).any(|window| window == chunk), "{}", String::from_utf8_lossy(chunk));
    }
}

#[test]
fn stems_as_written_add_up_to_the_mix_as_written() {
    let directory = tempfile::tempdir().expect("a directory");
    generate(directory.path(), &["rock", "--seed", "4", "--bars", "1", "--stems", "--bpm", "100", "--key", "E"]);
    let read = |part: &str| {
        let bytes = fs::read(directory.path().join(format!("100_Emaj_rock_4_{part}.wav"))).expect("readable");
        wav::decode(&bytes).expect("a WAV file")
    };
    let mut sum = read("drums");
    for part in ["bass", "chords", "lead"] {
        sum.add(&read(part));
    }
    sum.scale(-1.0);
    let mut residue = read("premaster");
    residue.add(&sum);
    assert!(residue.peak() < 1e-6, "{}", residue.peak());
}

#[test]
fn a_file_is_made_again_from_itself_alone() {
    let directory = tempfile::tempdir().expect("a directory");
    let args = ["trap", "--seed", "12", "--bars", "1", "--bits", "16", "--rate", "48000", "--swing", "0.55", "--stems"];
    let report = generate(directory.path(), &args);
    for file in report["files"].as_array().expect("a list") {
        let path = file["path"].as_str().expect("a path");
        let again = directory.path().join("again.wav");
        let status = riffsmith().args(["regen", path, "-o"]).arg(&again).env("RAYON_NUM_THREADS", "1").output();
        assert!(status.expect("it runs").status.success(), "{path}");
        assert!(fs::read(path).expect("readable") == fs::read(&again).expect("readable"), "{path}");
        fs::remove_file(&again).expect("ours");
        // Without a target it is only checked, renamed or not.
        let renamed = directory.path().join("renamed.wav");
        fs::rename(path, &renamed).expect("ours");
        let output = riffsmith().arg("regen").arg(&renamed).output().expect("it runs");
        assert!(String::from_utf8_lossy(&output.stderr).contains("comes out the same"), "{path}");
    }
}

#[test]
fn a_file_of_another_composer_is_not_made_again() {
    let directory = tempfile::tempdir().expect("a directory");
    let report = generate(directory.path(), &["house", "--seed", "1", "--bars", "1"]);
    let path = report["files"][0]["path"].as_str().expect("a path");
    let hash = report["recipe"]["composer"].as_str().expect("a hash").as_bytes().to_vec();
    let mut bytes = fs::read(path).expect("readable");
    let at = bytes.windows(hash.len()).position(|window| window == hash).expect("the recipe is inside");
    bytes[at] = if bytes[at] == b'0' { b'1' } else { b'0' };
    fs::write(path, bytes).expect("writable");
    let output = riffsmith().args(["regen", path]).output().expect("it runs");
    assert_eq!(output.status.code(), Some(1));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.starts_with("error: it was composed with weights "), "{stderr}");
}

#[test]
fn seeds_count_up() {
    let directory = tempfile::tempdir().expect("a directory");
    let report = generate(directory.path(), &["techno", "--seed", "41", "--count", "2", "--bars", "1"]);
    let seeds: Vec<&Value> = report["files"].as_array().expect("a list").iter().map(|file| &file["seed"]).collect();
    assert_eq!(seeds, [41, 42]);
    assert_eq!(report["recipes"].as_array().map(Vec::len), Some(2));
}

#[test]
fn chords_are_played_as_asked() {
    let directory = tempfile::tempdir().expect("a directory");
    let args = ["ambient", "--seed", "2", "--bars", "4", "--key", "C", "--chords", "C | F G", "--midi"];
    let report = generate(directory.path(), &args);
    assert_eq!(
        report["recipe"]["chords"],
        serde_json::json!([[0, "C"], [1920, "F"], [2880, "G"], [3840, "C"], [5760, "F"], [6720, "G"]])
    );
}

#[test]
fn a_midi_file_is_rendered_to_its_end_and_last_tail() {
    let directory = tempfile::tempdir().expect("a directory");
    let midi = one_note_midi(directory.path());
    let wav_path = directory.path().join("out.wav");
    let output =
        riffsmith().arg("render").arg(&midi).arg("-o").arg(&wav_path).args(["--bits", "32", "--json"]).output();
    let report: Value = serde_json::from_slice(&output.expect("it runs").stdout).expect("JSON");
    let audio = wav::decode(&fs::read(&wav_path).expect("readable")).expect("a WAV file");
    assert_eq!(report["files"][0]["frames"], audio.len());
    // A quarter note at 120 is half a second; then it rings.
    assert!(audio.seconds() > 0.5, "{}", audio.seconds());
    assert!(audio.peak() > 0.1);
    let end = &audio.frames[audio.len() - 100..];
    // The tail is over at -90 dB; mastering may raise it by 40 dB.
    assert!(end.as_flattened().iter().all(|sample| sample.abs() < 0.004));
}

#[test]
fn a_style_of_ones_own_works_from_its_path() {
    let directory = tempfile::tempdir().expect("a directory");
    let style = directory.path().join("mine.toml");
    let text = fs::read_to_string("samples/styles/house.toml").expect("in the repository");
    fs::write(&style, text.replace("name = \"house\"", "name = \"mine\"")).expect("writable");
    let out = directory.path().join("out");
    let report = generate(&out, &["--style", style.to_str().expect("text"), "--seed", "1", "--bars", "1"]);
    assert_eq!(report["files"][0]["style"], "mine");
    let path = report["files"][0]["path"].as_str().expect("a path");
    assert!(riffsmith().args(["regen", path]).output().expect("it runs").status.success());
}
