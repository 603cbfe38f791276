//! What files say about their sound: written, read back by programs that share no code with this one, and set right in files
//! of any origin.

use super::{names, riffsmith};
use riffsmith::wav::chunks::{Broadcast, BroadcastLoudness};
use riffsmith::wav::{self, BitDepth, Cue, LoopPoints, OneShot, Repeat, SampledNote, Sound, Tags};
use riffsmith_dsp::score::{Meter, Pitch, PitchClass, Tempo, Ticks, Velocity};
use riffsmith_dsp::{AudioBuffer, SampleRate, Seed};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

/// A sine of 441 Hz, half of full scale.
fn sine(rate_hz: u32, frames: usize) -> AudioBuffer {
    let sample_rate = SampleRate::new(rate_hz).expect("valid");
    let sample = |n: usize| 0.5 * (std::f64::consts::TAU * 441.0 * n as f64 / f64::from(rate_hz)).sin() as f32;
    AudioBuffer { sample_rate, frames: (0..frames).map(|n| [sample(n); 2]).collect() }
}

fn tempo(bpm: f64) -> Tempo {
    Tempo::new(bpm).expect("valid")
}

/// A chunk, padded.
fn chunk(id: &[u8; 4], payload: &[u8]) -> Vec<u8> {
    let pad = vec![0; payload.len() % 2];
    [&id[..], &(payload.len() as u32).to_le_bytes(), payload, &pad].concat()
}

/// A file of another program: 24-bit, mono, extensible; odd and unknown chunks before and after `frames` frames at 44.1 kHz.
fn foreign(frames: usize) -> Vec<u8> {
    let mut format = b"\xfe\xff\x01\0\x44\xac\0\0\xcc\x04\x02\0\x03\0\x18\0\x16\0\x18\0\x04\0\0\0\x01\0".to_vec();
    format.extend(b"\0\0\0\0\x10\0\x80\0\0\xaa\0\x38\x9b\x71");
    let sine = |n: usize| 4e6 * (std::f64::consts::TAU * n as f64 / 100.0).sin();
    let data: Vec<u8> = (0..frames).flat_map(|n| (sine(n) as i32).to_le_bytes()[..3].to_vec()).collect();
    let body = [
        chunk(b"JUNK", &[7; 27]),
        chunk(b"fmt ", &format),
        chunk(b"fact", &(frames as u32).to_le_bytes()),
        chunk(b"LIST", &[&b"INFO"[..], &chunk(b"ISFT", b"Other 1.0\0"), &chunk(b"IENG", b"Ann\0")].concat()),
        chunk(b"data", &data),
        chunk(b"Zz9 ", b"made by nobody"),
    ]
    .concat();
    [&b"RIFF"[..], &(4 + body.len() as u32).to_le_bytes(), b"WAVE", &body].concat()
}

/// The payload of the first chunk `id`.
fn payload(bytes: &[u8], id: &[u8; 4]) -> Vec<u8> {
    let file = wav::riff::walk(bytes).expect("a WAV file");
    file.chunks.iter().find(|chunk| &chunk.id == id).map(|chunk| chunk.payload.to_vec()).unwrap_or_default()
}

fn write(directory: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = directory.join(name);
    fs::write(&path, bytes).expect("writable");
    path
}

fn run(directory: &Path, args: &[&str]) -> Output {
    riffsmith().args(args).current_dir(directory).output().expect("it runs")
}

fn succeeded(directory: &Path, args: &[&str]) -> Output {
    let output = run(directory, args);
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    output
}

fn object(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).expect("one JSON object")
}

/// What `inspect --json` says of one file.
fn inspect(path: &Path) -> Value {
    let directory = path.parent().expect("in a directory");
    object(&succeeded(directory, &["inspect", "--json", path.to_str().expect("text")]))["files"][0].clone()
}

