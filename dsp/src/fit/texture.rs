//! Whether a sound's bands hold partials or noise, which their levels do not tell.

use crate::spectral::{BandBank, Edges, Scale, Stft};
use crate::units::SampleRate;

/// Long windows resolve the modes of a cymbal: 372 ms at 44.1 kHz, bins of 2.7 Hz.
const SIZE: usize = 16_384;
const BANDS: usize = 12;
const BANDS_HZ: [f64; 2] = [250.0, 14_000.0];

/// Measures the flatness of sounds that are long enough to have one.
pub(super) struct Texture {
    stft: Stft,
    bank: BandBank,
}

impl Texture {
    /// For sounds of `frames` frames; `None` if that is less than half a window.
    pub(super) fn new(frames: usize) -> Option<Self> {
        let [low_hz, high_hz] = BANDS_HZ;
        (frames >= SIZE / 2).then(|| Self {
            stft: Stft::new(SIZE, SIZE / 2),
            bank: BandBank::new(Scale::Mel, BANDS, low_hz, high_hz, SIZE, SampleRate::CD.hz()),
        })
    }

    /// Adds a channel's mean power spectrum to `spectrum`.
    pub(super) fn add_spectrum(&self, channel: &[f32], spectrum: &mut Vec<f32>) {
        spectrum.resize(self.stft.bins(), 0.0);
        self.stft.for_each_frame(channel, Edges::Silence, |_, bins| {
            for (sum, bin) in spectrum.iter_mut().zip(bins.iter()) {
                *sum += bin.norm_sqr();
            }
        });
    }

    /// Level and flatness of each band in dB. Flatness is the arithmetic over the geometric mean of the band's bins (Johnston,
    /// "Transform coding of audio signals using perceptual noise criteria", 1988): near 0 for noise, above 10 for partials.
    pub(super) fn bands(&self, spectrum: &[f32]) -> (Vec<f32>, Vec<f32>) {
        let db: Vec<f32> = spectrum.iter().map(|power| 10.0 * power.max(1e-12).log10()).collect();
        let (mut levels, mut means) = (vec![0.0; self.bank.len()], vec![0.0; self.bank.len()]);
        self.bank.powers(spectrum, &mut levels);
        self.bank.powers(&db, &mut means);
        levels.iter_mut().for_each(|level| *level = 10.0 * level.max(1e-12).log10());
        let flatness = levels.iter().zip(&means).map(|(level, mean)| level - mean).collect();
        (levels, flatness)
    }
}
