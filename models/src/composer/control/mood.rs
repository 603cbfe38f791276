//! Moods, by valence and arousal (Russell, "A circumplex model of affect", 1980): how bright a mode and its chords are follows the
//! one, how fast, busy and loud the music is the other (the cues reviewed by Gabrielsson and Lindström, "The role of structure in the
//! musical expression of emotions", 2010).

use crate::error::{Error, Result};
use riffsmith_dsp::score::{Chord, Mode, PitchClass, Quality};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// How music should feel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mood {
    /// Bright and lively.
    Happy,
    /// Bright, at full strength.
    Euphoric,
    /// Bright and quiet.
    Calm,
    /// Bright and slow, floating.
    Dreamy,
    /// Dark and slow.
    Sad,
    /// Dark, neither slow nor fast.
    Dark,
    /// Dark and restless.
    Tense,
    /// Dark, at full strength.
    Aggressive,
}

/// Each with its name, valence and arousal, -1 to 1.
const MOODS: [(Mood, &str, f32, f32); 8] = [
    (Mood::Happy, "happy", 0.8, 0.4),
    (Mood::Euphoric, "euphoric", 0.6, 1.0),
    (Mood::Calm, "calm", 0.5, -0.8),
    (Mood::Dreamy, "dreamy", 0.3, -0.5),
    (Mood::Sad, "sad", -0.7, -0.6),
    (Mood::Dark, "dark", -0.9, 0.0),
    (Mood::Tense, "tense", -0.6, 0.6),
    (Mood::Aggressive, "aggressive", -0.8, 1.0),
];

/// Standard deviation of the brightness of the modes that suit a mood: less than the step from one mode to the next.
const MODE_SPREAD: f32 = 0.2;
/// Added to the logit of a note for each fifth up from the tonic, at full valence.
const COLOUR: f32 = 0.35;

impl Mood {
    /// All moods, from bright to dark.
    pub fn all() -> impl Iterator<Item = Self> {
        MOODS.iter().map(|&(mood, ..)| mood)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        self.line().1
    }

    /// From unpleasant, -1, to pleasant, 1.
    pub fn valence(self) -> f32 {
        self.line().2
    }

    /// From quiet, -1, to excited, 1.
    pub fn arousal(self) -> f32 {
        self.line().3
    }

    fn line(self) -> &'static (Self, &'static str, f32, f32) {
        MOODS.iter().find(|(mood, ..)| *mood == self).expect("a test finds every mood")
    }

    /// Weight of a mode: the nearer its brightness is to the valence, the more. Modes are the brighter the more sharps they have over
    /// the major scale's flats; so listeners hear them, too (Temperley and Tan, "Emotional connotations of diatonic modes", 2013).
    pub fn weight(self, mode: Mode) -> f32 {
        let brightness = match mode {
            Mode::Lydian => 1.0,
            Mode::Major => 0.8,
            Mode::Mixolydian => 0.4,
            Mode::Dorian => -0.2,
            Mode::Minor => -0.6,
            Mode::Phrygian => -0.9,
            Mode::Locrian => -1.2,
        };
        let away = (brightness - self.valence()) / MODE_SPREAD;
        (-0.5 * away * away).exp()
    }

    /// How much busier than the style.
    pub(crate) fn density(self) -> f32 {
        0.8 * self.arousal()
    }

    /// How much louder, in steps of velocity.
    pub(crate) fn louder(self) -> f32 {
        16.0 * self.arousal()
    }

    /// Added to the logit of a pitch, so many semitones from the tonic: bright moods linger on what is bright in the mode, its major
    /// third and sixth, dark ones on what is dark.
    pub(crate) fn pitch(self, semitones: i32) -> f32 {
        COLOUR * self.valence() * PitchClass::new(semitones).fifths() as f32
    }

    /// How far music of this brightness is from what the mood asks for, 0 and up: of chords, the share of major thirds less that of minor
    /// ones, and half the mean place of all notes on the line of fifths from the tonic.
    pub(crate) fn missed(self, thirds: Option<f32>, fifths: f32) -> f32 {
        let (bright, full) = match thirds {
            Some(thirds) => (0.5 * (thirds + 0.5 * fifths), 0.75),
            None => (0.5 * fifths, 0.5),
        };
        (bright - full * self.valence()).abs()
    }

    /// Added to the logit of a chord.
    pub(crate) fn chord(self, chord: Chord) -> f32 {
        let third = chord.quality.intervals().iter().find(|&&interval| matches!(interval, 3 | 4));
        let bright = match third {
            Some(4) => 1.0,
            Some(3) => -1.0,
            _ => 0.0,
        };
        let is_tense = chord.quality.intervals().contains(&6) || chord.quality == Quality::Augmented;
        1.5 * self.valence() * bright + if is_tense { -self.valence() * self.arousal().max(0.0) } else { 0.0 }
    }
}

impl FromStr for Mood {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let found = MOODS.iter().find(|(_, name, ..)| name.eq_ignore_ascii_case(text.trim()));
        found.map(|&(mood, ..)| mood).ok_or_else(|| {
            let names: Vec<&str> = MOODS.iter().map(|&(_, name, ..)| name).collect();
            Error::range("mood", format!("one of {}", names.join(", ")), text)
        })
    }
}

impl fmt::Display for Mood {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
