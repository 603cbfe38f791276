//! `riffsmith train` and `eval`, of the composer and of the polyphonic networks: what is refused, and trainings from end to end.

use crate::corpus::folder;
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
    assert_eq!((code, &message[..]), (2, "error: --resume FILE needs exactly one --part"));
    assert_eq!(with(&["--minutes", "NaN"]).0, 2);
    assert_eq!(with(&["--steps", "0"]).0, 2);
    std::fs::write(&out, "mine").expect("writable");
    assert!(with(&[]).1.contains("exists already"));
    let (code, message) = refused(&["eval", "composer", "--corpus", &corpus, "--weights", &out]);
    assert_eq!(code, 1);
    assert!(message.contains("does not start with `riffcomp`"), "{message}");
}

#[test]
fn someone_s_own_loops_are_learnt_judged_and_played() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = |name: &str| directory.path().join(name).to_string_lossy().into_owned();
    folder(Path::new(&path("loops")));
    let (data, out, plot) = (path("loops"), path("mine.bin"), path("curves.png"));
    let train = |more: &[&str]| {
        let own = ["train", "composer", "--data", &data, "--from", "builtin", "--out", &out, "--style", "trance"];
        riffsmith().args(own).args(more).output().expect("it runs")
    };
    let output = train(&["--steps", "24", "--plot", &plot, "--json"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!((json["files"].as_u64(), json["pieces"].as_u64()), (Some(10), Some(10)));
    assert_eq!(json["data"]["unread"].as_array().map(Vec::len), Some(1));
    let [drums] = &json["parts"].as_array().expect("rows")[..] else { panic!("{json}") };
    assert_eq!((drums["part"].as_str(), drums["steps"].as_u64()), (Some("drums"), Some(24)));
    assert_eq!(drums["pieces"][0].as_u64().zip(drums["pieces"][1].as_u64()), Some((8, 2)));
    // Eight loops say nothing of music, however well they are learnt.
    assert_eq!(drums["verdict"], "too little data");
    let number = |what: &serde_json::Value| what.as_f64().expect("a number");
    assert!(number(&drums["training"]["after"]) < number(&drums["training"]["before"]) - 0.05, "{drums}");
    assert!(number(&drums["held_out"]["ngram"]) > 0.0 && number(&drums["copies"]["written"]) <= 1.0);
    assert!(std::fs::read(&plot).expect("written").starts_with(b"\x89PNG"));
    assert_eq!(names(directory.path()), ["curves.png", "loops", "mine.bin", "mine.bin.drums.checkpoint"]);

    // The same training in lines; what is there is replaced only where training goes on.
    assert!(String::from_utf8_lossy(&train(&["--steps", "24"]).stderr).contains("exists already"));
    let first = std::fs::read(&out).expect("written");
    let output = train(&["--steps", "32", "--resume"]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success() && text.contains("learnt from 10 files, 10 pieces"), "{text}");
    assert!(text.contains("files of other kinds") && text.contains("32 steps in "), "{text}");
    assert!(text.contains("as before: harmony, chords, bass, lead"), "{text}");
    assert_eq!(std::fs::read(&out).expect("written").len(), first.len());
    riffsmith()
        .args(["generate", "trance", "--bars", "1", "--weights", &out, "--out", &path("made")])
        .assert()
        .success();
}

#[test]
fn a_folder_that_teaches_nothing_is_said_so() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = |name: &str| directory.path().join(name).to_string_lossy().into_owned();
    let train = |data: &str| {
        refused(&["train", "composer", "--data", &path(data), "--from", "builtin", "--out", &path("x.bin")])
    };
    folder(Path::new(&path("loops")));
    ["empty", "broken", "one"].iter().for_each(|name| std::fs::create_dir(path(name)).expect("writable"));
    std::fs::write(path("broken/a.mid"), "not MIDI").expect("writable");
    std::fs::copy(path("loops/House/loop 1.mid"), path("one/a.mid")).expect("writable");
    for (data, expected) in [("empty", "no music in "), ("broken", "broken/a.mid: not a valid MIDI file")] {
        let (code, message) = train(data);
        assert!(code == 1 && message.contains(expected), "{message}");
    }
    let (code, message) = refused(&["-q", "train", "composer", "--data", &path("one"), "--out", &path("x.bin")]);
    assert!(code == 1 && message.contains("holds too little to learn harmony, drums,"), "{message}");
    assert!(message.ends_with("1 piece"), "{message}");
    std::fs::remove_file(path("loops/broken.mid")).expect("it is there");
    let lacking = ["-q", "train", "composer", "--data", &path("loops"), "--out", &path("x.bin"), "--part", "bass"];
    let (code, message) = refused(&lacking);
    assert!(code == 1 && message.contains("holds too little to learn bass: 10 pieces"), "{message}");
    let (code, message) =
        refused(&["train", "composer", "--data", &path("loops"), "--out", &path("x.bin"), "--from", "no.bin"]);
    assert!(code == 1 && message.contains("cannot read no.bin"), "{message}");
    assert!(!Path::new(&path("x.bin")).exists());
}

#[cfg(unix)]
#[test]
fn ctrl_c_keeps_the_best_so_far() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = |name: &str| directory.path().join(name).to_string_lossy().into_owned();
    folder(Path::new(&path("loops")));
    let mut child = std::process::Command::new(assert_cmd::cargo::cargo_bin("riffsmith"))
        .args(["train", "composer", "--data", &path("loops"), "--out", &path("mine.bin"), "--minutes", "100"])
        .args(["--from", "builtin", "--steps", "1000000"])
        .stderr(std::process::Stdio::null())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("it runs");
    // The first checkpoint tells that it is under way.
    while !Path::new(&path("mine.bin.drums.checkpoint")).exists() {
        assert!(child.try_wait().expect("a child").is_none(), "it ended by itself");
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    let asked = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(asked.is_ok_and(|status| status.success()));
    let output = child.wait_with_output().expect("a child");
    let text = String::from_utf8_lossy(&output.stdout);
    // Who stops does not wait for the judgement.
    assert!(output.status.success() && text.contains("nats per note on validation pieces"), "{text}");
    assert!(!text.contains("held out"), "{text}");
    riffsmith()
        .args(["generate", "house", "--bars", "1", "--weights", &path("mine.bin"), "--out", &path("made")])
        .assert()
        .success();
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
