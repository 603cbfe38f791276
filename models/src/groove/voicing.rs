//! Where a comping hand puts its fingers: three or four notes close together, moving as little as it can.

use riffsmith_dsp::score::{Chord, Quality};

/// The pitch round which the hand stays: middle C.
const CENTRE: i32 = 60;

/// Lowest root of a power chord: E2, a guitar's lowest string; the root lies within the octave above it.
const POWER_FLOOR: i32 = 40;

/// Three or four MIDI pitches, ascending, within little more than an octave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Voicing(Vec<i32>);

impl Voicing {
    /// As it is.
    pub fn close(&self) -> Vec<u8> {
        as_pitches(self.0.iter().copied())
    }

    /// The second note from the top an octave lower (drop 2): wide, for held chords.
    pub fn open(&self) -> Vec<u8> {
        let dropped = self.0.len().saturating_sub(2);
        as_pitches(self.0.iter().enumerate().map(|(index, &pitch)| if index == dropped { pitch - 12 } else { pitch }))
    }
}

fn as_pitches(pitches: impl Iterator<Item = i32>) -> Vec<u8> {
    let mut pitches: Vec<u8> = pitches.map(|pitch| pitch.clamp(0, 127) as u8).collect();
    pitches.sort_unstable();
    pitches
}

/// Voices a progression, each chord the inversion nearest to the one before it and to middle C.
pub fn lead(chords: impl Iterator<Item = Chord>) -> Vec<Voicing> {
    let mut voicings: Vec<Voicing> = Vec::new();
    for chord in chords {
        let before = voicings.last();
        // Leaving middle C costs a little more than moving, so that a long sequence does not climb away.
        let cost = |voicing: &Voicing| {
            let from_centre = (3 * voicing.0.iter().sum::<i32>() / voicing.0.len() as i32 - 3 * CENTRE).abs();
            from_centre + before.map_or(0, |before| distance(&before.0, &voicing.0))
        };
        if let Some(voicing) = inversions(chord).into_iter().min_by_key(cost) {
            voicings.push(voicing);
        }
    }
    voicings
}

/// How far the fingers go: each note to the nearest one of the chord before.
fn distance(from: &[i32], to: &[i32]) -> i32 {
    to.iter().map(|pitch| from.iter().map(|other| (pitch - other).abs()).min().unwrap_or(0)).sum()
}

/// Every inversion of the chord's notes in the octaves round middle C.
fn inversions(chord: Chord) -> Vec<Voicing> {
    let root = i32::from(chord.root.semitones());
    if chord.quality == Quality::Power {
        let root = POWER_FLOOR + (root - POWER_FLOOR).rem_euclid(12);
        return vec![Voicing(vec![root, root + 7, root + 12])];
    }
    // A ninth chord leaves its root to the bass.
    let intervals = chord.quality.intervals();
    let upper = if intervals.len() > 4 { &intervals[1..] } else { intervals };
    let mut notes: Vec<i32> = upper.iter().map(|&interval| root + i32::from(interval)).collect();
    let mut inversions = Vec::new();
    notes.iter_mut().for_each(|note| *note = note.rem_euclid(12) + 36);
    notes.sort_unstable();
    for _ in 0..3 * notes.len() {
        inversions.push(Voicing(notes.clone()));
        let lowest = notes.remove(0);
        notes.push(lowest + 12);
    }
    inversions
}

#[cfg(test)]
mod tests {
    use super::*;

    fn voiced(symbols: &[&str]) -> Vec<Voicing> {
        lead(symbols.iter().map(|symbol| symbol.parse().expect("a chord")))
    }

    #[test]
    fn every_chord_is_close_together_round_middle_c() {
        for root in 0..12 {
            for quality in Quality::ALL.into_iter().filter(|&quality| quality != Quality::Power) {
                let chord = Chord::new(riffsmith_dsp::score::PitchClass::new(root), quality);
                let pitches = lead([chord].into_iter())[0].close();
                assert!((3..=4).contains(&pitches.len()), "{chord}");
                assert!(pitches[0] >= 48 && pitches[pitches.len() - 1] <= 72, "{chord}: {pitches:?}");
                assert!(pitches[pitches.len() - 1] - pitches[0] < 12, "{chord}: {pitches:?}");
                assert!(
                    pitches
                        .iter()
                        .all(|pitch| { chord.contains(riffsmith_dsp::score::PitchClass::new(i32::from(*pitch))) })
                );
            }
        }
    }

    #[test]
    fn fingers_move_as_little_as_they_can() {
        let voicings = voiced(&["C", "Am", "F", "G"]);
        assert_eq!(distance(&voicings[0].0, &voicings[1].0), 2, "C to Am moves one finger by a tone");
        for pair in voicings.windows(2) {
            assert!(distance(&pair[0].0, &pair[1].0) <= 6, "{pair:?}");
        }
    }

    #[test]
    fn an_open_voicing_drops_the_second_note_from_the_top() {
        assert_eq!(Voicing(vec![60, 64, 67]).open(), [52, 60, 67]);
        assert_eq!(voiced(&["E5"])[0].close(), [40, 47, 52]);
    }
}
