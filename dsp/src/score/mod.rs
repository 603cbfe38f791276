//! The score: what is played, when, in which key and metre. Times are [`Ticks`], 480 per quarter note.

pub mod chord;
pub mod key;
pub mod midi;
pub mod note;
pub mod pitch;
pub mod time;

pub use chord::{Chord, Quality};
pub use key::{Key, Mode};
pub use note::{Control, Note, Role, Track};
pub use pitch::{Pitch, PitchClass, Velocity};
pub use time::{Meter, Tempo, Ticks};

use crate::units::SampleRate;

/// A piece of music.
///
/// `tempos` and `meters` are sorted by time, and their first entry is at tick 0.
#[derive(Debug, Clone, PartialEq)]
pub struct Score {
    /// Its length; a loop repeats after it. No note starts at or after it.
    pub length: Ticks,
    /// Tempo from a moment on.
    pub tempos: Vec<(Ticks, Tempo)>,
    /// Metre from a moment on.
    pub meters: Vec<(Ticks, Meter)>,
    /// Key from a moment on; empty where unknown.
    pub keys: Vec<(Ticks, Key)>,
    /// Chord from a moment on, sorted by time; empty where unknown.
    pub chords: Vec<(Ticks, Chord)>,
    /// The lines.
    pub tracks: Vec<Track>,
}

impl Score {
    /// A piece without notes, of one tempo and metre.
    pub fn empty(length: Ticks, tempo: Tempo, meter: Meter) -> Self {
        Self {
            length,
            tempos: vec![(Ticks(0), tempo)],
            meters: vec![(Ticks(0), meter)],
            keys: Vec::new(),
            chords: Vec::new(),
            tracks: Vec::new(),
        }
    }

    /// Seconds from the start to a (fractional) tick, by way of every tempo change in between.
    pub fn seconds_at(&self, ticks: f64) -> f64 {
        let per_quarter = f64::from(Ticks::PER_QUARTER);
        let mut seconds = 0.0;
        for (index, &(start, tempo)) in self.tempos.iter().enumerate() {
            let start = f64::from(start.0);
            if ticks <= start && index > 0 {
                break;
            }
            let end = self.tempos.get(index + 1).map_or(f64::INFINITY, |&(next, _)| f64::from(next.0));
            seconds += (ticks.min(end) - start) / per_quarter * tempo.seconds_per_quarter();
        }
        seconds
    }

    /// The frame nearest to a moment: rounded once, from the absolute time.
    pub fn frame_at(&self, ticks: Ticks, rate: SampleRate) -> usize {
        rate.frames(self.seconds_at(f64::from(ticks.0)))
    }

    /// The first tempo.
    pub fn tempo(&self) -> Tempo {
        self.tempos[0].1
    }

    /// The first metre.
    pub fn meter(&self) -> Meter {
        self.meters[0].1
    }

    /// The track with a role, if there is one.
    pub fn track(&self, role: Role) -> Option<&Track> {
        self.tracks.iter().find(|track| track.role == Some(role))
    }

    /// The chord that sounds at a moment.
    pub fn chord_at(&self, at: Ticks) -> Option<Chord> {
        let after = self.chords.partition_point(|&(start, _)| start <= at);
        after.checked_sub(1).map(|index| self.chords[index].1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_runs_through_every_tempo_change() {
        let mut score = Score::empty(Ticks(9600), Tempo::new(120.0).expect("valid"), Meter::COMMON);
        score.tempos.push((Ticks(960), Tempo::new(60.0).expect("valid")));
        assert_eq!(score.seconds_at(0.0), 0.0);
        assert_eq!(score.seconds_at(480.0), 0.5);
        assert_eq!(score.seconds_at(960.0), 1.0);
        assert_eq!(score.seconds_at(1440.0), 2.0);
        assert_eq!(score.frame_at(Ticks(1440), SampleRate::CD), 88_200);
    }

    #[test]
    fn positions_are_rounded_once() {
        // 44.1 kHz at 127 BPM: a sixteenth is 5209.6 frames; the 64th one must not carry 64 roundings.
        let score = Score::empty(Ticks(7680), Tempo::new(127.0).expect("valid"), Meter::COMMON);
        for sixteenth in 0..=64u32 {
            let exact = f64::from(sixteenth) * 0.25 * 60.0 / 127.0 * 44_100.0;
            let frame = score.frame_at(Ticks::SIXTEENTH * sixteenth, SampleRate::CD);
            assert!((frame as f64 - exact).abs() <= 0.5);
        }
    }
}
