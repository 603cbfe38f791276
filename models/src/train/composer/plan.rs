//! How long, how fast and with what a part is trained.

use super::without::Without;
use crate::composer::Composer;
use crate::composer::layout::Sizes;
use crate::composer::part::Part;
use crate::train::compute::Compute;
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
    /// Seconds at most, as [`Watch::elapsed_s`](crate::train::Watch::elapsed_s) counts them; the learning rate falls towards whichever end comes first.
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
    /// What the network never hears; `None`: all is heard, as in the shipped weights.
    pub without: Option<Without>,
    /// What the gradients are computed on.
    pub compute: Compute,
}

impl Plan {
    /// Going on from a composer's network with a little music of one's own: a fifth of the rate, since most is known already; more
    /// dropout and an evaluation every few seconds, since what is little is soon learnt by heart (figures in `models/COMPOSER.md`).
    pub fn fine_tuning(composer: &Composer, part: Part) -> Self {
        let standard = Self::of(part);
        Self {
            sizes: composer.network(part).layout().sizes,
            steps: 1200,
            learning_rate: standard.learning_rate / 5.0,
            dropout: standard.dropout + 0.2,
            evaluate_every: 24,
            patience: 8,
            ..standard
        }
    }

    /// What the shipped weights were trained with: the less data, the more dropout and the fewer steps.
    pub fn of(part: Part) -> Self {
        let (steps, dropout, learning_rate) = match part {
            Part::Harmony => (2000, 0.15, 2e-3),
            Part::Drums => (4800, 0.25, 1.6e-3),
            Part::Chords => (1600, 0.3, 1.4e-3),
            Part::Bass => (1400, 0.3, 1.4e-3),
            Part::Lead => (2000, 0.25, 1.4e-3),
        };
        Self {
            part,
            sizes: Sizes::of(part),
            seed: Seed(1),
            steps,
            seconds: f64::INFINITY,
            batch: 12,
            learning_rate,
            dropout,
            weight_decay: 0.5,
            evaluate_every: 200,
            patience: 12,
            without: None,
            compute: Compute::Cpu,
        }
    }

    /// A share of the steps of [`Plan::of`], the learning rate falling to its end over these: for comparisons that need not reach the
    /// best. Evaluated eight times.
    pub fn shortened(part: Part, share: f64) -> Self {
        let standard = Self::of(part);
        let steps = ((f64::from(standard.steps) * share).round() as u32).max(8);
        Self { steps, evaluate_every: (steps / 8).max(8), ..standard }
    }
}
