//! Training of the refiner: a generator and a discriminator against each other, on pairs of our sounds and a SoundFont's.
//!
//! The caller owns the clock and the files: it makes a [`RefinerTrainer`], calls [`RefinerTrainer::step`] as long as it likes,
//! and stores what [`RefinerTrainer::checkpoint`] and [`RefinerTrainer::best_weights`] hand out.

mod checkpoint;
mod discriminator;
mod distance;
mod evaluate;
mod example;
mod frechet;
mod guards;
mod lesson;
mod objective;
mod one_shots;
mod pair;
mod pairing;
mod pool;
mod source;

pub use distance::{fixed_distance_db, log_spectral_distance_db, multi_resolution_loss};
use evaluate::evaluate;
pub use evaluate::{Distances, Row, measure};
pub use guards::Moved;
pub use one_shots::{OneShot, OneShotPairs};
pub use pair::Pair;
pub use source::{PairSource, SoundFontPairs};

use crate::error::{Error, Result};
use crate::piece::Split;
use crate::refiner::bands::Analysis;
use crate::refiner::generator::Generator;
use crate::refiner::parameters::{self, Maker};
use crate::refiner::{Family, Refiner};
use burn::grad_clipping::GradientClippingConfig;
use burn::optim::{AdamConfig, ModuleOptimizer};
use burn::tensor::{Bytes, Device};
use checkpoint::{bytes_to_floats, floats_to_bytes, pack, unpack};
use discriminator::Discriminator;
use lesson::Lesson;
use pool::{Batch, Pool};
use rayon::prelude::*;
use riffsmith_dsp::spectral::Edges;
use riffsmith_dsp::{AudioBuffer, SampleRate, Seed};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Stretches in a batch, and their length in frames of 11.6 ms: all but the last 0.1 s of an example. A batch is learnt in parts, side by
/// side; how many does not hang on the machine, so that it makes no difference to what is learnt.
const BATCH: usize = 8;
const PARTS: usize = 2;
const FRAMES: usize = 160;

/// Pairs before the first step, drawn with each step, and after which one is forgotten, for the memory's sake: a few gigabytes.
const FIRST_PAIRS: usize = 128;
const ADDED_PAIRS: usize = 2;
const REMEMBERED_PAIRS: usize = 4000;

/// Part of a new run in which the generator learns alone: the discriminator then judges what is left to learn.
const ALONE: f64 = 0.6;

/// Peak learning rate of the generator; it rises over the first steps and falls to a hundredth by half a cosine.
const LEARNING_RATE: f64 = 1.5e-3;
const RISING_STEPS: f64 = 100.0;

/// Learning rate of the discriminator: it must follow the generator (Heusel et al., "GANs Trained by a Two Time-Scale Update
/// Rule", 2017).
const DISCRIMINATOR_RATE: f64 = 1e-3;

/// Weight of the past in the moving average of the generator's values.
const AVERAGE_DECAY: f32 = 0.995;

/// Steps between validations, and the validation batches (always the same).
const VALIDATE_EVERY: usize = 200;
const VALIDATION_PAIRS: usize = 60;
const VALIDATION_BATCHES: usize = 5;

/// Learning rate of a run that tunes trained weights to little data, re that of a new one.
const TUNING_RATE: f64 = 0.3;

/// Validations in a row no better than where the run began, or much worse than its best, after which it has collapsed.
const COLLAPSED_VALIDATIONS: usize = 5;
const MUCH_WORSE: f32 = 1.15;

/// Distance re the best that the end of a run may have: what the discriminator teaches is not in it.
const CLEARLY_WORSE: f32 = 1.01;

/// Pairs that are rendered at once.
const RENDERED_AT_ONCE: usize = 32;

/// Choices of a training run.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct RefinerSettings {
    /// Of the notes, the initial weights and the batches.
    pub seed: Seed,
    /// False trains the generator on the spectral loss alone.
    pub adversarial: bool,
    /// Whether it begins with trained weights and only has little to learn from; it then learns more slowly, not to forget them.
    pub tuning: bool,
}

/// A held-out pair, refined by the best generator so far, to look at and to listen to.
#[derive(Debug, Clone, PartialEq)]
pub struct Example {
    /// The pair.
    pub pair: Pair,
    /// Our sound refined.
    pub refined: AudioBuffer,
}

/// What a step tells.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct RefinerProgress {
    /// Steps done.
    pub step: usize,
    /// Pairs in memory.
    pub pairs: usize,
    /// Spectral loss of the last step, in units of 20 dB.
    pub spectral: f32,
    /// What the discriminator added to the generator's loss; may be below 0.
    pub deception: f32,
    /// The discriminator's own hinge loss, 1 where it only guesses, 0 where it is sure.
    pub discrimination: f32,
    /// Log-spectral distance on held-out pitches with the averaged generator, and of the untrained one, in units of 20 dB,
    /// where this step measured it.
    pub validation: Option<(f32, f32)>,
    /// True if the run has failed; the best weights so far are kept, and further steps are no use.
    pub collapsed: bool,
}

