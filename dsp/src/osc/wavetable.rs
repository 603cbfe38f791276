//! Band-limited single cycles, one for each third of an octave, so that no harmonic is ever above half the sample rate.

use realfft::RealFftPlanner;
use realfft::num_complex::Complex;
use std::f64::consts::PI;
use std::sync::LazyLock;

/// Most harmonics in a table: up to 20 kHz for a fundamental of 20 Hz.
const MAX_HARMONICS: usize = 1024;

/// One cycle with a limited number of harmonics, read with linear interpolation.
///
/// Interpolation mirrors harmonic k of a saw around the sample rate of the table at about `k / samples^2` of the fundamental's
/// amplitude; with 16 samples per period of the highest harmonic, all these images together stay below -74 dB.
#[derive(Debug)]
pub struct Cycle {
    harmonics: usize,
    /// log2 of the samples in the cycle.
    bits: u32,
    /// Each sample of the cycle, and the step to the next one.
    samples: Vec<[f32; 2]>,
}

impl Cycle {
    fn new(harmonics: usize, amplitude: impl Fn(usize) -> f64, planner: &mut RealFftPlanner<f64>) -> Self {
        let length = (16 * harmonics).next_power_of_two().max(SHORT);
        let inverse = planner.plan_fft_inverse(length);
        let mut spectrum = inverse.make_input_vec();
        for (harmonic, bin) in spectrum.iter_mut().enumerate().take(harmonics + 1).skip(1) {
            // A sine of amplitude a is -i a / 2 in its bin of an unnormalised inverse transform.
            *bin = Complex::new(0.0, -0.5 * amplitude(harmonic));
        }
        let mut cycle = inverse.make_output_vec();
        inverse.process(&mut spectrum, &mut cycle).expect("vectors made by the plan have its lengths");
        Self::sampled(harmonics, &cycle)
    }

    /// From a cycle of 2^n samples.
    fn sampled(harmonics: usize, cycle: &[f64]) -> Self {
        let after = cycle.iter().cycle().skip(1);
        let samples = cycle.iter().zip(after).map(|(&from, &to)| [from as f32, (to - from) as f32]).collect();
        Self { harmonics, bits: cycle.len().trailing_zeros(), samples }
    }

    /// From the amplitudes of harmonics 0 (not heard), 1, 2 ... in sine phase.
    pub fn of_harmonics(amplitudes: &[f64]) -> Self {
        let mut cycle = vec![0.0; 1024];
        for (harmonic, &amplitude) in amplitudes.iter().enumerate().filter(|(_, amplitude)| **amplitude != 0.0) {
            for (index, sample) in cycle.iter_mut().enumerate() {
                // 2^32 / 1024 is the phase of a step.
                *sample += amplitude * f64::from(SINE.at(((index * harmonic) as u32).wrapping_mul(1 << 22)));
            }
        }
        Self::sampled(amplitudes.len(), &cycle)
    }

    /// The value at a phase; the whole range of `u32` is one cycle.
    #[inline]
    pub fn at(&self, phase: u32) -> f32 {
        interpolate(self.samples[(phase >> (32 - self.bits)) as usize], phase << self.bits)
    }

    /// The samples if there are [`SHORT`] of them, as in all but the lowest octaves.
    #[inline]
    pub(super) fn short(&self) -> Option<&[[f32; 2]; SHORT]> {
        self.samples.as_slice().try_into().ok()
    }
}

/// Samples in the shortest tables; reading these needs neither a variable shift nor a bounds check.
pub(super) const SHORT: usize = 2048;

/// The value of a short cycle at a phase.
#[inline]
pub(super) fn at_short(samples: &[[f32; 2]; SHORT], phase: u32) -> f32 {
    interpolate(samples[(phase >> 21) as usize], phase << 11)
}

/// `part` is how far it is to the next sample, the whole range of `u32` being all the way.
#[inline]
fn interpolate([from, step]: [f32; 2], part: u32) -> f32 {
    // 24 bits of it fill an f32, and convert fast as a signed number.
    from + step * ((part >> 8) as i32 as f32 * (1.0 / 16_777_216.0))
}

/// The cycles of one waveform, those with most harmonics first.
#[derive(Debug)]
pub struct Wavetable {
    cycles: Vec<Cycle>,
}

impl Wavetable {
    /// From the amplitude of each harmonic in sine phase, 1 being the fundamental.
    fn new(amplitude: impl Fn(usize) -> f64) -> Self {
        let mut planner = RealFftPlanner::new();
        let mut cycles: Vec<Cycle> = Vec::new();
        for third in 0..=30 {
            let harmonics = (MAX_HARMONICS as f64 * (-f64::from(third) / 3.0).exp2()).round() as usize;
            if cycles.last().is_none_or(|last| last.harmonics != harmonics) {
                cycles.push(Cycle::new(harmonics, &amplitude, &mut planner));
            }
        }
        Self { cycles }
    }

    /// The cycle with most harmonics of which none is above half the sample rate, for a phase that grows by `increment`
    /// (of 2^32) per frame.
    pub fn cycle(&self, increment: u32) -> &Cycle {
        let room = (1usize << 31) / increment.max(1) as usize;
        let index = self.cycles.partition_point(|cycle| cycle.harmonics > room);
        &self.cycles[index.min(self.cycles.len() - 1)]
    }
}

/// Falls from 1 to -1 in each cycle: harmonics 1/k.
pub static SAW: LazyLock<Wavetable> = LazyLock::new(|| Wavetable::new(|k| 2.0 / (PI * k as f64)));

/// Odd harmonics, 1/k^2, signs alternating.
pub static TRIANGLE: LazyLock<Wavetable> = LazyLock::new(|| {
    Wavetable::new(|k| match k % 4 {
        1 => 8.0 / (PI * k as f64).powi(2),
        3 => -8.0 / (PI * k as f64).powi(2),
        _ => 0.0,
    })
});

/// One cycle of a sine; linear interpolation leaves an error of -130 dB.
pub static SINE: LazyLock<Cycle> = LazyLock::new(|| {
    let cycle: Vec<f64> = (0..4096).map(|i| (f64::from(i) / 4096.0 * 2.0 * PI).sin()).collect();
    Cycle::sampled(1, &cycle)
});
