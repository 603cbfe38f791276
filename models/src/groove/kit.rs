//! Drums by their names in a groove.

/// Row name and General MIDI drum.
pub const KIT: [(&str, u8); 16] = [
    ("kick", 36),
    ("rim", 37),
    ("snare", 38),
    ("clap", 39),
    ("hat", 42),
    ("pedal", 44),
    ("openhat", 46),
    ("lowtom", 45),
    ("midtom", 47),
    ("hightom", 50),
    ("crash", 49),
    ("ride", 51),
    ("tambourine", 54),
    ("cowbell", 56),
    ("conga", 63),
    ("shaker", 70),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_drum_belongs_to_the_kit_of_the_networks() {
        for (name, drum) in KIT {
            assert!(crate::kit::KIT.contains(&drum), "{name}");
        }
    }
}
