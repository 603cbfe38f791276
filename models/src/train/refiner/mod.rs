//! Training of the refiner: a generator and a discriminator against each other, on pairs of our sounds and a SoundFont's.
//!
//! The caller owns the clock and the files: it makes a [`RefinerTrainer`], calls [`RefinerTrainer::step`] as long as it likes,
//! and stores what [`RefinerTrainer::checkpoint`] and [`RefinerTrainer::best_weights`] hand out.

mod checkpoint;
mod discriminator;
mod distance;
mod evaluate;
mod example;
mod objective;
mod pair;
mod pairing;
mod pool;
mod source;

pub use distance::log_spectral_distance_db;
use evaluate::evaluate;
pub use evaluate::{FamilyDistances, measure};
pub use pair::Pair;
pub use source::{PairSource, SoundFontPairs};

use crate::error::{Error, Result};
use crate::piece::Split;
use crate::refiner::bands::{Analysis, BANDS};
use crate::refiner::generator::{CONTEXT, Generator, family_tensor};
use crate::refiner::parameters::{self, Maker, numbers};
use crate::refiner::{Family, Refiner};
use burn::Tensor;
use burn::module::Module;
use burn::optim::{AdamConfig, GradientsParams, ModuleOptimizer};
use burn::tensor::{Bytes, Device, TensorData};
use checkpoint::{bytes_to_floats, floats_to_bytes, pack, unpack};
use discriminator::Discriminator;
use pool::{Batch, Pool};
use riffsmith_dsp::{SampleRate, Seed};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Stretches in a batch, and their length in frames of 5.8 ms.
const BATCH: usize = 8;
const FRAMES: usize = 128;

/// Pairs before the first step, and at most; one is added with each step.
const FIRST_PAIRS: usize = 60;
const MAX_PAIRS: usize = 2000;

/// Steps in which the generator learns alone, so that the discriminator does not win before it begins.
const WARM_UP_STEPS: usize = 400;

/// Peak learning rate of both networks; it falls to 0 by half a cosine.
const LEARNING_RATE: f64 = 6e-4;

/// Weight of the past in the moving average of the generator's values.
const AVERAGE_DECAY: f32 = 0.995;

/// Steps between validations, and the validation batches (always the same).
const VALIDATE_EVERY: usize = 100;
const VALIDATION_PAIRS: usize = 80;
const VALIDATION_BATCHES: usize = 5;

/// Validations in a row no better than the untrained network, after which the run has collapsed.
const COLLAPSED_VALIDATIONS: usize = 5;

/// Choices of a training run.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct RefinerSettings {
    /// Of the notes, the initial weights and the batches.
    pub seed: Seed,
    /// False trains the generator on the spectral loss alone.
    pub adversarial: bool,
}

/// What a step tells.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct RefinerProgress {
    /// Steps done.
    pub step: usize,
    /// Pairs in memory.
    pub pairs: usize,
    /// Losses of the last step: spectral; the generator's by the discriminator; the discriminator's.
    pub spectral: f32,
    /// What the discriminator added to the generator's loss.
    pub deception: f32,
    /// The discriminator's own loss, 0.25 where it only guesses.
    pub discrimination: f32,
    /// Spectral loss on held-out pitches with the averaged generator, and of the untrained one, where this step measured it.
    pub validation: Option<(f32, f32)>,
    /// True if the run has failed; the best weights so far are kept, and further steps are no use.
    pub collapsed: bool,
}

