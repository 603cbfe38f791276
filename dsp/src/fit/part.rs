//! The drums of a kit as something that can be fitted alone.

use crate::score::Pitch;

/// One drum of a kit: the part of its parameters that shapes it, and the key that strikes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DrumPart {
    /// Name of the part in a kit's patch: `closed_hat`.
    pub name: &'static str,
    /// General MIDI number of the drum.
    pub key: u8,
}

impl DrumPart {
    /// The drum called `name`.
    pub fn find(name: &str) -> Option<&'static Self> {
        DRUM_PARTS.iter().find(|part| part.name == name)
    }

    /// The key, as a pitch.
    pub fn pitch(&self) -> Pitch {
        Pitch::new(self.key)
    }
}

/// The drums of every kit.
pub const DRUM_PARTS: &[DrumPart] = &[
    DrumPart { name: "kick", key: 36 },
    DrumPart { name: "snare", key: 38 },
    DrumPart { name: "rim", key: 37 },
    DrumPart { name: "clap", key: 39 },
    DrumPart { name: "closed_hat", key: 42 },
    DrumPart { name: "pedal_hat", key: 44 },
    DrumPart { name: "open_hat", key: 46 },
    DrumPart { name: "tom", key: 45 },
    DrumPart { name: "crash", key: 49 },
    DrumPart { name: "ride", key: 51 },
    DrumPart { name: "tambourine", key: 54 },
    DrumPart { name: "shaker", key: 70 },
    DrumPart { name: "cowbell", key: 56 },
    DrumPart { name: "conga", key: 64 },
    DrumPart { name: "clave", key: 75 },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::instrument::kit::{Kit, drum_of};
    use crate::parameters::Checked;
    use std::collections::BTreeSet;

    #[test]
    fn every_part_of_a_kit_is_listed_and_struck_by_its_own_key() {
        let mut parts = BTreeSet::new();
        Kit::default().visit_numbers("", &mut |number| {
            parts.extend(number.path.split_once('.').map(|(part, _)| part.to_owned()));
        });
        let listed: BTreeSet<String> = DRUM_PARTS.iter().map(|part| part.name.to_owned()).collect();
        assert_eq!(listed, parts);
        let drums: BTreeSet<String> = DRUM_PARTS.iter().map(|part| format!("{:?}", drum_of(part.key).0)).collect();
        assert_eq!(drums.len(), DRUM_PARTS.len());
        assert_eq!(DrumPart::find("rim").map(|part| part.pitch().number()), Some(37));
    }
}
