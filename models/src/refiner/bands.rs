//! How the network sees and changes sound: levels of mel bands over time, the same at every sample rate.

use riffsmith_dsp::SampleRate;
use riffsmith_dsp::spectral::{BandBank, Edges, Scale, Stft};

/// Number of mel bands.
pub const BANDS: usize = 96;

/// Levels this far below the loudest frame, in dB, count as silence.
pub const FLOOR_DB: f32 = -90.0;

/// Decibels in one unit of the network's input and output.
pub const UNIT_DB: f32 = 20.0;

/// Largest change of a band's level, up or down.
pub const MAX_GAIN_DB: f32 = 24.0;

/// Centres of the lowest and the highest band.
const RANGE_HZ: (f64, f64) = (30.0, 16_000.0);

/// Window at 44.1 kHz: 23 ms separates the partials of notes from C4 on, and still shapes an attack.
const FFT_AT_CD: f64 = 1024.0;

/// Transform and bands for one sample rate, of equal resolution in Hz and in seconds at all of them.
#[derive(Clone)]
pub struct Analysis {
    pub stft: Stft,
    pub bank: BandBank,
}

impl Analysis {
    pub fn new(rate: SampleRate) -> Self {
        let hop = (FFT_AT_CD / 4.0 * rate.hz() / SampleRate::CD.hz()).round().max(1.0) as usize;
        let fft_size = 4 * hop;
        let bank = BandBank::new(Scale::Mel, BANDS, RANGE_HZ.0, RANGE_HZ.1, fft_size, rate.hz());
        Self { stft: Stft::new(fft_size, hop), bank }
    }

    /// Powers of the bands, summed over all channels.
    pub fn powers(&self, channels: &[&[f32]], edges: Edges) -> Powers {
        let mut totals: Vec<f32> = Vec::new();
        let mut bands: Vec<f32> = Vec::new();
        let (mut bin_powers, mut band_powers) = (vec![0.0; self.stft.bins()], [0.0; BANDS]);
        for channel in channels {
            self.stft.for_each_frame(channel, edges, |t, frame| {
                if t == totals.len() {
                    totals.push(0.0);
                    bands.extend([0.0; BANDS]);
                }
                for (power, bin) in bin_powers.iter_mut().zip(frame.iter()) {
                    *power = bin.norm_sqr();
                }
                totals[t] += bin_powers.iter().sum::<f32>();
                self.bank.powers(&bin_powers, &mut band_powers);
                for (sum, power) in bands[t * BANDS..].iter_mut().zip(&band_powers) {
                    *sum += power;
                }
            });
        }
        Powers { bands, loudest: totals.into_iter().fold(0.0, f32::max) }
    }
}

/// Mean powers of [`BANDS`] bands, frame after frame.
#[derive(Debug, Clone, PartialEq)]
pub struct Powers {
    bands: Vec<f32>,
    /// Power of the loudest frame, summed over its bins.
    pub loudest: f32,
}

impl Powers {
    /// The powers of the bands of each frame.
    pub fn frames(&self) -> impl Iterator<Item = &[f32]> {
        self.bands.chunks_exact(BANDS)
    }

    /// The levels above [`FLOOR_DB`] re a frame of power `reference`; all 0 if that is 0.
    pub fn levels(&self, reference: f32) -> Levels {
        let unit = |power: f32| match reference > 0.0 {
            true => ((10.0 * (power / reference).log10() - FLOOR_DB) / UNIT_DB).max(0.0),
            false => 0.0,
        };
        Levels { units: self.bands.iter().copied().map(unit).collect() }
    }
}

/// Levels of [`BANDS`] bands, frame after frame, in units of [`UNIT_DB`] above [`FLOOR_DB`] re a reference: 0 is silence.
#[derive(Debug, Clone, PartialEq)]
pub struct Levels {
    pub units: Vec<f32>,
}

impl Levels {
    /// Number of frames.
    pub fn frames(&self) -> usize {
        self.units.len() / BANDS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sine(rate_hz: f64, gain: f32) -> Vec<f32> {
        (0..rate_hz as usize)
            .map(|i| gain * (std::f64::consts::TAU * 440.0 * i as f64 / rate_hz).sin() as f32)
            .collect()
    }

    #[test]
    fn a_tone_looks_the_same_at_every_level_and_rate() {
        let analyse = |rate: u32, gain| {
            let analysis = Analysis::new(SampleRate::new(rate).expect("valid"));
            let powers = analysis.powers(&[&sine(f64::from(rate), gain)], Edges::Loop);
            let levels = powers.levels(powers.loudest);
            levels.units[BANDS * 20..][..BANDS].to_vec()
        };
        let reference = analyse(44_100, 1.0);
        for (other, tolerance) in
            [(analyse(44_100, 0.01), 1e-3), (analyse(48_000, 0.5), 0.05), (analyse(96_000, 1.0), 0.05)]
        {
            for (band, (a, b)) in reference.iter().zip(&other).enumerate() {
                // A bin's spacing differs by up to 0.1 % between rates; only levels near the floor notice more than 1 dB.
                assert!((a - b).abs() < tolerance || *a < 1.5, "band {band}: {a} and {b}");
            }
        }
    }

    #[test]
    fn silence_is_zero() {
        let powers = Analysis::new(SampleRate::CD).powers(&[&[0.0; 3000]], Edges::Silence);
        let levels = powers.levels(powers.loudest);
        assert_eq!(levels.frames(), 13);
        assert!(levels.units.iter().all(|&unit| unit == 0.0));
    }
}
