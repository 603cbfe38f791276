//! Filters inside voices.

mod comb;
mod formant;
mod half_band;
mod ladder;
mod one_pole;
mod saturation;
mod svf;

pub use comb::Comb;
pub use formant::{Formant, FormantFilter, vowel};
pub use half_band::HalfBand;
pub use ladder::Ladder;
pub use one_pole::{DcBlocker, OnePole};
pub(crate) use saturation::saturate;
pub use svf::{FilterMode, Svf, SvfCoefficients, SvfLanes, SvfSweep};

/// Added to the input of recursive filters so that their state never decays into denormal numbers: -400 dB.
pub(crate) const ANTI_DENORMAL: f32 = 1e-20;
/// Most frames that block-wise filters take at a time.
pub const MAX_FRAMES: usize = 32;