/// What another program says; `None`, with a message, where it is not installed.
fn other(program: &str, args: &[&str], path: &Path) -> Option<Output> {
    match std::process::Command::new(program).args(args).arg(path).output() {
        Ok(output) => Some(output),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            eprintln!("skipped: there is no {program} here");
            None
        }
        Err(error) => panic!("{program}: {error}"),
    }
}

/// Reads a file with Python's own walker, libsndfile, ffprobe and sox: all must say the same as `inspect`, without a warning.
fn readers_agree(path: &Path) {
    let own = inspect(path);
    assert_eq!(own["warnings"], json!([]), "{}", path.display());
    python_agrees(path, &own);
    sndfile_agrees(path, &own);
    ffprobe_agrees(path, &own);
    sox_agrees(path, &own);
}

fn python_agrees(path: &Path, own: &Value) {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/read_chunks.py");
    let Some(output) = other("python3", &[script], path) else { return };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let read = object(&output);
    for field in ["rate", "bits", "channels"] {
        assert_eq!(read[field], own["format"][field], "{field} of {}", path.display());
    }
    assert_eq!(read["float"], own["format"]["encoding"] == "float");
    for field in ["frames", "acid", "inst", "cues", "info"] {
        assert_eq!(read[field], own[field], "{field} of {}", path.display());
    }
    for field in ["unity_note", "pitch_fraction", "period_ns"] {
        assert_eq!(read["smpl"][field], own["smpl"][field], "{field} of {}", path.display());
    }
    let loops = |value: &Value| value["smpl"]["loops"].as_array().cloned().unwrap_or_default();
    let points: Vec<Value> = loops(own).iter().map(|it| json!([it["first_frame"], it["last_frame"]])).collect();
    assert_eq!(loops(&read), points, "{}", path.display());
    for field in
        ["description", "originator", "date", "time_reference_frames", "integrated_lufs", "range_lu", "true_peak_dbtp"]
    {
        assert_eq!(read["bext"][field], own["bext"][field], "{field} of {}", path.display());
    }
    assert!(read["bext"].is_null() || read["bext"]["version"] == 2);
}

fn sndfile_agrees(path: &Path, own: &Value) {
    let Some(output) = other("sndfile-info", &[], path) else { return };
    // Spacing differs between versions.
    let text = String::from_utf8_lossy(&output.stdout);
    let said: Vec<String> = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    let says = |line: &str| {
        assert!(said.iter().any(|said| said.starts_with(line)), "{} does not say {line:?}:\n{text}", path.display());
    };
    let text_of = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    says(&format!("Frames : {}", own["frames"]));
    says(&format!("Sample Rate : {}", own["format"]["rate"]));
    says(&format!("Channels : {}", own["format"]["channels"]));
    if let Some(acid) = own["acid"].as_object() {
        says(&format!("Tempo : {:.6}", acid["bpm"].as_f64().expect("a number")));
        says(&format!("Beats : {}", acid["beats"]));
        says(&format!("Meter : {}", text_of(&acid["meter"])));
        let flags = if acid["one_shot"] == true { "(OneShot" } else { "(Loop" };
        let root = if acid["root"].is_null() { "RootNoteInvalid" } else { "RootNoteValid" };
        assert!(said.iter().any(|line| line.contains(&format!("{flags},{root}"))), "{text}");
    }
    if !own["smpl"].is_null() {
        says(&format!("Midi Note : {}", own["smpl"]["unity_note"]));
    }
    for it in own["smpl"]["loops"].as_array().into_iter().flatten() {
        says(&format!("Cue ID : 0 Type : 0 Start : {} End : {}", it["first_frame"], it["last_frame"]));
    }
    for cue in own["cues"].as_array().into_iter().flatten() {
        says(&format!("Cue ID : {} Pos : {}", cue["id"], cue["frame"]));
        says(&format!("labl : {} : {}", cue["id"], text_of(&cue["label"])));
    }
    for id in ["INAM", "IART", "IPRD", "IGNR", "ICRD", "ISFT", "ICOP"] {
        if let Some(value) = own["info"][id].as_str().filter(|value| value.is_ascii()) {
            says(&format!("{id} : {value}"));
        }
    }
    // It stops at texts of more than 2 KiB, as recipes are, and mentions a chunk that nobody knows.
    let known = |line: &&String| line.contains("ICMT") || line.contains("Zz9");
    let complaints: Vec<&String> = said.iter().filter(|line| line.contains("***") && !known(line)).collect();
    assert!(complaints.is_empty(), "{}: {complaints:?}", path.display());
}

