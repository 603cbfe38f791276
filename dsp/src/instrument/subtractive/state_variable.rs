//! The state-variable filter of a voice.

use crate::filter::{DcBlocker, FilterMode, Svf, SvfCoefficients, SvfSweep};
use crate::instrument::voicing::{CONTROL_FRAMES, Ramp, overdrive, saturate};
use crate::osc::Glide;
use crate::units::SampleRate;

/// 1 / 0.541: the other half of a fourth-order Butterworth low-pass.
const FLAT_DAMPING: f32 = 1.848;

/// The quality's damping at a resonance of 0.0 (quality 0.5) ..= 1.0 (quality 40).
fn damping(resonance: f32) -> f32 {
    2.0 * 80f32.powf(-resonance)
}

/// A resonant stage and, if it is steep, a flat one.
pub(super) struct StateVariable {
    steep: bool,
    /// Of each channel.
    states: [[Svf; 2]; 2],
    cutoff_hz: f32,
    warped: Ramp,
    resonance: f32,
    damping: Ramp,
    resonant: SvfSweep,
    flat: SvfSweep,
    /// Whether nothing moves in this control period.
    is_still: bool,
}

impl StateVariable {
    pub(super) fn new(mode: FilterMode, steep: bool) -> Box<Self> {
        Box::new(Self {
            steep,
            states: Default::default(),
            cutoff_hz: f32::NAN,
            warped: Ramp::default(),
            resonance: f32::NAN,
            damping: Ramp::default(),
            resonant: SvfSweep::new(mode),
            flat: SvfSweep::new(mode),
            is_still: false,
        })
    }

    /// Where to be at the end of the control period.
    pub(super) fn control(&mut self, cutoff_hz: f32, resonance: f32, rate: SampleRate) {
        match self.warped.target() {
            Some(warped) if cutoff_hz == self.cutoff_hz => self.warped.aim(warped),
            _ => self.warped.aim(SvfCoefficients::warp(cutoff_hz, rate)),
        }
        match self.damping.target() {
            Some(damping) if resonance == self.resonance => self.damping.aim(damping),
            _ => self.damping.aim(damping(resonance)),
        }
        (self.cutoff_hz, self.resonance) = (cutoff_hz, resonance);
        let was_still = std::mem::replace(&mut self.is_still, self.warped.is_still() && self.damping.is_still());
        if !(was_still && self.is_still) {
            self.resonant.tune(&self.warped.values(), &self.damping.values());
            if self.steep {
                self.flat.tune(&self.warped.values(), &[FLAT_DAMPING; CONTROL_FRAMES]);
            }
        }
    }

    /// Filters samples from frame `start` of the control period on; the channels step by step, so that they overlap in time.
    pub(super) fn process<const CHANNELS: usize>(&mut self, start: usize, channels: [&mut [f32]; CHANNELS]) {
        for index in 0..channels[0].len() {
            for (channel, [first, second]) in self.states.iter_mut().enumerate().take(CHANNELS) {
                let sample = &mut channels[channel][index];
                *sample = self.resonant.process(start + index, first, *sample);
                if self.steep {
                    *sample = self.flat.process(start + index, second, *sample);
                }
            }
        }
    }

    /// The same behind a saturation, with its gain and makeup; `dc` takes away what a crooked wave gains there.
    pub(super) fn process_driven<const CHANNELS: usize>(
        &mut self,
        start: usize,
        channels: [&mut [f32]; CHANNELS],
        [gain, makeup]: &[Glide; 2],
        dc: &mut [DcBlocker; 2],
    ) {
        for index in 0..channels[0].len() {
            let frame = start + index;
            let (gain, makeup) = (gain.at(frame), 2.0 * makeup.at(frame));
            for (channel, [first, second]) in self.states.iter_mut().enumerate().take(CHANNELS) {
                let sample = &mut channels[channel][index];
                let resonant = self.resonant.process(frame, first, overdrive(0.5 * *sample, gain, makeup));
                // The resonance saturates too, at about twice full scale.
                *sample = dc[channel].process(2.0 * saturate(0.5 * resonant));
                if self.steep {
                    *sample = self.flat.process(frame, second, *sample);
                }
            }
        }
    }
}
