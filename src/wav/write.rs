//! Samples to the bytes of a WAV file.

use super::{BitDepth, Tags, chunks};
use crate::error::{Error, Result};
use hound::WavWriter;
use riffsmith_dsp::{AudioBuffer, Seed};
use std::io::Cursor;

/// What the file says it was made with.
const SOFTWARE: &str = concat!("riffsmith ", env!("CARGO_PKG_VERSION"));

/// Format tags of the `fmt ` chunk.
const PCM: u16 = 1;
const IEEE_FLOAT: u16 = 3;

/// The largest data chunk: sizes are 32 bits, and the other chunks take their part.
const MAX_DATA_BYTES: usize = u32::MAX as usize - (1 << 20);

/// A whole WAV file. Samples beyond -1.0 ..= 1.0 are clipped in integer formats.
///
/// 16-bit samples get triangular dither of 2 LSB peak to peak (Lipshitz, Wannamaker, Vanderkooy, "Quantization and
/// Dither", 1992), drawn from `dither`.
///
/// # Errors
/// If the sound is too long for a WAV file.
pub fn encode(audio: &AudioBuffer, depth: BitDepth, tags: &Tags, dither: Seed) -> Result<Vec<u8>> {
    let data_bytes = audio.len() * 2 * usize::from(depth.bits()) / 8;
    if data_bytes > MAX_DATA_BYTES {
        let seconds = audio.seconds();
        return Err(Error::failed(format!(
            "a WAV file holds at most 4 GiB, too little for {seconds:.0} s at this rate"
        )));
    }
    let mut bytes = header(audio.sample_rate.as_u32(), depth, audio.len() as u32);
    bytes.reserve_exact(data_bytes + 16 * 1024);
    let bytes = write_samples(bytes, audio, depth, dither).map_err(|error| Error::failed(format!("WAV: {error}")))?;
    Ok(append_chunks(bytes, audio.sample_rate.as_u32(), tags))
}

/// Everything up to the first sample. Written here and not by hound, which marks 24-bit files as `WAVE_FORMAT_EXTENSIBLE`:
/// plain PCM is read by more programs.
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
        bytes.extend(chunks::chunk(b"fmt ", &format));
        bytes.extend(chunks::chunk(b"fact", &frames.to_le_bytes()));
    } else {
        bytes.extend(chunks::chunk(b"fmt ", &format));
    }
    bytes.extend(chunks::chunk(b"data", &[]));
    bytes
}

fn write_samples(header: Vec<u8>, audio: &AudioBuffer, depth: BitDepth, dither: Seed) -> hound::Result<Vec<u8>> {
    let mut file = Cursor::new(header);
    let mut writer = WavWriter::new_append(&mut file)?;
    let samples = audio.frames.iter().flatten().copied();
    match depth {
        BitDepth::Int16 => {
            let mut rng = dither.rng();
            for sample in samples {
                let triangular = rng.uniform() - rng.uniform();
                let scaled = (sample * 32_768.0 + triangular).round();
                writer.write_sample(scaled.clamp(-32_768.0, 32_767.0) as i16)?;
            }
        }
        BitDepth::Int24 => {
            for sample in samples {
                let scaled = (f64::from(sample) * 8_388_608.0).round();
                writer.write_sample(scaled.clamp(-8_388_608.0, 8_388_607.0) as i32)?;
            }
        }
        BitDepth::Float32 => {
            for sample in samples {
                writer.write_sample(sample)?;
            }
        }
    }
    writer.finalize()?;
    Ok(file.into_inner())
}

/// Adds the chunks after the data (one loader is known to ignore `smpl` before it) and corrects the size of the whole.
fn append_chunks(mut bytes: Vec<u8>, rate_hz: u32, tags: &Tags) -> Vec<u8> {
    if bytes.len() % 2 == 1 {
        bytes.push(0);
    }
    if let Some(repeat) = &tags.repeat {
        bytes.extend(chunks::smpl(repeat, rate_hz));
        bytes.extend(chunks::acid(repeat));
    }
    bytes.extend(chunks::list_info(&[
        (b"INAM", &tags.title),
        (b"IGNR", &tags.genre),
        (b"ISFT", SOFTWARE),
        (b"ICMT", &tags.comment),
    ]));
    let size = (bytes.len() - 8) as u32;
    bytes[4..8].copy_from_slice(&size.to_le_bytes());
    bytes
}