fn ffprobe_agrees(path: &Path, own: &Value) {
    let args = ["-v", "warning", "-of", "json", "-show_format", "-show_streams", "-show_chapters"];
    let Some(output) = other("ffprobe", &args, path) else { return };
    assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{}", path.display());
    let read = object(&output);
    let stream = &read["streams"][0];
    assert_eq!(stream["sample_rate"], own["format"]["rate"].to_string());
    assert_eq!(stream["channels"], own["format"]["channels"]);
    assert_eq!(stream["bits_per_sample"], own["format"]["bits"]);
    assert_eq!(stream["duration_ts"], own["frames"]);
    let tags = &read["format"]["tags"];
    for (id, name) in [
        ("INAM", "title"),
        ("IART", "artist"),
        ("IPRD", "album"),
        ("IGNR", "genre"),
        ("IKEY", "IKEY"),
        ("ICMT", "comment"),
        ("ICRD", "date"),
        ("ICOP", "copyright"),
        ("ISFT", "encoder"),
    ] {
        assert_eq!(tags[name], own["info"][id], "{name} of {}", path.display());
    }
    if !own["bext"].is_null() {
        assert_eq!(tags["time_reference"], own["bext"]["time_reference_frames"].to_string());
    }
    let chapters = read["chapters"].as_array().expect("a list");
    let cues = own["cues"].as_array().expect("a list");
    assert_eq!(chapters.len(), cues.len(), "{}", path.display());
    for (chapter, cue) in chapters.iter().zip(cues) {
        assert_eq!((&chapter["start"], &chapter["tags"]["title"]), (&cue["frame"], &cue["label"]));
    }
}

fn sox_agrees(path: &Path, own: &Value) {
    let format = &own["format"];
    for (flag, value) in
        [("-s", &own["frames"]), ("-r", &format["rate"]), ("-c", &format["channels"]), ("-b", &format["bits"])]
    {
        let Some(output) = other("soxi", &[flag], path) else { return };
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{}", path.display());
        assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), value.to_string(), "{flag} {}", path.display());
    }
}

