//! Phases for magnitudes that come without.

use super::{Bin, Edges, Spectrogram, Stft};
use crate::rng::Seed;
use crate::units::SampleRate;

/// How far each step goes beyond the projection, in the first iterations 0.
const MOMENTUM: f32 = 0.99;

/// A signal whose spectrogram has nearly these magnitudes, by the fast Griffin-Lim algorithm (Perraudin, Balazs and Søndergaard, "A
/// Fast Griffin-Lim Algorithm", 2013) from phases drawn of `seed`.
///
/// `magnitudes`: frame after frame, of a signal of `length` samples, unscaled, as absolute values of [`Stft::analyze`].
///
/// # Panics
/// If there are not as many magnitudes as the spectrogram of such a signal has.
pub fn griffin_lim(
    stft: &Stft,
    magnitudes: &[f32],
    length: usize,
    edges: Edges,
    iterations: usize,
    seed: Seed,
) -> Vec<f32> {
    let (mut rng, rate) = (seed.rng(), SampleRate::CD);
    let draw = |&magnitude: &f32| Bin::from_polar(magnitude, std::f32::consts::TAU * rng.uniform());
    let values: Vec<Bin> = magnitudes.iter().map(draw).collect();
    let (fft_size, hop) = (stft.fft_size(), stft.hop());
    let mut guess = Spectrogram { sample_rate: rate, fft_size, hop, length, edges, values };
    let mut last: Option<Vec<Bin>> = None;
    for _ in 0..iterations {
        let projected = stft.analyze(&stft.synthesize(&guess), rate, edges).values;
        assert_eq!(projected.len(), magnitudes.len(), "magnitudes of a signal of this length");
        for (at, value) in guess.values.iter_mut().enumerate() {
            let ahead = last.as_ref().map_or(Bin::default(), |last| (projected[at] - last[at]) * MOMENTUM);
            let target = projected[at] + ahead;
            *value = target * (magnitudes[at] / target.norm().max(f32::MIN_POSITIVE));
        }
        last = Some(projected);
    }
    stft.synthesize(&guess)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_magnitudes_of_the_result_are_near_to_those_asked_for() {
        let stft = Stft::new(512, 128);
        let length = 8000;
        let signal: Vec<f32> = (0..length)
            .map(|i| {
                let seconds = i as f32 / 44_100.0;
                (std::f32::consts::TAU * (300.0 + 2000.0 * seconds) * seconds).sin()
            })
            .collect();
        let magnitudes = |signal: &[f32]| -> Vec<f32> {
            let values = stft.analyze(signal, SampleRate::CD, Edges::Silence).values;
            values.iter().map(|bin| bin.norm()).collect()
        };
        let wanted = magnitudes(&signal);
        let error = |iterations| {
            let made = magnitudes(&griffin_lim(&stft, &wanted, length, Edges::Silence, iterations, Seed(1)));
            let difference: f32 = made.iter().zip(&wanted).map(|(a, b)| (a - b).powi(2)).sum();
            10.0 * (difference / wanted.iter().map(|b| b * b).sum::<f32>()).log10()
        };
        // The paper's figures lie between 20 and 30 dB after 100 iterations at this overlap.
        let (first, last) = (error(1), error(60));
        assert!(last < -15.0 && last < first - 6.0, "{first} dB, then {last} dB");
    }
}