/// What is stored of a run beside the networks.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct State {
    settings: RefinerSettings,
    step: usize,
    /// Examples drawn, silent ones included.
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
        let generator = Generator::new(&mut Maker::draw(settings.seed.fork("generator"), &device));
        let discriminator = Discriminator::new(&mut Maker::draw(settings.seed.fork("discriminator"), &device));
        let average = parameters::values(&generator);
        let optimizer = || AdamConfig::new().with_beta_1(0.5).with_beta_2(0.95).init();
        let mut trainer = Self {
            state: State { settings, step: 0, drawn: 0, untrained_loss: 0.0, best_loss: None, failed_validations: 0 },
            device,
            analysis: Analysis::new(SampleRate::CD),
            source,
            pool: Pool::new(),
            drawn: BTreeMap::new(),
            validation: Vec::new(),
            generator,
            discriminator,
            generator_optimizer: optimizer(),
            discriminator_optimizer: optimizer(),
            best: average.clone(),
            average,
        };
        trainer.prepare_validation();
        trainer.state.untrained_loss = trainer.validation_loss();
        trainer
    }

    /// A run that goes on where `checkpoint` left it.
    ///
    /// # Errors
    /// If the bytes are not a checkpoint of this version.
    pub fn resume(source: Box<dyn PairSource>, checkpoint: &[u8]) -> Result<Self> {
        let sections = unpack(checkpoint, 7)?;
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
        while trainer.state.drawn < state.drawn {
            trainer.draw();
        }
        trainer.state = state;
        Ok(trainer)
    }

    /// Everything that [`RefinerTrainer::resume`] needs.
    pub fn checkpoint(&self) -> Vec<u8> {
        let state = serde_json::to_vec(&self.state).expect("plain numbers");
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
    pub fn evaluate(&self, pairs: usize) -> Vec<FamilyDistances> {
        let weights = self.best_weights();
        let refiner = Refiner::from_bytes(&weights).expect("just made");
        let equalizers = self.pool.best_equalizers();
        let held_out: Vec<Pair> = (0..pairs).filter_map(|index| self.source.pair(Split::Test, index)).collect();
        evaluate(&refiner, &equalizers, &held_out)
    }

    /// One step of both networks; `elapsed` is how much of the run is over, 0.0 ..= 1.0.
    pub fn step(&mut self, elapsed: f64) -> RefinerProgress {
        while self.pool.len() < FIRST_PAIRS.min(MAX_PAIRS) {
            self.draw();
        }
        if self.pool.len() < MAX_PAIRS {
            self.draw();
        }
        let mut rng = self.state.settings.seed.fork("batch").fork_index(self.state.step as u64).rng();
        let batch = self.pool.batch(BATCH, FRAMES, &mut rng);
        let rate = LEARNING_RATE * (0.5 + 0.5 * (std::f64::consts::PI * elapsed.clamp(0.0, 1.0)).cos());
        let mut progress = self.learn(&batch, rate);
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

    /// Steps done so far, those before a resumption included.
    pub fn steps(&self) -> usize {
        self.state.step
    }

    /// Measures the last steps too, so that [`RefinerTrainer::best_weights`] may be theirs.
    pub fn finish(&mut self) {
        self.validate();
    }

    fn learn(&mut self, batch: &Batch, rate: f64) -> RefinerProgress {
        let families = family_tensor(&batch.families, &self.device);
        let (ours, refined) = refine(&self.generator, batch, &self.device);
        let reference = cube(&batch.reference, batch, &self.device);
        let mut progress = RefinerProgress::default();
        let spectral = objective::spectral(refined.clone(), reference.clone());
        progress.spectral = number(spectral.clone());
        let mut loss = spectral;
        if self.state.settings.adversarial && self.state.step >= WARM_UP_STEPS {
            let judge = |candidate: Tensor<3>, discriminator: &Discriminator| {
                discriminator.forward(ours.clone(), candidate, families.clone())
            };
            let (_, real) = judge(reference.clone(), &self.discriminator);
            let (_, fake) = judge(refined.clone().detach(), &self.discriminator);
            let discrimination = objective::discrimination(real, fake);
            progress.discrimination = number(discrimination.clone());
            let gradients = GradientsParams::from_grads(discrimination.backward(), &self.discriminator);
            self.discriminator = self.discriminator_optimizer.step(rate, self.discriminator.clone(), gradients);

            let fixed = self.discriminator.clone().no_grad();
            let (features, scores) = judge(refined, &fixed);
            let (real_features, _) = judge(reference, &fixed);
            let deception = objective::deception(scores, features, real_features);
            progress.deception = number(deception.clone());
            loss = loss + deception;
        }
        let gradients = GradientsParams::from_grads(loss.backward(), &self.generator);
        self.generator = self.generator_optimizer.step(rate, self.generator.clone(), gradients);
        progress
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
        let better = loss < self.state.untrained_loss;
        self.state.failed_validations = if better { 0 } else { self.state.failed_validations + 1 };
        loss
    }

    fn validation_loss(&self) -> f32 {
        let device = self.device.clone().inner();
        let network = Generator::new(&mut Maker::take(&self.average, &device));
        let loss = |batch: &Batch| {
            let (_, refined) = refine(&network, batch, &device);
            number(objective::spectral(refined, cube(&batch.reference, batch, &device)))
        };
        self.validation.iter().map(loss).sum::<f32>() / self.validation.len().max(1) as f32
    }

    fn prepare_validation(&mut self) {
        let mut pool = Pool::new();
        for index in 0..VALIDATION_PAIRS {
            if let Some(pair) = self.source.pair(Split::Valid, index) {
                pool.add(&pair, &self.analysis);
            }
        }
        let mut rng = self.state.settings.seed.fork("validation").rng();
        self.validation = (0..VALIDATION_BATCHES).map(|_| pool.batch(2 * BATCH, FRAMES, &mut rng)).collect();
    }

    /// Adds the next training pair to the pool.
    fn draw(&mut self) {
        if let Some(pair) = self.source.pair(Split::Train, self.state.drawn) {
            self.pool.add(&pair, &self.analysis);
            *self.drawn.entry((pair.family, pair.label)).or_default() += 1;
        }
        self.state.drawn += 1;
    }
}

/// The levels of a batch's sounds without their context, and the same refined.
fn refine(generator: &Generator, batch: &Batch, device: &Device) -> (Tensor<3>, Tensor<3>) {
    let wide = cube(&batch.ours, batch, device);
    let frames = wide.dims()[2] - 2 * CONTEXT;
    let ours = wide.clone().narrow(2, CONTEXT, frames);
    let change = generator.forward(wide, family_tensor(&batch.families, device));
    (ours.clone(), objective::refined(ours, change))
}

/// `[batch, BANDS, frames]` of the numbers of a batch.
fn cube(values: &[f32], batch: &Batch, device: &Device) -> Tensor<3> {
    let size = batch.families.len();
    Tensor::from_data(TensorData::new(values.to_vec(), [size, BANDS, values.len() / (size * BANDS)]), device)
}

/// The one element of a tensor.
fn number(tensor: Tensor<1>) -> f32 {
    numbers(tensor)[0]
}

#[cfg(test)]
mod tests;
