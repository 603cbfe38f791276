//! Packs: whole, stopped and gone on with, in parts, and checked.

use super::{names, riffsmith};
use riffsmith::wav;
use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// A small pack: full mixes and all roles of two styles, a bar long.
const ASKED: [&str; 16] = [
    "house,lofi",
    "--name",
    "Night Tram",
    "--loops",
    "11",
    "--one-shots",
    "12",
    "--instruments",
    "1",
    "--bars",
    "1",
    "--stems",
    "--seed",
    "7",
    "--keys",
    "Am,Cm",
];

fn pack(out: &Path, further: &[&str]) -> assert_cmd::Command {
    let mut command = riffsmith();
    command.arg("pack").args(ASKED).arg("--out").arg(out).args(further);
    command
}

fn folder(out: &Path) -> PathBuf {
    out.join("RS_Night_Tram")
}

/// Every file below a folder, hidden ones too.
fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    fn walk(folder: &Path, prefix: &str, found: &mut BTreeMap<String, Vec<u8>>) {
        for name in names(folder) {
            let (path, within) = (folder.join(&name), format!("{prefix}{name}"));
            if path.is_dir() {
                walk(&path, &format!("{within}/"), found);
            } else {
                found.insert(within, fs::read(path).expect("readable"));
            }
        }
    }
    let mut found = BTreeMap::new();
    walk(folder, "", &mut found);
    found
}

/// Compared without printing megabytes.
fn assert_same(one: &BTreeMap<String, Vec<u8>>, other: &BTreeMap<String, Vec<u8>>) {
    assert!(one.keys().eq(other.keys()), "{:?}\n{:?}", one.keys(), other.keys());
    for (path, bytes) in one {
        assert!(*bytes == other[path], "{path} differs");
    }
}

fn stdout(command: &mut assert_cmd::Command) -> String {
    String::from_utf8(command.assert().success().get_output().stdout.clone()).expect("text")
}

fn complaints(folder: &Path) -> String {
    let output = riffsmith().arg("check").arg(folder).assert().code(1).get_output().stdout.clone();
    String::from_utf8(output).expect("text")
}

#[test]
fn a_pack_is_whole_and_the_same_on_one_thread() {
    let directory = tempfile::tempdir().expect("a directory");
    let (one, other) = (directory.path().join("one"), directory.path().join("other"));
    let printed = stdout(&mut pack(&one, &["--zip"]));
    let lines: Vec<&str> = printed.lines().collect();
    assert_eq!(lines, [folder(&one).to_str().expect("text"), &format!("{}.zip", folder(&one).display())]);
    pack(&other, &[]).env("RAYON_NUM_THREADS", "1").assert().success();
    let made = contents(&folder(&one));
    assert_same(&made, &contents(&folder(&other)));

    let count =
        |start: &str, end: &str| made.keys().filter(|path| path.starts_with(start) && path.ends_with(end)).count();
    assert_eq!((count("Loops/", ".wav"), count("MIDI/", ".mid"), count("One_Shots/", ".wav")), (11, 11, 12));
    assert_eq!((count("Loops/Full/", ".wav"), count("Stems/", ".wav")), (3, 12));
    assert!(count("Multisamples/", ".wav") > 5);
    assert_eq!(count("Presets/SFZ/", ".sfz"), count("Presets/DecentSampler/", ".dspreset"));
    for path in [
        "Artwork/cover.png",
        "Demo/RS_NT_demo.wav",
        "CREDITS.txt",
        "LICENSE.txt",
        "README.txt",
        "checksums.sha256",
        "index.html",
        "manifest.csv",
        "manifest.json",
    ] {
        assert!(made.contains_key(path), "{path}");
    }
    // Nothing of how it was made is left.
    assert!(made.keys().all(|path| !path.contains(".riffsmith")));
    riffsmith().arg("check").arg(folder(&one)).assert().success();
    let zip = fs::read(format!("{}.zip", folder(&one).display())).expect("readable");
    assert!(zip.starts_with(b"PK\x03\x04") && zip.len() > made.values().map(Vec::len).sum());

    // It is not made again over itself, and there is nothing to go on with.
    let refused = pack(&one, &[]).assert().code(1).get_output().stderr.clone();
    assert!(String::from_utf8_lossy(&refused).contains("exists and is not empty"));
    pack(&one, &["--resume"]).assert().success();
    assert_same(&made, &contents(&folder(&one)));
}

