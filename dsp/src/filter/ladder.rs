//! Four-pole ladder low-pass with a saturating input (Zavalishin, "The Art of VA Filter Design", 2018, chapters 5 and 6).

use super::saturation::saturate_lanes;
use super::{ANTI_DENORMAL, HalfBand, MAX_FRAMES};
use crate::units::SampleRate;
use std::f64::consts::PI;
use wide::f32x4;

/// Feedback at full resonance: it oscillates from 4 on.
const MAX_FEEDBACK: f32 = 4.2;
/// Share of the loss below the cutoff, which feedback causes, that a louder input makes up for.
const COMPENSATION: f32 = 0.5;

/// Channels side by side, 24 dB per octave, at twice the sample rate inside: four trapezoidal one-pole stages in a loop without
/// delay.
///
/// The loop is solved as if it were linear; what then enters the first stage saturates. At full resonance it oscillates at the
/// cutoff, near full scale.
#[derive(Debug, Clone, Default)]
pub struct Ladder {
    /// A lane for each channel.
    stages: [f32x4; 4],
    half_bands: [HalfBand; Ladder::MAX_CHANNELS],
}

impl Ladder {
    /// Most channels of one ladder.
    pub const MAX_CHANNELS: usize = 2;

    /// `g` of a cutoff, which stays below 0.45 of the sample rate: the middle between both rates' limits.
    pub fn warp(cutoff_hz: f32, rate: SampleRate) -> f32 {
        (PI * (0.5 * f64::from(cutoff_hz) / rate.hz()).clamp(1e-5, 0.225)).tan() as f32
    }

    /// A block of one or two channels in place; for each frame `warped` is the cutoff's [`Ladder::warp`], and `resonances` 0.0
    /// (none) ..= 1.0 (oscillates). `drive` is the gain into the saturation, taken back behind it.
    pub fn process<const CHANNELS: usize>(
        &mut self,
        blocks: [&mut [f32]; CHANNELS],
        warped: &[f32; MAX_FRAMES],
        resonances: &[f32; MAX_FRAMES],
        drive: f32,
    ) {
        const { assert!(CHANNELS <= Self::MAX_CHANNELS) };
        // A copy stays in registers.
        let mut stages = self.stages;
        let tunings: [Tuning; MAX_FRAMES] =
            std::array::from_fn(|index| Tuning::new(warped[index], MAX_FEEDBACK * resonances[index], drive));
        HalfBand::process(&mut self.half_bands, blocks, |index, input| {
            let mut lanes = [0.0; 4];
            lanes[..CHANNELS].copy_from_slice(&input);
            let output = tunings[index].step(&mut stages, f32x4::new(lanes)).to_array();
            std::array::from_fn(|channel| output[channel])
        });
        self.stages = stages;
    }
}

/// The loop at one cutoff and resonance, multiplied out: a frame must wait for the one before, so that little is left to do then.
///
/// With the gain G = g / (1 + g) of a stage and P = 1 / (1 + g), stage n puts out G^n u + P (G^(n-1) s1 + .. + sn) for what
/// enters, u, and what the stages hold, s.
#[derive(Clone, Copy)]
struct Tuning {
    /// Of the input, on its way to the saturation.
    input: f32,
    /// Of what each stage holds, on its way there.
    fed_back: [f32; 4],
    /// Of what comes out of the saturation, on its way into each stage: twice a power of the gain.
    entering: [f32; 4],
    /// Of what a stage holds: into itself, and into those behind it.
    held: [f32; 4],
}

impl Tuning {
    fn new(warped: f32, feedback: f32, drive: f32) -> Self {
        let part = 1.0 / (1.0 + warped);
        let gain = warped * part;
        let [square, cube] = [gain * gain, gain * gain * gain];
        let into = drive / (1.0 + feedback * square * square);
        let back = -into * feedback * part;
        let out = 2.0 / drive;
        Self {
            input: into * (1.0 + COMPENSATION * feedback),
            fed_back: [cube, square, gain, 1.0].map(|power| back * power),
            entering: [gain, square, cube, square * square].map(|power| out * power),
            held: [2.0 * part - 1.0, 2.0 * part * gain, 2.0 * part * square, 2.0 * part * cube],
        }
    }

    /// The next sample of each lane.
    #[inline(always)]
    fn step(&self, stages: &mut [f32x4; 4], input: f32x4) -> f32x4 {
        let [a, b, c, d] = *stages;
        let [to_a, to_b, to_c, to_d] = self.fed_back.map(f32x4::splat);
        let [own, next, second, third] = self.held.map(f32x4::splat);
        let input = f32x4::splat(self.input) * (input + f32x4::splat(ANTI_DENORMAL));
        let entering = saturate_lanes(input + ((to_a * a + to_b * b) + (to_c * c + to_d * d)));
        // Each waits for nothing but the saturation.
        let held = [
            own * a,
            own * b + next * a,
            (own * c + next * b) + second * a,
            (own * d + next * c) + (second * b + third * a),
        ];
        for ((stage, held), gain) in stages.iter_mut().zip(held).zip(self.entering) {
            *stage = held + f32x4::splat(gain) * entering;
        }
        f32x4::splat(0.5) * (stages[3] + d)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustfft::num_complex::Complex64;

    fn run(ladder: &mut Ladder, samples: &mut [f32], cutoff_hz: impl Fn(usize) -> f32, resonance: f32) {
        for (block, samples) in samples.chunks_mut(MAX_FRAMES).enumerate() {
            let warped: [f32; MAX_FRAMES] =
                std::array::from_fn(|n| Ladder::warp(cutoff_hz(block * MAX_FRAMES + n), SampleRate::CD));
            ladder.process([samples], &warped, &[resonance; MAX_FRAMES], 1.0);
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
