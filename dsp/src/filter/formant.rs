//! Vowels: three resonances side by side.

use super::{FilterMode, Svf, SvfCoefficients};
use crate::units::SampleRate;

/// A resonance of the vocal tract.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Formant {
    /// In hertz.
    pub hz: f32,
    /// Between its -3 dB points, in hertz.
    pub bandwidth_hz: f32,
    /// Amplitude behind a source that falls by 6 dB per octave, as a saw does.
    pub gain: f32,
}

/// Frequencies in hertz and levels in decibels of the formants of a, e, i, o and u (Peterson and Barney, "Control methods used in a
/// study of the vowels", 1952: means of 33 men).
const VOWELS: [[(f32, f32); 3]; 5] = [
    [(730.0, -1.0), (1090.0, -5.0), (2440.0, -28.0)],
    [(530.0, -2.0), (1840.0, -17.0), (2480.0, -24.0)],
    [(270.0, -4.0), (2290.0, -24.0), (3010.0, -28.0)],
    [(570.0, 0.0), (840.0, -7.0), (2410.0, -34.0)],
    [(300.0, -3.0), (870.0, -19.0), (2240.0, -43.0)],
];
/// Bandwidths in hertz, near Klatt's defaults ("Software for a cascade/parallel formant synthesizer", 1980).
const BANDWIDTHS_HZ: [f32; 3] = [60.0, 90.0, 150.0];

/// Brings a filtered saw near the loudness of the saw.
const LEVEL: f32 = 6.0;

/// The formants at a position from a (0.0) over e, i and o to u (1.0), between which frequencies and levels glide.
pub fn vowel(position: f32) -> [Formant; 3] {
    let place = position.clamp(0.0, 1.0) * (VOWELS.len() - 1) as f32;
    let index = (place as usize).min(VOWELS.len() - 2);
    let fade = place - index as f32;
    let at = |formant: usize| {
        let [(from_hz, from_db), (to_hz, to_db)] = [VOWELS[index][formant], VOWELS[index + 1][formant]];
        (from_hz * (to_hz / from_hz).powf(fade), from_db + fade * (to_db - from_db))
    };
    let lowest_hz = at(0).0;
    std::array::from_fn(|formant| {
        let (hz, db) = at(formant);
        // What a saw loses from the first formant up to this one is made up for.
        let gain = crate::units::db_to_gain(db) * hz / lowest_hz;
        Formant { hz, bandwidth_hz: BANDWIDTHS_HZ[formant], gain }
    })
}

/// Three band-pass filters of one channel.
#[derive(Debug, Clone, Copy, Default)]
pub struct FormantFilter {
    bands: [Svf; 3],
    tunings: [(f32, f32, f32); 3],
    steps: [(f32, f32, f32); 3],
    is_tuned: bool,
}

impl FormantFilter {
    /// Where to be after `frames` frames; the first tuning is taken at once.
    ///
    /// - `position`: 0.0 (a) ..= 1.0 (u)
    /// - `shift`: factor on the frequencies
    /// - `resonance`: 0.0 (twice as wide as spoken) ..= 1.0 (an eighth as wide as that)
    pub fn aim(&mut self, position: f32, shift: f32, resonance: f32, frames: usize, rate: SampleRate) {
        let width = 2.0 * 8f32.powf(-resonance);
        for ((formant, tuning), step) in vowel(position).iter().zip(&mut self.tunings).zip(&mut self.steps) {
            let hz = shift * formant.hz;
            // Narrow bands hold less energy.
            let gain = LEVEL * formant.gain / width.sqrt();
            let to = (SvfCoefficients::warp(hz, rate), width * formant.bandwidth_hz / formant.hz, gain);
            if !self.is_tuned {
                *tuning = to;
            }
            let part = 1.0 / frames as f32;
            *step = (part * (to.0 - tuning.0), part * (to.1 - tuning.1), part * (to.2 - tuning.2));
        }
        self.is_tuned = true;
    }

    /// The next sample.
    #[inline]
    pub fn process(&mut self, input: f32) -> f32 {
        let mut out = 0.0;
        for ((band, (g, k, gain)), step) in self.bands.iter_mut().zip(&mut self.tunings).zip(&self.steps) {
            *g += step.0;
            *k += step.1;
            *gain += step.2;
            out += *gain * band.process(&SvfCoefficients::new(FilterMode::Band, *g, *k), input);
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vowel_rings_at_its_formants() {
        // i: louder at 270 and 2 290 Hz than between them.
        let mut filter = FormantFilter::default();
        filter.aim(0.5, 1.0, 0.5, 1, SampleRate::CD);
        filter.aim(0.5, 1.0, 0.5, 1, SampleRate::CD);
        let response: Vec<f32> = (0..16_384).map(|n| filter.process(if n == 0 { 1.0 } else { 0.0 })).collect();
        let gain = |hz: f32| {
            let turn = |n: usize| std::f32::consts::TAU * hz / 44_100.0 * n as f32;
            let part = |f: fn(f32) -> f32| response.iter().enumerate().map(|(n, y)| y * f(turn(n))).sum::<f32>();
            part(f32::cos).hypot(part(f32::sin))
        };
        assert!(gain(270.0) > 4.0 * gain(900.0) && gain(2290.0) > 4.0 * gain(900.0));
        assert_eq!(vowel(0.25)[1].hz, 1840.0);
    }
}
