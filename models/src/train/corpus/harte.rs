//! Chords in the notation of Harte, Sandler, Abdallah and Gomez ("Symbolic representation of musical chords", 2005):
//! `A:min7/b3`, `G:sus4(b7,9)`.

use riffsmith_dsp::score::{Chord, PitchClass, Quality};

/// The chord of a label; `None` for silence (`N`), the unknown (`X`) and what is not understood.
///
/// Tones that [`Quality`] cannot name are left out: `G:7(#9)` becomes G7.
pub fn chord(label: &str) -> Option<Chord> {
    let (root, rest) = label.split_once(':').unwrap_or((label, "maj"));
    let root: PitchClass = note(root)?;
    let (shape, bass) = rest.rsplit_once('/').map_or((rest, None), |(shape, bass)| (shape, Some(bass)));
    let (base, added) = shape.split_once('(').unwrap_or((shape, ""));
    let added: Vec<&str> = added.trim_end_matches(')').split(',').collect();
    let has = |tone| added.contains(&tone);
    let quality = match base {
        "maj" | "" if has("9") => Quality::AddNine,
        "maj" | "" => Quality::Major,
        "min" | "minmaj7" => Quality::Minor,
        "sus4" if has("b7") => Quality::SeventhSus4,
        "sus4" => Quality::Sus4,
        "7" if has("9") => Quality::Ninth,
        "maj7" if has("9") => Quality::MajorNinth,
        "min7" if has("9") => Quality::MinorNinth,
        "maj6" => Quality::Sixth,
        "1" if has("b3") && has("b7") => Quality::MinorSeventh,
        "1" if has("b3") => Quality::Minor,
        "1" | "5" => Quality::Power,
        other => Quality::from_symbol(other)?,
    };
    let bass = match bass {
        Some(degree) => Some(root.transposed(semitones(degree)?)).filter(|&bass| bass != root),
        None => None,
    };
    Some(Chord { root, quality, bass })
}

/// A note name without an octave.
pub fn note(text: &str) -> Option<PitchClass> {
    text.parse::<Chord>().ok().filter(|chord| chord.quality == Quality::Major && chord.bass.is_none()).map(|c| c.root)
}

/// Semitones of a degree above the root: `b7`, `3`, `11`.
fn semitones(degree: &str) -> Option<i32> {
    let number = degree.trim_start_matches(['b', '#']);
    let accidental: i32 =
        degree[..degree.len() - number.len()].chars().map(|sign| if sign == 'b' { -1 } else { 1 }).sum();
    let number: usize = number.parse().ok().filter(|number| (1..=14).contains(number))?;
    Some([0, 2, 4, 5, 7, 9, 11][(number - 1) % 7] + accidental)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_become_chords() {
        for (label, symbol) in [
            ("A:min", "Am"),
            ("C:maj", "C"),
            ("Bb:maj/3", "A#/D"),
            ("D:min/b7", "Dm/C"),
            ("G:7(#9)", "G7"),
            ("G:sus4(b7,9)", "G7sus4"),
            ("E:maj(9)", "Eadd9"),
            ("F:maj/9", "F/G"),
            ("A:hdim7", "Am7b5"),
            ("A:dim7", "Adim7"),
            ("E:5", "E5"),
            ("C#:maj6(9)", "C#6"),
            ("F:min9", "Fm9"),
            ("Ab:13", "G#9"),
            ("Cb:1/1", "B5"),
        ] {
            assert_eq!(chord(label).map(|chord| chord.to_string()), Some(symbol.to_owned()), "{label}");
        }
        for label in ["N", "X", "*", "&pause", "A:min/x", "A:min/", "A:what", "", "é:maj"] {
            assert_eq!(chord(label), None, "{label}");
        }
    }
}
