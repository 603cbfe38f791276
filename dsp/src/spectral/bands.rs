//! Bands of equal width on a scale of hearing.

/// A scale of hearing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scale {
    /// `2595 log10(1 + f / 700)` (O'Shaughnessy, "Speech Communication", 1987; the mel of HTK).
    Mel,
    /// ERB rate, `21.4 log10(1 + 0.00437 f)` (Glasberg and Moore, "Derivation of auditory filter shapes", 1990).
    Erb,
}

impl Scale {
    /// A frequency on the scale.
    pub fn from_hz(self, hz: f64) -> f64 {
        match self {
            Self::Mel => 2595.0 * (1.0 + hz / 700.0).log10(),
            Self::Erb => 21.4 * (1.0 + 0.004_37 * hz).log10(),
        }
    }

    /// The frequency in Hz at a point of the scale.
    pub fn to_hz(self, value: f64) -> f64 {
        match self {
            Self::Mel => 700.0 * (10f64.powf(value / 2595.0) - 1.0),
            Self::Erb => (10f64.powf(value / 21.4) - 1.0) / 0.004_37,
        }
    }
}

/// Overlapping triangular bands, their centres evenly spaced on a [`Scale`].
///
/// Each band's weights sum to 1, so that it reads the *mean* power of its bins. A band narrower than the spacing of the bins
/// is widened to reach the nearest ones; a band above the Nyquist frequency is empty and reads 0.
#[derive(Debug, Clone, PartialEq)]
pub struct BandBank {
    centers_hz: Vec<f64>,
    /// First bin and weights from there on.
    bands: Vec<(usize, Vec<f32>)>,
    /// For each bin, the band at or below it and the share of the next one.
    between: Vec<(usize, f32)>,
}

impl BandBank {
    /// `count` bands whose centres run from `low_hz` to `high_hz`, over the bins of an FFT of `fft_size` at `rate_hz`.
    ///
    /// # Panics
    /// Unless `count` is at least 2 and `low_hz < high_hz`.
    pub fn new(scale: Scale, count: usize, low_hz: f64, high_hz: f64, fft_size: usize, rate_hz: f64) -> Self {
        assert!(count >= 2 && low_hz < high_hz, "at least two bands, upwards");
        let (low, high) = (scale.from_hz(low_hz), scale.from_hz(high_hz));
        let step = (high - low) / (count - 1) as f64;
        let center = |band: f64| scale.to_hz(low + band * step);
        let (bin_hz, bins) = (rate_hz / fft_size as f64, fft_size / 2 + 1);

        let bands = (0..count)
            .map(|band| {
                let middle = center(band as f64);
                let below = (middle - center(band as f64 - 1.0)).max(bin_hz);
                let above = (center(band as f64 + 1.0) - middle).max(bin_hz);
                let first = ((middle - below) / bin_hz).floor().max(-1.0) as isize + 1;
                let last = (((middle + above) / bin_hz).ceil() as isize - 1).min(bins as isize - 1);
                let mut weights: Vec<f32> = (first..=last)
                    .map(|bin| {
                        let distance = bin as f64 * bin_hz - middle;
                        (1.0 - distance.abs() / if distance < 0.0 { below } else { above }) as f32
                    })
                    .collect();
                let sum: f32 = weights.iter().sum();
                weights.iter_mut().for_each(|weight| *weight /= sum);
                (first as usize, weights)
            })
            .collect();
        let between = (0..bins)
            .map(|bin| {
                let place = ((scale.from_hz(bin as f64 * bin_hz) - low) / step).clamp(0.0, (count - 1) as f64);
                let band = (place.floor() as usize).min(count - 2);
                (band, (place - band as f64) as f32)
            })
            .collect();
        Self { centers_hz: (0..count).map(|band| center(band as f64)).collect(), bands, between }
    }

    /// Number of bands.
    pub fn len(&self) -> usize {
        self.bands.len()
    }

    /// Never true.
    pub fn is_empty(&self) -> bool {
        self.bands.is_empty()
    }

