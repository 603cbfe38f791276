//! The bytes of a WAV file to samples.

use super::chunks;
use dasp::sample::{I24, Sample};
use hound::{SampleFormat, WavReader};
use riffsmith_dsp::{AudioBuffer, Error, Result, SampleRate, StereoFrame};

/// Reads 8, 16, 24 or 32-bit integer or 32-bit float samples, at any rate and number of channels.
///
/// Mono sounds on both sides. Channels beyond the second sound on both sides at half their level.
///
/// # Errors
/// If the bytes are no WAV file, are cut off, or hold another format.
pub fn decode(bytes: &[u8]) -> Result<AudioBuffer> {
    let mut reader = WavReader::new(bytes).map_err(refusal)?;
    let spec = reader.spec();
    let sample_rate = SampleRate::new(spec.sample_rate)?;
    let samples: Vec<f32> = match (spec.sample_format, spec.bits_per_sample) {
        (SampleFormat::Float, 32) => reader.samples::<f32>().collect::<hound::Result<_>>(),
        (SampleFormat::Int, 8) => reader.samples::<i8>().map(|read| Ok(read?.to_sample())).collect(),
        (SampleFormat::Int, 16) => reader.samples::<i16>().map(|read| Ok(read?.to_sample())).collect(),
        (SampleFormat::Int, 24) => {
            reader.samples::<i32>().map(|read| Ok(I24::new_unchecked(read?).to_sample())).collect()
        }
        (SampleFormat::Int, 32) => reader.samples::<i32>().map(|read| Ok(read?.to_sample())).collect(),
        (_, bits) => {
            return Err(Error::Unsupported { what: "WAV file", reason: format!("{bits} bits a sample") });
        }
    }
    .map_err(refusal)?;
    if let Some(index) = samples.iter().position(|sample| !sample.is_finite()) {
        return Err(Error::format("WAV file", format!("sample {index} is not a number")));
    }
    let frames = samples.chunks_exact(usize::from(spec.channels)).map(stereo).collect();
    Ok(AudioBuffer { sample_rate, frames })
}

/// The comment in a WAV file: for our own files, the recipe.
pub fn comment(bytes: &[u8]) -> Option<String> {
    chunks::info_text(bytes, b"ICMT")
}

fn stereo(channels: &[f32]) -> StereoFrame {
    match channels {
        [mono] => [*mono, *mono],
        [left, right, others @ ..] => {
            let both = 0.5 * others.iter().sum::<f32>();
            [left + both, right + both]
        }
        [] => StereoFrame::default(),
    }
}

fn refusal(error: hound::Error) -> Error {
    match error {
        hound::Error::Unsupported => {
            Error::Unsupported { what: "WAV file", reason: "a compressed or rare format".into() }
        }
        hound::Error::FormatError(reason) => Error::format("WAV file", reason),
        hound::Error::IoError(_) => Error::format("WAV file", "it ends too early"),
        other => Error::format("WAV file", other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wav::{BitDepth, Tags, encode};
    use riffsmith_dsp::Seed;

    fn noise(frames: usize) -> AudioBuffer {
        let mut rng = Seed(5).rng();
        AudioBuffer {
            sample_rate: SampleRate::CD,
            frames: (0..frames).map(|_| [rng.bipolar(), 0.5 * rng.bipolar()]).collect(),
        }
    }

    fn largest_difference(a: &AudioBuffer, b: &AudioBuffer) -> f32 {
        assert_eq!(a.len(), b.len());
        a.frames.iter().flatten().zip(b.frames.iter().flatten()).fold(0.0, |worst, (a, b)| worst.max((a - b).abs()))
    }

    #[test]
    fn each_depth_is_read_back_within_its_rounding() {
        let audio = noise(1001);
        // Half a step of rounding at 24 bits; at 16 bits a whole step of dither more; floats are exact.
        for (depth, tolerance) in
            [(BitDepth::Float32, 0.0), (BitDepth::Int24, 0.51 / 8_388_608.0), (BitDepth::Int16, 1.51 / 32_768.0)]
        {
            let bytes = encode(&audio, depth, &Tags::default(), Seed(1)).expect("short enough");
            let read = decode(&bytes).expect("our own file");
            assert_eq!(read.sample_rate, audio.sample_rate);
            assert!(largest_difference(&read, &audio) <= tolerance, "{depth:?}");
        }
    }

    #[test]
    fn dither_leaves_no_trace_of_a_tone_below_one_step() {
        // A 0.4 LSB square wave is lost without dither; with it, its mean level survives.
        let frames = (0..40_000).map(|n| [if n % 100 < 50 { 0.4 } else { -0.4 } / 32_768.0; 2]).collect();
        let audio = AudioBuffer { sample_rate: SampleRate::CD, frames };
        let bytes = encode(&audio, BitDepth::Int16, &Tags::default(), Seed(1)).expect("short enough");
        let read = decode(&bytes).expect("our own file");
        let upper = read.frames.iter().enumerate().filter(|(n, _)| n % 100 < 50).map(|(_, frame)| f64::from(frame[0]));
        let mean_lsb = upper.sum::<f64>() / 20_000.0 * 32_768.0;
        // Dither and rounding have a variance of 1/4 LSB^2: the mean of 20 000 is within 5 x 0.0035.
        assert!((mean_lsb - 0.4).abs() < 0.018, "{mean_lsb}");
    }

    #[test]
    fn a_file_cut_anywhere_is_an_error_and_not_a_panic() {
        let bytes = encode(&noise(20), BitDepth::Int24, &Tags::default(), Seed(1)).expect("short enough");
        for length in 0..44 + 20 * 6 {
            assert!(decode(&bytes[..length]).is_err(), "{length}");
        }
    }

    #[test]
    fn other_channel_counts_become_stereo() {
        assert_eq!(stereo(&[0.5]), [0.5, 0.5]);
        assert_eq!(stereo(&[0.1, 0.2, 0.4, 0.0]), [0.1 + 0.2, 0.2 + 0.2]);
    }
}
