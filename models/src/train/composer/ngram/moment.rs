//! What each factor of an event may depend on.

use super::Example;
use crate::composer::features::Cursor;
use crate::composer::grid::{NEXT_BAR, SLOTS_PER_QUARTER, slot_step};
use crate::composer::part::Part;
use crate::train::composer::song::replay;

/// Factors of an event.
pub const FACTORS: usize = 5;
/// Notes looked back: those of a 5-gram.
const NOTES: usize = 4;
/// Notes of the same symbol looked back.
const SAME_NOTES: usize = 2;
/// Bars of a form.
const FORM: u32 = 4;
/// Stands for what is not decided yet, and for what was before the first note.
const UNKNOWN: u16 = u16::MAX;

/// A factor of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Factor {
    /// Decided as slots from the cursor on, or [`NEXT_BAR`]; remembered as steps from the onset before.
    Onset,
    /// What is struck.
    Symbol,
    /// How long.
    Length,
    /// How strong.
    Velocity,
    /// How far off the grid.
    Offset,
}

impl Factor {
    /// All, in the order of deciding.
    pub const ALL: [Self; FACTORS] = [Self::Onset, Self::Symbol, Self::Length, Self::Velocity, Self::Offset];
}

/// Something that a factor may depend on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Element {
    /// The bar of a form of four.
    Bar,
    /// The slot of the bar: the note's, before that is decided the cursor's.
    Slot,
    /// The slot of the quarter note.
    Beat,
    /// A factor of the note itself, 0, or of one so many notes before.
    Ago(usize, Factor),
    /// A factor of the last note of the same symbol, 0, or of one before that.
    Same(usize, Factor),
}

impl Element {
    /// Every element.
    pub fn all() -> Vec<Self> {
        let ago = (0..=NOTES).flat_map(|ago| Factor::ALL.map(|factor| Self::Ago(ago, factor)));
        let same = (0..SAME_NOTES).flat_map(|ago| Factor::ALL.map(|factor| Self::Same(ago, factor)));
        [Self::Bar, Self::Slot, Self::Beat].into_iter().chain(ago).chain(same).collect()
    }
}

/// Factors of a note, as far as they are decided.
type Note = [u16; FACTORS];

/// When a factor is decided.
#[derive(Debug)]
pub struct Moment<'a> {
    bar: u32,
    slot: usize,
    now: Note,
    before: &'a [Note],
}

impl Moment<'_> {
    /// What an element is at this moment.
    pub fn element(&self, element: Element) -> u16 {
        let symbol = |note: &Note| note[Factor::Symbol as usize];
        let (note, factor) = match element {
            Element::Bar => return (self.bar % FORM) as u16,
            Element::Slot => return self.slot as u16,
            Element::Beat => return (self.slot % SLOTS_PER_QUARTER) as u16,
            Element::Ago(0, factor) => (Some(&self.now), factor),
            Element::Ago(ago, factor) => (self.before.iter().nth_back(ago - 1), factor),
            Element::Same(ago, factor) => {
                let same = self.before.iter().rev().filter(|&note| symbol(note) == symbol(&self.now));
                ({ same }.nth(ago), factor)
            }
        };
        note.map_or(UNKNOWN, |note| note[factor as usize])
    }
}

/// Visits every decision of a window: its factor, the class decided for, and the moment before.
pub fn walk(part: Part, example: &Example<'_>, mut visit: impl FnMut(Factor, u16, &Moment<'_>)) {
    let bar_steps = example.window.context.grid.steps;
    let mut notes: Vec<Note> = Vec::new();
    let mut last = None;
    replay(part, example.window, &example.tokens, |_, Cursor { bar, slot: from, .. }, token| {
        let since = |slot: usize| {
            last.map_or(UNKNOWN, |last: u32| (bar * bar_steps + slot_step(slot) - last).min(UNKNOWN.into()) as u16)
        };
        let mut now = [UNKNOWN; FACTORS];
        let mut decide = |factor: Factor, class: usize, slot: usize, now: &Note| {
            visit(factor, class as u16, &Moment { bar, slot, now: *now, before: &notes });
        };
        now[Factor::Onset as usize] = since(from);
        let Some(token) = token else { return decide(Factor::Onset, NEXT_BAR, from, &now) };
        let slot = usize::from(token.slot);
        decide(Factor::Onset, slot - from, from, &now);
        now[Factor::Onset as usize] = since(slot);
        for (factor, has, class) in [
            (Factor::Symbol, true, token.symbol),
            (Factor::Length, part.has_length(), token.length.into()),
            (Factor::Velocity, part.has_velocity(), token.velocity.into()),
            (Factor::Offset, part.has_offset(), token.offset.into()),
        ] {
            if has {
                decide(factor, class.into(), slot, &now);
                now[factor as usize] = class;
            }
        }
        last = Some(bar * bar_steps + slot_step(slot));
        notes.push(now);
    });
}
