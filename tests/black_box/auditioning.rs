//! An audition without a terminal and without a device, and the pack that is made of it.

use super::{NO_SERVER, names, riffsmith};
use std::fs;
use std::path::Path;
use std::process::Output;

/// Auditions with the sound off: ALSA's default device is a card that no machine has.
fn audition(directory: &Path, args: &[&str], lines: &str) -> Output {
    let config = directory.join("asoundrc");
    fs::write(&config, "pcm.!default { type hw card 31 }\n").expect("writable");
    riffsmith()
        .arg("audition")
        .args(args)
        .current_dir(directory)
        .env("ALSA_CONFIG_PATH", &config)
        .env("PULSE_SERVER", NO_SERVER)
        .write_stdin(lines)
        .output()
        .expect("it runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn what_is_kept_is_there_again_and_becomes_a_pack() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path();
    let first = audition(
        path,
        &["funk", "--seed", "3", "--bars", "1", "--session", "a.session"],
        "keep\nnext\nkeep\nreject\nquit\n",
    );
    let (stdout, stderr) = (text(&first.stdout), text(&first.stderr));
    assert!(first.status.success(), "{stderr}");
    assert_eq!(stderr.lines().filter(|line| line.contains("going on with the sound off")).count(), 1, "{stderr}");
    assert_eq!(stdout.lines().filter(|line| line.starts_with("kept funk ")).count(), 2, "{stdout}");

    // One was rejected after it was kept; another one is kept now, and another program's line is cut off.
    let mut bytes = fs::read(path.join("a.session")).expect("written");
    bytes.extend(b"0123456789abcdef {\"kept\":{\"num");
    fs::write(path.join("a.session"), bytes).expect("writable");
    let again = audition(path, &["funk", "--bars", "1", "--session", "a.session"], "vary\nkeep\nq\n");
    let stderr = text(&again.stderr);
    assert!(again.status.success(), "{stderr}");
    assert!(
        stderr.contains("1 damaged lines were passed over") && stderr.contains("1 takes were kept before"),
        "{stderr}"
    );

    let pack = riffsmith()
        .args([
            "pack",
            "--from",
            "a.session",
            "--one-shots",
            "0",
            "--instruments",
            "0",
            "--seed",
            "1",
            "--name",
            "Kept",
        ])
        .current_dir(path)
        .output()
        .expect("it runs");
    assert!(pack.status.success(), "{}", text(&pack.stderr));
    let loops = names(&path.join("RS_Kept/Loops/Full"));
    assert_eq!(loops.iter().filter(|name| name.ends_with(".wav")).count(), 2, "{loops:?}");
    let session = riffsmith::audition::session::read(&path.join("a.session")).expect("a session");
    for (kept, name) in session.kept.iter().zip(&loops) {
        let bytes = fs::read(path.join("RS_Kept/Loops/Full").join(name)).expect("made");
        let (recipe, _) = riffsmith::recipe::Recipe::of_file(&bytes).expect("ours");
        let among = session.kept.iter().filter_map(|kept| kept.recipe.as_deref());
        assert!(among.into_iter().any(|kept| *kept == recipe), "{}", kept.name);
    }
}

#[test]
fn words_that_are_not_understood_and_other_files_are_told() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path();
    let output = audition(path, &["funk", "--seed", "1"], "keap\nwait x\n");
    let stderr = text(&output.stderr);
    assert!(output.status.success() && stderr.contains("\"keap\" is not understood"), "{stderr}");
    assert!(stderr.contains("did you mean keep?") && stderr.contains("wait must be 0 to"), "{stderr}");
    assert!(!path.join("riffsmith.session").exists(), "nothing was kept");

    fs::write(path.join("notes.txt"), "mine\n").expect("writable");
    let refused = audition(path, &["funk", "--session", "notes.txt"], "quit\n");
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused.stderr).contains("it is no session of riffsmith"));
    assert_eq!(fs::read_to_string(path.join("notes.txt")).expect("there"), "mine\n");

    let nothing = audition(path, &["house_of_cards"], "quit\n");
    assert_eq!(nothing.status.code(), Some(2), "{}", text(&nothing.stderr));
    fs::create_dir(path.join("empty")).expect("writable");
    let empty = audition(path, &["empty"], "quit\n");
    assert!(text(&empty.stderr).contains("there is no WAV or MIDI file in empty"), "{}", text(&empty.stderr));
}

#[test]
fn a_pack_is_made_of_a_session_that_has_kept_something() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path();
    fs::write(path.join("empty.session"), "").expect("writable");
    for (session, message) in [("empty.session", "has kept no loop"), ("none.session", "cannot read none.session")] {
        let output = riffsmith().args(["pack", "--from", session]).current_dir(path).output().expect("it runs");
        assert_eq!(output.status.code(), Some(1));
        assert!(text(&output.stderr).contains(message), "{}", text(&output.stderr));
    }
    let both = riffsmith().args(["pack", "house", "--from", "a.session"]).current_dir(path).output().expect("it runs");
    assert_eq!(both.status.code(), Some(2));
}
