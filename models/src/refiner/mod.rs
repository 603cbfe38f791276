//! The refiner: a generator that takes the spectrum of our instruments towards that of recorded ones.
//!
//! It looks at the levels of bands over time and says for each band and frame how much louder or softer our sound should be, on
//! its partials and between them, how much its partials ring on when it has let them go, and how much noise to add where it is silent and
//! recorded sounds are not. Phases of what sounds are kept, both channels get the same changes, and noise takes the place in the stereo image that the sound has: onsets and
//! pitches stay where they are.

pub(crate) mod apply;
pub(crate) mod bands;
pub(crate) mod bounds;
mod envelope;
mod family;
pub(crate) mod generator;
mod local;
pub(crate) mod noise;
pub(crate) mod parameters;
pub(crate) mod ring;
pub(crate) mod valleys;

pub use family::Family;

use crate::error::Result;
use apply::{FrameChange, Retouch};
use bands::{Analysis, BANDS, Survey};
use burn::Tensor;
use burn::tensor::{Device, TensorData};
use generator::{CONTEXT, Generator, family_rows};
use parameters::Maker;
use riffsmith_dsp::AudioBuffer;
use riffsmith_dsp::spectral::{Bin, Edges};
use ring::Ring;
use std::ops::Range;

/// Frames that go through the network at once: memory beside the sound itself does not grow with the length.
const CHUNK_FRAMES: usize = 512;

/// A loop's end rings into its start for so long, in seconds.
const RINGS_S: f64 = 2.0;

/// The weights that the program ships with; their card is `models/weights/refiner.md`.
static BUILTIN: &[u8] = include_bytes!("../../weights/refiner.bin");

/// A trained refiner.
#[derive(Debug, Clone)]
pub struct Refiner {
    network: Generator,
    device: Device,
    hash: u64,
}

impl Refiner {
    /// A refiner from the bytes of a weights file.
    ///
    /// # Errors
    /// If they are not an undamaged weights file of this version.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let values = parameters::from_bytes(bytes, Generator::size())?;
        Ok(Self::from_values(&values, parameters::checksum(bytes)))
    }

    /// The refiner that the program ships with.
    pub fn builtin() -> Self {
        Self::from_bytes(BUILTIN).expect("the shipped weights are read by a test")
    }

    /// The bytes of the weights file that the program ships with.
    pub fn builtin_weights() -> &'static [u8] {
        BUILTIN
    }

    /// A refiner with these parameters.
    pub(crate) fn from_values(values: &[f32], hash: u64) -> Self {
        let device = Device::flex();
        Self { network: Generator::new(&mut Maker::take(values, &device)), device, hash }
    }

    /// Identifies the weights, in recipes and file metadata: 16 hexadecimal digits.
    pub fn hash(&self) -> String {
        format!("{:016x}", self.hash)
    }

    /// The sound refined.
    ///
    /// - `amount`: 0.0 (off, bit for bit) ..= 1.0 (as trained); the changes in dB are multiplied by it
    /// - `edges`: whether the sound is a seamless loop; it then stays one
    ///
    /// Keeps length, sample rate, loudness and stereo image; and attacks to 2 ms and the pitch of a note to 3 cents, by refining less where they
    /// would move. A sound that holds a sample that is not finite is left as it is.
    pub fn refine(&self, audio: &AudioBuffer, family: Family, amount: f32, edges: Edges) -> AudioBuffer {
        self.refine_within_bounds(audio, family, amount, edges).0
    }

    /// The sound refined, see [`Refiner::refine`], and the share of it that is left by the guard of attacks and pitch: mostly 1.0.
    pub(crate) fn refine_within_bounds(
        &self,
        audio: &AudioBuffer,
        family: Family,
        amount: f32,
        edges: Edges,
    ) -> (AudioBuffer, f32) {
        let off = amount.is_nan() || amount <= 0.0;
        if off || audio.peak() == 0.0 || audio.frames.iter().flatten().any(|sample| !sample.is_finite()) {
            return (audio.clone(), 1.0);
        }
        let mut refined = self.changed(audio, family, amount, edges);
        if edges == Edges::Silence {
            bounds::silence_before(audio, &mut refined);
        }
        let share = bounds::keep(audio, &mut refined, family.is_pitched());
        (refined, share)
    }

    /// The sound refined, wherever that moves attacks and pitch.
    fn changed(&self, audio: &AudioBuffer, family: Family, amount: f32, edges: Edges) -> AudioBuffer {
        let analysis = Analysis::new(audio.sample_rate);
        let survey = analysis.survey(audio, edges);
        let hop_s = analysis.stft.hop() as f64 / audio.sample_rate.hz();
        let mut retouch = Retouch::new(&analysis, &survey, audio, edges, amount.min(1.0), hop_s);
        let frames = survey.frames.len();
        let bins = analysis.stft.bins();
        let mut ring = Ring::new(bins, hop_s);
        if edges == Edges::Loop {
            // The loop has gone round before.
            let run_up = (RINGS_S / hop_s) as usize;
            let first = frames - run_up % frames;
            follow(&analysis, &mut ring, audio, edges, (first..first + run_up).map(|t| t % frames));
        }
        for start in (0..frames).step_by(CHUNK_FRAMES) {
            let part = start..frames.min(start + CHUNK_FRAMES);
            let rings = follow(&analysis, &mut ring, audio, edges, part.clone());
            let levels = window(&analysis, &survey, audio, edges, part.clone());
            let ring_levels = bands::ring_levels(&rings, bins, survey.loudest);
            let mut changes = self.changes(&levels, &ring_levels, &survey.colour, family);
            noise::fall_slowly(&mut changes[2], BANDS);
            for (row, t) in part.enumerate() {
                let [gain, valley_gain, noise, partial_noise, ring] =
                    [0, 1, 2, 3, 4].map(|head: usize| &changes[head][row * BANDS..][..BANDS]);
                let rings = [0, 1].map(|channel: usize| &rings[channel][row * bins..][..bins]);
                retouch.frame(t, FrameChange { gain, valley_gain, noise, partial_noise, ring, rings });
            }
        }
        retouch.finish(analysis.stft.fft_size(), edges)
    }

    /// What the network would change in the frames of a [`window`], by [`generator::Change`]'s fields.
    fn changes(&self, levels: &[f32], rings: &[f32], colour: &[f32], family: Family) -> [Vec<f32>; generator::HEADS] {
        let colours = Tensor::<2>::from_data(TensorData::new(colour.to_vec(), [1, BANDS]), &self.device);
        let change = self.network.forward(levels, rings, family_rows(&[family], &self.device), colours);
        [change.gain, change.valley_gain, change.noise, change.partial_noise, change.ring].map(parameters::numbers)
    }
}

