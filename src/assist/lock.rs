//! What must come back as it was: tracks, and bars of all tracks.

use super::proposal::Edit;
use super::song::Song;
use crate::error::Result;
use riffsmith_dsp::score::midi::Voice;
use std::ops::Range;

/// What is locked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Lock {
    voices: Vec<Voice>,
    /// Steps, sorted and apart.
    steps: Vec<Range<u32>>,
}

impl Lock {
    /// From what the user names: tracks by name, number or role, bars as `bars:5` or `bars:5-8`.
    ///
    /// # Errors
    /// Tracks or bars that there are not.
    pub fn new(song: &Song, names: &[String]) -> Result<Self> {
        let mut lock = Self::default();
        for name in names {
            match name.strip_prefix("bars:") {
                Some(bars) => {
                    let (first, last) = bars.split_once('-').unwrap_or((bars, bars));
                    let number = |text: &str| text.trim().parse::<u32>().unwrap_or(0);
                    lock.steps.push(song.steps(song.bar_range(number(first), number(last))?));
                }
                None => lock.voices.push(song.voice(song.track(name)?)?),
            }
        }
        lock.steps.sort_by_key(|steps| steps.start);
        Ok(lock)
    }

    /// What is left of changes: none of a locked track, and none in locked bars. A change that would put nothing but silence in the place of
    /// what is unlocked stays.
    pub fn without(&self, song: &Song, edits: Vec<Edit>) -> Vec<Edit> {
        let is_locked = |step: u32| self.steps.iter().any(|steps| steps.contains(&step));
        let left = |edit: Edit| match edit {
            Edit::Replace { voice, .. } if self.voices.contains(&voice) => None,
            Edit::Replace { voice, steps, notes } => Some(Edit::Replace {
                voice,
                steps: steps.iter().flat_map(|steps| self.outside(steps)).collect(),
                notes: notes.into_iter().filter(|note| !is_locked(song.step(note.start))).collect(),
            }),
            Edit::Add { name, role, program, notes } => {
                let notes = notes.into_iter().filter(|note| !is_locked(song.step(note.start))).collect();
                Some(Edit::Add { name, role, program, notes })
            }
        };
        edits.into_iter().filter_map(left).collect()
    }

    /// The parts of a stretch that are not locked.
    fn outside(&self, steps: &Range<u32>) -> Vec<Range<u32>> {
        let mut left = Vec::new();
        let mut from = steps.start;
        for locked in &self.steps {
            left.push(from..locked.start.clamp(from, steps.end));
            from = from.max(locked.end.min(steps.end));
        }
        left.push(from..steps.end);
        left.retain(|steps| steps.start < steps.end);
        left
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_outside_of_locked_bars_is_left() {
        let lock = Lock { voices: Vec::new(), steps: vec![96..192, 384..480] };
        assert_eq!(lock.outside(&(0..u32::MAX)), [0..96, 192..384, 480..u32::MAX]);
        assert_eq!(lock.outside(&(100..150)), []);
        let one = |steps: Range<u32>| vec![steps];
        assert_eq!(lock.outside(&(100..200)), one(192..200));
        assert_eq!(lock.outside(&(200..300)), one(200..300));
        assert_eq!(Lock::default().outside(&(1..2)), one(1..2));
    }
}
