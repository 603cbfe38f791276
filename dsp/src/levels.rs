//! What a sound measures beside its loudness: peak, crest, offset, width and balance.

use crate::audio::AudioBuffer;
use crate::spectral::{Edges, Stft};
use crate::units::gain_to_db;

/// Upper edges of sub, low and mid in Hz, by common practice in mixing; high is what lies above.
const EDGES_HZ: [f64; 3] = [60.0, 250.0, 4_000.0];

/// Spectra have bins at least this narrow, so that sub and low are told apart.
const BIN_HZ: f64 = 6.0;

/// Figures of a sound.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Levels {
    /// Largest sample; -infinity for silence.
    pub peak_dbfs: f32,
    /// Root mean square of both channels; -infinity for silence.
    pub rms_dbfs: f32,
    /// Mean of each channel, full scale is 1.
    pub dc: [f32; 2],
    /// How far left and right move together: 1.0 for mono, 0.0 for unrelated sides, -1.0 for opposite ones; `None` where a
    /// side is silent.
    pub correlation: Option<f32>,
    /// Share of the energy in each band; `None` for silence.
    pub balance: Option<Balance>,
}

impl Levels {
    /// Peak above root mean square; `None` for silence.
    pub fn crest_db(&self) -> Option<f32> {
        self.peak_dbfs.is_finite().then_some(self.peak_dbfs - self.rms_dbfs)
    }
}

/// Shares of the energy, 0.0 ..= 1.0; together they are 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Balance {
    /// Below 60 Hz.
    pub sub: f32,
    /// 60 to 250 Hz.
    pub low: f32,
    /// 250 Hz to 4 kHz.
    pub mid: f32,
    /// Above 4 kHz.
    pub high: f32,
}

/// Measures a sound.
pub fn measure(audio: &AudioBuffer) -> Levels {
    let count = audio.len().max(1) as f64;
    let mut sums = [0.0_f64; 2];
    let (mut squares, mut product) = ([0.0_f64; 2], 0.0_f64);
    for frame in &audio.frames {
        let [left, right] = frame.map(f64::from);
        sums = [sums[0] + left, sums[1] + right];
        squares = [squares[0] + left * left, squares[1] + right * right];
        product += left * right;
    }
    let scale = (squares[0] * squares[1]).sqrt();
    Levels {
        peak_dbfs: gain_to_db(audio.peak()),
        rms_dbfs: gain_to_db(audio.rms()),
        dc: sums.map(|sum| (sum / count) as f32),
        correlation: (scale > 0.0).then(|| (product / scale) as f32),
        balance: balance(audio, sums.map(|sum| (sum / count) as f32)),
    }
}

/// Energies of both channels, their offsets left out.
fn balance(audio: &AudioBuffer, dc: [f32; 2]) -> Option<Balance> {
    let rate_hz = audio.sample_rate.hz();
    let fft_size = ((rate_hz / BIN_HZ) as usize).next_power_of_two();
    let stft = Stft::new(fft_size, fft_size / 2);
    let mut bands = [0.0_f64; 4];
    for (channel, offset) in dc.into_iter().enumerate() {
        let mut signal = audio.channel(channel);
        signal.iter_mut().for_each(|sample| *sample -= offset);
        stft.for_each_frame(&signal, Edges::Silence, |_, bins| {
            for (bin, value) in bins.iter().enumerate() {
                let hz = bin as f64 * rate_hz / fft_size as f64;
                let band = EDGES_HZ.iter().filter(|edge| hz >= **edge).count();
                bands[band] += f64::from(value.norm_sqr());
            }
        });
    }
    let all: f64 = bands.iter().sum();
    let [sub, low, mid, high] = bands.map(|energy| (energy / all) as f32);
    (all > 0.0).then_some(Balance { sub, low, mid, high })
}

