//! The bytes of a WAV file to samples.

use super::chunks::{Encoding, Format, Info};
use super::{Description, describe, riff};
use dasp::sample::{I24, Sample};
use riffsmith_dsp::{AudioBuffer, Error, Result, SampleRate, StereoFrame};

const WHAT: &str = "WAV file";

/// Reads 8, 16, 24 or 32-bit integer or 32 or 64-bit float samples, at any rate and number of channels.
///
/// Mono sounds on both sides. Channels beyond the second sound on both sides at half their level.
///
/// # Errors
/// If the bytes are no WAV file, are cut off, or hold another format.
pub fn decode(bytes: &[u8]) -> Result<AudioBuffer> {
    let description = describe(bytes)?;
    if description.data.is_cut() {
        return Err(Error::format(WHAT, "it ends too early"));
    }
    description.audio(bytes)
}

/// The comment in a WAV file: for our own files, the recipe.
pub fn comment(bytes: &[u8]) -> Option<String> {
    let file = riff::walk(bytes).ok()?;
    let mut info = Info::default();
    file.chunks.iter().filter(|chunk| chunk.is_list(b"INFO")).for_each(|list| info.read(list.payload));
    info.get(Info::COMMENT)
}

/// True if two WAV files hold the same samples in the same format, whatever else they hold.
pub fn is_same_sound(one: &[u8], other: &[u8]) -> bool {
    let sound = |bytes| {
        let chunks = riff::walk(bytes).ok()?.chunks.into_iter();
        let sound: Vec<&[u8]> =
            chunks.filter(|chunk| [*b"fmt ", *b"data"].contains(&chunk.id)).map(|chunk| chunk.payload).collect();
        (sound.len() == 2).then_some(sound)
    };
    sound(one).is_some_and(|one| Some(one) == sound(other))
}

impl Description {
    /// The sound in `bytes`, the file that was described, as far as it is there; see [`decode`].
    ///
    /// # Errors
    /// If its format or rate is another one, or a sample is not a number.
    pub fn audio(&self, bytes: &[u8]) -> Result<AudioBuffer> {
        let mut decoder = Decoder::new(&self.format)?;
        let data = bytes.get(self.data.offset..self.data.offset + self.data.present).unwrap_or_default();
        Ok(AudioBuffer { sample_rate: decoder.sample_rate, frames: decoder.frames(data)? })
    }
}

/// Turns the bytes of samples into frames.
pub(super) struct Decoder {
    pub sample_rate: SampleRate,
    channels: usize,
    width: usize,
    read: fn(&[u8]) -> f32,
    /// Samples read so far.
    position: usize,
}

impl Decoder {
    /// # Errors
    /// If the format or the rate is not one that can be read.
    pub fn new(format: &Format) -> Result<Self> {
        let unsupported = || {
            let reason = match format.encoding {
                Encoding::Pcm | Encoding::Float => format!("{} bits a sample", format.bits),
                other => format!("its samples are of {other}"),
            };
            Error::Unsupported { what: WHAT, reason }
        };
        let sample_rate = SampleRate::new(format.rate_hz)?;
        let width = format.sample_bytes().ok_or_else(unsupported)?;
        let read = sample_reader(format.encoding, width).ok_or_else(unsupported)?;
        Ok(Self { sample_rate, channels: usize::from(format.channels), width, read, position: 0 })
    }

    /// Bytes of one frame.
    pub fn frame_bytes(&self) -> usize {
        self.channels * self.width
    }

    /// The frames of the next bytes; what is left over at their end is left out.
    ///
    /// # Errors
    /// If a sample is not a number.
    pub fn frames(&mut self, data: &[u8]) -> Result<Vec<StereoFrame>> {
        let samples: Vec<f32> = data.chunks_exact(self.width).map(self.read).collect();
        if let Some(index) = samples.iter().position(|sample| !sample.is_finite()) {
            return Err(Error::format(WHAT, format!("sample {} is not a number", self.position + index)));
        }
        self.position += samples.len();
        Ok(samples.chunks_exact(self.channels).map(stereo).collect())
    }
}

/// Reads one sample of `width` bytes. Fewer bits than the bytes have stand at their upper end.
fn sample_reader(encoding: Encoding, width: usize) -> Option<fn(&[u8]) -> f32> {
    /// The bytes of a sample, whose width was chosen to fit.
    fn of<const N: usize>(bytes: &[u8]) -> [u8; N] {
        *bytes.first_chunk().expect("samples are cut to their width")
    }
    let reader: fn(&[u8]) -> f32 = match (encoding, width) {
        (Encoding::Pcm, 1) => |bytes| bytes[0].to_sample(),
        (Encoding::Pcm, 2) => |bytes| i16::from_le_bytes(of(bytes)).to_sample(),
        (Encoding::Pcm, 3) => |bytes| {
            let [low, middle, high] = of(bytes);
            I24::new_unchecked(i32::from_le_bytes([0, low, middle, high]) >> 8).to_sample()
        },
        (Encoding::Pcm, 4) => |bytes| i32::from_le_bytes(of(bytes)).to_sample(),
        (Encoding::Float, 4) => |bytes| f32::from_le_bytes(of(bytes)),
        (Encoding::Float, 8) => |bytes| f64::from_le_bytes(of(bytes)) as f32,
        _ => return None,
    };
    Some(reader)
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
