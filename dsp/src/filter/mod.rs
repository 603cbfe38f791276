//! Filters inside voices.

mod one_pole;
mod svf;

pub use one_pole::{DcBlocker, OnePole};
pub use svf::{FilterMode, Svf, SvfCoefficients};

/// Added to the input of recursive filters so that their state never decays into denormal numbers: -400 dB.
pub(crate) const ANTI_DENORMAL: f32 = 1e-20;
