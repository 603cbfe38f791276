//! What makes a style that style, as data: a trait is something that is heard, a number that says how much of it there is in a
//! [`Piece`], and the range in which the number lies.
//!
//! Styles state their traits in `samples/styles/*.toml`; they hold for our own grooves and are counted in what the composer writes.

mod measure;

use crate::groove;
use crate::piece::Piece;
use measure::Measure;
use riffsmith_dsp::score::Role;
use serde::Deserialize;

/// Something that defines a style.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(try_from = "Written")]
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

    /// True if it is there as the style has it. A part that the piece does not have, or a place that its bars do not have, is no fault.
    pub fn holds(&self, piece: &Piece) -> bool {
        let [least, most] = self.within;
        self.measured(piece).is_none_or(|value| (least - SLACK..=most + SLACK).contains(&value))
    }
}

/// For shares that are what the bound says but for rounding.
const SLACK: f32 = 1e-4;

/// A trait as it stands in a style's file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    what: String,
    because: String,
    role: Role,
    #[serde(default)]
    drums: Vec<String>,
    measure: Option<String>,
    places: Option<Vec<f32>>,
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

fn drum(name: &str) -> Result<u8, String> {
    groove::KIT.iter().find(|(own, _)| *own == name).map(|&(_, number)| number).ok_or_else(|| {
        let names: Vec<&str> = groove::KIT.iter().map(|(own, _)| *own).collect();
        format!("{name:?} is no drum; there are {}", names.join(", "))
    })
}

#[cfg(test)]
mod tests;
