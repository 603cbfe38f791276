//! Whatever the user gets wrong: an error in one or two lines, the right exit code, nothing left behind.

use super::{names, one_note_midi, riffsmith};
use std::fs;
use std::path::Path;

/// Runs with `args` in an empty directory, and returns what stderr says.
fn refused(args: &[&str], code: i32) -> String {
    let directory = tempfile::tempdir().expect("a directory");
    let output = riffsmith().args(args).current_dir(&directory).output().expect("it runs");
    let stderr = String::from_utf8(output.stderr).expect("text");
    assert_eq!(output.status.code(), Some(code), "{args:?}: {stderr}");
    assert!(stderr.starts_with("error: "), "{args:?}: {stderr}");
    assert!(stderr.lines().count() <= 2, "{args:?}: {stderr}");
    assert!(output.stdout.is_empty(), "{args:?}");
    assert!(names(directory.path()).is_empty(), "{args:?} left {:?}", names(directory.path()));
    stderr
}

#[test]
fn values_out_of_range_are_named_with_what_is_allowed() {
    for (args, message) in [
        (["--bpm", "999"], "error: --bpm must be 20 to 300, but was 999\n"),
        (["--bpm", "0"], "error: --bpm must be 20 to 300, but was 0\n"),
        (["--bpm", "-5"], "error: --bpm must be 20 to 300, but was -5\n"),
        (["--bpm", "1e9"], "error: --bpm must be 20 to 300, but was 1e9\n"),
        (["--bpm", "NaN"], "error: --bpm must be 20 to 300, but was NaN\n"),
        (["--bpm", "fast"], "error: --bpm must be 20 to 300, but was fast\n"),
        (["--bars", "0"], "error: --bars must be 1 to 256, but was 0\n"),
        (["--bars", "10000"], "error: --bars must be 1 to 256, but was 10000\n"),
        (["--bars", "-1"], "error: --bars must be 1 to 256, but was -1\n"),
        (["--temperature", "9"], "error: --temperature must be 0.1 to 2, but was 9\n"),
        (["--top-p", "0"], "error: --top-p must be 0.05 to 1, but was 0\n"),
        (["--swing", "1"], "error: --swing must be 0.5 to 0.75, but was 1\n"),
        (["--count", "0"], "error: --count must be 1 to 999, but was 0\n"),
        (["--rate", "1"], "error: --rate must be 44100, 48000, 88200 or 96000, but was 1\n"),
        (["--bits", "20"], "error: --bits must be 16, 24 or 32, but was 20\n"),
    ] {
        assert_eq!(refused(&["generate", "house", args[0], args[1]], 2), message);
    }
    assert!(refused(&["generate", "house", "--meter", "4/5"], 2).starts_with("error: --meter must be "));
    assert!(refused(&["generate", "house", "--meter", "31/4"], 2).starts_with("error: --meter must be "));
    assert!(refused(&["generate", "house", "--chords", "Am X"], 2).contains("--chords must be chords, but has \"X\""));
    assert!(refused(&["generate", "house", "--seed", "x"], 2).contains("--seed"));
    let too_long = refused(&["generate", "house", "--bars", "256", "--bpm", "20"], 2);
    assert!(too_long.contains("at most 20 minutes"), "{too_long}");
}

#[test]
fn misspelt_names_find_their_neighbour() {
    let style = refused(&["generate", "hause"], 2);
    assert!(style.starts_with("error: there is no style \"hause\"\nhint: did you mean house?"), "{style}");
    let key = refused(&["generate", "house", "--key", "A minr"], 2);
    assert!(key.starts_with("error: --key must be a key, but was \"A minr\"\nhint: did you mean A minor?"), "{key}");
    let patch = refused(&["render", "x.mid", "-o", "x.wav", "--patch", "sawlead"], 2);
    assert!(patch.contains("hint: did you mean saw_lead?"), "{patch}");
    let sounds = refused(&["generate", "house", "--sounds", "nothing"], 2);
    assert!(sounds.starts_with("error: --sounds must be one of "), "{sounds}");
    refused(&["play", "no_such_style"], 2);
    refused(&["generat"], 2);
    refused(&["generate", "house", "--bmp", "120"], 2);
    refused(&["list", "fish"], 2);
}

