//! Echo density, decay per octave and modes of the reverbs.

use crate::measure::{context, db, powers};
use riffsmith_dsp::StereoFrame;
use riffsmith_dsp::effect::{EffectSpec, MAX_BLOCK, Reverb, ReverbKind};
use rustfft::{FftPlanner, num_complex::Complex64};

const RATE_HZ: f64 = 44_100.0;

/// The room's answer to a click on one side, `delay` frames after the room was built: its modulation is elsewhere each time.
fn response(spec: &Reverb, seconds: f64, delay: usize, side: usize) -> Vec<StereoFrame> {
    let mut effect = EffectSpec::Reverb(spec.clone()).build(&context());
    let mut frames = vec![[0.0; 2]; delay + (seconds * RATE_HZ) as usize];
    frames[delay][side] = 1.0;
    frames.chunks_mut(MAX_BLOCK).for_each(|block| effect.process(block, None));
    frames.split_off(delay)
}

/// Normalised echo density at every millisecond: the share of samples beyond the standard deviation in a window of 20 ms, over
/// that of Gaussian noise (Abel and Huang, "A simple, robust measure of reverberation echo density", 2006).
fn echo_density(samples: &[f32]) -> Vec<f64> {
    const GAUSSIAN: f64 = 0.317_3;
    let window = (0.020 * RATE_HZ) as usize;
    let step = (0.001 * RATE_HZ) as usize;
    let density = |samples: &[f32]| {
        let weight = |n: usize| (std::f64::consts::PI * (n as f64 + 0.5) / window as f64).sin().powi(2);
        let weights: f64 = (0..window).map(weight).sum();
        let power = samples.iter().enumerate().map(|(n, x)| weight(n) * f64::from(*x).powi(2)).sum::<f64>() / weights;
        let beyond = samples.iter().enumerate().filter(|(_, x)| f64::from(**x).powi(2) > power);
        beyond.map(|(n, _)| weight(n)).sum::<f64>() / weights / GAUSSIAN
    };
    (0..samples.len() - window).step_by(step).map(|start| density(&samples[start..start + window])).collect()
}

/// Time for 60 dB in the octave around `hz`, by Schroeder's backward integration from -5 to -35 dB ("New method of measuring
/// reverberation time", 1965).
fn decay_s(responses: &[Vec<StereoFrame>], hz: f64) -> f64 {
    let length = responses[0].len();
    let mut energies = vec![0.0; length];
    for response in responses {
        for channel in 0..2 {
            let samples: Vec<f64> = response.iter().map(|frame| f64::from(frame[channel])).collect();
            let band = octave(&samples, hz);
            energies.iter_mut().zip(band).for_each(|(energy, x)| *energy += x * x);
        }
    }
    let mut sum = 0.0;
    for energy in energies.iter_mut().rev() {
        sum += *energy;
        *energy = sum;
    }
    let reach =
        |level_db: f64| energies.iter().position(|energy| db(energy / energies[0]) < level_db).unwrap_or(length);
    2.0 * (reach(-35.0) as f64 - reach(-5.0) as f64) / RATE_HZ
}

/// The octave around `hz`, by Fourier transform with twice the room; its edges fall over a twelfth of an octave.
fn octave(samples: &[f64], hz: f64) -> Vec<f64> {
    let size = (2 * samples.len()).next_power_of_two();
    let mut bins = vec![Complex64::default(); size];
    bins.iter_mut().zip(samples).for_each(|(bin, sample)| bin.re = *sample);
    let mut planner = FftPlanner::new();
    planner.plan_fft_forward(size).process(&mut bins);
    for (index, bin) in bins.iter_mut().enumerate() {
        let bin_hz = index.min(size - index) as f64 * RATE_HZ / size as f64;
        let octaves = (bin_hz.max(1e-3) / hz).log2().abs();
        let gain = (6.5 - 12.0 * octaves).clamp(0.0, 1.0);
        *bin *= (0.5 * std::f64::consts::PI * gain).sin();
    }
    planner.plan_fft_inverse(size).process(&mut bins);
    bins[..samples.len()].iter().map(|bin| bin.re).collect()
}

/// The time for 60 dB that the octave around `hz` is set to: its curve of decay, if every frequency in it falls in the time set.
fn set_decay_s(spec: &Reverb, hz: f64) -> f64 {
    const POINTS: usize = 64;
    let rates: Vec<f64> = (0..POINTS)
        .map(|point| hz * ((point as f64 + 0.5) / POINTS as f64 - 0.5).exp2())
        .map(|hz| 13.815_5 / spec.decay_at_s(hz, context().sample_rate))
        .collect();
    // Energy left after t: the integral of each exponential, weighted by its bandwidth.
    let energies: Vec<f64> = rates.iter().enumerate().map(|(n, _)| (n as f64 / POINTS as f64).exp2()).collect();
    let left =
        |t: f64| rates.iter().zip(&energies).map(|(rate, energy)| energy * (-rate * t).exp() / rate).sum::<f64>();
    let reach = |level_db: f64| (0..200_000).map(|n| n as f64 * 1e-4).find(|&t| db(left(t) / left(0.0)) < level_db);
    2.0 * (reach(-35.0).unwrap_or(20.0) - reach(-5.0).unwrap_or(20.0))
}

