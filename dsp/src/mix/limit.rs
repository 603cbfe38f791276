//! The gain at which limited audio has its target loudness.

use super::Master;
use crate::effect::{Limiter, LookAhead};
use crate::units::{SampleRate, db_to_gain, gain_to_db};

/// How far the limiter is driven at most, above the level where it starts to work: beyond, it is heard.
const MAX_LIMITING_DB: f32 = 14.0;
/// Rounds of correcting the gain for what the limiter takes away, and the error at which they end.
const ROUNDS: usize = 6;
const CLOSE_ENOUGH_LU: f32 = 0.1;

/// The gain for audio of `loudness_lufs` and with `highest` as its highest true peak. `measure` limits it at a gain and says how loud it is
/// then; the last gain that it is asked for is the result.
///
/// # Errors
/// Those of `measure`.
pub(super) fn find_gain_db<E>(
    master: &Master,
    loudness_lufs: f32,
    highest: f32,
    mut measure: impl FnMut(f32) -> Result<f32, E>,
) -> Result<f32, E> {
    let largest_db = master.ceiling_dbtp - gain_to_db(highest) + MAX_LIMITING_DB;
    let mut gain_db = (master.target_lufs - loudness_lufs).min(largest_db);
    let mut reached = measure(gain_db)?;
    // LU gained for a dB of gain: 1 until the limiter works, then less.
    let mut slope = 1.0f32;
    for _ in 1..ROUNDS {
        let missing = master.target_lufs - reached;
        let next_db = (gain_db + missing / slope).min(largest_db);
        if missing.abs() < CLOSE_ENOUGH_LU || next_db == gain_db {
            break;
        }
        let loudness = measure(next_db)?;
        slope = ((loudness - reached) / (next_db - gain_db)).clamp(0.3, 1.0);
        (gain_db, reached) = (next_db, loudness);
    }
    Ok(gain_db)
}

/// The limiter at one gain, frame by frame.
pub(super) struct Limiting {
    gain: f32,
    ceiling: f32,
    look_ahead: LookAhead,
}

impl Limiting {
    pub(super) fn new(master: &Master, rate: SampleRate, gain_db: f32) -> Self {
        Self {
            gain: db_to_gain(gain_db),
            ceiling: db_to_gain(master.ceiling_dbtp - Limiter::MARGIN_DB),
            look_ahead: LookAhead::new(rate, master.release_ms),
        }
    }

    /// Frames by which [`Limiting::next`] lags behind the peaks it is given.
    pub(super) fn latency_frames(&self) -> usize {
        self.look_ahead.latency_frames()
    }

    /// Given the true peak of the newest frame, the whole gain for the frame [`Limiting::latency_frames`] before it.
    pub(super) fn next(&mut self, peak: f32) -> f32 {
        let raised = self.gain * peak;
        let allowed = if raised > self.ceiling { self.ceiling / raised } else { 1.0 };
        self.gain * self.look_ahead.tick(allowed)
    }
}
