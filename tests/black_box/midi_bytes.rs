//! MIDI files byte by byte.

/// A file from its format, ticks in a quarter note and the events of its tracks.
pub fn file(format: u16, division: u16, tracks: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = b"MThd\0\0\0\x06".to_vec();
    for word in [format, tracks.len() as u16, division] {
        bytes.extend(word.to_be_bytes());
    }
    for track in tracks {
        bytes.extend(b"MTrk");
        bytes.extend((track.len() as u32).to_be_bytes());
        bytes.extend(track);
    }
    bytes
}

/// A number of variable length.
pub fn varlen(value: u32) -> Vec<u8> {
    let mut bytes = vec![(value & 0x7f) as u8];
    let mut rest = value >> 7;
    while rest > 0 {
        bytes.insert(0, (rest & 0x7f) as u8 | 0x80);
        rest >>= 7;
    }
    bytes
}

/// The end of a track.
pub const END: [u8; 4] = [0, 0xff, 0x2f, 0];

/// Chords of four quarter notes each, on a channel: all tones begin and end together.
pub fn chords(channel: u8, chords: &[&[u8]]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for chord in chords {
        chord.iter().for_each(|&pitch| bytes.extend([0, 0x90 | channel, pitch, 90]));
        for (index, &pitch) in chord.iter().enumerate() {
            bytes.extend(varlen(if index == 0 { 384 } else { 0 }));
            bytes.extend([0x80 | channel, pitch, 0]);
        }
    }
    bytes
}
