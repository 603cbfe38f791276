//! Keys of written music, and where it modulates (Temperley, "Music and Probability", 2007, chapter 6).

use crate::score::{Key, Mode, PitchClass};

/// How probable it is that a degree of a major key sounds in a segment (Temperley's counts from the Kostka and Payne
/// textbook).
const MAJOR: [f64; 12] = [0.748, 0.060, 0.488, 0.082, 0.670, 0.460, 0.096, 0.715, 0.104, 0.366, 0.057, 0.400];

/// The same for a minor key.
const MINOR: [f64; 12] = [0.712, 0.048, 0.474, 0.618, 0.049, 0.460, 0.105, 0.747, 0.404, 0.067, 0.133, 0.330];

/// How probable it is that a bar is in another key than the one before. Temperley has 0.2 for every excursion; here only
/// what stays in its new key for some bars counts.
const CHANGE: f64 = 1e-4;

/// How much likelier keys are that have the written signature, as a factor on every bar: modulations rarely change it.
const WRITTEN: f64 = 1.5;

/// How much likelier it is that a tonic is in the bass of a bar than any one of the other degrees, relative to how long.
const TONIC_IN_BASS: f64 = 2.0;

/// What sounds in a bar: how long each pitch class does, and how long in the bass.
pub struct Bar {
    /// All parts.
    pub all: [f64; 12],
    /// The bass alone.
    pub bass: [f64; 12],
}

/// First bar and key of each region, by Viterbi's algorithm; empty if nothing sounds.
pub fn regions(bars: &[Bar], signature: Option<Key>) -> Vec<(usize, Key)> {
    let keys: Vec<Key> = [Mode::Major, Mode::Minor]
        .into_iter()
        .flat_map(|mode| (0..12).map(move |tonic| Key { tonic: PitchClass::new(tonic), mode }))
        .collect();
    if bars.iter().all(|bar| bar.all.iter().sum::<f64>() <= 0.0) {
        return Vec::new();
    }
    let fits = |key: &Key| signature.is_some_and(|written| written.signature() == key.signature());
    let prior: Vec<f64> = keys.iter().map(|key| if fits(key) { WRITTEN.ln() } else { 0.0 }).collect();
    let leave = (CHANGE / (keys.len() - 1) as f64).ln();
    let mut score = vec![0.0f64; keys.len()];
    let mut came_from = Vec::with_capacity(bars.len());
    for bar in bars {
        let best = (0..keys.len()).max_by(|&a, &b| score[a].total_cmp(&score[b])).unwrap_or(0);
        let moved = score[best] + leave;
        let from: Vec<usize> = (0..keys.len()).map(|own| if score[own] >= moved { own } else { best }).collect();
        score = (0..keys.len()).map(|own| score[own].max(moved) + prior[own] + likelihood(bar, keys[own])).collect();
        came_from.push(from);
    }
    let mut now = (0..keys.len()).max_by(|&a, &b| score[a].total_cmp(&score[b])).unwrap_or(0);
    let mut regions: Vec<(usize, Key)> = Vec::new();
    for (bar, from) in came_from.iter().enumerate().rev() {
        match regions.last_mut() {
            Some((start, key)) if *key == keys[now] => *start = bar,
            _ => regions.push((bar, keys[now])),
        }
        now = from[now];
    }
    regions.reverse();
    regions
}

/// How likely a bar is in a key: each pitch class sounds or not, independently of the others.
fn likelihood(bar: &Bar, key: Key) -> f64 {
    let sum: f64 = bar.all.iter().sum();
    if sum <= 0.0 {
        return 0.0;
    }
    let profile = if key.mode.is_minor() { &MINOR } else { &MAJOR };
    let low: f64 = bar.bass.iter().sum::<f64>().max(f64::MIN_POSITIVE);
    let tonic = bar.bass[usize::from(key.tonic.semitones())] / low;
    let heard: f64 = (0..12)
        .map(|class| {
            let probability = profile[usize::from(PitchClass::new(class).above(key.tonic))];
            // A short passing note counts less than what stays.
            let presence = (bar.all[class as usize] / sum * 12.0).min(1.0);
            presence * probability.ln() + (1.0 - presence) * (1.0 - probability).ln()
        })
        .sum();
    heard + tonic * TONIC_IN_BASS.ln()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score::Chord;

    fn bars(chords: &str) -> Vec<Bar> {
        let bar = |text: &str| {
            let chord: Chord = text.parse().expect(text);
            let (mut all, mut bass) = ([0.0; 12], [0.0; 12]);
            chord.classes().for_each(|class| all[usize::from(class.semitones())] += 24.0);
            bass[usize::from(chord.root.semitones())] += 24.0;
            Bar { all, bass }
        };
        chords.split(' ').map(bar).collect()
    }

    fn found(chords: &str, signature: Option<&str>) -> Vec<(usize, String)> {
        let signature = signature.map(|text| text.parse().expect("a key"));
        regions(&bars(chords), signature).into_iter().map(|(bar, key)| (bar, key.to_string())).collect()
    }

    #[test]
    fn keys_and_modulations_are_found_and_excursions_are_not() {
        assert_eq!(found("G C D G Em Am D7 G", Some("G")), [(0, "G major".to_owned())]);
        assert_eq!(found("Em Am B7 Em C Am B7 Em", Some("G")), [(0, "E minor".to_owned())]);
        // An applied dominant is no modulation; sixteen bars in the dominant's key are.
        assert_eq!(found("C F D7 G C F G7 C", Some("C")), [(0, "C major".to_owned())]);
        let home = "C F G7 C Am Dm G7 C";
        let away = "G C D7 G Em Am D7 G G C D7 G Em Am D7 G";
        let found = found(&format!("{home} {away}"), None);
        let keys: Vec<&str> = found.iter().map(|(_, key)| &key[..]).collect();
        // G and C are in both keys.
        assert!(keys == ["C major", "G major"] && (8..=10).contains(&found[1].0), "{found:?}");
        assert!(regions(&[], None).is_empty());
    }
}
