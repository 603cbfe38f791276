//! The onset grid of a bar: 32nds and triplets of sixteenths, twelve slots in a quarter note.

use crate::piece::{STEPS_PER_QUARTER, TICKS_PER_STEP};
use riffsmith_dsp::score::Meter;

/// Slots in a quarter note.
pub const SLOTS_PER_QUARTER: usize = 12;

/// The longest bar: eight quarter notes.
pub const MAX_QUARTERS: usize = 8;

/// Slots of the longest bar.
pub const MAX_SLOTS: usize = SLOTS_PER_QUARTER * MAX_QUARTERS;

/// The onset class that means "nothing more in this bar".
pub const NEXT_BAR: usize = MAX_SLOTS;

/// Onset classes: every slot, and the next bar.
pub const ONSETS: usize = MAX_SLOTS + 1;

/// Grid steps of the slots in a quarter note: the multiples of 3 (32nds) and of 4 (triplets of sixteenths).
const SLOT_STEPS: [u32; SLOTS_PER_QUARTER] = [0, 3, 4, 6, 8, 9, 12, 15, 16, 18, 20, 21];

/// Steps from a bar's start to a slot.
pub fn slot_step(slot: usize) -> u32 {
    (slot / SLOTS_PER_QUARTER) as u32 * STEPS_PER_QUARTER + SLOT_STEPS[slot % SLOTS_PER_QUARTER]
}

/// A bar of one metre, cut into slots.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bar {
    /// Its metre.
    pub meter: Meter,
    /// Its length in grid steps.
    pub steps: u32,
    /// Its number of slots.
    pub slots: usize,
}

impl Bar {
    /// `None` for bars shorter than a quarter note or longer than [`MAX_QUARTERS`].
    pub fn new(meter: Meter) -> Option<Self> {
        let steps = meter.bar().0 / TICKS_PER_STEP;
        let longest = STEPS_PER_QUARTER * MAX_QUARTERS as u32;
        let slots = (0..MAX_SLOTS).take_while(|&slot| slot_step(slot) < steps).count();
        (STEPS_PER_QUARTER..=longest).contains(&steps).then_some(Self { meter, steps, slots })
    }

    /// The slot nearest to a step of the whole piece: its bar, the slot, and its distance in steps (negative: the slot is earlier).
    pub fn nearest(self, step: u32) -> (u32, usize, i32) {
        let (bar, within) = (step / self.steps, step % self.steps);
        let slot = (0..self.slots).min_by_key(|&slot| slot_step(slot).abs_diff(within)).unwrap_or(0);
        if self.steps - within < slot_step(slot).abs_diff(within) {
            return (bar + 1, 0, (self.steps - within) as i32);
        }
        (bar, slot, slot_step(slot) as i32 - within as i32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bar(text: &str) -> Bar {
        Bar::new(text.parse().expect(text)).expect(text)
    }

    #[test]
    fn bars_have_the_slots_of_their_metre() {
        for (meter, slots) in
            [("4/4", 48), ("3/4", 36), ("6/8", 36), ("7/8", 42), ("5/4", 60), ("1/4", 12), ("4/2", 96)]
        {
            assert_eq!(bar(meter).slots, slots, "{meter}");
        }
        assert_eq!(Bar::new("1/8".parse().expect("a metre")), None);
        assert_eq!(Bar::new("9/4".parse().expect("a metre")), None);
    }

    #[test]
    fn every_step_is_within_one_step_of_its_slot() {
        for meter in ["4/4", "7/8", "5/4", "7/16"] {
            let bar = bar(meter);
            for step in 0..3 * bar.steps {
                let (index, slot, moved) = bar.nearest(step);
                assert_eq!((index * bar.steps + slot_step(slot)) as i32, step as i32 + moved);
                assert!(moved.abs() <= 1, "step {step} of {meter} moved by {moved}");
            }
        }
    }
}
