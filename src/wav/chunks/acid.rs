//! `acid`: tempo, beats, metre and root, as ACID introduced it and most DAWs read it.

use crate::wav::riff::{self, Fields};
use riffsmith_dsp::score::{Meter, PitchClass};

const ONE_SHOT: u32 = 0x01;
const ROOT_NOTE_VALID: u32 = 0x02;
const STRETCH: u32 = 0x04;
/// Set by some programs, with roots an octave higher.
const UPPER_ROOT: u32 = 0x10;

/// C of the octave that roots lie in, and what stands there where there is none.
const ROOT_C: u16 = 48;
const MIDDLE_C: u16 = 60;

/// The content of an `acid` chunk.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Acid {
    flags: u32,
    root: u16,
    /// A number that is always 0x8000 and one that is always 0.0, of unknown meaning.
    reserved: [u8; 6],
    /// Length in quarter notes; 0 where it is not known.
    pub beats: u32,
    /// Note value of the metre.
    pub denominator: u16,
    /// Beats in a bar.
    pub numerator: u16,
    /// Quarter notes per minute; 0.0 where there is no tempo.
    pub bpm: f32,
}

impl Acid {
    /// A sound of no tempo that does not repeat.
    pub fn one_shot(root: Option<PitchClass>) -> Self {
        let mut acid = Self {
            flags: ONE_SHOT,
            root: MIDDLE_C,
            reserved: [0, 0x80, 0, 0, 0, 0],
            beats: 0,
            denominator: 4,
            numerator: 4,
            bpm: 0.0,
        };
        acid.set_root(root);
        acid
    }

    /// A loop that may be stretched; its length, metre and tempo are still to be filled in.
    pub fn repeating(root: Option<PitchClass>) -> Self {
        let mut acid = Self::one_shot(root);
        acid.set_repeating();
        acid
    }

    /// True for a sound that is played once, false for a loop.
    pub fn is_one_shot(&self) -> bool {
        self.flags & ONE_SHOT != 0
    }

    /// Whether the sound may be stretched to another tempo.
    pub fn stretches(&self) -> bool {
        self.flags & STRETCH != 0
    }

    /// The root, where there is one.
    pub fn root(&self) -> Option<PitchClass> {
        (self.flags & ROOT_NOTE_VALID != 0).then(|| PitchClass::new(i32::from(self.root)))
    }

    /// Gives it a root, or takes it away.
    pub fn set_root(&mut self, root: Option<PitchClass>) {
        self.flags &= !(ROOT_NOTE_VALID | UPPER_ROOT);
        self.root = MIDDLE_C;
        if let Some(root) = root {
            self.flags |= ROOT_NOTE_VALID;
            self.root = ROOT_C + u16::from(root.semitones());
        }
    }

    /// Sets its metre.
    pub fn set_meter(&mut self, meter: Meter) {
        (self.numerator, self.denominator) = (meter.numerator().into(), meter.denominator().into());
    }

    /// Makes it a sound that is played once: not stretched, and of no length in beats.
    pub fn set_one_shot(&mut self) {
        self.flags = self.flags & !STRETCH | ONE_SHOT;
        self.beats = 0;
    }

    /// Makes it a loop that may be stretched.
    pub fn set_repeating(&mut self) {
        self.flags = self.flags & !ONE_SHOT | STRETCH;
    }

    /// Reads the payload; `None` if it is too short.
    pub fn read(payload: &[u8]) -> Option<Self> {
        let mut fields = Fields::new(payload);
        Some(Self {
            flags: fields.u32()?,
            root: fields.u16()?,
            reserved: fields.bytes()?,
            beats: fields.u32()?,
            // The denominator comes first in this format.
            denominator: fields.u16()?,
            numerator: fields.u16()?,
            bpm: fields.f32()?,
        })
    }

    /// The chunk.
    pub fn chunk(&self) -> Vec<u8> {
        let mut payload = Vec::with_capacity(24);
        payload.extend_from_slice(&self.flags.to_le_bytes());
        payload.extend_from_slice(&self.root.to_le_bytes());
        payload.extend_from_slice(&self.reserved);
        payload.extend_from_slice(&self.beats.to_le_bytes());
        payload.extend_from_slice(&self.denominator.to_le_bytes());
        payload.extend_from_slice(&self.numerator.to_le_bytes());
        payload.extend_from_slice(&self.bpm.to_le_bytes());
        riff::chunk(b"acid", &payload)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_has_the_bytes_that_daws_read() {
        // 16 beats, A, 4/4, 120 BPM: read back as such by libsndfile, JUCE and dr_wav.
        let expected = [
            0x61, 0x63, 0x69, 0x64, 0x18, 0, 0, 0, 6, 0, 0, 0, 0x39, 0, 0, 0x80, 0, 0, 0, 0, 0x10, 0, 0, 0, 4, 0, 4, 0,
            0, 0, 0xf0, 0x42,
        ];
        let acid = Acid { beats: 16, bpm: 120.0, ..Acid::repeating(Some(PitchClass::new(9))) };
        assert_eq!(acid.chunk(), expected);
        assert_eq!(Acid::read(&expected[8..]), Some(acid));
        assert_eq!(acid.root().map(|root| root.to_string()).as_deref(), Some("A"));
    }

    #[test]
    fn flags_tell_loops_from_one_shots_and_pitched_sounds_from_unpitched_ones() {
        let flags = |acid: Acid| acid.chunk()[8];
        let a = Some(PitchClass::new(9));
        assert_eq!(flags(Acid::repeating(None)), 0x04);
        assert_eq!(flags(Acid::repeating(a)), 0x06);
        assert_eq!(flags(Acid::one_shot(None)), 0x01);
        assert_eq!(flags(Acid::one_shot(a)), 0x03);
        assert_eq!(Acid::one_shot(a).beats, 0);
    }

    #[test]
    fn flags_and_fields_of_other_programs_survive_a_change() {
        let mut payload = Acid::repeating(None).chunk()[8..].to_vec();
        // Disk based, a root in the upper octave, and something in the fields of unknown meaning.
        payload[0] = 0x1e;
        payload[4] = 0x45;
        payload[9] = 0x55;
        let mut acid = Acid::read(&payload).expect("long enough");
        assert_eq!(acid.root(), Some(PitchClass::new(9)));
        acid.set_root(Some(PitchClass::new(2)));
        assert_eq!((acid.chunk()[8], acid.chunk()[12], acid.chunk()[17]), (0x0e, 50, 0x55));
        assert_eq!(Acid::read(&payload[..23]), None);
    }
}