#[test]
fn a_pack_that_was_killed_again_and_again_is_finished_to_the_same_bytes() {
    let directory = tempfile::tempdir().expect("a directory");
    let (whole, killed) = (directory.path().join("whole"), directory.path().join("killed"));
    pack(&whole, &[]).assert().success();
    let expected = contents(&folder(&whole));
    let binary = assert_cmd::cargo::cargo_bin("riffsmith");
    for round in 0..6u64 {
        let mut child = Command::new(&binary)
            .arg("pack")
            .args(ASKED)
            .arg("--out")
            .arg(&killed)
            .arg("--resume")
            .args(if round > 0 { &[][..] } else { &["--quiet"] })
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program");
        std::thread::sleep(Duration::from_millis(250 + 331 * round));
        child.kill().expect("its child");
        child.wait().expect("its child");
        // What has a name is whole.
        if folder(&killed).exists() {
            for (path, bytes) in contents(&folder(&killed)) {
                let is_described = !path.contains(".riffsmith");
                assert!(!is_described || expected.get(&path) == Some(&bytes), "{path} is torn");
            }
        }
    }
    pack(&killed, &["--resume"]).assert().success();
    assert_same(&expected, &contents(&folder(&killed)));
}

#[cfg(unix)]
#[test]
fn ctrl_c_leaves_a_pack_that_checks_and_goes_on() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut child = Command::new(assert_cmd::cargo::cargo_bin("riffsmith"))
        .args(["pack", "funk", "--name", "Night Tram", "--loops", "60", "--one-shots", "0", "--seed", "1", "--out"])
        .arg(directory.path())
        .stderr(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .expect("the program");
    // Until some loops are there: however fast the machine is, not all of them. Behind them are the multisampled instruments, made first.
    let receipts = folder(directory.path()).join(".riffsmith/items");
    // Those that are being written do not count.
    let is_loop = |name: &&String| !name.starts_with('.') && name.as_str() < "00060.json";
    let done = || names(&receipts).iter().filter(is_loop).count();
    while !receipts.exists() || done() < 3 {
        assert_eq!(child.try_wait().expect("its child"), None, "it ended too early");
        std::thread::sleep(Duration::from_millis(10));
    }
    Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill");
    let status = child.wait().expect("its child");
    assert_eq!(status.code(), Some(1));
    let left = contents(&folder(directory.path()));
    assert!(left.keys().filter(|path| path.starts_with("Loops/")).count() >= 3);
    assert!(left.contains_key("manifest.json") && left.contains_key("checksums.sha256"));
    let output = riffsmith().arg("check").arg(folder(directory.path())).assert().success().get_output().stderr.clone();
    assert!(String::from_utf8_lossy(&output).contains("the pack is not complete"));
}

