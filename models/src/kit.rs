//! The drums that the networks know, and how General MIDI's others fold onto them.

/// The folded kit as General MIDI drum numbers: kick, rim, snare, clap, closed hat, pedal hat, low tom, open hat, mid
/// tom, crash, high tom, ride, tambourine, cowbell, conga, shaker.
pub const KIT: [u8; 16] = [36, 37, 38, 39, 42, 44, 45, 46, 47, 49, 50, 51, 54, 56, 63, 70];

/// The drum of the [`KIT`] that stands for a General MIDI (or GM 2) drum; `None` for sounds that no kit drum resembles.
pub fn folded(drum: u8) -> Option<u8> {
    Some(match drum {
        35 | 36 => 36,
        31 | 37 | 75 | 76 | 77 => 37,
        38 | 40 => 38,
        28 | 39 => 39,
        42 => 42,
        44 => 44,
        46 => 46,
        41 | 43 => 45,
        45 | 47 => 47,
        48 | 50 => 50,
        49 | 52 | 55 | 57 => 49,
        51 | 53 | 59 => 51,
        54 => 54,
        56 | 67 | 68 | 80 | 81 => 56,
        60..=66 => 63,
        69 | 70 | 73 | 74 | 82 => 70,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_drum_folds_onto_the_kit_and_the_kit_onto_itself() {
        assert!(KIT.is_sorted());
        for drum in 0..=127 {
            assert!(folded(drum).is_none_or(|own| KIT.contains(&own)), "{drum}");
        }
        // Low and mid tom stand for the floor toms' and the rack's; General MIDI calls 45 the low rack tom.
        for drum in KIT.into_iter().filter(|&drum| drum != 45) {
            assert_eq!(folded(drum), Some(drum));
        }
    }
}
