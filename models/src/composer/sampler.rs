//! Drawing a class from logits: mask, temperature, top-k, top-p.

use riffsmith_dsp::Rng;

/// How boldly is drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Taste {
    /// Divides the logits: below 1 safer, above 1 bolder.
    pub temperature: f32,
    /// Only the `top_k` likeliest classes are drawn from; 0 for all.
    pub top_k: usize,
    /// Only the likeliest classes that together have this probability are drawn from (Holtzman et al., "The Curious Case of Neural
    /// Text Degeneration", 2020); 1 for all.
    pub top_p: f32,
}

/// A class, and the natural logarithm of its probability among the allowed ones at temperature 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Drawn {
    /// The class.
    pub class: usize,
    /// Its log probability.
    pub log_probability: f64,
}

/// Draws one of the classes that `allowed` admits; `None` if it admits none.
///
/// Ties and rounding fall towards the lower class, so that the draw depends only on logits and generator.
pub fn draw(logits: &[f32], allowed: impl Fn(usize) -> bool, taste: Taste, rng: &mut Rng) -> Option<Drawn> {
    let mut classes: Vec<(usize, f64)> = logits
        .iter()
        .enumerate()
        .filter(|&(class, _)| allowed(class))
        .map(|(class, &logit)| (class, if logit.is_finite() { f64::from(logit) } else { f64::from(f32::MIN) }))
        .collect();
    classes.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    let &(_, highest) = classes.first()?;
    let normaliser = highest + classes.iter().map(|(_, logit)| (logit - highest).exp()).sum::<f64>().ln();
    if taste.top_k > 0 {
        classes.truncate(taste.top_k);
    }
    let temperature = f64::from(taste.temperature.max(1e-3));
    let weights: Vec<f64> = classes.iter().map(|(_, logit)| ((logit - highest) / temperature).exp()).collect();
    let total: f64 = weights.iter().sum();
    let mut nucleus = 0.0;
    let kept = weights.iter().take_while(|&&weight| {
        let inside = nucleus < f64::from(taste.top_p) * total;
        nucleus += if inside { weight } else { 0.0 };
        inside
    });
    let kept = kept.count().max(1);
    let mut rest = rng.uniform_f64() * weights[..kept].iter().sum::<f64>();
    let index = weights[..kept].iter().position(|weight| {
        rest -= weight;
        rest < 0.0
    });
    let (class, logit) = classes[index.unwrap_or(kept - 1)];
    Some(Drawn { class, log_probability: logit - normaliser })
}

/// Natural logarithm of a class's probability among the allowed ones, of which it is one.
pub fn log_share(logits: &[f32], allowed: impl Fn(usize) -> bool, class: usize) -> f64 {
    let all = logits.iter().enumerate().filter(|&(class, _)| allowed(class)).map(|(_, &logit)| f64::from(logit));
    let highest = all.clone().fold(f64::MIN, f64::max);
    f64::from(logits[class]) - highest - all.map(|logit| (logit - highest).exp()).sum::<f64>().ln()
}

#[cfg(test)]
mod tests {
    use super::*;
    use riffsmith_dsp::Seed;

    const ALL: Taste = Taste { temperature: 1.0, top_k: 0, top_p: 1.0 };

    fn shares(logits: &[f32], taste: Taste) -> Vec<f64> {
        let mut rng = Seed(5).rng();
        let mut counts = vec![0.0; logits.len()];
        for _ in 0..20_000 {
            counts[draw(logits, |_| true, taste, &mut rng).expect("allowed").class] += 1.0 / 20_000.0;
        }
        counts
    }

    #[test]
    fn classes_are_drawn_as_often_as_their_probability() {
        let logits = [0.1f32, 0.2, 0.3, 0.4].map(f32::ln);
        for (share, expected) in shares(&logits, ALL).into_iter().zip([0.1, 0.2, 0.3, 0.4]) {
            // Five standard errors of 20 000 draws.
            assert!((share - expected).abs() < 5.0 * 0.5 / 20_000f64.sqrt(), "{share} {expected}");
        }
        let drawn = draw(&logits, |class| class == 1, ALL, &mut Seed(1).rng()).expect("one allowed");
        assert_eq!((drawn.class, drawn.log_probability), (1, 0.0));
        assert!((log_share(&logits, |class| class > 0, 2) - (0.3f64 / 0.9).ln()).abs() < 1e-6);
    }

    #[test]
    fn the_tail_is_cut_by_count_and_by_mass() {
        let logits = [0.1f32, 0.2, 0.3, 0.4].map(f32::ln);
        let by_count = shares(&logits, Taste { top_k: 2, ..ALL });
        assert_eq!((by_count[0], by_count[1]), (0.0, 0.0));
        let by_mass = shares(&logits, Taste { top_p: 0.65, ..ALL });
        assert_eq!((by_mass[0], by_mass[1]), (0.0, 0.0));
        assert!(by_mass[2] > 0.3);
        let likeliest = shares(&logits, Taste { top_p: 0.0, ..ALL });
        assert_eq!(likeliest[..3], [0.0; 3]);
    }

    #[test]
    fn what_is_not_allowed_is_never_drawn() {
        let mut rng = Seed(9).rng();
        for _ in 0..1000 {
            let logits: Vec<f32> = (0..9).map(|_| rng.normal() * 50.0).collect();
            let class = draw(&logits, |class| class % 2 == 1, ALL, &mut rng).expect("some allowed").class;
            assert_eq!(class % 2, 1);
        }
        assert_eq!(draw(&[0.0; 3], |_| false, ALL, &mut rng), None);
        assert!(draw(&[f32::NAN, f32::INFINITY], |_| true, ALL, &mut rng).is_some());
    }
}
