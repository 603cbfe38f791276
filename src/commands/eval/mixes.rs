//! How the finished mixes of each style measure, over all its sets of sounds.

use crate::commands::{generate, values};
use crate::console::Console;
use crate::error::{Error, Result};
use crate::pipeline::{self, Song};
use crate::recipe::{Choices, Recipe};
use crate::statistics::mean;
use crate::style::Style;
use rayon::prelude::*;
use riffsmith_dsp::mix::octave_levels_db;
use riffsmith_dsp::seam::seam_score;
use riffsmith_dsp::spectral::Edges;
use riffsmith_dsp::{Seed, levels, loudness};
use riffsmith_models::composer::Composer;
use serde::Serialize;

/// Measure finished mixes of each style, with each of its sets of sounds: loudness, peaks, balance, stereo, seam
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Loops of each set of sounds, 1 to 1000
    #[arg(long, default_value = "3", value_parser = values::within(1..=1000_u64))]
    loops: u64,
    /// Only these styles [default: all]
    #[arg(long, value_delimiter = ',')]
    styles: Vec<String>,
}

/// Below this the low end should be in the middle, in Hz: where subwoofers take over, and where vinyl cannot hold sides.
const LOW_HZ: f64 = 120.0;

/// What one loop measures.
struct Measured {
    missing_lu: f64,
    true_peak_dbtp: f64,
    crest_db: f64,
    correlation: f64,
    low_side_db: f64,
    seam: f64,
    octaves_db: Vec<f64>,
}

/// A style's loops together.
#[derive(Serialize)]
struct Row {
    style: String,
    loops: usize,
    target_lufs: f32,
    /// Loudness re the target: mean, and the quietest loop.
    missing_lu: [f64; 2],
    /// The highest.
    true_peak_dbtp: f64,
    crest_db: f64,
    /// Of left and right: the least.
    correlation: f64,
    /// Side re middle below 120 Hz: the widest.
    low_side_db: f64,
    /// The worst.
    seam: f64,
    /// Mean level of each octave re the style's balance; none for styles without.
    octaves_db: Vec<f64>,
    /// Mean of their absolute values.
    balance_error_db: Option<f64>,
}

/// Prints the table.
///
/// # Errors
/// If a style cannot be read.
pub fn run(args: &Args, console: Console) -> Result<()> {
    let styles = match &args.styles[..] {
        [] => Style::builtin(),
        names => names.iter().map(|name| Style::find(name)).collect::<Result<_>>()?,
    };
    let composer = generate::composer(None)?;
    let progress = console.progress("mixes", styles.len() as u64);
    console.line("| style | loops | target, LUFS | re target: mean, least | true peak, dBTP | crest, dB | correlation, least | side re middle below 120 Hz, most, dB | seam, worst | octaves from 20 Hz re the style's balance, dB | mean error, dB |")?;
    console.line("|---|---:|---:|---|---:|---:|---:|---:|---:|---|---:|")?;
    let mut rows = Vec::new();
    for style in styles {
        let row = measure(&style, args.loops, &composer)?;
        progress.inc(1);
        console.line(&line(&row))?;
        rows.push(row);
    }
    progress.finish_and_clear();
    console.object(&rows)
}

fn measure(style: &Style, loops: u64, composer: &Composer) -> Result<Row> {
    let wanted: Vec<(&str, u64)> =
        style.sets.iter().flat_map(|set| (1..=loops).map(|seed| (set.name.as_str(), seed))).collect();
    let all: Vec<Measured> = wanted
        .into_par_iter()
        .map(|(sounds, seed)| {
            let choices = Choices { sounds: Some(sounds.to_owned()), bars: Some(4), ..Choices::default() };
            let recipe = Recipe::resolve(style, &choices, Seed(seed), composer.hash()).map_err(Error::failed)?;
            Ok(of(&pipeline::generate(&recipe, composer), style.master.target_lufs))
        })
        .collect::<Result<_>>()?;
    let least = |value: fn(&Measured) -> f64| all.iter().map(value).fold(f64::INFINITY, f64::min);
    let most = |value: fn(&Measured) -> f64| all.iter().map(value).fold(f64::NEG_INFINITY, f64::max);
    let balance = style.master.balance.iter().flat_map(|balance| balance.octaves_db.iter().enumerate());
    let octaves_db: Vec<f64> =
        balance.map(|(octave, own)| mean(all.iter().map(|one| one.octaves_db[octave])) - f64::from(*own)).collect();
    let error_db = mean(octaves_db.iter().map(|difference| difference.abs()));
    Ok(Row {
        style: style.name.clone(),
        loops: all.len(),
        target_lufs: style.master.target_lufs,
        missing_lu: [mean(all.iter().map(|one| one.missing_lu)), least(|one| one.missing_lu)],
        true_peak_dbtp: most(|one| one.true_peak_dbtp),
        crest_db: mean(all.iter().map(|one| one.crest_db)),
        correlation: least(|one| one.correlation),
        low_side_db: most(|one| one.low_side_db),
        seam: most(|one| one.seam),
        balance_error_db: (!octaves_db.is_empty()).then_some(error_db),
        octaves_db,
    })
}

fn of(song: &Song, target_lufs: f32) -> Measured {
    let levels = levels::measure(&song.audio);
    let loudness = loudness::measure(&song.audio);
    Measured {
        missing_lu: f64::from(loudness.integrated_lufs - target_lufs),
        true_peak_dbtp: f64::from(loudness.true_peak_dbtp),
        crest_db: f64::from(levels.crest_db().unwrap_or_default()),
        correlation: f64::from(levels.correlation.unwrap_or(1.0)),
        low_side_db: f64::from(levels::side_below_db(&song.audio, LOW_HZ, Edges::Loop)),
        seam: f64::from(seam_score(&song.audio)),
        octaves_db: octave_levels_db(&song.audio, Edges::Loop).map(f64::from).to_vec(),
    }
}

fn line(row: &Row) -> String {
    let octaves: Vec<String> = row.octaves_db.iter().map(|difference| format!("{difference:+.0}")).collect();
    format!(
        "| {} | {} | {:.1} | {:+.1}, {:+.1} | {:.2} | {:.1} | {:.2} | {:.0} | {:.2} | {} | {} |",
        row.style,
        row.loops,
        row.target_lufs,
        row.missing_lu[0],
        row.missing_lu[1],
        row.true_peak_dbtp,
        row.crest_db,
        row.correlation,
        row.low_side_db,
        row.seam,
        octaves.join(" "),
        row.balance_error_db.map_or_else(|| "-".to_owned(), |error| format!("{error:.1}"))
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mixes_of_a_style_reach_their_target_below_the_ceiling() {
        let style = Style::find("lofi").expect("built in");
        let row = measure(&style, 1, &Composer::builtin().expect("built in")).expect("renders");
        assert_eq!(row.loops, style.sets.len());
        assert!(row.missing_lu[1] > -1.0 && row.missing_lu[0] < 0.5, "{:?}", row.missing_lu);
        assert!(row.true_peak_dbtp < -1.0 && row.seam < 1.0, "{} {}", row.true_peak_dbtp, row.seam);
        assert!((-60.0..-6.0).contains(&row.low_side_db), "{}", row.low_side_db);
        assert_eq!(row.octaves_db.len(), 9);
        assert!(row.balance_error_db.is_some_and(|error| error < 4.0), "{:?}", row.octaves_db);
        assert!(line(&row).starts_with("| lofi | "));
    }
}