#[test]
fn readers_of_other_people_agree_on_every_kind_of_file() {
    let directory = tempfile::tempdir().expect("a directory");
    let cd = SampleRate::CD;
    let seven = Meter::new(7, 8).expect("valid");
    let a = Some(PitchClass::new(9));
    let texts = Tags {
        title: "a loop".to_owned(),
        artist: "Label".to_owned(),
        product: "Pack One".to_owned(),
        genre: "house".to_owned(),
        keywords: vec!["dark".to_owned(), "A minor".to_owned()],
        comment: "seed 1".to_owned(),
        created: Some("2026-01-31".parse().expect("a day")),
        copyright: "CC0 1.0".to_owned(),
        ..Tags::default()
    };
    let note = SampledNote {
        fine_tune_cents: -12,
        gain_db: -3,
        lowest: Pitch::new(40),
        highest: Pitch::new(46),
        softest: Velocity::new(64),
        ..SampledNote::new(Pitch::new(43))
    };
    let held = OneShot { note: Some(note), sustain: Some(LoopPoints { first_frame: 1_000, last_frame: 2_999 }) };
    let broadcast = Broadcast {
        description: "a loop for radio".to_owned(),
        originator: "Label".to_owned(),
        date: "2026-01-31".to_owned(),
        time: "12:00:00".to_owned(),
        time_reference_frames: 441_000,
        loudness: BroadcastLoudness {
            integrated_lufs: Some(-14.2),
            range_lu: Some(3.0),
            true_peak_dbtp: Some(-1.0),
            ..BroadcastLoudness::default()
        },
        ..Broadcast::default()
    };
    let four = Repeat::new(Ticks::QUARTER * 16, tempo(120.0), Meter::COMMON, a, cd);
    let odd = Repeat::new(seven.bar() * 3, tempo(133.0), seven, None, cd);
    let cues =
        vec![Cue { frame: 0, label: "intro".to_owned() }, Cue { frame: 2_500, label: "drop, \u{e9}".to_owned() }];
    for (name, depth, frames, tags) in [
        ("loop.wav", BitDepth::Int24, four.frames, Tags { sound: Sound::Loop(four), ..texts.clone() }),
        ("stem.wav", BitDepth::Float32, four.frames, Tags { sound: Sound::Loop(four), ..texts.clone() }),
        ("drums.wav", BitDepth::Int16, odd.frames, Tags { sound: Sound::Loop(odd), ..texts.clone() }),
        ("tail.wav", BitDepth::Int16, four.frames + 9_999, Tags { sound: Sound::Loop(four), ..texts.clone() }),
        ("held.wav", BitDepth::Int24, 5_001, Tags { sound: Sound::OneShot(held), ..texts.clone() }),
        ("hit.wav", BitDepth::Int16, 101, Tags { sound: Sound::OneShot(OneShot::default()), ..Tags::default() }),
        ("song.wav", BitDepth::Int24, 5_001, Tags { cues, ..texts.clone() }),
        (
            "radio.wav",
            BitDepth::Int24,
            4_410,
            Tags { broadcast: Some(broadcast), comment: "x".repeat(9_000), ..texts.clone() },
        ),
    ] {
        let bytes = wav::encode(&sine(44_100, frames), depth, &tags, Seed(1)).expect("short enough");
        readers_agree(&write(directory.path(), name, &bytes));
    }
    // What they agree on is what was said.
    let own = |name: &str| inspect(&directory.path().join(name));
    let radio = own("radio.wav");
    assert_eq!(
        (&radio["bext"]["integrated_lufs"], &radio["bext"]["time_reference_frames"]),
        (&json!(-14.2), &json!(441_000))
    );
    let held = own("held.wav");
    assert_eq!((&held["smpl"]["root"], &held["smpl"]["fine_tune_cents"]), (&json!("G2"), &json!(-12)));
    assert_eq!((&held["inst"]["low_note"], &held["inst"]["low_velocity"]), (&json!(40), &json!(64)));
    assert_eq!((&own("hit.wav")["acid"]["one_shot"], &own("song.wav")["acid"]), (&json!(true), &Value::Null));
    assert_eq!(own("drums.wav")["cues"][2]["frame"], 139_263);
}

#[test]
fn a_generated_loop_says_all_there_is_to_say() {
    let directory = tempfile::tempdir().expect("a directory");
    let args =
        ["generate", "house", "--seed", "1", "--bpm", "120", "--key", "Am", "--bars", "2", "--stems", "--out", "."];
    succeeded(directory.path(), &args);
    for name in names(directory.path()) {
        readers_agree(&directory.path().join(&name));
    }
    let own = inspect(&directory.path().join("120_Amin_house_1.wav"));
    assert_eq!(
        own["acid"],
        json!({ "one_shot": false, "stretch": true, "root": "A", "beats": 8, "meter": "4/4", "bpm": 120.0 })
    );
    assert_eq!(own["smpl"]["loops"][0]["last_frame"], 176_399);
    let cue = |id: u32, frame: u32| json!({ "id": id, "frame": frame, "label": format!("bar {id}") });
    assert_eq!(own["cues"], json!([cue(1, 0), cue(2, 88_200)]));
    assert_eq!(own["info"]["IKEY"], "A minor");
    assert_eq!(own["recipe"]["recipe"]["seed"], 1);
    let drums = inspect(&directory.path().join("120_Amin_house_1_drums.wav"));
    assert_eq!((&drums["acid"]["root"], &drums["info"]["IKEY"]), (&Value::Null, &Value::Null));
    // Text is added, and the recipe still makes the loop again.
    let before = fs::read(directory.path().join("120_Amin_house_1.wav")).expect("readable");
    succeeded(directory.path(), &["tag", "120_Amin_house_1.wav", "--artist", "Label", "--in-place"]);
    readers_agree(&directory.path().join("120_Amin_house_1.wav"));
    let output = succeeded(directory.path(), &["regen", "120_Amin_house_1.wav"]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("with the same sound, bit for bit; its tags are kept"));
    succeeded(directory.path(), &["regen", "120_Amin_house_1.wav", "-o", "again.wav"]);
    assert!(fs::read(directory.path().join("again.wav")).expect("readable") == before);
    // A comment takes its place, with a warning.
    let output = succeeded(directory.path(), &["tag", "120_Amin_house_1.wav", "--comment", "mine", "--dry-run"]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("its recipe gives way to the comment"));
}

