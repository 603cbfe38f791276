//! Patches made from recordings and from other patches.

use super::{names, riffsmith};
use riffsmith::wav::{self, BitDepth, Tags};
use riffsmith_dsp::Seed;
use riffsmith_dsp::fit::{Hit, hear};
use riffsmith_dsp::patch::{self, Patch};
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::Output;

fn run(directory: &Path, args: &[&str]) -> Output {
    riffsmith().arg("patch").args(args).current_dir(directory).output().expect("it runs")
}

fn written(directory: &Path, args: &[&str]) -> Patch {
    let output = run(directory, args);
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    let file = args[1 + args.iter().position(|arg| *arg == "-o").expect("an output")];
    Patch::from_toml(&fs::read_to_string(directory.join(file)).expect("written")).expect("a patch")
}

/// A snare of the rock kit, as a recording.
fn recorded_snare(directory: &Path) {
    let kit = patch::find("kit_rock").expect("built in");
    let audio = hear(&kit, &Hit::usual(&kit, Some("snare"))[0], 0.6);
    let bytes = wav::encode(&audio, BitDepth::Int24, &Tags::default(), Seed(0)).expect("short");
    fs::write(directory.join("hit.wav"), bytes).expect("writable");
}

#[test]
fn a_drum_is_fitted_to_a_recording_and_the_seed_repeats_it() {
    let directory = tempfile::tempdir().expect("a directory");
    let directory = directory.path();
    recorded_snare(directory);
    let fit = ["fit", "--target", "hit.wav", "--instrument", "snare", "--from", "kit_house", "--evaluations", "120"];
    let args = |out| [&fit[..], &["-o", out, "--json"]].concat();
    let output = run(directory, &args("my_kit.toml"));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let facts: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let db = |name: &str| facts[name].as_f64().expect("a number");
    // It can be matched exactly; so short a search comes two thirds of the way at most.
    assert!(db("after_db") < 0.8 * db("before_db"), "{facts}");
    let text = |name: &str| fs::read_to_string(directory.join(name)).expect("written");
    let made = Patch::from_toml(&text("my_kit.toml")).expect("a patch");
    assert_eq!(made.name, "my_kit");
    written(directory, &args("again.toml"));
    assert_eq!(text("again.toml").replace("again", "my_kit"), text("my_kit.toml"));
}

#[test]
fn nothing_is_overwritten_unasked() {
    let directory = tempfile::tempdir().expect("a directory");
    let directory = directory.path();
    fs::write(directory.join("mine.toml"), "precious").expect("writable");
    let mutate = ["mutate", "warm_pad", "-o", "mine.toml"];
    let output = run(directory, &mutate);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "error: mine.toml exists already\nhint: --force replaces it\n");
    assert_eq!(fs::read_to_string(directory.join("mine.toml")).expect("there"), "precious");
    written(directory, &[&mutate[..], &["--force"]].concat());
    assert_eq!(names(directory), ["mine.toml"]);
}

#[test]
fn patches_are_morphed_and_mutated_by_name_and_by_file() {
    let directory = tempfile::tempdir().expect("a directory");
    let directory = directory.path();
    let near = written(directory, &["mutate", "warm_pad", "--amount", "0.3", "--seed", "7", "-o", "near.toml"]);
    let other = written(directory, &["mutate", "warm_pad", "--amount", "0.3", "--seed", "8", "-o", "other.toml"]);
    assert_ne!(near.instrument, other.instrument);
    let between = written(directory, &["morph", "near.toml", "saw_lead", "--amount", "0.25", "-o", "between.toml"]);
    assert!(between.instrument != near.instrument && between.name == "between");
}

#[test]
fn what_cannot_be_made_is_refused_with_its_reason() {
    let directory = tempfile::tempdir().expect("a directory");
    let directory = directory.path();
    recorded_snare(directory);
    for (args, code, message) in [
        (&["morph", "warm_pad", "marimba"][..], 1, "warm_pad is subtractive, marimba is modal"),
        (&["mutate", "warmpad"], 2, "hint: did you mean warm_pad?"),
        (&["mutate", "warm_pad", "--amount", "2"], 2, "--amount must be 0 to 1, but was 2"),
        (&["mutate", "kit_house", "--part", "snair"], 2, "hint: did you mean snare?"),
        (&["mutate", "warm_pad", "--part", "snare"], 2, "--part snare is for kits, but warm_pad is none"),
        (&["fit", "--target", "hit.wav", "--instrument", "kik"], 2, "hint: did you mean kick?"),
        (&["fit", "--target", "hit.wav", "--from", "kit_house"], 2, "--instrument must name one drum of the kit"),
        (&["fit", "--target", "hit.wav", "--instrument", "fm", "--from", "marimba"], 2, "marimba is a modal"),
        (&["fit", "--target", "hit.mp3", "--instrument", "kick"], 2, "--target must be a .wav file or a program"),
        (&["fit", "--target", "no.wav", "--instrument", "kick"], 1, "cannot read no.wav"),
        (&["fit", "--target", "hit.wav"], 2, "--instrument"),
    ] {
        let output = run(directory, &[args, &["-o", "x.toml"]].concat());
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{args:?}: {stderr}");
        assert!(stderr.starts_with("error: ") && stderr.lines().count() <= 2, "{args:?}: {stderr}");
        assert!(stderr.contains(message), "{args:?}: {stderr}");
    }
    assert_eq!(names(directory), ["hit.wav"]);
    let output = run(directory, &["mutate", "warm_pad", "-o", "x.wav"]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("--output must be a .toml file, but was x.wav"));
}

#[test]
fn patches_are_listed_by_tag() {
    let list = |args: &[&str]| riffsmith().arg("list").args(args).output().expect("it runs");
    let bass = String::from_utf8(list(&["patches", "--tag", "bass"]).stdout).expect("text");
    assert!(bass.contains("acid_bass") && !bass.contains("warm_pad"), "{bass}");
    let none = list(&["patches", "--tag", "bas"]);
    assert_eq!(none.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&none.stderr).contains("hint: did you mean bass?"));
    assert_eq!(list(&["styles", "--tag", "bass"]).status.code(), Some(2));
}

/// The example of the patch format's document.
fn documented() -> String {
    let text = include_str!("../../samples/patches/README.md");
    let (_, rest) = text.split_once("```toml\n").expect("an example");
    rest.split_once("```").expect("its end").0.to_owned()
}

#[test]
fn the_documented_patch_is_one_and_plays_in_a_loop() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("night_bass.toml");
    fs::write(&path, documented()).expect("writable");
    let patch = format!("bass={}", path.display());
    let output = riffsmith()
        .args([
            "generate", "house", "--bars", "1", "--seed", "1", "--roles", "bass", "--json", "--patch", &patch, "--out",
        ])
        .arg(directory.path())
        .output()
        .expect("it runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let wav = fs::read_dir(directory.path()).expect("readable").flatten().map(|entry| entry.path());
    let wav = wav.into_iter().find(|path| path.extension().is_some_and(|ending| ending == "wav")).expect("a loop");
    // The recipe holds the whole patch: the loop can be made again without its file.
    fs::remove_file(&path).expect("there");
    let again = riffsmith().arg("regen").arg(&wav).output().expect("it runs");
    assert!(String::from_utf8_lossy(&again.stderr).contains("byte for byte"), "{again:?}");
}
