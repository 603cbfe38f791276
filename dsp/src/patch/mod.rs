//! Patches: an instrument's parameters under a name, as TOML that a musician can open.

mod audition;
#[cfg(test)]
mod contract;
mod library;
mod text;

pub use audition::{Likeness, audition, level_lufs, phrase_frames};
pub use library::{builtin, find, names};

use crate::effect::EffectSpec;
use crate::error::{Error, Result};
use crate::instrument::InstrumentSpec;
use crate::parameters::{Checked, check_range};
use crate::score::Role;
use serde::{Deserialize, Serialize};
use std::ops::RangeInclusive;

/// A sound.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Patch {
    /// Lower case, with underscores; a built-in patch's file is called the same.
    pub name: String,
    /// What it sounds like, in a few words.
    pub description: String,
    /// What to find it by: its role (`bass`, `chords`, `lead`, `kit`) first, then character and style.
    #[serde(default)]
    pub tags: Vec<String>,
    /// Brings it to the loudness of its role's other patches, -40 to 24 dB.
    #[serde(default)]
    pub gain_db: f32,
    /// Each note ends the one before, as on a monophonic synthesizer.
    #[serde(default)]
    pub mono: bool,
    /// A note that overlaps the one before goes on with its envelopes and only changes the pitch; needs `mono`.
    #[serde(default)]
    pub legato: bool,
    /// Time in which a note that overlaps the one before glides from its pitch, within -60 dB, in seconds; needs `mono`.
    #[serde(default)]
    pub glide_s: f32,
    /// Time between the strings of a chord, from the lowest up, in seconds, 0 to 0.1.
    #[serde(default)]
    pub strum_s: f32,
    /// What makes the sound.
    pub instrument: InstrumentSpec,
    /// What it then goes through, in this order.
    #[serde(default)]
    pub inserts: Vec<EffectSpec>,
}

impl Patch {
    /// Reads a patch.
    ///
    /// # Errors
    /// Broken TOML, unknown fields or names, numbers out of their range.
    pub fn from_toml(text: &str) -> Result<Self> {
        let patch: Self = toml::from_str(text).map_err(|error| Error::format("patch", error.to_string().trim_end()))?;
        patch.validate()?;
        Ok(patch)
    }

    /// What it plays in a piece, by its first tag; `None` where that says nothing.
    pub fn role(&self) -> Option<Role> {
        match self.tags.first()?.as_str() {
            "kit" => Some(Role::Drums),
            tag => Role::ALL.into_iter().find(|role| role.name() == tag),
        }
    }

    /// True if its notes have the pitch that is struck: not drums, nor what its tags call `fx` or `unpitched`.
    pub fn is_pitched(&self) -> bool {
        self.role() != Some(Role::Drums) && !self.tags.iter().any(|tag| tag == "fx" || tag == "unpitched")
    }

    /// The pitches that it is made for: four octaves for a bass from C1, for chords from C2, for a lead from C3; of a kit, General
    /// MIDI's drums.
    pub fn range(&self) -> RangeInclusive<u8> {
        match self.role() {
            Some(Role::Drums) => 35..=81,
            Some(Role::Bass) => 24..=72,
            Some(Role::Chords) | None => 36..=84,
            Some(Role::Lead) => 48..=96,
        }
    }

    /// # Errors
    /// The first number that is out of its range.
    pub fn validate(&self) -> Result<()> {
        check_range("gain_db", self.gain_db, -40.0..=24.0)?;
        if self.legato && !self.mono {
            return Err(Error::range("legato", "false without mono = true", true));
        }
        self.instrument.check()?;
        self.inserts.iter().try_for_each(EffectSpec::validate)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "name = \"x\"\ndescription = \"\"\n[instrument]\ntype = \"subtractive\"\n";

    #[test]
    fn what_is_left_out_takes_its_default() {
        let patch = Patch::from_toml(&format!("{HEAD}[instrument.filter]\ncutoff_hz = 500.0\n")).expect("valid");
        let InstrumentSpec::Subtractive(spec) = &patch.instrument else { panic!("subtractive") };
        assert_eq!(spec.filter.cutoff_hz, 500.0);
        assert_eq!(spec.osc1.level, 1.0);
    }

    #[test]
    fn legato_needs_mono() {
        let patch = |head: &str| Patch::from_toml(&format!("{head}\n{HEAD}"));
        assert!(patch("mono = true\nlegato = true").is_ok());
        let error = patch("legato = true").expect_err("polyphonic").to_string();
        assert_eq!(error, "legato must be false without mono = true, but was true");
    }

    #[test]
    fn wrong_numbers_and_names_are_refused_by_name() {
        for (line, message) in [
            ("sub_level = 9.0", "sub_level must be 0 to 2, but was 9"),
            ("sub_level = nan", "sub_level must be 0 to 2, but was NaN"),
            ("[instrument.filter]\ncutoff_hz = 5.0", "cutoff_hz must be 20 to 20000, but was 5"),
            ("subb_level = 1.0", "unknown field `subb_level`"),
            ("[instrument.osc1]\nwaveform = \"sow\"", "unknown variant `sow`"),
        ] {
            let error = Patch::from_toml(&format!("{HEAD}{line}\n")).expect_err(line).to_string();
            assert!(error.contains(message), "{error}");
        }
    }
}
