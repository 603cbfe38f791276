//! `riffsmith originality`: what MIDI files share with the training music, and with each other.

use crate::console::Console;
use crate::error::{Error, Result};
use crate::files;
use crate::pack::{Outline, corpus_distance, files_below};
use riffsmith_dsp::score::{Role, Score, midi};
use riffsmith_models::originality::Originality;
use serde::Serialize;
use std::path::{Path, PathBuf};

/// Report what MIDI files share with the music that the composer learnt from, and how alike they are
#[derive(Debug, clap::Args)]
pub struct Args {
    /// MIDI files, or folders of them
    #[arg(required = true, value_name = "FILE|DIR")]
    paths: Vec<PathBuf>,
    /// Index file, as riffsmith train originality writes it [default: the built-in one]
    #[arg(long, value_name = "FILE")]
    index: Option<PathBuf>,
}

#[derive(Serialize)]
struct Row {
    path: String,
    lead: Option<Found>,
    bass: Option<Found>,
    drums: Option<Found>,
    /// What is beyond the bounds, in words.
    copied: Vec<String>,
}

#[derive(Serialize)]
struct Found {
    length: usize,
    source: String,
}

#[derive(Serialize)]
struct Report {
    files: Vec<Row>,
    /// Mean and least distance of two files, 0 (the same) to 1; none for a single file.
    mean_distance: Option<f32>,
    least_distance: Option<f32>,
    /// The mean distance of two grooves of a style.
    corpus_distance: f32,
}

/// Prints the report; exit code 1 if something is a copy.
///
/// # Errors
/// If a file cannot be read, or something is a copy.
pub fn run(args: &Args, console: Console) -> Result<()> {
    let own;
    let index = match &args.index {
        Some(path) => {
            own = Originality::from_bytes(&files::read(path)?).map_err(|error| Error::file("use", path, error))?;
            &own
        }
        None => Originality::builtin(),
    };
    let paths = midi_files(&args.paths)?;
    let mut rows = Vec::new();
    let mut outlines = Vec::new();
    for path in &paths {
        let mut score = midi::read(&files::read(path)?).map_err(|error| Error::file("read", path, error))?;
        name_roles(&mut score);
        let found =
            |role| index.of_role(&score, role).map(|found| Found { length: found.length, source: found.source });
        let row = Row {
            path: path.display().to_string(),
            lead: found(Role::Lead),
            bass: found(Role::Bass),
            drums: found(Role::Drums),
            copied: index.copied(&score),
        };
        console.line(&row.path)?;
        for (what, unit, found) in
            [("lead", "notes", &row.lead), ("bass", "notes", &row.bass), ("drums", "bars", &row.drums)]
        {
            if let Some(found) = found {
                console.line(&format!("  {what}: {} {unit} in a row are in {}", found.length, found.source))?;
            }
        }
        row.copied.iter().try_for_each(|what| console.line(&format!("  copy: {what}")))?;
        outlines.push(Outline::of(&score));
        rows.push(row);
    }
    let copies = rows.iter().filter(|row| !row.copied.is_empty()).count();
    let distances: Vec<f32> = (0..outlines.len())
        .flat_map(|one| (0..one).map(move |other| (one, other)))
        .map(|(one, other)| outlines[one].distance(&outlines[other]))
        .collect();
    let mean = (!distances.is_empty()).then(|| distances.iter().sum::<f32>() / distances.len() as f32);
    let report = Report {
        mean_distance: mean,
        least_distance: distances.iter().copied().min_by(f32::total_cmp),
        corpus_distance: corpus_distance(),
        files: rows,
    };
    console.line(&format!("{} files, {copies} with a copy", report.files.len()))?;
    if let (Some(mean), Some(least)) = (report.mean_distance, report.least_distance) {
        console.line(&format!(
            "distance of two: mean {mean:.2}, least {least:.2}; of two of our grooves of a style: {:.2}",
            report.corpus_distance
        ))?;
    }
    console.object(&report)?;
    if copies > 0 { Err(Error::failed(format!("{copies} of {} files copy", report.files.len()))) } else { Ok(()) }
}

fn midi_files(paths: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let is_midi = |path: &Path| {
        path.extension().is_some_and(|end| end.eq_ignore_ascii_case("mid") || end.eq_ignore_ascii_case("midi"))
    };
    let mut found = Vec::new();
    for path in paths {
        if path.is_dir() {
            let below = files_below(path)?.into_iter().map(|name| path.join(name));
            let before = found.len();
            found.extend(below.filter(|path| is_midi(path)));
            if found.len() == before {
                return Err(Error::file("use", path, "it holds no MIDI files"));
            }
        } else {
            found.push(path.clone());
        }
    }
    Ok(found)
}

/// Tracks of other people's files say no roles: the highest melody is the lead, the lowest the bass.
fn name_roles(score: &mut Score) {
    if score.tracks.iter().any(|track| track.role.is_some() && !track.is_drums()) {
        return;
    }
    let height = |notes: &[riffsmith_dsp::score::Note]| {
        notes.iter().map(|note| f64::from(note.pitch.number())).sum::<f64>() / notes.len().max(1) as f64
    };
    let mut pitched: Vec<(usize, f64)> = score
        .tracks
        .iter()
        .enumerate()
        .filter(|(_, track)| !track.is_drums() && !track.notes.is_empty())
        .map(|(index, track)| (index, height(&track.notes)))
        .collect();
    pitched.sort_by(|a, b| a.1.total_cmp(&b.1));
    if let Some(&(highest, _)) = pitched.last() {
        score.tracks[highest].role = Some(Role::Lead);
    }
    if let [(lowest, height), _, ..] = pitched[..]
        && height < 55.0
    {
        score.tracks[lowest].role = Some(Role::Bass);
    }
}
