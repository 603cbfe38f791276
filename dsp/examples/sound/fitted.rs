//! Patches beside the recordings that they were fitted to. Without the recordings: `hits` is a folder of WAV files at 44.1 kHz
//! (sonic-pi-samples as `sp/NAME.wav`, hydrogen's Audiophob kit as `ap/NAME.wav`), `soundfont` is FluidR3_GM.sf2.
//!
//!     sound fitted HITS SOUNDFONT BEFORE           the table; BEFORE is a folder of the patches before
//!     sound fitted HITS SOUNDFONT BEFORE FIT OUT   also fits the rows whose name has FIT in it, into the folder OUT

mod plan;
mod sources;

use plan::{PLAN, Row};
use rayon::prelude::*;
use riffsmith_dsp::Seed;
use riffsmith_dsp::fit::{FitSettings, fit};
use riffsmith_dsp::patch::{self, Patch};
use sources::Sources;
use std::path::Path;

/// Patches that one fit of a drum listens to, and of anything else.
const EVALUATIONS: [usize; 2] = [600, 300];

/// Prints the table, after fitting if asked to.
pub fn run(arguments: &[String]) {
    let [hits, soundfont, before, rest @ ..] = arguments else {
        println!("usage: fitted HITS SOUNDFONT BEFORE [FIT OUT]");
        return;
    };
    let sources = Sources::open(Path::new(hits), Path::new(soundfont));
    if let [fitted, out] = rest {
        let mut patches: Vec<&str> = PLAN.iter().map(|row| row.patch).collect();
        patches.dedup();
        for name in patches {
            let rows: Vec<&Row> =
                PLAN.iter().filter(|row| row.patch == name && row.name().contains(fitted.as_str())).collect();
            if !rows.is_empty() {
                fit_patch(&rows, &sources, Path::new(before), Path::new(out));
            }
        }
    } else {
        table(&sources, Path::new(before));
    }
}

/// Fits one patch's rows one after the other; writes it after each.
fn fit_patch(rows: &[&Row], sources: &Sources, before: &Path, out: &Path) {
    let path = out.join(format!("{}.toml", rows[0].patch));
    let start = read(before, rows[0].patch);
    let mut patch = if path.exists() { read(out, rows[0].patch) } else { start.clone() };
    for row in rows {
        let Some(target) = sources.target(row, &start) else { continue };
        let evaluations = EVALUATIONS[usize::from(!row.is_drum())];
        let settings = FitSettings { evaluations, seed: Seed(1) };
        let fitted = fit(&patch, row.part(), &target, settings, &|_| ());
        println!("{}: {:.2} -> {:.2} dB", row.name(), target.distance_db(&start), fitted.after_db);
        patch = fitted.patch;
        std::fs::write(&path, patch.to_toml()).expect("writable");
    }
}

fn table(sources: &Sources, before: &Path) {
    println!("| patch | target | licence | before, dB | after, dB | nearest other class | at, dB |");
    println!("|---|---|---|---|---|---|---|");
    let lines: Vec<Option<(String, f32, f32)>> = PLAN
        .par_iter()
        .map(|row| {
            let start = read(before, row.patch);
            let target = sources.target(row, &start)?;
            let now = patch::find(row.patch).expect("built in");
            let (from, to) = (target.distance_db(&start), target.distance_db(&now));
            let (other, at) = nearest_other(row, &now, sources);
            let line = format!(
                "| {} | {} | {} | {from:.2} | {to:.2} | {other} | {at:.2} |",
                row.name(),
                row.source(),
                row.licence()
            );
            Some((line, 1.0 - to / from, at - to))
        })
        .collect();
    lines.iter().flatten().for_each(|(line, ..)| println!("{line}"));
    let mut gains: Vec<f32> = lines.iter().flatten().map(|(_, gain, _)| *gain).collect();
    gains.sort_by(f32::total_cmp);
    let confused = lines.iter().flatten().filter(|(.., margin)| *margin <= 0.0).count();
    println!(
        "\n{} rows; median {:.0} % nearer than before; {confused} nearer to another class",
        gains.len(),
        100.0 * gains[gains.len() / 2]
    );
}

/// The target of another class that a row's patch comes nearest to, and its distance.
fn nearest_other(row: &Row, patch: &Patch, sources: &Sources) -> (String, f32) {
    let others = PLAN.iter().filter(|other| other.class != row.class && other.is_drum() == row.is_drum());
    let mut nearest = (String::new(), f32::INFINITY);
    for other in others {
        let Some(target) = sources.target_as(other, row, patch) else { continue };
        let distance = target.distance_db(patch);
        if distance < nearest.1 {
            nearest = (format!("{} ({})", other.class, other.source()), distance);
        }
    }
    nearest
}

fn read(folder: &Path, name: &str) -> Patch {
    let path = folder.join(format!("{name}.toml"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    Patch::from_toml(&text).expect("a patch")
}
