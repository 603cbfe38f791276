//! Wavetables that morph: a row of cycles, faded from one into the next.

use super::cycle::{Cycle, interpolate, interpolate_slope};
use super::{room, thirds};
use crate::osc::Glide;
use crate::osc::level_fade::LevelFade;
use realfft::RealFftPlanner;
use realfft::num_complex::Complex64;

/// Cycles in a row.
pub const FRAMES: usize = 32;
/// The last one.
const LAST: f32 = (FRAMES - 1) as f32;
/// Most harmonics: up to 16.7 kHz for C1.
const MAX_HARMONICS: usize = 512;
/// Samples of a cycle that is given as a curve: its harmonics from here on fold back, below -90 dB for a saw.
const CURVE: usize = 16_384;
/// Harmonics below this amplitude are left out: -120 dB.
const INAUDIBLE: f64 = 1e-6;
/// Each frame is brought to this RMS, near that of a saw, unless its peak would be above `PEAK`.
const RMS: f64 = 0.55;
const PEAK: f64 = 1.4;

/// How the frames of a table come about.
#[derive(Clone, Copy)]
pub(super) enum Recipe {
    /// The amplitude of a harmonic (1 being the fundamental) in sine phase, at a position 0.0 ..= 1.0.
    Harmonics(fn(f64, usize) -> f64),
    /// The curve over a phase 0.0 .. 1.0, at a position 0.0 ..= 1.0.
    Curve(fn(f64, f64) -> f64),
}

/// All frames with the same number of harmonics, one after the other.
struct Level {
    harmonics: usize,
    /// log2 of the samples in a frame.
    bits: u32,
    cubics: Vec<[f32; 4]>,
}

/// [`FRAMES`] cycles, band-limited for each third of an octave.
pub struct MorphTable {
    levels: Vec<Level>,
}

impl MorphTable {
    pub(super) fn new(recipe: Recipe) -> Self {
        let mut planner = RealFftPlanner::new();
        let positions = (0..FRAMES).map(|frame| frame as f64 / (FRAMES - 1) as f64);
        let mut spectra: Vec<Vec<Complex64>> =
            positions.map(|position| spectrum(recipe, position, &mut planner)).collect();
        spectra.iter_mut().for_each(|spectrum| level(spectrum, &mut planner));
        let is_audible = |&k: &usize| spectra.iter().any(|spectrum| spectrum[k].norm() > INAUDIBLE);
        let most = (1..=MAX_HARMONICS).rev().find(is_audible).unwrap_or(1);
        let levels = thirds(most)
            .map(|harmonics| {
                let cycles = spectra.iter().map(|spectrum| Cycle::of_spectrum(spectrum, harmonics, &mut planner));
                let cycles: Vec<Cycle> = cycles.collect();
                let bits = cycles[0].bits;
                Level { harmonics, bits, cubics: cycles.into_iter().flat_map(|cycle| cycle.cubics).collect() }
            })
            .collect();
        Self { levels }
    }

    fn level(&self, increment: u32) -> usize {
        let level = self.levels.partition_point(|level| level.harmonics > room(increment));
        level.min(self.levels.len() - 1)
    }

    /// Value at a phase, and slope per cycle, at a position 0.0 ..= 1.0; band-limited for `increment`.
    pub fn value_and_slope(&self, position: f32, phase: u32, increment: u32) -> [f32; 2] {
        let level = &self.levels[self.level(increment)];
        let ([from, to], fade) = level.cubics_at(LAST * position.clamp(0.0, 1.0), phase);
        let part = phase << level.bits;
        let mix = |read: fn(&[f32; 4], u32) -> f32| read(from, part) + fade * (read(to, part) - read(from, part));
        [mix(interpolate), mix(interpolate_slope) * (1u32 << level.bits) as f32]
    }
}

impl std::fmt::Debug for MorphTable {
    /// Without its hundreds of thousands of numbers.
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.debug_struct("MorphTable").field("levels", &self.levels.len()).finish_non_exhaustive()
    }
}

impl Level {
    /// The cubics of the two frames around a position (in frames), and how far it is from the first to the second.
    #[inline]
    fn cubics_at(&self, position: f32, phase: u32) -> ([&[f32; 4]; 2], f32) {
        let frame = (position as usize).min(FRAMES - 2);
        let index = (frame << self.bits) + (phase >> (32 - self.bits)) as usize;
        ([&self.cubics[index], &self.cubics[index + (1 << self.bits)]], position - frame as f32)
    }
}

/// Half the complex amplitude of each harmonic of one frame.
fn spectrum(recipe: Recipe, position: f64, planner: &mut RealFftPlanner<f64>) -> Vec<Complex64> {
    match recipe {
        Recipe::Harmonics(amplitude) => (0..=MAX_HARMONICS)
            .map(|k| Complex64::new(0.0, if k == 0 { 0.0 } else { -0.5 * amplitude(position, k) }))
            .collect(),
        Recipe::Curve(curve) => {
            let plan = planner.plan_fft_forward(CURVE);
            let mut cycle: Vec<f64> = (0..CURVE).map(|n| curve(position, n as f64 / CURVE as f64)).collect();
            let mut bins = plan.make_output_vec();
            plan.process(&mut cycle, &mut bins).expect("vectors made by the plan have its lengths");
            bins.iter().take(MAX_HARMONICS + 1).map(|bin| bin / CURVE as f64).collect()
        }
    }
}

/// Takes DC away and brings a frame to the common level.
fn level(spectrum: &mut [Complex64], planner: &mut RealFftPlanner<f64>) {
    spectrum[0] = Complex64::default();
    let rms = (2.0 * spectrum.iter().map(Complex64::norm_sqr).sum::<f64>()).sqrt();
    let cycle = Cycle::of_spectrum(spectrum, MAX_HARMONICS, planner);
    let peak = cycle.cubics.iter().map(|cubic| f64::from(cubic[0].abs())).fold(0.0, f64::max);
    let gain = (RMS / rms.max(1e-9)).min(PEAK / peak.max(1e-9));
    spectrum.iter_mut().for_each(|bin| *bin *= gain);
}

/// A running phase in a [`MorphTable`].
#[derive(Debug, Clone, Copy)]
pub struct TableOscillator {
    table: &'static MorphTable,
    phase: u32,
    fade: LevelFade,
}

impl TableOscillator {
    /// Starts at `phase` (of 2^32).
    pub fn new(table: &'static MorphTable, phase: u32) -> Self {
        Self { table, phase, fade: LevelFade::default() }
    }

    /// Fills `out` at a constant frequency while the position (0.0 ..= 1.0) glides; `out` starts at its frame `start`.
    pub fn fill(&mut self, out: &mut [f32], increment: u32, position: &Glide, start: usize) {
        let (table, phase) = (self.table, self.phase);
        self.fade.choose(table.level(increment), start);
        self.fade.fill(out, start, |level, out| {
            let level = &table.levels[level];
            let mut phase = phase;
            for (index, out) in out.iter_mut().enumerate() {
                let ([from, to], fade) = level.cubics_at(LAST * position.at(start + index), phase);
                let part = phase << level.bits;
                let value = interpolate(from, part);
                *out = value + fade * (interpolate(to, part) - value);
                phase = phase.wrapping_add(increment);
            }
        });
        self.phase = phase.wrapping_add(increment.wrapping_mul(out.len() as u32));
    }
}
