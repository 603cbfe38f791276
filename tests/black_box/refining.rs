//! `--refine`: off is off to the last bit, on changes the sound and nothing that was promised.

use super::{names, one_note_midi, riffsmith};
use riffsmith::wav;
use riffsmith_dsp::AudioBuffer;
use riffsmith_dsp::loudness::{integrated_lufs, true_peak_dbtp};
use riffsmith_dsp::seam::seam_score;
use std::fs;
use std::path::Path;

/// The files that `generate lofi` makes with `flags`: their names and bytes.
fn generate(flags: &[&str]) -> Vec<(String, Vec<u8>)> {
    let directory = tempfile::tempdir().expect("a directory");
    let mut command = riffsmith();
    command.args(["generate", "lofi", "--seed", "3", "--bars", "2", "--stems", "--bits", "32"]).args(flags);
    command.arg("--out").arg(directory.path()).assert().success();
    let read = |name: String| {
        let bytes = fs::read(directory.path().join(&name)).expect("readable");
        (name, bytes)
    };
    names(directory.path()).into_iter().map(read).collect()
}

fn audio(files: &[(String, Vec<u8>)], ending: &str) -> AudioBuffer {
    let (_, bytes) = files.iter().find(|(name, _)| name.ends_with(ending)).expect("such a file");
    wav::decode(bytes).expect("a WAV file")
}

#[test]
fn an_amount_of_zero_is_off_to_the_last_bit() {
    assert!(generate(&[]) == generate(&["--refine", "0"]));
}

#[test]
fn a_refined_loop_keeps_its_length_seam_level_and_sum() {
    let (plain, refined) = (generate(&[]), generate(&["--refine"]));
    let (before, after) = (audio(&plain, "_3.wav"), audio(&refined, "_3.wav"));
    assert_eq!(before.len(), after.len());
    assert_ne!(before, after);
    assert!(seam_score(&after) <= 1.0, "{}", seam_score(&after));
    assert!(true_peak_dbtp(&after) <= -1.0, "{}", true_peak_dbtp(&after));
    let mut residue = audio(&refined, "_premaster.wav");
    let moves = ["drums", "bass", "chords", "lead"].map(|role| {
        let ending = format!("_{role}.wav");
        let (own, own_before) = (audio(&refined, &ending), audio(&plain, &ending));
        let moved = integrated_lufs(&own) - integrated_lufs(&own_before);
        let mut inverted = own;
        inverted.scale(-1.0);
        residue.add(&inverted);
        moved
    });
    // Each stem keeps its loudness beside the others, so that the mix keeps its balance; what would clip has turned all down.
    let common = moves.iter().sum::<f32>() / 4.0;
    assert!(moves.iter().all(|moved| (moved - common).abs() < 0.5), "by {moves:?} LU");
    // Only what fills its room up to -1 dBFS may have been turned down.
    let is_full = |files: &[(String, Vec<u8>)]| {
        let peak = |part| audio(files, &format!("_{part}.wav")).peak();
        let loudest = ["premaster", "drums", "bass", "chords", "lead"].map(peak).into_iter().fold(0.0, f32::max);
        (20.0 * loudest.log10() + 1.0).abs() < 1e-3
    };
    assert!(common.abs() < 0.5 || is_full(&refined) || is_full(&plain), "by {common} LU");
    // -120 dBFS, as for loops that are not refined.
    assert!(residue.peak() < 1e-6, "{}", residue.peak());
}

#[test]
fn a_refined_loop_is_made_again_from_its_recipe() {
    let directory = tempfile::tempdir().expect("a directory");
    let command = ["generate", "house", "--seed", "5", "--bars", "1", "--refine", "0.5", "--out"];
    riffsmith().args(command).arg(directory.path()).assert().success();
    let name = names(directory.path()).remove(0);
    let path = directory.path().join(name);
    let output = riffsmith().arg("regen").arg(&path).output().expect("it runs");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && stderr.contains("byte for byte"), "{stderr}");
}

#[test]
fn a_midi_file_is_rendered_refined() {
    let directory = tempfile::tempdir().expect("a directory");
    let midi = one_note_midi(directory.path());
    let render = |flags: &[&str], out: &Path| {
        riffsmith().arg("render").arg(&midi).arg("-o").arg(out).args(flags).assert().success();
        wav::decode(&fs::read(out).expect("readable")).expect("a WAV file")
    };
    let plain = render(&[], &directory.path().join("plain.wav"));
    let refined = render(&["--refine", "1"], &directory.path().join("refined.wav"));
    assert_eq!(plain.len(), refined.len());
    assert_ne!(plain, refined);
}

#[test]
fn an_amount_out_of_range_is_named() {
    for amount in ["1.5", "-1", "nan", "much"] {
        let output = riffsmith().args(["generate", "house", "--refine", amount]).output().expect("it runs");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{stderr}");
        assert!(stderr.starts_with("error: --refine must be 0 to 1, but was "), "{stderr}");
    }
}
