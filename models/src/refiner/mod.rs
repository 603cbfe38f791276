//! The refiner: a generator that takes the spectrum of our instruments towards that of recorded ones.
//!
//! It looks at the levels of mel bands over time and predicts a change of level for each band and frame; phases are kept, and
//! both channels get the same changes. So it can colour, brighten, damp and re-shape what sounds, but not invent what does
//! not: silence stays silence, and onsets and pitches stay where they are.

pub(crate) mod apply;
pub(crate) mod bands;
mod envelope;
mod family;
pub(crate) mod generator;
pub(crate) mod parameters;

pub use family::Family;

use crate::error::Result;
use bands::{Analysis, BANDS, Levels, UNIT_DB};
use burn::Tensor;
use burn::tensor::{Device, TensorData};
use generator::{CONTEXT, Generator, family_tensor};
use parameters::Maker;
use riffsmith_dsp::AudioBuffer;
use riffsmith_dsp::spectral::Edges;

/// Frames that go through the network at once: memory does not grow with the length.
const CHUNK_FRAMES: usize = 1024;

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
    /// Keeps length, sample rate, loudness and stereo image. A sound that holds a sample that is not finite is left as it is.
    pub fn refine(&self, audio: &AudioBuffer, family: Family, amount: f32, edges: Edges) -> AudioBuffer {
        let off = amount.is_nan() || amount <= 0.0;
        if off || audio.peak() == 0.0 || audio.frames.iter().flatten().any(|sample| !sample.is_finite()) {
            return audio.clone();
        }
        let analysis = Analysis::new(audio.sample_rate);
        let channels = [audio.channel(0), audio.channel(1)];
        let powers = analysis.powers(&[&channels[0], &channels[1]], edges);
        let levels = powers.levels(powers.loudest);
        let mut gains_db = self.changes(&levels, family, edges);
        gains_db.iter_mut().for_each(|gain| *gain *= UNIT_DB * amount.min(1.0));
        envelope::limit(&mut gains_db, &powers, &analysis.bank);
        apply::apply(audio, &analysis, &gains_db, edges)
    }

    /// What the network would add to each band of each frame, in units of [`UNIT_DB`].
    pub(crate) fn changes(&self, levels: &Levels, family: Family, edges: Edges) -> Vec<f32> {
        let frames = levels.frames();
        let mut changes = Vec::with_capacity(frames * BANDS);
        for start in (0..frames).step_by(CHUNK_FRAMES) {
            let count = CHUNK_FRAMES.min(frames - start);
            let input = window(levels, start, count + 2 * CONTEXT, edges);
            let shape = [1, BANDS, count + 2 * CONTEXT];
            let input = Tensor::from_data(TensorData::new(input, shape), &self.device);
            let output = self.network.forward(input, family_tensor(&[family], &self.device));
            let by_frame = parameters::numbers(output.swap_dims(1, 2));
            changes.extend(by_frame);
        }
        changes
    }
}

/// `count` frames from `CONTEXT` before `start` on, band after band; beyond the ends lies silence, or the loop again.
pub(crate) fn window(levels: &Levels, start: usize, count: usize, edges: Edges) -> Vec<f32> {
    let frames = levels.frames();
    let mut by_band = vec![0.0; BANDS * count];
    for column in 0..count {
        let frame = (start + column).checked_sub(CONTEXT);
        let frame = match edges {
            Edges::Silence => frame.filter(|&frame| frame < frames),
            Edges::Loop => Some((start + column + frames * CONTEXT - CONTEXT) % frames),
        };
        if let Some(frame) = frame {
            for (band, unit) in levels.units[frame * BANDS..][..BANDS].iter().enumerate() {
                by_band[band * count + column] = *unit;
            }
        }
    }
    by_band
}

#[cfg(test)]
mod tests;
