//! What may follow what: the same rules mask training and writing, so that no invalid token can be learnt or drawn.

use super::chord_symbol::SILENCE;
use super::features::Cursor;
use super::grid::{Bar, NEXT_BAR};
use super::line::Token;
use super::part::Part;

/// The grammar of one part in one metre.
#[derive(Debug, Clone, Copy)]
pub struct Grammar {
    /// The part.
    pub part: Part,
    /// The metre's grid.
    pub grid: Bar,
}

impl Grammar {
    /// True if `onset` may follow: within the bar and later than the last token, or at its slot where a higher symbol can still be
    /// struck; or the next bar. The harmony begins with its line: there is always a chord.
    pub fn allows_onset(self, cursor: Cursor, last: Option<&Token>, onset: usize) -> bool {
        if self.part == Part::Harmony && last.is_none() {
            return onset == 0;
        }
        if onset >= NEXT_BAR {
            return onset == NEXT_BAR;
        }
        let after = match cursor.taken {
            None => onset >= cursor.slot,
            Some(taken) if self.part.is_polyphonic() && usize::from(taken) + 1 < self.part.symbols() => {
                onset >= cursor.slot
            }
            Some(_) => onset > cursor.slot,
        };
        after && onset < self.grid.slots
    }

    /// True if `symbol` may be struck at `slot`: above the last one at the same slot; a new chord differs from the last.
    pub fn allows_symbol(self, cursor: Cursor, last: Option<&Token>, slot: usize, symbol: usize) -> bool {
        let fits = match (self.part, cursor.taken) {
            (Part::Harmony, _) => last.is_none_or(|last| usize::from(last.symbol) != symbol),
            (Part::Drums, Some(taken)) if slot == cursor.slot => symbol > usize::from(taken),
            _ => true,
        };
        fits && symbol < self.part.symbols()
    }

    /// True if `symbol` may be written for a loop: a chord, not silence.
    pub fn is_playable(self, symbol: usize) -> bool {
        self.part != Part::Harmony || symbol != SILENCE
    }
}
