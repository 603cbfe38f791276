//! What a file's name says about its sound: tempo, key and root, as packs write them.
//!
//! `LABEL_PK_100_guitar_Dmaj`, `120_Amin_house_8391`, `kick_808_C#`, `Cool Loop 128bpm Fm`, `piano_F#3`.

use crate::wav::{Root, whole_beats};
use riffsmith_dsp::score::{Key, Mode, Pitch, PitchClass, Tempo};

/// Numbers without "bpm" beside them are tempos only from here to there: beyond lie counters, model numbers and seeds.
const BARE_TEMPOS: std::ops::RangeInclusive<f64> = 60.0..=200.0;

/// A loop is hardly shorter than a bar.
const LEAST_BEATS: f64 = 4.0;

/// What a name says.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Guess {
    /// Tempos that are written with "bpm".
    marked: Vec<Tempo>,
    /// Numbers that could be tempos.
    bare: Vec<Tempo>,
    /// Tonic and mode.
    pub key: Option<Key>,
    /// Root, where there is no key.
    pub root: Option<Root>,
}

impl Guess {
    /// Reads the name of a file, without its ending.
    pub fn of_name(stem: &str) -> Self {
        let words = words(stem);
        let (marked, bare) = tempos(&words);
        let key = key(&words);
        let root = if key.is_some() { None } else { root(&words) };
        Self { marked, bare, key, root }
    }

    /// The tempo, where there is one that suits a sound of that length. A bare number is one if it makes a whole number of
    /// beats, or if it is the only one and the sound is not shorter than a bar.
    pub fn tempo(&self, seconds: Option<f64>) -> Option<Tempo> {
        if let [tempo] = self.marked.as_slice() {
            return Some(*tempo);
        }
        let candidates = if self.marked.is_empty() { &self.bare } else { &self.marked };
        let beats = |tempo: &Tempo| seconds.map(|seconds| seconds / tempo.seconds_per_quarter());
        let fitting: Vec<Tempo> = candidates
            .iter()
            .copied()
            .filter(|tempo| beats(tempo).is_some_and(|beats| whole_beats(beats).is_some()))
            .collect();
        match (fitting.as_slice(), candidates.as_slice()) {
            ([fitting], _) => Some(*fitting),
            (_, [only]) if beats(only).is_none_or(|beats| beats >= LEAST_BEATS) => Some(*only),
            _ => None,
        }
    }
}

/// The words of a name; a point between digits belongs to its number.
fn words(stem: &str) -> Vec<&str> {
    let bytes = stem.as_bytes();
    let digit = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_digit);
    let divides = |(at, character): (usize, char)| match character {
        '.' => !(digit(at.checked_sub(1)) && digit(Some(at + 1))),
        _ => " _-()[]{},+~".contains(character),
    };
    let mut words = Vec::new();
    let mut start = 0;
    for (at, character) in stem.char_indices().filter(|place| divides(*place)) {
        words.push(&stem[start..at]);
        start = at + character.len_utf8();
    }
    words.push(&stem[start..]);
    words.retain(|word| !word.is_empty());
    words
}

/// Tempos with "bpm" beside them, and numbers without.
fn tempos(words: &[&str]) -> (Vec<Tempo>, Vec<Tempo>) {
    let is_bpm =
        |index: Option<usize>| index.and_then(|at| words.get(at)).is_some_and(|word| word.eq_ignore_ascii_case("bpm"));
    let (mut marked, mut bare) = (Vec::new(), Vec::new());
    for (index, word) in words.iter().enumerate() {
        let lower = word.to_lowercase();
        let glued = lower.strip_suffix("bpm").or_else(|| lower.strip_prefix("bpm"));
        let beside = is_bpm(Some(index + 1)) || is_bpm(index.checked_sub(1));
        let text = glued.unwrap_or(&lower);
        let digits = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        let Some(tempo) = text.parse().ok().filter(|_| digits).and_then(|bpm| Tempo::new(bpm).ok()) else { continue };
        let list = if glued.is_some() || beside {
            &mut marked
        } else if !text.starts_with('0') && BARE_TEMPOS.contains(&tempo.bpm()) {
            &mut bare
        } else {
            continue;
        };
        if !list.contains(&tempo) {
            list.push(tempo);
        }
    }
    (marked, bare)
}

/// The first key: `Amin`, `F#m`, `Dmaj`, `Ddor`, or a note followed by its mode.
fn key(words: &[&str]) -> Option<Key> {
    let of_words = |index: usize| {
        let (tonic, rest) = note(words[index])?;
        if rest.is_empty() {
            return Some(Key { tonic, mode: words.get(index + 1).and_then(|word| mode(word, false))? });
        }
        let mode = mode(rest, true)?;
        // "am" and "em" are words; "amin" and "f#m" are not.
        let capital = words[index].starts_with(|first: char| first.is_uppercase());
        (capital || rest.len() > 1 || words[index].contains('#')).then_some(Key { tonic, mode })
    };
    (0..words.len()).find_map(of_words)
}

/// The mode that a word means. Short names count only behind a note: a "mix" is none, "Gmix" is.
fn mode(word: &str, glued: bool) -> Option<Mode> {
    let lower = word.to_lowercase();
    match lower.as_str() {
        // Not "M": GM, FM and AM are no keys.
        "m" => (word == "m").then_some(Mode::Minor),
        "min" => Some(Mode::Minor),
        "maj" => Some(Mode::Major),
        "aeolian" => Some(Mode::Minor),
        "ionian" => Some(Mode::Major),
        _ => Mode::ALL.into_iter().find(|mode| mode.name() == lower || glued && mode.short() == lower),
    }
}

