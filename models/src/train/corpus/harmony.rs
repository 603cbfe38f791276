//! Chord progressions: what they tell about their key, and pieces of nothing else.

use crate::piece::{Piece, Split, TICKS_PER_STEP};
use riffsmith_dsp::score::{Chord, Meter, Mode, PitchClass};

/// A piece of bars whose chords share each of them evenly, tonic at C; `None` without chords.
pub fn piece(source: String, style: &str, split: Split, meter: Meter, bars: &[Vec<Option<Chord>>]) -> Option<Piece> {
    let bar = meter.bar().0 / TICKS_PER_STEP;
    let mut harmony = Vec::new();
    for (start, chords) in (0..).map(|index| index * bar).zip(bars) {
        let share = bar / chords.len().max(1) as u32;
        harmony.extend((0..).zip(chords).map(|(place, &chord)| (start + place * share, chord)));
    }
    let bars = bars.len() as u32;
    let harmony = merged(harmony);
    let mode = Some(mode(&harmony, bars * bar)?);
    Some(Piece {
        source,
        styles: vec![style.to_owned()],
        split,
        meter,
        mode,
        bpm: None,
        bars,
        harmony,
        parts: Vec::new(),
        is_loop: false,
    })
}

/// The mode on C into which most of a harmony falls.
///
/// Every chord tone counts for as long as it sounds if it is in the scale, the tonic triad's third thrice; ties go to
/// the mode that comes first in major, minor, mixolydian, dorian, lydian, phrygian. `None` without chords.
pub fn mode(harmony: &[(u32, Option<Chord>)], length: u32) -> Option<Mode> {
    let mut weights = [0.0f64; 12];
    for (index, (start, chord)) in harmony.iter().enumerate() {
        let end = harmony.get(index + 1).map_or(length, |(next, _)| *next);
        let Some(chord) = chord else { continue };
        for class in chord.classes() {
            let is_tonic_third = chord.root == PitchClass::C && matches!(class.semitones(), 3 | 4);
            let weight = if is_tonic_third { 3.0 } else { 1.0 };
            weights[usize::from(class.semitones())] += weight * f64::from(end.saturating_sub(*start));
        }
    }
    if weights.iter().all(|&weight| weight == 0.0) {
        return None;
    }
    let fit = |mode: Mode| mode.intervals().iter().map(|&degree| weights[usize::from(degree)]).sum::<f64>();
    let order = [Mode::Major, Mode::Minor, Mode::Mixolydian, Mode::Dorian, Mode::Lydian, Mode::Phrygian];
    order.into_iter().rev().max_by(|&a, &b| fit(a).total_cmp(&fit(b)))
}

/// Leaves out chords that go on as the one before.
pub fn merged(mut harmony: Vec<(u32, Option<Chord>)>) -> Vec<(u32, Option<Chord>)> {
    harmony.dedup_by_key(|(_, chord)| *chord);
    harmony
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode_of(chords: &str) -> Option<Mode> {
        let harmony: Vec<_> =
            chords.split(' ').enumerate().map(|(bar, text)| (bar as u32 * 96, text.parse().ok())).collect();
        mode(&harmony, harmony.len() as u32 * 96)
    }

    #[test]
    fn modes_are_told_from_their_chords() {
        assert_eq!(mode_of("C G Am F"), Some(Mode::Major));
        assert_eq!(mode_of("Cm Ab Eb Bb"), Some(Mode::Minor));
        assert_eq!(mode_of("Cm F Cm F"), Some(Mode::Dorian));
        assert_eq!(mode_of("C Bb F C"), Some(Mode::Mixolydian));
        assert_eq!(mode_of("Cm Db Cm Bbm"), Some(Mode::Phrygian));
        assert_eq!(mode_of("- -"), None);
    }
}
