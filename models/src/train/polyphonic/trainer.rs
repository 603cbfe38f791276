//! The training loop.

use super::batch::{Batch, Window, batches};
use super::graph::Graph;
use super::initial;
use crate::error::{Error, Result};
use crate::polyphonic::Order;
use crate::polyphonic::chain::Chain;
use crate::polyphonic::layout::{Layout, Sizes};
use crate::polyphonic::roll::{Roll, Set};
use crate::train::checkpoint::{self, State};
use crate::train::composer::graph::Dropout;
use crate::train::schedule::rate;
use crate::train::watch::Watch;
use riffsmith_dsp::Seed;

/// How a network is trained.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Its sizes.
    pub sizes: Sizes,
    /// The order in which it decides.
    pub order: Order,
    /// Where all randomness comes from.
    pub seed: Seed,
    /// Times that all pieces are seen at most.
    pub epochs: u32,
    /// Seconds at most, as [`Watch::elapsed_s`] counts them; the learning rate falls towards whichever end comes first.
    pub seconds: f64,
    /// Windows in a step.
    pub batch: usize,
    /// Frames in a window.
    pub window: usize,
    /// Highest learning rate.
    pub learning_rate: f32,
    /// Share of the activations dropped.
    pub dropout: f32,
    /// Share of the features dropped.
    pub drop_inputs: f32,
    /// AdamW's weight decay.
    pub weight_decay: f32,
    /// Epochs between two evaluations.
    pub evaluate_every: u32,
    /// Evaluations without a better one after which training stops.
    pub patience: u32,
}

impl Plan {
    /// What the chorales are learnt with: few pieces, much dropout.
    pub fn of_chorales() -> Self {
        Self {
            sizes: Sizes { hidden: 128, cells: 72, wide: 128, blocks: 2 },
            order: Order::Down,
            seed: Seed(1),
            epochs: 40,
            seconds: f64::INFINITY,
            batch: 12,
            window: 128,
            learning_rate: 3e-3,
            dropout: 0.5,
            drop_inputs: 0.3,
            weight_decay: 1.5,
            evaluate_every: 8,
            patience: 20,
        }
    }

    /// What the folk tunes are learnt with: thirteen times as many frames.
    pub fn of_folk_tunes() -> Self {
        Self {
            sizes: Sizes { hidden: 128, cells: 96, wide: 128, blocks: 2 },
            epochs: 7,
            window: 64,
            dropout: 0.2,
            drop_inputs: 0.1,
            weight_decay: 0.3,
            evaluate_every: 1,
            ..Self::of_chorales()
        }
    }
}

/// Where a training is.
#[derive(Debug, Clone, PartialEq)]
pub struct Progress {
    /// Epochs so far.
    pub epochs: u32,
    /// Steps so far.
    pub steps: u32,
    /// How much of it is done, 0 to 1.
    pub done: f64,
    /// Nats per frame on the training pieces since the last evaluation, under dropout.
    pub training: f64,
    /// Nats per frame on the validation pieces.
    pub validation: f64,
    /// The least so far.
    pub best: f64,
}

/// A trained network.
#[derive(Debug, Clone, PartialEq)]
pub struct Trained {
    pub(crate) sizes: Sizes,
    pub(crate) order: Order,
    /// The average of the weights that did best on the validation pieces.
    pub(crate) parameters: Vec<f32>,
    /// Its nats per frame there.
    pub validation: f64,
    /// Steps taken.
    pub steps: u32,
}

/// How its checkpoints begin; then the epochs.
const KIND: &[u8; 8] = b"riffpoly";
/// Part of the highest learning rate that is left at the end.
const LAST_RATE: f64 = 0.01;
/// Rows that are evaluated at once.
const ROWS: usize = 8192;