#[test]
fn files_of_any_origin_are_tagged_and_their_sound_is_left_alone() {
    let directory = tempfile::tempdir().expect("a directory");
    // 8 s: 16 beats at 120 bpm.
    let bytes = foreign(352_800);
    let path = write(directory.path(), "LABEL_PK_120_guitar_Dmaj.wav", &bytes);
    let args = [
        "tag",
        "LABEL_PK_120_guitar_Dmaj.wav",
        "--guess",
        "--title",
        "Guitar",
        "--keyword",
        "dry",
        "--keyword",
        "clean",
        "--out",
        "out",
    ];
    let output = succeeded(directory.path(), &args);
    assert_eq!(String::from_utf8_lossy(&output.stdout), "out/LABEL_PK_120_guitar_Dmaj.wav\n");
    assert!(fs::read(&path).expect("readable") == bytes, "the file itself is left alone");

    let tagged = directory.path().join("out/LABEL_PK_120_guitar_Dmaj.wav");
    readers_agree(&tagged);
    let own = inspect(&tagged);
    assert_eq!(
        own["acid"],
        json!({ "one_shot": false, "stretch": true, "root": "D", "beats": 16, "meter": "4/4", "bpm": 120.0 })
    );
    assert_eq!(
        own["info"],
        json!({ "ISFT": "Other 1.0", "IENG": "Ann", "INAM": "Guitar", "IKEY": "D major; dry; clean" })
    );
    let ids: Vec<&str> =
        own["chunks"].as_array().expect("a list").iter().map(|chunk| chunk["id"].as_str().expect("text")).collect();
    assert_eq!(ids, ["fmt", "fact", "data", "JUNK", "LIST INFO", "Zz9", "smpl", "acid"]);
    let new = fs::read(&tagged).expect("readable");
    for id in [b"fmt ", b"fact", b"data", b"JUNK", b"Zz9 "] {
        assert!(payload(&new, id) == payload(&bytes, id), "{}", String::from_utf8_lossy(id));
    }

    // The same in place; then there is nothing left to do.
    succeeded(directory.path(), &[&args[..args.len() - 2], &["--in-place"]].concat());
    assert!(fs::read(&path).expect("readable") == new);
    let output = succeeded(directory.path(), &[&args[..args.len() - 2], &["--in-place"]].concat());
    assert!(String::from_utf8_lossy(&output.stderr).contains("nothing to change"));
    assert!(fs::read(&path).expect("readable") == new);
    assert_eq!(names(directory.path()), ["LABEL_PK_120_guitar_Dmaj.wav", "out"]);
}

