//! A WAV file that is read piece by piece.

use super::chunks::Sampler;
use super::read::Decoder;
use super::{Data, describe, riff};
use crate::error::{Error, Result};
use crate::files;
use riffsmith_dsp::{SampleRate, StereoFrame};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// Bytes at the start of a file in which its samples begin: what stands before them is text, a picture at most.
const HEAD_BYTES: u64 = 1 << 20;

/// Frames that are read at a time.
const STRETCH: usize = 1 << 16;

/// A WAV file whose samples stay on the disk.
pub struct Source {
    path: PathBuf,
    file: File,
    outline: Vec<u8>,
    data: Data,
    sampler: Option<Sampler>,
    decoder: Decoder,
}

impl Source {
    /// # Errors
    /// If the file cannot be read, is no WAV file, is cut off, or its samples are of another format.
    pub fn open(path: &Path) -> Result<Self> {
        let refused = |error: std::io::Error| Error::file("read", path, files::reason(&error));
        let broken = |error: riffsmith_dsp::Error| Error::file("read", path, error);
        let mut file = File::open(path).map_err(refused)?;
        let (outline, data) = outline(&mut file).map_err(refused)?;
        let description = describe(&outline).map_err(broken)?;
        let data = data.unwrap_or(description.data);
        if data.is_cut() {
            return Err(broken(riffsmith_dsp::Error::format("WAV file", "it ends too early")));
        }
        let decoder = Decoder::new(&description.format).map_err(broken)?;
        Ok(Self { path: path.to_owned(), file, outline, data, sampler: description.sampler, decoder })
    }

    /// Frames per second.
    pub fn sample_rate(&self) -> SampleRate {
        self.decoder.sample_rate
    }

    /// Its length.
    pub fn frames(&self) -> usize {
        self.data.present / self.decoder.frame_bytes()
    }

    /// Its tuning and loops.
    pub fn sampler(&self) -> Option<&Sampler> {
        self.sampler.as_ref()
    }

    /// The file with all that is said about the sound, in place of which one byte is left at most.
    pub fn outline(&self) -> &[u8] {
        &self.outline
    }

    /// Its frames from the first one on, stretch by stretch; see [`decode`](super::decode).
    ///
    /// # Errors
    /// If it cannot be read, or a sample is not a number; and those of `visit`.
    pub fn read(mut self, mut visit: impl FnMut(&[StereoFrame]) -> Result<()>) -> Result<()> {
        let refused = |path: &Path, error: std::io::Error| Error::file("read", path, files::reason(&error));
        self.file.seek(SeekFrom::Start(self.data.offset as u64)).map_err(|error| refused(&self.path, error))?;
        let mut left = self.frames() * self.decoder.frame_bytes();
        let mut bytes = vec![0; left.min(STRETCH * self.decoder.frame_bytes())];
        while left > 0 {
            let bytes = &mut bytes[..left.min(STRETCH * self.decoder.frame_bytes())];
            self.file.read_exact(bytes).map_err(|error| refused(&self.path, error))?;
            let frames = self.decoder.frames(bytes).map_err(|error| Error::file("read", &self.path, error))?;
            visit(&frames)?;
            left -= bytes.len();
        }
        Ok(())
    }
}