/// What is stored of a run beside the networks.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct State {
    settings: RefinerSettings,
    step: usize,
    /// How much of the run is over, 0.0 ..= 1.0.
    elapsed: f64,
    /// Pairs drawn, silent ones included.
    drawn: usize,
    untrained_loss: f32,
    /// Of the validations so far; none before the first.
    best_loss: Option<f32>,
    failed_validations: usize,
}

/// A training run.
pub struct RefinerTrainer {
    state: State,
    device: Device,
    analysis: Analysis,
    source: Box<dyn PairSource>,
    pool: Pool,
    drawn: BTreeMap<(Family, String), usize>,
    validation: Vec<Batch>,
    /// One held-out pair of each family.
    shown: Vec<Pair>,
    generator: Generator,
    discriminator: Discriminator,
    generator_optimizer: ModuleOptimizer,
    discriminator_optimizer: ModuleOptimizer,
    average: Vec<f32>,
    best: Vec<f32>,
}

impl RefinerTrainer {
    /// A new run on the pairs of `source`.
    pub fn new(source: Box<dyn PairSource>, settings: RefinerSettings) -> Self {
        let device = Device::flex().autodiff();
        let analysis = Analysis::new(SampleRate::CD);
        let generator = Generator::new(&mut Maker::draw(settings.seed.fork("generator"), &device));
        let discriminator = Discriminator::new(&mut Maker::draw(settings.seed.fork("discriminator"), &device));
        let average = parameters::values(&generator);
        let optimizer = |beta_1: f32, beta_2: f32| {
            let clipping = Some(GradientClippingConfig::Norm(1.0));
            AdamConfig::new().with_beta_1(beta_1).with_beta_2(beta_2).with_grad_clipping(clipping).init()
        };
        let mut trainer = Self {
            state: State {
                settings,
                step: 0,
                elapsed: 0.0,
                drawn: 0,
                untrained_loss: 0.0,
                best_loss: None,
                failed_validations: 0,
            },
            device,
            pool: Pool::new(&analysis, 2),
            analysis,
            source,
            drawn: BTreeMap::new(),
            validation: Vec::new(),
            shown: Vec::new(),
            generator,
            discriminator,
            generator_optimizer: optimizer(0.9, 0.99),
            discriminator_optimizer: optimizer(0.5, 0.95),
            best: average.clone(),
            average,
        };
        trainer.prepare_validation();
        trainer.state.untrained_loss = trainer.validation_loss();
        trainer
    }

    /// A run on the pairs of `source` that begins with the values of a weights file.
    ///
    /// # Errors
    /// If the bytes are no weights file of this version.
    pub fn tune(source: Box<dyn PairSource>, settings: RefinerSettings, weights: &[u8]) -> Result<Self> {
        let values = parameters::from_bytes(weights, Generator::size())?;
        let mut trainer = Self::new(source, settings);
        trainer.generator = Generator::new(&mut Maker::take(&values, &trainer.device));
        trainer.average = values.clone();
        trainer.best = values;
        let loss = trainer.validation_loss();
        trainer.state.best_loss = Some(loss);
        if settings.tuning {
            // What makes trained weights worse for long has failed; a full training may, before it is better.
            trainer.state.untrained_loss = loss;
        }
        Ok(trainer)
    }