#[test]
fn names_of_many_makers_are_understood() {
    let directory = tempfile::tempdir().expect("a directory");
    let seconds = |seconds: f64| foreign((seconds * 44_100.0).round() as usize);
    for (name, length_s, flags, bpm, beats, root) in [
        ("LABEL_PK_100_guitar_Dmaj.wav", 9.6, &[][..], json!(100.0), json!(16), json!("D")),
        ("120_Amin_house_8391.wav", 8.0, &[], json!(120.0), json!(16), json!("A")),
        ("kick_808_C#.wav", 0.4, &["--one-shot"], json!(0.0), json!(0), json!("C#")),
        // 101 is a model here, and no tempo.
        ("bass_101_A.wav", 9.6, &["--one-shot"], json!(0.0), json!(0), json!("A")),
        ("Cool Loop 128bpm Fm.wav", 7.5, &[], json!(128.0), json!(16), json!("F")),
    ] {
        let path = write(directory.path(), name, &seconds(length_s));
        let output = succeeded(directory.path(), &[&["tag", name, "--guess", "--in-place"], flags].concat());
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(!stderr.contains("warning"), "{name}: {stderr}");
        let own = inspect(&path);
        assert_eq!((&own["acid"]["bpm"], &own["acid"]["beats"], &own["acid"]["root"]), (&bpm, &beats, &root), "{name}");
        assert_eq!(own["acid"]["one_shot"], !flags.is_empty(), "{name}");
        readers_agree(&path);
    }
    write(directory.path(), "thing.wav", &seconds(1.0));
    let output = succeeded(directory.path(), &["tag", "thing.wav", "--guess", "--dry-run"]);
    assert!(
        String::from_utf8_lossy(&output.stderr).contains("thing.wav: its name says nothing about tempo, key or root")
    );
}

#[test]
fn a_tempo_that_does_not_suit_the_length_is_warned_of() {
    let directory = tempfile::tempdir().expect("a directory");
    write(directory.path(), "a.wav", &foreign(352_800));
    let output = succeeded(directory.path(), &["tag", "a.wav", "--bpm", "125", "--in-place"]);
    assert_eq!(
        String::from_utf8_lossy(&output.stderr).lines().next(),
        Some(
            "warning: a.wav: 8.000 s are 16.67 beats at 125 bpm, no whole number: \
             it would be 120 bpm for 16 beats, 127.5 bpm for 17 beats"
        )
    );
    let output = succeeded(directory.path(), &["tag", "a.wav", "--bars", "4", "--bpm", "120", "--in-place"]);
    assert!(!String::from_utf8_lossy(&output.stderr).contains("warning"));
}

#[test]
fn a_dry_run_says_what_would_change_and_changes_nothing() {
    let directory = tempfile::tempdir().expect("a directory");
    let bytes = foreign(352_800);
    let path = write(directory.path(), "a.wav", &bytes);
    let args = ["tag", "a.wav", "--bpm", "120", "--root", "C3", "--artist", "Me", "--dry-run"];
    let output = succeeded(directory.path(), &args);
    let expected = "a.wav\n  kind: none -> loop\n  bpm: none -> 120\n  beats: none -> 16\n  meter: none -> 4/4\n  \
                    root: none -> C\n  note: none -> C3\n  loop: none -> 0 to 352799 forward\n  artist: none -> Me\n  \
                    order: JUNK, fmt, fact, LIST INFO, data, Zz9 -> fmt, fact, data, JUNK, LIST INFO, Zz9\n";
    assert_eq!(String::from_utf8_lossy(&output.stdout), expected);
    let report = object(&succeeded(directory.path(), &[&args[..], &["--json"]].concat()));
    assert_eq!(report["files"][0]["changes"][1], json!({ "what": "bpm", "from": "", "to": "120" }));
    assert_eq!(report["files"][0]["output"], Value::Null);
    assert!(fs::read(&path).expect("readable") == bytes);
    assert_eq!(names(directory.path()), ["a.wav"]);
}

