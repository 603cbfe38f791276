//! What a user can ask of the composer beyond style, key and chords. Nothing asked: the networks write as they have learnt.

pub(crate) mod fill;
mod form;
mod mood;
mod primer;
mod steering;

pub use form::Form;
pub use mood::Mood;
pub use primer::Primer;
pub use steering::Steering;
pub(crate) use steering::{steer_onsets, weakness};

use super::part::Part;
use super::pitches;
use crate::error::{Error, Result, within};
use riffsmith_dsp::score::{Meter, Pitch, Role};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

/// Densities and syncopations that can be asked for; 0 is the style's own.
pub const SHIFTS: RangeInclusive<f32> = -1.0..=1.0;
/// Amounts of the player's deviations that can be asked for; 1 is as played.
pub const HUMANIZES: RangeInclusive<f32> = 0.0..=2.0;
/// Bars between fills that can be asked for.
pub const FILLS: RangeInclusive<u32> = 1..=64;
/// Candidates of a part that can be asked for.
pub const CANDIDATES: RangeInclusive<u32> = 1..=64;

/// The least width of a line's range: an octave holds every note of the key.
const LEAST_RANGE: u8 = 11;

/// Wishes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Controls {
    /// How busy the parts are, in [`SHIFTS`]: -1 sparse, 1 busy.
    #[serde(skip_serializing_if = "is_default")]
    pub density: f32,
    /// How far notes lie off the strong beats, in [`SHIFTS`]: -1 on them, 1 off them.
    #[serde(skip_serializing_if = "is_default")]
    pub syncopation: f32,
    /// How much of the player's deviations in time and strength stays, in [`HUMANIZES`]: 0 none, 1 as played, 2 twice as much.
    #[serde(skip_serializing_if = "is_one")]
    pub humanize: f32,
    /// A drum fill at the end of every so many bars, in [`FILLS`]; `None`: where the network plays one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fill_every: Option<u32>,
    /// How sections follow each other.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub form: Option<Form>,
    /// How it should feel.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mood: Option<Mood>,
    /// Lowest and highest note of bass, chords or lead.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub ranges: BTreeMap<Role, [Pitch; 2]>,
    /// Temperatures of single roles, in place of the common one.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub temperatures: BTreeMap<Role, f32>,
    /// What the lead begins with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub primer: Option<Primer>,
    /// Good drafts of each part, of which the best is kept, in [`CANDIDATES`].
    #[serde(skip_serializing_if = "is_four")]
    pub candidates: u32,
}

impl Default for Controls {
    fn default() -> Self {
        Self {
            density: 0.0,
            syncopation: 0.0,
            humanize: 1.0,
            fill_every: None,
            form: None,
            mood: None,
            ranges: BTreeMap::new(),
            temperatures: BTreeMap::new(),
            primer: None,
            candidates: 4,
        }
    }
}

fn is_default(value: &f32) -> bool {
    *value == 0.0
}

fn is_one(value: &f32) -> bool {
    *value == 1.0
}

fn is_four(value: &u32) -> bool {
    *value == 4
}

impl Controls {
    /// True if nothing is asked.
    pub fn is_plain(&self) -> bool {
        *self == Self::default()
    }

    /// Checks them for a loop of so many bars.
    ///
    /// # Errors
    /// A value outside its range, a form that does not share the bars evenly, a range that no line fits, or a primer too long.
    pub fn check(&self, bars: u32, meter: Meter) -> Result<()> {
        within("density", &SHIFTS, self.density)?;
        within("syncopation", &SHIFTS, self.syncopation)?;
        within("humanize", &HUMANIZES, self.humanize)?;
        within("candidates", &CANDIDATES, self.candidates)?;
        if let Some(every) = self.fill_every {
            within("fill", &FILLS, every)?;
        }
        for &temperature in self.temperatures.values() {
            within("temperature", &super::TEMPERATURES, temperature)?;
        }
        for (&role, &range) in &self.ranges {
            check_range(role, range)?;
        }
        if let Some(form) = &self.form {
            form.check(bars)?;
        }
        self.primer.as_ref().map_or(Ok(()), |primer| primer.check(bars, meter))
    }

    /// How busy all is, the mood's part of it too.
    pub(crate) fn density(&self) -> f32 {
        (self.density + self.mood.map_or(0.0, Mood::density)).clamp(-1.0, 1.0)
    }

    /// The range asked for a part.
    pub(crate) fn range(&self, part: Part) -> Option<[Pitch; 2]> {
        self.ranges.get(&part.role()?).copied()
    }
}

fn check_range(role: Role, [low, high]: [Pitch; 2]) -> Result<()> {
    let (from, to) = match role {
        // What the networks can write, in whichever key.
        Role::Bass => (pitches::BASS.low - 5, pitches::BASS.high + 6),
        Role::Lead => (pitches::LEAD.low - 5, pitches::LEAD.high + 6),
        Role::Chords => (36, 96),
        Role::Drums => return Err(Error::range("range", "for bass, chords or lead", role)),
    };
    let least = if role == Role::Chords { 19 } else { LEAST_RANGE };
    let fits = low.number() >= from && high.number() <= to && high.number() >= low.number() + least;
    if fits {
        return Ok(());
    }
    let allowed =
        format!("at least {least} semitones wide within {} to {} for {role}", Pitch::new(from), Pitch::new(to));
    Err(Error::range("range", allowed, format!("{low}-{high}")))
}

#[cfg(test)]
mod tests;
