//! Crossover: bands that add up flat.

use super::Biquad;
use crate::units::SampleRate;
use std::f64::consts::FRAC_1_SQRT_2;

/// Linkwitz and Riley's crossover of 24 dB per octave ("Active crossover networks for noncoincident drivers", 1976): both bands are
/// 6 dB down at the corner and in phase everywhere, so that their sum is an all-pass.
#[derive(Debug, Clone)]
pub struct Crossover {
    low: [Biquad; 2],
    high: [Biquad; 2],
}

impl Crossover {
    /// At `hz`.
    pub fn new(rate: SampleRate, hz: f32) -> Self {
        let hz = f64::from(hz);
        Self { low: [Biquad::low_pass(rate, hz); 2], high: [Biquad::high_pass(rate, hz, FRAC_1_SQRT_2); 2] }
    }

    /// The sum of its bands, as a filter: for a band that does not pass this crossover but is added to ones that do.
    pub fn sum(rate: SampleRate, hz: f32) -> Biquad {
        Biquad::all_pass(rate, f64::from(hz), FRAC_1_SQRT_2)
    }

    /// What is below and what is above.
    #[inline]
    pub fn tick(&mut self, input: [f64; 2]) -> [[f64; 2]; 2] {
        let pass = |filters: &mut [Biquad; 2]| filters.iter_mut().fold(input, |frame, filter| filter.tick(frame));
        [pass(&mut self.low), pass(&mut self.high)]
    }

    /// Sets what has decayed to zero; once a block.
    pub fn flush(&mut self) {
        self.low.iter_mut().chain(&mut self.high).for_each(Biquad::flush);
    }

    /// Forgets all input.
    pub fn reset(&mut self) {
        self.low.iter_mut().chain(&mut self.high).for_each(Biquad::reset);
    }

    /// Frames until it has rung out.
    pub fn tail_frames(&self) -> usize {
        2 * self.low[0].tail_frames().max(self.high[0].tail_frames())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bands_add_up_to_the_all_pass() {
        let rate = SampleRate::CD;
        let (mut crossover, mut sum) = (Crossover::new(rate, 700.0), Crossover::sum(rate, 700.0));
        for n in 0..2_000 {
            let input = if n == 0 { [1.0, -0.5] } else { [0.0; 2] };
            let [low, high] = crossover.tick(input);
            let expected = sum.tick(input);
            // Rounding only.
            assert!((low[0] + high[0] - expected[0]).abs() < 1e-12 && (low[1] + high[1] - expected[1]).abs() < 1e-12);
        }
        for hz in [30.0, 700.0, 15_000.0] {
            assert!((Crossover::sum(rate, 700.0).gain_at(rate, hz) - 1.0).abs() < 1e-9);
        }
    }
}
