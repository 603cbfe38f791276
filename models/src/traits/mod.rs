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

/// Something that defines a style.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct Trait {
    /// What is heard, in words.
    pub what: String,
    /// Its source, or the reason for it.
    pub because: String,
    /// The part in which it is heard.
    pub role: Role,
    drums: Vec<u8>,
    measure: Measure,
    /// The range of the measure.
    pub within: [f32; 2],
}

impl Trait {
    /// How much of it there is; `None` where there is nothing to measure, such as no notes of the part.
    pub fn measured(&self, piece: &Piece) -> Option<f32> {
        let mut events = piece.part(self.role).to_vec();
        if !self.drums.is_empty() {
            events.retain(|event| self.drums.contains(&event.pitch));
        }
        self.measure.of(piece, self.role, &events)
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

    /// True if it is there as the style has it. A part that the piece does not have, or a place that its bars do not have, is no fault.
    pub fn holds(&self, piece: &Piece) -> bool {
        let [least, most] = self.within;
        self.measured(piece).is_none_or(|value| (least - SLACK..=most + SLACK).contains(&value))
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
        let refused = |reason: String| Err(format!("trait {what:?}: {reason}"));
        if role != Role::Drums && !drums.is_empty() {
            return refused(format!("drums belong to the role drums, not to {role}"));
        }
        if !(within[0] <= within[1] && within.iter().all(|bound| bound.is_finite())) {
            return refused(format!("within must be [least, most], but was {within:?}"));
        }
        let drums = drums.iter().map(|name| drum(name)).collect::<Result<_, _>>();
        let measure = match (measure, places) {
            (Some(name), None) if every.is_none() => Measure::named(&name, role),
            (None, Some(places)) => Measure::places(&places, every.unwrap_or(1)),
            _ => Err("must have either a measure, or places and perhaps every".to_owned()),
        };
        match (drums, measure) {
            (Ok(drums), Ok(measure)) => Ok(Self { what, because, role, drums, measure, within }),
            (Err(reason), _) | (_, Err(reason)) => refused(reason),
        }
    }
}

impl From<Trait> for Written {
    fn from(own: Trait) -> Self {
        let name =
            |drum: &u8| groove::KIT.iter().find(|(_, number)| number == drum).map(|(name, _)| (*name).to_owned());
        let (measure, places) = match &own.measure {
            Measure::Named(named) => (Some(named.name().to_owned()), None),
            Measure::Places { bars, .. } => (None, Some((own.measure.quarters(), *bars))),
        };
        let (places, every) = places.map_or((None, None), |(places, bars)| (Some(places), Some(bars)));
        let drums = own.drums.iter().filter_map(name).collect();
        Self { what: own.what, because: own.because, role: own.role, drums, measure, places, every, within: own.within }
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
