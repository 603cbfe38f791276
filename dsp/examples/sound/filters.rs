//! Where the filters cut off, and whether fast modulation blows them up.

use crate::play::rate;
use riffsmith_dsp::filter::{Comb, FilterMode, Ladder, MAX_FRAMES, Svf, SvfCoefficients};
use riffsmith_dsp::{SampleRate, Seed};
use rustfft::num_complex::Complex64;
use std::f64::consts::{FRAC_1_SQRT_2, TAU};

/// A filter of unit state: samples in place, with a cutoff for each.
type Run = Box<dyn FnMut(&mut [f32], &[f32])>;

const CUTOFFS_HZ: [f64; 6] = [50.0, 200.0, 1_000.0, 4_000.0, 8_000.0, 12_000.0];
const FRAMES: usize = 1 << 15;

pub fn print() {
    println!(
        "Largest error of the cutoff from 50 Hz to 12 kHz (comb: 8 kHz) at 44.1 kHz, and peak of ten seconds of noise (-12 dB) at full"
    );
    println!("resonance while the cutoff swings by two octaves at 1 kHz:\n");
    println!("| filter | cutoff error | where | peak |");
    println!("|---|---:|---:|---:|");
    let rate = rate(44_100);
    for (name, mode) in
        [("low", FilterMode::Low), ("band", FilterMode::Band), ("high", FilterMode::High), ("notch", FilterMode::Notch)]
    {
        let error = worst(&CUTOFFS_HZ, |cutoff_hz| svf_cutoff(mode, cutoff_hz, rate));
        row(name, error, peak(svf(mode, 40.0, rate)));
    }
    row("ladder", worst(&CUTOFFS_HZ, |cutoff_hz| ladder_cutoff(cutoff_hz, rate)), peak(ladder(1.0, rate)));
    row("comb", worst(&CUTOFFS_HZ[..5], |cutoff_hz| comb_cutoff(cutoff_hz, rate)), peak(comb(1.0, rate)));
}

fn row(name: &str, (error, cutoff_hz): (f64, f64), peak: f32) {
    println!("| {name} | {:.3} % | {cutoff_hz} Hz | {:.1} dB |", 100.0 * error, 20.0 * peak.log10());
}

/// The largest error of a measured cutoff, and for which one.
fn worst(cutoffs_hz: &[f64], measured: impl Fn(f64) -> f64) -> (f64, f64) {
    let errors = cutoffs_hz.iter().map(|&cutoff_hz| ((measured(cutoff_hz) / cutoff_hz - 1.0).abs(), cutoff_hz));
    errors.fold((0.0, 0.0), |worst, error| if error.0 > worst.0 { error } else { worst })
}

fn svf(mode: FilterMode, q: f32, rate: SampleRate) -> Run {
    let mut svf = Svf::default();
    Box::new(move |samples, cutoffs_hz| {
        for (sample, &cutoff_hz) in samples.iter_mut().zip(cutoffs_hz) {
            *sample = svf.process(&SvfCoefficients::tuned(mode, cutoff_hz, q, rate), *sample);
        }
    })
}

fn ladder(resonance: f32, rate: SampleRate) -> Run {
    let mut ladder = Ladder::default();
    Box::new(move |samples, cutoffs_hz| {
        for (block, cutoffs_hz) in samples.chunks_mut(MAX_FRAMES).zip(cutoffs_hz.chunks(MAX_FRAMES)) {
            let mut warped = [0.0; MAX_FRAMES];
            warped.iter_mut().zip(cutoffs_hz).for_each(|(warped, &hz)| *warped = Ladder::warp(hz, rate));
            ladder.process([block], &warped, &[resonance; MAX_FRAMES], 1.0);
        }
    })
}

fn comb(resonance: f32, rate: SampleRate) -> Run {
    let mut comb = Comb::new(rate);
    Box::new(move |samples, cutoffs_hz| {
        for (sample, &cutoff_hz) in samples.iter_mut().zip(cutoffs_hz) {
            *sample = comb.process(*sample, rate.hz() as f32 / cutoff_hz, resonance);
        }
    })
}

/// The magnitude at any frequency, from the answer to a small impulse.
fn response(mut run: Run, cutoff_hz: f64, rate: SampleRate) -> impl Fn(f64) -> f64 {
    let mut impulse = vec![0.0f32; FRAMES];
    impulse[0] = 1e-3;
    run(&mut impulse, &vec![cutoff_hz as f32; FRAMES]);
    move |hz| {
        let step = -TAU * hz / rate.hz();
        let sum: Complex64 =
            impulse.iter().enumerate().map(|(n, &y)| Complex64::from_polar(1e3 * f64::from(y), step * n as f64)).sum();
        sum.norm()
    }
}

/// Where the magnitude crosses `level`, between two frequencies.
fn crossing(magnitude: &impl Fn(f64) -> f64, level: f64, mut low: f64, mut high: f64) -> f64 {
    let rises = magnitude(high) > level;
    for _ in 0..40 {
        let middle = (low * high).sqrt();
        if (magnitude(middle) > level) == rises {
            high = middle;
        } else {
            low = middle;
        }
    }
    low
}

fn svf_cutoff(mode: FilterMode, cutoff_hz: f64, rate: SampleRate) -> f64 {
    let magnitude = response(svf(mode, FRAC_1_SQRT_2 as f32, rate), cutoff_hz, rate);
    let top = (4.0 * cutoff_hz).min(0.499 * rate.hz());
    match mode {
        FilterMode::Low | FilterMode::High => crossing(&magnitude, FRAC_1_SQRT_2, cutoff_hz / 4.0, top),
        // The extremum: where the magnitude a little above is that a little below.
        FilterMode::Band | FilterMode::Notch => extremum(&magnitude, cutoff_hz),
    }
}

/// The frequency near `hz` about which the magnitude is even, within 5 %.
fn extremum(magnitude: &impl Fn(f64) -> f64, hz: f64) -> f64 {
    let slope = |at: f64| magnitude(at * 1.002) - magnitude(at / 1.002);
    let (mut low, mut high) = (hz / 1.05, (hz * 1.05).min(21_500.0));
    let sign = slope(low).signum();
    for _ in 0..30 {
        let middle = (low * high).sqrt();
        if slope(middle) * sign > 0.0 { low = middle } else { high = middle }
    }
    low
}

/// Without resonance: four poles of -3 dB each.
fn ladder_cutoff(cutoff_hz: f64, rate: SampleRate) -> f64 {
    let magnitude = response(ladder(0.0, rate), cutoff_hz, rate);
    crossing(&magnitude, 0.25 * magnitude(cutoff_hz / 50.0), cutoff_hz / 4.0, (4.0 * cutoff_hz).min(21_500.0))
}

fn comb_cutoff(cutoff_hz: f64, rate: SampleRate) -> f64 {
    extremum(&response(comb(0.9, rate), cutoff_hz, rate), cutoff_hz)
}

/// The peak of ten seconds of noise while the cutoff swings between 250 Hz and 4 kHz.
fn peak(mut run: Run) -> f32 {
    let mut rng = Seed(1).rng();
    let mut samples: Vec<f32> = (0..441_000).map(|_| 0.25 * rng.bipolar()).collect();
    let cutoffs: Vec<f32> =
        (0..samples.len()).map(|n| 1000.0 * (2.0 * (TAU * n as f64 * 1000.0 / 44_100.0).sin()).exp2() as f32).collect();
    run(&mut samples, &cutoffs);
    samples.iter().fold(0.0, |peak, sample| if sample.is_finite() { peak.max(sample.abs()) } else { f32::INFINITY })
}
