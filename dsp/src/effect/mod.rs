//! Effects: stereo in, stereo out, block by block.
//!
//! A patch or a mix holds an [`EffectSpec`]: plain parameters, checked when they are read. [`EffectSpec::build`] makes the running
//! [`Effect`]. One file an effect; [`EFFECTS`] lists them all.

mod biquad;
mod chain;
mod chorus;
mod compressor;
mod crossover;
mod delay;
mod diffuser;
mod drive;
mod ensemble;
mod eq;
mod fdn;
mod flanger;
mod fold;
mod frame_delay;
mod gate;
mod limiter;
mod lofi;
mod look_ahead;
mod loop_noise;
mod multiband;
mod one_pole;
mod oversample;
mod phaser;
mod reduction;
mod reverb;
mod rotary;
mod spec;
mod sweep;
mod tape;
mod tape_delay;
mod transient;
mod vinyl;
mod waveshaper;
mod width;
mod wow;

pub use biquad::Biquad;
pub use chain::Chain;
pub use chorus::Chorus;
pub use compressor::Compressor;
pub use delay::Delay;
pub use drive::{Drive, Shape};
pub use ensemble::Ensemble;
pub use eq::{Band, Eq};
pub use flanger::Flanger;
pub use fold::Fold;
pub use gate::Gate;
pub use limiter::Limiter;
pub use lofi::Lofi;
pub(crate) use look_ahead::LookAhead;
pub use multiband::{BandCompressor, Multiband};
pub use phaser::Phaser;
pub use reverb::{Reverb, ReverbKind};
pub use rotary::{Rotary, RotarySpeed};
pub use spec::{EFFECTS, EffectInfo, EffectSpec};
pub use sweep::Sweep;
pub use tape::Tape;
pub use tape_delay::TapeDelay;
pub use transient::Transient;
pub use vinyl::Vinyl;
pub use width::Width;

use crate::audio::StereoFrame;
use crate::error::{Error, Result};
use crate::score::Tempo;
use crate::units::SampleRate;
use std::ops::RangeInclusive;

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

    /// Frames after which what came before no longer matters (to -90 dB): as the tail, but longer where a level detector
    /// recovers.
    fn settle_frames(&self) -> usize {
        self.tail_frames()
    }

    /// Frames by which its output lags behind its input; the mixer makes up for it.
    fn latency_frames(&self) -> usize {
        0
    }
}

/// What each effect's parameters can do.
trait Parameters {
    /// # Errors
    /// The first parameter that is out of its range.
    fn validate(&self) -> Result<()>;

    /// The running effect.
    fn build(&self, context: &EffectContext) -> Box<dyn Effect>;
}

/// # Errors
/// Unless `value` is within `allowed`; not a number is not.
fn check(name: &'static str, value: f32, allowed: RangeInclusive<f32>, unit: &str) -> Result<()> {
    if allowed.contains(&value) {
        Ok(())
    } else {
        let words = format!("{} to {} {unit}", allowed.start(), allowed.end());
        Err(Error::range(name, words.trim_end(), value))
    }
}

/// Zero for what is far below hearing (-400 dB), so that decaying state never reaches the slow denormal numbers.
fn flush(sample: f32) -> f32 {
    if sample.abs() < 1e-20 { 0.0 } else { sample }
}

/// `dry` and `wet` crossfaded; `mix` 0.0 is dry, 1.0 is wet.
fn crossfade(dry: StereoFrame, wet: StereoFrame, mix: f32) -> StereoFrame {
    [dry[0] + mix * (wet[0] - dry[0]), dry[1] + mix * (wet[1] - dry[1])]
}

#[cfg(test)]
mod contract;