/// What would ring on in some frames of both channels, frame after frame.
fn follow(
    analysis: &Analysis,
    ring: &mut Ring,
    audio: &AudioBuffer,
    edges: Edges,
    frames: impl ExactSizeIterator<Item = usize>,
) -> [Vec<Bin>; 2] {
    let [mut left, mut right] = [0, 1].map(|_| analysis.stft.frames(audio.len(), edges));
    let bins = analysis.stft.bins();
    let mut rings = [0, 1].map(|_| vec![Bin::default(); frames.len() * bins]);
    let [rings_left, rings_right] = &mut rings;
    for (t, rings) in frames.zip(rings_left.chunks_exact_mut(bins).zip(rings_right.chunks_exact_mut(bins))) {
        let frame = [&*left.read(t, |i| audio.frames[i][0]), &*right.read(t, |i| audio.frames[i][1])];
        ring.follow(frame, [rings.0, rings.1]);
    }
    rings
}

/// The levels of the bands of some frames and of [`CONTEXT`] on either side; beyond the ends lies silence, or the loop again.
fn window(analysis: &Analysis, survey: &Survey, audio: &AudioBuffer, edges: Edges, frames: Range<usize>) -> Vec<f32> {
    let [mut left, mut right] = [0, 1].map(|_| analysis.stft.frames(audio.len(), edges));
    let count = survey.frames.len();
    let rows = frames.len() + 2 * CONTEXT;
    let mut window = vec![0.0; rows * BANDS];
    for (row, out) in window.chunks_exact_mut(BANDS).enumerate() {
        let frame = match edges {
            Edges::Silence => (frames.start + row).checked_sub(CONTEXT).filter(|&frame| frame < count),
            Edges::Loop => Some((frames.start + row + count * CONTEXT - CONTEXT) % count),
        };
        if let Some(t) = frame {
            let (left, right) = (left.read(t, |i| audio.frames[i][0]), right.read(t, |i| audio.frames[i][1]));
            bands::levels(left, right, survey.loudest, out);
        }
    }
    window
}

#[cfg(test)]
mod tests;
