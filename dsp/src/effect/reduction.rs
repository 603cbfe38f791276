//! Gain reduction: a static curve and a smooth detector, for every compressor.

use crate::units::{SampleRate, db_to_gain};

/// 20 log10(2): decibels in a doubling.
const DB_PER_OCTAVE: f32 = 6.020_6;

/// The static curve of a compressor.
#[derive(Debug, Clone, Copy)]
pub struct Curve {
    /// In dBFS.
    pub threshold_db: f32,
    /// dB in for one dB out.
    pub ratio: f32,
    /// Width of the knee in dB.
    pub knee_db: f32,
}

impl Curve {
    /// dB taken off a constant level, 0 or more (Giannoulis, Massberg and Reiss, "Digital dynamic range compressor design", 2012,
    /// equation 4).
    pub fn reduction_db(&self, level_db: f32) -> f32 {
        let slope = 1.0 - 1.0 / self.ratio;
        let over = level_db - self.threshold_db;
        if 2.0 * over < -self.knee_db {
            0.0
        } else if 2.0 * over <= self.knee_db {
            slope * (over + self.knee_db / 2.0).powi(2) / (2.0 * self.knee_db.max(1e-6))
        } else {
            slope * over
        }
    }
}

/// Turns levels into gains: the curve, then the paper's smooth decoupled peak detector in the log domain.
#[derive(Debug, Clone)]
pub struct Reduction {
    curve: Curve,
    /// Amplitude below which the curve gives 0 dB.
    floor: f32,
    attack: f32,
    release: f32,
    settle_frames: usize,
    peak_db: f32,
    reduction_db: f32,
}

impl Reduction {
    /// `attack_ms` and `release_ms`: time constants.
    pub fn new(rate: SampleRate, curve: Curve, attack_ms: f32, release_ms: f32) -> Self {
        let coefficient = |ms: f32| (-1.0 / (f64::from(ms) * 1e-3 * rate.hz())).exp() as f32;
        Self {
            curve,
            floor: db_to_gain(curve.threshold_db - curve.knee_db / 2.0),
            attack: coefficient(attack_ms),
            release: coefficient(release_ms),
            // Ten times the 1/e times is -87 dB of a full-scale reduction; 12 is on the safe side.
            settle_frames: rate.frames(12e-3 * f64::from(attack_ms + release_ms)),
            peak_db: 0.0,
            reduction_db: 0.0,
        }
    }

    /// The gain for the next frame, whose amplitude is `level`.
    #[inline]
    pub fn gain(&mut self, level: f32) -> f32 {
        let wanted = if level > self.floor { self.curve.reduction_db(DB_PER_OCTAVE * level.log2()) } else { 0.0 };
        self.peak_db = wanted.max(wanted + self.release * (self.peak_db - wanted));
        self.reduction_db = self.peak_db + self.attack * (self.reduction_db - self.peak_db);
        if self.reduction_db < 1e-6 { 1.0 } else { (-self.reduction_db / DB_PER_OCTAVE).exp2() }
    }

    /// Sets what has decayed to zero; once a block.
    pub fn flush(&mut self) {
        for state in [&mut self.peak_db, &mut self.reduction_db] {
            if *state < 1e-12 {
                *state = 0.0;
            }
        }
    }

    /// Frames after which past levels no longer matter.
    pub fn settle_frames(&self) -> usize {
        self.settle_frames
    }

    /// No reduction.
    pub fn reset(&mut self) {
        self.peak_db = 0.0;
        self.reduction_db = 0.0;
    }
}
