//! Oscillators without aliasing. Phases are `u32`: the whole range is one cycle, and wrapping costs nothing and loses nothing.

#[cfg(test)]
mod aliasing;
mod blep;
mod glide;
mod level_fade;
mod noise;
mod sine;
mod sync;
mod unison;
pub mod wavetable;

pub use glide::Glide;
pub use noise::{Noise, NoiseColor};
pub use sine::sine;
pub use sync::{SyncMotion, SyncedOscillator, SyncedShape};
pub use unison::{Unison, UnisonVoice, pan_gains};

use crate::units::SampleRate;
use level_fade::LevelFade;
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;
use wavetable::{Cycle, Wavetable};

/// The shape of an oscillator's cycle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Waveform {
    /// One harmonic.
    Sine,
    /// Odd harmonics, 12 dB per octave.
    Triangle,
    /// All harmonics, 6 dB per octave.
    #[default]
    Saw,
    /// Two levels; odd harmonics at a pulse width of one half.
    Pulse,
}

impl crate::parameters::Checked for Waveform {}

impl Waveform {
    /// Computes the tables that it is read from, unless they are there.
    fn prepare(self) {
        let tables: &[&LazyLock<Wavetable>] = match self {
            Self::Sine => &[],
            Self::Triangle => &[&wavetable::TRIANGLE],
            Self::Saw => &[&wavetable::SAW],
            Self::Pulse => &[&wavetable::SAW, &wavetable::SQUARE],
        };
        tables.iter().for_each(|table| _ = LazyLock::force(table));
    }
}

/// Phases in a cycle.
const CYCLE: f64 = 4_294_967_296.0;

/// How much a phase grows per frame at a frequency; stops below half the sample rate.
pub fn phase_increment(hz: f64, rate: SampleRate) -> u32 {
    // Rounded to the nearest: the conversion cuts off.
    ((hz / rate.hz()).clamp(0.0, 0.499) * CYCLE + 0.5) as u32
}

/// A phase from cycles; only the fraction counts.
pub fn phase_of(cycles: f64) -> u32 {
    (cycles.rem_euclid(1.0) * CYCLE) as u32
}

/// A band-limited oscillator: a waveform and a running phase.
#[derive(Debug, Clone, Copy)]
pub struct Oscillator {
    waveform: Waveform,
    phase: u32,
    fade: LevelFade,
}

impl Oscillator {
    /// Starts at `phase` (of 2^32).
    pub fn new(waveform: Waveform, phase: u32) -> Self {
        // Tables are built here, not while they are played.
        waveform.prepare();
        Self { waveform, phase, fade: LevelFade::default() }
    }

    /// Fills `out` at a constant frequency; `width` is the part of a pulse's cycle that is high, 0.01 ..= 0.99.
    pub fn fill(&mut self, out: &mut [f32], increment: u32, width: f32) {
        self.fill_moving(out, increment, &Glide::fixed(width), 0);
    }

    /// Fills `out` while the width glides; `out` starts at its frame `start`.
    pub fn fill_moving(&mut self, out: &mut [f32], increment: u32, width: &Glide, start: usize) {
        let phase = self.phase;
        let table = match self.waveform {
            Waveform::Sine => None,
            Waveform::Triangle => Some(&wavetable::TRIANGLE),
            Waveform::Pulse if *width == Glide::fixed(0.5) => Some(&wavetable::SQUARE),
            Waveform::Saw | Waveform::Pulse => Some(&wavetable::SAW),
        };
        match table {
            None => {
                let mut phase = phase;
                for out in &mut *out {
                    *out = sine(phase);
                    phase = phase.wrapping_add(increment);
                }
            }
            Some(table) => {
                if start == 0 {
                    self.fade.choose(table.level(increment, self.fade.level()), start);
                }
                let is_difference = self.waveform == Waveform::Pulse && *width != Glide::fixed(0.5);
                let pulse = is_difference.then(|| Behind::new(width, start));
                self.fade.fill(out, start, |level, out| run(out, phase, increment, table.cycle(level), pulse));
            }
        }
        self.phase = phase.wrapping_add(increment.wrapping_mul(out.len() as u32));
    }
}

/// How far the second saw of a pulse is behind the first, and by how much more in each frame. Whole numbers, so that it does not
/// matter where a block starts.
#[derive(Clone, Copy)]
struct Behind {
    phase: u32,
    step: u32,
}

impl Behind {
    fn new(width: &Glide, start: usize) -> Self {
        let [from, step] = width.line();
        let step = (f64::from(step) * CYCLE) as i64 as u32;
        let phase = phase_of(f64::from(from.clamp(0.01, 0.99))).wrapping_add(step.wrapping_mul(start as u32));
        Self { phase, step }
    }
}

/// A cycle, or for a pulse its difference from a later one: levels 2 - 2 width and -2 width, so there is no DC.
fn run(out: &mut [f32], phase: u32, increment: u32, cycle: &Cycle, pulse: Option<Behind>) {
    cycle.sweep(phase, increment, out, |out, sample| *out = sample);
    if let Some(behind) = pulse {
        let late = phase.wrapping_sub(behind.phase);
        cycle.sweep(late, increment.wrapping_sub(behind.step), out, |out, sample| *out -= sample);
    }
}
