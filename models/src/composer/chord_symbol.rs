//! Chords as symbols: root above the tonic times quality, and silence.

use riffsmith_dsp::score::{Chord, PitchClass, Quality};

/// Chord symbols: every quality on every root, and no chord.
pub const COUNT: usize = 12 * Quality::ALL.len() + 1;

/// The symbol for "no chord".
pub const SILENCE: usize = COUNT - 1;

/// The symbol of a chord; its bass note is left to the bass.
pub fn symbol(chord: Option<Chord>) -> usize {
    chord.map_or(SILENCE, |chord| usize::from(chord.root.semitones()) * Quality::ALL.len() + chord.quality as usize)
}

/// The chord of a symbol.
pub fn chord(symbol: usize) -> Option<Chord> {
    let quality = Quality::ALL[symbol % Quality::ALL.len()];
    (symbol < SILENCE).then(|| Chord::new(PitchClass::new((symbol / Quality::ALL.len()) as i32), quality))
}

/// A chord's notes as a set of bits, bit 0 the tonic; the octave's ninths are folded in.
pub fn class_set(chord: Option<Chord>) -> u16 {
    chord.map_or(0, |chord| chord.classes().fold(0, |set, class| set | 1 << class.semitones()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chords_and_symbols_round_trip() {
        for index in 0..COUNT {
            assert_eq!(symbol(chord(index)), index);
        }
        assert_eq!(chord(SILENCE), None);
    }

    #[test]
    fn class_sets_hold_the_chord_tones() {
        let a_minor: Chord = "Am7".parse().expect("a chord");
        assert_eq!(class_set(Some(a_minor)), 1 << 9 | 1 << 0 | 1 << 4 | 1 << 7);
        assert_eq!(class_set(None), 0);
    }
}
