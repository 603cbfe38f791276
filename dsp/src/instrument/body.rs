//! The body of a string instrument: three resonances beside the strings' own sound.

use crate::audio::StereoFrame;
use crate::filter::{ANTI_DENORMAL, FilterMode, SvfCoefficients};
use crate::units::SampleRate;
use wide::f32x8;

/// A body's resonances as multiples of its lowest, and how loud they are: air, top plate, back (of an acoustic guitar; Fletcher
/// and Rossing, "The Physics of Musical Instruments", section 9.3).
const RESONANCES: [(f32, f32); 3] = [(1.0, 1.0), (2.05, 0.8), (3.9, 0.5)];
const QUALITY: f32 = 5.0;

/// State-variable band-passes in the lanes of a vector: left and right of each resonance; the last two lanes are silent.
pub(super) struct Body {
    levels: f32x8,
    decay: f32x8,
    cross: f32x8,
    follow: f32x8,
    band: f32x8,
    low: f32x8,
}

impl Body {
    /// - `level`: of the resonances beside the direct sound
    /// - `hz`: the lowest resonance
    pub(super) fn new(level: f32, hz: f32, rate: SampleRate) -> Self {
        let lanes = |value: &dyn Fn(SvfCoefficients, f32) -> f32| {
            f32x8::new(std::array::from_fn(|lane| {
                let resonance = RESONANCES.get(lane / 2);
                resonance.map_or(0.0, |&(ratio, level)| {
                    value(SvfCoefficients::tuned(FilterMode::Band, hz * ratio, QUALITY, rate), level)
                })
            }))
        };
        Self {
            // 1 / Q at the centre is 0 dB; half, since each output is the sum of a state and the next one.
            levels: lanes(&|_, share| 0.5 * level * share / QUALITY),
            decay: lanes(&|tuning, _| tuning.steps()[0]),
            cross: lanes(&|tuning, _| tuning.steps()[1]),
            follow: lanes(&|tuning, _| tuning.steps()[2]),
            band: f32x8::ZERO,
            low: f32x8::ZERO,
        }
    }

    /// A frame with its resonances.
    #[inline]
    pub(super) fn process(&mut self, [left, right]: StereoFrame) -> StereoFrame {
        let input = f32x8::new([left, right, left, right, left, right, 0.0, 0.0]) + f32x8::splat(ANTI_DENORMAL);
        // As in `Svf`.
        let band = (self.band + self.cross * input) - (self.decay * self.band + self.cross * self.low);
        let low = (self.low + self.follow * input) + (self.cross * self.band - self.follow * self.low);
        let heard = (self.levels * (self.band + band)).to_array();
        (self.band, self.low) = (band, low);
        [left + heard[0] + heard[2] + heard[4], right + heard[1] + heard[3] + heard[5]]
    }
}
