//! What a training was worth, in plain words.

use super::Args;
use super::material::Material;
use crate::console::Console;
use crate::corpus;
use crate::error::{Error, Result};
use crate::pack::Stop;
use crate::plot::Curve;
use crate::recipe::{Choices, Recipe};
use crate::style::Style;
use rayon::prelude::*;
use riffsmith_dsp::Seed;
use riffsmith_dsp::score::{Role, Score};
use riffsmith_models::composer::{Composer, Part};
use riffsmith_models::originality::{Match, Originality, bound, build};
use riffsmith_models::piece::{Event, Piece, Split};
use riffsmith_models::train::composer::{Copies, Judged, Losses, Progress, Trained, Verdict, held_out_losses, judge};
use serde_json::json;

/// Loops written to look for copies, and their bars.
const LOOPS: u64 = 48;
const LOOP_BARS: u32 = 8;

/// A part's training as it went.
pub struct Trial {
    /// The network.
    pub trained: Trained,
    /// What was told on the way.
    pub progress: Vec<Progress>,
    /// How long it took.
    pub seconds: f64,
}

/// A part's training and what it was worth; not judged where it was stopped.
struct Row<'a> {
    trial: &'a Trial,
    judged: Option<Judged>,
    copies: Option<Copies>,
    /// On the built-in grooves that no training hears.
    grooves: Option<Losses>,
}

/// The report of a training.
pub struct Report<'a> {
    material: &'a Material,
    rows: Vec<Row<'a>>,
}

impl<'a> Report<'a> {
    /// Judges the networks `after` beside those `before`; only says how it went where `stop` was asked for.
    ///
    /// # Errors
    /// If a style cannot be read.
    pub fn new(
        material: &'a Material,
        trials: &'a [Trial],
        before: &Composer,
        after: &Composer,
        style: Option<&Style>,
        stop: &Stop,
    ) -> Result<Self> {
        let pieces = &material.corpus.pieces;
        let loops = if stop.asked() { Vec::new() } else { compose(after, style)? };
        let (index, _) = build(pieces);
        let grooves = corpus::grooves()?;
        let row = |trial: &'a Trial| {
            let part = trial.trained.part;
            let judged = (!stop.asked()).then(|| judge(pieces, part, before, after)).flatten();
            let copies = part.role().filter(|role| judged.is_some() && *role != Role::Chords);
            let grooves = judged.as_ref().and_then(|_| held_out_losses(&grooves, part, before, after));
            Row { trial, judged, grooves, copies: copies.map(|role| copies_of(&index, &loops, pieces, role)) }
        };
        Ok(Self { material, rows: trials.iter().map(row).collect() })
    }

    /// Prints it, or its JSON.
    ///
    /// # Errors
    /// If stdout cannot be written to.
    pub fn print(&self, args: &Args, console: Console) -> Result<()> {
        let (corpus, files) = (&self.material.corpus, self.material.files());
        console.line(&format!("learnt from {files} files, {} pieces", corpus.pieces.len()))?;
        for ((set, reason), count) in &corpus.report.dropped {
            console.line(&format!("  left out: {count} of {set}: {reason}"))?;
        }
        if !corpus.report.unread.is_empty() {
            console.line(&format!("  not readable: {} files", corpus.report.unread.len()))?;
        }
        for Row { trial, judged, copies, grooves } in &self.rows {
            match judged {
                Some(judged) => {
                    lines(judged, *copies, *grooves, trial).iter().try_for_each(|line| console.line(line))?
                }
                None => console.line(&super::summary(&trial.trained, trial.seconds))?,
            }
        }
        let kept: Vec<&str> = Part::ALL
            .into_iter()
            .filter(|part| self.rows.iter().all(|row| row.trial.trained.part != *part))
            .map(Part::name)
            .collect();
        if !kept.is_empty() {
            console.line(&format!("as before: {}", kept.join(", ")))?;
        }
        console.line(&format!("{}: riffsmith generate --weights plays it", args.out.display()))?;
        console.object(&json!({
            "path": args.out,
            "files": files,
            "pieces": corpus.pieces.len(),
            "data": corpus.report.rows(),
            "parts": self.rows.iter().map(object).collect::<Vec<_>>(),
        }))
    }

    /// The curves of each part.
    pub fn curves(&self) -> Vec<Curve> {
        let curve = |Row { trial, judged, copies, .. }: &Row<'_>| {
            let name = trial.trained.part.name();
            Curve {
                title: judged
                    .as_ref()
                    .map_or(name.to_owned(), |own| format!("{name}: {}", own.verdict(*copies).words())),
                points: trial
                    .progress
                    .iter()
                    .map(|told| (told.step, told.training, told.validation.per_note()))
                    .collect(),
                before: trial.trained.before,
            }
        };
        self.rows.iter().map(curve).collect()
    }
}

