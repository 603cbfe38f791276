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
    let off = render(&["--refine", "0"], &directory.path().join("off.wav"));
    assert_eq!(plain, off);
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

/// A WAV file of mono or stereo whole numbers: decaying tones.
fn wav_of(rate: u32, channels: u16, bits: u16, frames: usize) -> Vec<u8> {
    let spec =
        hound::WavSpec { channels, sample_rate: rate, bits_per_sample: bits, sample_format: hound::SampleFormat::Int };
    let mut bytes = std::io::Cursor::new(Vec::new());
    let mut writer = hound::WavWriter::new(&mut bytes, spec).expect("a header");
    for i in 0..frames {
        let seconds = i as f64 / f64::from(rate);
        let wave: f64 =
            (1..8).map(|k| (std::f64::consts::TAU * 110.0 * f64::from(k) * seconds).sin() / f64::from(k)).sum();
        let full_scale = f64::from(1_u32 << (bits - 1)) - 1.0;
        let sample = (0.3 * wave * (-3.0 * seconds).exp() * full_scale) as i32;
        for _ in 0..channels {
            writer.write_sample(sample).expect("in memory");
        }
    }
    writer.finalize().expect("in memory");
    bytes.into_inner()
}

/// Exit code, what was said, and the files that were written with their names.
type Refined = (Option<i32>, String, Vec<(String, Vec<u8>)>);

/// Refines `input` and returns the exit code, what stderr says, and what was written.
fn refine(input: &[u8], flags: &[&str]) -> Refined {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("bass.wav");
    fs::write(&path, input).expect("writable");
    let output = riffsmith()
        .args(["refine", "bass.wav", "-o", "out.wav"])
        .args(flags)
        .current_dir(directory.path())
        .output()
        .expect("it runs");
    fs::remove_file(&path).expect("ours");
    let read = |name: String| {
        let bytes = fs::read(directory.path().join(&name)).expect("readable");
        (name, bytes)
    };
    let files = names(directory.path()).into_iter().map(read).collect();
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned(), files)
}

#[test]
fn files_of_every_kind_are_refined_at_their_length_and_rate() {
    for (rate, channels, bits, frames) in [
        (44_100, 2, 16, 40_000),
        (44_100, 1, 16, 40_000),
        (11_025, 1, 8, 9_000),
        (96_000, 2, 24, 50_000),
        (44_100, 1, 16, 1),
    ] {
        let input = wav_of(rate, channels, bits, frames);
        let (code, stderr, files) = refine(&input, &[]);
        assert_eq!(code, Some(0), "{rate} Hz, {channels} channels, {bits} bits, {frames} frames: {stderr}");
        let (before, after) = (wav::decode(&input).expect("ours"), audio(&files, "out.wav"));
        assert_eq!((after.len(), after.sample_rate), (before.len(), before.sample_rate));
        if frames > 1 {
            assert_ne!(after, before);
            assert!((integrated_lufs(&after) - integrated_lufs(&before)).abs() < 0.5);
            assert!(true_peak_dbtp(&after) <= true_peak_dbtp(&before).max(-1.0));
        }
    }
}

#[test]
fn ten_minutes_are_refined_at_their_length_and_level() {
    let second = wav::decode(&wav_of(8_000, 1, 16, 8_000)).expect("ours");
    let frames = second.frames.iter().copied().cycle().take(600 * 8_000).collect();
    let audio_in = AudioBuffer { sample_rate: second.sample_rate, frames };
    let (bits, tags) = (wav::BitDepth::Int16, wav::Tags::default());
    let input = wav::encode(&audio_in, bits, &tags, riffsmith_dsp::Seed(0)).expect("short enough");
    let (code, stderr, files) = refine(&input, &["--bits", "16"]);
    assert_eq!(code, Some(0), "{stderr}");
    let after = audio(&files, "out.wav");
    assert_eq!((after.len(), after.sample_rate), (audio_in.len(), audio_in.sample_rate));
    assert!((integrated_lufs(&after) - integrated_lufs(&audio_in)).abs() < 0.5);
    // Every second is the same note, and within 47 s the frames have lain on it in all ways, so all minutes have nearly the same level.
    let energy = |frames: &[[f32; 2]]| frames.iter().map(|frame| frame[0] * frame[0]).sum::<f32>();
    let levels: Vec<f32> = after.frames.chunks(60 * 8_000).map(energy).collect();
    let (softest, loudest) = levels.iter().fold((f32::INFINITY, 0.0f32), |(a, b), &level| (a.min(level), b.max(level)));
    assert!(loudest < 1.1 * softest, "{softest} to {loudest}");
}

