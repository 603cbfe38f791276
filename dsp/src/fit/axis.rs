//! One number of a patch on its natural scale: frequencies and times by ratio, everything else by difference.

use crate::parameters::Number;
use std::ops::RangeInclusive;

/// Where a range begins at 0, its logarithmic scale starts to be straight at this part of it.
const TOE: f64 = 1e-3;

/// The scale of one number. Positions run from 0.0 (the lower end of its range) to 1.0 (the upper end).
#[derive(Debug, Clone, PartialEq)]
pub struct Axis {
    /// Where the number is found: `kick.decay_s`.
    pub path: String,
    /// What it may be.
    pub range: RangeInclusive<f32>,
    /// Offset of a logarithmic scale, in the number's unit; `None`: the scale is linear.
    toe: Option<f64>,
}

impl Axis {
    /// The scale that fits the number's unit, as its name tells.
    pub fn of(number: &Number<'_>) -> Self {
        let (low, high) = (f64::from(*number.range.start()), f64::from(*number.range.end()));
        let by_ratio = ["_hz", "_s", "ratio", "tune"].iter().any(|unit| number.path.ends_with(unit)) && low >= 0.0;
        let toe = by_ratio.then_some(if low > 0.0 { low } else { TOE * high });
        Self { path: number.path.to_owned(), range: number.range.clone(), toe }
    }

    /// The value at a position.
    pub fn value(&self, position: f64) -> f32 {
        let (low, high) = (f64::from(*self.range.start()), f64::from(*self.range.end()));
        let position = position.clamp(0.0, 1.0);
        let value = match self.toe {
            Some(toe) => low + toe * (((high - low) / toe + 1.0).powf(position) - 1.0),
            None => low + (high - low) * position,
        };
        (value as f32).clamp(*self.range.start(), *self.range.end())
    }

    /// The position of a value.
    pub fn position(&self, value: f32) -> f64 {
        let (low, high) = (f64::from(*self.range.start()), f64::from(*self.range.end()));
        let above = f64::from(value) - low;
        match self.toe {
            Some(toe) => (above / toe + 1.0).ln() / ((high - low) / toe + 1.0).ln(),
            None => above / (high - low),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axis(path: &str, range: RangeInclusive<f32>) -> Axis {
        Axis::of(&Number { path, value: &mut 0.0, range })
    }

    #[test]
    fn times_and_frequencies_go_by_ratio_the_rest_by_difference() {
        // Half way from 20 Hz to 20 kHz lies their geometric mean.
        assert!((axis("filter.cutoff_hz", 20.0..=20_000.0).value(0.5) - 632.456).abs() < 0.01);
        assert_eq!(axis("sustain", 0.0..=1.0).value(0.25), 0.25);
        assert_eq!(axis("pan", -1.0..=1.0).value(0.5), 0.0);
        // From 0 s, too, most of the scale is for short times: sqrt(1001) - 1 thousandths of 20 s.
        assert!((axis("attack_s", 0.0..=20.0).value(0.5) - 0.6128).abs() < 1e-3);
    }

    #[test]
    fn positions_and_values_are_inverse() {
        for axis in [axis("decay_s", 0.03..=6.0), axis("attack_s", 0.0..=20.0), axis("drive_db", 0.0..=30.0)] {
            for position in [0.0, 0.1, 0.5, 0.9, 1.0] {
                assert!((axis.position(axis.value(position)) - position).abs() < 1e-5, "{} {position}", axis.path);
            }
        }
    }
}