/// A part's lines.
fn lines(judged: &Judged, copies: Option<Copies>, grooves: Option<Losses>, trial: &Trial) -> Vec<String> {
    let Judged { part, training, held_out, is_test, ngram, gain, gain_error } = judged;
    let verdict = judged.verdict(copies);
    let (all, own) = (training.amount, held_out.amount);
    let held_out_name = if *is_test { "test" } else { "validation and test" };
    let advice = match verdict {
        Verdict::TooLittle => "the figures below say nothing; add pieces",
        Verdict::Memorising => "it knows its pieces by heart more than it learnt from them; add pieces",
        Verdict::NoGain => "held-out pieces are not surely better known than before",
        Verdict::Useful => "held-out pieces are better known than before",
    };
    let error = if gain_error.is_finite() { format!(", error {gain_error:.3}") } else { String::new() };
    let mut lines = vec![
        format!("{:8} {}: {advice}", part.name(), verdict.words()),
        format!(
            "  {} pieces, {} bars, {} notes; {} {held_out_name} pieces of {} notes; {} steps in {:.0} s",
            all.pieces, all.bars, all.notes, own.pieces, own.notes, trial.trained.steps, trial.seconds
        ),
        format!(
            "  held out {:.3} before, {:.3} after ({gain:.3} better{error}), n-gram {ngram:.3}; learnt from \
             {:.3} before, {:.3} after",
            held_out.before, held_out.after, training.before, training.after
        ),
    ];
    if let Some(Losses { amount, before, after }) = grooves {
        lines.push(format!("  {} built-in grooves held out: {before:.3} before, {after:.3} after", amount.pieces));
    }
    if let Some(Copies { written, held_out }) = copies {
        lines.push(format!(
            "  long stretches of a training piece: in {:.0} % of {LOOPS} loops; in {:.0} % of stretches of held-out pieces",
            100.0 * written,
            100.0 * held_out
        ));
    }
    lines
}

fn object(Row { trial, judged, copies, grooves }: &Row<'_>) -> serde_json::Value {
    let Trial { trained, seconds, .. } = trial;
    let plain = json!({
        "part": trained.part.name(), "steps": trained.steps, "seconds": seconds, "validation": trained.validation,
    });
    let Some(own) = judged else { return plain };
    let mut object = plain;
    object["verdict"] = json!(own.verdict(*copies).words());
    object["pieces"] = json!([own.training.amount.pieces, own.held_out.amount.pieces]);
    object["bars"] = json!([own.training.amount.bars, own.held_out.amount.bars]);
    object["notes"] = json!([own.training.amount.notes, own.held_out.amount.notes]);
    object["held_out"] = json!({ "before": own.held_out.before, "after": own.held_out.after, "ngram": own.ngram });
    object["training"] = json!({ "before": own.training.before, "after": own.training.after });
    object["grooves"] = json!(grooves.map(|own| json!({ "before": own.before, "after": own.after })));
    object["gain"] = json!({ "mean": own.gain, "error": own.gain_error.is_finite().then_some(own.gain_error) });
    object["copies"] = json!(copies.map(|copies| json!({ "written": copies.written, "held_out": copies.held_out })));
    object
}

/// Loops of the style, or of all styles in turn.
fn compose(composer: &Composer, style: Option<&Style>) -> Result<Vec<Score>> {
    let styles = style.map_or_else(Style::builtin, |style| vec![style.clone()]);
    let choices = Choices { bars: Some(LOOP_BARS), ..Choices::default() };
    (0..LOOPS)
        .into_par_iter()
        .map(|seed| {
            let style = &styles[seed as usize % styles.len()];
            let recipe = Recipe::resolve(style, &choices, Seed(seed), composer.hash()).map_err(Error::failed)?;
            Ok(composer.compose(&recipe.brief(), recipe.seed.fork("compose")))
        })
        .collect()
}

/// How many loops and how many stretches of held-out pieces share more than the bound with a training piece.
fn copies_of(index: &Originality, loops: &[Score], pieces: &[Piece], role: Role) -> Copies {
    let bound = bound(role);
    let share = |found: Vec<Option<Match>>| {
        let beyond = found.iter().flatten().filter(|found| found.length > bound).count();
        beyond as f64 / found.len().max(1) as f64
    };
    let with_role = loops.iter().filter(|score| score.tracks.iter().any(|track| track.role == Some(role)));
    let held_out = pieces.iter().filter(|piece| piece.split != Split::Train);
    let stretches = held_out.flat_map(|piece| stretches(piece, role));
    Copies {
        written: share(with_role.map(|score| index.of_role(score, role)).collect()),
        held_out: share(stretches.map(|piece| index.of_piece(&piece, role)).collect()),
    }
}

/// A piece's part in stretches as long as the loops.
fn stretches(piece: &Piece, role: Role) -> Vec<Piece> {
    let long = LOOP_BARS * piece.steps_per_bar();
    let stretch = |from: u32| -> Option<Piece> {
        let own = piece.part(role).iter().filter(|event| (from..from + long).contains(&event.step));
        let events: Vec<Event> = own.map(|event| Event { step: event.step - from, ..*event }).collect();
        (!events.is_empty()).then(|| Piece { bars: LOOP_BARS, parts: vec![(role, events)], ..piece.clone() })
    };
    (0..piece.bars.div_ceil(LOOP_BARS)).filter_map(|index| stretch(index * long)).collect()
}
