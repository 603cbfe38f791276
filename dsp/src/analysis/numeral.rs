//! Chords as Roman numerals in a key: `ii7`, `V65`, `bVII`, `V7/V`.

use crate::score::{Chord, Key, PitchClass, Quality};

const NUMERALS: [&str; 7] = ["I", "II", "III", "IV", "V", "VI", "VII"];

/// The numeral of a chord in a key, `next` being the chord that follows.
///
/// Degrees are those of the key's own scale, others are lowered degrees of it, or the raised fourth; a diminished chord on the raised
/// leading note of a minor key is `viio`. Upper case is major, lower case minor; `o` is diminished, `ø` half-diminished, `+` augmented.
/// Figures tell which tone of triads and sevenths is in the bass. A dominant of a chord of the key that leads there is written as such.
pub fn numeral(chord: Chord, key: Key, next: Option<Chord>) -> String {
    applied(chord, key, next).unwrap_or_else(|| {
        let degree = degree(chord.root, key, is_small(chord.quality));
        format!("{degree}{}", ending(chord))
    })
}

/// `V7/ii`, where a major or seventh chord foreign to the key goes down a fifth to a chord on a degree of it, not the tonic.
fn applied(chord: Chord, key: Key, next: Option<Chord>) -> Option<String> {
    let is_dominant = matches!(chord.quality, Quality::Major | Quality::Seventh | Quality::Ninth);
    let target = next.filter(|next| next.root == chord.root.transposed(5) && next.root != key.tonic)?;
    let is_foreign = !chord.classes().all(|class| key.contains(class));
    if !is_dominant || !is_foreign || !key.contains(target.root) {
        return None;
    }
    Some(format!("V{}/{}", ending(chord), degree(target.root, key, is_small(target.quality))))
}

fn is_small(quality: Quality) -> bool {
    quality.intervals().contains(&3) && !quality.intervals().contains(&4)
}

fn degree(root: PitchClass, key: Key, is_small: bool) -> String {
    let own = key.mode.intervals();
    let above = root.above(key.tonic);
    let (sign, place) = match own.iter().position(|&step| step == above) {
        Some(place) => ("", place),
        None if above == 11 => ("", 6),
        None if above == own[3] + 1 => ("#", 3),
        // Above every note that is not in a scale of seven lies one that is, at most two semitones higher.
        None => ("b", own.iter().position(|&step| step == above + 1).unwrap_or(0)),
    };
    let numeral = NUMERALS[place];
    format!("{sign}{}", if is_small { numeral.to_lowercase() } else { numeral.to_owned() })
}

/// Quality and inversion after the degree.
fn ending(chord: Chord) -> String {
    let place = chord.bass.and_then(|bass| chord.classes().position(|class| class == bass));
    let (sign, is_seventh, rest) = match chord.quality {
        Quality::Major | Quality::Minor => ("", false, ""),
        Quality::Diminished => ("o", false, ""),
        Quality::Augmented => ("+", false, ""),
        Quality::Seventh | Quality::MinorSeventh => ("", true, ""),
        Quality::MajorSeventh => ("maj", true, ""),
        Quality::HalfDiminished => ("ø", true, ""),
        Quality::DiminishedSeventh => ("o", true, ""),
        Quality::MinorSixth => ("", false, "6add"),
        Quality::MinorNinth => ("", false, "9"),
        Quality::Sixth => ("", false, "add6"),
        other => ("", false, other.symbol()),
    };
    if !rest.is_empty() {
        return rest.to_owned();
    }
    let figures = match (is_seventh, chord.bass.map(|_| place)) {
        (false, None) => "",
        (true, None) => "7",
        (false, Some(Some(1))) => "6",
        (false, Some(Some(2))) => "64",
        (true, Some(Some(1))) => "65",
        (true, Some(Some(2))) => "43",
        (true, Some(Some(3))) => "42",
        (is_seventh, Some(_)) => {
            let bass = chord.lowest();
            return format!("{sign}{}/{bass}", if is_seventh { "7" } else { "" });
        }
    };
    format!("{sign}{figures}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numerals(key: &str, chords: &str) -> String {
        let chords: Vec<Chord> = chords.split(' ').map(|text| text.parse().expect(text)).collect();
        let key = key.parse().expect(key);
        let of = |(index, &chord): (usize, &Chord)| numeral(chord, key, chords.get(index + 1).copied());
        chords.iter().enumerate().map(of).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn chords_have_their_names_in_the_key() {
        assert_eq!(numerals("C", "C Dm7 G7 Cmaj7 Am F"), "I ii7 V7 Imaj7 vi IV");
        assert_eq!(numerals("Am", "Am F C G E7 Am"), "i VI III VII V7 i");
        assert_eq!(numerals("Am", "Bm7b5 E G#dim Am"), "iiø7 V viio i");
        assert_eq!(numerals("C", "C Bb F Ab Fm C"), "I bVII IV bVI iv I");
        assert_eq!(numerals("C", "C/E G/D G7/B G7/F C/G F#dim7"), "I6 V64 V65 V42 I64 #ivo7");
        assert_eq!(numerals("D dorian", "Dm G Am"), "i IV v");
    }

    #[test]
    fn dominants_of_other_degrees_are_applied() {
        assert_eq!(numerals("C", "D7 G A7 Dm G7 C"), "V7/V V V7/ii ii V7 I");
        // Where it does not lead there it is a chord of its own; home needs no mention.
        assert_eq!(numerals("C", "D7 F C7 F"), "II7 IV V7/IV IV");
    }
}
