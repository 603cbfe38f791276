//! What a pack is asked for: enough to make it again, whole or in parts, on any machine.

use super::naming::Naming;
use crate::error::{Error, Result};
use crate::recipe::Recipe;
use crate::refine::Refinement;
use crate::style::Style;
use crate::wav::{BitDepth, Date};
use riffsmith_dsp::score::Key;
use riffsmith_dsp::{SampleRate, Seed};
use riffsmith_models::composer::BARS;
use serde::{Deserialize, Serialize};
use std::ops::RangeInclusive;

/// Loops that can be asked for.
pub const LOOPS: RangeInclusive<u32> = 0..=2000;
/// One-shots that can be asked for.
pub const ONE_SHOTS: RangeInclusive<u32> = 0..=2_000;
/// Multi-sampled instruments that can be asked for.
pub const INSTRUMENTS: RangeInclusive<u32> = 0..=50;
/// The longest name of a pack, and of a label, in characters.
const MAX_NAME: usize = 60;
const MAX_LABEL: usize = 12;

/// Every choice of a pack. The same recipe makes the same bytes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PackRecipe {
    /// The version of riffsmith that makes it.
    pub version: String,
    /// Hash of the composer's weights.
    pub composer: String,
    /// The origin of all randomness.
    pub seed: Seed,
    /// Its name, as it is shown.
    pub name: String,
    /// Who publishes it: letters and digits, the start of each file's name.
    pub label: String,
    /// Styles, by name or path.
    pub styles: Vec<String>,
    /// Keys to choose from; empty: the styles decide.
    pub keys: Vec<Key>,
    /// Slowest and fastest tempo; `None`: the styles decide.
    pub bpm: Option<[f64; 2]>,
    /// Length of the loops; `None`: the styles decide.
    pub bars: Option<u32>,
    /// Loops that were chosen by ear: then these are all of its loops, as they are.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub takes: Vec<Recipe>,
    /// How many loops, full mixes and single parts together.
    pub loops: u32,
    /// How many one-shots.
    pub one_shots: u32,
    /// How many multi-sampled instruments.
    pub instruments: u32,
    /// Whether each full mix comes with its stems.
    pub stems: bool,
    /// How far the loops are refined, 0 (off) to 1.
    pub refine: f32,
    /// How files are named.
    pub naming: Naming,
    /// Frames per second.
    pub rate: SampleRate,
    /// Bits in a sample.
    pub bits: BitDepth,
    /// The day that its files bear, as 2026-01-31.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
}

impl PackRecipe {
    /// # Errors
    /// A name, label or number that is not allowed, or nothing to make.
    pub fn check(&self) -> Result<()> {
        let length = self.name.chars().count();
        if !(1..=MAX_NAME).contains(&length) || self.name.chars().any(char::is_control) {
            return Err(Error::usage(format!("--name must be 1 to {MAX_NAME} characters, but was {:?}", self.name)));
        }
        let label_is_plain = self.label.chars().all(|c| c.is_ascii_alphanumeric());
        if !(1..=MAX_LABEL).contains(&self.label.len()) || !label_is_plain {
            return Err(Error::usage(format!(
                "--label must be 1 to {MAX_LABEL} of A-Z, a-z and 0-9, but was {:?}",
                self.label
            )));
        }
        within("--loops", self.loops, &LOOPS)?;
        within("--one-shots", self.one_shots, &ONE_SHOTS)?;
        within("--instruments", self.instruments, &INSTRUMENTS)?;
        if let Some(bars) = self.bars {
            within("--bars", bars, &BARS)?;
        }
        if self.loops == 0 && self.one_shots == 0 && self.instruments == 0 {
            return Err(Error::usage("there is nothing to make: --loops, --one-shots and --instruments are all 0"));
        }
        if self.styles.is_empty() {
            return Err(Error::usage("a pack needs at least one style").hint("riffsmith list styles names them all"));
        }
        if let Some([slowest, fastest]) = self.bpm
            && !(20.0 <= slowest && slowest <= fastest && fastest <= 300.0)
        {
            return Err(Error::usage(format!("--bpm must lie within 20 to 300, but was {slowest}-{fastest}")));
        }
        if let Some(refinement) = Refinement::new(self.refine) {
            refinement.check()?;
        }
        self.date().map(drop)
    }

