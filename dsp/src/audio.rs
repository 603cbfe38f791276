//! Stereo audio in memory.

use crate::units::SampleRate;
use dasp::Frame;
use rayon::prelude::*;

/// Frames that one thread adds at a time.
const STRETCH: usize = 1 << 16;

/// One frame: left, right; nominally -1.0 ..= 1.0. A dasp [`Frame`].
pub type StereoFrame = [f32; 2];

/// Stereo audio: frames at a sample rate.
#[derive(Debug, Clone, PartialEq)]
pub struct AudioBuffer {
    /// Frames per second.
    pub sample_rate: SampleRate,
    /// The frames, left and right.
    pub frames: Vec<StereoFrame>,
}

impl AudioBuffer {
    /// `frames` frames of silence.
    pub fn silence(sample_rate: SampleRate, frames: usize) -> Self {
        Self { sample_rate, frames: vec![StereoFrame::EQUILIBRIUM; frames] }
    }

    /// Length in frames.
    pub fn len(&self) -> usize {
        self.frames.len()
    }

    /// True if there is not one frame.
    pub fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    /// Length in seconds.
    pub fn seconds(&self) -> f64 {
        self.sample_rate.seconds(self.len())
    }

    /// Adds `other` frame by frame, up to the shorter length.
    pub fn add(&mut self, other: &Self) {
        for (frame, added) in self.frames.iter_mut().zip(&other.frames) {
            *frame = frame.add_amp(*added);
        }
    }

    /// Adds all of `other`, and grows if it is longer.
    pub fn add_longer(&mut self, other: &Self) {
        self.add_scaled(other, 1.0);
    }

    /// Adds `gain` times all of `other`, and grows if it is longer.
    pub fn add_scaled(&mut self, other: &Self, gain: f32) {
        if other.len() > self.len() {
            self.frames.resize(other.len(), StereoFrame::EQUILIBRIUM);
        }
        // Long ones are a matter of memory, which several cores read faster.
        let stretches = self.frames.par_chunks_mut(STRETCH).zip(other.frames.par_chunks(STRETCH));
        stretches.for_each(|(frames, added)| {
            for (frame, added) in frames.iter_mut().zip(added) {
                *frame = [frame[0] + gain * added[0], frame[1] + gain * added[1]];
            }
        });
    }

    /// Multiplies every sample by `gain`.
    pub fn scale(&mut self, gain: f32) {
        for frame in &mut self.frames {
            *frame = frame.scale_amp(gain);
        }
    }

    /// Subtracts the mean of each channel: in a loop, exactly what repeats at 0 Hz.
    pub fn remove_mean(&mut self) {
        let mut sums = [0.0f64; 2];
        for frame in &self.frames {
            sums = [sums[0] + f64::from(frame[0]), sums[1] + f64::from(frame[1])];
        }
        let [left, right] = sums.map(|sum| (sum / self.len().max(1) as f64) as f32);
        for frame in &mut self.frames {
            *frame = [frame[0] - left, frame[1] - right];
        }
    }

    /// True if every sample is zero.
    pub fn is_silent(&self) -> bool {
        self.frames.iter().all(|frame| *frame == StereoFrame::EQUILIBRIUM)
    }

    /// The largest absolute sample value.
    pub fn peak(&self) -> f32 {
        self.frames.iter().flatten().fold(0.0, |peak, sample| peak.max(sample.abs()))
    }

    /// Root mean square over both channels.
    pub fn rms(&self) -> f32 {
        let energy: f64 = self.frames.iter().flatten().map(|&sample| f64::from(sample).powi(2)).sum();
        (energy / (2 * self.len().max(1)) as f64).sqrt() as f32
    }

    /// One channel: 0 is left, 1 is right.
    pub fn channel(&self, channel: usize) -> Vec<f32> {
        self.frames.iter().map(|frame| frame[channel]).collect()
    }

    /// The mean of both channels.
    pub fn mono(&self) -> Vec<f32> {
        self.frames.iter().map(|frame| 0.5 * (frame[0] + frame[1])).collect()
    }
}
