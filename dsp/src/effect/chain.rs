//! Effects in a row, and how they are run over a whole piece or round a loop.

use super::{Effect, EffectContext, EffectSpec, MAX_BLOCK};
use crate::audio::{AudioBuffer, StereoFrame};
use dasp::Frame;

/// Effects one after the other; itself an effect.
pub struct Chain {
    effects: Vec<Box<dyn Effect>>,
}

impl Chain {
    /// Longest run-up before a loop, in seconds: enough for all but a delay that hardly decays.
    const MAX_RUN_UP_S: f64 = 40.0;

    /// The effects of `specs`, in order.
    pub fn new(specs: &[EffectSpec], context: &EffectContext) -> Self {
        Self { effects: specs.iter().map(|spec| spec.build(context)).collect() }
    }

    /// Runs a loop through the chain as if it had always been playing: frame `len - 1` of the result flows into frame 0.
    ///
    /// The chain first hears as much of the loop's end as it takes to settle. Latency is taken out by rotation. `key`, if
    /// given, is as long as `audio`.
    pub fn process_loop(&mut self, audio: &mut AudioBuffer, key: Option<&AudioBuffer>) {
        let length = audio.len();
        if length == 0 || self.effects.is_empty() {
            return;
        }
        self.reset();
        let longest = audio.sample_rate.frames(Self::MAX_RUN_UP_S).max(length);
        let run_up = self.settle_frames().min(longest);
        let mut position = (length - run_up % length) % length;
        let mut left = run_up;
        let mut scratch = [StereoFrame::EQUILIBRIUM; MAX_BLOCK];
        while left > 0 {
            let count = left.min(MAX_BLOCK).min(length - position);
            let range = position..position + count;
            scratch[..count].copy_from_slice(&audio.frames[range.clone()]);
            self.process(&mut scratch[..count], key.map(|key| &key.frames[range]));
            position = (position + count) % length;
            left -= count;
        }
        self.process_all(&mut audio.frames, key);
        audio.frames.rotate_left(self.latency_frames() % length);
    }

    /// Runs a whole piece through the chain, from silence, with `tail_frames` more at its end. Latency is taken out.
    ///
    /// `key`, if given, is as long as `audio` or longer; after its end it is silent.
    pub fn process_piece(&mut self, audio: &mut AudioBuffer, key: Option<&AudioBuffer>, tail_frames: usize) {
        self.reset();
        let length = audio.len() + tail_frames;
        let latency = self.latency_frames();
        audio.frames.resize(length + latency, StereoFrame::EQUILIBRIUM);
        self.process_all(&mut audio.frames, key);
        audio.frames.drain(..latency);
    }

    fn process_all(&mut self, frames: &mut [StereoFrame], key: Option<&AudioBuffer>) {
        let mut key_block = [StereoFrame::EQUILIBRIUM; MAX_BLOCK];
        for (index, block) in frames.chunks_mut(MAX_BLOCK).enumerate() {
            let key_block = key.map(|key| {
                for (offset, frame) in key_block.iter_mut().enumerate() {
                    let heard = key.frames.get(index * MAX_BLOCK + offset);
                    *frame = heard.copied().unwrap_or(StereoFrame::EQUILIBRIUM);
                }
                &key_block[..block.len()]
            });
            self.process(block, key_block);
        }
    }
}

impl Effect for Chain {
    fn process(&mut self, block: &mut [StereoFrame], key: Option<&[StereoFrame]>) {
        for effect in &mut self.effects {
            effect.process(block, key);
        }
    }

    fn reset(&mut self) {
        self.effects.iter_mut().for_each(|effect| effect.reset());
    }

    fn tail_frames(&self) -> usize {
        self.effects.iter().map(|effect| effect.tail_frames()).sum()
    }

    fn settle_frames(&self) -> usize {
        self.effects.iter().map(|effect| effect.settle_frames()).sum()
    }

    fn latency_frames(&self) -> usize {
        self.effects.iter().map(|effect| effect.latency_frames()).sum()
    }
}
