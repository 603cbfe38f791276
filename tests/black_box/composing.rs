//! What can be asked of the composer, seen in the notes that come out.

use super::{names, riffsmith};
use riffsmith_dsp::score::{Note, Role, Score, Ticks, midi};
use std::fs;
use std::path::Path;

/// The notes of the one loop that these flags make.
fn compose(flags: &[&str]) -> Score {
    let directory = tempfile::tempdir().expect("a directory");
    let mut command = riffsmith();
    command.args(["generate", "--midi", "--out"]).arg(directory.path()).args(flags);
    if !flags.contains(&"--seed") {
        command.args(["--seed", "11"]);
    }
    let output = command.output().expect("it runs");
    assert!(output.status.success(), "{flags:?}: {}", String::from_utf8_lossy(&output.stderr));
    let name = names(directory.path()).into_iter().find(|name| name.ends_with(".mid")).expect("a MIDI file");
    read(&directory.path().join(name))
}

fn read(path: &Path) -> Score {
    midi::read(&fs::read(path).expect("readable")).expect("a MIDI file")
}

fn refused(flags: &[&str]) -> String {
    let output = riffsmith().arg("generate").args(flags).output().expect("it runs");
    assert_eq!(output.status.code(), Some(2), "{flags:?}");
    String::from_utf8(output.stderr).expect("text")
}

fn notes(score: &Score, role: Role) -> &[Note] {
    score.track(role).map_or(&[], |track| &track.notes)
}

/// Onsets and pitches within some bars, from their start; on the grid, since players deviate.
fn bars(score: &Score, role: Role, from: u32, to: u32) -> Vec<(u32, u8)> {
    let bar = score.meter().bar().0;
    let own = notes(score, role).iter().filter(|note| (from * bar..to * bar).contains(&(note.start.0 + 10)));
    let mut all: Vec<(u32, u8)> =
        own.map(|note| ((note.start.0 + 10 - from * bar) / 20, note.pitch.number())).collect();
    all.sort_unstable();
    all
}

#[test]
fn a_form_repeats_its_sections() {
    let score = compose(&["house", "--form", "AABA", "--humanize", "0", "--roles", "drums,bass,lead"]);
    assert_eq!(score.length, score.meter().bar() * 16);
    for role in [Role::Drums, Role::Bass, Role::Lead] {
        let sections = [0, 4, 8, 12].map(|bar| bars(&score, role, bar, bar + 4));
        assert_eq!(sections[0], sections[1], "{role}");
        assert_eq!(sections[0], sections[3], "{role}");
        assert_ne!(sections[0], sections[2], "{role}");
    }
}

#[test]
fn a_build_up_grows_and_a_call_is_answered() {
    let score = compose(&["techno", "--form", "build-up", "--bars", "8"]);
    let counts =
        [0, 4].map(|bar| Role::ALL.into_iter().map(|role| bars(&score, role, bar, bar + 4).len()).sum::<usize>());
    assert!(2 * counts[0] < counts[1], "{counts:?}");
    assert!(bars(&score, Role::Lead, 0, 4).is_empty());

    let score = compose(&["funk", "--form", "call-response", "--bars", "4"]);
    let lead = [0, 1, 2, 3].map(|bar| bars(&score, Role::Lead, bar, bar + 1).len());
    assert!(lead[0] + lead[2] > 0 && lead[1] + lead[3] == 0, "{lead:?}");
}

#[test]
fn a_lead_goes_on_from_its_primer() {
    let score =
        compose(&["house", "--key", "C", "--primer", "E5 G5/2 C6/2 B5 - A5*2", "--humanize", "0", "--bars", "4"]);
    let lead: Vec<(u32, u8)> = bars(&score, Role::Lead, 0, 4);
    assert_eq!(lead[..5], [(0, 76), (24, 79), (36, 84), (48, 83), (96, 81)]);
    assert!(lead.len() > 7, "{lead:?}");
    // The melody of a file.
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("idea.mid");
    let mut short = score.clone();
    for track in &mut short.tracks {
        track.notes.retain(|note| note.start < Ticks(960));
    }
    fs::write(&path, midi::write(&short)).expect("writable");
    let again = compose(&["house", "--key", "C", "--humanize", "0", "--primer", path.to_str().expect("text")]);
    assert_eq!(bars(&again, Role::Lead, 0, 1)[..3], lead[..3]);
}

