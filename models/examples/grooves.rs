//! Reviews grooves on disk: what cannot be read, what a groove must keep, the traits of its style, and grooves too near to others.
//!
//!     cargo run --release -p riffsmith-models --example grooves -- samples/grooves/house/*.groove

#![allow(clippy::print_stdout, reason = "a report for people is all that it makes")]

use riffsmith_models::groove::{self, review};
use riffsmith_models::piece::Piece;
use riffsmith_models::traits::Trait;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(Deserialize)]
struct Style {
    tempo_bpm: [f64; 2],
    #[serde(default)]
    traits: Vec<Trait>,
}

fn main() -> ExitCode {
    let mut faults = 0;
    let mut fault = |what: String| {
        println!("{what}");
        faults += 1;
    };
    let mut folders: BTreeMap<PathBuf, Vec<Piece>> = BTreeMap::new();
    for path in std::env::args().skip(1).map(PathBuf::from) {
        let folder = path.parent().unwrap_or(Path::new("."));
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        let name = format!("{name}/{}", path.file_name().unwrap_or_default().to_string_lossy());
        match std::fs::read_to_string(&path)
            .map_err(|error| error.to_string())
            .and_then(|text| groove::read(&name, &text).map_err(|error| error.to_string()))
        {
            Ok(piece) => folders.entry(folder.to_owned()).or_default().push(piece),
            Err(error) => fault(format!("{}: {error}", path.display())),
        }
    }
    for (folder, pieces) in &folders {
        let style = style_of(folder);
        if let Err(reason) = &style {
            fault(format!("{}: {reason}", folder.display()));
        }
        for (index, piece) in pieces.iter().enumerate() {
            review::faults(piece).into_iter().for_each(|what| fault(format!("{}: {what}", piece.source)));
            pieces[..index].iter().filter_map(|other| review::too_near(other, piece)).for_each(&mut fault);
            let Ok(style) = &style else { continue };
            let bpm = piece.bpm.unwrap_or_default();
            // A style is drawn in the middle of what is played.
            if !(0.75 * style.tempo_bpm[0]..=1.25 * style.tempo_bpm[1]).contains(&bpm) {
                fault(format!("{}: {bpm} BPM, but the style has {:?}", piece.source, style.tempo_bpm));
            }
            for own in style.traits.iter().filter(|own| !own.rule.holds(piece)) {
                let value = own.rule.measured(piece).unwrap_or_default();
                fault(format!("{}: {:?} is {value:.2}, not {:?}", piece.source, own.what, own.rule.within()));
            }
        }
        println!("\n{}: {} grooves", folder.display(), pieces.len());
        for own in style.iter().flat_map(|style| &style.traits) {
            let mut values: Vec<f32> = pieces.iter().filter_map(|piece| own.rule.measured(piece)).collect();
            values.sort_by(f32::total_cmp);
            if let (Some(least), Some(most)) = (values.first(), values.last()) {
                let median = values[values.len() / 2];
                println!("  {:40} {least:.2} {median:.2} {most:.2}  within {:?}", own.what, own.rule.within());
            }
        }
    }
    println!("\n{faults} faults");
    if faults == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The style whose grooves these are: `samples/grooves/house` belongs to `samples/styles/house.toml`.
fn style_of(folder: &Path) -> Result<Style, String> {
    let name = folder.file_name().unwrap_or_default();
    let path = folder.join("../../styles").join(name).with_extension("toml");
    let text = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    toml::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))
}
