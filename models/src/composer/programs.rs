//! General MIDI programs that suit a style, for those who play the MIDI file elsewhere.

use riffsmith_dsp::score::{Role, Track};

/// A role's MIDI channel.
pub fn channel(role: Role) -> u8 {
    match role {
        Role::Drums => Track::DRUM_CHANNEL,
        Role::Bass => 0,
        Role::Chords => 1,
        Role::Lead => 2,
    }
}

/// Programs of bass, chords and lead for styles played on machines, with keys, or by a band.
const MACHINES: [u8; 3] = [38, 89, 81];
const KEYS: [u8; 3] = [33, 4, 11];
const BAND: [u8; 3] = [33, 27, 80];

/// A role's program in the style that weighs most.
pub fn program(role: Role, styles: &[(String, f32)]) -> u8 {
    let heaviest = styles.iter().max_by(|a, b| a.1.total_cmp(&b.1)).map_or("", |(tag, _)| tag.as_str());
    let family = match heaviest {
        "lofi" | "jazz" | "soul" | "gospel" | "rnb" | "hiphop" | "bossa" => KEYS,
        "rock" | "funk" | "punk" | "metal" | "blues" | "country" | "reggae" | "latin" => BAND,
        _ => MACHINES,
    };
    match role {
        Role::Drums => 0,
        Role::Bass => family[0],
        Role::Chords => family[1],
        Role::Lead => family[2],
    }
}
