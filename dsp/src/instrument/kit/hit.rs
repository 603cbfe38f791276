//! What all drum voices share.

use crate::audio::StereoFrame;
use crate::effect::MAX_BLOCK;
use crate::envelope::Decay;
use crate::instrument::Voice;
use crate::osc::{pan_gains, phase_increment, phase_of, sine};
use crate::rng::Seed;
use crate::units::SampleRate;

/// What a drum is struck with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct HitContext {
    pub(crate) rate: SampleRate,
    /// 0.0 ..= 1.0
    pub(crate) force: f32,
    /// All frequencies are multiplied by it.
    pub(crate) ratio: f32,
    pub(crate) seed: Seed,
}

/// The sound of one drum, before its place in the kit.
pub(crate) trait Hit: Send {
    /// Adds at most [`MAX_BLOCK`] frames.
    fn fill(&mut self, block: &mut [StereoFrame]);

    /// Fades out within about 30 ms.
    fn choke(&mut self) {}

    fn is_finished(&self) -> bool;
}

/// A [`Hit`] at its level and place.
pub(crate) struct DrumVoice<H> {
    hit: H,
    gains: [f32; 2],
}

impl<H: Hit> DrumVoice<H> {
    pub(crate) fn new(hit: H, gain: f32, pan: f32) -> Self {
        Self { hit, gains: pan_gains(pan).map(|side| side * gain) }
    }
}

impl<H: Hit> Voice for DrumVoice<H> {
    fn render(&mut self, block: &mut [StereoFrame]) {
        let mut scratch = [[0.0; 2]; MAX_BLOCK];
        let scratch = &mut scratch[..block.len()];
        self.hit.fill(scratch);
        for (frame, hit) in block.iter_mut().zip(scratch.iter()) {
            frame[0] += self.gains[0] * hit[0];
            frame[1] += self.gains[1] * hit[1];
        }
    }

    fn release(&mut self) {}

    fn bend(&mut self, _semitones: f32) {}

    fn choke(&mut self) {
        self.hit.choke();
    }

    fn is_finished(&self) -> bool {
        self.hit.is_finished()
    }
}

/// A decaying sine whose frequency falls to its place: a skin, a shell, a bridged-T oscillator.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SweptSine {
    phase: u32,
    /// What the phase grows by in each frame at the end of the sweep.
    increment: f32,
    /// How much higher it starts, as a part of the frequency.
    sweep: f32,
    bend: Decay,
    amplitude: Decay,
    level: f32,
}

impl SweptSine {
    /// - `hz`: where the frequency ends
    /// - `sweep`: how much higher it starts, as a part of `hz`; `sweep_s`: time until -60 dB of that is left
    /// - `decay_s`: of the amplitude, to -60 dB
    pub(crate) fn new(context: &HitContext, hz: f32, sweep: f32, sweep_s: f32, decay_s: f32, level: f32) -> Self {
        let rate_hz = context.rate.hz();
        Self {
            phase: 0,
            increment: phase_increment(f64::from(hz * context.ratio), context.rate) as f32,
            sweep,
            bend: Decay::new(sweep_s, rate_hz),
            amplitude: Decay::new(decay_s, rate_hz),
            level,
        }
    }

    /// Starts at another point of its cycle.
    pub(crate) fn at_phase(mut self, cycles: f32) -> Self {
        self.phase = phase_of(f64::from(cycles));
        self
    }

    #[inline]
    pub(crate) fn step(&mut self) -> f32 {
        let bend = self.bend.step();
        let out = self.level * self.amplitude.step() * sine(self.phase);
        // A steep start and a slow end: how a skin loses its tension, and a circuit its charge.
        let square = bend * bend;
        let raised = 1.0 + self.sweep * (0.35 * bend + 0.65 * square * square);
        self.phase = self.phase.wrapping_add((self.increment * raised) as u32);
        out
    }

    pub(crate) fn is_finished(&self) -> bool {
        self.amplitude.is_finished()
    }
}

/// Rises linearly from 0 to 1 to take the click out of a start.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Onset {
    level: f32,
    step: f32,
}

impl Onset {
    pub(crate) fn new(attack_s: f32, rate: SampleRate) -> Self {
        Self { level: 0.0, step: (1.0 / (f64::from(attack_s) * rate.hz()).max(1.0)) as f32 }
    }

    #[inline]
    pub(crate) fn step(&mut self) -> f32 {
        self.level = (self.level + self.step).min(1.0);
        self.level
    }
}
