//! The absences that ARCHITECTURE.md promises, looked for in the sources.

use std::fs;
use std::path::{Path, PathBuf};

/// Rust files below a folder of the repository, tests left out.
fn sources(folder: &str) -> Vec<PathBuf> {
    let mut open = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    let mut found = Vec::new();
    while let Some(path) = open.pop() {
        if path.is_dir() {
            let entries = fs::read_dir(&path).expect("readable");
            open.extend(entries.map(|entry| entry.expect("an entry").path()));
        } else if path.extension().is_some_and(|ending| ending == "rs") && path.file_name() != Some("tests.rs".as_ref())
        {
            found.push(path);
        }
    }
    assert!(!found.is_empty(), "no sources in {folder}");
    found
}

/// The lines of code below `folders` that hold one of `words`, comments and test modules left out.
fn users(folders: &[&str], words: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for path in folders.iter().flat_map(|folder| sources(folder)) {
        let text = fs::read_to_string(&path).expect("UTF-8");
        let code = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
        let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
        for line in lines.filter(|line| words.iter().any(|word| line.contains(word))) {
            found.push(format!("{}: {}", path.display(), line.trim()));
        }
    }
    found
}

#[test]
fn the_libraries_touch_no_files_clock_entropy_environment_or_terminal() {
    let outside = [
        "std::fs",
        "stdin",
        "stdout",
        "stderr",
        "std::env",
        "std::process",
        "std::net",
        "Instant",
        "SystemTime",
        "RandomState",
        "println!",
    ];
    let users = users(&["dsp/src", "models/src"], &outside);
    assert!(users.is_empty(), "{users:#?}");
}

#[test]
fn each_outside_library_has_one_home() {
    for (library, home) in [
        ("hound", "src/wav/"),
        ("cpal", "src/device/"),
        ("midir", "src/midi_in.rs"),
        ("ratatui", "src/audition/view/"),
        ("signal_hook", "src/audition/view/"),
        ("ropus", "src/pack/page/opus.rs"),
        ("ogg", "src/pack/page/opus.rs"),
        ("rubato", "dsp/src/resample.rs"),
        ("midly", "dsp/src/score/midi/"),
        ("tiny_skia", "src/pack/cover/picture.rs"),
        ("rustysynth", "dsp/src/soundfont.rs"),
        ("cmaes", "dsp/src/fit/"),
        ("flate2", "models/src/train/corpus/packed/"),
        ("roxmltree", "models/src/train/corpus/musicxml/"),
        ("burn", "models/src/"),
    ] {
        let words = [format!("use {library}::"), format!(" {library}::")];
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let users = users(&["src", "dsp/src", "models/src"], &words);
        assert!(!users.is_empty(), "{library} is not used");
        let home = Path::new(env!("CARGO_MANIFEST_DIR")).join(home);
        let strays: Vec<&String> = users.iter().filter(|user| !user.starts_with(&*home.to_string_lossy())).collect();
        assert!(strays.is_empty(), "{library}: {strays:#?}");
    }
}

#[test]
fn sound_knows_no_networks_and_networks_no_product() {
    let upwards =
        [users(&["dsp/src"], &["riffsmith_models"]), users(&["dsp/src", "models/src"], &["riffsmith::"])].concat();
    assert!(upwards.is_empty(), "{upwards:#?}");
}
