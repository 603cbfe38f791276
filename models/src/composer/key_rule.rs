//! Which notes a part may write in a key.

use super::chord_symbol;
use super::line::Line;
use super::part::Part;
use super::pitches;

/// Largest share of notes outside the key, where some are allowed.
const OUTSIDE: f32 = 0.04;

/// Which pitch classes may be written, tonic at C.
#[derive(Debug, Clone, Copy)]
pub struct KeyRule {
    /// The scale as a set of bits, bit 0 the tonic.
    pub scale: u16,
    /// True: nothing outside the scale.
    pub strict: bool,
}

impl KeyRule {
    /// True if a symbol may be written after `line`.
    pub fn allows(self, part: Part, symbol: usize, line: &Line) -> bool {
        match part {
            Part::Drums | Part::Chords => true,
            Part::Harmony => chord_symbol::class_set(chord_symbol::chord(symbol)) & !self.scale == 0,
            Part::Bass | Part::Lead if self.has(part, symbol) => true,
            Part::Bass | Part::Lead if self.strict => false,
            Part::Bass | Part::Lead => {
                let tokens = line.tokens();
                let outside = tokens.iter().filter(|token| !self.has(part, usize::from(token.symbol))).count();
                (outside + 1) as f32 <= OUTSIDE * (tokens.len() + 1) as f32
            }
        }
    }

    fn has(self, part: Part, symbol: usize) -> bool {
        let range = if part == Part::Bass { pitches::BASS } else { pitches::LEAD };
        self.scale >> (range.pitch(symbol) % 12) & 1 == 1
    }
}
