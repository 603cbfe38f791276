//! Oscillators without aliasing. Phases are `u32`: the whole range is one cycle, and wrapping costs nothing and loses nothing.

#[cfg(test)]
mod aliasing;
mod blep;
mod glide;
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
use serde::{Deserialize, Serialize};
use wavetable::at_short;

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

/// Phases in a cycle.
const CYCLE: f64 = 4_294_967_296.0;

/// How much a phase grows per frame at a frequency; stops below half the sample rate.
pub fn phase_increment(hz: f64, rate: SampleRate) -> u32 {
    ((hz / rate.hz()).clamp(0.0, 0.499) * CYCLE).round() as u32
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
}

impl Oscillator {
    /// Starts at `phase` (of 2^32).
    pub fn new(waveform: Waveform, phase: u32) -> Self {
        Self { waveform, phase }
    }

    /// Fills `out` at a constant frequency; `width` is the part of a pulse's cycle that is high, 0.01 ..= 0.99.
    pub fn fill(&mut self, out: &mut [f32], increment: u32, width: f32) {
        self.fill_moving(out, increment, &Glide::fixed(width), 0);
    }

    /// Fills `out` while the width glides; `out` starts at its frame `start`.
    pub fn fill_moving(&mut self, out: &mut [f32], increment: u32, width: &Glide, start: usize) {
        match self.waveform {
            Waveform::Sine => self.sweep(out, increment, sine),
            Waveform::Triangle => {
                let cycle = wavetable::TRIANGLE.cycle(increment);
                self.sweep(out, increment, |phase| cycle.at(phase));
            }
            Waveform::Saw => {
                let cycle = wavetable::SAW.cycle(increment);
                match cycle.short() {
                    Some(cubics) => self.sweep(out, increment, |phase| at_short(cubics, phase)),
                    None => self.sweep(out, increment, |phase| cycle.at(phase)),
                }
            }
            Waveform::Pulse => {
                let cycle = wavetable::SAW.cycle(increment);
                match cycle.short() {
                    Some(cubics) => self.pulse(out, increment, width, start, |phase| at_short(cubics, phase)),
                    None => self.pulse(out, increment, width, start, |phase| cycle.at(phase)),
                }
            }
        }
    }

    #[inline(always)]
    fn sweep(&mut self, out: &mut [f32], increment: u32, sample_at: impl Fn(u32) -> f32) {
        let mut phase = self.phase;
        for out in out {
            *out = sample_at(phase);
            phase = phase.wrapping_add(increment);
        }
        self.phase = phase;
    }

    /// Two saws, one a width behind: levels 2 - 2 width and -2 width, so there is no DC.
    #[inline(always)]
    fn pulse(&mut self, out: &mut [f32], increment: u32, width: &Glide, start: usize, saw_at: impl Fn(u32) -> f32) {
        let [from, step] = width.line();
        // Whole numbers, so that it does not matter where a block starts.
        let wider = (f64::from(step) * CYCLE) as i64 as u32;
        let behind = phase_of(f64::from(from.clamp(0.01, 0.99))).wrapping_add(wider.wrapping_mul(start as u32));
        let mut late = self.phase.wrapping_sub(behind);
        let slower = increment.wrapping_sub(wider);
        self.sweep(out, increment, &saw_at);
        for out in out {
            *out -= saw_at(late);
            late = late.wrapping_add(slower);
        }
    }
}
