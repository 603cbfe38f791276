//! How different two sounds are.

use riffsmith_dsp::AudioBuffer;
use riffsmith_dsp::spectral::{BandBank, Edges, Scale, Stft};

/// Cells of a fingerprint: bands on the mel scale by slices of the sound's length.
const BANDS: usize = 24;
const SLICES: usize = 32;
const FFT_SIZE: usize = 2048;
/// What is further below the loudest cell is not heard beside it.
const RANGE_DB: f32 = 60.0;
/// Difference of levels that counts as wholly different.
const DIFFERENT_DB: f32 = 24.0;

/// The least distance of two sounds that are not each other's copy.
pub const LEAST_SOUND_DISTANCE: f32 = 0.02;

/// What a sound is like: its level in each band and slice.
#[derive(Debug, Clone, PartialEq)]
pub struct Fingerprint {
    levels_db: Vec<f32>,
    seconds: f32,
}

impl Fingerprint {
    /// Of a sound of any length.
    pub fn of(audio: &AudioBuffer) -> Self {
        let mono = audio.mono();
        let rate_hz = audio.sample_rate.hz();
        let bank = BandBank::new(Scale::Mel, BANDS, 40.0, 0.4 * rate_hz.min(44_100.0), FFT_SIZE, rate_hz);
        let stft = Stft::new(FFT_SIZE, FFT_SIZE / 2);
        let mut spectra = Vec::new();
        stft.for_each_frame(&mono, Edges::Silence, |_, bins| {
            let powers: Vec<f32> = bins.iter().map(|bin| bin.norm_sqr()).collect();
            let mut bands = vec![0.0; BANDS];
            bank.powers(&powers, &mut bands);
            spectra.push(bands);
        });
        let mut cells = vec![0.0f32; BANDS * SLICES];
        for (index, spectrum) in spectra.iter().enumerate() {
            let slice = index * SLICES / spectra.len();
            for (cell, power) in cells[slice * BANDS..].iter_mut().zip(spectrum) {
                *cell += power;
            }
        }
        let loudest = cells.iter().copied().fold(f32::MIN_POSITIVE, f32::max);
        let level = |cell: f32| (10.0 * (cell / loudest).max(1e-9).log10()).max(-RANGE_DB);
        Self { levels_db: cells.into_iter().map(level).collect(), seconds: audio.seconds() as f32 }
    }

    /// From 0.0 (the same) to 1.0: the mean difference of the levels, and of the lengths.
    pub fn distance(&self, other: &Self) -> f32 {
        let differences = self.levels_db.iter().zip(&other.levels_db).map(|(a, b)| (a - b).abs());
        let levels = differences.sum::<f32>() / (BANDS * SLICES) as f32 / DIFFERENT_DB;
        let ratio = (self.seconds / other.seconds.max(1e-3)).max(1e-3).ln().abs();
        (levels + ratio).min(1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use riffsmith_dsp::{SampleRate, Seed};

    fn noise(seed: u64, pole: f32) -> AudioBuffer {
        let mut rng = Seed(seed).rng();
        let mut state = 0.0;
        let frames = (0..44_100).map(|n| {
            state = pole * state + (1.0 - pole) * rng.bipolar();
            let beat = if n % 11_025 < 3000 { 1.0 } else { 0.05 };
            [beat * state; 2]
        });
        AudioBuffer { sample_rate: SampleRate::CD, frames: frames.collect() }
    }

    #[test]
    fn a_sound_is_nearer_to_itself_softer_than_to_another() {
        let sound = noise(1, 0.5);
        let own = Fingerprint::of(&sound);
        let mut softer = sound.clone();
        softer.scale(0.3);
        assert!(own.distance(&Fingerprint::of(&softer)) < 1e-4);
        let again = own.distance(&Fingerprint::of(&noise(2, 0.5)));
        let darker = own.distance(&Fingerprint::of(&noise(1, 0.97)));
        assert!(again < 0.12 && darker > 2.0 * again, "{again} {darker}");
        let mut shorter = sound;
        shorter.frames.truncate(22_050);
        assert!(own.distance(&Fingerprint::of(&shorter)) > 0.5);
    }
}
