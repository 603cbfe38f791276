//! `riffsmith eval analysis`: `analyze` beside what experts have written down.

use crate::console::Console;
use crate::corpus;
use crate::error::{Error, Result};
use rayon::prelude::*;
use riffsmith_dsp::analysis::agreement::{Agreement, key_score};
use riffsmith_dsp::analysis::{Beats, chord_model, chords, keys, sounding};
use riffsmith_models::piece::Split;
use riffsmith_models::train::corpus::Files;
use riffsmith_models::train::corpus::annotated::{Annotated, SETS, Set};
use serde::Serialize;
use std::path::PathBuf;

/// Measure `analyze` against chords and keys that experts wrote
///
/// Chords: the share of time with the right root, and with the right root and third (MIREX's vocabulary). Keys: MIREX's score.
/// Beside each, what matching templates reaches: the triad that fits a beat best, the profile that correlates best. Weights were
/// found on training parts only, none with openewld.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Directory of data sets
    #[arg(long, value_name = "DIR")]
    corpus: PathBuf,
    /// Measure on the training parts, with which the weights were found
    #[arg(long)]
    train: bool,
}

#[derive(Serialize)]
struct Row {
    set: &'static str,
    what: &'static str,
    pieces: usize,
    /// Shares of the time: root, root and third.
    chords: Option<[f64; 2]>,
    chords_template: Option<[f64; 2]>,
    /// MIREX's score, and the share that is right.
    key: Option<[f64; 2]>,
    key_template: Option<[f64; 2]>,
    /// The same without what is known of the last and the first bass note.
    key_without_ends: Option<[f64; 2]>,
}

/// What one piece gives.
#[derive(Default)]
struct Measured {
    chords: Agreement,
    chords_template: Agreement,
    /// Scores of the key, of the baseline's, and without the ends.
    keys: Option<[f64; 3]>,
}

/// Prints the table.
///
/// # Errors
/// If there is none of the sets, or one cannot be read.
pub fn run(args: &Args, console: Console) -> Result<()> {
    let mut rows = Vec::new();
    console
        .line("share of time with the right root, and root and third; keys: MIREX score, and share that is right")?;
    for set in SETS {
        let Some(pieces) = read(set, args)? else { continue };
        let measured: Vec<Measured> = pieces.par_iter().map(measure).collect::<Result<_>>()?;
        let row = row(set, &measured);
        console.line(&format!("{:18} {:4} pieces: {}", row.set, row.pieces, row.what))?;
        let pair = |of: [f64; 2]| format!("{:.3} {:.3}", of[0], of[1]);
        if let (Some(own), Some(template)) = (row.chords, row.chords_template) {
            console.line(&format!("    chords {}   template {}", pair(own), pair(template)))?;
        }
        if let (Some(own), Some(template), Some(without)) = (row.key, row.key_template, row.key_without_ends) {
            let without = pair(without);
            console.line(&format!(
                "    key    {}   template {}   without ends {without}",
                pair(own),
                pair(template)
            ))?;
        }
        rows.push(row);
    }
    console.object(&rows)
}

/// The pieces that are measured; `None` if the set is not there. All of openewld is, since nothing was found with it.
fn read(set: &Set, args: &Args) -> Result<Option<Vec<Annotated>>> {
    let files = match set.directory {
        None => Files::new([]).map_err(Error::failed)?,
        Some(directory) => {
            let directory = args.corpus.join(directory);
            if !directory.is_dir() {
                return Ok(None);
            }
            corpus::data_set(&directory)?
        }
    };
    let mut pieces = (set.read)(&files).map_err(Error::failed)?;
    let is_unseen = set.directory == Some("openewld-strict");
    pieces.retain(|piece| if is_unseen { !args.train } else { (piece.split == Split::Train) == args.train });
    Ok(Some(pieces).filter(|pieces| !pieces.is_empty()))
}

fn measure(piece: &Annotated) -> Result<Measured> {
    let beats = Beats::new(&piece.score, sounding::end(&piece.score))?;
    let heard = sounding::sounding(&piece.score, &beats);
    let found = keys::keys(&heard, &beats, &keys::WEIGHTS);
    let spans = chords::chords(&heard, &beats, &found, &chord_model::WEIGHTS);
    let line: Vec<_> = spans.iter().map(|span| (span.start, span.end, span.chord)).collect();
    let template: Vec<_> =
        beats.beats.iter().zip(chords::template(&heard)).map(|(beat, chord)| (beat.start, beat.end, chord)).collect();
    let middle = keys::Weights { ending: 0.0, opening: 0.0, ..keys::WEIGHTS };
    let without = keys::keys(&heard, &beats, &middle).home.map(|(key, _)| key);
    let keys = piece.key.map(|truth| {
        let score = |key: Option<_>| key.map_or(0.0, |key| key_score(truth, key));
        [score(found.home.map(|(key, _)| key)), score(keys::template(&heard)), score(without)]
    });
    Ok(Measured {
        chords: Agreement::of(&piece.chords, &line),
        chords_template: Agreement::of(&piece.chords, &template),
        keys,
    })
}

fn row(set: &Set, measured: &[Measured]) -> Row {
    let chords = |of: fn(&Measured) -> &Agreement| {
        let mut sum = Agreement::default();
        measured.iter().for_each(|piece| sum.join(of(piece)));
        (sum.root_of > 0).then(|| sum.shares())
    };
    let keys: Vec<[f64; 3]> = measured.iter().filter_map(|piece| piece.keys).collect();
    let key = |index: usize| {
        let scores = || keys.iter().map(|scores| scores[index]);
        let count = keys.len() as f64;
        let right = scores().filter(|&score| score == 1.0).count() as f64;
        (!keys.is_empty()).then(|| [scores().sum::<f64>() / count, right / count])
    };
    Row {
        set: set.name,
        what: set.what,
        pieces: measured.len(),
        chords: chords(|piece| &piece.chords),
        chords_template: chords(|piece| &piece.chords_template),
        key: key(0),
        key_template: key(1),
        key_without_ends: key(2),
    }
}