/// How far the strongest mode stands out from the mean of 100 Hz around it, in dB, from 200 Hz to 8 kHz: late spectra of
/// 32 clicks, each with the modulation elsewhere, averaged, so that what is left is the room's and not chance.
fn worst_mode_db(spec: &Reverb) -> f64 {
    const SIZE: usize = 32_768;
    let late = (0.35 * f64::from(spec.decay_s) * RATE_HZ) as usize;
    let mut sums = vec![0.0; SIZE / 2];
    for click in 0..32 {
        let response = response(spec, (late + SIZE) as f64 / RATE_HZ + 0.01, 7_001 * click, click % 2);
        let late: Vec<StereoFrame> = response[late..].to_vec();
        for side in [0, 1] {
            // The decay taken out, so that the whole window counts.
            let sample = |n: usize| {
                let rise = (6.907_8 * n as f64 / (f64::from(spec.decay_s) * RATE_HZ)).exp();
                let hann = (std::f64::consts::PI * n as f64 / SIZE as f64).sin().powi(2);
                f64::from(late[n][side]) * rise * hann
            };
            sums.iter_mut().zip(powers((0..SIZE).map(sample))).for_each(|(sum, power)| *sum += power);
        }
    }
    let bin = |hz: f64| (hz * SIZE as f64 / RATE_HZ) as usize;
    let reach = bin(50.0);
    let standing_out = |n: usize| sums[n] / (sums[n - reach..=n + reach].iter().sum::<f64>() / (2 * reach + 1) as f64);
    db((bin(200.0)..bin(8_000.0)).map(standing_out).fold(0.0, f64::max))
}

pub fn print() {
    const OCTAVES_HZ: [f64; 7] = [125.0, 250.0, 500.0, 1_000.0, 2_000.0, 4_000.0, 8_000.0];
    let dry = Reverb { mix: 1.0, low_cut_hz: 20.0, predelay_ms: 0.0, ..Reverb::default() };
    let rooms = [
        (
            "room, size 0.4, 0.5 s, damping 0.3",
            Reverb { kind: ReverbKind::Room, size: 0.4, decay_s: 0.5, damping: 0.3, ..dry.clone() },
        ),
        ("room, 1 s, damping 0.5", Reverb { kind: ReverbKind::Room, decay_s: 1.0, ..dry.clone() }),
        ("hall, size 0.3, 0.5 s, damping 0.3", Reverb { size: 0.3, decay_s: 0.5, damping: 0.3, ..dry.clone() }),
        ("hall, 1.8 s, damping 0.5", dry.clone()),
        ("hall, 3 s, undamped", Reverb { decay_s: 3.0, damping: 0.0, ..dry.clone() }),
        ("hall, size 2, 6 s, damping 0.7", Reverb { size: 2.0, decay_s: 6.0, damping: 0.7, ..dry.clone() }),
        ("plate, 1.8 s, damping 0.3", Reverb { kind: ReverbKind::Plate, damping: 0.3, ..dry.clone() }),
        ("plate, 3 s, undamped", Reverb { kind: ReverbKind::Plate, decay_s: 3.0, damping: 0.0, ..dry }),
    ];
    println!(
        "Time until the echo density is 0.9 and 1.0 of noise's; decay per octave, measured (set); strongest mode.\n"
    );
    println!("| room | 0.9 | 1.0 | {} | worst | mode |", OCTAVES_HZ.map(|hz| format!("{hz} Hz")).join(" | "));
    println!("|---|---:|---:|{}---:|---:|", "---:|".repeat(OCTAVES_HZ.len()));
    for (name, spec) in rooms {
        let responses = [
            response(&spec, 1.3 * f64::from(spec.decay_s), 0, 0),
            response(&spec, 1.3 * f64::from(spec.decay_s), 20_000, 1),
        ];
        let left: Vec<f32> = responses[0].iter().map(|frame| frame[0]).collect();
        let density = echo_density(&left[..(0.9 * RATE_HZ * f64::from(spec.decay_s.min(1.0))) as usize]);
        let dense = |level: f64| {
            density.iter().position(|&density| density >= level).map_or("-".to_owned(), |ms| format!("{} ms", ms + 10))
        };
        let mut worst = 0.0f64;
        let decays = OCTAVES_HZ.map(|hz| {
            let (measured, set) = (decay_s(&responses, hz), set_decay_s(&spec, hz));
            worst = if (measured / set - 1.0).abs() > worst.abs() { measured / set - 1.0 } else { worst };
            format!("{measured:.2} ({set:.2})")
        });
        println!(
            "| {name} | {} | {} | {} | {:+.1} % | {:.1} dB |",
            dense(0.9),
            dense(1.0),
            decays.join(" | "),
            100.0 * worst,
            worst_mode_db(&spec)
        );
    }
    println!();
}
