//! What some stretches of pairs teach the two networks.

use super::discriminator::Discriminator;
use super::objective::{self, Cells};
use super::pool::Batch;
use crate::refiner::bands::BANDS;
use crate::refiner::generator::{Generator, family_rows};
use crate::refiner::parameters::numbers;
use burn::Tensor;
use burn::module::Module;
use burn::optim::{GradientsAccumulator, GradientsParams};
use burn::tensor::{Device, TensorData};

/// Slopes of the discriminator's loss along the refined levels, re those of the spectral loss, as root mean squares: so that neither
/// drowns the other, whatever the scale of its scores (Esser et al., "Taming Transformers", 2021, balance at the last layer).
const DECEIVING_SHARE: f32 = 0.25;

/// Weight of how far a change is from being as loud as the sound was, beside the spectral loss: what is matched afterwards anyway must not
/// drift, for levels of noise and what is allowed are of the sound's own loudness.
const LOUDNESS_WEIGHT: f64 = 0.25;

/// Slopes for the networks, and the losses that they come from.
#[derive(Default)]
pub struct Lesson {
    /// Spectral loss, in units of 20 dB.
    pub spectral: f32,
    /// What the discriminator adds to the generator's loss, and its own hinge loss.
    pub deception: f32,
    pub discrimination: f32,
    pub for_generator: GradientsParams,
    pub for_discriminator: GradientsParams,
}

impl Lesson {
    /// Of a batch; without a discriminator the spectral loss alone teaches. The networks get graphs of their own, so that lessons may be
    /// learnt side by side.
    pub fn of(batch: &Batch, generator: &Generator, judge: Option<&Discriminator>, device: &Device) -> Self {
        let generator = generator.clone().fork(device);
        let cells = cells(batch, device);
        let (made, louder) = refined(&generator, batch, &cells, device);
        // What the losses say is brought into proportion where it is said of levels, before it goes on through the generator.
        let levels = made.clone().detach().require_grad();
        let spectral = objective::spectral(&cells, levels.clone());
        let mut lesson = Self { spectral: number(spectral.clone()), ..Self::default() };
        let mut slopes = slopes(spectral, &levels);
        if let Some(judge) = judge {
            let deceiving = lesson.be_judged(batch, &cells, &levels, &judge.clone().fork(device), device);
            let weight = DECEIVING_SHARE * norm(&slopes) / norm(&deceiving).max(f32::MIN_POSITIVE);
            slopes.iter_mut().zip(deceiving).for_each(|(slope, other)| *slope += weight * other);
        }
        let loss = (made * matrix(&slopes, BANDS, device)).sum() + louder.abs().mean().mul_scalar(LOUDNESS_WEIGHT);
        lesson.for_generator = GradientsParams::from_grads(loss.backward(), &generator);
        lesson
    }

    /// Fills in what the discriminator learns and says; returns the slopes of what it says along the refined `levels`.
    fn be_judged(
        &mut self,
        batch: &Batch,
        cells: &Cells,
        levels: &Tensor<2>,
        discriminator: &Discriminator,
        device: &Device,
    ) -> Vec<f32> {
        let families = family_rows(&batch.families, device);
        let above = |levels: Tensor<2>| (levels - cells.floor.clone()).clamp_min(0.0);
        let (ours, reference) = (above(cells.unrefined()), above(cells.reference.clone()));
        let judge = |candidate: Tensor<2>, discriminator: &Discriminator| {
            discriminator.forward(ours.clone(), candidate, families.clone())
        };
        let real = judge(reference.clone(), discriminator);
        let fake = judge(above(levels.clone().detach()), discriminator);
        let discrimination = objective::discrimination(real, fake);
        self.discrimination = number(discrimination.clone());
        self.for_discriminator = GradientsParams::from_grads(discrimination.backward(), discriminator);

        let fixed = discriminator.clone().no_grad();
        let deception = objective::deception(judge(above(levels.clone()), &fixed), judge(reference, &fixed));
        self.deception = number(deception.clone());
        slopes(deception, levels)
    }

    /// The mean of lessons of batches of the same size.
    pub fn mean(lessons: Vec<Self>, generator: &Generator, discriminator: &Discriminator) -> Self {
        let share = 1.0 / lessons.len() as f32;
        let mut mean = Self::default();
        let (mut for_generator, mut for_discriminator) = (GradientsAccumulator::new(), GradientsAccumulator::new());
        for lesson in lessons {
            mean.spectral += share * lesson.spectral;
            mean.deception += share * lesson.deception;
            mean.discrimination += share * lesson.discrimination;
            for_generator.accumulate(generator, lesson.for_generator);
            for_discriminator.accumulate(discriminator, lesson.for_discriminator);
        }
        mean.for_generator = for_generator.grads();
        mean.for_discriminator = for_discriminator.grads();
        mean
    }
}

/// Validation: the mean distance over the examples of a batch, in units.
pub fn distance(batch: &Batch, generator: &Generator, device: &Device) -> f32 {
    let cells = cells(batch, device);
    let (refined, _) = refined(generator, batch, &cells, device);
    let floor = cells.floor.clone().expand(refined.dims());
    number(objective::distance(&cells, refined.max_pair(floor)))
}

/// Levels of a batch's sounds as the generator changes them, and by how much it made them too loud.
fn refined(generator: &Generator, batch: &Batch, cells: &Cells, device: &Device) -> (Tensor<2>, Tensor<2>) {
    let families = family_rows(&batch.families, device);
    let colours = matrix(&batch.colours, BANDS, device);
    cells.refined(generator.forward(&batch.levels, &batch.ring_levels, families, colours))
}

fn cells(batch: &Batch, device: &Device) -> Cells {
    let cells = |values: &[f32]| matrix(values, BANDS, device);
    Cells {
        batch: batch.families.len(),
        ours: cells(&batch.ours),
        rings: cells(&batch.rings),
        valleys: cells(&batch.valleys),
        reference: cells(&batch.reference),
        floor: matrix(&batch.floor, 1, device),
        hiss: [cells(&batch.hiss[0]), cells(&batch.hiss[1])],
    }
}

/// The slopes of a loss along each of `levels`, made with gradients.
fn slopes(loss: Tensor<1>, levels: &Tensor<2>) -> Vec<f32> {
    numbers(levels.grad(&loss.backward()).expect("the loss is made from the levels"))
}

/// Root of the sum of squares.
fn norm(values: &[f32]) -> f32 {
    values.iter().map(|value| value * value).sum::<f32>().sqrt()
}

/// Numbers in rows of `columns`.
fn matrix(values: &[f32], columns: usize, device: &Device) -> Tensor<2> {
    Tensor::from_data(TensorData::new(values.to_vec(), [values.len() / columns, columns]), device)
}

/// The one element of a tensor.
fn number(tensor: Tensor<1>) -> f32 {
    numbers(tensor)[0]
}
