//! A track through a patch: every note struck on its own frame, let go on its own, and its tail kept.

mod ending;
mod performance;

pub use ending::Ending;

use crate::audio::{AudioBuffer, StereoFrame};
use crate::effect::MAX_BLOCK;
use crate::instrument::{Instrument, Strike};
use crate::patch::Patch;
use crate::rng::Seed;
use crate::score::{Score, Track};
use crate::units::{SampleRate, db_to_gain};
use performance::{Curve, PlayedNote, performance};

/// Longest tail of a note after it is let go, in seconds.
pub const MAX_TAIL_S: f64 = 20.0;

/// Renders a track without effects: as long as `ending` says, at the level of the patch.
///
/// The samples depend on nothing but the arguments: each note's voice has its own seed.
pub fn render_track(
    score: &Score,
    track: &Track,
    patch: &Patch,
    sample_rate: SampleRate,
    ending: Ending,
    seed: Seed,
) -> AudioBuffer {
    let length = score.frame_at(score.length, sample_rate);
    let performance = performance(score, track, &patch.instrument, sample_rate, ending);
    let gain = db_to_gain(patch.gain_db + patch.instrument.entry().trim_db);
    let mut frames: Vec<StereoFrame> = Vec::with_capacity(length + sample_rate.frames(4.0));
    for (index, note) in performance.notes.iter().enumerate() {
        let strike = Strike {
            pitch: f64::from(note.note.pitch.number()),
            velocity: note.note.velocity,
            sample_rate,
            bpm: score.tempo().bpm(),
            seed: seed.fork_index(index as u64),
        };
        render_note(&mut frames, note, &patch.instrument, &strike, &performance.bend);
    }
    performance.gain.apply(&mut frames, gain);
    ending.settle(&mut frames, length, sample_rate);
    AudioBuffer { sample_rate, frames }
}

/// Adds one note onto `frames`, which grow as far as it sounds.
fn render_note(
    frames: &mut Vec<StereoFrame>,
    note: &PlayedNote,
    instrument: &dyn Instrument,
    strike: &Strike,
    bend: &Curve,
) {
    let mut voice = instrument.strike(strike);
    let limit = note.release_frame + strike.sample_rate.frames(MAX_TAIL_S);
    let mut at = note.start_frame;
    while at < limit && !voice.is_finished() {
        if at == note.release_frame {
            voice.release();
        }
        if Some(at) == note.choke_frame {
            voice.choke();
        }
        let next_event = [Some(note.release_frame), note.choke_frame].into_iter().flatten().filter(|&frame| frame > at);
        let end = next_event.fold(limit.min(at + MAX_BLOCK), usize::min);
        voice.bend(bend.at(at));
        if frames.len() < end {
            frames.resize(end, [0.0; 2]);
        }
        voice.render(&mut frames[at..end]);
        at = end;
    }
}
