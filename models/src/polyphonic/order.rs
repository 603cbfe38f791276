//! The orders in which the notes of a frame can be decided.

use super::roll::KEYS;

/// An order of voices. Whichever it is, it names each set of keys once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// From the highest down.
    Down,
    /// From the lowest up: the same as down, with the piano upside down.
    Up,
    /// The highest, the lowest, then those between from the highest down.
    Outer,
}

impl Order {
    /// All orders.
    pub const ALL: [Self; 3] = [Self::Down, Self::Up, Self::Outer];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Down => "down",
            Self::Up => "up",
            Self::Outer => "outer",
        }
    }

    /// A frame's keys, from the highest down, in this order.
    pub(super) fn of(self, frame: &[u8]) -> Vec<u8> {
        let mut keys = frame.to_vec();
        if self == Self::Outer && keys.len() > 1 {
            keys[1..].rotate_right(1);
        }
        keys
    }

    /// The place, among those chosen, of the key right above the next one.
    pub(super) fn place_above(self, chosen: usize) -> Option<usize> {
        if self == Self::Outer && chosen == 2 { Some(0) } else { chosen.checked_sub(1) }
    }

    /// The lowest key of this frame, once it is chosen before the end.
    pub(super) fn bass(self, chosen: &[u8]) -> Option<u8> {
        if self == Self::Outer { chosen.get(1).copied() } else { None }
    }

    /// The next key is at least the first of these, and less than the second.
    pub(super) fn bounds(self, chosen: &[u8]) -> (u8, u8) {
        let above = self.place_above(chosen.len()).map_or(KEYS as u8, |place| chosen[place]);
        (self.bass(chosen).map_or(0, |bass| bass + 1), above)
    }

    /// Which voice comes next, counted from the highest, in a frame of so many.
    pub(super) fn voice(self, chosen: usize, voices: usize) -> usize {
        match (self, chosen) {
            (Self::Outer, 1) => voices.saturating_sub(1),
            (Self::Outer, 2..) => chosen - 1,
            _ => chosen,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_outer_voices_come_first_and_bound_the_others() {
        let frame = [60, 50, 40, 30];
        assert_eq!(Order::Down.of(&frame), frame);
        assert_eq!(Order::Outer.of(&frame), [60, 30, 50, 40]);
        assert_eq!(Order::Outer.of(&[60]), [60]);
        let bounds = |chosen: &[u8]| Order::Outer.bounds(chosen);
        assert_eq!([bounds(&[]), bounds(&[60])], [(0, 88), (0, 60)]);
        assert_eq!([bounds(&[60, 30]), bounds(&[60, 30, 50])], [(31, 60), (31, 50)]);
        assert_eq!([0, 1, 2, 3].map(|chosen| Order::Outer.voice(chosen, 4)), [0, 3, 1, 2]);
        assert_eq!(Order::Down.bounds(&[60, 50]), (0, 50));
    }
}