#[test]
fn broken_input_is_refused_and_leaves_nothing() {
    let whole = wav_of(44_100, 1, 16, 5_000);
    let mut not_a_number = wav::encode(
        &wav::decode(&whole).expect("ours"),
        wav::BitDepth::Float32,
        &wav::Tags::default(),
        riffsmith_dsp::Seed(0),
    )
    .expect("short");
    let middle = not_a_number.len() / 2 / 4 * 4;
    not_a_number[middle - 4..middle + 4].copy_from_slice(&[0xff; 8]);
    for (name, input) in [
        ("empty", &[][..]),
        ("cut", &whole[..whole.len() / 2]),
        ("text", b"not a WAV file at all"),
        ("NaN", &not_a_number),
    ] {
        let (code, stderr, files) = refine(input, &[]);
        assert_eq!(code, Some(1), "{name}: {stderr}");
        assert!(stderr.starts_with("error: ") && files.is_empty(), "{name}: {stderr}");
    }
    let shipped = riffsmith_models::refiner::Refiner::builtin_weights();
    let (mut damaged, mut older) = (shipped.to_vec(), shipped.to_vec());
    damaged[shipped.len() / 2] ^= 1;
    older[8] -= 1;
    let cut = &shipped[..shipped.len() - 2];
    for weights in [&b""[..], b"riffrefn", b"something else that is longer than a header", &damaged, &older, cut] {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("weights.bin");
        fs::write(&path, weights).expect("writable");
        let (code, stderr, files) = refine(&whole, &["--weights", &path.to_string_lossy()]);
        assert!(code == Some(1) && stderr.starts_with("error: ") && files.is_empty(), "{stderr}");
    }
    let (code, stderr, _) = refine(&whole, &["--family", "tuba"]);
    assert!(code == Some(2) && stderr.contains("must be one of keys, "), "{stderr}");
}

#[test]
fn off_is_sample_for_sample_and_a_pair_is_equally_loud() {
    let input = wav_of(44_100, 2, 24, 60_000);
    let (_, _, files) = refine(&input, &["--amount", "0"]);
    assert_eq!(audio(&files, "out.wav"), wav::decode(&input).expect("ours"));
    let (_, stderr, files) = refine(&input, &["--ab", "--family", "plucked"]);
    assert_eq!(files.len(), 2, "{stderr}");
    let (refined, dry) = (audio(&files, "out.wav"), audio(&files, "out_dry.wav"));
    assert_ne!(refined, dry);
    assert!((integrated_lufs(&refined) - integrated_lufs(&dry)).abs() < 0.05);
}

#[test]
fn a_loop_says_so_and_stays_closed() {
    let plain = generate(&[]);
    let (name, bytes) = plain.iter().find(|(name, _)| name.ends_with("_bass.wav")).expect("such a stem");
    let (code, stderr, files) = refine(bytes, &[]);
    assert_eq!(code, Some(0), "{name}: {stderr}");
    assert!(stderr.contains("a loop of bass"), "{stderr}");
    let (before, after) = (audio(&plain, "_bass.wav"), audio(&files, "out.wav"));
    assert!(seam_score(&after) <= seam_score(&before).max(1.0), "{}", seam_score(&after));
    let loops = |bytes: &[u8]| wav::describe(bytes).expect("a WAV file").sampler.map(|sampler| sampler.loops);
    assert_eq!(loops(&files[0].1), loops(bytes));
}