    /// Centre of a band in Hz.
    pub fn center_hz(&self, band: usize) -> f64 {
        self.centers_hz[band]
    }

    /// Mean power in each band of one frame of bin powers.
    pub fn powers(&self, bin_powers: &[f32], out: &mut [f32]) {
        for (power, (first, weights)) in out.iter_mut().zip(&self.bands) {
            *power = weights.iter().zip(&bin_powers[(*first).min(bin_powers.len())..]).map(|(w, p)| w * p).sum();
        }
    }

    /// Values of the bands, interpolated linearly on the scale to one value a bin; constant beyond the outer centres.
    pub fn interpolate(&self, band_values: &[f32], out: &mut [f32]) {
        for (value, &(band, share)) in out.iter_mut().zip(&self.between) {
            *value = band_values[band] + share * (band_values[band + 1] - band_values[band]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Edges, Stft};
    use super::*;
    use crate::units::SampleRate;

    fn bank() -> BandBank {
        BandBank::new(Scale::Mel, 96, 30.0, 16_000.0, 1024, 44_100.0)
    }

    #[test]
    fn scales_have_their_published_points_and_invert() {
        assert!((Scale::Mel.from_hz(1000.0) - 1000.0).abs() < 0.1);
        // Glasberg and Moore: 1 kHz lies at about 15.6 ERB.
        assert!((Scale::Erb.from_hz(1000.0) - 15.62).abs() < 0.02);
        for scale in [Scale::Mel, Scale::Erb] {
            assert!((scale.to_hz(scale.from_hz(4321.0)) - 4321.0).abs() < 1e-6);
        }
    }

    #[test]
    fn every_band_averages_at_least_one_bin() {
        let (bank, mut powers) = (bank(), vec![0.0; 96]);
        bank.powers(&vec![3.0; 513], &mut powers);
        assert!(powers.iter().all(|power| (power - 3.0).abs() < 1e-4));
    }

    #[test]
    fn a_sine_is_loudest_in_the_band_at_its_frequency() {
        let (bank, mut powers) = (bank(), vec![0.0; 96]);
        for band in [20, 40, 60, 90] {
            let omega = std::f64::consts::TAU * bank.center_hz(band) / 44_100.0;
            let sine: Vec<f32> = (0..4096).map(|i| (omega * f64::from(i)).sin() as f32).collect();
            let spectrogram = Stft::new(1024, 256).analyze(&sine, SampleRate::CD, Edges::Silence);
            let bins: Vec<f32> = spectrogram.frame(8).iter().map(|bin| bin.norm_sqr()).collect();
            bank.powers(&bins, &mut powers);
            let loudest = (0..96).max_by(|&a, &b| powers[a].total_cmp(&powers[b])).expect("96 bands");
            assert!(loudest.abs_diff(band) <= 1, "band {band}, loudest {loudest}");
        }
    }

    #[test]
    fn interpolation_meets_the_centres_and_stays_in_between() {
        // Centre frequency as the band's value: a bin's value is then its own frequency, up to the bend of the scale.
        let bank = bank();
        let centers: Vec<f32> = (0..96).map(|band| bank.center_hz(band) as f32).collect();
        let mut bins = vec![0.0; 513];
        bank.interpolate(&centers, &mut bins);
        for (bin, value) in bins.iter().enumerate() {
            let hz = (bin as f32 * 44_100.0 / 1024.0).clamp(30.0, 16_000.0);
            assert!((value - hz).abs() < 0.01 * hz, "bin {bin}: {value} for {hz}");
        }
    }

    #[test]
    fn bands_above_nyquist_read_nothing() {
        let bank = BandBank::new(Scale::Erb, 64, 30.0, 16_000.0, 256, 8_000.0);
        let mut powers = vec![1.0; 64];
        bank.powers(&[1.0; 129], &mut powers);
        assert_eq!(powers[63], 0.0);
        assert!((powers[10] - 1.0).abs() < 1e-4);
    }
}
