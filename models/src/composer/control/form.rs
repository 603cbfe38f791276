//! How the sections of a loop follow each other.

use crate::error::{Error, Result};
use riffsmith_dsp::score::Role;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Sections at most.
const MOST: usize = 16;

/// A plan of sections.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Form {
    /// Sections of equal length, each a letter from 0 on: the same letter, the same music.
    Letters(Vec<u8>),
    /// From little to all: parts enter one after the other, and grow denser and louder.
    BuildUp,
    /// The lead calls in one bar and the other parts answer in the next.
    CallResponse,
}

/// Names beside the letters.
const NAMES: [(&str, Form); 2] = [("build-up", Form::BuildUp), ("call-response", Form::CallResponse)];

impl Form {
    /// Sections of equal length.
    pub fn sections(&self) -> u32 {
        match self {
            Self::Letters(letters) => letters.len() as u32,
            Self::BuildUp | Self::CallResponse => 1,
        }
    }

    /// # Errors
    /// Bars that the sections do not share evenly, or too few of them.
    pub fn check(&self, bars: u32) -> Result<()> {
        let sections = self.sections().max(1);
        if !bars.is_multiple_of(sections) {
            let allowed = format!("a form whose {sections} sections share the {bars} bars evenly");
            return Err(Error::range("form", allowed, self));
        }
        if sections == 1 && bars < 2 {
            return Err(Error::range("form", "of at least 2 bars", format!("{self} in {bars}")));
        }
        Ok(())
    }

    /// True for the first bar of a section that is new, and not the first.
    pub fn begins_anew(&self, bar: u32, bars: u32) -> bool {
        let length = bars / self.sections().max(1);
        let is_section = self.sections() > 1 && bar > 0 && bar.is_multiple_of(length.max(1));
        is_section && self.repeats(bar, bars).is_none()
    }

    /// How full a part is in a bar of a build-up, 0 (silent) to 1: one part enters after the other, each grows.
    pub fn fullness(&self, role: Role, bar: u32, bars: u32) -> f32 {
        if *self != Self::BuildUp {
            return 1.0;
        }
        let entry = match role {
            Role::Chords => 0.0,
            Role::Drums => 0.2,
            Role::Bass => 0.35,
            Role::Lead => 0.5,
        };
        let progress = bar as f32 / bars.max(2) as f32;
        if progress + 1e-6 < entry { 0.0 } else { 0.4 + 0.6 * progress / (1.0 - 1.0 / bars.max(2) as f32) }
    }

    /// The earlier bar that `bar` repeats, of `bars`.
    pub fn repeats(&self, bar: u32, bars: u32) -> Option<u32> {
        let Self::Letters(letters) = self else { return None };
        let length = bars / self.sections().max(1);
        let section = (bar / length.max(1)) as usize;
        let first = letters.iter().position(|letter| Some(letter) == letters.get(section))?;
        (first < section).then(|| bar - (section - first) as u32 * length)
    }
}

impl FromStr for Form {
    type Err = Error;

    /// `AABA`, `build-up` or `call-response`.
    fn from_str(text: &str) -> Result<Self> {
        let text = text.trim();
        if let Some((_, form)) = NAMES.iter().find(|(name, _)| name.eq_ignore_ascii_case(text)) {
            return Ok(form.clone());
        }
        let letters: Vec<u8> = text.bytes().map(|letter| letter.to_ascii_uppercase().wrapping_sub(b'A')).collect();
        let fits = (2..=MOST).contains(&letters.len()) && letters.iter().all(|&letter| letter < 8);
        fits.then_some(Self::Letters(letters)).ok_or_else(|| {
            Error::range("form", format!("2 to {MOST} letters A to H such as AABA, build-up or call-response"), text)
        })
    }
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((name, _)) = NAMES.iter().find(|(_, form)| form == self) {
            return f.write_str(name);
        }
        let Self::Letters(letters) = self else { return Ok(()) };
        letters.iter().try_for_each(|letter| write!(f, "{}", char::from(b'A' + letter)))
    }
}

impl TryFrom<String> for Form {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

impl From<Form> for String {
    fn from(form: Form) -> Self {
        form.to_string()
    }
}
