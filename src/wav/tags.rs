//! What a file says about its sound, in the words of those who make it.

use super::chunks::Broadcast;
use crate::error::Error;
use riffsmith_dsp::SampleRate;
use riffsmith_dsp::score::{Meter, Pitch, PitchClass, Tempo, Ticks, Velocity};
use std::fmt;

/// What a file says about its sound. Empty texts are left out.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Tags {
    /// Its name.
    pub title: String,
    /// Who made it: an artist or a label.
    pub artist: String,
    /// The pack that it belongs to.
    pub product: String,
    /// Its style.
    pub genre: String,
    /// What else to find it by.
    pub keywords: Vec<String>,
    /// Where it came from: for our own files the recipe, as JSON.
    pub comment: String,
    /// When it was made.
    pub created: Option<Date>,
    /// The licence that it comes under.
    pub copyright: String,
    /// Whether it repeats.
    pub sound: Sound,
    /// Points in it; where there are none, a loop has one at each bar.
    pub cues: Vec<Cue>,
    /// For broadcasters.
    pub broadcast: Option<Broadcast>,
}

/// The three kinds of sound.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Sound {
    /// Of no tempo and no pitch: a demo, a song.
    #[default]
    Plain,
    /// A loop or a stem.
    Loop(Repeat),
    /// A hit or a note.
    OneShot(OneShot),
}

/// A loop's musical frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Repeat {
    /// Frames after which it starts again; a tail may follow them.
    pub frames: usize,
    /// The tempo asked for.
    pub tempo: Tempo,
    /// Quarter notes in it.
    pub quarters: u32,
    /// Its metre.
    pub meter: Meter,
    /// Its tonic; `None` for drums.
    pub root: Option<PitchClass>,
}

impl Repeat {
    /// A loop of `length` at its exact number of frames; `acid` holds whole quarter notes only, and gets the nearest number.
    pub fn new(length: Ticks, tempo: Tempo, meter: Meter, root: Option<PitchClass>, rate: SampleRate) -> Self {
        let quarters = length.quarters();
        let frames = rate.frames(quarters * tempo.seconds_per_quarter());
        Self { frames, tempo, quarters: quarters.round() as u32, meter, root }
    }

    /// The first frame of each bar.
    pub fn bars(&self, rate: SampleRate) -> impl Iterator<Item = usize> {
        let bar_s = self.meter.bar().quarters() * self.tempo.seconds_per_quarter();
        let frames = self.frames;
        (0_u32..).map(move |bar| rate.frames(f64::from(bar) * bar_s)).take_while(move |start| *start < frames)
    }

    /// Its root as a note of the octave where `acid` has its roots, below middle C.
    pub fn root_note(&self) -> Option<Pitch> {
        self.root.map(root_note)
    }
}

/// The note that stands for a root of no octave: 48 to 59.
pub fn root_note(root: PitchClass) -> Pitch {
    Pitch::new(48 + root.semitones())
}

/// A sound that is played once, or held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OneShot {
    /// The note that it is; `None` for what has no pitch.
    pub note: Option<SampledNote>,
    /// What is repeated while a key is held.
    pub sustain: Option<LoopPoints>,
}

impl OneShot {
    /// A note for all keys and velocities.
    pub fn pitched(root: Pitch) -> Self {
        Self { note: Some(SampledNote::new(root)), sustain: None }
    }
}

/// A note that was sampled, and what it is meant for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SampledNote {
    /// The note that it is.
    pub root: Pitch,
    /// The shift that would bring it onto its root, -50 to 50: a sound that is 10 cents sharp has -10.
    pub fine_tune_cents: i8,
    /// How much louder it should be played.
    pub gain_db: i8,
    /// The lowest note that it is meant for.
    pub lowest: Pitch,
    /// The highest note that it is meant for.
    pub highest: Pitch,
    /// The softest strike that it is meant for.
    pub softest: Velocity,
    /// The hardest strike that it is meant for.
    pub hardest: Velocity,
}

impl SampledNote {
    /// In tune, as loud as it is, for all keys and velocities.
    pub fn new(root: Pitch) -> Self {
        Self {
            root,
            fine_tune_cents: 0,
            gain_db: 0,
            lowest: Pitch::new(0),
            highest: Pitch::new(127),
            softest: Velocity::new(1),
            hardest: Velocity::new(127),
        }
    }
}

/// Where a sound repeats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LoopPoints {
    /// The first frame played.
    pub first_frame: usize,
    /// The last frame played: it belongs to the loop.
    pub last_frame: usize,
}

/// A named point in a sound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cue {
    /// Where it is.
    pub frame: usize,
    /// Its name.
    pub label: String,
}

/// A day, written as 2026-01-31.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

impl Date {
    /// # Errors
    /// If there is no such day, or its year has not four digits.
    pub fn new(year: u16, month: u8, day: u8) -> Result<Self, Error> {
        let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let days = match month {
            2 => 28 + u8::from(leap),
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        };
        let date = Self { year, month, day };
        if year <= 9999 && (1..=12).contains(&month) && (1..=days).contains(&day) {
            Ok(date)
        } else {
            Err(refused(&date))
        }
    }
}

impl std::str::FromStr for Date {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let digits = |part: &str, length: usize| {
            (part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit()))
                .then(|| part.parse().ok())
                .flatten()
        };
        let parts: Vec<&str> = text.split('-').collect();
        let &[year, month, day] = parts.as_slice() else { return Err(refused(&text)) };
        let (Some(year), Some(month), Some(day)) = (digits(year, 4), digits(month, 2), digits(day, 2)) else {
            return Err(refused(&text));
        };
        Self::new(year, month as u8, day as u8)
    }
}

fn refused(given: &impl fmt::Display) -> Error {
    Error::usage(format!("must be a day such as 2026-01-31, but was {given}"))
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_begin_on_their_own_rounded_frames() {
        // Three bars of 7/8 at 133 bpm and 44.1 kHz: 69 631.58 frames a bar.
        let meter = Meter::new(7, 8).expect("valid");
        let tempo = Tempo::new(133.0).expect("valid");
        let repeat = Repeat::new(meter.bar() * 3, tempo, meter, None, SampleRate::CD);
        assert_eq!(repeat.bars(SampleRate::CD).collect::<Vec<_>>(), [0, 69_632, 139_263]);
        assert_eq!((repeat.frames, repeat.quarters), (208_895, 11));
    }

    #[test]
    fn days_that_are_none_are_refused() {
        for text in ["2026-01-31", "2024-02-29", "2000-02-29", "0001-12-01"] {
            assert_eq!(text.parse::<Date>().map(|date| date.to_string()).as_deref(), Ok(text));
        }
        for text in [
            "",
            "2026",
            "2026-1-31",
            "2026-13-01",
            "2025-02-29",
            "1900-02-29",
            "2026-04-31",
            "2026-00-10",
            "+026-01-01",
            "2026-01-01T00",
        ] {
            let error = text.parse::<Date>().expect_err(text);
            assert_eq!(error.message, format!("must be a day such as 2026-01-31, but was {text}"));
        }
    }
}