#[test]
fn ranges_are_kept() {
    let flags = ["lofi", "--range", "lead=C5-C6", "--range", "bass=E1-E2", "--range", "chords=C3-C5", "--bars", "8"];
    let score = compose(&flags);
    for (role, range) in [(Role::Lead, 72..=84), (Role::Bass, 28..=40), (Role::Chords, 48..=72)] {
        let pitches: Vec<u8> = notes(&score, role).iter().map(|note| note.pitch.number()).collect();
        assert!(!pitches.is_empty() && pitches.iter().all(|pitch| range.contains(pitch)), "{role}: {pitches:?}");
    }
}

#[test]
fn fills_come_where_they_are_asked_for() {
    let score = compose(&["rock", "--fill", "4", "--bars", "8", "--roles", "drums"]);
    let bar = score.meter().bar().0;
    let drums = |from: u32, to: u32| {
        let own = notes(&score, Role::Drums).iter().filter(|note| (from..to).contains(&note.start.0));
        own.filter(|note| matches!(note.pitch.number(), 38 | 45 | 47 | 50)).count()
    };
    let halves: Vec<usize> = (0..8).map(|index| drums(index * bar + bar / 2, (index + 1) * bar)).collect();
    let (fills, others) = (halves[3] + halves[7], (halves.iter().sum::<usize>() - halves[3] - halves[7]) / 3);
    assert!(fills > 2 * others.max(1), "{halves:?}");
}

#[test]
fn fills_where_the_networks_expect_none_do_not_go_on() {
    let score = compose(&["house", "--fill", "3", "--bars", "12", "--roles", "drums"]);
    let bar = score.meter().bar().0;
    let is_fill = |index: &u32| {
        let half = index * bar + bar / 2..(index + 1) * bar;
        let own = notes(&score, Role::Drums).iter().filter(|note| half.contains(&note.start.0));
        own.filter(|note| matches!(note.pitch.number(), 38 | 45 | 47 | 50)).count() >= 4
    };
    assert_eq!((0..12).filter(is_fill).collect::<Vec<u32>>(), [2, 5, 8, 11]);
}

#[test]
fn a_mood_chooses_mode_and_tempo() {
    let [happy, sad] = ["happy", "sad"].map(|mood| {
        let made: Vec<Score> = ["1", "2", "3", "4", "5", "6"]
            .map(|seed| compose(&["synthwave", "--bars", "1", "--roles", "chords", "--mood", mood, "--seed", seed]))
            .into();
        let third = |score: &Score| score.keys[0].1.mode.intervals()[2] == 4;
        (made.iter().filter(|score| third(score)).count(), made.iter().map(|score| score.tempo().bpm()).sum::<f64>())
    });
    assert!(happy.0 > sad.0 && happy.1 > sad.1, "{happy:?} {sad:?}");
}

#[test]
fn styles_are_blended() {
    let score = compose(&["house:0.5,trap:0.5", "--bars", "2"]);
    assert!((123.0..=145.0).contains(&score.tempo().bpm()), "{}", score.tempo().bpm());
    let error = refused(&["house:0.5,trip:1"]);
    assert!(error.contains("there is no style \"trip\""), "{error}");
    assert!(refused(&["house:-1"]).contains("weights above 0"));
}

