//! The training loop of one part.

use super::batch::{Batch, Example};
use super::graph::{Dropout, Graph, Nats};
use super::initial;
use super::mixture::balanced;
use super::sampling::{Sampling, windows};
use super::song::Song;
use crate::composer::layout::{Layout, Sizes};
use crate::composer::part::Part;
use crate::error::{Error, Result};
use crate::piece::{Piece, Split};
use crate::train::checkpoint::{self, State};
use crate::train::schedule::rate;
use crate::train::watch::Watch;
use riffsmith_dsp::Seed;

/// How a part is trained.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// The part.
    pub part: Part,
    /// The sizes of its network.
    pub sizes: Sizes,
    /// Where all randomness comes from.
    pub seed: Seed,
    /// Steps at most.
    pub steps: u32,
    /// Seconds at most, as [`Watch::elapsed_s`] counts them; the learning rate falls towards whichever end comes first.
    pub seconds: f64,
    /// Windows in a step.
    pub batch: usize,
    /// Highest learning rate.
    pub learning_rate: f32,
    /// Share of the activations dropped.
    pub dropout: f32,
    /// AdamW's weight decay.
    pub weight_decay: f32,
    /// Steps between two evaluations, rounded up to a multiple of 8.
    pub evaluate_every: u32,
    /// Evaluations without a better one after which training stops.
    pub patience: u32,
}

impl Plan {
    /// What the shipped weights were trained with: the less data, the more dropout and the fewer steps.
    pub fn of(part: Part) -> Self {
        let (steps, dropout, learning_rate) = match part {
            Part::Harmony => (3200, 0.15, 2e-3),
            Part::Drums => (3600, 0.25, 1.6e-3),
            Part::Chords => (2200, 0.3, 1.4e-3),
            Part::Bass => (2200, 0.3, 1.4e-3),
            Part::Lead => (3000, 0.25, 1.4e-3),
        };
        Self {
            part,
            sizes: Sizes::of(part),
            seed: Seed(1),
            steps,
            seconds: f64::INFINITY,
            batch: 16,
            learning_rate,
            dropout,
            weight_decay: 0.05,
            evaluate_every: 200,
            patience: 12,
        }
    }
}

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
        Ok(Self { part, sizes, parameters: state.best, validation: state.best_nats, steps: state.optimizer.steps() })
    }
}

/// How its checkpoints begin; then the part.
const KIND: &[u8; 8] = b"riffckpt";
/// Part of the highest learning rate that is left at the end.
const LAST_RATE: f64 = 0.02;
/// Notes of validation pieces at most, evenly chosen: enough for the third digit.
const VALIDATION_NOTES: usize = 12_000;

/// Trains the plan's part on the training pieces that have it, from the start or from a checkpoint.
///
/// # Errors
/// No piece to train on or none to validate on, or a checkpoint of something else.
pub fn train(pieces: &[Piece], plan: &Plan, resume: Option<&[u8]>, watch: &mut dyn Watch<Progress>) -> Result<Trained> {
    let part = plan.part;
    let songs: Vec<Song> =
        pieces.iter().filter(|piece| piece.split != Split::Test).filter_map(|piece| Song::new(piece, part)).collect();
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
    let start = initial::parameters(&layout, plan.seed.fork(part.name()));
    let mut state = State::fresh(&layout.matrices(), start, plan.weight_decay);
    if let Some(bytes) = resume {
        resume_from(bytes, part, &mut state)?;
    }
    let started = state.optimizer.steps();
    let (mut training, mut pool) = (Nats::default(), Vec::new());
    loop {
        let step = state.optimizer.steps();
        let done = (f64::from(step) / f64::from(plan.steps)).max(watch.elapsed_s() / plan.seconds).min(1.0);
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
                return Ok(Trained { part, sizes, parameters: best, validation: best_nats, steps: step });
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
        let graph = Graph::tracked(&layout, &state.optimizer.parameters);
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