/// The file without its samples, but for one byte where their number is odd, so that the pad byte is found; and where they are. A file that
/// does not look as if it held samples soon is read whole.
fn outline(file: &mut File) -> std::io::Result<(Vec<u8>, Option<Data>)> {
    let mut bytes = Vec::new();
    file.by_ref().take(HEAD_BYTES).read_to_end(&mut bytes)?;
    let length = file.metadata()?.len();
    let chunk = riff::walk(&bytes).ok().and_then(|riff| riff.chunks.iter().find(|chunk| &chunk.id == b"data").copied());
    let Some(riff::Chunk { offset, size, .. }) = chunk.filter(|_| length > HEAD_BYTES) else {
        file.read_to_end(&mut bytes)?;
        return Ok((bytes, None));
    };
    let there = length as usize - offset;
    let streamed = riff::is_streamed(&bytes, length as usize, size, there);
    let present = if streamed { there } else { there.min(size as usize) };
    bytes.truncate(offset);
    bytes.resize(offset + present % 2, 0);
    file.seek(SeekFrom::Start((offset + present) as u64))?;
    file.read_to_end(&mut bytes)?;
    let total = bytes.len() as u32 - 8;
    bytes[4..8].copy_from_slice(&total.to_le_bytes());
    bytes[offset - 4..offset].copy_from_slice(&(present as u32 % 2).to_le_bytes());
    Ok((bytes, Some(Data { offset, declared: size, present, streamed })))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wav::{BitDepth, LoopPoints, OneShot, Sound, Tags, decode, encode};
    use riffsmith_dsp::{AudioBuffer, Seed};

    fn read(bytes: &[u8]) -> Result<(AudioBuffer, Vec<u8>)> {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("sound.wav");
        std::fs::write(&path, bytes).expect("writable");
        let source = Source::open(&path)?;
        let (sample_rate, outline, mut frames) = (source.sample_rate(), source.outline().to_vec(), Vec::new());
        let wanted = source.frames();
        source.read(|stretch| {
            frames.extend_from_slice(stretch);
            Ok(())
        })?;
        assert_eq!(frames.len(), wanted);
        Ok((AudioBuffer { sample_rate, frames }, outline))
    }

    /// A file of so many frames of noise, with a loop behind its samples.
    fn file(frames: usize, depth: BitDepth) -> Vec<u8> {
        let mut rng = Seed(1).rng();
        let frames: Vec<_> = (0..frames).map(|_| [rng.bipolar(), rng.bipolar()]).collect();
        let sustain = Some(LoopPoints { first_frame: 3, last_frame: 70 });
        let sound = Sound::OneShot(OneShot { note: None, sustain });
        let tags = Tags { sound, title: "noise".to_owned(), ..Tags::default() };
        encode(&AudioBuffer { sample_rate: SampleRate::CD, frames }, depth, &tags, Seed(2)).expect("short enough")
    }

    #[test]
    fn long_and_short_files_are_read_as_they_are_in_memory() {
        for frames in [0, 1, 100, 300_001] {
            for depth in [BitDepth::Int16, BitDepth::Int24, BitDepth::Float32] {
                let bytes = file(frames, depth);
                let (audio, outline) = read(&bytes).expect("our own file");
                assert!(audio == decode(&bytes).expect("our own file"), "{frames} frames, {depth:?}");
                assert!(outline.len() < 5_000 || frames < 300_000);
                let (own, all) = (describe(&outline).expect("a WAV file"), describe(&bytes).expect("a WAV file"));
                assert_eq!((own.sampler, own.info), (all.sampler, all.info));
            }
        }
    }

    #[test]
    fn a_long_mono_file_of_an_odd_length_and_one_whose_size_was_never_filled_in_are_read() {
        let mut bytes = file(700_001, BitDepth::Int16);
        // Its samples as mono ones of 8 bits, one less: an odd number, and a pad byte.
        let data = describe(&bytes).expect("a WAV file").data;
        bytes[22..24].copy_from_slice(&1u16.to_le_bytes());
        bytes[28..32].copy_from_slice(&44_100u32.to_le_bytes());
        bytes[32..34].copy_from_slice(&1u16.to_le_bytes());
        bytes[34..36].copy_from_slice(&8u16.to_le_bytes());
        bytes[data.offset - 4..data.offset].copy_from_slice(&(data.declared - 1).to_le_bytes());
        bytes[data.offset + data.present - 1] = 0;
        let (audio, outline) = read(&bytes).expect("a WAV file");
        assert!(audio == decode(&bytes).expect("a WAV file") && audio.len() == data.present - 1);
        assert!(describe(&outline).expect("a WAV file").sampler.is_some());

        let mut endless = file(400_000, BitDepth::Int24);
        endless[4..8].copy_from_slice(&u32::MAX.to_le_bytes());
        endless[data.offset - 4..data.offset].copy_from_slice(&u32::MAX.to_le_bytes());
        let (audio, _) = read(&endless).expect("a WAV file");
        assert!(audio == decode(&endless).expect("a WAV file") && audio.len() >= 400_000);
    }

    #[test]
    fn a_file_that_is_cut_or_holds_no_number_is_refused() {
        let bytes = file(400_000, BitDepth::Float32);
        let error = read(&bytes[..bytes.len() / 2]).expect_err("cut").to_string();
        assert!(error.contains("ends too early"), "{error}");
        let mut broken = bytes.clone();
        let data = describe(&bytes).expect("a WAV file").data;
        broken[data.offset + 4 * 500_000..][..4].copy_from_slice(&f32::NAN.to_le_bytes());
        let error = read(&broken).expect_err("not a number").to_string();
        assert!(error.contains("sample 500000 is not a number"), "{error}");
        assert!(read(b"RIFF").is_err() && read(b"").is_err());
    }
}
