//! Means, entropies and ranks.

use std::collections::BTreeMap;

/// The mean; 0 of nothing.
pub fn mean(values: impl IntoIterator<Item = f64>) -> f64 {
    let (sum, count) = values.into_iter().fold((0.0, 0u32), |(sum, count), value| (sum + value, count + 1));
    sum / f64::from(count.max(1))
}

/// The standard deviation; 0 of nothing.
pub fn deviation(values: &[f64]) -> f64 {
    let middle = mean(values.iter().copied());
    mean(values.iter().map(|value| (value - middle).powi(2))).sqrt()
}

/// Entropy of symbols in bits.
pub fn entropy<T: Ord>(symbols: impl Iterator<Item = T>) -> f64 {
    let mut counts: BTreeMap<T, f64> = BTreeMap::new();
    symbols.for_each(|symbol| *counts.entry(symbol).or_default() += 1.0);
    let sum: f64 = counts.values().sum();
    -counts.values().map(|count| count / sum * (count / sum).log2()).sum::<f64>()
}

/// Spearman's rank correlation; ties have their mean rank.
pub fn spearman(points: &[(f64, f64)]) -> f64 {
    let ranks = |values: Vec<f64>| -> Vec<f64> {
        let rank = |value: f64| {
            let below = values.iter().filter(|other| **other < value).count();
            let level = values.iter().filter(|other| **other == value).count();
            below as f64 + (level as f64 + 1.0) / 2.0
        };
        values.iter().map(|&value| rank(value)).collect()
    };
    let x = ranks(points.iter().map(|point| point.0).collect());
    let y = ranks(points.iter().map(|point| point.1).collect());
    let (mx, my) = (mean(x.iter().copied()), mean(y.iter().copied()));
    let product =
        |a: &[f64], ma: f64, b: &[f64], mb: f64| -> f64 { a.iter().zip(b).map(|(a, b)| (a - ma) * (b - mb)).sum() };
    product(&x, mx, &y, my) / (product(&x, mx, &x, mx) * product(&y, my, &y, my)).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_are_correlated_with_ties_in_the_middle() {
        assert!((spearman(&[(1.0, 2.0), (2.0, 4.0), (3.0, 9.0)]) - 1.0).abs() < 1e-12);
        assert!((spearman(&[(1.0, 9.0), (2.0, 4.0), (3.0, 2.0)]) + 1.0).abs() < 1e-12);
        // By hand: ranks 1, 2.5, 2.5, 4 against 1, 2, 3, 4.
        let tied = spearman(&[(1.0, 1.0), (2.0, 2.0), (2.0, 3.0), (4.0, 4.0)]);
        assert!((tied - 4.5 / (4.5f64 * 5.0).sqrt()).abs() < 1e-12, "{tied}");
    }

    #[test]
    fn even_symbols_have_the_most_entropy() {
        assert_eq!(entropy([1, 2, 3, 4].into_iter()), 2.0);
        assert_eq!(entropy([5, 5, 5].into_iter()), 0.0);
        assert_eq!((mean([1.0, 4.0]), mean([])), (2.5, 0.0));
        assert_eq!((deviation(&[1.0, 4.0]), deviation(&[])), (1.5, 0.0));
    }
}
