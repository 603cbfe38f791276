//! A fixed delay of whole blocks: keeps a dry sound in step with one that went through filters or waits for a detector.

use super::MAX_BLOCK;
use crate::audio::StereoFrame;

/// The last frames, then a block.
pub struct FrameDelay {
    frames: Vec<StereoFrame>,
    delay: usize,
}

impl FrameDelay {
    /// Of `delay` frames.
    pub fn new(delay: usize) -> Self {
        Self { frames: vec![[0.0; 2]; delay + MAX_BLOCK], delay }
    }

    /// Its length in frames.
    pub fn frames(&self) -> usize {
        self.delay
    }

    /// Delays a block in place.
    pub fn process(&mut self, block: &mut [StereoFrame]) {
        let count = block.len();
        self.frames[self.delay..self.delay + count].copy_from_slice(block);
        block.copy_from_slice(&self.frames[..count]);
        self.frames.copy_within(count..count + self.delay, 0);
    }

    /// Silence.
    pub fn reset(&mut self) {
        self.frames.fill([0.0; 2]);
    }
}