#[test]
fn one_shots_are_learnt_from_and_a_run_goes_on() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = |name: &str| directory.path().join(name).to_string_lossy().into_owned();
    fs::create_dir(path("shots")).expect("writable");
    for (index, name) in ["bass_A1", "bass_A2", "bass_C2", "bass_D2", "bass_E2"].iter().enumerate() {
        fs::write(path(&format!("shots/{name}.wav")), wav_of(44_100, 1, 16, 30_000 + 1_000 * index)).expect("writable");
    }
    let train = |flags: &[&str]| {
        let command = ["train", "refiner", "--target", &path("shots"), "--out", &path("mine.bin"), "--test-pairs", "2"];
        let output = riffsmith().args(command).args(flags).output().expect("it runs");
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned(), output.stdout)
    };
    let (code, stderr, stdout) = train(&["--steps", "2", "--examples", &path("seen"), "--examples-every", "2"]);
    assert_eq!(code, Some(0), "{stderr}");
    let table = String::from_utf8_lossy(&stdout).into_owned();
    assert!(table.contains("log-spectral distance") && table.contains("bass") && table.contains("Fréchet"), "{table}");
    assert_eq!(names(&directory.path().join("seen")), ["bass_000002.png", "bass_000002.wav"]);
    let histogram = fs::read_to_string(path("mine.bin.histogram")).expect("kept");
    assert!(histogram.contains("bass_A1"), "{histogram}");
    let (code, stderr, _) = train(&["--steps", "3", "--resume", &path("mine.bin.checkpoint")]);
    assert!(code == Some(1) && stderr.contains("exists already"), "{stderr}");
    let (code, stderr, _) = train(&["--steps", "3", "--force", "--resume", &path("mine.bin.checkpoint")]);
    assert_eq!(code, Some(0), "{stderr}");
    let weights = path("mine.bin");
    let (code, stderr, files) = refine(&wav_of(44_100, 1, 16, 20_000), &["--weights", &weights]);
    assert!(code == Some(0) && files.len() == 1, "{stderr}");
}

#[test]
fn the_refiner_is_measured_on_pairs_of_the_validation_or_the_test() {
    let directory = tempfile::tempdir().expect("a directory");
    // Of these pitches G2 and C3 are held out.
    for (name, pitch) in [("E2", 40), ("F2", 41), ("G2", 43), ("A2", 45), ("C3", 48)] {
        let hz = 440.0 * 2f32.powf((pitch as f32 - 69.0) / 12.0);
        let wave = |seconds: f32| -> f32 {
            (1..12).map(|k| (std::f32::consts::TAU * hz * k as f32 * seconds).sin() / k as f32).sum()
        };
        let frame = |i: usize| {
            let seconds = i as f32 / 44_100.0;
            [0.2 * wave(seconds) * (-4.0 * seconds).exp(); 2]
        };
        let audio = AudioBuffer {
            frames: (0..40_000).map(frame).collect(),
            ..AudioBuffer::silence(riffsmith_dsp::SampleRate::CD, 0)
        };
        let bytes = wav::encode(&audio, wav::BitDepth::Int24, &wav::Tags::default(), riffsmith_dsp::Seed(0));
        fs::write(directory.path().join(format!("bass_{name}.wav")), bytes.expect("short")).expect("writable");
    }
    let measured = |flags: &[&str]| -> serde_json::Value {
        let mut command = riffsmith();
        command.args(["--json", "eval", "refiner", "--pairs", "4", "--training-pairs", "4", "--target"]);
        let output = command.arg(directory.path()).args(flags).output().expect("it runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let rows: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
        let all = rows.as_array().expect("rows").last().expect("one for all").clone();
        assert_eq!((&all["family"], &all["pairs"]), (&"all".into(), &4.into()));
        let distance = |column: &str| all["distances"][column]["spectral_db"].as_f64().expect("a number");
        assert!((1.0..40.0).contains(&distance("unrefined")) && (1.0..40.0).contains(&distance("refined")));
        let attacks = all["moved"]["onset_ms"].as_f64().expect("a number");
        assert!(all["attacks"].as_u64().expect("a number") >= 4 && attacks <= 2.0, "{all}");
        all
    };
    let (test, validation) = (measured(&[]), measured(&["--validation"]));
    assert_ne!(test["distances"], validation["distances"]);
}
