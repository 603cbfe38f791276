//! The symbols of the comping part.

use riffsmith_dsp::score::{Chord, PitchClass};

/// How many notes are struck, and for single notes which one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Size {
    /// The root alone.
    Root,
    /// The third alone (or what is suspended in its place).
    Third,
    /// The fifth alone.
    Fifth,
    /// Any other note alone.
    Other,
    /// Two notes.
    Dyad,
    /// Three notes.
    Triad,
    /// Four notes.
    Four,
    /// Five notes or more.
    Full,
}

/// Where the top note goes from the last strike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Motion {
    /// Down.
    Down,
    /// It stays.
    Hold,
    /// Up.
    Up,
}

/// One strike of the comping hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Comp {
    /// How many notes.
    pub size: Size,
    /// Where the top note goes.
    pub motion: Motion,
}

impl Size {
    /// All sizes.
    pub const ALL: [Self; 8] =
        [Self::Root, Self::Third, Self::Fifth, Self::Other, Self::Dyad, Self::Triad, Self::Four, Self::Full];

    fn of(pitches: &[u8], chord: Option<Chord>) -> Self {
        match pitches {
            [] | [_] => {
                let above = pitches
                    .first()
                    .zip(chord)
                    .map(|(&pitch, chord)| PitchClass::new(i32::from(pitch)).above(chord.root));
                match above {
                    Some(0) => Self::Root,
                    Some(2..=5) => Self::Third,
                    Some(6..=8) => Self::Fifth,
                    _ => Self::Other,
                }
            }
            [_, _] => Self::Dyad,
            [_, _, _] => Self::Triad,
            [_, _, _, _] => Self::Four,
            _ => Self::Full,
        }
    }
}

impl Motion {
    /// All motions.
    pub const ALL: [Self; 3] = [Self::Down, Self::Hold, Self::Up];
}

impl Comp {
    /// Symbols of the comping part.
    pub const COUNT: usize = Size::ALL.len() * Motion::ALL.len();

    /// What a player did who struck `pitches` (ascending) over `chord` after a top note `last_top`.
    pub fn of(pitches: &[u8], last_top: Option<u8>, chord: Option<Chord>) -> Self {
        let motion = match pitches.last().zip(last_top).map(|(top, last)| top.cmp(&last)) {
            Some(std::cmp::Ordering::Less) => Motion::Down,
            Some(std::cmp::Ordering::Greater) => Motion::Up,
            _ => Motion::Hold,
        };
        Self { size: Size::of(pitches, chord), motion }
    }

    /// Its symbol.
    pub fn symbol(self) -> usize {
        self.size as usize * Motion::ALL.len() + self.motion as usize
    }

    /// The strike of a symbol.
    pub fn from_symbol(symbol: usize) -> Self {
        Self {
            size: Size::ALL[symbol / Motion::ALL.len() % Size::ALL.len()],
            motion: Motion::ALL[symbol % Motion::ALL.len()],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn symbols_round_trip() {
        for symbol in 0..Comp::COUNT {
            assert_eq!(Comp::from_symbol(symbol).symbol(), symbol);
        }
    }

    #[test]
    fn a_strike_is_read_by_its_size_and_its_top_note() {
        let chord = "Am".parse().ok();
        assert_eq!(Comp::of(&[57, 60, 64], None, chord), Comp { size: Size::Triad, motion: Motion::Hold });
        assert_eq!(Comp::of(&[60], Some(64), chord), Comp { size: Size::Third, motion: Motion::Down });
        assert_eq!(Comp::of(&[64], Some(60), chord), Comp { size: Size::Fifth, motion: Motion::Up });
        assert_eq!(Comp::of(&[67], Some(67), chord), Comp { size: Size::Other, motion: Motion::Hold });
    }
}
