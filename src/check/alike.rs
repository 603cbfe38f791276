//! Sounds that could be taken for each other.

use super::Violation;
use super::contents::Scores;
use super::sound::Heard;
use crate::pack::variety::{LEAST_SOUND_DISTANCE, Outline, least_distance};
use crate::pack::{Kind, Row};
use riffsmith_dsp::score::Role;
use std::collections::HashMap;

/// What comparing has shown.
pub struct Alike {
    /// Mean distance of each two loops of a kind.
    pub mean: Option<f32>,
    /// The nearest two.
    pub nearest: Option<(f32, String, String)>,
    /// Those that are too near.
    pub violations: Vec<Violation>,
}

/// Compares each two loops of what the same plays, and each two one-shots of one pitch. The distance of loops is half by their notes and half by
/// their sound, and at least half of what their notes alone must have.
pub fn compare(sounds: &[Heard], scores: &Scores, rows: &[Row]) -> Alike {
    let mut violations = Vec::new();
    let mut first: HashMap<&str, &str> = HashMap::new();
    for heard in sounds.iter().filter(|heard| !heard.samples.is_empty()) {
        if let Some(other) = first.insert(&heard.samples, &heard.path) {
            violations.push(Violation { path: heard.path.clone(), what: format!("holds the same samples as {other}") });
        }
    }
    let notes = |heard: &Heard| {
        let row = rows.iter().find(|row| row.path == heard.path)?;
        scores.outline_of(&row.path)
    };
    let (mut sum, mut count) = (0.0f64, 0u32);
    let mut nearest: Option<(f32, String, String)> = None;
    for (index, heard) in sounds.iter().enumerate() {
        for other in &sounds[..index] {
            let of_a_kind = heard.kind == other.kind && heard.instrument == other.instrument;
            let (Some(own), Some(theirs)) = (&heard.fingerprint, &other.fingerprint) else { continue };
            if !of_a_kind || are_of_two_pitches(heard, other) || !matches!(heard.kind, Some(Kind::Loop | Kind::OneShot))
            {
                continue;
            }
            let sound = own.distance(theirs);
            let outlines: (Option<&Outline>, Option<&Outline>) = (notes(heard), notes(other));
            let (distance, least) = match outlines {
                (Some(own), Some(theirs)) => {
                    let role = Role::ALL.into_iter().find(|role| heard.instrument.as_deref() == Some(role.name()));
                    (0.5 * own.distance(theirs) + 0.5 * sound, 0.5 * least_distance(role))
                }
                _ => (sound, LEAST_SOUND_DISTANCE),
            };
            if distance < least && heard.samples != other.samples {
                let what = format!("is like {}: their distance is {distance:.3}, below {least}", other.path);
                violations.push(Violation { path: heard.path.clone(), what });
            }
            if heard.kind == Some(Kind::Loop) {
                sum += f64::from(distance);
                count += 1;
                if nearest.as_ref().is_none_or(|(least, ..)| distance < *least) {
                    nearest = Some((distance, other.path.clone(), heard.path.clone()));
                }
            }
        }
    }
    Alike { mean: (count > 0).then(|| (sum / f64::from(count)) as f32), nearest, violations }
}

/// Single notes a semitone apart are two sounds, however near their spectra: that they have the pitches they state is heard one by
/// one.
fn are_of_two_pitches(one: &Heard, other: &Heard) -> bool {
    let roots = one.root.zip(other.root);
    one.kind == Some(Kind::OneShot) && roots.is_some_and(|(one, other)| one != other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pack::variety::Fingerprint;
    use riffsmith_dsp::score::Pitch;
    use riffsmith_dsp::{AudioBuffer, SampleRate};

    fn note(path: &str, root: u8) -> Heard {
        let tone = |n: u32| 0.3 * (f64::from(n) * 0.01).sin() as f32;
        let frames = (0..22_050).map(|n| [tone(n); 2]).collect();
        Heard {
            path: path.to_owned(),
            kind: Some(Kind::OneShot),
            instrument: Some("piano".to_owned()),
            root: Some(Pitch::new(root)),
            samples: path.to_owned(),
            fingerprint: Some(Fingerprint::of(&AudioBuffer { sample_rate: SampleRate::CD, frames })),
            violations: Vec::new(),
        }
    }

    #[test]
    fn notes_of_one_pitch_must_differ_notes_of_two_do() {
        let sounds = [note("a.wav", 40), note("b.wav", 40), note("c.wav", 43)];
        let found = compare(&sounds, &Scores::default(), &[]).violations;
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].path == "b.wav" && found[0].what.contains("a.wav"), "{found:?}");
    }
}