#[test]
fn ctrl_c_while_the_page_is_made_leaves_the_items_for_later() {
    let directory = tempfile::tempdir().expect("a directory");
    let (whole, stopped) = (directory.path().join("whole"), directory.path().join("stopped"));
    pack(&whole, &[]).assert().success();
    let mut child = Command::new(assert_cmd::cargo::cargo_bin("riffsmith"))
        .arg("pack")
        .args(ASKED)
        .arg("--out")
        .arg(&stopped)
        .stderr(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .expect("the program");
    let mut said = BufReader::new(child.stderr.take().expect("it is piped")).lines();
    let begun = |line: &std::io::Result<String>| line.as_ref().is_ok_and(|line| line.starts_with("all items are made"));
    assert!(said.any(|line| begun(&line)), "it says so");
    Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill");
    assert_eq!(child.wait().expect("its child").code(), Some(1));
    let left = contents(&folder(&stopped));
    assert!(left.contains_key("manifest.json") && !left.contains_key("index.html"), "{:?}", left.keys());
    riffsmith().arg("check").arg(folder(&stopped)).assert().success();
    pack(&stopped, &["--resume"]).assert().success();
    assert_same(&contents(&folder(&whole)), &contents(&folder(&stopped)));
}

#[test]
fn parts_that_were_made_apart_are_joined_to_the_same_bytes() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = |name: &str| directory.path().join(name);
    pack(&path("whole"), &[]).assert().success();
    for part in ["1", "2", "3"] {
        pack(&path(part), &["--shard", &format!("{part}/3")]).assert().success();
    }
    let missing = riffsmith()
        .args(["pack", "merge"])
        .args([path("1"), path("3")])
        .arg("--out")
        .arg(path("joined"))
        .assert()
        .code(1)
        .get_output()
        .stderr
        .clone();
    assert!(String::from_utf8_lossy(&missing).contains("are in none of the parts"));
    riffsmith()
        .args(["pack", "merge"])
        .args([path("1"), path("2"), path("3")])
        .arg("--out")
        .arg(path("joined"))
        .arg("--resume")
        .assert()
        .success();
    assert_same(&contents(&folder(&path("whole"))), &contents(&folder(&path("joined"))));
}

