//! Struck metal: six square waves without a common measure, as in the 808 (Werner, Abel and Smith, "The TR-808 cymbal: a
//! physically-informed, circuit-bendable, digital model", ICMC 2014), and the products of their pairs, which fill the gaps
//! between the partials.

use super::hit::HitContext;
use crate::effect::MAX_BLOCK;
use crate::osc::{Oscillator, Waveform, phase_increment, phase_of};
use crate::rng::Seed;

/// The 808's six oscillators, in hertz.
const OSCILLATORS_HZ: [f64; 6] = [205.3, 304.4, 369.6, 522.7, 540.0, 800.0];

/// Where a spread starts: their geometric mean, in hertz.
const MIDDLE_HZ: f64 = 419.6;

pub(super) struct MetalBank {
    oscillators: [Oscillator; 6],
    increments: [u32; 6],
    ring: f32,
}

impl MetalBank {
    /// - `tune`: factor of all frequencies
    /// - `spread`: how far they lie apart, as an exponent of their ratios; 1.0 = the 808's
    /// - `ring`: 0.0 (the six squares) ..= 1.0 (their products)
    pub(super) fn new(context: &HitContext, tune: f32, spread: f32, ring: f32, seed: Seed) -> Self {
        let mut rng = seed.rng();
        let factor = f64::from(tune * context.ratio);
        Self {
            oscillators: [(); 6].map(|()| Oscillator::new(Waveform::Pulse, phase_of(rng.uniform_f64()))),
            increments: OSCILLATORS_HZ.map(|hz| {
                let spread_hz = MIDDLE_HZ * (hz / MIDDLE_HZ).powf(f64::from(spread));
                phase_increment(spread_hz * factor, context.rate)
            }),
            ring,
        }
    }

    /// Fills `out` (at most [`MAX_BLOCK`] samples) with metal at about -9 dB RMS.
    pub(super) fn fill(&mut self, out: &mut [f32]) {
        out.fill(0.0);
        let mut scratch = [[0.0; MAX_BLOCK]; 2];
        let [first, second] = &mut scratch;
        let (first, second) = (&mut first[..out.len()], &mut second[..out.len()]);
        // The products pair oscillators that are far from an octave apart.
        for [a, b] in [[0, 5], [1, 4], [2, 3]] {
            self.oscillators[a].fill(first, self.increments[a], 0.5);
            self.oscillators[b].fill(second, self.increments[b], 0.5);
            for ((out, a), b) in out.iter_mut().zip(first.iter()).zip(second.iter()) {
                *out += 0.16 * (1.0 - self.ring) * (a + b) + 0.25 * self.ring * a * b;
            }
        }
    }
}
