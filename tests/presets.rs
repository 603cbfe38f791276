//! Presets as samplers find them: written to a folder, and read back by `tests/presets.py`, which shares no code with them.

use riffsmith::pack::kit::{DrumSample, sampled_kit};
use riffsmith::pack::multisample::{Density, Multisample, multisample};
use riffsmith::pack::presets::{decent_sampler, sfz};
use riffsmith::pack::take::Take;
use riffsmith::wav::{self, BitDepth, Tags};
use riffsmith_dsp::score::{Pitch, Velocity};
use riffsmith_dsp::{Seed, patch};
use std::fs;
use std::path::Path;
use std::process::Command;

/// What the presets name their samples from: two folders up, and down again.
const SAMPLES: &str = "../../Samples";

/// Writes an instrument as a pack holds it.
fn write(root: &Path, made: &Multisample) {
    for (folder, ending, text) in [
        ("Presets/SFZ", "sfz", sfz::write(&made.map)),
        ("Presets/DecentSampler", "dspreset", decent_sampler::write(&made.map)),
    ] {
        fs::create_dir_all(root.join(folder)).expect("writable");
        fs::write(root.join(folder).join(format!("{}.{ending}", made.map.name)), text).expect("writable");
    }
    fs::create_dir_all(root.join("Samples")).expect("writable");
    for (file, audio) in &made.samples {
        let name = file.strip_prefix(SAMPLES).expect("all samples lie there").trim_start_matches('/');
        let bytes = wav::encode(audio, BitDepth::Int24, &Tags::default(), Seed(0)).expect("short");
        fs::write(root.join("Samples").join(name), bytes).expect("writable");
    }
}

#[test]
fn independent_readers_find_every_sample_in_its_place_and_in_tune() {
    if Command::new("python3").arg("--version").output().is_err() {
        eprintln!("skipped: python3 is not installed");
        return;
    }
    let directory = tempfile::tempdir().expect("a directory");
    for (name, layers) in [("finger_bass", 1), ("reed", 2)] {
        let patch = patch::find(name).expect("built in");
        let file = |pitch: Pitch, velocity: Velocity| {
            format!("{SAMPLES}/{name}_{:03}_v{:03}.wav", pitch.number(), velocity.value())
        };
        write(directory.path(), &multisample(&patch, Density { semitones: 12, layers }, &Take::new(Seed(8391)), file));
    }
    let kit = patch::find("kit_house").expect("built in");
    let file = |drum: &DrumSample, velocity: Velocity| format!("{SAMPLES}/{}_v{:03}.wav", drum.name, velocity.value());
    write(directory.path(), &sampled_kit(&kit, 2, &Take::new(Seed(8391)), file));

    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/presets.py");
    let output = Command::new("python3").arg(script).arg(directory.path()).output().expect("it runs");
    let said = String::from_utf8_lossy(&output.stderr);
    eprint!("{said}");
    assert!(output.status.success(), "{said}");
}
