//! Whether each control does what it says: settings against what is measured in the notes, by rank.

mod knobs;
mod measures;

use crate::commands::{generate, values};
use crate::console::Console;
use crate::corpus;
use crate::error::{Error, Result};
use crate::recipe::{Choices, Recipe};
use crate::statistics::{mean, spearman};
use crate::style::Style;
use knobs::{KNOBS, Knob};
use rayon::prelude::*;
use riffsmith_dsp::Seed;
use riffsmith_dsp::score::Score;
use riffsmith_models::composer::{Composer, Part};
use riffsmith_models::of_score;
use riffsmith_models::piece::Piece;
use riffsmith_models::train::composer::Listener;
use serde::Serialize;
use std::path::PathBuf;
use std::sync::OnceLock;

/// Measure each control of the composer: Spearman's rank correlation between its setting and what it controls
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Style, see `riffsmith list styles`
    #[arg(long, default_value = "house")]
    style: String,
    /// Measure only this control; may be given several times
    #[arg(long, value_name = "NAME", value_parser = control_name)]
    control: Vec<String>,
    /// Settings of each control, 3 to 100; where there are fewer, each has more seeds
    #[arg(long, default_value = "20", value_parser = values::within(3..=100_u64))]
    settings: u64,
    /// Seeds of each setting, 1 to 1000
    #[arg(long, default_value = "20", value_parser = values::within(1..=1000_u64))]
    seeds: u64,
    /// Print the mean at each setting, too
    #[arg(long)]
    curves: bool,
    /// Weights file; the built-in one if not given
    #[arg(long, value_name = "FILE")]
    weights: Option<PathBuf>,
}

/// A loop that was written, and who hears it.
struct Heard<'a> {
    score: &'a Score,
    piece: &'a Piece,
    ear: &'a Ear,
}

/// Someone who knows our grooves, and listens to bass and lead. It takes some seconds to learn them, only when asked.
struct Ear {
    grooves: Vec<Piece>,
    listener: OnceLock<Listener>,
}

impl Ear {
    fn new() -> Result<Self> {
        Ok(Self { grooves: corpus::grooves()?, listener: OnceLock::new() })
    }

    fn surprise(&self, piece: &Piece) -> f64 {
        self.listener.get_or_init(|| Listener::new(&self.grooves, &[Part::Bass, Part::Lead])).surprise(piece)
    }
}

fn control_name(text: &str) -> std::result::Result<String, String> {
    if KNOBS.iter().any(|knob| knob.name == text) {
        return Ok(text.to_owned());
    }
    Err(format!("must be one of {}", KNOBS.map(|knob| knob.name).join(", ")))
}

#[derive(Serialize)]
struct Row {
    control: &'static str,
    measured: &'static str,
    loops: usize,
    least: f64,
    most: f64,
    spearman: f64,
    /// The same of the means at each setting.
    of_means: f64,
    /// Settings, and the mean of what is measured at each.
    curve: Vec<(f64, f64)>,
}

/// Prints the table.
///
/// # Errors
/// If the style or the weights cannot be read.
pub fn run(args: &Args, console: Console) -> Result<()> {
    let composer = generate::composer(args.weights.as_deref())?;
    let style = Style::find(&args.style)?;
    let (settings, seeds) = (args.settings, args.seeds);
    console.line(&format!(
        "{}, {settings} settings of {seeds} seeds each: of all loops, of the means; means at the ends",
        style.name
    ))?;
    let mut rows = Vec::new();
    let wanted = |name: &str| args.control.is_empty() || args.control.iter().any(|control| control == name);
    for knob in KNOBS.iter().filter(|knob| wanted(knob.name)) {
        let row = measure(knob, &style, [settings, seeds], &composer, console)?;
        let Row { control, measured, spearman, of_means, least, most, .. } = row;
        console.line(&format!("{control:12} {spearman:6.3} {of_means:6.3}  {least:8.2} to {most:8.2}  {measured}"))?;
        for (setting, mean) in row.curve.iter().filter(|_| args.curves) {
            console.line(&format!("    {setting:6.2}  {mean:8.3}"))?;
        }
        rows.push(row);
    }
    console.object(&rows)
}

fn measure(
    knob: &Knob,
    style: &Style,
    [settings, seeds]: [u64; 2],
    composer: &Composer,
    console: Console,
) -> Result<Row> {
    let spread = knob.settings.spread(settings);
    let seeds = (settings * seeds).div_ceil(spread.len() as u64);
    let ear = Ear::new()?;
    let progress = console.progress(knob.name, spread.len() as u64);
    let (mut points, mut curve) = (Vec::new(), Vec::new());
    for setting in &spread {
        let measured: Vec<f64> = (0..seeds)
            .into_par_iter()
            .map(|seed| {
                let (score, piece) = compose(style, knob, setting.value, seed, composer)?;
                Ok((knob.measure)(&Heard { score: &score, piece: &piece, ear: &ear }))
            })
            .collect::<Result<_>>()?;
        let rank = f64::from(setting.rank);
        curve.push((rank, mean(measured.iter().copied())));
        points.extend(measured.into_iter().map(|value| (rank, value)));
        progress.inc(1);
    }
    progress.finish_and_clear();
    let (least, most) = (curve[0].1, curve[curve.len() - 1].1);
    let (loops, of_means, spearman) = (points.len(), spearman(&curve), spearman(&points));
    Ok(Row { control: knob.name, measured: knob.measured, loops, least, most, spearman, of_means, curve })
}

fn compose(style: &Style, knob: &Knob, setting: f32, seed: u64, composer: &Composer) -> Result<(Score, Piece)> {
    let mut choices = Choices::default();
    (knob.set)(&mut choices, setting);
    let recipe = Recipe::resolve(style, &choices, Seed(seed), composer.hash()).map_err(Error::failed)?;
    let score = composer.compose(&recipe.brief(), recipe.seed.fork("compose"));
    let tags: Vec<String> = style.composer.styles.keys().cloned().collect();
    let piece = of_score(&score, &style.name, &tags, recipe.swing);
    Ok((score, piece))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_density_of_a_few_loops_follows_its_knob() {
        let composer = Composer::builtin().expect("built in");
        let style = Style::find("house").expect("a style");
        let row = measure(&KNOBS[0], &style, [3, 3], &composer, Console::default()).expect("composes");
        let [sparse, usual, busy] = [0, 1, 2].map(|index| row.curve[index].1);
        assert!(1.5 * sparse < usual && 1.2 * usual < busy, "{sparse} {usual} {busy}");
        assert_eq!((row.loops, row.curve.len(), row.control), (9, 3, "density"));
    }
}
