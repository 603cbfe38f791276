//! The values of flags, read as people write them. Errors end the sentence that the flag's name begins.

use crate::error::{Error, Result};
use crate::recipe::Progression;
use crate::wav::Root;
use crate::{patch_file, suggest};
use riffsmith_dsp::score::{Chord, Key, Mode, Pitch, PitchClass, Role, Tempo};
use riffsmith_dsp::synth::Ending;
use riffsmith_dsp::{SampleRate, patch};
use riffsmith_models::composer::Part;
use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;

/// The rates at which files are written.
const FILE_RATES_HZ: [u32; 4] = [44_100, 48_000, 88_200, 96_000];

/// A number within `range`.
pub fn within<T>(range: RangeInclusive<T>) -> impl Fn(&str) -> Result<T> + Clone + Send + Sync + 'static
where
    T: FromStr + PartialOrd + Display + Clone + Send + Sync + 'static,
{
    move |text| {
        text.trim()
            .parse()
            .ok()
            .filter(|value| range.contains(value))
            .ok_or_else(|| Error::usage(format!("must be {} to {}, but was {text}", range.start(), range.end())))
    }
}

/// A part of the composer.
pub fn part(text: &str) -> std::result::Result<Part, String> {
    Part::from_name(text).ok_or_else(|| format!("must be one of {}", Part::ALL.map(Part::name).join(", ")))
}

/// A tempo.
pub fn tempo(text: &str) -> Result<Tempo> {
    let bpm: f64 = text.trim().parse().unwrap_or(f64::NAN);
    Tempo::new(bpm).map_err(|_| Error::usage(format!("must be 20 to 300, but was {text}")))
}

/// A key; the nearest one is suggested.
pub fn key(text: &str) -> Result<Key> {
    text.parse().map_err(|_| {
        let tonics = (0..12).map(PitchClass::new);
        let names: Vec<String> =
            tonics.flat_map(|tonic| Mode::ALL.map(|mode| Key { tonic, mode }.to_string())).collect();
        Error::usage(format!("must be a key, but was {text:?}")).hint(suggest::hint(
            text,
            names.iter().map(String::as_str),
            "write Am, \"F# major\" or \"D dorian\"",
        ))
    })
}

/// A root: a note with or without its octave, or a MIDI number.
pub fn root(text: &str) -> Result<Root> {
    let text = text.trim();
    let is_bare = text.chars().skip(1).all(|character| "#b\u{266f}\u{266d}".contains(character));
    let class = || text.parse::<Key>().ok().filter(|_| is_bare).map(|key| Root::Class(key.tonic));
    text.parse::<Pitch>()
        .ok()
        .map(Root::Note)
        .or_else(class)
        .ok_or_else(|| Error::usage(format!("must be a note such as A, F# or Bb2, or a MIDI number, but was {text:?}")))
}

/// A note, or its MIDI number.
pub fn note(text: &str) -> Result<Pitch> {
    text.trim()
        .parse()
        .map_err(|_| Error::usage(format!("must be a note such as C3 or F#2, or a MIDI number, but was {text:?}")))
}

/// A role.
pub fn role(text: &str) -> Result<Role> {
    let found = Role::ALL.into_iter().find(|role| role.name() == text.trim().to_lowercase());
    found.ok_or_else(|| Error::usage(format!("must be of drums, bass, chords and lead, but was {text:?}")))
}

/// A patch that exists.
pub fn patch_name(text: &str) -> Result<String> {
    if patch_file::is_file(text) || patch::names().any(|name| name == text) {
        return Ok(text.to_owned());
    }
    Err(Error::usage(format!("must be the name of a patch, or a .toml file, but was {text:?}")).hint(suggest::hint(
        text,
        patch::names(),
        "riffsmith list patches names them all",
    )))
}

