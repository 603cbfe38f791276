//! `inst`: which notes and velocities a sound is meant for.

use crate::wav::riff::{self, Fields};

/// The content of an `inst` chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Instrument {
    /// MIDI note at which it plays at its own rate.
    pub root: u8,
    /// The shift in cents that would bring it onto its root, -50 to 50.
    pub fine_tune_cents: i8,
    /// How much louder it should be played.
    pub gain_db: i8,
    /// Lowest and highest MIDI note that it is meant for.
    pub notes: [u8; 2],
    /// Softest and hardest strike that it is meant for, 1 to 127.
    pub velocities: [u8; 2],
}

impl Instrument {
    /// Reads the payload; `None` if it is too short.
    pub fn read(payload: &[u8]) -> Option<Self> {
        let mut fields = Fields::new(payload);
        Some(Self {
            root: fields.u8()?,
            fine_tune_cents: fields.u8()?.cast_signed(),
            gain_db: fields.u8()?.cast_signed(),
            notes: fields.bytes()?,
            velocities: fields.bytes()?,
        })
    }

    /// The chunk.
    pub fn chunk(&self) -> Vec<u8> {
        let [low_note, high_note] = self.notes;
        let [low_velocity, high_velocity] = self.velocities;
        let (tune, gain) = (self.fine_tune_cents.cast_unsigned(), self.gain_db.cast_unsigned());
        riff::chunk(b"inst", &[self.root, tune, gain, low_note, high_note, low_velocity, high_velocity])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seven_bytes_are_written_padded_and_read_back() {
        let instrument =
            Instrument { root: 57, fine_tune_cents: -3, gain_db: -6, notes: [55, 59], velocities: [1, 127] };
        let bytes = instrument.chunk();
        assert_eq!(bytes, b"inst\x07\0\0\0\x39\xfd\xfa\x37\x3b\x01\x7f\0");
        assert_eq!(Instrument::read(&bytes[8..15]), Some(instrument));
        assert_eq!(Instrument::read(&bytes[8..14]), None);
    }
}
