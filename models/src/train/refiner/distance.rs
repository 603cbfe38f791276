//! How far a sound is from its reference.

use crate::refiner::bands::HEARD_DB;
use riffsmith_dsp::AudioBuffer;
use riffsmith_dsp::spectral::{Edges, Spectrogram, Stft};

/// Window of the measure, at 44.1 kHz 46 ms.
const FFT_SIZE: usize = 2048;
const HOP: usize = 512;

/// Cells this far below the loudest cell of the reference count as silent, in dB.
pub(super) const FLOOR_DB: f32 = -HEARD_DB;

/// Windows of the multi-resolution loss, with hops of a quarter of them.
const RESOLUTIONS: [usize; 3] = [512, 1024, 4096];

/// Log-spectral distance in dB (after Gray and Markel, "Distance Measures for Speech Processing", 1976): the root mean square
/// of the difference of the levels of two sounds in dB, over all cells of a short-time spectrum (periodic Hann, 2048 samples,
/// hop 512, sum of both channels) in which at least one of the two is above the floor, 70 dB below the loudest cell of the
/// reference; levels below the floor are taken as the floor.
///
/// Both sounds are expected to have been brought to the same level and onset.
pub fn log_spectral_distance_db(sound: &AudioBuffer, reference: &AudioBuffer) -> f32 {
    let stft = Stft::new(FFT_SIZE, HOP);
    let [sound, reference] = [sound, reference].map(|audio| spectrum(&stft, audio).levels_db(-200.0));
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

/// [`log_spectral_distance_db`] with the mean over the same cells whatever `sound` is: those in which `reference` or `ours`, the
/// unrefined sound, is above the floor. Where neither is and `sound` is, it adds its error to the sum and nothing to the count, so
/// that a bed of noise cannot make it smaller.
pub fn fixed_distance_db(sound: &AudioBuffer, reference: &AudioBuffer, ours: &AudioBuffer) -> f32 {
    let stft = Stft::new(FFT_SIZE, HOP);
    let [sound, reference, ours] = [sound, reference, ours].map(|audio| spectrum(&stft, audio).levels_db(-200.0));
    let floor = reference.iter().copied().fold(f32::NEG_INFINITY, f32::max) + FLOOR_DB;
    let (mut sum, mut count) = (0.0f64, 0u32);
    for ((a, b), own) in sound.into_iter().zip(reference).zip(ours) {
        sum += f64::from(a.max(floor) - b.max(floor)).powi(2);
        count += u32::from(b > floor || own > floor);
    }
    (sum / f64::from(count.max(1))).sqrt() as f32
}

/// Multi-resolution STFT loss (Yamamoto, Song and Kim, "Parallel WaveGAN", 2020): the mean, over windows of 512, 1024 and 4096
/// samples, of the spectral convergence and of the mean absolute difference of log magnitudes (natural, nothing below 70 dB under
/// the reference's loudest cell). None of the windows is the refiner's own.
pub fn multi_resolution_loss(sound: &AudioBuffer, reference: &AudioBuffer) -> f32 {
    let at = |fft_size: usize| {
        let stft = Stft::new(fft_size, fft_size / 4);
        let [sound, reference] = [sound, reference].map(|audio| spectrum(&stft, audio).magnitudes());
        let floor = reference.iter().copied().fold(f32::MIN_POSITIVE, f32::max) * 10f32.powf(FLOOR_DB / 20.0);
        let (mut error, mut energy, mut logs) = (0.0f64, 0.0f64, 0.0f64);
        for (a, b) in sound.iter().zip(&reference) {
            error += f64::from(a - b).powi(2);
            energy += f64::from(*b).powi(2);
            logs += f64::from((a.max(floor) / b.max(floor)).ln().abs());
        }
        (error / energy.max(f64::MIN_POSITIVE)).sqrt() + logs / reference.len().max(1) as f64
    };
    (RESOLUTIONS.map(at).iter().sum::<f64>() / RESOLUTIONS.len() as f64) as f32
}

fn spectrum(stft: &Stft, audio: &AudioBuffer) -> Spectrogram {
    stft.analyze(&audio.mono(), audio.sample_rate, Edges::Silence)
}

#[cfg(test)]
mod tests {
    use super::*;
    use riffsmith_dsp::{SampleRate, Seed};

    fn noise() -> AudioBuffer {
        let mut rng = Seed(1).rng();
        let frames = (0..20_000).map(|_| rng.bipolar()).map(|sample| [sample, sample]).collect();
        AudioBuffer { sample_rate: SampleRate::CD, frames }
    }

    #[test]
    fn a_sound_6_db_softer_is_6_db_away() {
        let mut softer = noise();
        softer.scale(0.5);
        assert_eq!(log_spectral_distance_db(&noise(), &noise()), 0.0);
        assert!((log_spectral_distance_db(&softer, &noise()) - 6.02).abs() < 0.01);
        assert!((fixed_distance_db(&softer, &noise(), &noise()) - 6.02).abs() < 0.01);
    }

    #[test]
    fn a_bed_of_noise_makes_the_fixed_distance_larger() {
        let tone = |gain: f32, bed: f32| {
            let mut audio = noise();
            for (i, frame) in audio.frames.iter_mut().enumerate() {
                *frame = [gain * (0.1 * i as f32).sin() + bed * frame[0]; 2];
            }
            audio
        };
        let (reference, ours, hissing) = (tone(1.0, 0.0), tone(0.1, 0.0), tone(0.1, 0.03));
        let loose = |sound: &AudioBuffer| log_spectral_distance_db(sound, &reference);
        let fixed = |sound: &AudioBuffer| fixed_distance_db(sound, &reference, &ours);
        assert!(loose(&hissing) < loose(&ours) && fixed(&hissing) > fixed(&ours));
    }

    #[test]
    fn the_loss_of_half_the_sound_is_a_half_and_its_logarithm() {
        let mut softer = noise();
        softer.scale(0.5);
        assert_eq!(multi_resolution_loss(&noise(), &noise()), 0.0);
        let loss = multi_resolution_loss(&softer, &noise());
        assert!((loss - (0.5 + std::f32::consts::LN_2)).abs() < 0.01, "{loss}");
    }
}
