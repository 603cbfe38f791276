//! A sound in two bands, for its attacks: that of a hi-hat is nothing in the tail of a kick, but for what lies above it.

use riffsmith_dsp::filter::OnePole;
use riffsmith_dsp::{SampleRate, StereoFrame};

/// Number of bands.
pub const SPLITS: usize = 2;

/// Between the bodies of drums and notes, and what is bright in them.
const CROSSOVER_HZ: f32 = 1500.0;

/// Splits frame after frame, at 12 dB per octave towards the lows: a bass is loud.
#[derive(Debug, Clone)]
pub struct Split {
    /// Of each channel, one after the other.
    high_passes: [[OnePole; 2]; 2],
}

impl Split {
    /// At rest.
    pub fn new(rate: SampleRate) -> Self {
        Self { high_passes: [[OnePole::new(CROSSOVER_HZ, rate); 2]; 2] }
    }

    /// The next frame's low and high part, which sum to it.
    pub fn bands(&mut self, frame: StereoFrame) -> [StereoFrame; SPLITS] {
        let mut high = frame;
        for (sample, high_passes) in high.iter_mut().zip(&mut self.high_passes) {
            *sample = high_passes.iter_mut().fold(*sample, |sample, high_pass| high_pass.high(sample));
        }
        [[frame[0] - high[0], frame[1] - high[1]], high]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kick_is_low_a_hi_hat_is_high_and_both_are_all() {
        for (hz, most_high) in [(60.0, 0.002), (8000.0, 1.0)] {
            let mut split = Split::new(SampleRate::CD);
            let (mut energies, mut whole) = ([0.0f32; SPLITS], 0.0);
            for i in 0..44_100 {
                let sample = (std::f32::consts::TAU * hz * i as f32 / 44_100.0).sin();
                let bands = split.bands([sample, -sample]);
                assert!((bands[0][1] + bands[1][1] + sample).abs() < 1e-6);
                energies.iter_mut().zip(bands).for_each(|(energy, [left, _])| *energy += left * left);
                whole += sample * sample;
            }
            let [low, high] = energies.map(|energy| (energy / whole).sqrt());
            assert!(high < most_high && (low > 0.99) == (hz < 100.0) && (high > 0.75) == (hz > 1000.0), "{low} {high}");
        }
    }
}
