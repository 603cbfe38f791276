//! Several detuned copies of an oscillator across the stereo field.

use crate::parameters::parameters;
use crate::rng::Rng;

parameters! {
    /// Detuned copies of one sound.
    pub struct Unison {
        /// Copies, 1 to 9; a fraction is cut off.
        voices: 1.0 in 1.0..=9.0,
        /// From the centre to the outermost copy, in cents.
        detune_cents: 12.0 in 0.0..=100.0,
        /// 0.0 (all in the middle) ..= 1.0 (from far left to far right).
        spread: 0.0 in 0.0..=1.0,
    }
}

/// One copy.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct UnisonVoice {
    /// Its frequency as a factor.
    pub ratio: f64,
    /// Gain left and right; the copies' powers add up to one per channel for uncorrelated copies in the middle.
    pub gains: [f32; 2],
}

impl Unison {
    /// Number of copies.
    pub fn count(&self) -> usize {
        self.voices as usize
    }

    /// The copies: evenly detuned around the centre, each then off by at most a tenth of the step so that beats do not line
    /// up, and each pair alternating between
    /// left and right.
    pub fn voices(&self, rng: &mut Rng) -> Vec<UnisonVoice> {
        let count = self.count().max(1);
        let loudness = 1.0 / (count as f32).sqrt();
        (0..count)
            .map(|index| {
                if count == 1 {
                    return UnisonVoice { ratio: 1.0, gains: [1.0; 2] };
                }
                let position = index as f32 / (count - 1) as f32 * 2.0 - 1.0;
                let step = 2.0 / (count - 1) as f32;
                let cents = self.detune_cents * (position + 0.1 * step * rng.bipolar());
                let pair = index.min(count - 1 - index);
                let side = if pair % 2 == 0 { 1.0 } else { -1.0 };
                let gains = pan_gains(self.spread * position * side).map(|gain| gain * loudness);
                UnisonVoice { ratio: (f64::from(cents) / 1200.0).exp2(), gains }
            })
            .collect()
    }
}

/// Equal-power panning, -1.0 (left) ..= 1.0 (right); the middle is 1.0 on both sides.
pub fn pan_gains(pan: f32) -> [f32; 2] {
    let angle = (pan.clamp(-1.0, 1.0) + 1.0) * std::f32::consts::FRAC_PI_4;
    [angle.cos(), angle.sin()].map(|gain| gain * std::f32::consts::SQRT_2)
}
