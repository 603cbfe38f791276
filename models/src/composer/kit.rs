//! The drums as symbols: their index in the kit.

use crate::kit::{KIT, folded};

/// Drums of the kit.
pub const COUNT: usize = KIT.len();

/// The symbol of a drum of the kit, or of one that folds onto it.
pub fn symbol(drum: u8) -> Option<usize> {
    let own = if KIT.contains(&drum) { drum } else { folded(drum)? };
    KIT.iter().position(|&kept| kept == own)
}

/// The General MIDI drum of a symbol.
pub fn drum(symbol: usize) -> u8 {
    KIT[symbol]
}

/// True for the bass drum.
pub fn is_kick(symbol: usize) -> bool {
    drum(symbol) == 36
}

/// True for snare, clap and rim: the backbeat.
pub fn is_snare(symbol: usize) -> bool {
    matches!(drum(symbol), 37..=39)
}

/// True for hi-hats, ride, tambourine and shaker: the pulse.
pub fn is_hat(symbol: usize) -> bool {
    matches!(drum(symbol), 42 | 44 | 46 | 51 | 54 | 70)
}
