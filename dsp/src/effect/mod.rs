//! Effects: stereo in, stereo out, block by block.

use crate::audio::StereoFrame;
use crate::score::Tempo;
use crate::units::SampleRate;

/// Frames in the longest block that [`Effect::process`] and [`crate::instrument::Voice::render`] are given.
pub const MAX_BLOCK: usize = 64;

/// What an effect is built for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EffectContext {
    /// Frames per second.
    pub sample_rate: SampleRate,
    /// For times and rates in beats.
    pub tempo: Tempo,
    /// Length of the loop where the render is circular: all modulation then has this period or a whole part of it.
    pub period_frames: Option<usize>,
}

/// A running effect. Built with all its memory; `process` neither allocates nor locks.
pub trait Effect: Send {
    /// Processes at most [`MAX_BLOCK`] frames in place. `key` is the side-chain input, as long as `block`, for effects that
    /// listen to one.
    fn process(&mut self, block: &mut [StereoFrame], key: Option<&[StereoFrame]>);

    /// Back to the state it was built in.
    fn reset(&mut self);

    /// Frames from the end of its input until its output has fallen below -90 dB.
    fn tail_frames(&self) -> usize;

    /// Frames by which its output lags behind its input; the mixer makes up for it.
    fn latency_frames(&self) -> usize {
        0
    }
}
