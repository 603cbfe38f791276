//! General MIDI's 128 programs on our patches, so that any MIDI file can be heard.

use crate::score::Track;

/// The patch for each of the sixteen families of eight programs, where a program has none of its own.
const FAMILIES: [&str; 16] = [
    "electric_piano", // pianos
    "vibraphone",     // chromatic percussion
    "drawbar_organ",  // organs
    "clean_guitar",   // guitars
    "finger_bass",    // basses
    "solo_strings",   // strings
    "strings_pad",    // ensembles
    "brass_stab",     // brass
    "reed",           // reeds
    "flute",          // pipes
    "saw_lead",       // synth leads
    "warm_pad",       // synth pads
    "glass_pad",      // synth effects
    "steel_guitar",   // ethnic
    "kalimba",        // percussive
    "air_pad",        // sound effects
];

/// The built-in patch that comes nearest to a General MIDI program, 0 to 127.
pub fn patch_of_program(program: u8) -> &'static str {
    match program {
        4 | 5 => "electric_piano",
        6 | 7 => "clean_guitar",
        9 | 10 | 98 => "fm_bell",
        12 | 13 => "marimba",
        14 => "church_bell",
        15 | 46 => "harp",
        24 => "nylon_guitar",
        25 => "steel_guitar",
        28 => "muted_guitar",
        29 => "drive_lead",
        30 => "drive_guitar",
        32 => "upright_bass",
        34 => "picked_bass",
        36 | 37 => "fm_bass",
        38 => "house_bass",
        39 => "sub_sine",
        44 | 48..=51 => "strings_pad",
        45 => "pluck_lead",
        47 | 115..=118 => "marimba",
        52..=54 | 85 | 91 => "choir_pad",
        55 => "rave_stab",
        78 | 79 => "whistle_lead",
        80 => "square_lead",
        82 | 83 => "soft_lead",
        84 => "drive_lead",
        87 => "reese_bass",
        88 | 92 | 93 | 99 => "glass_pad",
        104 | 105 | 107 => "nylon_guitar",
        112..=114 => "glass_bell",
        _ => FAMILIES[usize::from(program.min(127)) / 8],
    }
}

/// The built-in patch for a track of a MIDI file.
pub fn patch_of_track(track: &Track) -> &'static str {
    if track.is_drums() { "kit_rock" } else { patch_of_program(track.program) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::patch;

    #[test]
    fn every_program_has_a_patch() {
        for program in 0..=255 {
            let name = patch_of_program(program);
            assert!(patch::names().any(|known| known == name), "{program}: {name}");
        }
        assert!(patch::find(patch_of_track(&Track { channel: 9, ..Track::default() })).is_ok());
    }
}
