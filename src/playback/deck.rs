//! A sound that is being played.

use super::sound::{LAYERS, Sound};
use riffsmith_dsp::StereoFrame;
use std::sync::Arc;

/// A sound and how far it is.
#[derive(Debug)]
pub struct Deck {
    pub sound: Arc<Sound>,
    /// The next frame.
    pub position: usize,
    /// Frames of silence before it.
    pub lead: usize,
}

impl Deck {
    /// From a frame on.
    pub fn at(sound: Arc<Sound>, position: usize) -> Self {
        let position = if sound.repeat { position % sound.len().max(1) } else { position.min(sound.len()) };
        Self { sound, position, lead: 0 }
    }

    /// So that its first frame is heard after `frames`; a loop plays its end until then.
    pub fn before_its_start(sound: Arc<Sound>, frames: usize) -> Self {
        let length = sound.len().max(1);
        if sound.repeat {
            let position = (length - frames % length) % length;
            Self { sound, position, lead: 0 }
        } else {
            Self { sound, position: 0, lead: frames }
        }
    }

    /// True if nothing will follow.
    pub fn is_over(&self) -> bool {
        !self.sound.repeat && self.position >= self.sound.len() || self.sound.is_empty()
    }

    /// The next frame, with a gain for each layer.
    pub fn next(&mut self, gains: &[f32; LAYERS]) -> StereoFrame {
        if self.lead > 0 {
            self.lead -= 1;
            return [0.0; 2];
        }
        if self.position >= self.sound.len() {
            if !self.sound.repeat {
                return [0.0; 2];
            }
            self.position = 0;
        }
        let frame = self.frame(gains);
        self.position += 1;
        frame
    }

    fn frame(&self, gains: &[f32; LAYERS]) -> StereoFrame {
        let Sound { mix, stems, gain, .. } = &*self.sound;
        let [mix_gain, stem_gains @ ..] = gains;
        // A sound that comes without its parts is always heard whole.
        let mix_gain = if self.sound.has_stems() { *mix_gain } else { 1.0 };
        let mut sum = match mix.frames.get(self.position) {
            Some(frame) if mix_gain != 0.0 => frame.map(|sample| sample * mix_gain),
            _ => [0.0; 2],
        };
        for (stem, stem_gain) in stems.iter().zip(stem_gains).filter(|(_, stem_gain)| **stem_gain != 0.0) {
            if let Some([left, right]) = stem.as_ref().and_then(|stem| stem.frames.get(self.position)) {
                sum = [sum[0] + left * stem_gain, sum[1] + right * stem_gain];
            }
        }
        sum.map(|sample| sample * gain)
    }

    /// Frames until the next bar line that is at least `ahead` frames away, and which frame of the sound it is.
    pub fn until_line(&self, ahead: usize) -> (usize, usize) {
        let sound = &self.sound;
        let length = sound.len();
        let place = |line: usize| line + self.lead;
        let mut bar = sound.bar_at(self.position) + 1;
        while bar <= sound.bars() {
            let line = if bar == sound.bars() { length } else { sound.bar_start(bar) };
            if place(line) >= self.position + ahead {
                return (place(line) - self.position, line);
            }
            bar += 1;
        }
        // Too near the end: the first line of the next round.
        let first = if sound.bars() > 1 { sound.bar_start(1) } else { length };
        ((length + first).saturating_sub(self.position), first)
    }

    /// The frame of another sound that is as far into the same bar.
    pub fn mirrored(&self, other: &Sound) -> usize {
        let own = &self.sound;
        if other.len() == own.len() {
            return self.position;
        }
        let bar = own.bar_at(self.position);
        let (start, end) = (own.bar_start(bar), own.bar_start(bar + 1));
        let share = (self.position - start) as f64 / (end - start).max(1) as f64;
        let theirs = bar % other.bars();
        let (start, end) = (other.bar_start(theirs), other.bar_start(theirs + 1));
        start + (share.min(1.0) * (end - start) as f64) as usize
    }
}
