//! Drive: soft saturation, an asymmetric tube, or hard clipping.

use super::oversample::Oversampler;
use super::{Biquad, Effect, EffectContext, MAX_BLOCK, Parameters, check, crossfade};
use crate::audio::StereoFrame;
use crate::error::Result;
use crate::units::db_to_gain;
use serde::{Deserialize, Serialize};
use std::f32::consts::TAU;

/// The curve of a [`Drive`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Shape {
    /// x / sqrt(1 + x^2): odd harmonics that set in gently.
    #[default]
    Soft,
    /// The same curve off its centre: even harmonics too.
    Tube,
    /// Straight up to full scale, then flat.
    Clip,
}

impl Shape {
    /// How far the tube's working point is off its centre.
    const BIAS: f32 = 0.4;

    /// The curve itself.
    fn apply(self, x: f32) -> f32 {
        let soft = |x: f32| x / (1.0 + x * x).sqrt();
        match self {
            Self::Soft => soft(x),
            Self::Tube => soft(x + Self::BIAS) - soft(Self::BIAS),
            Self::Clip => x.clamp(-1.0, 1.0),
        }
    }

    /// Mean of the curve between `x` and the sample `before` it: first-order antiderivative antialiasing (Parker, Zavalishin
    /// and Le Bivic, "Reducing the aliasing of nonlinear waveshaping using continuous-time convolution", 2016).
    ///
    /// The antiderivative of x / sqrt(1 + x^2) is sqrt(1 + x^2), and its difference quotient simplifies to a form without
    /// any cancellation.
    fn mean(self, before: f32, x: f32) -> f32 {
        let soft = |a: f32, b: f32| (a + b) / ((1.0 + a * a).sqrt() + (1.0 + b * b).sqrt());
        match self {
            Self::Soft => soft(before, x),
            Self::Tube => soft(before + Self::BIAS, x + Self::BIAS) - self.offset(),
            Self::Clip => {
                let integral = |x: f32| if x.abs() < 1.0 { 0.5 * x * x } else { x.abs() - 0.5 };
                let step = x - before;
                if step.abs() < 1e-2 {
                    (0.5 * (x + before)).clamp(-1.0, 1.0)
                } else {
                    (integral(x) - integral(before)) / step
                }
            }
        }
    }

    fn offset(self) -> f32 {
        Self::BIAS / (1.0 + Self::BIAS * Self::BIAS).sqrt()
    }
}

/// Drive, antialiased, with level compensation: a sine at -12 dBFS keeps its level whatever `drive_db` is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Drive {
    /// The curve: `soft` (default), `tube` or `clip`.
    pub shape: Shape,
    /// Gain into the curve: 0 to 48 dB, default 12.
    pub drive_db: f32,
    /// Low-pass behind it: 500 to 20 000 Hz, default 12 000.
    pub tone_hz: f32,
    /// 0.0 (dry) to 1.0 (default).
    pub mix: f32,
    /// Gain behind it all: -24 to 24 dB, default 0.
    pub output_db: f32,
}

impl Default for Drive {
    fn default() -> Self {
        Self { shape: Shape::Soft, drive_db: 12.0, tone_hz: 12_000.0, mix: 1.0, output_db: 0.0 }
    }
}

impl Drive {
    /// What brings a sine at -12 dBFS back to its level.
    fn compensation(&self) -> f32 {
        const POINTS: usize = 64;
        let gain = db_to_gain(self.drive_db);
        let sine = |n: usize| 0.25 * (TAU * n as f32 / POINTS as f32).sin();
        let mean = (0..POINTS).map(|n| self.shape.apply(gain * sine(n))).sum::<f32>() / POINTS as f32;
        let power = |f: &dyn Fn(usize) -> f32| (0..POINTS).map(|n| f(n).powi(2)).sum::<f32>();
        (power(&sine) / power(&|n| self.shape.apply(gain * sine(n)) - mean)).sqrt()
    }
}

impl Parameters for Drive {
    fn validate(&self) -> Result<()> {
        check("drive_db of drive", self.drive_db, 0.0..=48.0, "dB")?;
        check("tone_hz of drive", self.tone_hz, 500.0..=20_000.0, "Hz")?;
        check("mix of drive", self.mix, 0.0..=1.0, "")?;
        check("output_db of drive", self.output_db, -24.0..=24.0, "dB")
    }

    fn build(&self, context: &EffectContext) -> Box<dyn Effect> {
        let rate = context.sample_rate;
        Box::new(RunningDrive {
            shape: self.shape,
            gain: db_to_gain(self.drive_db),
            mix: self.mix,
            makeup: self.compensation(),
            output: db_to_gain(self.output_db),
            oversampler: Oversampler::new(),
            before: [0.0; 2],
            // An asymmetric curve makes DC.
            dc_blocker: Biquad::high_pass(rate, 10.0, 0.707),
            tone: Biquad::low_pass(rate, f64::from(self.tone_hz)),
            dry: [[0.0; 2]; Oversampler::LATENCY_FRAMES + MAX_BLOCK],
        })
    }
}

struct RunningDrive {
    shape: Shape,
    gain: f32,
    mix: f32,
    makeup: f32,
    output: f32,
    oversampler: Oversampler,
    before: StereoFrame,
    dc_blocker: Biquad,
    tone: Biquad,
    /// The input, delayed as much as the wet signal is.
    dry: [StereoFrame; Oversampler::LATENCY_FRAMES + MAX_BLOCK],
}

