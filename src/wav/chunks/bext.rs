//! `bext`: the extension for broadcasters (EBU Tech 3285, version 2).

use crate::wav::riff::{self, Fields};
use riffsmith_dsp::loudness::Loudness;

/// Lengths of the text fields.
const DESCRIPTION: usize = 256;
const ORIGINATOR: usize = 32;
const REFERENCE: usize = 32;
const DATE: usize = 10;
const TIME: usize = 8;

/// What stands in the place of a level that is not known.
const UNKNOWN: i16 = 0x7fff;

/// Hundredths of a decibel that the standard allows.
const LEVELS: std::ops::RangeInclusive<f32> = -9_999.0..=9_999.0;

/// The version that this program writes, and the first one with levels.
const VERSION: u16 = 2;

/// Levels in a `bext` chunk; `None` where they are not known.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct BroadcastLoudness {
    /// Loudness of the whole, gated.
    pub integrated_lufs: Option<f32>,
    /// Loudness range.
    pub range_lu: Option<f32>,
    /// True peak.
    pub true_peak_dbtp: Option<f32>,
    /// Loudest 400 ms.
    pub momentary_max_lufs: Option<f32>,
    /// Loudest 3 s.
    pub short_term_max_lufs: Option<f32>,
}

impl From<Loudness> for BroadcastLoudness {
    fn from(measured: Loudness) -> Self {
        Self {
            integrated_lufs: Some(measured.integrated_lufs),
            range_lu: Some(measured.range_lu),
            true_peak_dbtp: Some(measured.true_peak_dbtp),
            momentary_max_lufs: None,
            short_term_max_lufs: Some(measured.short_term_max_lufs),
        }
    }
}

/// The content of a `bext` chunk. Texts are ASCII, and cut where they are longer than their fields.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Broadcast {
    /// What it is, up to 256 characters.
    pub description: String,
    /// Who made it, up to 32 characters.
    pub originator: String,
    /// The maker's own number for it, up to 32 characters.
    pub reference: String,
    /// When it was made, as 2026-01-31.
    pub date: String,
    /// At what time, as 23:59:59.
    pub time: String,
    /// Frames from midnight to its start.
    pub time_reference_frames: u64,
    /// Its levels.
    pub loudness: BroadcastLoudness,
}

impl Broadcast {
    /// Reads the payload of any version; `None` if it is too short.
    pub fn read(payload: &[u8]) -> Option<Self> {
        let mut fields = Fields::new(payload);
        let description = riff::text(&fields.bytes::<DESCRIPTION>()?);
        let originator = riff::text(&fields.bytes::<ORIGINATOR>()?);
        let reference = riff::text(&fields.bytes::<REFERENCE>()?);
        let (date, time) = (riff::text(&fields.bytes::<DATE>()?), riff::text(&fields.bytes::<TIME>()?));
        let (low, high) = (fields.u32()?, fields.u32()?);
        let version = fields.u16()?;
        let _umid = fields.bytes::<64>()?;
        let mut level = || {
            let hundredths = fields.u16()?.cast_signed();
            Some((version >= VERSION && hundredths != UNKNOWN).then(|| f32::from(hundredths) / 100.0))
        };
        let loudness = BroadcastLoudness {
            integrated_lufs: level()?,
            range_lu: level()?,
            true_peak_dbtp: level()?,
            momentary_max_lufs: level()?,
            short_term_max_lufs: level()?,
        };
        let time_reference_frames = u64::from(high) << 32 | u64::from(low);
        Some(Self { description, originator, reference, date, time, time_reference_frames, loudness })
    }

    /// The chunk.
    pub fn chunk(&self) -> Vec<u8> {
        let mut payload = Vec::with_capacity(602);
        payload.extend_from_slice(&field::<DESCRIPTION>(&self.description));
        payload.extend_from_slice(&field::<ORIGINATOR>(&self.originator));
        payload.extend_from_slice(&field::<REFERENCE>(&self.reference));
        payload.extend_from_slice(&field::<DATE>(&self.date));
        payload.extend_from_slice(&field::<TIME>(&self.time));
        // The low half first: together they are one little-endian number.
        payload.extend_from_slice(&self.time_reference_frames.to_le_bytes());
        payload.extend_from_slice(&VERSION.to_le_bytes());
        payload.extend_from_slice(&[0; 64]);
        let BroadcastLoudness { integrated_lufs, range_lu, true_peak_dbtp, momentary_max_lufs, short_term_max_lufs } =
            self.loudness;
        for level in [integrated_lufs, range_lu, true_peak_dbtp, momentary_max_lufs, short_term_max_lufs] {
            payload.extend_from_slice(&hundredths(level).to_le_bytes());
        }
        payload.extend_from_slice(&[0; 180]);
        riff::chunk(b"bext", &payload)
    }
}

/// ASCII, cut to its field; all of it if it fits to the last byte, as the standard has it.
fn field<const N: usize>(text: &str) -> [u8; N] {
    let mut field = [0; N];
    for (byte, character) in field.iter_mut().zip(text.chars()) {
        *byte = if character.is_ascii() && character != '\0' { character as u8 } else { b'?' };
    }
    field
}

fn hundredths(level: Option<f32>) -> i16 {
    let scaled = level.map(|level| (level * 100.0).round());
    scaled.filter(|value| LEVELS.contains(value)).map_or(UNKNOWN, |value| value as i16)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broadcast() -> Broadcast {
        Broadcast {
            description: "a loop".to_owned(),
            originator: "label".to_owned(),
            reference: "LB001".to_owned(),
            date: "2026-01-31".to_owned(),
            time: "23:59:59".to_owned(),
            time_reference_frames: 0x1_0000_0002,
            loudness: BroadcastLoudness {
                integrated_lufs: Some(-14.25),
                range_lu: Some(3.5),
                true_peak_dbtp: Some(-1.0),
                ..BroadcastLoudness::default()
            },
        }
    }

    #[test]
    fn fields_stand_where_the_standard_has_them() {
        let bytes = broadcast().chunk();
        let payload = &bytes[8..];
        assert_eq!((&bytes[..8], payload.len()), (&b"bext\x5a\x02\0\0"[..], 602));
        assert_eq!(&payload[..7], b"a loop\0");
        assert_eq!(&payload[256..262], b"label\0");
        assert_eq!(&payload[320..338], b"2026-01-3123:59:59");
        assert_eq!(&payload[338..348], b"\x02\0\0\0\x01\0\0\0\x02\0");
        // -1425, 350, -100 and twice unknown.
        assert_eq!(&payload[412..422], b"\x6f\xfa\x5e\x01\x9c\xff\xff\x7f\xff\x7f");
        assert_eq!(Broadcast::read(payload), Some(broadcast()));
        assert_eq!(Broadcast::read(&payload[..421]), None);
    }

    #[test]
    fn long_texts_are_cut_and_silence_has_no_level() {
        let mut long = broadcast();
        long.originator = "\u{e9}".repeat(40);
        long.loudness.integrated_lufs = Some(f32::NEG_INFINITY);
        let read = Broadcast::read(&long.chunk()[8..]).expect("long enough");
        assert_eq!(read.originator, "?".repeat(32));
        assert_eq!(read.loudness.integrated_lufs, None);
        assert_eq!(read.reference, "LB001");
    }

    #[test]
    fn older_versions_have_no_levels() {
        let mut payload = broadcast().chunk()[8..].to_vec();
        payload[346] = 1;
        assert_eq!(Broadcast::read(&payload).map(|read| read.loudness), Some(BroadcastLoudness::default()));
    }
}
