//! Which of our patches is taken towards which reference, and with which notes.

use crate::refiner::Family;
use riffsmith_dsp::patch::{self, Patch};

/// A patch and what it should sound like.
#[derive(Debug, Clone)]
pub struct Pairing {
    pub family: Family,
    pub patch: Patch,
    /// General MIDI program of the reference, or its kit's for drums.
    pub program: u8,
}

impl Pairing {
    /// What is paired: `warm_pad -> program 89`, `kit_house -> kit 0`.
    pub fn label(&self) -> String {
        let kind = if is_drum(self.family) { "kit" } else { "program" };
        format!("{} -> {kind} {}", self.patch.name, self.program)
    }
}

/// Family, patch, program or kit. Kits of the General Standard: 0 standard, 8 room, 16 power, 24 electronic, 25 analogue.
///
/// Left out: pure sub-basses, which have no overtones to shape, and sounds without a counterpart in General MIDI.
const TABLE: &[(Family, &str, u8)] = &[
    (Family::Keys, "electric_piano", 4),
    (Family::Keys, "soft_keys", 4),
    (Family::Keys, "drawbar_organ", 16),
    (Family::Plucked, "nylon_guitar", 24),
    (Family::Plucked, "steel_guitar", 25),
    (Family::Plucked, "clean_guitar", 27),
    (Family::Plucked, "muted_guitar", 28),
    (Family::Plucked, "drive_guitar", 30),
    (Family::Plucked, "harp", 46),
    (Family::Bass, "finger_bass", 33),
    (Family::Bass, "picked_bass", 34),
    (Family::Bass, "upright_bass", 32),
    (Family::Bass, "house_bass", 38),
    (Family::Bass, "pluck_bass", 39),
    (Family::Pad, "strings_pad", 48),
    (Family::Pad, "solo_strings", 40),
    (Family::Pad, "choir_pad", 52),
    (Family::Pad, "warm_pad", 89),
    (Family::Lead, "flute", 73),
    (Family::Lead, "reed", 71),
    (Family::Lead, "brass_stab", 61),
    (Family::Lead, "saw_lead", 81),
    (Family::Lead, "square_lead", 80),
    (Family::Mallet, "vibraphone", 11),
    (Family::Mallet, "marimba", 12),
    (Family::Mallet, "kalimba", 108),
    (Family::Mallet, "glass_bell", 9),
    (Family::Mallet, "church_bell", 14),
    (Family::Kick, "kit_rock", 16),
    (Family::Kick, "kit_funk", 0),
    (Family::Kick, "kit_house", 24),
    (Family::Kick, "kit_trap", 25),
    (Family::Snare, "kit_rock", 16),
    (Family::Snare, "kit_funk", 0),
    (Family::Snare, "kit_house", 24),
    (Family::Snare, "kit_trap", 25),
    (Family::Cymbal, "kit_rock", 16),
    (Family::Cymbal, "kit_funk", 0),
    (Family::Cymbal, "kit_house", 24),
    (Family::Cymbal, "kit_trap", 25),
    (Family::Drums, "kit_rock", 16),
    (Family::Drums, "kit_funk", 0),
    (Family::Drums, "kit_house", 24),
    (Family::Drums, "kit_trap", 25),
];

/// All pairings.
pub fn pairings() -> Vec<Pairing> {
    let pairing = |&(family, name, program): &(Family, &str, u8)| {
        let patch = patch::find(name).expect("a test finds every patch of the table");
        Pairing { family, patch, program }
    };
    TABLE.iter().map(pairing).collect()
}

/// True for the families that are played on MIDI's drum channel.
pub fn is_drum(family: Family) -> bool {
    !family.is_pitched()
}

/// True for the families that have more to learn, and are learnt twice as often: the pitched ones, and whole drum kits.
pub fn has_more_to_learn(family: Family) -> bool {
    family.is_pitched() || family == Family::Drums
}

/// The notes that a family is trained on: a range of pitches, or its General MIDI drums.
pub fn notes(family: Family) -> Vec<u8> {
    match family {
        Family::Keys => (36..=84).collect(),
        Family::Plucked => (40..=79).collect(),
        Family::Bass => (28..=55).collect(),
        Family::Pad => (45..=81).collect(),
        Family::Lead => (50..=86).collect(),
        Family::Mallet => (53..=88).collect(),
        Family::Kick => vec![35, 36],
        Family::Snare => vec![37, 38, 39, 40],
        Family::Cymbal => vec![42, 44, 46, 49, 51, 53, 57, 59],
        Family::Drums => vec![41, 43, 45, 47, 48, 50, 54, 56, 60, 62, 63, 64, 70, 75],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_patch_of_the_table_exists() {
        for (_, name, _) in TABLE {
            assert!(patch::find(name).is_ok(), "{name}");
        }
    }

    #[test]
    fn every_family_has_a_pairing_and_drums_are_of_their_family() {
        for family in Family::ALL {
            assert!(TABLE.iter().any(|(paired, ..)| *paired == family), "{family}");
            if is_drum(family) {
                assert!(notes(family).into_iter().all(|drum| Family::of_drum(drum) == family), "{family}");
            }
        }
    }
}
