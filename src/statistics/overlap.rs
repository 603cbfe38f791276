//! How far two sets of numbers are spread alike (Yang and Lerch, "On the evaluation of generative models in music", 2020).

/// Points at which densities are compared.
const POINTS: usize = 400;

/// The area that two densities share, 0 to 1: that of the distances within `real`, and that of the distances from `made` to `real`, each
/// smoothed by Gaussian kernels (Scott's bandwidth).
pub fn overlapped_area(real: &[f64], made: &[f64]) -> f64 {
    let within: Vec<f64> = (0..real.len())
        .flat_map(|one| (0..one).map(move |other| (one, other)))
        .map(|(one, other)| (real[one] - real[other]).abs())
        .collect();
    let between: Vec<f64> = made.iter().flat_map(|own| real.iter().map(move |other| (own - other).abs())).collect();
    if within.is_empty() || between.is_empty() {
        return 0.0;
    }
    let most = within.iter().chain(&between).copied().fold(0.0, f64::max);
    if most == 0.0 {
        return 1.0;
    }
    let (low, high) = (-0.25 * most, 1.25 * most);
    let step = (high - low) / POINTS as f64;
    let (a, b) = (Density::of(&within, most), Density::of(&between, most));
    (0..=POINTS).map(|point| low + step * point as f64).map(|x| a.at(x).min(b.at(x)) * step).sum::<f64>().min(1.0)
}

/// A sum of kernels, over a histogram so that thousands of distances cost little.
struct Density {
    bins: Vec<f64>,
    width: f64,
    bandwidth: f64,
}

impl Density {
    fn of(values: &[f64], most: f64) -> Self {
        let count = values.len() as f64;
        let mean = values.iter().sum::<f64>() / count;
        let deviation = (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count).sqrt();
        let width = most / 200.0;
        let mut bins = vec![0.0; 201];
        values.iter().for_each(|value| bins[(value / width).round() as usize] += 1.0 / count);
        Self { bins, width, bandwidth: (deviation * count.powf(-0.2)).max(most / 100.0) }
    }

    fn at(&self, x: f64) -> f64 {
        let kernel = |(index, share): (usize, &f64)| {
            let z = (x - index as f64 * self.width) / self.bandwidth;
            share * (-0.5 * z * z).exp()
        };
        let sum: f64 = self.bins.iter().enumerate().map(kernel).sum();
        sum / (self.bandwidth * std::f64::consts::TAU.sqrt())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use riffsmith_dsp::Seed;

    #[test]
    fn the_same_spread_overlaps_and_another_does_not() {
        let mut rng = Seed(2).rng();
        let mut drawn = |middle: f32, spread: f32| -> Vec<f64> {
            (0..60).map(|_| f64::from(middle + spread * rng.normal())).collect()
        };
        let (real, same, far, narrow) = (drawn(0.0, 1.0), drawn(0.0, 1.0), drawn(6.0, 1.0), drawn(0.0, 0.05));
        assert!(overlapped_area(&real, &same) > 0.9, "{}", overlapped_area(&real, &same));
        assert!(overlapped_area(&real, &far) < 0.25, "{}", overlapped_area(&real, &far));
        assert!(overlapped_area(&real, &narrow) < 0.85, "{}", overlapped_area(&real, &narrow));
        assert_eq!(overlapped_area(&[1.0; 4], &[1.0; 4]), 1.0);
        assert_eq!(overlapped_area(&[1.0], &[1.0]), 0.0);
    }
}
