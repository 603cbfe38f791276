//! The pitches of the melodic parts, with the tonic moved to C.

/// A range of MIDI pitches; what lies outside is folded in by octaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// The lowest pitch, a C.
    pub low: u8,
    /// The highest pitch.
    pub high: u8,
}

/// The bass: C1 to C4.
pub const BASS: Range = Range { low: 24, high: 60 };

/// The lead: C3 to C7.
pub const LEAD: Range = Range { low: 48, high: 96 };

impl Range {
    /// Pitches in the range.
    pub fn count(self) -> usize {
        usize::from(self.high - self.low) + 1
    }

    /// The symbol of a pitch, folded into the range by octaves.
    pub fn symbol(self, pitch: u8) -> usize {
        let mut folded = pitch;
        while folded < self.low {
            folded += 12;
        }
        while folded > self.high {
            folded -= 12;
        }
        usize::from(folded - self.low)
    }

    /// The pitch of a symbol.
    pub fn pitch(self, symbol: usize) -> u8 {
        self.low + symbol as u8
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pitches_fold_into_the_range_by_octaves() {
        for range in [BASS, LEAD] {
            for pitch in 0..=127u8 {
                let folded = range.pitch(range.symbol(pitch));
                assert!((range.low..=range.high).contains(&folded));
                assert_eq!(folded % 12, pitch % 12);
                if (range.low..=range.high).contains(&pitch) {
                    assert_eq!(folded, pitch);
                }
            }
        }
    }
}
