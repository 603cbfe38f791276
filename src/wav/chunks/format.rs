//! `fmt `: how the samples are stored.

use crate::wav::riff::Fields;
use std::fmt;

const PCM: u16 = 1;
const IEEE_FLOAT: u16 = 3;
const A_LAW: u16 = 6;
const MU_LAW: u16 = 7;
const EXTENSIBLE: u16 = 0xfffe;

/// What follows a format tag in the sub-format of `WAVE_FORMAT_EXTENSIBLE`: the base of Microsoft's media types.
const SUBFORMAT_BASE: [u8; 14] = [0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71];

/// What a sample is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// Integers; unsigned up to 8 bits.
    Pcm,
    /// IEEE floating point.
    Float,
    /// Logarithmic, by ITU-T G.711.
    ALaw,
    /// Logarithmic, by ITU-T G.711.
    MuLaw,
    /// Something compressed or rare, by its format tag.
    Other(u16),
}

impl Encoding {
    fn of_tag(tag: u16) -> Self {
        match tag {
            PCM => Self::Pcm,
            IEEE_FLOAT => Self::Float,
            A_LAW => Self::ALaw,
            MU_LAW => Self::MuLaw,
            other => Self::Other(other),
        }
    }
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pcm => f.write_str("PCM"),
            Self::Float => f.write_str("float"),
            Self::ALaw => f.write_str("A-law"),
            Self::MuLaw => f.write_str("mu-law"),
            Self::Other(tag) => write!(f, "format {tag:#06x}"),
        }
    }
}

/// The content of a `fmt ` chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Format {
    /// What a sample is.
    pub encoding: Encoding,
    /// Whether it is a `WAVE_FORMAT_EXTENSIBLE`.
    pub extensible: bool,
    /// Samples in a frame.
    pub channels: u16,
    /// Frames per second.
    pub rate_hz: u32,
    /// Bytes per second, as it says.
    pub bytes_per_second: u32,
    /// Bytes in a frame, or in a block of a compressed format.
    pub frame_bytes: u16,
    /// Bits that a sample takes.
    pub bits: u16,
    /// Bits of them that count.
    pub valid_bits: u16,
    /// Which loudspeaker each channel is for, a bit each; 0 where it does not say.
    pub channel_mask: u32,
}

impl Format {
    /// Reads the payload; `None` if it is too short.
    pub fn read(payload: &[u8]) -> Option<Self> {
        let mut fields = Fields::new(payload);
        let tag = fields.u16()?;
        let mut format = Self {
            encoding: Encoding::of_tag(tag),
            extensible: tag == EXTENSIBLE,
            channels: fields.u16()?,
            rate_hz: fields.u32()?,
            bytes_per_second: fields.u32()?,
            frame_bytes: fields.u16()?,
            bits: fields.u16()?,
            valid_bits: 0,
            channel_mask: 0,
        };
        format.valid_bits = format.bits;
        if format.extensible {
            let _extension_bytes = fields.u16()?;
            format.valid_bits = fields.u16()?;
            format.channel_mask = fields.u32()?;
            let tag = fields.u16()?;
            let known = fields.bytes::<14>()? == SUBFORMAT_BASE;
            format.encoding = if known { Encoding::of_tag(tag) } else { Encoding::Other(EXTENSIBLE) };
        }
        Some(format)
    }

    /// Bytes that a sample takes; `None` where samples have no place of their own.
    pub fn sample_bytes(&self) -> Option<usize> {
        let (frame, channels) = (usize::from(self.frame_bytes), usize::from(self.channels));
        let plain = !matches!(self.encoding, Encoding::Other(_)) && channels > 0;
        (plain && frame > 0 && frame.is_multiple_of(channels)).then(|| frame / channels)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_and_extensible_formats_are_read() {
        let plain = [1, 0, 2, 0, 0x44, 0xac, 0, 0, 0x98, 0x09, 4, 0, 6, 0, 24, 0];
        let format = Format::read(&plain).expect("long enough");
        assert_eq!((format.encoding, format.extensible), (Encoding::Pcm, false));
        assert_eq!((format.channels, format.rate_hz, format.bits, format.valid_bits), (2, 44_100, 24, 24));
        assert_eq!((format.bytes_per_second, format.sample_bytes()), (264_600, Some(3)));

        let mut extensible =
            [&[0xfe, 0xff, 6, 0][..], &plain[4..12], &[24, 0, 32, 0, 22, 0, 24, 0, 0x3f, 0, 0, 0]].concat();
        extensible.extend([3, 0]);
        extensible.extend(SUBFORMAT_BASE);
        let format = Format::read(&extensible).expect("long enough");
        assert_eq!((format.encoding, format.extensible), (Encoding::Float, true));
        assert_eq!((format.channels, format.bits, format.valid_bits, format.channel_mask), (6, 32, 24, 0x3f));
        for length in (0..16).chain(18..40) {
            assert_eq!(Format::read(&extensible[..length]), None, "{length}");
        }
    }

    #[test]
    fn compressed_samples_have_no_place_of_their_own() {
        let adpcm = Format::read(&[2, 0, 2, 0, 0x44, 0xac, 0, 0, 0, 0, 0, 0, 0, 8, 4, 0]).expect("long enough");
        assert_eq!((adpcm.encoding, adpcm.sample_bytes()), (Encoding::Other(2), None));
        assert_eq!(adpcm.encoding.to_string(), "format 0x0002");
    }
}