#[test]
fn what_cannot_be_asked_is_named() {
    for (flags, message) in [
        (&["--density", "2"][..], "--density must be -1 to 1, but was 2"),
        (&["--syncopation", "x"], "--syncopation must be -1 to 1, but was x"),
        (&["--form", "AXQ"], "letters A to H such as AABA, build-up or call-response, but was AXQ"),
        (&["--form", "ABC", "--bars", "4"], "3 sections share the 4 bars evenly, but was ABC"),
        (&["--mood", "angry"], "must be one of happy, euphoric"),
        (&["--range", "lead=C4-D4"], "at least 11 semitones wide"),
        (&["--range", "lead"], "must be written ROLE=LOW-HIGH"),
        (&["--primer", "C4 Q"], "must be notes such as"),
        (&["--temperature", "bass=7"], "must be 0.1 to 2, but was 7"),
        (&["--fill", "0"], "--fill must be 1 to 64, but was 0"),
        (&["--candidates", "0"], "--candidates must be 1 to 64, but was 0"),
    ] {
        let error = refused(&[&["house", "--seed", "1"], flags].concat());
        assert!(error.contains(message), "{flags:?}: {error}");
    }
}

#[test]
fn files_are_compared_with_what_was_learnt() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = |name: &str| directory.path().join(name);
    fs::write(path("own.mid"), midi::write(&compose(&["house", "--bars", "4"]))).expect("writable");
    let output = riffsmith().arg("originality").arg(directory.path()).output().expect("it runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    assert!(String::from_utf8_lossy(&output.stdout).contains("1 files, 0 with a copy"));

    // A lead of the training music, a fourth higher.
    let (name, text) = riffsmith_models::groove::builtin()
        .into_iter()
        .find(|(name, text)| {
            let piece = riffsmith_models::groove::read(name, text).expect("valid");
            piece.split == riffsmith_models::piece::Split::Train && piece.part(Role::Lead).len() > 20
        })
        .expect("a groove");
    let piece = riffsmith_models::groove::read(name, text).expect("valid");
    let mut score = compose(&["house", "--bars", "4", "--roles", "lead"]);
    score.tracks[0].notes = piece
        .part(Role::Lead)
        .iter()
        .map(|event| Note {
            start: Ticks(20 * event.step),
            pitch: riffsmith_dsp::score::Pitch::new(event.pitch + 5),
            length: Ticks(20 * event.length),
            velocity: riffsmith_dsp::score::Velocity::new(event.velocity),
        })
        .collect();
    score.length = score.meter().bar() * piece.bars;
    fs::write(path("copy.mid"), midi::write(&score)).expect("writable");
    let output = riffsmith().args(["originality", "--json"]).arg(directory.path()).output().expect("it runs");
    assert_eq!(output.status.code(), Some(1));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let found = &report["files"][0]["lead"];
    assert_eq!(found["source"], format!("grooves/{name}"));
    assert!(found["length"].as_u64().expect("a number") > 15, "{found}");
    assert!(report["mean_distance"].as_f64().expect("two files") > 0.3);
    let missing = riffsmith().args(["originality", "no-such.mid"]).output().expect("it runs");
    assert!(String::from_utf8_lossy(&missing.stderr).contains("cannot read no-such.mid"));
}

/// The networks are written in plain loops, compiled once for every processor; only the C library's exponential and logarithm have
/// several forms. Those without fused or wide operations write the same notes.
#[cfg(all(target_os = "linux", target_arch = "x86_64", target_env = "gnu"))]
#[test]
fn notes_do_not_depend_on_the_processor_s_extensions() {
    let directory = tempfile::tempdir().expect("a directory");
    let notes = |hwcaps: &str, style: &str| {
        let out = directory.path().join(format!("{style}{hwcaps}"));
        riffsmith()
            .args(["generate", style, "--seed", "7", "--bars", "4", "--midi", "--out"])
            .arg(&out)
            .env("GLIBC_TUNABLES", format!("glibc.cpu.hwcaps={hwcaps}"))
            .assert()
            .success();
        let name = names(&out).into_iter().find(|name| name.ends_with(".mid")).expect("asked for");
        fs::read(out.join(name)).expect("readable")
    };
    for style in ["house", "jazz"] {
        let all = notes("", style);
        for without in ["-AVX512F", "-AVX512F,-AVX2,-AVX2_Usable", "-AVX512F,-AVX2,-FMA,-FMA4,-AVX"] {
            assert!(notes(without, style) == all, "{style} {without}");
        }
    }
}
