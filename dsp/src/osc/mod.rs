//! Oscillators without aliasing. Phases are `u32`: the whole range is one cycle, and wrapping costs nothing and loses nothing.

#[cfg(test)]
mod aliasing;
mod noise;
mod unison;
pub mod wavetable;

pub use noise::{Noise, NoiseColor};
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

/// How much a phase grows per frame at a frequency; stops below half the sample rate.
pub fn phase_increment(hz: f64, rate: SampleRate) -> u32 {
    ((hz / rate.hz()).clamp(0.0, 0.499) * 4_294_967_296.0).round() as u32
}

/// A phase from cycles; only the fraction counts.
pub fn phase_of(cycles: f64) -> u32 {
    (cycles.rem_euclid(1.0) * 4_294_967_296.0) as u32
}

/// A sine of a phase.
#[inline]
pub fn sine(phase: u32) -> f32 {
    wavetable::SINE.at(phase)
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
        self.run(increment, width, out, |out, sample| *out = sample);
    }

    /// Adds `gain` times the oscillator onto `out`.
    pub fn add(&mut self, out: &mut [f32], increment: u32, width: f32, gain: f32) {
        self.run(increment, width, out, |out, sample| *out += gain * sample);
    }

    #[inline(always)]
    fn run(&mut self, increment: u32, width: f32, out: &mut [f32], put: impl Fn(&mut f32, f32)) {
        match self.waveform {
            Waveform::Sine => self.sweep(increment, out, put, |phase| wavetable::SINE.at(phase)),
            Waveform::Triangle => {
                let cycle = wavetable::TRIANGLE.cycle(increment);
                self.sweep(increment, out, put, |phase| cycle.at(phase));
            }
            Waveform::Saw => {
                let cycle = wavetable::SAW.cycle(increment);
                match cycle.short() {
                    Some(samples) => self.sweep(increment, out, put, |phase| at_short(samples, phase)),
                    None => self.sweep(increment, out, put, |phase| cycle.at(phase)),
                }
            }
            Waveform::Pulse => {
                // Two saws, one `width` behind: levels 2 - 2 width and -2 width, so there is no DC.
                let cycle = wavetable::SAW.cycle(increment);
                let behind = phase_of(f64::from(width.clamp(0.01, 0.99)));
                match cycle.short() {
                    Some(samples) => self.sweep(increment, out, put, |phase| {
                        at_short(samples, phase) - at_short(samples, phase.wrapping_sub(behind))
                    }),
                    None => {
                        self.sweep(increment, out, put, |phase| cycle.at(phase) - cycle.at(phase.wrapping_sub(behind)))
                    }
                }
            }
        }
    }

    #[inline(always)]
    fn sweep(&mut self, increment: u32, out: &mut [f32], put: impl Fn(&mut f32, f32), sample_at: impl Fn(u32) -> f32) {
        let mut phase = self.phase;
        for out in out {
            put(out, sample_at(phase));
            phase = phase.wrapping_add(increment);
        }
        self.phase = phase;
    }
}
