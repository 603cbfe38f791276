//! Energy off the harmonics, for every semitone from C1 to C8 at 44.1 kHz.

use crate::play::{instrument, rate, render, strike};
use riffsmith_dsp::units::{hz_to_pitch, pitch_to_hz};
use rustfft::FftPlanner;
use rustfft::num_complex::Complex64;

const FRAMES: usize = 1 << 16;
const RATE_HZ: f64 = 44_100.0;
/// Frames in which the attack ends, and what is late arrives.
const SETTLE: usize = 8192;
/// Harmonics above this are not counted, in hertz.
const HEARD_HZ: f64 = 18_000.0;

/// Frequency of the waveform over that of the period that restarts it.
const SYNC_RATIO: f64 = 2.7;
const PULSE_WIDTH: f64 = 0.25;

pub fn print() {
    println!("Energy off the harmonics, relative to the harmonics below 18 kHz, C1 to C8 at 44.1 kHz, in dB:\n");
    println!("| waveform | worst | at | median | PolyBLEP worst | PolyBLEP median |");
    println!("|---|---:|---|---:|---:|---:|");
    type Reference = fn(f64) -> Vec<f64>;
    let rows: [(&str, Reference); 4] = [
        ("init_saw", |step| poly_blep(step, 1.0, &[(0.0, 2.0)])),
        ("init_square", |step| poly_blep(step, 1.0, &[(0.0, 2.0), (0.5, -2.0)])),
        ("init_pulse", |step| poly_blep(step, 1.0, &[(0.0, 2.0), (PULSE_WIDTH, -2.0)])),
        ("init_sync", |step| poly_blep(step, SYNC_RATIO, &[(0.0, 2.0)])),
    ];
    for (name, reference) in rows {
        let instrument = instrument(name);
        let mut ours = Vec::new();
        let mut theirs = Vec::new();
        for pitch in 24..=108 {
            let bin = bin_of(pitch);
            let exact = hz_to_pitch(bin as f64 * RATE_HZ / FRAMES as f64);
            let mut voice = strike(&instrument, exact, rate(44_100));
            let sound = render(&mut *voice, SETTLE + FRAMES);
            ours.push((off_harmonics_db(&sound[SETTLE..], bin), pitch));
            theirs.push((off_harmonics_db(&reference(bin as f64 / FRAMES as f64), bin), pitch));
        }
        let [ours, theirs] = [ours, theirs].map(|mut rows| {
            rows.sort_by(|a, b| a.0.total_cmp(&b.0));
            (rows[rows.len() - 1], rows[rows.len() / 2].0)
        });
        println!(
            "| {name} | {:.1} | MIDI {} | {:.1} | {:.1} | {:.1} |",
            ours.0.0, ours.0.1, ours.1, theirs.0.0, theirs.1
        );
    }
}

/// The odd FFT bin nearest to a pitch: with an odd one, no alias falls onto a harmonic.
fn bin_of(pitch: u8) -> usize {
    let bin = pitch_to_hz(f64::from(pitch)) * FRAMES as f64 / RATE_HZ;
    2 * (bin / 2.0) as usize + 1
}

/// Every partial and every alias is exactly in a bin, so no window is needed. DC is left out.
fn off_harmonics_db(samples: &[f64], bin: usize) -> f64 {
    let mut spectrum: Vec<Complex64> = samples.iter().map(|&sample| Complex64::new(sample, 0.0)).collect();
    FftPlanner::new().plan_fft_forward(FRAMES).process(&mut spectrum);
    let heard = (HEARD_HZ / RATE_HZ * FRAMES as f64) as usize;
    let energy = |indices: &mut dyn Iterator<Item = usize>| indices.map(|k| spectrum[k].norm_sqr()).sum::<f64>();
    let at = energy(&mut (bin..heard).step_by(bin));
    let between = energy(&mut (1..FRAMES / 2).filter(|k| k % bin != 0));
    10.0 * (between / at).log10()
}

/// Two-point polynomial band-limited steps (Välimäki, Pekonen and Nam, "Perceptually informed synthesis of bandlimited classical
/// waveforms using integrated polynomial interpolation", 2012) on a waveform of straight lines with `steps` at phases; it runs
/// `ratio` times as fast as the period that restarts it.
fn poly_blep(step: f64, ratio: f64, steps: &[(f64, f64)]) -> Vec<f64> {
    let is_pulse = steps.len() > 1;
    let value = |phase: f64| match steps {
        [_, (fall, _)] => {
            if phase < *fall {
                1.0
            } else {
                -1.0
            }
        }
        _ => 1.0 - 2.0 * phase,
    };
    let mut samples = vec![0.0; FRAMES + 2];
    // Before and after a step that lies `ago` frames before sample n.
    let correct = |samples: &mut Vec<f64>, n: usize, ago: f64, jump: f64| {
        samples[n - 1] += 0.5 * jump * ago * ago;
        samples[n] -= 0.5 * jump * (1.0 - ago) * (1.0 - ago);
    };
    let (mut period, mut phase) = (0.0, 0.0);
    for n in 1..=FRAMES {
        let before: f64 = phase;
        period += step;
        phase += ratio * step;
        let restart = (period >= 1.0).then(|| (period - 1.0) / step);
        let end = restart.map_or(phase, |ago| phase - ratio * step * ago);
        for &(at, jump) in steps {
            let turns = (end - at).floor();
            // At a restart the step at phase 0 is that of the restart itself.
            if turns + at > before && !(restart.is_some() && turns + at >= end - 1e-12) {
                correct(&mut samples, n, (phase - turns - at) / (ratio * step), jump);
            }
        }
        if let Some(ago) = restart {
            period -= 1.0;
            let left = end - (end - 1e-12).floor();
            correct(&mut samples, n, ago, value(0.0) - value(left.min(1.0)));
            phase = ratio * step * ago;
        }
        phase = if is_pulse || restart.is_none() { phase.fract() } else { phase };
        samples[n] += value(phase);
    }
    samples[1..=FRAMES].to_vec()
}
