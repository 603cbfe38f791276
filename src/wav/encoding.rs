//! The parts of a WAV file, for a sound that is too long to be held.

use super::carry::carried;
use super::write::metadata;
use super::{BitDepth, Tags, riff};
use crate::error::{Error, Result};
use hound::WavWriter;
use riffsmith_dsp::{Rng, SampleRate, Seed, StereoFrame};
use std::io::Cursor;

/// Format tags of the `fmt ` chunk.
const PCM: u16 = 1;
const IEEE_FLOAT: u16 = 3;

/// The largest data chunk: sizes are 32 bits, and the other chunks take their part.
const MAX_DATA_BYTES: usize = u32::MAX as usize - (1 << 20);

/// A WAV file of known length, part by part: header, samples, trailer.
///
/// Samples beyond -1.0 ..= 1.0 are clipped in integer formats. 16-bit samples get triangular dither of 2 LSB peak to peak (Lipshitz,
/// Wannamaker, Vanderkooy, "Quantization and Dither", 1992).
pub struct Encoding {
    depth: BitDepth,
    dither: Rng,
    header: Vec<u8>,
    /// The header of a file without samples, as hound goes on from it.
    empty: Vec<u8>,
    data_bytes: usize,
    trailer: Vec<u8>,
}

impl Encoding {
    /// A file of `frames` frames.
    ///
    /// # Errors
    /// If it is too long for a WAV file.
    pub fn new(rate: SampleRate, depth: BitDepth, frames: usize, tags: &Tags, dither: Seed) -> Result<Self> {
        let data_bytes = frames * 2 * usize::from(depth.bits()) / 8;
        if data_bytes > MAX_DATA_BYTES {
            let seconds = rate.seconds(frames);
            return Err(Error::failed(format!(
                "a WAV file holds at most 4 GiB, too little for {seconds:.0} s at this rate"
            )));
        }
        let mut trailer = vec![0; data_bytes % 2];
        trailer.extend(metadata(tags, rate));
        let empty = header(rate.as_u32(), depth, frames as u32);
        let mut header = empty.clone();
        let data_size = header.len() - 4;
        header[data_size..].copy_from_slice(&(data_bytes as u32).to_le_bytes());
        let mut encoding = Self { depth, dither: dither.rng(), header, empty, data_bytes, trailer };
        encoding.write_size()?;
        Ok(encoding)
    }

    /// Adds what `source`, a WAV file of as many frames, says about loop, tempo, root, keys, points and broadcast, where this one says nothing;
    /// not its texts, which may hold a recipe that makes another sound.
    ///
    /// # Errors
    /// If it is no WAV file, or this one becomes too large by it.
    pub fn carry(&mut self, source: &[u8]) -> Result<()> {
        let own = [&self.empty, &self.trailer[self.data_bytes % 2..]].concat();
        self.trailer.extend(carried(&own, source)?);
        self.write_size()
    }

    fn write_size(&mut self) -> Result<()> {
        let size = u32::try_from(self.file_bytes() - 8);
        let size = size.map_err(|_| Error::failed("a WAV file holds at most 4 GiB, with all that is said about it"))?;
        self.header[4..8].copy_from_slice(&size.to_le_bytes());
        Ok(())
    }

    /// Length of the file in bytes.
    pub fn file_bytes(&self) -> usize {
        self.header.len() + self.data_bytes + self.trailer.len()
    }

    /// Everything up to the first sample.
    pub fn header(&self) -> &[u8] {
        &self.header
    }