/// `bass=acid_bass`.
pub fn role_patch(text: &str) -> Result<(Role, String)> {
    let (name, patch) = text
        .split_once('=')
        .ok_or_else(|| Error::usage(format!("must be written ROLE=NAME, such as bass=acid_bass, but was {text:?}")))?;
    Ok((role(name)?, patch_name(patch)?))
}

/// `Am F C G`, one chord a bar, or `Am7 | Dm7 G7`, with bar lines.
pub fn progression(text: &str) -> Result<Progression> {
    let chord = |word: &str| {
        word.parse::<Chord>().map_err(|_| {
            Error::usage(format!("must be chords, but has {word:?}")).hint("write Am7, Fmaj7, Bdim or C/E")
        })
    };
    let words = |bar: &str| bar.split([' ', ',', '\t']).filter(|word| !word.is_empty()).map(chord).collect();
    let bars: Progression = if text.contains('|') {
        let inner = text.trim().trim_matches('|');
        inner.split('|').map(words).collect::<Result<_>>()?
    } else {
        let chords: Vec<Chord> = words(text)?;
        chords.into_iter().map(|chord| vec![chord]).collect()
    };
    if bars.is_empty() || bars.iter().any(Vec::is_empty) {
        return Err(Error::usage(format!("must have a chord in each bar, but was {text:?}")));
    }
    Ok(bars)
}

/// A rate at which files are written.
pub fn file_rate(text: &str) -> Result<SampleRate> {
    let refused = || Error::usage(format!("must be 44100, 48000, 88200 or 96000, but was {text}"));
    let hz = text.parse().ok().filter(|hz| FILE_RATES_HZ.contains(hz)).ok_or_else(refused)?;
    SampleRate::new(hz).map_err(|_| refused())
}

/// `wrap`, `ring` or `cut`.
pub fn ending(text: &str) -> Result<Ending> {
    match text {
        "wrap" => Ok(Ending::Wrap),
        "ring" => Ok(Ending::Ring),
        "cut" => Ok(Ending::Cut),
        _ => Err(Error::usage(format!("must be wrap, ring or cut, but was {text:?}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progressions_are_read_with_and_without_bar_lines() {
        let shown = |text| {
            let bars = progression(text).expect("chords");
            bars.iter().map(|bar| bar.iter().map(Chord::to_string).collect::<Vec<_>>().join(" ")).collect::<Vec<_>>()
        };
        assert_eq!(shown("Am F C G"), ["Am", "F", "C", "G"]);
        assert_eq!(shown("| Am7 | Dm7 G7 |"), ["Am7", "Dm7 G7"]);
        for text in ["", "|", "Am || F", "Am X", "am"] {
            assert!(progression(text).is_err(), "{text}");
        }
    }

    #[test]
    fn roots_are_notes_with_or_without_an_octave() {
        assert_eq!(root("F#"), Ok(Root::Class(PitchClass::new(6))));
        assert_eq!(root("bb"), Ok(Root::Class(PitchClass::new(10))));
        assert_eq!(root("Bb2"), Ok(Root::Note(Pitch::new(46))));
        assert_eq!(root("57"), Ok(Root::Note(Pitch::new(57))));
        for text in ["", "H", "Am", "A minor", "128", "C99"] {
            assert!(root(text).is_err(), "{text}");
        }
    }

    #[test]
    fn messages_continue_the_name_of_the_flag() {
        assert_eq!(tempo("1e9").expect_err("too fast").message, "must be 20 to 300, but was 1e9");
        assert_eq!(within(1..=256_u32)("10000").expect_err("too long").message, "must be 1 to 256, but was 10000");
        assert_eq!(key("Amm").expect_err("no key").message, "must be a key, but was \"Amm\"");
        assert_eq!(
            root("Am").expect_err("a key").message,
            "must be a note such as A, F# or Bb2, or a MIDI number, but was \"Am\""
        );
        assert!(role_patch("bass:acid").is_err() && role_patch("tuba=acid").is_err());
    }
}
