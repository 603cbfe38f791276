//! What each factor of an event may depend on.

use super::Example;
use crate::composer::features::{Cursor, View};
use crate::composer::grid::{NEXT_BAR, SLOTS_PER_QUARTER, slot_step};
use crate::composer::line::Token;
use crate::composer::part::Part;
use crate::composer::recall::Likeness;
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
    /// A factor of the note that followed when the same was played before.
    Followed(Likeness, Factor),
    /// How much of what was played last was played before.
    Agreeing(Likeness),
}

/// How far back an n-gram remembers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Memory {
    /// The last four notes, and two of the same symbol.
    Short,
    /// Also what followed when the same was played before, which the network is told too.
    Recalling,
}

/// The likenesses that a recalling n-gram knows.
const RECALLED: [Likeness; 3] = [Likeness::Exact, Likeness::Order, Likeness::Rhythm];

impl Element {
    /// Every element of a memory.
    pub fn all(memory: Memory) -> Vec<Self> {
        let ago = (0..=NOTES).flat_map(|ago| Factor::ALL.map(|factor| Self::Ago(ago, factor)));
        let same = (0..SAME_NOTES).flat_map(|ago| Factor::ALL.map(|factor| Self::Same(ago, factor)));
        let short = [Self::Bar, Self::Slot, Self::Beat].into_iter().chain(ago).chain(same);
        if memory == Memory::Short {
            return short.collect();
        }
        let followed = RECALLED.into_iter().flat_map(|likeness| {
            let factors = Factor::ALL.map(|factor| Self::Followed(likeness, factor));
            factors.into_iter().chain([Self::Agreeing(likeness)])
        });
        short.chain(followed).collect()
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
    /// By likeness of [`RECALLED`]: how much agrees, and what followed; the onset as steps from the cursor.
    recalled: [(u16, Note); RECALLED.len()],
}

impl Moment<'_> {
    /// What an element is at this moment.
    pub fn element(&self, element: Element) -> u16 {
        let symbol = |note: &Note| note[Factor::Symbol as usize];
        let (note, factor) = match element {
            Element::Bar => return (self.bar % FORM) as u16,
            Element::Slot => return self.slot as u16,
            Element::Beat => return (self.slot % SLOTS_PER_QUARTER) as u16,
            Element::Followed(likeness, factor) => (self.recalled(likeness).map(|(_, note)| note), factor),
            Element::Agreeing(likeness) => return self.recalled(likeness).map_or(UNKNOWN, |&(agreeing, _)| agreeing),
            Element::Ago(0, factor) => (Some(&self.now), factor),
            Element::Ago(ago, factor) => (self.before.iter().nth_back(ago - 1), factor),
            Element::Same(ago, factor) => {
                let same = self.before.iter().rev().filter(|&note| symbol(note) == symbol(&self.now));
                ({ same }.nth(ago), factor)
            }
        };
        note.map_or(UNKNOWN, |note| note[factor as usize])
    }

    fn recalled(&self, likeness: Likeness) -> Option<&(u16, Note)> {
        RECALLED.iter().position(|&own| own == likeness).map(|index| &self.recalled[index])
    }
}

/// How much agrees with what was played before, to the next power of two, and what followed then.
fn recalled(view: &View<'_>, cursor_step: u32) -> [(u16, Note); RECALLED.len()] {
    RECALLED.map(|likeness| {
        let Some(next) = view.line.expected(likeness) else { return (0, [UNKNOWN; FACTORS]) };
        // What is past cannot come any more.
        let steps = next.step.checked_sub(cursor_step).map_or(UNKNOWN, |steps| steps.min(UNKNOWN.into()) as u16);
        let Token { symbol, length, velocity, offset, .. } = next.token;
        (next.agreeing.min(32).next_power_of_two(), [steps, symbol, length.into(), velocity.into(), offset.into()])
    })
}

/// Visits every decision of a window: its factor, the class decided for, and the moment before.
pub fn walk(part: Part, example: &Example<'_>, mut visit: impl FnMut(Factor, u16, &Moment<'_>)) {
    let bar_steps = example.window.context.grid.steps;
    let mut notes: Vec<Note> = Vec::new();
    let mut last = None;
    replay(part, example.window, &example.tokens, |view, Cursor { bar, slot: from, .. }, token| {
        let recalled = recalled(view, bar * bar_steps + slot_step(from));
        let since = |slot: usize| {
            last.map_or(UNKNOWN, |last: u32| (bar * bar_steps + slot_step(slot) - last).min(UNKNOWN.into()) as u16)
        };
        let mut now = [UNKNOWN; FACTORS];
        let mut decide = |factor: Factor, class: usize, slot: usize, now: &Note| {
            visit(factor, class as u16, &Moment { bar, slot, now: *now, before: &notes, recalled });
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
