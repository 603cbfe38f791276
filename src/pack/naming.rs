//! How the files of a pack are called. Each convention is one that shops and libraries ask for.

use clap::ValueEnum;
use riffsmith_dsp::score::{Key, PitchClass};
use serde::{Deserialize, Serialize};

/// A convention for file names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Naming {
    /// LABEL_PK_124_house_bass_amber_Amin.wav
    Splice,
    /// LABEL_House_Bass_Amber_Amin_124.wav
    Soundtrack,
    /// 124_Amin_house_bass_amber.wav
    Plain,
}

/// What a name is made of. Words are of `a-z`, digits and `_`.
#[derive(Debug, Clone, PartialEq)]
pub struct Name<'a> {
    /// Who publishes the pack.
    pub label: &'a str,
    /// What stands for the pack's name.
    pub code: &'a str,
    /// The style, of a loop.
    pub style: Option<&'a str>,
    /// What plays: `bass`, `kick`, `full`.
    pub instrument: &'a str,
    /// What tells it from the others of its kind.
    pub word: &'a str,
    /// Quarter notes per minute, of a loop.
    pub bpm: Option<f64>,
    /// The key, of a pitched loop.
    pub key: Option<Key>,
    /// The root, of a pitched one-shot.
    pub root: Option<PitchClass>,
}

impl Naming {
    /// The name, without its ending: of `A-Z a-z 0-9 _ #`.
    pub fn name(self, name: &Name<'_>) -> String {
        let Name { label, code, style, instrument, word, bpm, key, root } = name;
        let key = key.map(Key::short).or_else(|| root.map(|root| root.to_string()));
        let bpm = bpm.map(|bpm| format!("{bpm:.0}"));
        let own = |text: &str| Some(text.to_owned());
        let capital = |text: &str| Some(capitalised(text));
        let parts: Vec<Option<String>> = match self {
            Self::Splice => {
                vec![own(label), own(code), bpm, style.and_then(own), own(instrument), own(word), key]
            }
            Self::Soundtrack => {
                vec![own(label), style.and_then(capital), capital(instrument), capital(word), key, bpm]
            }
            Self::Plain => vec![bpm, key, style.and_then(own), own(instrument), own(word)],
        };
        parts.into_iter().flatten().collect::<Vec<_>>().join("_")
    }
}

/// `drum_and_bass` becomes `DrumAndBass`.
pub fn capitalised(text: &str) -> String {
    let capital = |word: &str| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect::<String>()
    };
    text.split('_').map(capital).collect()
}

/// Words that tell files apart: short, neutral, no names of products.
const WORDS: &str = include_str!("words.txt");

/// The `index`th of the words in an order drawn by `seed`; when all are used up, they come again with a number.
pub fn words(seed: riffsmith_dsp::Seed) -> impl Iterator<Item = String> {
    let mut words: Vec<&str> = WORDS.split_whitespace().collect();
    let mut rng = seed.rng();
    for index in (1..words.len()).rev() {
        words.swap(index, rng.below(index + 1));
    }
    (1..).flat_map(move |round| {
        let words = words.clone();
        words.into_iter().map(move |word| if round == 1 { word.to_owned() } else { format!("{word}{round}") })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use riffsmith_dsp::Seed;
    use std::collections::HashSet;

    #[test]
    fn each_convention_has_its_order() {
        let bass = Name {
            label: "RS",
            code: "NT",
            style: Some("drum_and_bass"),
            instrument: "bass",
            word: "amber",
            bpm: Some(174.0),
            key: Some("F# minor".parse().expect("a key")),
            root: None,
        };
        assert_eq!(Naming::Splice.name(&bass), "RS_NT_174_drum_and_bass_bass_amber_F#min");
        assert_eq!(Naming::Soundtrack.name(&bass), "RS_DrumAndBass_Bass_Amber_F#min_174");
        assert_eq!(Naming::Plain.name(&bass), "174_F#min_drum_and_bass_bass_amber");
        let kick = Name { style: None, instrument: "kick", bpm: None, key: None, ..bass.clone() };
        assert_eq!(Naming::Splice.name(&kick), "RS_NT_kick_amber");
        let stab = Name { root: Some(PitchClass::new(9)), instrument: "synth", ..kick };
        assert_eq!(Naming::Splice.name(&stab), "RS_NT_synth_amber_A");
    }

    #[test]
    fn words_are_plain_and_never_the_same_twice() {
        let many: Vec<String> = words(Seed(1)).take(1000).collect();
        assert_eq!(many.iter().collect::<HashSet<_>>().len(), 1000);
        assert!(many.iter().all(|word| word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())));
        assert!(WORDS.split_whitespace().count() >= 200);
        assert_ne!(many[0], words(Seed(2)).next().expect("endless"));
    }
}