#[test]
fn what_is_not_understood_is_refused_and_nothing_is_written() {
    let directory = tempfile::tempdir().expect("a directory");
    let good = foreign(100);
    write(directory.path(), "good.wav", &good);
    write(directory.path(), "cut.wav", &good[..250]);
    write(directory.path(), "text.wav", b"no sound at all");
    write(directory.path(), "large.wav", b"RF64\xff\xff\xff\xffWAVEds64");
    let before = names(directory.path());
    let refused = |args: &[&str], code: i32| {
        let output = run(directory.path(), args);
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(code), "{args:?}: {stderr}");
        assert!(stderr.starts_with("error: ") && stderr.lines().count() <= 2, "{args:?}: {stderr}");
        assert!(fs::read(directory.path().join("good.wav")).expect("readable") == good, "{args:?}");
        assert_eq!(names(directory.path()), before, "{args:?}");
        stderr
    };
    assert!(refused(&["tag", "good.wav", "--bpm", "120"], 2).starts_with("error: tag needs --in-place or --out\n"));
    assert!(
        refused(&["tag", "good.wav", "cut.wav", "--bpm", "120", "--in-place"], 1)
            .starts_with("error: cannot tag cut.wav: not a valid WAV file: data is cut off: ")
    );
    refused(&["tag", "good.wav", "text.wav", "--title", "x", "--in-place"], 1);
    assert_eq!(
        refused(&["tag", "large.wav", "--title", "x", "--in-place"], 1),
        "error: cannot tag large.wav: WAV file not supported: RF64, the form for more than 4 GiB\n"
    );
    assert_eq!(
        refused(&["tag", "good.wav", "--date", "2026-02-30", "--in-place"], 2),
        "error: --date must be a day such as 2026-01-31, but was 2026-02-30\n"
    );
    assert!(
        refused(&["tag", "good.wav", "--root", "H", "--in-place"], 2)
            .starts_with("error: --root must be a note such as A, F# or Bb2, or a MIDI number, but was \"H\"")
    );
    assert!(
        refused(&["tag", "good.wav", "--beats", "0", "--in-place"], 2)
            .contains("--beats must be 1 to 65536, but was 0")
    );
    refused(&["tag", "good.wav", "--beats", "4", "--bars", "1", "--in-place"], 2);
    refused(&["tag", "good.wav", "--loop", "--one-shot", "--in-place"], 2);
    refused(&["tag", "good.wav", "--in-place", "--out", "x"], 2);
    refused(&["tag", "--bpm", "120", "--in-place"], 2);
    refused(&["tag", "none.wav", "--bpm", "120", "--in-place"], 1);
    // The directory that it would go to has such a file already.
    assert!(
        refused(&["tag", "good.wav", "--title", "x", "--out", "."], 1)
            .contains("good.wav exists already\nhint: --force")
    );
    assert!(
        refused(&["tag", "good.wav", "./good.wav", "--title", "x", "--out", "y"], 2)
            .contains("would both be y/good.wav")
    );
}

