//! Noise: white, and pink (-3 dB per octave).

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
}

impl crate::parameters::Checked for NoiseColor {}

/// A source of noise, -1.0 ..= 1.0.
#[derive(Debug, Clone)]
pub struct Noise {
    rng: Rng,
    color: NoiseColor,
    poles: [f32; 3],
}

impl Noise {
    /// White noise.
    pub fn white(seed: Seed) -> Self {
        Self::new(NoiseColor::White, seed)
    }

    /// Noise of a colour.
    pub fn new(color: NoiseColor, seed: Seed) -> Self {
        Self { rng: seed.rng(), color, poles: [0.0; 3] }
    }

    /// The next sample.
    ///
    /// Pink: three one-pole filters in parallel, within 0.5 dB of -3 dB per octave from 40 Hz to 18 kHz at 44.1 kHz
    /// (Paul Kellet, "economy" pink noise filter, music-dsp list, 1999).
    #[inline]
    pub fn sample(&mut self) -> f32 {
        let white = self.rng.bipolar();
        match self.color {
            NoiseColor::White => white,
            NoiseColor::Pink => {
                let [b0, b1, b2] = &mut self.poles;
                *b0 = 0.997_65 * *b0 + white * 0.099_046;
                *b1 = 0.963_00 * *b1 + white * 0.296_516_4;
                *b2 = 0.570_00 * *b2 + white * 1.052_691_3;
                0.4 * (*b0 + *b1 + *b2 + white * 0.1848)
            }
        }
    }
}
