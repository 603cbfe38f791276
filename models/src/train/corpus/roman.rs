//! Chords as Roman numerals: `bVIIM`, `iim7`, `Vsus4`.

use riffsmith_dsp::score::{Chord, Mode, PitchClass, Quality};

const NUMERALS: [&str; 7] = ["I", "II", "III", "IV", "V", "VI", "VII"];

/// The chord of a numeral on the tonic C; `None` if it is not understood.
///
/// Degrees are those of `scale`. Upper case is major and lower case minor where no quality follows; a plain `7` is the
/// seventh of the scale.
pub fn chord(text: &str, scale: Mode) -> Option<Chord> {
    let (shift, rest) = match text.strip_prefix('b') {
        Some(rest) => (-1, rest),
        None => text.strip_prefix('#').map_or((0, text), |rest| (1, rest)),
    };
    let letters = rest.find(|c| !matches!(c, 'I' | 'V' | 'i' | 'v')).unwrap_or(rest.len());
    let (numeral, ending) = rest.split_at(letters);
    let degree = NUMERALS.iter().position(|own| numeral == *own || numeral == own.to_lowercase())?;
    let is_minor = numeral.starts_with(['i', 'v']);
    let steps = scale.intervals();
    let root = PitchClass::new(i32::from(steps[degree]) + shift);
    let quality = match (ending, is_minor) {
        ("M-5" | "M", _) | ("", false) => Quality::Major,
        ("", true) => Quality::Minor,
        ("7", true) => Quality::MinorSeventh,
        ("7", false) => {
            let seventh = PitchClass::new(i32::from(steps[(degree + 6) % 7]));
            if seventh.above(root) == 11 { Quality::MajorSeventh } else { Quality::Seventh }
        }
        ("add9" | "madd9", true) | ("madd9", false) => Quality::Minor,
        ("6", true) => Quality::MinorSixth,
        ("9", true) => Quality::MinorNinth,
        (ending, _) => Quality::from_symbol(ending)?,
    };
    Some(Chord::new(root, quality))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numerals_become_chords() {
        for (text, scale, symbol) in [
            ("I", Mode::Major, "C"),
            ("vi", Mode::Major, "Am"),
            ("I7", Mode::Major, "Cmaj7"),
            ("V7", Mode::Major, "G7"),
            ("Idom7", Mode::Major, "C7"),
            ("IV7", Mode::Major, "Fmaj7"),
            ("iim7", Mode::Major, "Dm7"),
            ("VI", Mode::Minor, "G#"),
            ("VII7", Mode::Minor, "A#7"),
            ("III7", Mode::Minor, "D#maj7"),
            ("vdim", Mode::Minor, "Gdim"),
            ("bVIIM", Mode::Major, "A#"),
            ("#IVm", Mode::Major, "F#m"),
            ("VI69", Mode::Minor, "G#6"),
            ("Vsus4", Mode::Major, "Gsus4"),
        ] {
            assert_eq!(chord(text, scale).map(|chord| chord.to_string()), Some(symbol.to_owned()), "{text}");
        }
        for text in ["", "b", "VIII", "IVxx", "é"] {
            assert_eq!(chord(text, Mode::Major), None, "{text}");
        }
    }
}
