//! `riffsmith train` and `eval`, of the composer and of the polyphonic networks: what is refused, and trainings from end to end.

use crate::{names, riffsmith};
use std::path::Path;

/// The outcome of a command: exit code and the first line of stderr.
fn refused(arguments: &[&str]) -> (i32, String) {
    let output = riffsmith().args(arguments).output().expect("it runs");
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.code().unwrap_or(-1), text.lines().next().unwrap_or_default().to_owned())
}

/// A corpus of one small set.
fn corpus(directory: &Path) {
    let set = directory.join("mood-progressions");
    std::fs::create_dir_all(&set).expect("writable");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus/mood-progressions/progressions.json");
    std::fs::copy(source, set.join("progressions.json")).expect("writable");
}

#[test]
fn what_cannot_be_trained_is_said_in_a_line() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = |name: &str| directory.path().join(name).to_string_lossy().into_owned();
    let (corpus, out) = (path("corpus"), path("out.bin"));
    let train = ["train", "composer", "--corpus", &corpus, "--out", &out];
    let with = |more: &[&str]| refused(&[&train[..], more].concat());
    let (code, message) = with(&[]);
    assert_eq!(code, 1);
    assert!(message.starts_with("error: cannot read ") && message.ends_with("no such file or directory"), "{message}");
    let (code, message) = with(&["--part", "flute"]);
    assert_eq!(code, 2);
    assert!(message.contains("must be one of harmony, drums, chords, bass, lead"), "{message}");
    let (code, message) = with(&["--resume", "x"]);
    assert_eq!((code, &message[..]), (2, "error: --resume needs exactly one --part"));
    assert_eq!(with(&["--minutes", "NaN"]).0, 2);
    assert_eq!(with(&["--steps", "0"]).0, 2);
    std::fs::write(&out, "mine").expect("writable");
    assert!(with(&[]).1.contains("exists already"));
    let (code, message) = refused(&["eval", "composer", "--corpus", &corpus, "--weights", &out]);
    assert_eq!(code, 1);
    assert!(message.contains("does not start with `riffcomp`"), "{message}");
}

#[test]
fn a_part_is_trained_resumed_and_put_in_the_place_of_the_built_in_one() {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus/mood-progressions");
    if !shared.is_dir() {
        eprintln!("skipped: there is no corpus in ../shared/corpus");
        return;
    }
    let directory = tempfile::tempdir().expect("a directory");
    let path = |name: &str| directory.path().join(name).to_string_lossy().into_owned();
    corpus(&directory.path().join("corpus"));
    let (sets, base) = (path("corpus"), "models/weights/composer.bin");
    let train_on = |corpus: &str, out: &str, more: &[&str]| {
        let arguments = ["train", "composer", "--corpus", corpus, "--out", out, "--base", base, "--part", "harmony"];
        riffsmith().args(arguments).args(more).assert().success();
    };
    let train = |out: &str, more: &[&str]| train_on(&sets, out, more);
    train(&path("a.bin"), &["--steps", "8"]);
    assert_eq!(names(directory.path()), ["a.bin", "a.bin.harmony.checkpoint", "corpus"]);
    train(&path("b.bin"), &["--steps", "16", "--resume", &path("a.bin.harmony.checkpoint")]);
    let built_in = std::fs::read(base).expect("readable");
    let trained = std::fs::read(path("a.bin")).expect("readable");
    assert!(trained.len() == built_in.len() && trained != built_in);
    // A corpus file of the same sets teaches the same.
    riffsmith().args(["corpus", "build", &sets, "--out", &path("sets.corpus")]).assert().success();
    train_on(&path("sets.corpus"), &path("c.bin"), &["--steps", "8"]);
    assert!(std::fs::read(path("c.bin")).expect("readable") == trained);
    // Other parts are as they were: the harmony comes first in the file.
    assert!(trained.ends_with(&built_in[built_in.len() / 2..]));
    riffsmith()
        .args(["generate", "house", "--bars", "1", "--weights", &path("b.bin"), "--out", &path("loops")])
        .assert()
        .success();
}

#[test]
fn a_polyphonic_network_is_trained_resumed_joined_and_measured() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = |name: &str| directory.path().join(name).to_string_lossy().into_owned();
    let sets = path("benchmark-polyphonic");
    std::fs::create_dir_all(&sets).expect("writable");
    let corpus = directory.path().to_string_lossy().into_owned();
    let train = |out: &str, more: &[&str]| {
        [&["train", "polyphonic", "--corpus", &corpus, "--out", &path(out)], more]
            .concat()
            .into_iter()
            .map(String::from)
            .collect()
    };
    let ran = |arguments: Vec<String>| riffsmith().args(arguments).assert().success();
    assert!(refused(&["eval", "polyphonic", "--corpus", &corpus]).1.contains("jsb-chorales-quarter.json"));
    let piece = "[[60, 64], [60, 65], [62, 65], [60, 64], []]";
    let set = format!(r#"{{"train": [{piece}, {piece}, {piece}], "valid": [{piece}], "test": [{piece}, {piece}]}}"#);
    std::fs::write(format!("{sets}/jsb-chorales-quarter.json"), set).expect("writable");

    ran(train("a.bin", &["--epochs", "4"]));
    assert_eq!(names(directory.path()), ["a.bin", "a.bin.checkpoint", "benchmark-polyphonic"]);
    ran(train("b.bin", &["--epochs", "8", "--resume", &path("a.bin.checkpoint")]));
    ran(train("c.bin", &["--epochs", "1", "--order", "outer", "--seed", "2", "--join", &path("b.bin")]));
    assert!(
        refused(&["train", "polyphonic", "--corpus", &corpus, "--out", "x", "--order", "in"])
            .1
            .contains("down, up, outer")
    );
    let length = |name: &str| std::fs::metadata(path(name)).expect("written").len();
    assert!(length("c.bin") > 2 * length("b.bin") - 100);

    let output = ran(vec![
        "eval".into(),
        "polyphonic".into(),
        "--corpus".into(),
        corpus.clone(),
        "--weights".into(),
        path("c.bin"),
    ]);
    let text = String::from_utf8_lossy(&output.get_output().stdout).into_owned();
    assert!(text.contains("test      10 frames") && text.contains("network"), "{text}");
    let (code, message) = refused(&["eval", "polyphonic", "--corpus", &corpus, "--weights", &path("a.bin.checkpoint")]);
    assert_eq!(code, 1);
    assert!(message.contains("does not start with `riffroll`"), "{message}");
}
