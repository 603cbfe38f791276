//! How far a sound is from its reference.

use riffsmith_dsp::AudioBuffer;
use riffsmith_dsp::spectral::{Edges, Spectrogram, Stft};

/// Window of the measure, at 44.1 kHz 46 ms.
const FFT_SIZE: usize = 2048;
const HOP: usize = 512;

/// Cells this far below the loudest cell of the reference count as silent, in dB.
pub(super) const FLOOR_DB: f32 = -70.0;

/// Log-spectral distance in dB (after Gray and Markel, "Distance Measures for Speech Processing", 1976): the root mean square
/// of the difference of the levels of two sounds in dB, over all cells of a short-time spectrum (periodic Hann, 2048 samples,
/// hop 512, sum of both channels) in which at least one of the two is above the floor, 70 dB below the loudest cell of the
/// reference; levels below the floor are taken as the floor.
///
/// Both sounds are expected to have been brought to the same level and onset.
pub fn log_spectral_distance_db(sound: &AudioBuffer, reference: &AudioBuffer) -> f32 {
    let stft = Stft::new(FFT_SIZE, HOP);
    let [sound, reference] = [sound, reference].map(|audio| {
        let spectrum: Spectrogram = stft.analyze(&audio.mono(), audio.sample_rate, Edges::Silence);
        spectrum.levels_db(-200.0)
    });
    let floor = reference.iter().copied().fold(f32::NEG_INFINITY, f32::max) + FLOOR_DB;
    let (mut sum, mut count) = (0.0f64, 0u32);
    for (a, b) in sound.into_iter().zip(reference) {
        if a > floor || b > floor {
            sum += f64::from(a.max(floor) - b.max(floor)).powi(2);
            count += 1;
        }
    }
    (sum / f64::from(count.max(1))).sqrt() as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use riffsmith_dsp::{SampleRate, Seed};

    #[test]
    fn a_sound_6_db_softer_is_6_db_away() {
        let mut rng = Seed(1).rng();
        let frames = (0..20_000).map(|_| rng.bipolar()).map(|sample| [sample, sample]).collect();
        let noise = AudioBuffer { sample_rate: SampleRate::CD, frames };
        let mut softer = noise.clone();
        softer.scale(0.5);
        assert_eq!(log_spectral_distance_db(&noise, &noise), 0.0);
        assert!((log_spectral_distance_db(&softer, &noise) - 6.02).abs() < 0.01);
    }
}
