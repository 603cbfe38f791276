//! No oscillator sounds between its harmonics.

use super::{Oscillator, Waveform};
use crate::units::gain_to_db;
use rustfft::FftPlanner;
use rustfft::num_complex::Complex64;

const FRAMES: usize = 1 << 16;

/// Energy between the harmonics over energy at them, in decibels, for a fundamental in bin `bin`. Every partial and every alias
/// is exactly in a bin, so no window is needed; `bin` is prime, so no alias falls onto a harmonic.
fn aliasing_db(waveform: Waveform, bin: u32, width: f32) -> f32 {
    let mut oscillator = Oscillator::new(waveform, 0);
    let mut samples = vec![0.0; FRAMES];
    oscillator.fill(&mut samples, bin << 16, width);
    let mut spectrum: Vec<Complex64> = samples.iter().map(|&sample| Complex64::new(f64::from(sample), 0.0)).collect();
    FftPlanner::new().plan_fft_forward(FRAMES).process(&mut spectrum);
    let (mut at, mut between) = (0.0, 0.0);
    for (index, value) in spectrum.iter().enumerate().take(FRAMES / 2) {
        let energy = if index % bin as usize == 0 { &mut at } else { &mut between };
        *energy += value.norm_sqr();
    }
    gain_to_db((between / at).sqrt() as f32)
}

#[test]
fn nothing_sounds_between_the_harmonics() {
    // At 44.1 kHz: 34, 129, 443, 1 765, 5 300 and 9 300 Hz.
    for bin in [53, 193, 659, 2621, 7877, 13_829] {
        for (waveform, width) in [
            (Waveform::Sine, 0.5),
            (Waveform::Triangle, 0.5),
            (Waveform::Saw, 0.5),
            (Waveform::Pulse, 0.5),
            (Waveform::Pulse, 0.13),
        ] {
            let db = aliasing_db(waveform, bin, width);
            // Naive oscillators are at -45 to -10 dB here. Linear interpolation leaves -74 dB or less.
            assert!(db < -70.0, "{waveform:?} at bin {bin}: {db:.1} dB");
        }
    }
}

#[test]
fn waveforms_have_their_harmonics() {
    let mut saw = vec![0.0; FRAMES];
    Oscillator::new(Waveform::Saw, 0).fill(&mut saw, 64 << 16, 0.5);
    let mut spectrum: Vec<Complex64> = saw.iter().map(|&sample| Complex64::new(f64::from(sample), 0.0)).collect();
    FftPlanner::new().plan_fft_forward(FRAMES).process(&mut spectrum);
    for harmonic in 1..=100 {
        let amplitude = spectrum[64 * harmonic].norm() / (FRAMES / 2) as f64;
        let expected = 2.0 / (std::f64::consts::PI * harmonic as f64);
        // Linear interpolation lowers the hundredth harmonic of 8192 samples by sinc^2(100 / 8192): 0.05 %.
        assert!((amplitude / expected - 1.0).abs() < 1e-3, "harmonic {harmonic}: {amplitude} {expected}");
    }
}
