//! Families of instruments: what the refiner is told about a sound.

use crate::error::{Error, Result};
use riffsmith_dsp::patch::Patch;
use riffsmith_dsp::score::{Role, Track};
use std::fmt;

/// A family of instruments that the refiner treats alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Family {
    /// Pianos, electric pianos, harpsichords, organs.
    Keys,
    /// Guitars, harps, other plucked strings.
    Plucked,
    /// Basses, plucked, bowed or synthetic.
    Bass,
    /// Bowed strings, choirs, pads.
    Pad,
    /// Brass, reeds, pipes, synthesizer leads.
    Lead,
    /// Bars and bells: vibraphone, marimba, celesta.
    Mallet,
    /// Bass drums.
    Kick,
    /// Snare drums, claps, rim shots.
    Snare,
    /// Hi-hats and cymbals.
    Cymbal,
    /// Toms, hand percussion, and whole kits.
    Drums,
}

impl Family {
    /// All of them, in the order of the network's inputs.
    pub const ALL: [Self; 10] = [
        Self::Keys,
        Self::Plucked,
        Self::Bass,
        Self::Pad,
        Self::Lead,
        Self::Mallet,
        Self::Kick,
        Self::Snare,
        Self::Cymbal,
        Self::Drums,
    ];

    /// Its name on the command line: `keys`, `cymbal`.
    pub fn name(self) -> &'static str {
        ["keys", "plucked", "bass", "pad", "lead", "mallet", "kick", "snare", "cymbal", "drums"][self.index()]
    }

    /// Its place in [`Family::ALL`].
    pub fn index(self) -> usize {
        self as usize
    }

    /// Whether its sounds are notes: false for drums.
    pub fn is_pitched(self) -> bool {
        !matches!(self, Self::Kick | Self::Snare | Self::Cymbal | Self::Drums)
    }

    /// The family of that name.
    ///
    /// # Errors
    /// If there is none.
    pub fn from_name(name: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|family| family.name() == name.trim().to_lowercase()).ok_or_else(|| Error::Unknown {
            what: "family",
            given: name.to_owned(),
            expected: format!("known are {}", Self::ALL.map(Self::name).join(", ")),
        })
    }

    /// The family of a General MIDI program, 0 to 127.
    pub fn of_program(program: u8) -> Self {
        match program {
            0..=7 | 16..=23 => Self::Keys,
            8..=15 | 108 | 112..=114 => Self::Mallet,
            24..=31 | 45 | 46 | 104..=107 => Self::Plucked,
            32..=39 => Self::Bass,
            40..=44 | 47..=54 | 88..=103 => Self::Pad,
            115..=119 => Self::Drums,
            _ => Self::Lead,
        }
    }

    /// The family of a General MIDI drum, 35 to 81.
    pub fn of_drum(drum: u8) -> Self {
        match drum {
            35 | 36 => Self::Kick,
            37..=40 => Self::Snare,
            42 | 44 | 46 | 49 | 51..=53 | 55 | 57 | 59 => Self::Cymbal,
            _ => Self::Drums,
        }
    }

    /// The family of a track: by its drums, its part in the piece, or its program.
    pub fn of_track(track: &Track) -> Self {
        match track.role {
            _ if track.is_drums() => Self::Drums,
            Some(Role::Drums) => Self::Drums,
            Some(Role::Bass) => Self::Bass,
            Some(Role::Chords | Role::Lead) | None => Self::of_program(track.program),
        }
    }

    /// The family of a patch: by a tag that names an instrument, else by what makes its sound, else by its role.
    pub fn of_patch(patch: &Patch) -> Self {
        let tagged = |family: fn(&str) -> Option<Self>| patch.tags.iter().find_map(|tag| family(tag));
        let by_word = tagged(|tag| {
            Some(match tag {
                "keys" | "piano" | "organ" => Self::Keys,
                "guitar" => Self::Plucked,
                "bass" => Self::Bass,
                "pad" | "strings" | "choir" => Self::Pad,
                "brass" => Self::Lead,
                "mallet" | "bell" => Self::Mallet,
                "kit" => Self::Drums,
                _ => return None,
            })
        });
        let by_instrument = || match patch.instrument.entry().name {
            "electric_piano" | "organ" => Some(Self::Keys),
            "pluck" => Some(Self::Plucked),
            "sub_bass" => Some(Self::Bass),
            "modal" => Some(Self::Mallet),
            "kit" => Some(Self::Drums),
            _ => None,
        };
        let by_role = || tagged(|tag| (tag == "chords").then_some(Self::Pad));
        by_word.or_else(by_instrument).or_else(by_role).unwrap_or(Self::Lead)
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back_and_unknown_ones_are_answered_with_the_known() {
        for (index, family) in Family::ALL.into_iter().enumerate() {
            assert_eq!(family.index(), index);
            assert_eq!(Family::from_name(family.name()), Ok(family));
        }
        let error = Family::from_name("tuba").expect_err("no such family").to_string();
        assert!(error.contains("tuba") && error.contains("mallet"));
    }

    #[test]
    fn patches_fall_into_the_families_a_musician_expects() {
        let expected = [
            ("electric_piano", Family::Keys),
            ("drawbar_organ", Family::Keys),
            ("harp", Family::Plucked),
            ("clean_guitar", Family::Plucked),
            ("sub_808", Family::Bass),
            ("house_stab", Family::Pad),
            ("solo_strings", Family::Pad),
            ("flute", Family::Lead),
            ("brass_stab", Family::Lead),
            ("kalimba", Family::Mallet),
            ("kit_rock", Family::Drums),
        ];
        for (name, family) in expected {
            let patch = riffsmith_dsp::patch::find(name).expect("a built-in patch");
            assert_eq!(Family::of_patch(&patch), family, "{name}");
        }
    }

    #[test]
    fn general_midi_falls_into_the_families_a_musician_expects() {
        let programs = [(0, Family::Keys), (11, Family::Mallet), (25, Family::Plucked), (33, Family::Bass)];
        for (program, family) in programs.into_iter().chain([(48, Family::Pad), (56, Family::Lead), (81, Family::Lead)])
        {
            assert_eq!(Family::of_program(program), family, "program {program}");
        }
        let drums = [(36, Family::Kick), (38, Family::Snare), (42, Family::Cymbal), (45, Family::Drums)];
        for (drum, family) in drums {
            assert_eq!(Family::of_drum(drum), family, "drum {drum}");
        }
    }
}
