//! How far a line is from another.

use riffsmith_models::piece::Event;
use std::collections::BTreeMap;

/// Semitones from which on two notes are as far apart as can be.
const FAR: f64 = 12.0;

/// Distance of two lines, 0 (the same onsets and pitches) to 1 (nothing in common): the mean over all onsets of either of 1 where only
/// one of them has a note, else of 0 for the same highest pitch and 0.5 to 1 for another, by how far it is, up to an octave.
pub fn distance(a: &[Event], b: &[Event]) -> f64 {
    let tops = |events: &[Event]| -> BTreeMap<u32, u8> {
        let mut tops = BTreeMap::new();
        for event in events {
            let top = tops.entry(event.step).or_insert(event.pitch);
            *top = event.pitch.max(*top);
        }
        tops
    };
    let (a, b) = (tops(a), tops(b));
    let only_b = b.keys().filter(|step| !a.contains_key(step)).count();
    let of_a = a.iter().map(|(step, &pitch)| match b.get(step) {
        None => 1.0,
        Some(&other) if other == pitch => 0.0,
        Some(&other) => 0.5 + 0.5 * (f64::from(pitch.abs_diff(other)) / FAR).min(1.0),
    });
    let onsets = a.len() + only_b;
    if onsets == 0 { 0.0 } else { (of_a.sum::<f64>() + only_b as f64) / onsets as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(notes: &[(u32, u8)]) -> Vec<Event> {
        notes.iter().map(|&(step, pitch)| Event { step, pitch, length: 6, velocity: 90, offset: 0 }).collect()
    }

    #[test]
    fn it_grows_with_what_is_changed() {
        let theme = line(&[(0, 60), (24, 64), (48, 67), (72, 72)]);
        assert_eq!(distance(&theme, &theme), 0.0);
        let one_pitch = distance(&theme, &line(&[(0, 60), (24, 65), (48, 67), (72, 72)]));
        let one_octave = distance(&theme, &line(&[(0, 60), (24, 76), (48, 67), (72, 72)]));
        let one_onset = distance(&theme, &line(&[(0, 60), (30, 64), (48, 67), (72, 72)]));
        assert!(
            0.0 < one_pitch && one_pitch < one_octave && one_octave < one_onset,
            "{one_pitch} {one_octave} {one_onset}"
        );
        assert_eq!(distance(&theme, &line(&[(6, 60)])), 1.0);
        assert_eq!(distance(&[], &[]), 0.0);
    }
}
