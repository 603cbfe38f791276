//! What becomes of the sound that outlasts the score.

use crate::audio::StereoFrame;
use crate::units::SampleRate;
use serde::{Deserialize, Serialize};

/// -90 dB: below this a tail is over.
const TAIL_FLOOR: f32 = 3.16e-5;
/// Length of the fade before a hard end, in seconds.
const CUT_FADE_S: f64 = 0.005;

/// What becomes of the sound that outlasts the score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// It flows into the start: the length is that of the score, and the sound repeats without a seam.
    #[default]
    Wrap,
    /// It is kept until it has fallen below -90 dB.
    Ring,
    /// It is cut off, after a fade of 5 ms.
    Cut,
}

impl Ending {
    /// Brings frames that were rendered with their tail to their final length; `length` is that of the score.
    pub fn settle(self, frames: &mut Vec<StereoFrame>, length: usize, rate: SampleRate) {
        match self {
            Self::Wrap => wrap(frames, length),
            Self::Ring => {
                let end = frames.iter().rposition(Self::is_heard).map_or(0, |last| last + 1);
                frames.resize(end.max(length), [0.0; 2]);
            }
            Self::Cut => {
                frames.resize(length, [0.0; 2]);
                Self::fade_out(frames, 0, length, rate);
            }
        }
    }

    /// Fades what lies in the last 5 ms of a piece of `length` frames, of which `left` come after `frames`.
    pub(crate) fn fade_out(frames: &mut [StereoFrame], left: usize, length: usize, rate: SampleRate) {
        let fade = rate.frames(CUT_FADE_S).min(length);
        for (index, frame) in frames.iter_mut().rev().enumerate().take(fade.saturating_sub(left)) {
            let gain = (left + index) as f32 / fade as f32;
            *frame = frame.map(|sample| gain * sample);
        }
    }

    /// -90 dB: below this a tail is over.
    pub(crate) fn is_heard(frame: &StereoFrame) -> bool {
        frame[0].abs().max(frame[1].abs()) >= TAIL_FLOOR
    }
}

/// Adds everything after `length` onto the frames that are a whole number of lengths earlier.
fn wrap(frames: &mut Vec<StereoFrame>, length: usize) {
    if frames.len() < length {
        frames.resize(length, [0.0; 2]);
    }
    let tail = frames.split_off(length);
    if length == 0 {
        return;
    }
    for turn in tail.chunks(length) {
        for (frame, late) in frames.iter_mut().zip(turn) {
            frame[0] += late[0];
            frame[1] += late[1];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tail_of_several_turns_is_added_modulo_the_length() {
        let mut frames: Vec<StereoFrame> = (0..10).map(|n| [n as f32, -(n as f32)]).collect();
        Ending::Wrap.settle(&mut frames, 4, SampleRate::CD);
        let sums = [0.0 + 4.0 + 8.0, 1.0 + 5.0 + 9.0, 2.0 + 6.0, 3.0 + 7.0];
        assert_eq!(frames, sums.map(|sum| [sum, -sum]));
    }

    #[test]
    fn ringing_ends_below_the_floor_and_cutting_ends_at_zero() {
        let mut frames = vec![[0.5; 2]; 2000];
        frames.extend([[1e-6; 2]; 500]);
        let mut cut = frames.clone();
        Ending::Ring.settle(&mut frames, 1000, SampleRate::CD);
        assert_eq!(frames.len(), 2000);
        Ending::Cut.settle(&mut cut, 1000, SampleRate::CD);
        assert_eq!((cut.len(), cut[999]), (1000, [0.0; 2]));
        assert_eq!(cut[700], [0.5; 2]);
    }
}
