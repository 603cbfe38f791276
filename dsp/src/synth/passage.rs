//! A few notes of a track, rendered onto the frames that they sound on.

use super::MAX_TAIL_S;
use super::controllers::Wheels;
use super::performance::PlayedNote;
use crate::audio::StereoFrame;
use crate::effect::MAX_BLOCK;
use crate::envelope::Decay;
use crate::instrument::{Instrument, Strike, Voice};
use crate::patch::Patch;
use crate::units::SampleRate;

/// Every voice rises from silence over this time, in seconds: too short to soften a hit, long enough that its first frame is no
/// step. A hit on a loop's first frame would otherwise be one at the seam.
const ONSET_S: f64 = 0.3e-3;

/// The sum of some notes.
pub(super) struct Passage {
    /// Where it begins, in frames of the track.
    start: usize,
    frames: Vec<StereoFrame>,
}

impl Passage {
    /// An empty one that begins with the first of `notes`.
    pub(super) fn starting_with(notes: &[PlayedNote]) -> Self {
        Self { start: notes.iter().map(|note| note.start_frame).min().unwrap_or(0), frames: Vec::new() }
    }

    /// Adds a note, as long as it sounds.
    pub(super) fn add(&mut self, note: &PlayedNote, patch: &Patch, strike: &Strike, wheels: &Wheels) {
        let mut voice = patch.instrument.strike(strike);
        // What is left of the glide after one frame.
        let glide_fall = Decay::factor(patch.glide_s, strike.sample_rate.hz());
        let limit = note.release_frame + strike.sample_rate.frames(MAX_TAIL_S);
        let mut at = note.start_frame;
        while at < limit && !voice.is_finished() {
            if at == note.release_frame {
                voice.release();
            }
            if Some(at) == note.choke_frame {
                voice.choke();
            }
            let events = [Some(note.release_frame), note.choke_frame].into_iter().flatten();
            let next_event = events.chain(note.slides.iter().map(|slide| slide.frame)).filter(|&frame| frame > at);
            let end = next_event.fold(limit.min(at + MAX_BLOCK), usize::min);
            voice.bend(wheels.at(at) + note.semitones_at(at, glide_fall));
            voice.listen(&wheels.controllers_at(at));
            let block = self.block(at, end);
            if at == note.start_frame {
                render_onset(voice.as_mut(), block, strike.sample_rate);
            } else {
                voice.render(block);
            }
            at = end;
        }
    }

    /// The frames of a stretch of the track.
    fn block(&mut self, at: usize, end: usize) -> &mut [StereoFrame] {
        if self.start + self.frames.len() < end {
            self.frames.resize(end - self.start, [0.0; 2]);
        }
        &mut self.frames[at - self.start..end - self.start]
    }

    /// Adds it to the frames of its track from `position` on, which grow as far as it sounds.
    pub(super) fn add_to(&self, frames: &mut Vec<StereoFrame>, position: usize) {
        let start = self.start - position;
        let end = start + self.frames.len();
        if frames.len() < end {
            frames.resize(end, [0.0; 2]);
        }
        for (frame, added) in frames[start..end].iter_mut().zip(&self.frames) {
            *frame = [frame[0] + added[0], frame[1] + added[1]];
        }
    }
}

/// Adds a voice's first block, which rises as a raised cosine.
fn render_onset(voice: &mut dyn Voice, block: &mut [StereoFrame], sample_rate: SampleRate) {
    let mut onset = [[0.0; 2]; MAX_BLOCK];
    let onset = &mut onset[..block.len()];
    voice.render(onset);
    let rise = ONSET_S * sample_rate.hz();
    for (index, (frame, added)) in block.iter_mut().zip(onset).enumerate() {
        let progress = (index as f64 / rise).min(1.0);
        let gain = (0.5 - 0.5 * (std::f64::consts::PI * progress).cos()) as f32;
        *frame = [frame[0] + gain * added[0], frame[1] + gain * added[1]];
    }
}
