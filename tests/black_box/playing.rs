//! Playing for real, into ALSA's `file` plug-in: what comes out is compared with what went in.

use super::{NO_SERVER, names, riffsmith};
use riffsmith::wav::{self, BitDepth, Tags};
use riffsmith_dsp::{AudioBuffer, SampleRate, Seed};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

/// A second of noise in 16-bit steps, so that any device format of 16 bits or more holds it exactly.
fn noise(rate_hz: u32) -> AudioBuffer {
    let mut rng = Seed(9).rng();
    let mut sample = || (rng.bipolar() * 16_384.0).round() / 32_768.0;
    let frames = (0..rate_hz).map(|_| [sample(), sample()]).collect();
    AudioBuffer { sample_rate: SampleRate::new(rate_hz).expect("valid"), frames }
}

fn write_wav(directory: &Path, audio: &AudioBuffer) -> PathBuf {
    let path = directory.join("in.wav");
    let bytes = wav::encode(audio, BitDepth::Float32, &Tags::default(), Seed(0)).expect("short");
    fs::write(&path, bytes).expect("writable");
    path
}

/// Plays with `settings` as ALSA's whole configuration of devices.
fn play(directory: &Path, settings: &str, args: &[&str]) -> Output {
    let config = directory.join("asoundrc");
    let all = alone(settings);
    fs::write(&config, all).expect("writable");
    riffsmith()
        .arg("play")
        .args(args)
        .current_dir(directory)
        .env("ALSA_CONFIG_PATH", &config)
        .env("PULSE_SERVER", NO_SERVER)
        .output()
        .expect("it runs")
}

/// `settings` beside ALSA's own.
fn alone(settings: &str) -> String {
    format!("</usr/share/alsa/alsa.conf>\n{settings}")
}

/// A default device that writes what it is given to `capture.raw`.
fn capturing(directory: &Path, slave: &str) -> String {
    let capture = directory.join("capture.raw");
    format!("pcm.!default {{ type file slave.pcm {{ {slave} }} file \"{}\" format raw }}\n", capture.display())
}

const NULL: &str = "type null";

/// The stereo samples from the first frame on that is not silent: the device runs before it is given a sound.
fn captured_f32(directory: &Path) -> Vec<f32> {
    let bytes = fs::read(directory.join("capture.raw")).expect("captured");
    let samples = bytes.chunks_exact(4).map(|sample| f32::from_le_bytes(sample.try_into().expect("four bytes")));
    let mut samples: Vec<f32> = samples.collect();
    let silent = samples.iter().position(|&sample| sample != 0.0).unwrap_or(0);
    samples.drain(..silent / 2 * 2);
    samples
}

fn has_alsa_configuration() -> bool {
    let found = Path::new("/usr/share/alsa/alsa.conf").exists();
    if !found {
        eprintln!("skipped: ALSA's configuration is not installed");
    }
    found
}

