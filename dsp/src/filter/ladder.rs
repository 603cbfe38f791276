//! Four-pole ladder low-pass with a saturating input (Zavalishin, "The Art of VA Filter Design", 2018, chapters 5 and 6).

use super::{ANTI_DENORMAL, HalfBand, saturate};
use crate::units::SampleRate;
use std::f64::consts::PI;

/// Feedback at full resonance: it oscillates from 4 on.
const MAX_FEEDBACK: f32 = 4.2;
/// Share of the loss below the cutoff, which feedback causes, that a louder input makes up for.
const COMPENSATION: f32 = 0.5;

/// One channel, 24 dB per octave, at twice the sample rate inside: four trapezoidal one-pole stages in a loop without delay.
///
/// The loop is solved as if it were linear; what then enters the first stage saturates. At full resonance it oscillates at the
/// cutoff, near full scale.
#[derive(Debug, Clone, Default)]
pub struct Ladder {
    stages: [f32; 4],
    half_band: HalfBand,
}

impl Ladder {
    /// `g` of a cutoff, which stays below 0.45 of the sample rate: the middle between both rates' limits.
    pub fn warp(cutoff_hz: f32, rate: SampleRate) -> f32 {
        (PI * (0.5 * f64::from(cutoff_hz) / rate.hz()).clamp(1e-5, 0.225)).tan() as f32
    }

    /// A block in place; for each frame `warped` is the cutoff's [`Ladder::warp`], and `resonances` 0.0 (none) ..= 1.0
    /// (oscillates). `drive` is the gain into the saturation, taken back behind it.
    pub fn process(&mut self, block: &mut [f32], warped: &[f32], resonances: &[f32], drive: f32) {
        let stages = &mut self.stages;
        let undrive = 1.0 / drive;
        self.half_band.process(block, |index, input| {
            let feedback = MAX_FEEDBACK * resonances[index];
            let part = 1.0 / (1.0 + warped[index]);
            let gain = warped[index] * part;
            let [square, cube] = [gain * gain, gain * gain * gain];
            // Each stage's output is a power of the gain times what enters, and what the stages so far hold. Written out, since a
            // frame must wait for the one before.
            let [a, b, c, d] = stages.map(|stage| part * stage);
            let held = [a, gain * a + b, square * a + gain * b + c, (cube * a + square * b) + (gain * c + d)];
            let input = (1.0 + COMPENSATION * feedback) * input + ANTI_DENORMAL;
            let entering = (input - feedback * held[3]) / (1.0 + feedback * square * square);
            let entering = undrive * saturate(drive * entering);
            let outputs = [
                gain * entering + held[0],
                square * entering + held[1],
                cube * entering + held[2],
                square * square * entering + held[3],
            ];
            for (stage, output) in stages.iter_mut().zip(outputs) {
                *stage = 2.0 * output - *stage;
            }
            outputs[3]
        });
    }
}

#[cfg(test)]
mod tests {
    use super::super::MAX_FRAMES;
    use super::*;
    use rustfft::num_complex::Complex64;

    fn run(ladder: &mut Ladder, samples: &mut [f32], cutoff_hz: impl Fn(usize) -> f32, resonance: f32) {
        for (block, samples) in samples.chunks_mut(MAX_FRAMES).enumerate() {
            let warped: [f32; MAX_FRAMES] =
                std::array::from_fn(|n| Ladder::warp(cutoff_hz(block * MAX_FRAMES + n), SampleRate::CD));
            ladder.process(samples, &warped, &[resonance; MAX_FRAMES], 1.0);
        }
    }

    #[test]
    fn each_of_the_four_poles_costs_3_db_at_the_cutoff() {
        for cutoff_hz in [100.0, 1000.0, 10_000.0] {
            let mut response = vec![0.0; 16_384];
            response[0] = 1e-3;
            run(&mut Ladder::default(), &mut response, |_| cutoff_hz, 0.0);
            let gain = |hz: f64| {
                let turn = |n: usize| -2.0 * PI * hz * n as f64 / SampleRate::CD.hz();
                let terms = response.iter().enumerate();
                terms.map(|(n, &y)| Complex64::from_polar(1e3 * f64::from(y), turn(n))).sum::<Complex64>().norm()
            };
            // 1 % of the cutoff is 0.17 dB here; half of that.
            let db = 20.0 * (gain(f64::from(cutoff_hz)) / gain(f64::from(cutoff_hz) / 50.0)).log10();
            assert!((db + 12.04).abs() < 0.08, "{cutoff_hz} Hz: {db} dB");
        }
    }

    #[test]
    fn it_oscillates_at_the_cutoff_and_stays_bounded_under_fast_modulation() {
        let mut ladder = Ladder::default();
        let mut samples = vec![0.0; 44_100];
        samples[0] = 0.5;
        run(&mut ladder, &mut samples, |_| 440.0, 1.0);
        let crossings = samples[22_050..].windows(2).filter(|pair| pair[0] < 0.0 && pair[1] >= 0.0).count();
        assert!((219..=221).contains(&crossings), "{crossings}");
        let mut noise = vec![0.0; 44_100];
        let mut rng = crate::rng::Seed(1).rng();
        noise.fill_with(|| rng.bipolar());
        let cutoff_hz = |n: usize| 1000.0 * (3.0 * (2.0 * PI * 1234.0 * n as f64 / 44_100.0).sin()).exp2() as f32;
        run(&mut ladder, &mut noise, cutoff_hz, 1.0);
        assert!(noise.iter().all(|sample| sample.abs() < 4.0));
    }
}