    /// A run that goes on where `checkpoint` left it, with the discriminator or without.
    ///
    /// # Errors
    /// If the bytes are not a checkpoint of this version.
    pub fn resume(source: Box<dyn PairSource>, checkpoint: &[u8], adversarial: bool) -> Result<Self> {
        let sections = unpack(checkpoint, 8)?;
        let broken = |reason: String| Error::format("refiner checkpoint", reason);
        let state: State = serde_json::from_slice(&sections[0]).map_err(|error| broken(error.to_string()))?;
        let mut trainer = Self::new(source, state.settings);
        let networks: Vec<Vec<f32>> = sections[1..5].iter().map(|section| bytes_to_floats(section)).collect();
        let sizes = [Generator::size(), parameters::values(&trainer.discriminator).len()];
        if networks.iter().map(Vec::len).ne([sizes[0], sizes[1], sizes[0], sizes[0]]) {
            return Err(broken("its networks have another size".into()));
        }
        trainer.generator = Generator::new(&mut Maker::take(&networks[0], &trainer.device));
        trainer.discriminator = Discriminator::new(&mut Maker::take(&networks[1], &trainer.device));
        trainer.average = networks[2].clone();
        trainer.best = networks[3].clone();
        let load = |optimizer: ModuleOptimizer, section: &Vec<u8>| {
            optimizer.from_bytes(Bytes::from_bytes_vec(section.clone())).map_err(|error| broken(error.to_string()))
        };
        trainer.generator_optimizer = load(trainer.generator_optimizer, &sections[5])?;
        trainer.discriminator_optimizer = load(trainer.discriminator_optimizer, &sections[6])?;
        let histogram: Vec<(String, String, usize)> =
            serde_json::from_slice(&sections[7]).map_err(|error| broken(error.to_string()))?;
        let histogram =
            histogram.into_iter().map(|(family, label, count)| Ok(((Family::from_name(&family)?, label), count)));
        trainer.state.drawn = state.drawn.saturating_sub(REMEMBERED_PAIRS);
        trainer.draw_to(state.drawn);
        trainer.drawn = histogram.collect::<Result<_>>()?;
        trainer.state = state;
        trainer.state.settings.adversarial = adversarial;
        Ok(trainer)
    }

    /// Everything that [`RefinerTrainer::resume`] needs.
    pub fn checkpoint(&self) -> Vec<u8> {
        let state = serde_json::to_vec(&self.state).expect("plain numbers");
        let histogram: Vec<_> = self.histogram().map(|(family, label, count)| (family.name(), label, count)).collect();
        let optimizer = |optimizer: &ModuleOptimizer| {
            optimizer.into_bytes().expect("an optimizer's state is made of tensors and numbers").to_vec()
        };
        pack(&[
            state,
            floats_to_bytes(&parameters::values(&self.generator)),
            floats_to_bytes(&parameters::values(&self.discriminator)),
            floats_to_bytes(&self.average),
            floats_to_bytes(&self.best),
            optimizer(&self.generator_optimizer),
            optimizer(&self.discriminator_optimizer),
            serde_json::to_vec(&histogram).expect("plain names and numbers"),
        ])
    }

    /// The best generator so far, as the bytes of a weights file.
    pub fn best_weights(&self) -> Vec<u8> {
        parameters::to_bytes(&self.best)
    }

    /// What the training has drawn so far: family, pairing, number of pairs.
    pub fn histogram(&self) -> impl Iterator<Item = (Family, &str, usize)> {
        self.drawn.iter().map(|((family, label), count)| (*family, label.as_str(), *count))
    }

    /// Distances on `pairs` held-out pairs, with the best generator so far.
    pub fn evaluate(&self, pairs: usize) -> Vec<Row> {
        let held_out = (0..pairs).filter_map(|index| self.source.pair(Split::Test, index));
        evaluate(&[self.refiner()], &self.pool.best_equalizers(), held_out)
    }

    /// One held-out pair of each family, refined by the best generator so far.
    pub fn examples(&self) -> impl Iterator<Item = Example> {
        let refiner = self.refiner();
        self.shown.iter().map(move |pair| {
            let refined = refiner.refine(&pair.ours, pair.family, 1.0, Edges::Silence);
            Example { pair: pair.clone(), refined }
        })
    }

    fn refiner(&self) -> Refiner {
        Refiner::from_bytes(&self.best_weights()).expect("just made")
    }

    /// One step of both networks; `elapsed` is how much of the run is over, 0.0 ..= 1.0.
    pub fn step(&mut self, elapsed: f64) -> RefinerProgress {
        self.draw_to((self.state.drawn + ADDED_PAIRS).max(FIRST_PAIRS));
        self.state.elapsed = elapsed.clamp(0.0, 1.0);
        let fall = 0.505 + 0.495 * (std::f64::consts::PI * self.state.elapsed).cos();
        let peak = if self.state.settings.tuning { TUNING_RATE * LEARNING_RATE } else { LEARNING_RATE };
        let rate = peak * fall * ((self.state.step + 1) as f64 / RISING_STEPS).min(1.0);
        let mut progress = self.learn(rate);
        self.follow_average();
        self.state.step += 1;
        progress.step = self.state.step;
        progress.pairs = self.pool.len();
        if self.state.step.is_multiple_of(VALIDATE_EVERY) {
            progress.validation = Some((self.validate(), self.state.untrained_loss));
        }
        let finite = progress.spectral.is_finite() && progress.deception.is_finite();
        progress.collapsed = !finite || self.state.failed_validations >= COLLAPSED_VALIDATIONS;
        progress
    }

    /// How much of the run was over at its last step, 0.0 ..= 1.0: where a resumed one goes on.
    pub fn elapsed(&self) -> f64 {
        self.state.elapsed
    }