    /// The next samples.
    ///
    /// # Errors
    /// Those of the encoder; none are known.
    pub fn samples(&mut self, frames: &[StereoFrame]) -> hound::Result<Vec<u8>> {
        let bytes = self.depth.bits() as usize / 8;
        let mut file = Vec::with_capacity(self.empty.len() + 2 * bytes * frames.len());
        file.extend_from_slice(&self.empty);
        let mut file = Cursor::new(file);
        let mut writer = WavWriter::new_append(&mut file)?;
        for &sample in frames.as_flattened() {
            match self.depth {
                BitDepth::Int16 => {
                    let triangular = self.dither.uniform() - self.dither.uniform();
                    let scaled = (sample * 32_768.0 + triangular).round();
                    writer.write_sample(scaled.clamp(-32_768.0, 32_767.0) as i16)?;
                }
                BitDepth::Int24 => {
                    let scaled = (f64::from(sample) * 8_388_608.0).round();
                    writer.write_sample(scaled.clamp(-8_388_608.0, 8_388_607.0) as i32)?;
                }
                BitDepth::Float32 => writer.write_sample(sample)?,
            }
        }
        writer.finalize()?;
        let mut bytes = file.into_inner();
        bytes.drain(..self.empty.len());
        Ok(bytes)
    }

    /// What follows the samples: all that is said about the sound.
    pub fn trailer(&self) -> &[u8] {
        &self.trailer
    }
}

/// Everything up to the first sample, as if there was none. Written here and not by hound, which marks 24-bit files as
/// `WAVE_FORMAT_EXTENSIBLE`: plain PCM is read by more programs.
fn header(rate_hz: u32, depth: BitDepth, frames: u32) -> Vec<u8> {
    let frame_bytes = 2 * depth.bits() / 8;
    let tag = if depth == BitDepth::Float32 { IEEE_FLOAT } else { PCM };
    let mut format = Vec::with_capacity(18);
    format.extend_from_slice(&tag.to_le_bytes());
    format.extend_from_slice(&2_u16.to_le_bytes());
    format.extend_from_slice(&rate_hz.to_le_bytes());
    format.extend_from_slice(&(rate_hz * u32::from(frame_bytes)).to_le_bytes());
    format.extend_from_slice(&frame_bytes.to_le_bytes());
    format.extend_from_slice(&depth.bits().to_le_bytes());

    let mut bytes = b"RIFF\0\0\0\0WAVE".to_vec();
    if depth == BitDepth::Float32 {
        // Formats other than PCM carry the size of their extension, and a `fact` chunk with their length.
        format.extend_from_slice(&0_u16.to_le_bytes());
        bytes.extend(riff::chunk(b"fmt ", &format));
        bytes.extend(riff::chunk(b"fact", &frames.to_le_bytes()));
    } else {
        bytes.extend(riff::chunk(b"fmt ", &format));
    }
    bytes.extend(riff::chunk(b"data", &[]));
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wav::encode;
    use riffsmith_dsp::AudioBuffer;

    #[test]
    fn in_parts_it_is_the_same_file() {
        let mut rng = Seed(5).rng();
        let frames = (0..100_001).map(|_| [rng.bipolar(), rng.bipolar()]).collect();
        let audio = AudioBuffer { sample_rate: SampleRate::CD, frames };
        for depth in [BitDepth::Int16, BitDepth::Int24, BitDepth::Float32] {
            let tags = Tags { title: "noise".to_owned(), ..Tags::default() };
            let whole = encode(&audio, depth, &tags, Seed(3)).expect("short enough");
            let mut encoding = Encoding::new(SampleRate::CD, depth, audio.len(), &tags, Seed(3)).expect("short enough");
            let mut parts = encoding.header().to_vec();
            for stretch in audio.frames.chunks(777) {
                parts.extend(encoding.samples(stretch).expect("in memory"));
            }
            parts.extend_from_slice(encoding.trailer());
            assert_eq!(parts.len(), encoding.file_bytes());
            assert!(parts == whole, "{depth:?}");
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let seconds = 4 * 60 * 60 + 15 * 60;
        let frames = seconds * 44_100;
        let refused = |depth| Encoding::new(SampleRate::CD, depth, frames, &Tags::default(), Seed(0)).is_err();
        assert!(!refused(BitDepth::Int16) && !refused(BitDepth::Int24) && refused(BitDepth::Float32));
    }
}