    /// Its styles, read.
    ///
    /// # Errors
    /// If there is no such style.
    pub fn read_styles(&self) -> Result<Vec<Style>> {
        self.styles.iter().map(|name| Style::find(name)).collect()
    }

    /// The day that its files bear.
    ///
    /// # Errors
    /// If there is no such day.
    pub fn date(&self) -> Result<Option<Date>> {
        self.date
            .as_deref()
            .map(|text| text.parse().map_err(|error| Error::usage(format!("--date {error}"))))
            .transpose()
    }

    /// The name of its folder: label and name, of letters, digits, `_` and `-`.
    pub fn folder(&self) -> String {
        let plain: String = self.name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { ' ' }).collect();
        let words: Vec<&str> = plain.split_whitespace().collect();
        let name = if words.is_empty() { "Pack".to_owned() } else { words.join("_") };
        format!("{}_{name}", self.label)
    }

    /// What stands for its name in file names: the initials, or the start of a single word, in capitals.
    pub fn code(&self) -> String {
        let folder = self.folder();
        let words: Vec<&str> = folder.split('_').skip(1).collect();
        let code: String = match words.as_slice() {
            [word] => word.chars().take(3).collect(),
            words => words.iter().filter_map(|word| word.chars().next()).take(4).collect(),
        };
        code.to_uppercase()
    }
}

fn within(flag: &str, given: u32, allowed: &RangeInclusive<u32>) -> Result<()> {
    if allowed.contains(&given) {
        return Ok(());
    }
    Err(Error::usage(format!("{flag} must be {} to {}, but was {given}", allowed.start(), allowed.end())))
}

#[cfg(test)]
pub(crate) fn example() -> PackRecipe {
    PackRecipe {
        version: crate::recipe::VERSION.to_owned(),
        composer: "0".to_owned(),
        seed: Seed(7),
        name: "Night Tram".to_owned(),
        label: "RS".to_owned(),
        styles: vec!["house".to_owned(), "lofi".to_owned()],
        keys: Vec::new(),
        bpm: None,
        bars: None,
        takes: Vec::new(),
        loops: 12,
        one_shots: 10,
        instruments: 0,
        stems: true,
        refine: 0.0,
        naming: Naming::Splice,
        rate: SampleRate::CD,
        bits: BitDepth::Int24,
        date: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_folders_and_codes() {
        let named = |name: &str| PackRecipe { name: name.to_owned(), ..example() };
        assert_eq!((named("Night Tram").folder(), named("Night Tram").code()), ("RS_Night_Tram".into(), "NT".into()));
        assert_eq!((named("Dust").folder(), named("Dust").code()), ("RS_Dust".into(), "DUS".into()));
        assert_eq!(named("../Ünder & \"gröund\"").folder(), "RS_nder_gr_und");
        assert_eq!(named("ßß").folder(), "RS_Pack");
    }

    #[test]
    fn what_cannot_be_made_is_refused_by_its_flag() {
        let message = |change: &dyn Fn(&mut PackRecipe)| {
            let mut recipe = example();
            change(&mut recipe);
            recipe.check().expect_err("a bad recipe").message
        };
        assert!(example().check().is_ok());
        assert_eq!(message(&|recipe| recipe.name.clear()), "--name must be 1 to 60 characters, but was \"\"");
        assert!(message(&|recipe| recipe.label = "A/B".to_owned()).starts_with("--label must be 1 to 12 of A-Z"));
        assert_eq!(message(&|recipe| recipe.loops = 5000), "--loops must be 0 to 2000, but was 5000");
        assert_eq!(
            message(&|recipe| recipe.bpm = Some([130.0, 120.0])),
            "--bpm must lie within 20 to 300, but was 130-120"
        );
        assert!(message(&|recipe| recipe.bpm = Some([f64::NAN, 120.0])).contains("NaN"));
        assert!(message(&|recipe| recipe.date = Some("2026-02-30".to_owned())).starts_with("--date"));
        assert!(message(&|recipe| (recipe.loops, recipe.one_shots) = (0, 0)).starts_with("there is nothing to make"));
    }
}
