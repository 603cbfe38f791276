//! The pitch of every pitched instrument.

use crate::play::{rate, render, strike};
use riffsmith_dsp::instrument::INSTRUMENTS;
use riffsmith_dsp::units::pitch_to_hz;
use rustfft::num_complex::Complex64;
use std::f64::consts::TAU;

const RATES_HZ: [u32; 3] = [44_100, 48_000, 96_000];

pub fn print() {
    println!("Largest error of the fundamental over C1, C2 .. C8, in cents:\n");
    println!("| instrument | 44.1 kHz | 48 kHz | 96 kHz | where |");
    println!("|---|---:|---:|---:|---|");
    for entry in INSTRUMENTS.iter().filter(|entry| entry.name != "kit") {
        let instrument = (entry.default)();
        let worst = RATES_HZ.map(|rate_hz| {
            let errors = (24..=108).step_by(12).map(|pitch| {
                let pitch = f64::from(pitch);
                let mut voice = strike(&instrument, pitch, rate(rate_hz));
                let sound = render(&mut *voice, (0.6 * f64::from(rate_hz)) as usize);
                (cents_off(&sound, pitch, f64::from(rate_hz)), pitch)
            });
            errors
                .fold((0.0, 0.0), |worst: (f64, f64), error| if error.0.abs() > worst.0.abs() { error } else { worst })
        });
        let [a, b, c] = worst;
        let where_ = worst.map(|(_, pitch)| format!("C{}", pitch as u32 / 12 - 1)).join(", ");
        println!("| {} | {:.3} | {:.3} | {:.3} | {where_} |", entry.name, a.0, b.0, c.0);
    }
}

/// From the phase that a Hann-windowed stretch gains over another, some periods earlier.
fn cents_off(samples: &[f64], pitch: f64, rate_hz: f64) -> f64 {
    let hz = pitch_to_hz(pitch);
    let length = (0.3 * rate_hz) as usize;
    let hop = (4.0 * rate_hz / hz).round() as usize;
    let start = (0.05 * rate_hz) as usize;
    let bin = |start: usize| -> Complex64 {
        (0..length)
            .map(|n| {
                let window = 0.5 - 0.5 * (TAU * n as f64 / length as f64).cos();
                Complex64::from_polar(samples[start + n] * window, -TAU * hz / rate_hz * (start + n) as f64)
            })
            .sum()
    };
    let gained = (bin(start + hop) * bin(start).conj()).arg();
    1200.0 * (1.0 + gained / TAU * rate_hz / hop as f64 / hz).log2()
}