#[test]
fn broken_midi_files_are_refused_and_leave_nothing() {
    let directory = tempfile::tempdir().expect("a directory");
    let whole = fs::read(one_note_midi(directory.path())).expect("readable");
    fs::remove_file(directory.path().join("one_note.mid")).expect("ours");
    let random: Vec<u8> = (0..2000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    for (name, bytes) in [("empty", &[][..]), ("random", &random), ("truncated", &whole[..whole.len() - 7])] {
        let input = directory.path().join("input.mid");
        fs::write(&input, bytes).expect("writable");
        let output = riffsmith()
            .args(["render", "input.mid", "-o", "out.wav"])
            .current_dir(&directory)
            .output()
            .expect("it runs");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{name}: {stderr}");
        assert!(stderr.starts_with("error: cannot read input.mid: "), "{name}: {stderr}");
        assert!(stderr.lines().count() <= 2, "{name}: {stderr}");
        assert_eq!(names(directory.path()), ["input.mid"], "{name}");
    }
    assert!(refused(&["render", "none.mid", "-o", "x.wav"], 1).contains("none.mid: no such file or directory"));
}

#[test]
fn broken_weights_and_styles_are_refused() {
    let directory = tempfile::tempdir().expect("a directory");
    let weights = directory.path().join("weights.bin");
    fs::write(&weights, [7; 999]).expect("writable");
    let message = refused(&["generate", "house", "--weights", weights.to_str().expect("text")], 1);
    assert!(message.contains("weights.bin"), "{message}");

    let style = directory.path().join("mine.toml");
    for (text, reason) in [
        ("name = ", "line 1"),
        ("name = \"x\"\ncolour = 3\n", "unknown field `colour`"),
        ("name = \"x\"\n", "missing field"),
    ] {
        fs::write(&style, text).expect("writable");
        let message = refused(&["generate", style.to_str().expect("text")], 1);
        assert!(message.contains(reason), "{message}");
    }
}

#[test]
fn an_existing_file_is_left_alone() {
    let directory = tempfile::tempdir().expect("a directory");
    let midi = one_note_midi(directory.path());
    fs::write(directory.path().join("out.wav"), "mine").expect("writable");
    let render = |force: &[&str]| {
        let mut command = riffsmith();
        command.arg("render").arg(&midi).args(["-o", "out.wav"]).args(force).current_dir(&directory);
        command.output().expect("it runs")
    };
    let output = render(&[]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "error: out.wav exists already\nhint: --force replaces it\n");
    assert_eq!(fs::read(directory.path().join("out.wav")).expect("readable"), b"mine");
    assert!(render(&["--force"]).status.success());
    assert!(fs::read(directory.path().join("out.wav")).expect("readable").starts_with(b"RIFF"));
}

#[test]
fn a_directory_that_cannot_be_written_to_is_named() {
    // Not even root can write to this one.
    let unwritable = Path::new("/proc/self");
    if !unwritable.exists() {
        eprintln!("skipped: there is no /proc here");
        return;
    }
    let message = refused(&["generate", "house", "--seed", "1", "--bars", "1", "--out", "/proc/self"], 1);
    assert!(message.starts_with("error: cannot write /proc/self/"), "{message}");
}

#[test]
fn a_full_disk_leaves_no_partial_file() {
    let directory = tempfile::tempdir().expect("a directory");
    let disk = directory.path().join("disk");
    fs::create_dir(&disk).expect("writable");
    // 64 KiB: too little for a bar of stereo. The mount lives and dies with its own name space.
    let script = "mount -t tmpfs -o size=64k tmpfs \"$1\" || exit 77; \
                  \"$2\" generate house --seed 1 --bars 1 --stems --midi --out \"$1\"; code=$?; \
                  ls -A \"$1\"; exit $code";
    let program = assert_cmd::cargo::cargo_bin("riffsmith");
    let output = std::process::Command::new("unshare")
        .args(["--mount", "sh", "-c", script, "sh"])
        .args([disk.as_os_str(), program.as_os_str()])
        .env("NO_COLOR", "1")
        .output();
    let Some(output) = output.ok().filter(|output| matches!(output.status.code(), Some(0..=2))) else {
        eprintln!("skipped: no right to mount a small disk here");
        return;
    };
    let stderr = String::from_utf8_lossy(&output.stderr);
    if !stderr.contains("error: ") && output.status.code() == Some(1) {
        eprintln!("skipped: no right to mount a small disk here");
        return;
    }
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("no space left on device"), "{stderr}");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "", "nothing is left on the disk");
}
