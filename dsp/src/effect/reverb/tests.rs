//! Decay, density and modes of the reverbs.

use super::*;
use crate::score::Tempo;
use rustfft::{FftPlanner, num_complex::Complex};

/// What a click on one side, `delay` frames after the start, leaves on both.
fn response(spec: &Reverb, seconds: f64, delay: usize, side: usize) -> Vec<StereoFrame> {
    let tempo = Tempo::new(120.0).expect("valid");
    let mut effect = spec.build(&EffectContext { sample_rate: SampleRate::CD, tempo, period_frames: None });
    let mut frames = vec![[0.0; 2]; delay + SampleRate::CD.frames(seconds)];
    frames[delay][side] = 1.0;
    frames.chunks_mut(MAX_BLOCK).for_each(|block| effect.process(block, None));
    frames.split_off(delay)
}

fn every_kind() -> [Reverb; 3] {
    let wet = Reverb { mix: 1.0, low_cut_hz: 20.0, predelay_ms: 0.0, ..Reverb::default() };
    [
        Reverb { kind: ReverbKind::Room, decay_s: 0.6, damping: 0.2, ..wet.clone() },
        Reverb { kind: ReverbKind::Hall, ..wet.clone() },
        Reverb { kind: ReverbKind::Plate, damping: 0.3, ..wet },
    ]
}

#[test]
fn every_band_decays_by_60_db_in_the_time_set() {
    for spec in every_kind() {
        let frames = response(&spec, 1.5 * f64::from(spec.decay_s), 0, 0);
        for hz in [300.0, 1_000.0, 2_500.0] {
            // Below the octaves whose skirts reach into what decays much more slowly.
            let mut filters = [0.9, 0.9, 0.9].map(|low| {
                (Biquad::high_pass(SampleRate::CD, low * hz, 0.707), Biquad::low_pass(SampleRate::CD, hz / low))
            });
            let filtered = frames.iter().map(|frame| {
                let input = frame.map(f64::from);
                filters.iter_mut().fold(input, |frame, (high, low)| low.tick(high.tick(frame)))
            });
            let powers: Vec<f64> = filtered.map(|frame| frame[0] * frame[0] + frame[1] * frame[1]).collect();
            // Schroeder's backward integration, "New method of measuring reverberation time", 1965; -5 to -35 dB.
            let mut left = powers;
            for n in (1..left.len()).rev() {
                left[n - 1] += left[n];
            }
            let reach = |db: f64| left.iter().position(|&e| e < left[0] * 10f64.powf(db / 10.0)).expect("decays");
            let measured_s = 2.0 * SampleRate::CD.seconds(reach(-35.0) - reach(-5.0));
            let set_s = spec.decay_at_s(hz, SampleRate::CD);
            assert!((measured_s / set_s - 1.0).abs() < 0.1, "{:?}, {hz} Hz: {measured_s} for {set_s} s", spec.kind);
        }
    }
}

#[test]
fn no_mode_stands_out_late_in_the_tail() {
    const SIZE: usize = 32_768;
    const CLICKS: usize = 24;
    for spec in every_kind() {
        let spec = Reverb { damping: 0.0, ..spec };
        let late = SampleRate::CD.frames(0.35 * f64::from(spec.decay_s));
        let mut sums = vec![0.0f64; SIZE / 2];
        for click in 0..CLICKS {
            let frames = response(&spec, SampleRate::CD.seconds(late + SIZE) + 0.01, 7_001 * click, click % 2);
            // The decay taken out, under a Hann window; left and right as one complex signal.
            let mut bins: Vec<Complex<f32>> = (0..SIZE)
                .map(|n| {
                    let rise = (6.907_8 * n as f32 / (spec.decay_s * 44_100.0)).exp();
                    let gain = rise * (std::f32::consts::PI * n as f32 / SIZE as f32).sin().powi(2);
                    Complex::new(gain * frames[late + n][0], gain * frames[late + n][1])
                })
                .collect();
            FftPlanner::new().plan_fft_forward(SIZE).process(&mut bins);
            for (bin, sum) in sums.iter_mut().enumerate().skip(1) {
                *sum += f64::from(bins[bin].norm_sqr() + bins[SIZE - bin].norm_sqr());
            }
        }
        // 200 Hz to 8 kHz, each bin of 1.3 Hz against the mean of 100 Hz around it. Chance alone: 3 dB.
        let mean = |bin: usize| sums[bin - 37..=bin + 37].iter().sum::<f64>() / 75.0;
        let worst = (149..5_945).map(|bin| sums[bin] / mean(bin)).fold(0.0, f64::max);
        assert!(10.0 * worst.log10() < 6.0, "{:?}: {} dB", spec.kind, 10.0 * worst.log10());
    }
}

#[test]
fn echoes_soon_are_as_dense_as_noise_soonest_on_the_plate() {
    let dense_ms = every_kind().map(|spec| {
        let frames = response(&spec, 0.4, 0, 0);
        let window = SampleRate::CD.frames(0.020);
        // Share of samples beyond the standard deviation, over that of Gaussian noise (Abel and Huang, "A simple, robust measure of
        // reverberation echo density", 2006).
        let density = |frames: &[StereoFrame]| {
            let power = frames.iter().map(|frame| frame[0] * frame[0]).sum::<f32>() / window as f32;
            frames.iter().filter(|frame| frame[0] * frame[0] > power).count() as f32 / window as f32 / 0.317_3
        };
        frames.windows(window).step_by(44).position(|frames| density(frames) >= 0.9).expect("dense") + 10
    });
    let [room, hall, plate] = dense_ms;
    assert!(room < 70 && hall < 140 && plate < 50 && plate < hall, "{dense_ms:?} ms");
}
