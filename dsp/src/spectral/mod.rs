//! Short-time spectra: STFT and inverse, spectrograms, mel and ERB bands, phases for magnitudes without.
//!
//! Conventions, for the whole module:
//! - The window is the *periodic* Hann window `0.5 - 0.5 cos(2 pi n / fft_size)`, used for analysis and again for synthesis.
//! - Forward: `X[k] = sum_n w[n] x[n] exp(-2 pi i k n / fft_size)`, unscaled; the inverse divides by `fft_size` and by the
//!   sum of squared windows over each sample, so analysis followed by synthesis is the identity over the whole length.
//! - Bins run from 0 (DC) to `fft_size / 2` (Nyquist), bin `k` at `k * rate / fft_size` Hz.
//! - Frame `t` is *centred* on sample `t * hop`; see [`Edges`] for what lies beyond the ends.
//! - 0 dB is a sine of amplitude 1 (full scale) in the middle of a bin.

mod bands;
mod framing;
mod griffin_lim;
mod spectrogram;
mod stft;

pub use bands::{BandBank, Scale};
pub use framing::Edges;
pub use griffin_lim::griffin_lim;
pub use spectrogram::Spectrogram;
pub use stft::{FrameReader, OverlapAdd, Stft};

/// One bin of a spectrum.
pub type Bin = rustfft::num_complex::Complex32;

/// The periodic Hann window: `0.5 - 0.5 cos(2 pi n / length)`.
pub fn hann(length: usize) -> Vec<f32> {
    (0..length).map(|n| (0.5 - 0.5 * (std::f64::consts::TAU * n as f64 / length as f64).cos()) as f32).collect()
}
