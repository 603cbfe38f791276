//! A sound in the form in which the engine plays it.

use riffsmith_dsp::resample::{resample, resample_loop};
use riffsmith_dsp::score::Role;
use riffsmith_dsp::{AudioBuffer, SampleRate};
use std::sync::Arc;

/// Layers of a sound: the finished mix, and a stem for each role.
pub const LAYERS: usize = 1 + Role::ALL.len();

/// A finished mix, its stems and its bar lines.
#[derive(Debug, Clone, PartialEq)]
pub struct Sound {
    /// What it is known by.
    pub id: u64,
    /// The finished mix.
    pub mix: Arc<AudioBuffer>,
    /// Each role alone, in the order of [`Role::ALL`], at the level that it has in the mix, and as long; none for sounds of unknown parts.
    pub stems: [Option<Arc<AudioBuffer>>; Role::ALL.len()],
    /// Length of a bar in seconds; `None` where it is not known: then the only line is the end.
    pub bar_s: Option<f64>,
    /// Goes round and round, without a gap.
    pub repeat: bool,
    /// Factor of all of it; 1.0 leaves the samples as they are.
    pub gain: f32,
}

impl Sound {
    /// A sound of unknown bars and parts, as it is.
    pub fn plain(id: u64, audio: AudioBuffer, repeat: bool) -> Self {
        Self { id, mix: Arc::new(audio), stems: [const { None }; Role::ALL.len()], bar_s: None, repeat, gain: 1.0 }
    }

    /// Length in frames.
    pub fn len(&self) -> usize {
        self.mix.len()
    }

    /// True if there is not one frame.
    pub fn is_empty(&self) -> bool {
        self.mix.is_empty()
    }

    /// Frames per second.
    pub fn rate(&self) -> SampleRate {
        self.mix.sample_rate
    }

    /// True if its parts can be heard alone.
    pub fn has_stems(&self) -> bool {
        self.stems.iter().any(Option::is_some)
    }

    /// The same at another rate: loops in one whole period, other sounds with silence before and after.
    #[must_use]
    pub fn at_rate(&self, rate: SampleRate) -> Self {
        if rate == self.rate() {
            return self.clone();
        }
        let frames = rate.frames(self.mix.seconds());
        let convert = |audio: &AudioBuffer| {
            Arc::new(if self.repeat { resample_loop(audio, rate, frames) } else { resample(audio, rate) })
        };
        Self {
            mix: convert(&self.mix),
            stems: self.stems.each_ref().map(|stem| stem.as_deref().map(convert)),
            ..self.clone()
        }
    }

    /// Bars in it, whole or begun; at least 1.
    pub fn bars(&self) -> usize {
        // A bar that is short by less than a frame is none.
        let begun = |bar: f64| ((self.len() as f64 - 1.0) / bar).ceil().max(1.0) as usize;
        self.bar_frames().map_or(1, begun)
    }

    /// First frame of a bar, which may lie behind the end: there, the loop's own start.
    pub fn bar_start(&self, bar: usize) -> usize {
        self.bar_frames().map_or(bar * self.len(), |frames| (bar as f64 * frames).round() as usize).min(self.len())
    }

    /// The bar that a frame lies in.
    pub fn bar_at(&self, frame: usize) -> usize {
        let bar = self.bar_frames().map_or(0, |frames| (frame as f64 / frames) as usize).min(self.bars() - 1);
        // Rounding may put a line a frame beside the quotient.
        if bar + 1 < self.bars() && self.bar_start(bar + 1) <= frame { bar + 1 } else { bar }
    }

    fn bar_frames(&self) -> Option<f64> {
        self.bar_s.map(|seconds| seconds * self.rate().hz()).filter(|frames| *frames >= 1.0)
    }
}
