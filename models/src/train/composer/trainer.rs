//! The training loop of one part.

use super::batch::{Batch, Example};
use super::graph::{Dropout, Graph, Nats};
use super::initial;
use super::mixture::balanced;
use super::plan::Plan;
use super::sampling::{Sampling, windows};
use super::song::Song;
use crate::composer::Composer;
use crate::composer::layout::{Layout, Sizes};
use crate::composer::part::Part;
use crate::error::{Error, Result};
use crate::piece::{Piece, Split};
use crate::train::checkpoint::{self, State};
use crate::train::schedule::rate;
use crate::train::watch::Watch;

/// How far training is.
#[derive(Debug, Clone, PartialEq)]
pub struct Progress {
    /// The part in training.
    pub part: Part,
    /// Steps taken.
    pub step: u32,
    /// Share of the plan that is done, 0 to 1.
    pub done: f64,
    /// Nats per note of the training windows since the last report, under dropout.
    pub training: f64,
    /// Nats per note of the validation pieces.
    pub validation: Nats,
    /// The least validation nats per note so far.
    pub best: f64,
    /// Notes learnt from since the last report.
    pub notes: usize,
}

/// Where a training begins.
#[derive(Debug, Clone, Copy)]
pub enum Start<'a> {
    /// With random weights.
    Fresh,
    /// With the network of a composer, which is kept where training does not better it.
    From(&'a Composer),
    /// With the bytes of a checkpoint.
    Checkpoint(&'a [u8]),
}

/// A network that has been trained.
#[derive(Debug, Clone, PartialEq)]
pub struct Trained {
    /// The part that it writes.
    pub part: Part,
    /// Its sizes.
    pub(crate) sizes: Sizes,
    /// Its parameters: the average that did best on the validation pieces.
    pub(crate) parameters: Vec<f32>,
    /// Its validation nats per note.
    pub validation: f64,
    /// Those of the network that training began with, where it was another's.
    pub before: Option<f64>,
    /// Steps taken.
    pub steps: u32,
}

impl Trained {
    /// The best network of a training so far, from the bytes of its checkpoint.
    ///
    /// # Errors
    /// Bytes of something else, or of another part.
    pub fn from_checkpoint(bytes: &[u8], part: Part) -> Result<Self> {
        let sizes = Sizes::of(part);
        let layout = Layout::new(part, sizes);
        let mut state = State::fresh(&layout.matrices(), vec![0.0; layout.total], 0.0);
        resume_from(bytes, part, &mut state)?;
        let steps = state.optimizer.steps();
        Ok(Self { part, sizes, parameters: state.best, validation: state.best_nats, before: None, steps })
    }
}

/// How its checkpoints begin; then the part.
const KIND: &[u8; 8] = b"riffckpt";
/// Part of the highest learning rate that is left at the end.
const LAST_RATE: f64 = 0.02;
/// Notes of validation pieces at most, evenly chosen: enough for the third digit.
const VALIDATION_NOTES: usize = 12_000;

/// Trains the plan's part on the training pieces that have it.
///
/// # Errors
/// No piece to train on or none to validate on, a checkpoint of something else, or a processor that is not there.
///
/// # Panics
/// If the plan's sizes are not those of the network to start from.
pub fn train(pieces: &[Piece], plan: &Plan, start: Start<'_>, watch: &mut dyn Watch<Progress>) -> Result<Trained> {
    let part = plan.part;
    plan.compute.check()?;
    let song = |piece: &Piece| Some(Song::new(piece, part)?.hiding(plan.without));
    let songs: Vec<Song> = pieces.iter().filter(|piece| piece.split != Split::Test).filter_map(song).collect();
    let of = |split: Split| songs.iter().filter(move |song| song.split == split);
    let sampling = Sampling::new(part, of(Split::Train));
    let validation = balanced(of(Split::Valid));
    let validation = thinned(validation.into_iter().flat_map(|song| windows(part, song)).collect());
    if sampling.is_empty() || validation.is_empty() {
        return Err(Error::format("corpus", format!("no pieces to train and validate {} on", part.name())));
    }
    let sizes = plan.sizes;
    let layout = Layout::new(part, sizes);
    let validation: Vec<Batch> = batches(part, &layout, validation, plan.batch);
    let first = match start {
        Start::From(composer) => composer.network(part).parameters().to_vec(),
        Start::Fresh | Start::Checkpoint(_) => initial::parameters(&layout, plan.seed.fork(part.name())),
    };
    assert_eq!(first.len(), layout.total, "the plan is for another network");
    let mut state = State::fresh(&layout.matrices(), first, plan.weight_decay);
    match start {
        Start::Fresh => {}
        Start::From(_) => state.best_nats = evaluate(&layout, &state.best, &validation).per_note(),
        Start::Checkpoint(bytes) => resume_from(bytes, part, &mut state)?,
    }
    let started = state.optimizer.steps();
    let before = matches!(start, Start::From(_)).then_some(state.best_nats);
    let (mut training, mut pool) = (Nats::default(), Vec::new());
    loop {
        let step = state.optimizer.steps();
        let done = (f64::from(step) / f64::from(plan.steps)).max(watch.share_over(plan.seconds)).min(1.0);
        if step > started && (step.is_multiple_of(plan.evaluate_every.next_multiple_of(POOL)) || done >= 1.0) {
            let nats = evaluate(&layout, &state.optimizer.average, &validation);
            state.evaluations_since += 1;
            if nats.per_note() < state.best_nats {
                state.best_nats = nats.per_note();
                state.best.clone_from(&state.optimizer.average);
                state.evaluations_since = 0;
            }
            let (best, notes) = (state.best_nats, training.notes);
            let training = std::mem::take(&mut training).per_note();
            watch.progress(&Progress { part, step, done, training, validation: nats, best, notes });
            watch.checkpoint(&checkpoint::write(KIND, part as u32, &state));
            if done >= 1.0 || state.evaluations_since >= plan.patience {
                let State { best, best_nats, .. } = state;
                return Ok(Trained { part, sizes, parameters: best, validation: best_nats, before, steps: step });
            }
        }
        // A pool of several batches, sorted by length, wastes little on padding. It depends only on seed and step, and an
        // evaluation falls between two pools.
        let mut rng = plan.seed.fork(part.name()).fork_index(u64::from(step)).rng();
        if pool.is_empty() {
            let mut drawn: Vec<Example<'_>> =
                (0..POOL as usize * plan.batch).map(|_| sampling.draw(&mut rng)).collect();
            drawn.sort_by_key(Example::decisions);
            pool = drawn.chunks(plan.batch).map(<[Example<'_>]>::to_vec).collect();
            for index in (1..pool.len()).rev() {
                pool.swap(index, rng.below(index + 1));
            }
        }
        let examples = pool.pop().unwrap_or_default();
        let batch = Batch::new(part, layout.widths, &examples);
        let graph = Graph::tracked(&layout, &state.optimizer.parameters, plan.compute);
        let (nats, gradient) = graph.gradient(&batch, &mut Dropout { share: plan.dropout, rng: &mut rng });
        training.add(nats);
        state
            .optimizer
            .step(&gradient, plan.learning_rate * rate(done, f64::from(step) / f64::from(plan.steps), LAST_RATE));
    }
}

/// Batches in a pool.
const POOL: u32 = 8;

/// Sets a fresh state to that of a checkpoint of the same part.
fn resume_from(bytes: &[u8], part: Part, state: &mut State) -> Result<()> {
    if checkpoint::read(KIND, bytes, state)? == part as u32 {
        return Ok(());
    }
    Err(Error::format("training checkpoint", format!("it is not of a network for {}", part.name())))
}

/// Every nth window, so that about [`VALIDATION_NOTES`] are left.
fn thinned(examples: Vec<Example<'_>>) -> Vec<Example<'_>> {
    let notes: usize = examples.iter().map(|example| example.tokens.len()).sum();
    let every = notes.div_ceil(VALIDATION_NOTES).max(1);
    examples.into_iter().step_by(every).collect()
}

/// Examples of similar length together.
pub fn batches(part: Part, layout: &Layout, mut examples: Vec<Example<'_>>, size: usize) -> Vec<Batch> {
    examples.sort_by_key(Example::decisions);
    examples.chunks(size).map(|examples| Batch::new(part, layout.widths, examples)).collect()
}

/// Nats of all batches under these parameters.
pub fn evaluate(layout: &Layout, parameters: &[f32], batches: &[Batch]) -> Nats {
    let graph = Graph::plain(layout, parameters);
    let mut nats = Nats::default();
    batches.iter().for_each(|batch| nats.add(graph.nats(batch)));
    nats
}
