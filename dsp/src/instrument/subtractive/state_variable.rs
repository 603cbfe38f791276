//! The state-variable filter of a voice.

use crate::filter::{DcBlocker, FilterMode, SvfCoefficients, SvfLanes, SvfSweep};
use crate::instrument::voicing::{CONTROL_FRAMES, Ramp, overdrive, saturate};
use crate::osc::Glide;
use crate::units::SampleRate;
use wide::f32x4;

/// 1 / 0.541: the other half of a fourth-order Butterworth low-pass.
const FLAT_DAMPING: f32 = 1.848;

/// The quality's damping at a resonance of 0.0 (quality 0.5) ..= 1.0 (quality 40).
fn damping(resonance: f32) -> f32 {
    2.0 * 80f32.powf(-resonance)
}

/// A resonant stage and, if it is steep, a flat one.
pub(super) struct StateVariable {
    steep: bool,
    /// Of both stages.
    states: [SvfLanes; 2],
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

    /// Filters samples from frame `start` of the control period on; a channel is a lane.
    pub(super) fn process<const CHANNELS: usize>(&mut self, start: usize, mut channels: [&mut [f32]; CHANNELS]) {
        // A copy stays in registers: through `self` it would be written and read again for each sample.
        let [mut first, mut second] = self.states;
        for index in 0..channels[0].len() {
            let mut frame = self.resonant.process(start + index, &mut first, lanes(&channels, index));
            if self.steep {
                frame = self.flat.process(start + index, &mut second, frame);
            }
            put(&mut channels, index, frame.to_array());
        }
        self.states = [first, second];
    }

    /// The same behind a saturation, with its gain and makeup; `dc` takes away what a crooked wave gains there.
    pub(super) fn process_driven<const CHANNELS: usize>(
        &mut self,
        start: usize,
        mut channels: [&mut [f32]; CHANNELS],
        [gain, makeup]: &[Glide; 2],
        dc: &mut [DcBlocker; 2],
    ) {
        let [mut first, mut second] = self.states;
        for index in 0..channels[0].len() {
            let n = start + index;
            let (gain, makeup) = (gain.at(n), 2.0 * makeup.at(n));
            let driven = lanes(&channels, index).to_array().map(|sample| overdrive(0.5 * sample, gain, makeup));
            let mut frame = self.resonant.process(n, &mut first, f32x4::new(driven)).to_array();
            for (sample, dc) in frame.iter_mut().zip(&mut *dc).take(CHANNELS) {
                // The resonance saturates too, at about twice full scale.
                *sample = dc.process(2.0 * saturate(0.5 * *sample));
            }
            if self.steep {
                frame = self.flat.process(n, &mut second, f32x4::new(frame)).to_array();
            }
            put(&mut channels, index, frame);
        }
        self.states = [first, second];
    }
}

#[inline(always)]
fn lanes<const CHANNELS: usize>(channels: &[&mut [f32]; CHANNELS], index: usize) -> f32x4 {
    let right = if CHANNELS > 1 { channels[CHANNELS - 1][index] } else { 0.0 };
    f32x4::new([channels[0][index], right, 0.0, 0.0])
}

#[inline(always)]
fn put<const CHANNELS: usize>(channels: &mut [&mut [f32]; CHANNELS], index: usize, frame: [f32; 4]) {
    for (channel, sample) in channels.iter_mut().zip(frame) {
        channel[index] = sample;
    }
}
