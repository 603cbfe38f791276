//! Band-limited single cycles, one for each third of an octave, so that no harmonic is ever above half the sample rate.

mod cycle;
mod morph;
mod tables;

pub use cycle::{Cycle, SHORT, Short};
pub use morph::{FRAMES, MorphTable, TableOscillator};
pub use tables::{TABLES, Table, TableEntry};

use realfft::RealFftPlanner;
use realfft::num_complex::Complex64;
use std::f64::consts::PI;
use std::sync::LazyLock;

/// Most harmonics in a classic waveform: up to 20 kHz for a fundamental of 20 Hz.
const MAX_HARMONICS: usize = 1024;

/// The cycles of one waveform, those with most harmonics first.
#[derive(Debug)]
pub struct Wavetable {
    cycles: Vec<Cycle>,
}

impl Wavetable {
    /// From the amplitude of each harmonic in sine phase, 1 being the fundamental.
    fn new(amplitude: impl Fn(usize) -> f64) -> Self {
        let mut planner = RealFftPlanner::new();
        // A sine of amplitude a is -i a / 2 in its bin of an unnormalised inverse transform.
        let spectrum: Vec<Complex64> = (0..=MAX_HARMONICS)
            .map(|k| if k == 0 { Complex64::default() } else { Complex64::new(0.0, -0.5 * amplitude(k)) })
            .collect();
        let cycles = thirds(MAX_HARMONICS).map(|count| Cycle::of_spectrum(&spectrum, count, &mut planner)).collect();
        Self { cycles }
    }

    /// Which cycle has most harmonics of which none is above half the sample rate, for a phase that grows by `increment` (of 2^32)
    /// per frame.
    ///
    /// It is mostly the one before, `last`.
    pub fn level(&self, increment: u32, last: Option<usize>) -> usize {
        let fits = |level: usize| self.cycles[level].harmonics as u64 * u64::from(increment.max(1)) <= 1 << 31;
        if let Some(last) = last
            && fits(last)
            && (last == 0 || !fits(last - 1))
        {
            return last;
        }
        let level = self.cycles.partition_point(|cycle| cycle.harmonics > room(increment));
        level.min(self.cycles.len() - 1)
    }

    /// One of the cycles.
    pub fn cycle(&self, level: usize) -> &Cycle {
        &self.cycles[level]
    }
}

/// How many harmonics fit below half the sample rate.
fn room(increment: u32) -> usize {
    (1usize << 31) / increment.max(1) as usize
}

/// Numbers of harmonics from `most` down to 1, in steps of a third of an octave.
fn thirds(most: usize) -> impl Iterator<Item = usize> {
    let mut last = 0;
    (0..=30)
        .map(move |third| (most as f64 * (-f64::from(third) / 3.0).exp2()).round() as usize)
        .filter(move |&count| count > 0 && std::mem::replace(&mut last, count) != count)
}

/// Falls from 1 to -1 in each cycle: harmonics 1/k.
pub static SAW: LazyLock<Wavetable> = LazyLock::new(|| Wavetable::new(|k| 2.0 / (PI * k as f64)));

/// 1, then -1: odd harmonics, 1/k. A pulse of half the width in one table.
pub static SQUARE: LazyLock<Wavetable> =
    LazyLock::new(|| Wavetable::new(|k| if k % 2 == 1 { 4.0 / (PI * k as f64) } else { 0.0 }));

/// Odd harmonics, 1/k^2, signs alternating.
pub static TRIANGLE: LazyLock<Wavetable> = LazyLock::new(|| {
    Wavetable::new(|k| match k % 4 {
        1 => 8.0 / (PI * k as f64).powi(2),
        3 => -8.0 / (PI * k as f64).powi(2),
        _ => 0.0,
    })
});
