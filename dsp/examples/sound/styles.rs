//! The styles' mixes with their first set of sounds, and a score that they all can play.

use riffsmith_dsp::mix::Mix;
use riffsmith_dsp::score::{Meter, Note, Pitch, Role, Score, Tempo, Ticks, Track, Velocity};
use std::path::PathBuf;

/// Each style's name and mix, in alphabetical order.
pub fn mixes() -> Vec<(String, Mix)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../samples/styles");
    let entries = std::fs::read_dir(folder).expect("the styles").map(|entry| entry.expect("readable").path());
    let mut paths: Vec<PathBuf> =
        entries.filter(|path| path.extension().is_some_and(|ending| ending == "toml")).collect();
    paths.sort();
    let named = |path: PathBuf| {
        let text = std::fs::read_to_string(&path).expect("readable");
        (path.file_stem().expect("a name").to_string_lossy().into_owned(), mix_of(&text))
    };
    paths.into_iter().map(named).collect()
}

fn mix_of(style: &str) -> Mix {
    let style: toml::Table = style.parse().expect("TOML");
    let mut mix = style["mix"].clone();
    // The first sound of the first set for each part.
    for (role, channel) in mix["channels"].as_table_mut().expect("channels") {
        let channel = channel.as_table_mut().expect("a channel");
        channel.insert("patch".to_owned(), style["sets"][0][role.as_str()][0].clone());
    }
    mix.try_into().expect("a mix")
}

/// Four bars of drums, bass, chords and lead.
pub fn score() -> Score {
    let line = |role, channel, pitches: &[u8], step: u32| {
        let notes = (0..4 * 1920 / step).map(|index| Note {
            start: Ticks(index * step),
            pitch: Pitch::new(pitches[index as usize % pitches.len()]),
            length: Ticks(step),
            velocity: Velocity::new(70 + (index % 5) as u8 * 10),
        });
        Track { role: Some(role), channel, notes: notes.collect(), ..Track::default() }
    };
    let mut score = Score::empty(Ticks(4 * 1920), Tempo::new(125.0).expect("valid"), Meter::COMMON);
    score.tracks = vec![
        line(Role::Drums, 9, &[36, 42, 38, 42, 36, 46], 120),
        line(Role::Bass, 0, &[33, 33, 36, 31], 120),
        line(Role::Chords, 1, &[57, 60, 64, 67], 240),
        line(Role::Lead, 2, &[69, 72, 76], 120),
    ];
    score
}