/// The last root: a note with an accidental or an octave, or a bare letter at the end.
fn root(words: &[&str]) -> Option<Root> {
    let is_number = |word: &&str| word.trim_start_matches(['v', 'V']).bytes().all(|byte| byte.is_ascii_digit());
    let last = words.iter().rposition(|word| !is_number(word) && !word.to_lowercase().contains("bpm"));
    let of_word = |(index, word): (usize, &&str)| {
        let (class, rest) = note(word)?;
        let written = word.starts_with(|first: char| first.is_uppercase()) || word.contains('#');
        let accidental = word.len() - rest.len() > 1;
        match (written, rest) {
            (false, _) => None,
            (true, "") => (accidental || Some(index) == last).then_some(Root::Class(class)),
            (true, octave) if octave.len() == 1 && octave.as_bytes()[0].is_ascii_digit() => {
                word.parse::<Pitch>().ok().map(Root::Note)
            }
            _ => None,
        }
    };
    words.iter().enumerate().rev().find_map(of_word)
}

/// A note at the start of a word, and what follows it.
fn note(word: &str) -> Option<(PitchClass, &str)> {
    let letter = word.chars().next().filter(|letter| ('a'..='g').contains(&letter.to_ascii_lowercase()))?;
    let rest = &word[letter.len_utf8()..];
    let sharps = ["#", "\u{266f}", "sharp", "Sharp"].iter().find_map(|sign| rest.strip_prefix(sign));
    let flats = ["b", "\u{266d}", "flat", "Flat"].iter().find_map(|sign| rest.strip_prefix(sign));
    let natural = letter.to_string().parse::<Key>().ok()?.tonic;
    Some(match (sharps, flats) {
        (Some(rest), _) => (natural.transposed(1), rest),
        (_, Some(rest)) => (natural.transposed(-1), rest),
        _ => (natural, rest),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tempo, key and root by a name, of a sound that lasts `seconds`.
    fn guessed(name: &str, seconds: f64) -> (Option<f64>, Option<String>, Option<String>) {
        let guess = Guess::of_name(name);
        let root = guess.root.map(|root| match root {
            Root::Class(class) => class.to_string(),
            Root::Note(pitch) => pitch.to_string(),
        });
        (guess.tempo(Some(seconds)).map(Tempo::bpm), guess.key.map(|key| key.to_string()), root)
    }

    #[test]
    fn names_of_packs_are_read() {
        // 9.6 s are 16 beats at 100, 8 s at 120, 7.5 s at 128.
        for (name, seconds, bpm, key, root) in [
            ("LABEL_PK_100_guitar_Dmaj", 9.6, Some(100.0), Some("D major"), None),
            ("LABEL_PK_100_electric_guitar_baby_Dmaj", 9.6, Some(100.0), Some("D major"), None),
            ("120_Amin_house_8391", 8.0, Some(120.0), Some("A minor"), None),
            ("kick_808_C#", 0.4, None, None, Some("C#")),
            ("Cool Loop 128bpm Fm", 7.5, Some(128.0), Some("F minor"), None),
            ("SL_House_Bass_F#min_124_01", 7.742, Some(124.0), Some("F# minor"), None),
            ("LABEL_808_gritty_E", 1.0, None, None, Some("E")),
            ("piano_F#3_v2", 4.2, None, None, Some("F#3")),
            ("Piano Bb2", 4.2, None, None, Some("A#2")),
            ("Loop (127.5 BPM) [A minor]", 9.0, Some(127.5), Some("A minor"), None),
            ("bpm140_gsharpmin", 7.0, Some(140.0), Some("G# minor"), None),
            ("dark pad D dorian 90 bpm", 30.0, Some(90.0), Some("D dorian"), None),
            ("124_Gmix_funk_3", 7.742, Some(124.0), Some("G mixolydian"), None),
            ("pluck_C_01", 0.5, None, None, Some("C")),
            ("90_Ebm_keys", 10.667, Some(90.0), Some("D# minor"), None),
        ] {
            let owned = |text: Option<&str>| text.map(str::to_owned);
            assert_eq!(guessed(name, seconds), (bpm, owned(key), owned(root)), "{name}");
        }
    }

    #[test]
    fn what_only_looks_like_tempo_or_key_is_none() {
        for name in [
            "I am here",
            "GM_drums",
            "FM bell loop",
            "snare_01_v3",
            "R&B hat",
            "Final mix A mix",
            "em dash",
            "h\u{e9} 909",
        ] {
            let (bpm, key, _) = guessed(name, 1.0);
            assert_eq!((bpm, key), (None, None), "{name}");
        }
        for name in ["A hit", "Bass loop", "Cymbal", "kick_b", "x", "", "Am7 chord", "Back"] {
            assert_eq!(guessed(name, 1.0), (None, None, None), "{name}");
        }
    }

    #[test]
    fn a_bare_number_must_suit_the_length() {
        // A bass drum of model 101 is too short to be a loop.
        assert_eq!(guessed("kick_101_hard", 0.7).0, None);
        assert_eq!(guessed("bass_101_loop", 9.0).0, Some(101.0));
        // Of two numbers, the one counts that makes whole beats; 8 s are 16 beats at 120.
        assert_eq!(guessed("bass_101_120", 8.0).0, Some(120.0));
        assert_eq!(guessed("bass_101_118", 8.0).0, None);
        // What is marked is believed, whatever the length.
        assert_eq!(guessed("bass_101_118bpm", 0.3).0, Some(118.0));
    }
}