#[test]
fn what_is_known_of_a_file_is_shown_in_lines_and_as_an_object() {
    let directory = tempfile::tempdir().expect("a directory");
    let tags = Tags {
        title: "Sine".to_owned(),
        sound: Sound::Loop(Repeat::new(Ticks::QUARTER * 4, tempo(120.0), Meter::COMMON, None, SampleRate::CD)),
        ..Tags::default()
    };
    let bytes = wav::encode(&sine(44_100, 88_200), BitDepth::Int24, &tags, Seed(1)).expect("short enough");
    let path = write(directory.path(), "sine.wav", &bytes);
    let text = String::from_utf8(succeeded(directory.path(), &["inspect", "sine.wav"]).stdout).expect("text");
    for line in [
        "sine.wav",
        "  format     24-bit PCM, 44100 Hz, stereo, 88200 frames, 2.000 s",
        "  kind       loop",
        "  bpm        120",
        "  loop       0 to 88199 forward",
        "  cues       bar 1 at 0",
        "  title      Sine",
        "  levels     peak -6.02 dBFS, true peak -6.01 dBTP, -6.7 LUFS, crest 3.0 dB",
        "  stereo     correlation +1.00",
        "  balance    sub 0 %, low 0 %, mid 100 %, high 0 %",
        "  DC         0.000 % of full scale",
    ] {
        assert!(text.lines().any(|own| own == line), "no line {line:?}:\n{text}");
    }
    let own = inspect(&path);
    let levels = &own["levels"];
    // Half of full scale; a sine of 441 Hz has whole turns in 2 s.
    for (name, value, tolerance) in [
        ("peak_dbfs", -6.02, 0.01),
        ("true_peak_dbtp", -6.02, 0.02),
        ("crest_db", 3.01, 0.01),
        ("correlation", 1.0, 0.0),
    ] {
        let measured = levels[name].as_f64().expect("a number");
        assert!((measured - value).abs() <= tolerance, "{name}: {measured}");
    }
    assert!(levels["seam"].as_f64().is_some_and(|seam| seam <= 1.0), "{levels}");
    assert!(levels["balance"]["mid"].as_f64().is_some_and(|mid| mid > 0.999), "{levels}");
    assert_eq!(own["not_measured"], Value::Null);

    // Silence has no levels, and a format that is not decoded is described all the same.
    let mut law = foreign(100);
    let at = law.windows(4).position(|window| window == b"fmt ").expect("it has one") + 8;
    law[at..at + 2].copy_from_slice(&6_u16.to_le_bytes());
    law[at + 12..at + 16].copy_from_slice(&[1, 0, 8, 0]);
    write(directory.path(), "law.wav", &law);
    let floats = wav::encode(&AudioBuffer::silence(SampleRate::CD, 100), BitDepth::Float32, &Tags::default(), Seed(1));
    write(directory.path(), "silence.wav", &floats.expect("short enough"));
    assert_eq!(inspect(&directory.path().join("silence.wav"))["levels"]["peak_dbfs"], Value::Null);
    assert_eq!(
        inspect(&directory.path().join("law.wav"))["not_measured"],
        "WAV file not supported: its samples are of A-law"
    );
}

#[test]
fn a_broken_file_does_not_keep_the_others_back() {
    let directory = tempfile::tempdir().expect("a directory");
    write(directory.path(), "good.wav", &foreign(100));
    write(directory.path(), "bad.wav", b"RIFF");
    let output = run(directory.path(), &["inspect", "bad.wav", "good.wav", "--json"]);
    assert_eq!(output.status.code(), Some(1));
    let files = &object(&output)["files"];
    assert_eq!(files[0]["error"], "cannot inspect bad.wav: not a valid WAV file: it ends too early");
    assert_eq!(files[1]["frames"], 100);
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(stderr.ends_with("error: 1 of 2 files were not understood\n"), "{stderr}");
    let alone = run(directory.path(), &["inspect", "bad.wav"]);
    assert_eq!(alone.status.code(), Some(1));
    assert_eq!(
        String::from_utf8_lossy(&alone.stderr),
        "error: cannot inspect bad.wav: not a valid WAV file: it ends too early\n"
    );
}

#[test]
fn a_picture_is_drawn_and_never_replaced_unasked() {
    let directory = tempfile::tempdir().expect("a directory");
    write(directory.path(), "a.wav", &foreign(9_999));
    let args = ["inspect", "a.wav", "--plot", "a.png"];
    succeeded(directory.path(), &args);
    let picture = fs::read(directory.path().join("a.png")).expect("drawn");
    assert!(picture.starts_with(b"\x89PNG\r\n\x1a\n"));
    fs::write(directory.path().join("a.png"), "mine").expect("writable");
    let output = run(directory.path(), &args);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "error: a.png exists already\nhint: --force replaces it\n");
    assert!(output.stdout.is_empty(), "it is refused before the work");
    assert_eq!(fs::read(directory.path().join("a.png")).expect("readable"), b"mine");
    succeeded(directory.path(), &[&args[..], &["--force"]].concat());
    assert!(fs::read(directory.path().join("a.png")).expect("readable") == picture);
    let two = run(directory.path(), &["inspect", "a.wav", "a.wav", "--plot", "b.png"]);
    assert_eq!(two.status.code(), Some(2));
    assert_eq!(names(directory.path()), ["a.png", "a.wav"]);
}
