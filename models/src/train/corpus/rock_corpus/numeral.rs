//! The corpus's Roman numerals: degrees of the major scale whatever the mode, `bVII`, `V7/ii`, `viix42`, `Id7`, `I64`.

use riffsmith_dsp::score::{Chord, PitchClass, Quality};

const NUMERALS: [(&str, i32); 7] = [("VII", 11), ("III", 4), ("VI", 9), ("IV", 5), ("II", 2), ("V", 7), ("I", 0)];

/// The chord of a numeral on the tonic C; `None` if it is not understood.
///
/// Upper case is major and lower case minor. After the numeral `d7` is a dominant seventh, `7` the seventh of the major scale
/// of the degree, but a dominant one on V and of applied chords, `o`, `x7` and `h7` are diminished, `a` and `+` augmented. Figures
/// 6, 64, 65, 43, 42 are inversions. `V/ii` counts from the root of ii.
pub fn chord(text: &str) -> Option<Chord> {
    let (own, target) = text.split_once('/').map_or((text, None), |(own, target)| (own, Some(target)));
    let origin = match target {
        Some(target) => chord(target)?.root,
        None => PitchClass::C,
    };
    let (degree, is_minor, ending) = numeral(own)?;
    let root = origin.transposed(degree);
    let is_fifth = degree.rem_euclid(12) == 7;
    let (kind, figure) = ending.split_at(ending.find(|c: char| c.is_ascii_digit()).unwrap_or(ending.len()));
    let has_seventh = matches!(figure, "7" | "65" | "43" | "42");
    let quality = match (kind, figure) {
        ("s", "4") | ("", "7s4") => Quality::Sus4,
        ("s", "2") => Quality::Sus2,
        ("", "11") => Quality::SeventhSus4,
        ("x", _) if has_seventh => Quality::DiminishedSeventh,
        ("h", _) if has_seventh => Quality::HalfDiminished,
        ("o", _) | ("x", _) => Quality::Diminished,
        ("h", _) => return None,
        ("a" | "+", _) => Quality::Augmented,
        ("b", "5") => Quality::Diminished,
        ("d", "9") => Quality::Ninth,
        ("d", _) if has_seventh => Quality::Seventh,
        ("d" | "", "" | "6" | "64") if is_minor => Quality::Minor,
        ("d" | "", "" | "6" | "64") => Quality::Major,
        ("", "9") if is_minor => Quality::MinorNinth,
        ("", "9") if is_fifth => Quality::Ninth,
        ("", "9") => Quality::MajorNinth,
        ("", _) if has_seventh && is_minor => Quality::MinorSeventh,
        ("", _) if has_seventh && is_fifth => Quality::Seventh,
        ("", _) if has_seventh => Quality::MajorSeventh,
        ("", figure) if figure.starts_with('7') => Quality::Seventh,
        ("#", "9") => Quality::Seventh,
        _ => return None,
    };
    let tone = match figure {
        "6" | "65" => 1,
        "64" | "43" => 2,
        "42" => 3,
        _ => 0,
    };
    let chord = Chord::new(root, quality);
    let bass = chord.classes().nth(tone).filter(|_| tone > 0);
    Some(Chord { bass, ..chord })
}

/// Semitones above the tonic, whether it is minor, and what follows.
fn numeral(text: &str) -> Option<(i32, bool, &str)> {
    let (shift, rest) = match text.split_at_checked(1)? {
        ("b", rest) => (-1, rest),
        ("#", rest) => (1, rest),
        _ => (0, text),
    };
    NUMERALS.iter().find_map(|&(name, degree)| {
        let lower = name.to_lowercase();
        let is_minor = rest.starts_with(&lower);
        let ending = rest.strip_prefix(name).or_else(|| rest.strip_prefix(lower.as_str()))?;
        Some((degree + shift, is_minor, ending))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numerals_become_chords() {
        for (text, symbol) in [
            ("I", "C"),
            ("bVII", "A#"),
            ("vi42", "Am7/G"),
            ("iii64", "Em/B"),
            ("IV6", "F/A"),
            ("V65", "G7/B"),
            ("Id7", "C7"),
            ("IV7", "Fmaj7"),
            ("ii7", "Dm7"),
            ("V7/ii", "A7"),
            ("V/V", "D"),
            ("viix42/V", "F#dim7/D#"),
            ("vih7", "Am7b5"),
            ("V11", "G7sus4"),
            ("Vs4", "Gsus4"),
            ("#IV", "F#"),
            ("iio6", "Ddim/F"),
            ("Va/IV", "Caug"),
            ("i9", "Cm9"),
            ("V7b9", "G7"),
        ] {
            assert_eq!(chord(text).map(|chord| chord.to_string()), Some(symbol.to_owned()), "{text}");
        }
        for text in ["", "b", "X", "V/", "V/x", "Iq", "é"] {
            assert_eq!(chord(text), None, "{text}");
        }
    }
}
