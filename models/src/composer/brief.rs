//! What the composer is asked for.

use super::control::Controls;
use super::grid::{Bar, MAX_QUARTERS};
use super::part::Part;
use super::sampler::Taste;
use super::style;
use crate::error::{Error, Result, within};
use crate::traits::Rule;
use riffsmith_dsp::score::{Chord, Key, Meter, Mode, PitchClass, Role, Tempo, Ticks};
use std::ops::RangeInclusive;

/// Bars that can be asked for.
pub const BARS: RangeInclusive<u32> = 1..=256;
/// Sampling temperatures that can be asked for.
pub const TEMPERATURES: RangeInclusive<f32> = 0.1..=2.0;
/// Nucleus masses that can be asked for.
pub const TOP_PS: RangeInclusive<f32> = 0.05..=1.0;
/// Swing that can be asked for.
pub const SWINGS: RangeInclusive<f32> = 0.5..=0.75;

/// A request, before it is checked: change what matters, and leave the rest as [`Default`] has it.
#[derive(Debug, Clone, PartialEq)]
pub struct BriefOptions {
    /// Style tags of [`style::STYLES`] and their weights; empty: any style.
    pub styles: Vec<(String, f32)>,
    /// The key; default A minor.
    pub key: Key,
    /// The metre, a bar being 1 to 8 quarter notes long; default 4/4.
    pub meter: Meter,
    /// The tempo; default 120 BPM.
    pub tempo: Tempo,
    /// The tempo that it is written for, where it is played at another one with the same notes; default: none.
    pub written_tempo: Option<Tempo>,
    /// Length in [`BARS`]; default 4.
    pub bars: u32,
    /// The roles to write, each at most once; default all.
    pub roles: Vec<Role>,
    /// Chords from a moment on, sorted, played as they are; `None`: the composer writes its own.
    pub chords: Option<Vec<(Ticks, Chord)>>,
    /// Divides the logits, in [`TEMPERATURES`]; default 0.95.
    pub temperature: f32,
    /// Draw only from the likeliest classes, this many; 0, the default: from all.
    pub top_k: usize,
    /// Draw only from the likeliest classes that together have this probability, in [`TOP_PS`]; default 0.95.
    pub top_p: f32,
    /// True: no note outside the key, unless a given chord has it; false: a few (at most 4 %).
    pub strict_key: bool,
    /// Where the second of two sixteenths lies between their start and their end, in [`SWINGS`]: 0.5, the default, is straight.
    pub swing: f32,
    /// Further wishes.
    pub controls: Controls,
    /// What must be there for it to be of its style; drafts without are drawn again.
    pub rules: Vec<Rule>,
}

impl Default for BriefOptions {
    fn default() -> Self {
        Self {
            styles: Vec::new(),
            key: Key { tonic: PitchClass::new(9), mode: Mode::Minor },
            meter: Meter::COMMON,
            tempo: Tempo::new(120.0).expect("120 lies in 20 to 300"),
            written_tempo: None,
            bars: 4,
            roles: Role::ALL.to_vec(),
            chords: None,
            temperature: 1.0,
            top_k: 0,
            top_p: 0.95,
            strict_key: false,
            swing: 0.5,
            controls: Controls::default(),
            rules: Vec::new(),
        }
    }
}

/// A checked request.
#[derive(Debug, Clone, PartialEq)]
pub struct Brief {
    options: BriefOptions,
    styles: [f32; style::INPUTS],
    grid: Bar,
}

impl Brief {
    /// # Errors
    /// An unknown style tag, a value outside its range, no roles or one twice, or chords that are not sorted.
    pub fn new(options: BriefOptions) -> Result<Self> {
        let styles = style::blend(&options.styles)?;
        let grid = Bar::new(options.meter).ok_or_else(|| {
            Error::range("meter", format!("a bar of 1 to {MAX_QUARTERS} quarter notes"), options.meter)
        })?;
        within("bars", &BARS, options.bars)?;
        within("temperature", &TEMPERATURES, options.temperature)?;
        within("top-p", &TOP_PS, options.top_p)?;
        within("swing", &SWINGS, options.swing)?;
        options.controls.check(options.bars, options.meter)?;
        let roles = &options.roles;
        let repeated = (1..roles.len()).any(|index| roles[..index].contains(&roles[index]));
        if roles.is_empty() || repeated {
            let names: Vec<&str> = roles.iter().map(|role| role.name()).collect();
            return Err(Error::range("roles", "one or more, each once", format!("[{}]", names.join(", "))));
        }
        if let Some(chords) = &options.chords {
            let sorted = chords.is_sorted_by(|(before, _), (after, _)| before < after);
            if chords.is_empty() || !sorted {
                return Err(Error::range("chords", "one or more, sorted by time", chords.len()));
            }
        }
        Ok(Self { options, styles, grid })
    }

    /// What was asked for.
    pub fn options(&self) -> &BriefOptions {
        &self.options
    }

    /// The exact length.
    pub fn length(&self) -> Ticks {
        self.options.meter.bar() * self.options.bars
    }

    pub(super) fn styles(&self) -> [f32; style::INPUTS] {
        self.styles
    }

    pub(super) fn grid(&self) -> Bar {
        self.grid
    }

    pub(super) fn taste(&self, part: Part) -> Taste {
        let BriefOptions { temperature, top_k, top_p, ref controls, .. } = self.options;
        let own = part.role().and_then(|role| controls.temperatures.get(&role));
        Taste { temperature: own.copied().unwrap_or(temperature), top_k, top_p }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_checked_and_errors_name_the_value() {
        assert!(Brief::new(BriefOptions::default()).is_ok());
        let message = |change: &dyn Fn(&mut BriefOptions)| {
            let mut options = BriefOptions::default();
            change(&mut options);
            Brief::new(options).expect_err("a bad request").to_string()
        };
        assert_eq!(message(&|options| options.bars = 0), "bars must be 1 to 256, but was 0");
        assert_eq!(message(&|options| options.temperature = f32::NAN), "temperature must be 0.1 to 2, but was NaN");
        assert_eq!(message(&|options| options.top_p = 0.0), "top-p must be 0.05 to 1, but was 0");
        assert_eq!(message(&|options| options.swing = 1.0), "swing must be 0.5 to 0.75, but was 1");
        assert_eq!(message(&|options| options.roles.clear()), "roles must be one or more, each once, but was []");
        assert_eq!(
            message(&|options| options.meter = "1/32".parse().expect("a metre")),
            "meter must be a bar of 1 to 8 quarter notes, but was 1/32"
        );
        assert!(
            message(&|options| options.styles = vec![("hause".to_owned(), 1.0)]).starts_with("style tag \"hause\"")
        );
        assert!(message(&|options| options.roles = vec![Role::Bass, Role::Bass]).starts_with("roles"));
        assert!(message(&|options| options.chords = Some(Vec::new())).starts_with("chords"));
    }
}
