//! Flags for what is asked of the composer beyond style, key and chords.

use super::values;
use crate::error::{Error, Result};
use crate::files;
use riffsmith_dsp::score::{Pitch, Role, midi};
use riffsmith_models::composer::{CANDIDATES, Controls, FILLS, Form, HUMANIZES, Mood, Primer, SHIFTS, TEMPERATURES};
use std::path::Path;

#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Composition")]
pub struct ControlArgs {
    /// How it should feel: happy, euphoric, calm, dreamy, sad, dark, tense, aggressive
    #[arg(long)]
    mood: Option<Mood>,
    /// Sections: letters such as AABA, build-up, or call-response
    #[arg(long)]
    form: Option<Form>,
    /// Notes: -1 (few) to 1 (many), 0 as usual in the style
    #[arg(long, value_name = "AMOUNT", default_value = "0", value_parser = values::within(SHIFTS), allow_hyphen_values = true, hide_default_value = true)]
    density: f32,
    /// Notes off the beat: -1 (few) to 1 (many), 0 as usual in the style
    #[arg(long, value_name = "AMOUNT", default_value = "0", value_parser = values::within(SHIFTS), allow_hyphen_values = true, hide_default_value = true)]
    syncopation: f32,
    /// A player's deviations in time and strength: 0 (none) to 2
    #[arg(long, value_name = "AMOUNT", default_value = "1", value_parser = values::within(HUMANIZES), allow_hyphen_values = true)]
    humanize: f32,
    /// A drum fill at the end of every so many bars, 1 to 64
    #[arg(long, value_name = "BARS", value_parser = values::within(FILLS), allow_hyphen_values = true)]
    fill: Option<u32>,
    /// Lowest and highest note of a role, such as lead=C4-C6; may be repeated
    #[arg(long = "range", value_name = "ROLE=LOW-HIGH", value_parser = role_range)]
    ranges: Vec<(Role, [Pitch; 2])>,
    /// Melody that the lead goes on from: "C4 E4/2 G4*1.5 -", or a MIDI file
    #[arg(long, value_name = "NOTES|FILE")]
    primer: Option<String>,
    /// Daring of the composer, 0.1 to 2, or of roles: drums=0.8,lead=1.1 [default: the style's, about 1]
    #[arg(long, value_name = "AMOUNT", value_delimiter = ',', value_parser = temperature, allow_hyphen_values = true)]
    temperature: Vec<(Option<Role>, f32)>,
    /// Drafts of which the best is kept, 1 to 64
    #[arg(long, value_name = "COUNT", default_value = "4", value_parser = values::within(CANDIDATES), allow_hyphen_values = true)]
    candidates: u32,
}

impl ControlArgs {
    /// What they ask for.
    ///
    /// # Errors
    /// If the primer cannot be read.
    pub fn controls(&self) -> Result<Controls> {
        Ok(Controls {
            density: self.density,
            syncopation: self.syncopation,
            humanize: self.humanize,
            fill_every: self.fill,
            form: self.form.clone(),
            mood: self.mood,
            ranges: self.ranges.iter().copied().collect(),
            temperatures: self.temperature.iter().filter_map(|&(role, value)| Some((role?, value))).collect(),
            primer: self.primer.as_deref().map(primer).transpose()?,
            candidates: self.candidates,
        })
    }

    /// The temperature of all roles that have none of their own.
    pub fn temperature(&self) -> Option<f32> {
        self.temperature.iter().rev().find(|(role, _)| role.is_none()).map(|&(_, value)| value)
    }
}

/// `C4 E4/2 -`, or the melody of a MIDI file: of its tracks the one that lies highest.
fn primer(text: &str) -> Result<Primer> {
    let path = Path::new(text);
    let is_file =
        path.extension().is_some_and(|end| end.eq_ignore_ascii_case("mid") || end.eq_ignore_ascii_case("midi"));
    if !is_file {
        return text.parse().map_err(|error| Error::usage(format!("--{error}")));
    }
    let score = midi::read(&files::read(path)?).map_err(|error| Error::file("read", path, error))?;
    let height = |notes: &[riffsmith_dsp::score::Note]| {
        notes.iter().map(|note| u64::from(note.pitch.number())).sum::<u64>() / notes.len().max(1) as u64
    };
    let melodic = score.tracks.iter().filter(|track| !track.is_drums() && !track.notes.is_empty());
    let track = melodic.max_by_key(|track| height(&track.notes));
    track
        .and_then(|track| Primer::of_notes(&track.notes))
        .ok_or_else(|| Error::file("use", path, "it has no melody to go on from"))
}

/// `lead=C4-C6`.
fn role_range(text: &str) -> Result<(Role, [Pitch; 2])> {
    let refused = || Error::usage(format!("must be written ROLE=LOW-HIGH, such as lead=C4-C6, but was {text:?}"));
    let (role, range) = text.split_once('=').ok_or_else(refused)?;
    // A first octave may be negative: C-1-C4.
    let cut = range.char_indices().skip(2).find(|(_, letter)| *letter == '-').ok_or_else(refused)?.0;
    let (low, high) = (&range[..cut], &range[cut + 1..]);
    Ok((values::role(role)?, [values::note(low)?, values::note(high)?]))
}

/// `0.9`, or `drums=0.8`.
fn temperature(text: &str) -> Result<(Option<Role>, f32)> {
    let (role, value) = match text.split_once('=') {
        Some((role, value)) => (Some(values::role(role)?), value),
        None => (None, text),
    };
    Ok((role, values::within(TEMPERATURES)(value)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_and_temperatures_are_read_for_a_role() {
        let (role, [low, high]) = role_range("lead=C4-F#5").expect("a range");
        assert_eq!((role, low.number(), high.number()), (Role::Lead, 60, 78));
        assert_eq!(temperature("bass=0.5"), Ok((Some(Role::Bass), 0.5)));
        assert_eq!(temperature("1.5"), Ok((None, 1.5)));
        for text in ["lead", "lead=C4", "C4-C5", "lead=C4-X", "tuba=C4-C5"] {
            assert!(role_range(text).is_err(), "{text}");
        }
        assert!(temperature("bass=9").is_err());
    }

    #[test]
    fn a_primer_is_text_or_a_file() {
        assert!(primer("C4 D4").is_ok());
        let error = primer("no-such.mid").expect_err("no file").message;
        assert!(error.starts_with("cannot read no-such.mid"), "{error}");
        let error = primer("C4 X").expect_err("no note").message;
        assert_eq!(error, "--primer must be notes such as C4 E4/2 G4*1.5 and rests -, but was X");
    }
}