    /// Steps done so far, those before a resumption included.
    pub fn steps(&self) -> usize {
        self.state.step
    }

    /// Measures the last steps too, so that [`RefinerTrainer::best_weights`] may be theirs: where a discriminator taught them, unless the
    /// distance is clearly worse for it.
    pub fn finish(&mut self) {
        let loss = self.validate();
        let best = self.state.best_loss.unwrap_or(f32::INFINITY);
        if self.state.settings.adversarial && loss <= CLEARLY_WORSE * best {
            self.best = self.average.clone();
        }
    }

    fn learn(&mut self, rate: f64) -> RefinerProgress {
        let RefinerSettings { seed, adversarial, tuning } = self.state.settings;
        let alone = if tuning { 0.0 } else { ALONE };
        let judge = (adversarial && self.state.elapsed >= alone).then_some(&self.discriminator);
        let seed = seed.fork("batch").fork_index(self.state.step as u64);
        let (pool, generator, device) = (&self.pool, &self.generator, &self.device);
        let lesson = |part: usize| {
            let batch = pool.batch(BATCH / PARTS, FRAMES, &mut seed.fork_index(part as u64).rng());
            Lesson::of(&batch, generator, judge, device)
        };
        let lessons = (0..PARTS).into_par_iter().map(lesson).collect();
        let lesson = Lesson::mean(lessons, generator, &self.discriminator);
        let Lesson { spectral, deception, discrimination, .. } = lesson;
        self.generator = self.generator_optimizer.step(rate, self.generator.clone(), lesson.for_generator);
        if judge.is_some() {
            let discriminator = self.discriminator.clone();
            self.discriminator =
                self.discriminator_optimizer.step(DISCRIMINATOR_RATE, discriminator, lesson.for_discriminator);
        }
        RefinerProgress { spectral, deception, discrimination, ..RefinerProgress::default() }
    }

    fn follow_average(&mut self) {
        // Young averages follow quickly, so that they are not held back by the untrained values.
        let step = self.state.step as f32;
        let decay = AVERAGE_DECAY.min((1.0 + step) / (10.0 + step));
        for (average, value) in self.average.iter_mut().zip(parameters::values(&self.generator)) {
            *average = decay * *average + (1.0 - decay) * value;
        }
    }

    /// Validation loss of the average; keeps it if it is the best.
    fn validate(&mut self) -> f32 {
        let loss = self.validation_loss();
        if loss.is_finite() && self.state.best_loss.is_none_or(|best| loss < best) {
            self.state.best_loss = Some(loss);
            self.best = self.average.clone();
        }
        let best = self.state.best_loss.unwrap_or(f32::INFINITY);
        let is_sound = loss < self.state.untrained_loss && loss < MUCH_WORSE * best;
        self.state.failed_validations = if is_sound { 0 } else { self.state.failed_validations + 1 };
        loss
    }

    fn validation_loss(&self) -> f32 {
        let device = self.device.clone().inner();
        let network = Generator::new(&mut Maker::take(&self.average, &device));
        let loss = |batch: &Batch| lesson::distance(batch, &network, &device);
        self.validation.iter().map(loss).sum::<f32>() / self.validation.len().max(1) as f32
    }

    fn prepare_validation(&mut self) {
        let mut rng = self.state.settings.seed.fork("validation").rng();
        let mut pool = Pool::new(&self.analysis, 3);
        for index in 0..VALIDATION_PAIRS {
            if let Some(pair) = self.source.pair(Split::Valid, index) {
                pool.add(index, &pair, &self.analysis);
                if self.shown.iter().all(|shown| shown.family != pair.family) {
                    self.shown.push(pair);
                }
            }
        }
        self.validation = (0..VALIDATION_BATCHES).map(|_| pool.batch(2 * BATCH, FRAMES, &mut rng)).collect();
    }

    /// Adds the next training pairs to the pool, until so many were drawn, and forgets old ones.
    fn draw_to(&mut self, count: usize) {
        while self.state.drawn < count {
            let next = self.state.drawn..count.min(self.state.drawn + RENDERED_AT_ONCE);
            let pairs: Vec<Option<Pair>> =
                next.clone().into_par_iter().map(|index| self.source.pair(Split::Train, index)).collect();
            for (number, pair) in next.zip(pairs) {
                self.state.drawn = number + 1;
                let Some(pair) = pair else { continue };
                self.pool.add(number, &pair, &self.analysis);
                *self.drawn.entry((pair.family, pair.label)).or_default() += 1;
            }
            self.pool.forget_before(self.state.drawn.saturating_sub(REMEMBERED_PAIRS));
        }
    }
}

#[cfg(test)]
mod tests;
