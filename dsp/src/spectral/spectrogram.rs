//! The complex short-time spectrum of one channel.

use super::framing::{Edges, Framing};
use super::{Bin, hann};
use crate::units::SampleRate;

/// A complex short-time Fourier transform of one channel, made by [`super::Stft`]; conventions in the [module](super).
#[derive(Debug, Clone, PartialEq)]
pub struct Spectrogram {
    /// Frames per second of the signal.
    pub sample_rate: SampleRate,
    /// Samples in a window.
    pub fft_size: usize,
    /// Samples from one frame's centre to the next; in a loop it may be up to this.
    pub hop: usize,
    /// Samples in the signal.
    pub length: usize,
    /// What lies beyond the ends of the signal.
    pub edges: Edges,
    /// Frame after frame, `fft_size / 2 + 1` bins each.
    pub values: Vec<Bin>,
}

impl Spectrogram {
    /// Bins in a frame: `fft_size / 2 + 1`.
    pub fn bins(&self) -> usize {
        self.fft_size / 2 + 1
    }

    /// Number of frames.
    pub fn frames(&self) -> usize {
        self.values.len() / self.bins()
    }

    /// The bins of frame `t`.
    pub fn frame(&self, t: usize) -> &[Bin] {
        &self.values[t * self.bins()..][..self.bins()]
    }

    /// The bins of frame `t`, to change.
    pub fn frame_mut(&mut self, t: usize) -> &mut [Bin] {
        let bins = self.bins();
        &mut self.values[t * bins..][..bins]
    }

    /// Centre frequency of a bin in Hz.
    pub fn bin_hz(&self, bin: usize) -> f64 {
        bin as f64 * self.sample_rate.hz() / self.fft_size as f64
    }

    /// Magnitudes, frame after frame; a full-scale sine in the middle of a bin has 1.
    pub fn magnitudes(&self) -> Vec<f32> {
        let scale = 2.0 / hann(self.fft_size).iter().sum::<f32>();
        self.values.iter().map(|value| value.norm() * scale).collect()
    }

    /// Magnitudes in dB re a full-scale sine, nothing below `floor_db`.
    pub fn levels_db(&self, floor_db: f32) -> Vec<f32> {
        let floor = crate::units::db_to_gain(floor_db);
        self.magnitudes().into_iter().map(|magnitude| 20.0 * magnitude.max(floor).log10()).collect()
    }

    pub(super) fn framing(&self) -> Framing {
        Framing::new(self.length, self.fft_size, self.hop, self.edges)
    }
}
