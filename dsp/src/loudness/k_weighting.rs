//! K-weighting: how loud the ear takes each frequency to be, roughly.

use crate::effect::Biquad;
use crate::units::SampleRate;
use std::f64::consts::PI;

/// The two filters of ITU-R BS.1770-4 (a shelf for the head, a high-pass), for any sample rate.
///
/// The standard gives coefficients for 48 kHz only. These are the analogue parameters that yield exactly those by the bilinear
/// transform, as found by Mansbridge, Finn and Reiss, "Implementation and evaluation of autonomous multi-track fader control", 2012.
pub fn k_weighting(rate: SampleRate) -> [Biquad; 2] {
    [shelf(rate), high_pass(rate)]
}

fn shelf(rate: SampleRate) -> Biquad {
    let (hz, gain_db, q) = (1_681.974_450_955_533, 3.999_843_853_973_347, 0.707_175_236_955_419_6);
    let k = (PI * hz / rate.hz()).tan();
    let high = 10f64.powf(gain_db / 20.0);
    let middle = high.powf(0.499_666_774_154_541_6);
    Biquad::from_coefficients(
        [high + middle * k / q + k * k, 2.0 * (k * k - high), high - middle * k / q + k * k],
        [1.0 + k / q + k * k, 2.0 * (k * k - 1.0), 1.0 - k / q + k * k],
    )
}

fn high_pass(rate: SampleRate) -> Biquad {
    let (hz, q) = (38.135_470_876_024_44, 0.500_327_037_323_877_3);
    let k = (PI * hz / rate.hz()).tan();
    let norm = 1.0 + k / q + k * k;
    // The standard leaves the numerator at 1, -2, 1, not divided by a0.
    Biquad::from_coefficients([norm, -2.0 * norm, norm], [norm, 2.0 * (k * k - 1.0), 1.0 - k / q + k * k])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_48_khz_the_coefficients_are_the_standards() {
        let rate = SampleRate::new(48_000).expect("valid");
        let expected = [
            Biquad::from_coefficients(
                [1.535_124_859_586_97, -2.691_696_189_406_38, 1.198_392_810_852_85],
                [1.0, -1.690_659_293_182_41, 0.732_480_774_215_85],
            ),
            Biquad::from_coefficients([1.0, -2.0, 1.0], [1.0, -1.990_047_454_833_98, 0.990_072_250_366_21]),
        ];
        for (filter, expected) in k_weighting(rate).iter().zip(&expected) {
            for hz in [20.0, 100.0, 1_000.0, 5_000.0, 20_000.0] {
                // The standard prints 14 digits.
                assert!((filter.gain_at(rate, hz) / expected.gain_at(rate, hz) - 1.0).abs() < 1e-9, "{hz}");
            }
        }
    }
}
