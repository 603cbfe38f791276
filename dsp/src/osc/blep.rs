//! What a band-limited step and corner differ by from a sudden one (Brandt, "Hard sync without aliasing", 2001; corners as in
//! Esqueda, Välimäki and Bilbao, "Rounding corners with BLAMP", 2016), in linear phase.

use crate::fir::{kaiser, sinc};
use std::sync::LazyLock;

/// Frames on each side of a step in which it is corrected.
pub const HALF: usize = 32;
/// Frames that a correction covers.
pub const TAPS: usize = 2 * HALF;
/// Places of a step between two frames; between them the correction is interpolated.
const PLACES: usize = 128;
/// Sub-steps of the integration.
const FINE: usize = 2;
/// Kaiser window for 90 dB of stop band.
const BETA: f64 = 9.0;
/// Of the sample rate: with this window the stop band starts at 0.5, the pass band ends at 0.41 (18.1 kHz of 44.1 kHz).
const CUTOFF: f64 = 0.455;

/// Corrections of a unit step (`true`) or a unit change of slope, for each place between two frames.
type Rows = Vec<[f32; TAPS]>;

/// Computes the tables that [`correct`] reads, unless they are there.
pub fn prepare() {
    [&STEPS, &CORNERS].into_iter().for_each(|rows| _ = LazyLock::force(rows));
}

/// Adds what a step of `jump`, and a change of slope of `bend` per frame, `ago` (0.0 ..= 1.0) frames before the middle of
/// `around` lack for being band-limited.
pub fn correct(around: &mut [f32; TAPS], ago: f32, jump: f32, bend: f32) {
    let place = (ago * PLACES as f32).clamp(0.0, PLACES as f32);
    let index = (place as usize).min(PLACES - 1);
    let fade = place - index as f32;
    for (rows, gain) in [(&STEPS, jump), (&CORNERS, bend)] {
        if gain != 0.0 {
            let (from, to) = (&rows[index], &rows[index + 1]);
            for (sample, (from, to)) in around.iter_mut().zip(from.iter().zip(to)) {
                *sample += gain * (from + fade * (to - from));
            }
        }
    }
}

static STEPS: LazyLock<Rows> = LazyLock::new(|| rows(&step_residual()));

/// The integral of the step's.
static CORNERS: LazyLock<Rows> = LazyLock::new(|| {
    let steps = step_residual();
    let mut sum = 0.0;
    let mut corners = vec![[0.0; 2]; steps.len()];
    for index in 1..steps.len() {
        sum += 0.5 * (steps[index - 1][1] + steps[index][0]) / PLACES as f64;
        corners[index] = [sum; 2];
    }
    rows(&corners)
});

/// The integral of a windowed sinc, less a unit step, from -`HALF` to `HALF` frames in [`PLACES`] a frame: just before and just
/// after each place, which differ in the middle.
fn step_residual() -> Vec<[f64; 2]> {
    let points = TAPS * PLACES;
    let impulse = |fine: f64| {
        let x = fine / (PLACES * FINE) as f64 - HALF as f64;
        sinc(2.0 * CUTOFF * x) * kaiser(x / HALF as f64, BETA)
    };
    let mut sums = vec![0.0; points + 1];
    for point in 0..points {
        let part: f64 = (0..FINE).map(|fine| impulse((point * FINE + fine) as f64 + 0.5)).sum();
        sums[point + 1] = sums[point] + part;
    }
    let middle = points / 2;
    (0..=points)
        .map(|point| {
            let step = sums[point] / sums[points];
            [step - if point > middle { 1.0 } else { 0.0 }, step - if point >= middle { 1.0 } else { 0.0 }]
        })
        .collect()
}

/// Sorted by place: row p holds what lies p / [`PLACES`] after each frame.
fn rows(residual: &[[f64; 2]]) -> Rows {
    (0..=PLACES)
        .map(|place| {
            // The last row belongs to steps a whole frame ago: what comes before the middle is before the step.
            let side = if place == PLACES { 0 } else { 1 };
            std::array::from_fn(|tap| residual[tap * PLACES + place][side] as f32)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn corrections_start_and_end_at_nothing() {
        for rows in [&STEPS, &CORNERS] {
            for row in rows.iter() {
                // -80 dB of the step: the window's own side lobes.
                assert!(row[0].abs() < 1e-4 && row[TAPS - 1].abs() < 1e-4, "{} {}", row[0], row[TAPS - 1]);
            }
        }
        // In the middle, half of the step is still to come, or half too much has come.
        assert!((STEPS[0][HALF] + 0.5).abs() < 1e-4 && (STEPS[PLACES][HALF - 1] - 0.5).abs() < 1e-4);
    }
}