#[test]
fn what_comes_out_is_what_is_in_the_file_to_the_last_bit() {
    if !has_alsa_configuration() {
        return;
    }
    let directory = tempfile::tempdir().expect("a directory");
    let audio = noise(44_100);
    write_wav(directory.path(), &audio);
    let output = play(directory.path(), &capturing(directory.path(), NULL), &["in.wav"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let captured = captured_f32(directory.path());
    let expected = audio.frames.as_flattened();
    assert!(captured.len() >= expected.len(), "{} of {}", captured.len(), expected.len());
    assert!(captured[..expected.len()] == *expected, "the samples differ");
    assert!(captured[expected.len()..].iter().all(|&sample| sample == 0.0), "silence follows");
}

#[test]
fn volume_scales_the_samples() {
    if !has_alsa_configuration() {
        return;
    }
    let directory = tempfile::tempdir().expect("a directory");
    let audio = noise(48_000);
    write_wav(directory.path(), &audio);
    let output = play(directory.path(), &capturing(directory.path(), NULL), &["in.wav", "--volume", "50"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let captured = captured_f32(directory.path());
    let halved: Vec<f32> = audio.frames.as_flattened().iter().map(|sample| 0.5 * sample).collect();
    assert!(captured[..halved.len()] == halved[..]);
}

#[test]
fn without_a_device_it_says_so() {
    if !has_alsa_configuration() {
        return;
    }
    let directory = tempfile::tempdir().expect("a directory");
    write_wav(directory.path(), &noise(44_100));
    let broken = "pcm.!default { type hw card 31 }\n";
    let output = play(directory.path(), broken, &["in.wav"]);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.starts_with("error: ") && stderr.lines().count() <= 2, "{stderr}");

    let named = play(directory.path(), broken, &["in.wav", "--device", "no_such_device"]);
    assert_eq!(named.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&named.stderr).contains("\"no_such_device\""));
}

#[test]
fn without_a_device_the_bare_program_still_writes_its_loop() {
    if !has_alsa_configuration() {
        return;
    }
    let directory = tempfile::tempdir().expect("a directory");
    let config = directory.path().join("asoundrc");
    fs::write(&config, alone("pcm.!default { type hw card 31 }\n")).expect("writable");
    let out = directory.path().join("out");
    fs::create_dir(&out).expect("writable");
    let output = riffsmith()
        .current_dir(&out)
        .env("ALSA_CONFIG_PATH", &config)
        .env("PULSE_SERVER", NO_SERVER)
        .output()
        .expect("it runs");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    assert_eq!(stderr.lines().filter(|line| line.starts_with("not played: ")).count(), 1, "{stderr}");
    let files = names(&out);
    assert_eq!(files.len(), 1, "{files:?}");
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim().trim_start_matches("./"), files[0]);
}

#[test]
fn files_are_known_by_their_first_bytes_and_follow_one_another_without_a_gap() {
    if !has_alsa_configuration() {
        return;
    }
    let directory = tempfile::tempdir().expect("a directory");
    let audio = noise(44_100);
    let path = write_wav(directory.path(), &audio);
    fs::rename(&path, directory.path().join("a.bin")).expect("writable");
    let output = play(directory.path(), &capturing(directory.path(), NULL), &["a.bin", "a.bin"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let captured = captured_f32(directory.path());
    let expected = [audio.frames.as_flattened(), audio.frames.as_flattened()].concat();
    assert!(captured[..expected.len()] == expected[..], "the samples differ");
}

#[test]
fn standard_input_is_played() {
    if !has_alsa_configuration() {
        return;
    }
    let directory = tempfile::tempdir().expect("a directory");
    let audio = noise(44_100);
    let bytes = fs::read(write_wav(directory.path(), &audio)).expect("written");
    let config = directory.path().join("asoundrc");
    fs::write(&config, alone(&capturing(directory.path(), NULL))).expect("writable");
    let output = riffsmith()
        .args(["play", "-"])
        .env("ALSA_CONFIG_PATH", &config)
        .env("PULSE_SERVER", NO_SERVER)
        .write_stdin(bytes)
        .output()
        .expect("it runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let expected = audio.frames.as_flattened();
    assert!(captured_f32(directory.path())[..expected.len()] == *expected, "the samples differ");

    let broken = riffsmith().args(["play", "-"]).write_stdin("no music").output().expect("it runs");
    let stderr = String::from_utf8_lossy(&broken.stderr);
    assert!(stderr.contains("cannot play standard input: it is no WAV or MIDI file"), "{stderr}");
}

#[test]
fn what_does_not_go_together_is_refused() {
    let directory = tempfile::tempdir().expect("a directory");
    write_wav(directory.path(), &noise(8_000));
    let refused = |args: &[&str]| {
        let output = riffsmith().arg("play").args(args).current_dir(directory.path()).output().expect("it runs");
        assert_ne!(output.status.code(), Some(0), "{args:?}");
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    assert!(refused(&["in.wav", "--patch", "saw_lead"]).contains("--patch plays MIDI files"));
    assert!(refused(&["house", "--patch", "saw_lead"]).contains("is a style"));
    assert!(refused(&["in.wav", "--host", "phonograph"]).contains("--host must be a sound system"));
    assert!(refused(&["--midi-in", "keys"]).contains("--patch"));
    assert!(refused(&["in.wav", "--buffer", "1"]).contains("16 to 16384"));
    assert!(refused(&["nothing.wav"]).contains("cannot read nothing.wav"));
}
