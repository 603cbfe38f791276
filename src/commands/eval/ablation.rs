//! `riffsmith eval ablation`: what style, chords and the other roles are worth to the networks.

use crate::commands::values;
use crate::console::Console;
use crate::corpus;
use crate::error::{Error, Result};
use crate::statistics::{deviation, mean};
use riffsmith_dsp::Seed;
use riffsmith_models::composer::Part;
use riffsmith_models::train::Watch;
use riffsmith_models::train::composer::{Plan, Progress, Start, Without, test_loss, train};
use serde::Serialize;
use std::path::PathBuf;

/// Train networks that hear all, and others that hear no style, no chords or no other roles, and compare them
#[derive(Debug, clap::Args)]
#[command(
    after_help = "All networks of a part and a seed have the same sizes, initial weights, windows, steps and rates; what is hidden is \
    blank in training and wherever they are measured. They are for comparison only: no weights are written."
)]
pub struct Args {
    /// A file of `corpus build`, or a directory of data sets
    #[arg(long, value_name = "PATH")]
    corpus: PathBuf,
    /// Measure only this part; may be given several times
    #[arg(long, value_name = "PART", value_parser = values::part)]
    part: Vec<Part>,
    /// Share of the steps that the shipped weights were trained with, 0.01 to 1
    #[arg(long, default_value = "0.125", value_parser = values::within(0.01..=1.0_f64))]
    share: f64,
    /// Seeds, each a training of every network, 1 to 100
    #[arg(long, default_value = "1", value_parser = values::within(1..=100_u64))]
    seeds: u64,
    /// The first seed
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// Networks that differ in their seed only.
#[derive(Serialize)]
struct Row {
    part: &'static str,
    without: Option<&'static str>,
    steps: u32,
    /// Nats per note, by seed: the least on validation pieces, and that network's on the test pieces.
    validation: Vec<f64>,
    test: Vec<f64>,
}

/// Trains and prints, network after network.
///
/// # Errors
/// If the corpus cannot be read or lacks a part.
pub fn run(args: &Args, console: Console) -> Result<()> {
    let pieces = corpus::read(&args.corpus, console)?;
    console.line("nats per note; in brackets how much more than the network that hears all")?;
    console.line("part     without  steps    validation          test")?;
    let mut rows: Vec<Row> = Vec::new();
    for part in Part::ALL.into_iter().filter(|part| args.part.is_empty() || args.part.contains(part)) {
        let hidden = Without::ALL.into_iter().filter(|without| without.concerns(part)).map(Some);
        let first = rows.len();
        for without in [None].into_iter().chain(hidden) {
            let plan = Plan { without, ..Plan::shortened(part, args.share) };
            let name = without.map(Without::name);
            let mut row =
                Row { part: part.name(), without: name, steps: plan.steps, validation: Vec::new(), test: Vec::new() };
            for seed in args.seed..args.seed + args.seeds {
                let plan = Plan { seed: Seed(seed), ..plan.clone() };
                let mut teller = Teller { console, without: name.unwrap_or("nothing"), seed };
                let trained = train(&pieces, &plan, Start::Fresh, &mut teller).map_err(Error::failed)?;
                row.validation.push(trained.validation);
                row.test.push(test_loss(&pieces, &trained, without).per_note());
            }
            console.line(&line(&row, rows.get(first)))?;
            rows.push(row);
        }
    }
    console.object(&rows)
}

fn line(row: &Row, full: Option<&Row>) -> String {
    let column = |own: &[f64], full: Option<&[f64]>| {
        let more = full.map_or(String::new(), |full| {
            let differences: Vec<f64> = own.iter().zip(full).map(|(own, full)| own - full).collect();
            let spread = if own.len() > 1 { format!(" sd {:.3}", deviation(&differences)) } else { String::new() };
            format!(" ({:+.3}{spread})", mean(differences.iter().copied()))
        });
        format!("{:.3}{more}", mean(own.iter().copied()))
    };
    let validation = column(&row.validation, full.map(|full| &full.validation[..]));
    let test = column(&row.test, full.map(|full| &full.test[..]));
    format!("{:8} {:8} {:5}    {validation:18}  {test}", row.part, row.without.unwrap_or("nothing"), row.steps)
}

/// Tells how far a training is. Its steps end it, not the clock, so that all are trained alike.
struct Teller {
    console: Console,
    without: &'static str,
    seed: u64,
}

impl Watch<Progress> for Teller {
    fn elapsed_s(&mut self) -> f64 {
        0.0
    }

    fn progress(&mut self, Progress { part, step, training, validation, .. }: &Progress) {
        let (part, validation) = (part.name(), validation.per_note());
        self.console.note(&format!(
            "{part} without {}, seed {}: step {step}  training {training:.3}  validation {validation:.3}",
            self.without, self.seed
        ));
    }

    fn checkpoint(&mut self, _: &[u8]) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_how_much_more_is_lost_seed_by_seed() {
        let row = |without, validation: &[f64]| Row {
            part: "lead",
            without,
            steps: 8,
            validation: validation.to_vec(),
            test: vec![4.0; validation.len()],
        };
        let full = row(None, &[3.0, 3.2]);
        assert!(
            line(&full, None).contains("lead     nothing      8    3.100               4.000"),
            "{}",
            line(&full, None)
        );
        let blind = line(&row(Some("chord"), &[3.3, 3.7]), Some(&full));
        assert!(blind.contains("3.500 (+0.400 sd 0.100)") && blind.contains("4.000 (+0.000 sd 0.000)"), "{blind}");
    }
}
