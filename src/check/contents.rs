//! The notes in a pack.

use super::Violation;
use crate::error::Result;
use crate::files;
use crate::pack::variety::Outline;
use rayon::prelude::*;
use riffsmith_dsp::score::{Score, midi};
use std::path::Path;

/// The MIDI files that are understood, and what is wrong with the others.
#[derive(Debug, Default)]
pub struct Scores {
    /// By path.
    pub scores: Vec<(String, Score)>,
    outlines: Vec<Outline>,
    /// What is wrong.
    pub violations: Vec<Violation>,
}

impl Scores {
    /// The notes of a loop: of the MIDI file that is called as it is.
    pub fn outline_of(&self, wav: &str) -> Option<&Outline> {
        let index = self.scores.iter().position(|(path, _)| stem(path) == stem(wav))?;
        self.outlines.get(index)
    }
}

/// Reads all MIDI files.
pub fn scores(directory: &Path, paths: &[String]) -> Result<Scores> {
    let is_midi = |path: &&String| {
        let path = path.to_lowercase();
        path.ends_with(".mid") || path.ends_with(".midi")
    };
    let read: Vec<(String, riffsmith_dsp::Result<Score>)> = paths
        .par_iter()
        .filter(is_midi)
        .map(|path| Ok((path.clone(), midi::read(&files::read(&directory.join(path))?))))
        .collect::<Result<_>>()?;
    let mut scores = Vec::new();
    let mut violations = Vec::new();
    for (path, score) in read {
        match score {
            Ok(score) if score.tracks.iter().all(|track| track.notes.is_empty()) => {
                violations.push(Violation { path, what: "it has no notes".to_owned() });
            }
            Ok(score) => scores.push((path, score)),
            Err(error) => violations.push(Violation { path, what: error.to_string() }),
        }
    }
    let outlines = scores.iter().map(|(_, score)| Outline::of(score)).collect();
    Ok(Scores { scores, outlines, violations })
}

/// The name of a file without its folders and its ending.
pub fn stem(path: &str) -> &str {
    let file = path.rsplit('/').next().unwrap_or(path);
    file.rsplit_once('.').map_or(file, |(stem, _)| stem)
}
