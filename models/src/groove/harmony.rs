//! Roman numerals to chords, and the chord at a moment.

use super::Wrong;
use super::voicing::{self, Voicing};
use riffsmith_dsp::score::{Chord, Key, PitchClass, Quality};

/// The chords of a groove, tonic moved to C.
#[derive(Debug)]
pub struct Harmony {
    /// Whole bars.
    pub bars: u32,
    /// Chord from a grid step on; the first one is at 0.
    pub chords: Vec<(u32, Chord)>,
    voicings: Vec<Voicing>,
}

/// The degrees, longest spelling first, so that `VII` is not read as `VI`.
const NUMERALS: [(&str, usize); 7] = [("VII", 6), ("III", 2), ("VI", 5), ("IV", 3), ("II", 1), ("V", 4), ("I", 0)];

/// Most bars in a groove.
const MAX_BARS: usize = 16;

impl Harmony {
    /// Bars between `|`; the chords of a bar share it evenly, and `-` holds the chord before it.
    pub fn read(text: &str, key: Key, steps_per_bar: u32) -> Wrong<Self> {
        let bars: Vec<&str> = super::bars(text).collect();
        if bars.len() > MAX_BARS {
            return Err(format!("a groove has 1 to {MAX_BARS} bars, but this harmony has {}", bars.len()));
        }
        let mut chords: Vec<(u32, Chord)> = Vec::new();
        for (bar, content) in (0..).zip(&bars) {
            let slots: Vec<&str> = content.split_whitespace().collect();
            let count = slots.len() as u32;
            if count == 0 || !(steps_per_bar / 6).is_multiple_of(count) {
                return Err(format!(
                    "bar {} of the harmony has {count} chords, which do not share its {} sixteenths evenly",
                    bar + 1,
                    steps_per_bar / 6
                ));
            }
            for (slot, symbol) in (0..).zip(slots) {
                if symbol != "-" {
                    let chord = numeral(symbol, key)?;
                    if chords.last().is_none_or(|&(_, before)| before != chord) {
                        chords.push((bar * steps_per_bar + slot * steps_per_bar / count, chord));
                    }
                }
            }
        }
        if chords.first().is_none_or(|&(start, _)| start > 0) {
            return Err("the harmony must begin with a chord, such as i7".to_owned());
        }
        let voicings = voicing::lead(chords.iter().map(|&(_, chord)| chord));
        Ok(Self { bars: bars.len() as u32, chords, voicings })
    }

    /// The notes of the chord at a step, or of the one `ahead` chords after it (the last leads to the first).
    pub fn voicing_at(&self, step: u32, ahead: usize, is_open: bool) -> Vec<u8> {
        let index = self.chords.partition_point(|&(start, _)| start <= step).saturating_sub(1);
        let voicing = &self.voicings[(index + ahead) % self.voicings.len()];
        if is_open { voicing.open() } else { voicing.close() }
    }
}

/// `i7`, `bVImaj7`, `V7`, `iv/V`: the degree within the mode, upper case for major; tonic moved to C.
fn numeral(text: &str, key: Key) -> Wrong<Chord> {
    let read = || {
        if let Some(chord) = without_bass(text, key) {
            return Some(chord);
        }
        let (upper, bass) = text.rsplit_once('/')?;
        let (root, is_minor, rest) = degree(bass, key)?;
        let chord = without_bass(upper, key)?;
        (rest.is_empty() && !is_minor).then_some(Chord { bass: Some(root).filter(|&bass| bass != chord.root), ..chord })
    };
    read().ok_or_else(|| {
        format!(
            "{text:?} is no chord; write a Roman numeral and a quality, such as i7, IVmaj7, bII, iim7b5, V7sus4 or IV/V"
        )
    })
}

fn without_bass(text: &str, key: Key) -> Option<Chord> {
    let (root, is_minor, ending) = degree(text, key)?;
    // `i7` is a minor seventh; `i5` and `iidim` say for themselves what they are.
    let minor = is_minor.then(|| Quality::from_symbol(&format!("m{ending}"))).flatten();
    let quality = minor.or_else(|| Quality::from_symbol(ending))?;
    Some(Chord::new(root, quality))
}

/// Root with the tonic at C, true for lower case, and what follows the numeral.
fn degree(text: &str, key: Key) -> Option<(PitchClass, bool, &str)> {
    let natural = text.trim_start_matches(['b', '#']);
    let accidentals = &text[..text.len() - natural.len()];
    let shift: i32 = accidentals.chars().map(|c| if c == 'b' { -1 } else { 1 }).sum();
    NUMERALS.iter().find_map(|&(numeral, degree)| {
        let head = natural.get(..numeral.len())?;
        let is_minor = head == numeral.to_lowercase();
        let root = PitchClass::new(i32::from(key.mode.intervals()[degree]) + shift);
        (is_minor || head == numeral).then(|| (root, is_minor, &natural[numeral.len()..]))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numerals_count_within_the_mode() {
        for (text, key, shown) in [
            ("i7", "A minor", "Cm7"),
            ("VImaj7", "A minor", "G#maj7"),
            ("vi7", "C major", "Am7"),
            ("V7", "E minor", "G7"),
            ("bII", "D minor", "C#"),
            ("iim7b5", "D minor", "Dm7b5"),
            ("viidim", "F major", "Bdim"),
            ("IV/V", "G major", "F/G"),
            ("I5", "E minor", "C5"),
            ("IV9", "D dorian", "F9"),
            ("VII", "E phrygian", "A#"),
            ("V7sus4", "C major", "G7sus4"),
        ] {
            let key = key.parse().expect("a key");
            assert_eq!(numeral(text, key).map(|chord| chord.to_string()), Ok(shown.to_owned()), "{text}");
        }
        for text in ["", "VIII", "iX", "Am7", "IV/", "IV/v", "b", "i77", "é"] {
            assert!(numeral(text, "Am".parse().expect("a key")).is_err(), "{text}");
        }
    }

    #[test]
    fn chords_share_their_bar_and_a_dash_holds() {
        let harmony = Harmony::read("i7 | VI VII | i7 - - V7", "Am".parse().expect("a key"), 96).expect("valid");
        let shown: Vec<_> = harmony.chords.iter().map(|(step, chord)| format!("{step} {chord}")).collect();
        assert_eq!(shown, ["0 Cm7", "96 G#", "144 A#", "192 Cm7", "264 G7"]);
        assert_eq!(harmony.bars, 3);
        assert_eq!(harmony.voicing_at(287, 1, false), harmony.voicing_at(0, 0, false), "the last leads to the first");
        for text in ["", "- i", "i i i", "i ||"] {
            assert!(Harmony::read(text, "Am".parse().expect("a key"), 96).is_err(), "{text:?}");
        }
    }
}
