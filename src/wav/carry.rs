//! Chunks carried from one file to another with the same frames.

use super::riff::{self, Chunk};
use riffsmith_dsp::Result;

/// The chunks of `source` about loop, tempo, root, keys, points and broadcast that `own` does not have.
///
/// # Errors
/// If one of the two is no WAV file.
pub fn carried(own: &[u8], source: &[u8]) -> Result<Vec<u8>> {
    let (own, others) = (riff::walk(own)?, riff::walk(source)?);
    let is_carried = |chunk: &&Chunk| match &chunk.id {
        b"smpl" | b"acid" | b"inst" | b"cue " | b"bext" => true,
        b"LIST" => chunk.is_list(b"adtl"),
        _ => false,
    };
    let is_there = |chunk: &&Chunk| own.chunks.iter().any(|there| there.name() == chunk.name());
    let chunks = others.chunks.iter().filter(is_carried).filter(|chunk| !is_there(chunk));
    Ok(chunks.flat_map(|chunk| riff::chunk(&chunk.id, chunk.payload)).collect())
}

#[cfg(test)]
mod tests {
    use super::super::{BitDepth, Encoding, OneShot, SampledNote, Sound, Tags, describe, encode, is_same_sound};
    use riffsmith_dsp::score::{Pitch, Velocity};
    use riffsmith_dsp::{AudioBuffer, SampleRate, Seed};

    #[test]
    fn root_and_loop_are_carried_and_texts_and_sound_are_not() {
        let audio = |sample: f32| AudioBuffer { sample_rate: SampleRate::CD, frames: vec![[sample; 2]; 101] };
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
        let tags = Tags { title: "source".into(), sound, ..Tags::default() };
        let source = encode(&audio(0.1), BitDepth::Int24, &tags, Seed(0)).expect("short");
        let (own, tags) = (audio(0.2), Tags { title: "own".into(), ..Tags::default() });
        let before = encode(&own, BitDepth::Int24, &tags, Seed(0)).expect("short");
        let mut encoding = Encoding::new(own.sample_rate, BitDepth::Int24, own.len(), &tags, Seed(0)).expect("short");
        encoding.carry(&source).expect("a WAV file");
        let samples = encoding.samples(&own.frames).expect("in memory");
        let both = [encoding.header(), &samples, encoding.trailer()].concat();
        assert_eq!(both.len(), encoding.file_bytes());
        let (said, after) = (describe(&source).expect("a WAV file"), describe(&both).expect("a WAV file"));
        assert!(is_same_sound(&both, &before));
        assert!(after.sampler.is_some() && after.sampler == said.sampler && after.acid == said.acid);
        assert_eq!(after.instrument, said.instrument);
        assert_eq!(after.info, describe(&before).expect("a WAV file").info);
        assert!(after.warnings.is_empty(), "{:?}", after.warnings);
        assert!(encoding.carry(b"RIFF").is_err());
    }
}
