//! The product from outside: the binary's behaviour, and what every loop must keep.

mod analyzing;
#[cfg(all(target_os = "linux", feature = "playback"))]
mod auditioning;
mod bad_input;
mod composing;
mod corpus;
mod help;
mod loops;
mod making;
mod midi_bytes;
mod packing;
mod patching;
#[cfg(all(target_os = "linux", feature = "playback"))]
mod playing;
mod refining;
mod suggesting;
mod tagging;
mod training;

use assert_cmd::Command;
use std::path::{Path, PathBuf};

/// No PulseAudio: where ALSA's settings find one running, they make it the default device.
#[cfg(all(target_os = "linux", feature = "playback"))]
const NO_SERVER: &str = "unix:/nowhere";

/// The program, away from the terminal, the network and the user's settings.
fn riffsmith() -> Command {
    let mut command = Command::cargo_bin("riffsmith").expect("cargo builds it for its tests");
    command.env("NO_COLOR", "1");
    command
}

/// Files in a directory, sorted.
fn names(directory: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(directory).expect("a directory");
    let mut names: Vec<String> =
        entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// A MIDI file of one note on one track: format 1, 480 ticks a quarter note.
fn one_note_midi(directory: &Path) -> PathBuf {
    let track = [&[0x00, 0x90, 60, 100][..], &[0x83, 0x60, 0x80, 60, 0], &[0x00, 0xff, 0x2f, 0x00]].concat();
    let mut bytes = b"MThd\0\0\0\x06\0\x01\0\x01\x01\xe0MTrk".to_vec();
    bytes.extend((track.len() as u32).to_be_bytes());
    bytes.extend(track);
    let path = directory.join("one_note.mid");
    std::fs::write(&path, bytes).expect("writable");
    path
}
