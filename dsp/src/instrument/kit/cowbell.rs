//! Cowbell: two square waves through a band-pass, with a hard start and a long end, as in the 808.

use super::hit::{Hit, HitContext};
use crate::audio::StereoFrame;
use crate::effect::MAX_BLOCK;
use crate::envelope::Decay;
use crate::filter::{FilterMode, Svf, SvfCoefficients};
use crate::osc::{Oscillator, Waveform, phase_increment};
use crate::parameters::parameters;

parameters! {
    /// A cowbell.
    pub struct Cowbell {
        /// Level in decibels.
        level_db: -5.0 in -40.0..=12.0,
        /// -1.0 (left) ..= 1.0 (right).
        pan: -0.2 in -1.0..=1.0,
        /// The lower square, in hertz; 540 in the 808.
        pitch_hz: 540.0 in 200.0..=2000.0,
        /// The upper square, as a multiple of the lower.
        ratio: 1.481 in 1.05..=3.0,
        /// Time for the ringing to fall by 60 dB, in seconds.
        decay_s: 0.5 in 0.05..=3.0,
        /// Share of the strike, which dies away fast, beside the ringing.
        strike: 0.6 in 0.0..=1.0,
        /// Time for the strike to fall by 60 dB, in seconds.
        strike_s: 0.05 in 0.005..=0.5,
        /// Centre of the band-pass, as a multiple of the pitch.
        band: 1.9 in 0.5..=8.0,
        /// Quality of the band-pass.
        focus: 1.2 in 0.3..=8.0,
    }
}

pub(super) struct CowbellHit {
    oscillators: [Oscillator; 2],
    increments: [u32; 2],
    strike: Decay,
    strike_share: f32,
    ring: Decay,
    band: SvfCoefficients,
    filter: Svf,
}

impl Cowbell {
    pub(super) fn hit(&self, context: &HitContext) -> CowbellHit {
        let rate = context.rate;
        let lower_hz = self.pitch_hz * context.ratio;
        CowbellHit {
            oscillators: [Oscillator::new(Waveform::Pulse, 0); 2],
            increments: [lower_hz, lower_hz * self.ratio].map(|hz| phase_increment(f64::from(hz), rate)),
            strike: Decay::new(self.strike_s, rate.hz()),
            strike_share: self.strike,
            ring: Decay::new(self.decay_s, rate.hz()),
            band: SvfCoefficients::tuned(FilterMode::Band, self.band * lower_hz, self.focus, rate),
            filter: Svf::default(),
        }
    }
}

impl Hit for CowbellHit {
    fn fill(&mut self, block: &mut [StereoFrame]) {
        let mut squares = [[0.0; MAX_BLOCK]; 2];
        for ((square, oscillator), increment) in squares.iter_mut().zip(&mut self.oscillators).zip(self.increments) {
            oscillator.fill(&mut square[..block.len()], increment, 0.5);
        }
        for (index, frame) in block.iter_mut().enumerate() {
            let level = self.strike_share * self.strike.step() + (1.0 - self.strike_share) * self.ring.step();
            let out = level * self.filter.process(&self.band, 0.6 * (squares[0][index] + squares[1][index]));
            frame[0] += out;
            frame[1] += out;
        }
    }

    fn is_finished(&self) -> bool {
        self.ring.is_finished() && self.strike.is_finished()
    }
}
