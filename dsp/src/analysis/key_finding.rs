//! The key of notes that come without one.

use crate::score::{Key, Mode, PitchClass};

/// How well each degree fits a major key (Krumhansl, "Cognitive Foundations of Musical Pitch", 1990, table 2.1).
const MAJOR: [f64; 12] = [6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88];

/// The same for a minor key.
const MINOR: [f64; 12] = [6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17];

/// How much the bass's favourite note speaks for a tonic, against correlations of -1 to 1. In riff-based music the tonic
/// is where the bass stays, whatever the scale; the profiles alone know only major and minor.
const BASS_WEIGHT: f64 = 0.6;

/// The key that explains best how long each pitch class sounds, and how long in the bass.
///
/// The tonic and the third come from the correlation with Krumhansl and Kessler's profiles and from the bass; the mode is
/// then the one with that third whose scale holds most. `None` if nothing sounds.
pub fn key(weights: &[f64; 12], bass: &[f64; 12]) -> Option<Key> {
    if weights.iter().sum::<f64>() <= 0.0 {
        return None;
    }
    let low: f64 = bass.iter().sum::<f64>().max(f64::MIN_POSITIVE);
    let candidates = (0..12).flat_map(|tonic| [(tonic, false), (tonic, true)]);
    let fit = |&(tonic, is_minor): &(usize, bool)| {
        let profile = profile(is_minor);
        let turned: [f64; 12] = std::array::from_fn(|degree| weights[(tonic + degree) % 12]);
        correlation(&turned, profile) + BASS_WEIGHT * bass[tonic] / low
    };
    let (tonic, is_minor) = candidates.max_by(|a, b| fit(a).total_cmp(&fit(b)))?;
    let inside = |mode: Mode| mode.intervals().iter().map(|&s| weights[(tonic + usize::from(s)) % 12]).sum::<f64>();
    // The usual modes stand last: among equals, `max_by` takes the last one.
    let modes = if is_minor {
        [Mode::Phrygian, Mode::Dorian, Mode::Minor]
    } else {
        [Mode::Lydian, Mode::Mixolydian, Mode::Major]
    };
    let mode = modes.into_iter().max_by(|&a, &b| inside(a).total_cmp(&inside(b)))?;
    Some(Key { tonic: PitchClass::new(tonic as i32), mode })
}

/// Krumhansl and Kessler's profile of a minor or major key, from the tonic upwards.
pub fn profile(is_minor: bool) -> &'static [f64; 12] {
    if is_minor { &MINOR } else { &MAJOR }
}

/// Pearson's correlation coefficient.
pub(super) fn correlation(a: &[f64; 12], b: &[f64; 12]) -> f64 {
    let mean = |x: &[f64; 12]| x.iter().sum::<f64>() / 12.0;
    let (mean_a, mean_b) = (mean(a), mean(b));
    let product =
        |x: &[f64; 12], mx: f64, y: &[f64; 12], my: f64| x.iter().zip(y).map(|(x, y)| (x - mx) * (y - my)).sum::<f64>();
    let spread = (product(a, mean_a, a, mean_a) * product(b, mean_b, b, mean_b)).sqrt();
    if spread > 0.0 { product(a, mean_a, b, mean_b) / spread } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The key of equally long chords with their roots in the bass.
    fn key_of(chords: &str) -> String {
        let (mut weights, mut bass) = ([0.0; 12], [0.0; 12]);
        for chord in chords.split(' ').map(|text| text.parse::<crate::score::Chord>().expect(text)) {
            bass[usize::from(chord.root.semitones())] += 1.0;
            chord.classes().for_each(|class| weights[usize::from(class.semitones())] += 1.0);
        }
        key(&weights, &bass).expect("sounds").to_string()
    }

    #[test]
    fn keys_of_progressions_are_found() {
        assert_eq!(key_of("C F G C"), "C major");
        assert_eq!(key_of("D A Bm G D A D"), "D major");
        assert_eq!(key_of("Am Dm Am E7 Am"), "A minor");
        assert_eq!(key_of("E5 F5 E5 G5 E5 F5 E5"), "E phrygian");
        assert_eq!(key_of("Dm G Dm C Dm"), "D dorian");
        assert_eq!(key(&[0.0; 12], &[0.0; 12]), None);
    }
}