/// Trains on the training pieces, from the start or from a checkpoint.
///
/// # Errors
/// No piece to train on or none to validate on, or a checkpoint of something else.
pub fn train(set: &Set, plan: &Plan, resume: Option<&[u8]>, watch: &mut dyn Watch<Progress>) -> Result<Trained> {
    let chain = |roll: &Roll| Chain::new(roll, plan.order);
    let pieces: Vec<Chain> = set.train.iter().map(chain).collect();
    let held_out: Vec<Chain> = set.valid.iter().map(chain).collect();
    let frames: usize = held_out.iter().map(Chain::frames).sum();
    let validation = batches(held_out.iter().map(|chain| Window::whole(chain, 0)).collect(), ROWS);
    if pieces.iter().all(|piece| piece.frames() == 0) || validation.is_empty() {
        return Err(Error::format("set of piano rolls", "no pieces to train and validate on"));
    }
    let layout = Layout::new(plan.sizes);
    let start = initial::parameters(&layout, plan.seed.fork("parameters"));
    let mut state = State::fresh(&layout.matrices(), start, plan.weight_decay);
    let mut epochs = resume.map_or(Ok(0), |bytes| checkpoint::read(KIND, bytes, &mut state))?;
    let (mut nats, mut heard) = (0.0, 0);
    loop {
        let mut rng = plan.seed.fork("epochs").fork_index(u64::from(epochs)).rng();
        let drawn = epoch(&pieces, plan, &mut rng);
        let steps = drawn.len() as f64;
        let mut done = 0.0;
        for (step, batch) in drawn.into_iter().enumerate() {
            let by_epochs = (f64::from(epochs) + step as f64 / steps) / f64::from(plan.epochs);
            done = by_epochs.max(watch.share_over(plan.seconds)).min(1.0);
            let graph = Graph::tracked(&layout, &state.optimizer.parameters);
            let mut dropout = Dropout { share: plan.dropout, rng: &mut rng };
            let (own, gradient) = graph.gradient(&batch, plan.drop_inputs, &mut dropout);
            nats += own;
            heard += batch.windows.iter().map(|window| window.frames).sum::<usize>();
            state.optimizer.step(&gradient, plan.learning_rate * rate(done, by_epochs, LAST_RATE));
            if done >= 1.0 {
                break;
            }
        }
        epochs += 1;
        let ended = done >= 1.0 || epochs >= plan.epochs;
        if !epochs.is_multiple_of(plan.evaluate_every) && !ended {
            continue;
        }
        let own = evaluate(&layout, &state.optimizer.average, &validation) / frames as f64;
        state.evaluations_since += 1;
        if own < state.best_nats {
            state.best_nats = own;
            state.best.clone_from(&state.optimizer.average);
            state.evaluations_since = 0;
        }
        let training = std::mem::take(&mut nats) / std::mem::take(&mut heard).max(1) as f64;
        let (steps, best) = (state.optimizer.steps(), state.best_nats);
        watch.progress(&Progress { epochs, steps, done, training, validation: own, best });
        watch.checkpoint(&checkpoint::write(KIND, epochs, &state));
        if ended || state.evaluations_since >= plan.patience {
            let (sizes, order) = (plan.sizes, plan.order);
            return Ok(Trained { sizes, order, parameters: state.best, validation: best, steps });
        }
    }
}

/// Each piece once, or of longer ones as many windows as cover it, from where chance puts them; in an order of chance.
fn epoch<'a>(pieces: &'a [Chain], plan: &Plan, rng: &mut riffsmith_dsp::Rng) -> Vec<Batch<'a>> {
    let mut windows = Vec::new();
    for chain in pieces {
        for _ in 0..chain.frames().div_ceil(plan.window) {
            let spare = chain.frames().saturating_sub(plan.window);
            // Half a window beyond either end, so that the ends are heard as often as the middle.
            let start =
                if spare == 0 { 0 } else { rng.below(chain.frames() + 1).saturating_sub(plan.window / 2).min(spare) };
            windows.push((Window::new(chain, start, plan.window), rng.uniform()));
        }
    }
    // Of similar length, but not always the same ones together.
    windows.sort_by_key(|(window, noise)| window.len() + (noise * 40.0) as usize);
    let windows: Vec<Window<'_>> = windows.into_iter().map(|(window, _)| window).collect();
    let mut batches: Vec<Batch<'_>> = windows.chunks(plan.batch).map(Batch::new).collect();
    for index in (1..batches.len()).rev() {
        batches.swap(index, rng.below(index + 1));
    }
    batches
}

/// Nats of all batches under these parameters.
fn evaluate(layout: &Layout, parameters: &[f32], batches: &[Batch<'_>]) -> f64 {
    let graph = Graph::plain(layout, parameters);
    let nats = |batch: &Batch<'_>| {
        let all = graph.log_probabilities(batch);
        let each = batch.each().zip(&all);
        each.map(|((_, decision), all)| -f64::from(decision.log_probability(all))).sum::<f64>()
    };
    batches.iter().map(nats).sum()
}