/// Energy of the side, (left - right) / 2, re the middle, (left + right) / 2, below `hz`, in dB and at least -60: how much of the
/// low end a mono system loses. A loop goes on at its edges.
pub fn side_below_db(audio: &AudioBuffer, hz: f64, edges: Edges) -> f32 {
    const LEAST_DB: f64 = -60.0;
    let rate_hz = audio.sample_rate.hz();
    let fft_size = ((rate_hz / BIN_HZ) as usize).next_power_of_two();
    let stft = Stft::new(fft_size, fft_size / 2);
    // The window spreads an offset over two bins.
    let bins_below = 3..((hz * fft_size as f64 / rate_hz).round() as usize).max(3);
    let energy = |sign: f32| {
        let signal: Vec<f32> = audio.frames.iter().map(|[left, right]| 0.5 * (left + sign * right)).collect();
        let mut energy = 0.0_f64;
        stft.for_each_frame(&signal, edges, |_, bins| {
            energy += bins[bins_below.clone()].iter().map(|bin| f64::from(bin.norm_sqr())).sum::<f64>();
        });
        energy
    };
    let [middle, side] = [1.0, -1.0].map(energy);
    if side <= 0.0 {
        return LEAST_DB as f32;
    }
    (10.0 * (side / middle.max(f64::MIN_POSITIVE)).log10()).max(LEAST_DB) as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Seed;
    use crate::units::SampleRate;
    use std::f64::consts::TAU;

    fn sine(rate_hz: u32, hz: f64, channels: [f32; 2]) -> AudioBuffer {
        let rate = SampleRate::new(rate_hz).expect("valid");
        let sample = |n: usize| (TAU * hz * n as f64 / rate.hz()).sin() as f32;
        let frames = (0..rate.frames(1.0)).map(|n| channels.map(|gain| gain * sample(n))).collect();
        AudioBuffer { sample_rate: rate, frames }
    }

    #[test]
    fn a_sine_has_its_textbook_figures() {
        let levels = measure(&sine(44_100, 441.0, [0.5, 0.5]));
        assert!((levels.peak_dbfs + 6.02).abs() < 0.01, "{levels:?}");
        // Peak over root mean square of a sine is the square root of 2.
        assert!(levels.crest_db().is_some_and(|crest| (crest - 3.01).abs() < 0.01), "{levels:?}");
        assert!(levels.dc.iter().all(|dc| dc.abs() < 1e-6), "{levels:?}");
        assert_eq!(levels.correlation, Some(1.0));
    }

    #[test]
    fn sides_are_alike_unrelated_or_opposite() {
        let correlation = |channels| measure(&sine(44_100, 441.0, channels)).correlation;
        assert!(correlation([0.5, -0.25]).is_some_and(|value| (value + 1.0).abs() < 1e-6));
        assert_eq!(correlation([0.5, 0.0]), None);
        let mut rng = Seed(9).rng();
        let frames = (0..100_000).map(|_| [rng.bipolar(), rng.bipolar()]).collect();
        let noise = measure(&AudioBuffer { sample_rate: SampleRate::CD, frames });
        // Five standard errors of 100 000 products.
        assert!(noise.correlation.is_some_and(|value| value.abs() < 0.016), "{noise:?}");
    }

    #[test]
    fn energy_is_found_in_the_band_of_a_sine_at_any_rate() {
        for rate_hz in [8_000, 44_100, 192_000] {
            for (hz, band) in [(40.0, 0), (120.0, 1), (1_000.0, 2), (3_000.0, 2)] {
                // An offset is no energy of the sub band.
                let mut audio = sine(rate_hz, hz, [0.5, -0.5]);
                audio.frames.iter_mut().for_each(|frame| *frame = frame.map(|sample| sample + 0.3));
                let balance = measure(&audio).balance.expect("sound");
                let shares = [balance.sub, balance.low, balance.mid, balance.high];
                assert!(shares[band] > 0.98, "{rate_hz} {hz}: {shares:?}");
                assert!((shares.iter().sum::<f32>() - 1.0).abs() < 1e-5);
            }
        }
        assert!(measure(&sine(48_000, 9_000.0, [0.5; 2])).balance.is_some_and(|balance| balance.high > 0.98));
    }

    #[test]
    fn only_the_side_of_the_low_end_counts() {
        let side_db = |hz, channels| side_below_db(&sine(44_100, hz, channels), 120.0, Edges::Loop);
        // Middle 0.75, side 0.25: a third of the amplitude.
        assert!((side_db(60.0, [1.0, 0.5]) + 9.54).abs() < 0.01, "{}", side_db(60.0, [1.0, 0.5]));
        assert_eq!(side_db(60.0, [0.5, 0.5]), -60.0);
        let mut audio = sine(44_100, 60.0, [0.5, 0.5]);
        let high = sine(44_100, 400.0, [0.5, -0.5]);
        for (frame, high) in audio.frames.iter_mut().zip(&high.frames) {
            *frame = [frame[0] + high[0] + 0.1, frame[1] + high[1] - 0.1];
        }
        assert!(side_below_db(&audio, 120.0, Edges::Loop) < -40.0);
        assert_eq!(side_below_db(&AudioBuffer::silence(SampleRate::CD, 10_000), 120.0, Edges::Loop), -60.0);
    }

    #[test]
    fn silence_has_no_crest_no_width_and_no_balance() {
        for frames in [0, 1, 10_000] {
            let levels = measure(&AudioBuffer::silence(SampleRate::CD, frames));
            assert_eq!((levels.peak_dbfs, levels.crest_db()), (f32::NEG_INFINITY, None));
            assert_eq!((levels.dc, levels.correlation, levels.balance), ([0.0; 2], None, None));
        }
    }
}
