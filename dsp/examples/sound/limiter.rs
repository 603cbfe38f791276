//! True peaks behind the limiter.

use crate::measure::run;
use ebur128::{EbuR128, Mode};
use rayon::prelude::*;
use riffsmith_dsp::effect::{EffectSpec, Limiter, MAX_BLOCK};
use riffsmith_dsp::{Rng, Seed, StereoFrame};
use std::f32::consts::{PI, TAU};

const INPUTS: u64 = 10_000;
/// Draws an input.
type Input = fn(&mut Rng) -> Vec<StereoFrame>;

const KINDS: [(&str, Input); 5] = [
    ("noise bursts", bursts),
    ("sines near a quarter of the rate", sines),
    ("clicks", clicks),
    ("square waves", squares),
    ("music-like", music),
];
const FRAMES: usize = 3_000;

fn bursts(rng: &mut Rng) -> Vec<StereoFrame> {
    let mut frames = Vec::new();
    while frames.len() < FRAMES {
        let level = rng.between(0.0, 4.0);
        frames.extend((0..20 + rng.below(500)).map(|_| [level * rng.bipolar(), level * rng.bipolar()]));
        frames.resize(frames.len() + rng.below(300), [0.0; 2]);
    }
    frames
}

fn sines(rng: &mut Rng) -> Vec<StereoFrame> {
    let (step, level) = (0.5 * PI * rng.between(0.9, 1.1), rng.between(0.5, 4.0));
    let phases = [rng.between(0.0, TAU), rng.between(0.0, TAU)];
    // Faded in and out over 30 to 300 frames.
    let fade = rng.between(30.0, 300.0);
    let envelope = |n: usize| (n.min(FRAMES - n) as f32 / fade).min(1.0);
    (0..FRAMES).map(|n| phases.map(|phase| level * envelope(n) * (step * n as f32 + phase).sin())).collect()
}

fn clicks(rng: &mut Rng) -> Vec<StereoFrame> {
    let density = rng.between(0.001, 0.05);
    (0..FRAMES)
        .map(|_| if rng.chance(density) { [4.0 * rng.bipolar(), 4.0 * rng.bipolar()] } else { [0.0; 2] })
        .collect()
}

fn squares(rng: &mut Rng) -> Vec<StereoFrame> {
    let (step, level, phase) = (rng.between(0.001, 0.2), rng.between(0.5, 4.0), rng.uniform());
    let square = |n: usize, shift: f32| if (step * n as f32 + phase + shift).fract() < 0.5 { level } else { -level };
    (0..FRAMES).map(|n| [square(n, 0.0), square(n, 0.25)]).collect()
}

/// A kick, a chord and noise on the beat, far above full scale.
fn music(rng: &mut Rng) -> Vec<StereoFrame> {
    let partials: Vec<[f32; 4]> = (0..12)
        .map(|_| {
            [0.003 * (7.0 * rng.uniform()).exp2(), rng.between(0.0, TAU), rng.between(0.05, 0.5), rng.between(0.0, 1.0)]
        })
        .collect();
    let (beat, noise) = (300 + rng.below(1_500), rng.between(0.0, 1.0));
    let tone = |n: f32, side: f32| -> f32 {
        partials.iter().map(|[step, phase, level, pan]| level * (1.0 - side * pan) * (step * n + phase).sin()).sum()
    };
    (0..FRAMES)
        .map(|n| {
            let decay = (-((n % beat) as f32) / 200.0).exp();
            let hit = 1.5 * decay * (20.0 * decay).sin();
            let hiss = noise * decay;
            [0.0, 1.0].map(|side| tone(n as f32, side) + hit + hiss * rng.bipolar())
        })
        .collect()
}

/// Largest value of the frames and between them: eight points a frame through a sinc of 96 frames under a Hann window.
struct Interpolator {
    phases: Vec<Vec<f32>>,
}

impl Interpolator {
    const REACH: usize = 48;
    const STEPS: usize = 8;

    fn new() -> Self {
        let tap = |phase: usize, j: usize| {
            let x = j as f64 - (Self::REACH as f64 - 1.0) - phase as f64 / Self::STEPS as f64;
            let angle = std::f64::consts::PI * x;
            let sinc = if angle.abs() < 1e-9 { 1.0 } else { angle.sin() / angle };
            (sinc * (0.5 * angle / Self::REACH as f64).cos().powi(2)) as f32
        };
        Self { phases: (0..Self::STEPS).map(|phase| (0..2 * Self::REACH).map(|j| tap(phase, j)).collect()).collect() }
    }

    /// The peaks at every fourth and at every eighth of a frame.
    fn peaks(&self, frames: &[StereoFrame]) -> [f32; 2] {
        let mut peaks = [0.0f32; 2];
        for channel in 0..2 {
            let silence = std::iter::repeat_n(0.0, Self::REACH);
            let samples = frames.iter().map(|frame| frame[channel]);
            let padded: Vec<f32> = silence.clone().chain(samples).chain(silence).collect();
            for around in padded.windows(2 * Self::REACH) {
                for (index, phase) in self.phases.iter().enumerate() {
                    let value = phase.iter().zip(around).map(|(tap, sample)| tap * sample).sum::<f32>().abs();
                    peaks[1] = peaks[1].max(value);
                    if index % 2 == 0 {
                        peaks[0] = peaks[0].max(value);
                    }
                }
            }
        }
        peaks
    }
}

/// dB above the ceiling by the meter of libebur128's port, and by the interpolator.
fn over_db(seed: u64, input: Input, interpolator: &Interpolator) -> [f32; 3] {
    let mut rng = Seed(seed).rng();
    let spec = Limiter {
        gain_db: rng.between(0.0, 12.0),
        ceiling_dbtp: -rng.between(0.0, 6.0),
        release_ms: rng.between(5.0, 200.0),
    };
    let mut frames = input(&mut rng);
    // Behind the input, silence as long as the latency and the meters' filters.
    frames.resize(frames.len() + 4 * MAX_BLOCK, [0.0; 2]);
    let frames = run(&EffectSpec::Limiter(spec.clone()), frames);
    let mut meter = EbuR128::new(2, 44_100, Mode::TRUE_PEAK).expect("a usual format");
    meter.add_frames_f32(frames.as_flattened()).expect("two channels");
    let peak = |channel| meter.true_peak(channel).expect("measured") as f32;
    let [fourths, eighths] = interpolator.peaks(&frames);
    [peak(0).max(peak(1)), fourths, eighths].map(|peak| 20.0 * peak.log10() - spec.ceiling_dbtp)
}

pub fn print() {
    println!(
        "Largest true peak above the ceiling over {INPUTS} random inputs, in dB; gain 0 to 12 dB, release 5 to 200 ms.\n"
    );
    println!(
        "| input | inputs | 4x, ebur128 | 4x, sinc of 96 frames | 8x, sinc of 96 frames |\n|---|---:|---:|---:|---:|"
    );
    let interpolator = Interpolator::new();
    for (name, input) in KINDS {
        let count = INPUTS / KINDS.len() as u64;
        let worst = (0..count)
            .into_par_iter()
            .map(|seed| over_db(seed, input, &interpolator))
            .reduce(|| [f32::NEG_INFINITY; 3], |a, b| std::array::from_fn(|meter| a[meter].max(b[meter])));
        println!("| {name} | {count} | {} |", worst.map(|over_db| format!("{over_db:+.2}")).join(" | "));
    }
    println!();
}
