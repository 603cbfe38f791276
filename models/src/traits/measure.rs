//! The numbers that traits are about.

use crate::piece::{Event, Piece, STEPS_PER_QUARTER};
use riffsmith_dsp::score::{PitchClass, Role};

const SIXTEENTH: u32 = STEPS_PER_QUARTER / 4;
/// A note belongs to a place up to this many grid steps beside it: a 48th of a bar.
const NEAR: u32 = 2;
/// General MIDI's kick.
const KICK: u8 = 36;

/// What is measured.
#[derive(Debug, Clone, PartialEq)]
pub enum Measure {
    /// The share of these places, in grid steps within a period of so many bars, at which there is a note.
    Places {
        /// In steps from the period's start.
        steps: Vec<u32>,
        /// The period, in bars.
        bars: u32,
    },
    /// A number of one name.
    Named(Named),
}

/// Measures that need no places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named {
    /// Strikes a bar: notes that begin together count once, but for drums.
    NotesPerBar,
    /// The share of strikes off the quarter notes.
    OffBeat,
    /// The share of strikes off the eighths.
    Sixteenths,
    /// Median length in quarter notes.
    Length,
    /// Median MIDI pitch, where the tonic is C.
    Pitch,
    /// Mean number of notes that begin together.
    ChordSize,
    /// The share of chord changes at which the bass has the chord's root or lowest note, within a quarter note.
    Root,
    /// The share of notes that begin with the kick.
    WithKick,
    /// The share of hits less than a sixteenth after the hit before them.
    Rolls,
    /// Standard deviation of the velocity.
    VelocitySpread,
    /// The share of chords of four notes and more.
    Sevenths,
}

/// Each by its name in a style's file, and the role it is for, if only one.
const NAMES: [(&str, Named, Option<Role>); 11] = [
    ("notes_per_bar", Named::NotesPerBar, None),
    ("off_beat", Named::OffBeat, None),
    ("sixteenths", Named::Sixteenths, None),
    ("length", Named::Length, None),
    ("pitch", Named::Pitch, None),
    ("chord_size", Named::ChordSize, None),
    ("root", Named::Root, Some(Role::Bass)),
    ("with_kick", Named::WithKick, Some(Role::Bass)),
    ("rolls", Named::Rolls, Some(Role::Drums)),
    ("velocity_spread", Named::VelocitySpread, None),
    ("sevenths", Named::Sevenths, Some(Role::Chords)),
];

impl Measure {
    /// # Errors
    /// An unknown name, or one that is for another role.
    pub fn named(name: &str, role: Role) -> Result<Self, String> {
        match NAMES.iter().find(|(own, ..)| *own == name) {
            None => {
                let names: Vec<&str> = NAMES.iter().map(|(own, ..)| *own).collect();
                Err(format!("{name:?} is no measure; there are {}", names.join(", ")))
            }
            Some((_, _, Some(only))) if *only != role => Err(format!("{name} is for {only}, not for {role}")),
            Some((_, named, _)) => Ok(Self::Named(*named)),
        }
    }

    /// `quarters` count from 1.
    ///
    /// # Errors
    /// No places, or one before the first quarter note or off the grid.
    pub fn places(quarters: &[f32], bars: u32) -> Result<Self, String> {
        let step = |&place: &f32| {
            let step = (place - 1.0) * STEPS_PER_QUARTER as f32;
            let is_on_grid = step >= 0.0 && (step - step.round()).abs() < 0.1;
            is_on_grid.then_some(step.round() as u32).ok_or_else(|| {
                format!("a place must be at least 1, in 24ths of a quarter note such as 2.75, but was {place}")
            })
        };
        let steps = quarters.iter().map(step).collect::<Result<Vec<_>, _>>()?;
        if steps.is_empty() || bars == 0 {
            return Err("there must be places, and every must be at least 1".to_owned());
        }
        Ok(Self::Places { steps, bars })
    }

    /// Its places as they are written, in quarter notes from 1.
    pub fn quarters(&self) -> Vec<f32> {
        let Self::Places { steps, .. } = self else { return Vec::new() };
        steps.iter().map(|&step| 1.0 + step as f32 / STEPS_PER_QUARTER as f32).collect()
    }

    /// True where a step from the start of a piece is one of its places.
    pub fn has_place(&self, step: u32, steps_per_bar: u32) -> bool {
        matches!(self, Self::Places { steps, bars } if steps.contains(&(step % (bars * steps_per_bar).max(1))))
    }

    /// True for what the chords alone decide.
    pub fn is_of_harmony(&self) -> bool {
        *self == Self::Named(Named::Sevenths)
    }

