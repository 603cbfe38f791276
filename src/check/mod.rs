//! Checks a pack as a buyer's most careful engineer would: every file, and all of them together. Works on anyone's packs; what is
//! known of a pack, by its manifest or its files' own words, is held against what is measured.

mod alike;
mod contents;
mod files;
mod presets;
mod sound;

use crate::error::Result;
use crate::pack::{Kind, Manifest, Row, corpus_distance, files_below};
use rayon::prelude::*;
use riffsmith_dsp::score::Role;
use riffsmith_models::originality::Originality;
use serde::Serialize;
use std::path::Path;

/// Something that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Violation {
    /// The file, by its path within the pack; empty for the pack as a whole.
    pub path: String,
    /// What is wrong.
    pub what: String,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Findings {
    /// Files looked at.
    pub files: usize,
    /// Sounds among them.
    pub sounds: usize,
    /// Whether a manifest came with them.
    pub has_manifest: bool,
    /// False for a pack whose making was stopped.
    pub complete: bool,
    /// Mean distance of each two loops of a kind, 0.0 (all the same) to 1.0; `None` for less than two.
    pub loop_distance: Option<f32>,
    /// The least distance of two loops of a kind, and which they are.
    pub nearest_loops: Option<(f32, String, String)>,
    /// The same for the grooves that the networks learnt from: mean distance of each two of a style.
    pub corpus_distance: f32,
    /// The longest stretch of a loop's notes that is in those grooves, in notes, and where.
    pub longest_match: Option<Match>,
    /// All that is not as it should be, by file.
    pub violations: Vec<Violation>,
}

/// Checks the pack in `directory`.
///
/// # Errors
/// If it cannot be read.
pub fn check(directory: &Path) -> Result<Findings> {
    let paths = files_below(directory)?;
    let manifest = files::manifest(directory, &paths)?;
    let rows = manifest.as_ref().map(|manifest| manifest.files.as_slice()).unwrap_or_default();
    let row = |path: &str| rows.iter().find(|row| row.path == path);

    let wavs: Vec<&String> = paths.iter().filter(|path| path.to_lowercase().ends_with(".wav")).collect();
    let sounds: Vec<sound::Heard> =
        wavs.par_iter().map(|path| sound::hear(directory, path, row(path))).collect::<Result<_>>()?;
    let scores = contents::scores(directory, &paths)?;

    let mut violations: Vec<Violation> = sounds.iter().flat_map(|heard| heard.violations.clone()).collect();
    violations.extend(scores.violations.clone());
    violations.extend(files::listed(directory, &paths, manifest.as_ref())?);
    violations.extend(presets::check(directory, &paths)?);
    let alike = alike::compare(&sounds, &scores, rows);
    violations.extend(alike.violations);
    let (longest_match, copied) = originality(&scores, rows);
    violations.extend(copied);
    violations.sort();
    Ok(Findings {
        files: paths.len(),
        sounds: sounds.len(),
        has_manifest: manifest.is_some(),
        complete: manifest.as_ref().is_none_or(|manifest: &Manifest| manifest.complete),
        loop_distance: alike.mean,
        nearest_loops: alike.nearest,
        corpus_distance: corpus_distance(),
        longest_match,
        violations,
    })
}

/// A stretch of notes that is in the training music too.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Match {
    /// The MIDI file.
    pub path: String,
    /// The piece.
    pub source: String,
    /// Notes in a row.
    pub notes: usize,
}

/// The longest stretch of a lead or bass that is in the training music, and what goes beyond the bounds.
fn originality(scores: &contents::Scores, rows: &[Row]) -> (Option<Match>, Vec<Violation>) {
    let index = Originality::builtin();
    let is_loop = |path: &str| {
        rows.is_empty()
            || rows.iter().any(|row| row.kind == Kind::Loop && contents::stem(&row.path) == contents::stem(path))
    };
    let mut longest: Option<Match> = None;
    let mut violations = Vec::new();
    for (path, score) in scores.scores.iter().filter(|(path, _)| is_loop(path)) {
        violations.extend(index.copied(score).into_iter().map(|what| Violation { path: path.clone(), what }));
        for found in [Role::Lead, Role::Bass].into_iter().filter_map(|role| index.of_role(score, role)) {
            if longest.as_ref().is_none_or(|longest| found.length > longest.notes) {
                longest = Some(Match { path: path.clone(), source: found.source, notes: found.length });
            }
        }
    }
    (longest, violations)
}
