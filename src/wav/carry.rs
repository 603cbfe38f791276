//! Chunks carried from one file to another with the same frames.

use super::riff::{self, Chunk};
use riffsmith_dsp::{Error, Result};

const WHAT: &str = "WAV file";

/// `encoded` with what `source` says about loop, tempo, root, keys, points and broadcast; not its texts, which may hold a recipe
/// that makes another sound.
///
/// # Errors
/// If one of the two is no WAV file, or together they grow beyond 4 GiB.
pub fn carry(encoded: &[u8], source: &[u8]) -> Result<Vec<u8>> {
    let (own, others) = (riff::walk(encoded)?, riff::walk(source)?);
    let is_carried = |chunk: &&Chunk| match &chunk.id {
        b"smpl" | b"acid" | b"inst" | b"cue " | b"bext" => true,
        b"LIST" => chunk.is_list(b"adtl"),
        _ => false,
    };
    let is_there = |chunk: &&Chunk| own.chunks.iter().any(|there| there.name() == chunk.name());
    let mut bytes = encoded.to_vec();
    bytes.truncate(encoded.len() - own.trailing.len());
    for chunk in others.chunks.iter().filter(is_carried).filter(|chunk| !is_there(chunk)) {
        bytes.extend(riff::chunk(&chunk.id, chunk.payload));
    }
    let size = u32::try_from(bytes.len() - 8)
        .map_err(|_| Error::Unsupported { what: WHAT, reason: "it would be larger than 4 GiB".to_owned() })?;
    bytes[4..8].copy_from_slice(&size.to_le_bytes());
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::super::{BitDepth, OneShot, SampledNote, Sound, Tags, describe, encode, is_same_sound};
    use super::*;
    use riffsmith_dsp::score::{Pitch, Velocity};
    use riffsmith_dsp::{AudioBuffer, SampleRate, Seed};

    #[test]
    fn root_and_loop_are_carried_and_texts_and_sound_are_not() {
        let encode = |sample: f32, tags: &Tags| {
            let audio = AudioBuffer { sample_rate: SampleRate::CD, frames: vec![[sample; 2]; 101] };
            encode(&audio, BitDepth::Int24, tags, Seed(0)).expect("short")
        };
        let note = SampledNote {
            root: Pitch::new(45),
            fine_tune_cents: 0,
            gain_db: 0,
            lowest: Pitch::new(40),
            highest: Pitch::new(50),
            softest: Velocity::new(1),
            hardest: Velocity::new(127),
        };
        let sound = Sound::OneShot(OneShot { note: Some(note), sustain: None });
        let source = encode(0.1, &Tags { title: "source".into(), sound, ..Tags::default() });
        let own = encode(0.2, &Tags { title: "own".into(), ..Tags::default() });
        let both = carry(&own, &source).expect("two WAV files");
        let (before, after) = (describe(&source).expect("a WAV file"), describe(&both).expect("a WAV file"));
        assert!(is_same_sound(&both, &own));
        assert!(after.sampler.is_some() && after.sampler == before.sampler && after.acid == before.acid);
        assert_eq!(after.instrument, before.instrument);
        assert_eq!(after.info, describe(&own).expect("a WAV file").info);
        assert!(after.warnings.is_empty(), "{:?}", after.warnings);
        assert!(carry(&own, b"RIFF").is_err());
    }
}
