//! What makes a style that style, as data: a trait is something that is heard, a number that says how much of it there is in a
//! [`Piece`], and the range in which the number lies.
//!
//! Styles state their traits in `samples/styles/*.toml`; they hold for our own grooves and are counted in what the composer writes.

mod measure;

use crate::groove;
use crate::piece::Piece;
use measure::Measure;
use riffsmith_dsp::score::Role;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Something that defines a style.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct Trait {
    /// What is heard, in words.
    pub what: String,
    /// Its source, or the reason for it.
    pub because: String,
    /// How it is told.
    pub rule: Rule,
}

/// How a trait is told: a measure of a part, and the range in which it lies. As text, `drums snare,clap @2,4/1 0.75..1` is about places
/// in quarter notes within so many bars, and `lead notes_per_bar 1.8..6.5` about a measure of that name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Rule {
    role: Role,
    drums: Vec<u8>,
    measure: Measure,
    within: [f32; 2],
}

impl Rule {
    fn new(role: Role, drums: &[String], measure: Result<Measure, String>, within: [f32; 2]) -> Result<Self, String> {
        if role != Role::Drums && !drums.is_empty() {
            return Err(format!("drums belong to the role drums, not to {role}"));
        }
        if !(within[0] <= within[1] && within.iter().all(|bound| bound.is_finite())) {
            return Err(format!("within must be [least, most], but was {within:?}"));
        }
        let drums = drums.iter().map(|name| drum(name)).collect::<Result<_, _>>()?;
        Ok(Self { role, drums, measure: measure?, within })
    }

    /// The part in which it is heard.
    pub fn role(&self) -> Role {
        self.role
    }

    /// The range of the measure, ends included.
    pub fn within(&self) -> [f32; 2] {
        self.within
    }

    /// How much of it there is; `None` where there is nothing to measure, such as no notes of the part.
    pub fn measured(&self, piece: &Piece) -> Option<f32> {
        let mut events = piece.part(self.role).to_vec();
        if !self.drums.is_empty() {
            events.retain(|event| self.drums.contains(&event.pitch));
        }
        self.measure.of(piece, self.role, &events)
    }

    /// True if it is there as the style has it. A part that the piece does not have, or a place that its bars do not have, is no fault.
    pub fn holds(&self, piece: &Piece) -> bool {
        let [least, most] = self.within;
        self.measured(piece).is_none_or(|value| (least - SLACK..=most + SLACK).contains(&value))
    }

    /// True for what is decided when the chords are chosen.
    pub(crate) fn is_of_harmony(&self) -> bool {
        self.measure.is_of_harmony()
    }

    /// How much it wants a place struck, in steps from the start of the piece: 1 where it must be, -1 where it must not be, 0 where it
    /// says nothing. A trait that wants something in between wants nothing of a place.
    pub(crate) fn wants(&self, step: u32, steps_per_bar: u32) -> f32 {
        if !self.measure.has_place(step, steps_per_bar) {
            return 0.0;
        }
        match self.within {
            [least, _] if least >= 0.6 => 1.0,
            [_, most] if most <= 0.35 => -1.0,
            _ => 0.0,
        }
    }

    /// The drums that it is about, by General MIDI; empty for all, and for other roles.
    pub(crate) fn drums(&self) -> &[u8] {
        &self.drums
    }

    fn drum_names(&self) -> Vec<String> {
        let name =
            |drum: &u8| groove::KIT.iter().find(|(_, number)| number == drum).map(|(name, _)| (*name).to_owned());
        self.drums.iter().filter_map(name).collect()
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let drums = self.drum_names().join(",");
        let space = if drums.is_empty() { "" } else { " " };
        write!(formatter, "{}{space}{drums} ", self.role)?;
        match &self.measure {
            Measure::Named(named) => write!(formatter, "{}", named.name())?,
            Measure::Places { bars, .. } => {
                let places: Vec<String> = self.measure.quarters().iter().map(f32::to_string).collect();
                write!(formatter, "@{}/{bars}", places.join(","))?;
            }
        }
        write!(formatter, " {}..{}", self.within[0], self.within[1])
    }
}

impl FromStr for Rule {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let not_read = || format!("{text:?} is no rule such as \"drums snare,clap @2,4/1 0.75..1\"");
        let number = |text: &str| text.parse::<f32>().map_err(|_| not_read());
        let words: Vec<&str> = text.split(' ').collect();
        let (role, drums, measure, within) = match *words {
            [role, measure, within] => (role, "", measure, within),
            [role, drums, measure, within] => (role, drums, measure, within),
            _ => return Err(not_read()),
        };
        let role = Role::ALL.into_iter().find(|own| own.name() == role).ok_or_else(not_read)?;
        let drums: Vec<String> = drums.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect();
        let measure = match measure.strip_prefix('@') {
            None => Measure::named(measure, role),
            Some(places) => {
                let (places, bars) = places.split_once('/').ok_or_else(not_read)?;
                let places = places.split(',').map(number).collect::<Result<Vec<_>, _>>()?;
                Measure::places(&places, bars.parse().map_err(|_| not_read())?)
            }
        };
        let (least, most) = within.split_once("..").ok_or_else(not_read)?;
        Self::new(role, &drums, measure, [number(least)?, number(most)?])
    }
}

impl TryFrom<String> for Rule {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Rule> for String {
    fn from(rule: Rule) -> Self {
        rule.to_string()
    }
}

/// For shares that are what the bound says but for rounding.
const SLACK: f32 = 1e-4;

/// A trait as it stands in a style's file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    what: String,
    because: String,
    role: Role,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    drums: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    measure: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    places: Option<Vec<f32>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    every: Option<u32>,
    within: [f32; 2],
}

impl TryFrom<Written> for Trait {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        let Written { what, because, role, drums, measure, places, every, within } = written;
        let measure = match (measure, places) {
            (Some(name), None) if every.is_none() => Measure::named(&name, role),
            (None, Some(places)) => Measure::places(&places, every.unwrap_or(1)),
            _ => Err("must have either a measure, or places and perhaps every".to_owned()),
        };
        let rule = Rule::new(role, &drums, measure, within).map_err(|reason| format!("trait {what:?}: {reason}"))?;
        Ok(Self { what, because, rule })
    }
}

impl From<Trait> for Written {
    fn from(Trait { what, because, rule }: Trait) -> Self {
        let (measure, places) = match &rule.measure {
            Measure::Named(named) => (Some(named.name().to_owned()), None),
            Measure::Places { bars, .. } => (None, Some((rule.measure.quarters(), *bars))),
        };
        let (places, every) = places.map_or((None, None), |(places, bars)| (Some(places), Some(bars)));
        Self { what, because, role: rule.role, drums: rule.drum_names(), measure, places, every, within: rule.within }
    }
}

fn drum(name: &str) -> Result<u8, String> {
    groove::KIT.iter().find(|(own, _)| *own == name).map(|&(_, number)| number).ok_or_else(|| {
        let names: Vec<&str> = groove::KIT.iter().map(|(own, _)| *own).collect();
        format!("{name:?} is no drum; there are {}", names.join(", "))
    })
}

#[cfg(test)]
mod tests;