    /// Measures `events` of a part of `piece`.
    pub fn of(&self, piece: &Piece, role: Role, events: &[Event]) -> Option<f32> {
        match self {
            Self::Places { steps, bars } => struck(piece, events, steps, *bars),
            Self::Named(named) => named.of(piece, role, events),
        }
    }
}

impl Named {
    /// As a style's file calls it.
    pub fn name(self) -> &'static str {
        NAMES.iter().find(|(_, named, _)| *named == self).map_or("", |(name, ..)| name)
    }

    fn of(self, piece: &Piece, role: Role, events: &[Event]) -> Option<f32> {
        match self {
            Self::NotesPerBar => {
                let has_part = !piece.part(role).is_empty();
                has_part.then(|| onsets(role, events).len() as f32 / piece.bars as f32)
            }
            Self::OffBeat => share(&onsets(role, events), |step| !step.is_multiple_of(STEPS_PER_QUARTER)),
            Self::Sixteenths => share(&onsets(role, events), |step| !step.is_multiple_of(2 * SIXTEENTH)),
            Self::Length => median(events.iter().map(|event| event.length as f32 / STEPS_PER_QUARTER as f32)),
            Self::Pitch => median(events.iter().map(|event| f32::from(event.pitch))),
            Self::ChordSize => {
                let strikes = onsets(Role::Chords, events).len();
                (strikes > 0).then(|| events.len() as f32 / strikes as f32)
            }
            Self::Root => roots(piece, events),
            Self::WithKick => {
                let kicks: Vec<u32> = piece
                    .part(Role::Drums)
                    .iter()
                    .filter(|event| event.pitch == KICK)
                    .map(|event| event.step)
                    .collect();
                let has_drums = !piece.part(Role::Drums).is_empty();
                share(events, |event| kicks.iter().any(|kick| kick.abs_diff(event.step) <= NEAR)).filter(|_| has_drums)
            }
            Self::Rolls => {
                let close = |(index, event): &(usize, &Event)| {
                    let before = events[..*index].iter().rev().find(|before| before.pitch == event.pitch);
                    before.is_some_and(|before| event.step - before.step < SIXTEENTH)
                };
                share(&events.iter().enumerate().collect::<Vec<_>>(), |pair| close(pair))
            }
            Self::VelocitySpread => spread(events.iter().map(|event| f32::from(event.velocity))),
            Self::Sevenths => {
                let chords: Vec<_> = piece.harmony.iter().filter_map(|(_, chord)| *chord).collect();
                share(&chords, |chord| chord.quality.intervals().len() >= 4)
            }
        }
    }
}

/// Where something begins.
fn onsets(role: Role, events: &[Event]) -> Vec<u32> {
    let mut steps: Vec<u32> = events.iter().map(|event| event.step).collect();
    if role != Role::Drums {
        steps.dedup();
    }
    steps
}

fn struck(piece: &Piece, events: &[Event], steps: &[u32], bars: u32) -> Option<f32> {
    let period = bars * piece.steps_per_bar();
    let end = piece.bars * piece.steps_per_bar();
    let places: Vec<u32> = (0..end)
        .step_by(period as usize)
        .flat_map(|start| steps.iter().filter(|&&step| step < period).map(move |step| start + step))
        .filter(|&place| place < end)
        .collect();
    let has_part = !piece.parts.is_empty();
    share(&places, |&place| events.iter().any(|event| event.step.abs_diff(place) <= NEAR)).filter(|_| has_part)
}

fn roots(piece: &Piece, events: &[Event]) -> Option<f32> {
    let changes: Vec<_> = piece.harmony.iter().filter_map(|&(start, chord)| Some((start, chord?))).collect();
    if events.is_empty() {
        return None;
    }
    share(&changes, |&(start, chord)| {
        events.iter().any(|event| {
            let class = PitchClass::new(i32::from(event.pitch));
            let sounds = event.step < start + STEPS_PER_QUARTER && event.step + event.length > start;
            sounds && (class == chord.root || class == chord.lowest())
        })
    })
}

fn share<T>(items: &[T], holds: impl Fn(&T) -> bool) -> Option<f32> {
    let count = items.iter().filter(|item| holds(item)).count();
    (!items.is_empty()).then(|| count as f32 / items.len() as f32)
}

fn median(values: impl Iterator<Item = f32>) -> Option<f32> {
    let mut values: Vec<f32> = values.collect();
    values.sort_by(f32::total_cmp);
    values.get(values.len() / 2).copied()
}

fn spread(values: impl Iterator<Item = f32> + Clone) -> Option<f32> {
    let count = values.clone().count() as f32;
    let mean = values.clone().sum::<f32>() / count;
    (count > 0.0).then(|| (values.map(|value| (value - mean).powi(2)).sum::<f32>() / count).sqrt())
}