/// A change of a pack and what `check` must say about it.
type Fault = (fn(&Path), &'static str);

fn loop_of(folder: &Path, role: &str) -> PathBuf {
    let directory = folder.join("Loops").join(role);
    directory.join(&names(&directory)[0])
}

/// A WAV file's samples start at byte 44.
const SAMPLES: usize = 44;

#[test]
fn whatever_is_wrong_is_found() {
    let directory = tempfile::tempdir().expect("a directory");
    pack(directory.path(), &[]).assert().success();
    let folder = folder(directory.path());
    let original = contents(&folder);
    let faults: [Fault; 12] = [
        (|pack| fs::remove_file(loop_of(pack, "Bass")).expect("there"), "is in the manifest, but not there"),
        (
            |pack| assert!(fs::copy(loop_of(pack, "Bass"), pack.join("Loops/extra.wav")).is_ok()),
            "is not in the manifest",
        ),
        (
            |pack| assert!(fs::copy(loop_of(pack, "Bass"), pack.join("Loops/extra.wav")).is_ok()),
            "holds the same samples as",
        ),
        (|pack| edit(&loop_of(pack, "Full"), |bytes| bytes[SAMPLES + 30_001] ^= 1), "is not what its checksum says"),
        (|pack| edit(&loop_of(pack, "Full"), |bytes| bytes.truncate(SAMPLES + 50_000)), "cut off"),
        (|pack| edit(&loop_of(pack, "Full"), |bytes| step_at_the_start(bytes)), "its seam is"),
        (
            |pack| edit(&loop_of(pack, "Full"), |bytes| bytes[SAMPLES..SAMPLES + 60_000].fill(0x60)),
            "it has an offset of",
        ),
        (|pack| edit(&loop_of(pack, "Full"), |bytes| clip(bytes)), "its true peak is"),
        (|pack| edit(&loop_of(pack, "Full"), |bytes| replace(bytes, b"acid", b"junk")), "it does not say its tempo"),
        (|pack| edit(&loop_of(pack, "Drums"), |bytes| set_tempo(bytes, 99.0)), "beats at 99 bpm"),
        (|pack| fs::remove_file(one_shot(pack)).expect("there"), "which is not there"),
        (|pack| edit(&one_shot(pack), |bytes| bytes[SAMPLES..SAMPLES + 6 * 2_000].fill(0)), "ms late"),
    ];
    for (change, complaint) in faults {
        change(&folder);
        let found = complaints(&folder);
        assert!(found.contains(complaint), "{complaint:?} is not in:\n{found}");
        restore(&folder, &original);
    }
    riffsmith().arg("check").arg(&folder).assert().success();
}

fn one_shot(folder: &Path) -> PathBuf {
    let directory = folder.join("One_Shots/Kick");
    directory.join(&names(&directory)[0])
}

/// The first 10 000 frames start at 0.75, on the other side of zero than the last frame ends, and come back to 0: a
/// step at the seam, and none inside.
fn step_at_the_start(bytes: &mut [u8]) {
    let frames = wav::decode(bytes).expect("a WAV file").frames;
    let side = if frames[frames.len() - 1][0] > 0.0 { -1 } else { 1 };
    for (index, sample) in bytes[SAMPLES..SAMPLES + 60_000].chunks_exact_mut(3).enumerate() {
        let level: i32 = side * (0x60_0000 - 0x60_0000 / 10_000 * (index as i32 / 2));
        sample.copy_from_slice(&level.to_le_bytes()[..3]);
    }
}

fn edit(path: &Path, change: impl Fn(&mut Vec<u8>)) {
    let mut bytes = fs::read(path).expect("readable");
    change(&mut bytes);
    fs::write(path, bytes).expect("writable");
}

/// 24-bit samples, twice as loud.
fn clip(bytes: &mut [u8]) {
    let size = u32::from_le_bytes(bytes[40..44].try_into().expect("four bytes")) as usize;
    for sample in bytes[SAMPLES..SAMPLES + size].chunks_exact_mut(3) {
        let value = i32::from_le_bytes([0, sample[0], sample[1], sample[2]]) >> 8;
        let louder = (2 * value).clamp(-8_388_608, 8_388_607).to_le_bytes();
        sample.copy_from_slice(&louder[..3]);
    }
}

fn replace(bytes: &mut [u8], id: &[u8; 4], other: &[u8; 4]) {
    let at = bytes.windows(4).rposition(|window| window == id).expect("a chunk");
    bytes[at..at + 4].copy_from_slice(other);
}

/// The last field of the `acid` chunk.
fn set_tempo(bytes: &mut [u8], bpm: f32) {
    let at = bytes.windows(4).rposition(|window| window == b"acid").expect("a chunk");
    bytes[at + 28..at + 32].copy_from_slice(&bpm.to_le_bytes());
}

fn restore(folder: &Path, original: &BTreeMap<String, Vec<u8>>) {
    for path in contents(folder).keys().filter(|path| !original.contains_key(*path)) {
        fs::remove_file(folder.join(path)).expect("there");
    }
    for (path, bytes) in original {
        if fs::read(folder.join(path)).ok().as_ref() != Some(bytes) {
            fs::write(folder.join(path), bytes).expect("writable");
        }
    }
}

#[test]
fn what_cannot_be_packed_is_refused_before_anything_is_made() {
    let directory = tempfile::tempdir().expect("a directory");
    for (arguments, message) in [
        (&["hause"][..], "there is no style \"hause\""),
        (&["house", "--label", "A B"], "--label must be 1 to 12 of A-Z, a-z and 0-9, but was \"A B\""),
        (
            &["house", "--bpm", "128-120"],
            "--bpm must be a tempo of 20 to 300 or a range of them, such as 120-128, but was 128-120",
        ),
        (&["house", "--loops", "-1"], "--loops must be 0 to 2000, but was -1"),
        (&["house", "--shard", "5/4"], "--shard must be K/N, such as 1/4, with K from 1 to N, but was 5/4"),
        (&["house", "--one-shots", "2000"], "--one-shots must be at most"),
        (&["house", "--date", "2026-02-30"], "--date"),
    ] {
        let assert = riffsmith().arg("pack").args(arguments).arg("--out").arg(directory.path()).assert().code(2);
        let stderr = String::from_utf8_lossy(&assert.get_output().stderr).into_owned();
        assert!(stderr.contains(message), "{stderr}");
    }
    assert!(names(directory.path()).is_empty());
}
