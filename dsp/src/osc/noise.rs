//! Noise of five colours.

use crate::rng::{Rng, Seed};
use serde::{Deserialize, Serialize};

/// The slope of a noise's spectrum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoiseColor {
    /// Flat.
    #[default]
    White,
    /// -3 dB per octave.
    Pink,
    /// -6 dB per octave, above 14 Hz at 44.1 kHz.
    Brown,
    /// 3 dB per octave.
    Blue,
    /// Single impulses, one in 500 frames.
    Crackle,
}

impl crate::parameters::Checked for NoiseColor {}

/// A source of noise, -1.0 ..= 1.0.
#[derive(Debug, Clone)]
pub struct Noise {
    rng: Rng,
    color: NoiseColor,
    poles: [f32; 3],
    last: f32,
}

impl Noise {
    /// White noise.
    pub fn white(seed: Seed) -> Self {
        Self::new(NoiseColor::White, seed)
    }

    /// Noise of a colour.
    pub fn new(color: NoiseColor, seed: Seed) -> Self {
        Self { rng: seed.rng(), color, poles: [0.0; 3], last: 0.0 }
    }

    /// The next sample. All colours but crackle are about as loud as white.
    #[inline]
    pub fn sample(&mut self) -> f32 {
        let white = self.rng.bipolar();
        match self.color {
            NoiseColor::White => white,
            NoiseColor::Pink => 0.4 * self.pink(white),
            NoiseColor::Brown => {
                let [state, ..] = &mut self.poles;
                *state = 0.998 * *state + white;
                // sqrt(1 - 0.998^2): the root of what the pole gathers.
                0.0632 * *state
            }
            NoiseColor::Blue => {
                let before = self.last;
                self.last = self.pink(white);
                0.5 * (self.last - before)
            }
            // Sign and height come from where in this narrow range the number lies.
            NoiseColor::Crackle if white.abs() < 0.002 => 500.0 * white,
            NoiseColor::Crackle => 0.0,
        }
    }

    /// Three one-pole filters in parallel, within 0.5 dB of -3 dB per octave from 40 Hz to 18 kHz at 44.1 kHz (Paul Kellet,
    /// "economy" pink noise filter, music-dsp list, 1999).
    #[inline]
    fn pink(&mut self, white: f32) -> f32 {
        let [b0, b1, b2] = &mut self.poles;
        *b0 = 0.997_65 * *b0 + white * 0.099_046;
        *b1 = 0.963_00 * *b1 + white * 0.296_516_4;
        *b2 = 0.570_00 * *b2 + white * 1.052_691_3;
        *b0 + *b1 + *b2 + white * 0.1848
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustfft::FftPlanner;
    use rustfft::num_complex::Complex64;

    /// Decibels per octave between 250 Hz and 8 kHz at 44.1 kHz.
    fn slope(color: NoiseColor) -> f64 {
        let mut noise = Noise::new(color, Seed(1));
        let mut power = vec![0.0; 2049];
        for _ in 0..100 {
            let mut bins: Vec<Complex64> = (0..4096).map(|_| Complex64::new(f64::from(noise.sample()), 0.0)).collect();
            FftPlanner::new().plan_fft_forward(4096).process(&mut bins);
            power.iter_mut().zip(bins).for_each(|(sum, bin)| *sum += bin.norm_sqr());
        }
        let octave = |hz: f64| {
            let bins = (hz / 44_100.0 * 4096.0) as usize..(2.0 * hz / 44_100.0 * 4096.0) as usize;
            let count = bins.len() as f64;
            10.0 * (power[bins].iter().sum::<f64>() / count).log10()
        };
        (octave(4000.0) - octave(250.0)) / 4.0
    }

    #[test]
    fn colours_have_their_slopes() {
        for (color, expected) in [
            (NoiseColor::White, 0.0),
            (NoiseColor::Pink, -3.0),
            (NoiseColor::Brown, -6.0),
            (NoiseColor::Blue, 3.0),
            (NoiseColor::Crackle, 0.0),
        ] {
            // A hundred spectra of at least 23 bins: 0.1 dB per octave; the pink filter is off by as much.
            assert!((slope(color) - expected).abs() < 0.35, "{color:?}: {}", slope(color));
        }
    }
}
