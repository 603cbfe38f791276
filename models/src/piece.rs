//! Music as the networks see it: quantised, and transposed so that the tonic is C.

use riffsmith_dsp::score::{Chord, Meter, Mode, Role};
use std::ops::Range;

/// Grid steps in a quarter note: fine enough for 32nds and for triplets of sixteenths.
pub const STEPS_PER_QUARTER: u32 = 24;

/// Score ticks in a grid step.
pub const TICKS_PER_STEP: u32 = riffsmith_dsp::score::Ticks::PER_QUARTER / STEPS_PER_QUARTER;

/// One note on the grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Event {
    /// Onset in grid steps from the start of the piece.
    pub step: u32,
    /// Pitched parts: the MIDI pitch after moving the tonic to C. Drums: a General MIDI drum of the folded kit.
    pub pitch: u8,
    /// Length in grid steps, at least 1.
    pub length: u32,
    /// 1 to 127.
    pub velocity: u8,
    /// How far the player was from the grid, in score ticks, early is negative: within half a sixteenth, -60 ..= 60.
    pub offset: i8,
}

/// Which part of the data a piece belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Split {
    /// Learnt from.
    Train,
    /// Decides when to stop and what to keep.
    Valid,
    /// Looked at only to report.
    Test,
}

/// A stretch of music, as much of it as its source holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Piece {
    /// Data set and file: `groove-midi/drummer1/session1/12_funk_92_beat_4-4.mid`.
    pub source: String,
    /// Its styles, as tags: `funk`, `house`.
    pub styles: Vec<String>,
    /// Which part of the data it belongs to.
    pub split: Split,
    /// One metre throughout.
    pub meter: Meter,
    /// The mode, where known.
    pub mode: Option<Mode>,
    /// Quarter notes per minute, where known.
    pub bpm: Option<f64>,
    /// Whole bars.
    pub bars: u32,
    /// Chord from a grid step on, tonic moved to C; `None` is silence. Empty where unknown.
    pub harmony: Vec<(u32, Option<Chord>)>,
    /// The parts, each at most once, its events sorted by (step, pitch).
    pub parts: Vec<(Role, Vec<Event>)>,
    /// True where the end is meant to lead back to the start.
    pub is_loop: bool,
}

impl Split {
    /// Its name: `train`, `valid`, `test`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Valid => "valid",
            Self::Test => "test",
        }
    }
}

impl Piece {
    /// The name of its data set.
    pub fn set(&self) -> &str {
        self.source.split('/').next().unwrap_or_default()
    }

    /// Grid steps in a bar.
    pub fn steps_per_bar(&self) -> u32 {
        self.meter.bar().0 / TICKS_PER_STEP
    }

    /// Some of its bars as a piece of their own, under the chord that sounds at their start; a loop only if they are all.
    pub fn excerpt(&self, bars: Range<u32>) -> Self {
        let bar = self.steps_per_bar();
        let (start, end) = (bars.start * bar, bars.end * bar);
        let inside = start..end;
        let events = |events: &[Event]| -> Vec<Event> {
            let own = events.iter().filter(|event| inside.contains(&event.step));
            own.map(|event| Event { step: event.step - start, ..*event }).collect()
        };
        let held = self.harmony.iter().rfind(|&&(at, _)| at < start).map(|&(_, chord)| (0, chord));
        let own = self.harmony.iter().filter(|(at, _)| inside.contains(at)).map(|&(at, chord)| (at - start, chord));
        let mut harmony: Vec<(u32, Option<Chord>)> = own.collect();
        if harmony.first().is_none_or(|&(at, _)| at > 0) {
            harmony.splice(0..0, held);
        }
        Self {
            bars: bars.end - bars.start,
            harmony,
            parts: self.parts.iter().map(|(role, own)| (*role, events(own))).collect(),
            is_loop: self.is_loop && bars == (0..self.bars),
            ..self.clone()
        }
    }

    /// The events of a part; empty where the piece does not have it.
    pub fn part(&self, role: Role) -> &[Event] {
        self.parts.iter().find(|(own, _)| *own == role).map_or(&[], |(_, events)| events)
    }
}