impl Effect for RunningDrive {
    fn process(&mut self, block: &mut [StereoFrame], _key: Option<&[StereoFrame]>) {
        const DELAY: usize = Oversampler::LATENCY_FRAMES;
        let count = block.len();
        self.dry[DELAY..DELAY + count].copy_from_slice(block);
        let (shape, gain, before) = (self.shape, self.gain, &mut self.before);
        self.oversampler.process(block, |frame| {
            let driven = [gain * frame[0], gain * frame[1]];
            let shaped = [shape.mean(before[0], driven[0]), shape.mean(before[1], driven[1])];
            *before = driven;
            shaped
        });
        self.tone.process(block);
        if shape == Shape::Tube {
            self.dc_blocker.process(block);
        }
        for (frame, dry) in block.iter_mut().zip(&self.dry) {
            let wet = [self.makeup * frame[0], self.makeup * frame[1]];
            *frame = crossfade(*dry, wet, self.mix).map(|sample| self.output * sample);
        }
        self.dry.copy_within(count..count + DELAY, 0);
    }

    fn reset(&mut self) {
        self.oversampler.reset();
        self.before = [0.0; 2];
        self.dc_blocker.reset();
        self.tone.reset();
        self.dry.fill([0.0; 2]);
    }

    fn tail_frames(&self) -> usize {
        let blocker = if self.shape == Shape::Tube { self.dc_blocker.tail_frames() } else { 0 };
        2 * (Oversampler::LATENCY_FRAMES + 1) + self.tone.tail_frames() + blocker
    }

    fn latency_frames(&self) -> usize {
        Oversampler::LATENCY_FRAMES
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score::Tempo;
    use crate::units::SampleRate;
    use rustfft::{FftPlanner, num_complex::Complex};

    const SIZE: usize = 8_192;
    /// A prime number of turns in [`SIZE`] frames, 1 254 Hz: harmonics fall on its multiples, aliases beside them.
    const TURNS: usize = 233;

    /// Powers of the bins of a driven sine.
    fn spectrum(spec: &Drive, amplitude: f32) -> Vec<f64> {
        let tempo = Tempo::new(120.0).expect("valid");
        let mut effect = spec.build(&EffectContext { sample_rate: SampleRate::CD, tempo, period_frames: None });
        let sine = |n: usize| amplitude * (TAU * ((TURNS * n) % SIZE) as f32 / SIZE as f32).sin();
        let mut frames: Vec<StereoFrame> = (0..4 * SIZE).map(|n| [sine(n); 2]).collect();
        frames.chunks_mut(MAX_BLOCK).for_each(|block| effect.process(block, None));
        let mut bins: Vec<Complex<f64>> =
            frames[3 * SIZE..].iter().map(|frame| Complex::new(f64::from(frame[0]), 0.0)).collect();
        FftPlanner::new().plan_fft_forward(SIZE).process(&mut bins);
        bins[..SIZE / 2].iter().map(Complex::norm_sqr).collect()
    }

    #[test]
    fn aliases_stay_low() {
        for (shape, all_db, low_db) in
            [(Shape::Soft, -55.0, -90.0), (Shape::Tube, -55.0, -90.0), (Shape::Clip, -50.0, -65.0)]
        {
            let spec = Drive { shape, drive_db: 24.0, tone_hz: 20_000.0, ..Drive::default() };
            let powers = spectrum(&spec, 0.5);
            let alias_db = |below: usize| {
                let aliases = powers[..below].iter().enumerate().filter(|(bin, _)| bin % TURNS != 0);
                10.0 * (aliases.map(|(_, power)| power).sum::<f64>() / powers[TURNS]).log10()
            };
            // Without oversampling and antiderivatives: about -30 dB for each shape. Below 10 kHz nothing masks them.
            assert!(alias_db(SIZE / 2) < all_db, "{shape:?}: {}", alias_db(SIZE / 2));
            assert!(alias_db(1_858) < low_db, "{shape:?} below 10 kHz: {}", alias_db(1_858));
        }
    }

    #[test]
    fn the_tube_has_even_harmonics_and_the_others_do_not() {
        for shape in [Shape::Soft, Shape::Tube, Shape::Clip] {
            let powers = spectrum(&Drive { shape, ..Drive::default() }, 0.5);
            let second_db = 10.0 * (powers[2 * TURNS] / powers[TURNS]).log10();
            assert_eq!(second_db > -40.0, shape == Shape::Tube, "{shape:?}: {second_db} dB");
        }
    }

    #[test]
    fn a_sine_at_minus_12_dbfs_keeps_its_level() {
        for shape in [Shape::Soft, Shape::Tube, Shape::Clip] {
            for drive_db in [0.0, 12.0, 36.0] {
                let powers = spectrum(&Drive { shape, drive_db, tone_hz: 20_000.0, ..Drive::default() }, 0.25);
                let power: f64 = 2.0 * powers[1..].iter().sum::<f64>() / (SIZE * SIZE) as f64;
                let level_db = 10.0 * (power / (0.25f64.powi(2) / 2.0)).log10();
                // Harmonics above the tone filter and Nyquist are lost.
                assert!(level_db.abs() < 0.5, "{shape:?} {drive_db} dB: {level_db} dB");
            }
        }
    }
}
