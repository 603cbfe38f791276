//! White noise that repeats with the loop.

use super::EffectContext;
use crate::rng::Seed;

/// Noise as a function of the frame: nothing has to settle, and each pass of the loop has the same.
#[derive(Debug, Clone)]
pub struct LoopNoise {
    key: u64,
    /// 0: never repeats.
    period: u64,
    position: u64,
}

impl LoopNoise {
    /// The noise of `seed`.
    pub fn new(context: &EffectContext, seed: u32) -> Self {
        let key = Seed(u64::from(seed)).fork("noise").0;
        Self { key, period: context.period_frames.unwrap_or(0) as u64, position: 0 }
    }

    /// The next frame's numbers, uniform in -1.0 .. 1.0: `N` that have nothing to do with each other, at most 8.
    #[inline]
    pub fn tick<const N: usize>(&mut self) -> [f32; N] {
        let first = self.position * 8;
        self.position += 1;
        if self.position == self.period {
            self.position = 0;
        }
        std::array::from_fn(|n| bipolar(mix(self.key.wrapping_add((first + n as u64).wrapping_mul(GOLDEN)))))
    }

    /// Back to its first frame.
    pub fn reset(&mut self) {
        self.position = 0;
    }
}

/// 2^64 over the golden ratio.
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// SplitMix64's output function (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
fn mix(z: u64) -> u64 {
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

fn bipolar(bits: u64) -> f32 {
    (bits >> 40) as f32 / (1u32 << 23) as f32 - 1.0
}

/// Noise of a worn carrier sounds while music does, and on for some seconds, so that a piece can end. It fades once the music has
/// been below -60 dBFS.
#[derive(Debug, Clone)]
pub struct Presence {
    peak: f32,
    release: f32,
}

impl Presence {
    /// Time constant of its fall, in seconds.
    const RELEASE_S: f64 = 0.5;
    /// Seconds from full scale until the noise, too, has fallen by 100 dB: 160 dB.
    pub const TAIL_S: f64 = Self::RELEASE_S * 18.5;

    /// At silence.
    pub fn new(context: &EffectContext) -> Self {
        Self { peak: 0.0, release: (-1.0 / (Self::RELEASE_S * context.sample_rate.hz())).exp() as f32 }
    }

    /// The gain of the noise beside a frame: 1.0 while there is music.
    #[inline]
    pub fn tick(&mut self, frame: [f32; 2]) -> f32 {
        self.peak = super::flush(frame[0].abs().max(frame[1].abs()).max(self.release * self.peak));
        (1_000.0 * self.peak).min(1.0)
    }

    /// Back to silence.
    pub fn reset(&mut self) {
        self.peak = 0.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score::Tempo;
    use crate::units::SampleRate;

    #[test]
    fn noise_repeats_with_the_loop_and_is_white() {
        let tempo = Tempo::new(120.0).expect("valid");
        let context = EffectContext { sample_rate: SampleRate::CD, tempo, period_frames: Some(40_000) };
        let mut noise = LoopNoise::new(&context, 3);
        let first: Vec<[f32; 2]> = (0..40_000).map(|_| noise.tick()).collect();
        assert!((0..40_000).all(|n| noise.tick::<2>() == first[n]));
        let product = |lag: usize, side: usize| {
            let sum: f32 = first.windows(lag + 1).map(|frames| frames[0][0] * frames[lag][side]).sum();
            3.0 * sum / (40_000 - lag) as f32
        };
        // Variance of uniform noise is 1/3; five standard errors of 40 000 products are 0.025.
        assert!((product(0, 0) - 1.0).abs() < 0.025);
        assert!([product(0, 1), product(1, 0), product(1, 1), product(7, 0)].iter().all(|value| value.abs() < 0.025));
    }
}
