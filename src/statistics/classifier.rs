//! Which style a loop is: multinomial logistic regression, small enough to be above suspicion.

/// Rounds of gradient descent.
const ROUNDS: usize = 600;
/// Step of the descent.
const RATE: f32 = 0.5;
/// Weight decay.
const DECAY: f32 = 2e-3;

/// Weights for each class.
#[derive(Debug, Clone)]
pub struct Classifier {
    classes: usize,
    mean: Vec<f32>,
    scale: Vec<f32>,
    weights: Vec<f32>,
}

impl Classifier {
    /// Learns from (features, class), classes counted from 0; every class weighs the same.
    pub fn train(examples: &[(Vec<f32>, usize)], classes: usize) -> Self {
        let width = examples.first().map_or(0, |(features, _)| features.len());
        let count = examples.len().max(1) as f32;
        let column = |index: usize| examples.iter().map(move |(features, _)| features[index]);
        let mean: Vec<f32> = (0..width).map(|index| column(index).sum::<f32>() / count).collect();
        let spread =
            |index: usize| (column(index).map(|value| (value - mean[index]).powi(2)).sum::<f32>() / count).sqrt();
        let scale = (0..width).map(|index| 1.0 / spread(index).max(0.05)).collect();
        let mut learnt = Self { classes, scale, weights: vec![0.0; classes * (width + 1)], mean };
        let mut of_class = vec![0.0f32; classes];
        examples.iter().for_each(|(_, class)| of_class[*class] += 1.0);
        let inputs: Vec<Vec<f32>> = examples.iter().map(|(features, _)| learnt.input(features)).collect();
        for _ in 0..ROUNDS {
            let mut gradient = vec![0.0; learnt.weights.len()];
            for (input, (_, class)) in inputs.iter().zip(examples) {
                let weight = 1.0 / (of_class[*class] * classes as f32);
                for (other, share) in learnt.shares(input).into_iter().enumerate() {
                    let error = weight * (share - f32::from(u8::from(other == *class)));
                    let row = &mut gradient[other * (width + 1)..][..width + 1];
                    row.iter_mut().zip(input).for_each(|(sum, value)| *sum += error * value);
                }
            }
            for (weight, slope) in learnt.weights.iter_mut().zip(gradient) {
                *weight -= RATE * (slope + DECAY * *weight);
            }
        }
        learnt
    }

    /// The likeliest class.
    pub fn class(&self, features: &[f32]) -> usize {
        let shares = self.shares(&self.input(features));
        (0..shares.len()).max_by(|&a, &b| shares[a].total_cmp(&shares[b])).unwrap_or(0)
    }

    /// Features to mean 0 and deviation 1, and a constant.
    fn input(&self, features: &[f32]) -> Vec<f32> {
        let scaled =
            features.iter().zip(&self.mean).zip(&self.scale).map(|((value, mean), scale)| (value - mean) * scale);
        scaled.chain([1.0]).collect()
    }

    fn shares(&self, input: &[f32]) -> Vec<f32> {
        let logits: Vec<f32> = self
            .weights
            .chunks_exact(input.len())
            .map(|row| row.iter().zip(input).map(|(weight, value)| weight * value).sum())
            .collect();
        debug_assert_eq!(logits.len(), self.classes);
        let highest = logits.iter().copied().fold(f32::MIN, f32::max);
        let weights: Vec<f32> = logits.iter().map(|logit| (logit - highest).exp()).collect();
        let sum: f32 = weights.iter().sum();
        weights.into_iter().map(|weight| weight / sum).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use riffsmith_dsp::Seed;

    #[test]
    fn clouds_are_told_apart_and_noise_is_not() {
        let mut rng = Seed(1).rng();
        let mut cloud = |middle: f32, class: usize| -> Vec<(Vec<f32>, usize)> {
            (0..60).map(|_| (vec![middle + rng.normal(), rng.normal(), 3.0], class)).collect()
        };
        let (left, right, further) = (cloud(-4.0, 0), cloud(0.0, 1), cloud(4.0, 2));
        let (train, test): (Vec<_>, Vec<_>) =
            [left, right, further].concat().into_iter().enumerate().partition(|(index, _)| index % 2 == 0);
        let train: Vec<_> = train.into_iter().map(|(_, example)| example).collect();
        let classifier = Classifier::train(&train, 3);
        let right = test.iter().filter(|(_, (features, class))| classifier.class(features) == *class).count();
        assert!(right * 100 >= 90 * test.len(), "{right} of {}", test.len());
        let noise: Vec<_> = train.iter().map(|(features, class)| (vec![features[1]], *class)).collect();
        let blind = Classifier::train(&noise, 3);
        let right = test.iter().filter(|(_, (features, class))| blind.class(&features[1..2]) == *class).count();
        assert!(right * 100 <= 55 * test.len(), "{right} of {}", test.len());
    }
}
