//! Drive: soft saturation, an asymmetric tube, or hard clipping.

use super::frame_delay::FrameDelay;
use super::waveshaper::{Waveshaper, clip_mean, compensation, soft_mean};
use super::{Biquad, Effect, EffectContext, MAX_BLOCK, Parameters, check, crossfade};
use crate::audio::StereoFrame;
use crate::error::Result;
use crate::units::db_to_gain;
use serde::{Deserialize, Serialize};

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

    /// Doublings of the sample rate that keep a full-scale sine of 5 kHz 70 dB above its aliases (table `drive` in SOUND.md): the harder
    /// the curve and the steeper the way through it, the more.
    fn doublings(self, drive_db: f32) -> usize {
        let harder_db = if self == Self::Clip { 12.0 } else { 0.0 };
        match drive_db + harder_db {
            ..=12.0 => 2,
            ..=30.0 => 3,
            _ => 4,
        }
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

impl Parameters for Drive {
    fn validate(&self) -> Result<()> {
        check("drive_db of drive", self.drive_db, 0.0..=48.0, "dB")?;
        check("tone_hz of drive", self.tone_hz, 500.0..=20_000.0, "Hz")?;
        check("mix of drive", self.mix, 0.0..=1.0, "")?;
        check("output_db of drive", self.output_db, -24.0..=24.0, "dB")
    }

    fn build(&self, context: &EffectContext) -> Box<dyn Effect> {
        let rate = context.sample_rate;
        let waveshaper = Waveshaper::new(self.shape.doublings(self.drive_db));
        Box::new(RunningDrive {
            shape: self.shape,
            gain: db_to_gain(self.drive_db),
            mix: self.mix,
            makeup: compensation(db_to_gain(self.drive_db), |x| self.shape.apply(x)),
            output: db_to_gain(self.output_db),
            dry: FrameDelay::new(waveshaper.latency_frames()),
            waveshaper,
            // An asymmetric curve makes DC.
            dc_blocker: Biquad::high_pass(rate, 10.0, 0.707),
            tone: Biquad::low_pass(rate, f64::from(self.tone_hz)),
        })
    }
}

struct RunningDrive {
    shape: Shape,
    gain: f32,
    mix: f32,
    makeup: f32,
    output: f32,
    waveshaper: Waveshaper,
    dc_blocker: Biquad,
    tone: Biquad,
    /// The input, delayed as much as the wet signal is.
    dry: FrameDelay,
}

impl Effect for RunningDrive {
    fn process(&mut self, block: &mut [StereoFrame], _key: Option<&[StereoFrame]>) {
        let mut dry = [[0.0; 2]; MAX_BLOCK];
        let dry = &mut dry[..block.len()];
        dry.copy_from_slice(block);
        self.dry.process(dry);
        match self.shape {
            Shape::Soft => self.waveshaper.process(block, self.gain, soft_mean),
            Shape::Clip => self.waveshaper.process(block, self.gain, clip_mean),
            Shape::Tube => {
                let rest = soft_mean(Shape::BIAS, Shape::BIAS);
                let tube = |a, b| soft_mean(a + Shape::BIAS, b + Shape::BIAS) - rest;
                self.waveshaper.process(block, self.gain, tube);
            }
        }
        self.tone.process(block);
        if self.shape == Shape::Tube {
            self.dc_blocker.process(block);
        }
        for (frame, dry) in block.iter_mut().zip(dry) {
            let wet = [self.makeup * frame[0], self.makeup * frame[1]];
            *frame = crossfade(*dry, wet, self.mix).map(|sample| self.output * sample);
        }
    }

    fn reset(&mut self) {
        self.waveshaper.reset();
        self.dc_blocker.reset();
        self.tone.reset();
        self.dry.reset();
    }

    fn tail_frames(&self) -> usize {
        let blocker = if self.shape == Shape::Tube { self.dc_blocker.tail_frames() } else { 0 };
        2 * (self.waveshaper.latency_frames() + 1) + self.tone.tail_frames() + blocker
    }

    fn latency_frames(&self) -> usize {
        self.waveshaper.latency_frames()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score::Tempo;
    use crate::units::SampleRate;
    use rustfft::{FftPlanner, num_complex::Complex};
    use std::f32::consts::TAU;

    const SIZE: usize = 8_192;
    /// An odd number of turns in [`SIZE`] frames, 1 254 Hz: harmonics fall on its multiples, aliases beside them.
    const TURNS: usize = 233;
    /// The same near 5 kHz.
    const HIGH_TURNS: usize = 929;

    /// Powers of the bins of a driven sine.
    fn spectrum(spec: &Drive, turns: usize, amplitude: f32) -> Vec<f64> {
        let tempo = Tempo::new(120.0).expect("valid");
        let mut effect = spec.build(&EffectContext { sample_rate: SampleRate::CD, tempo, period_frames: None });
        let sine = |n: usize| amplitude * (TAU * ((turns * n) % SIZE) as f32 / SIZE as f32).sin();
        let mut frames: Vec<StereoFrame> = (0..4 * SIZE).map(|n| [sine(n); 2]).collect();
        frames.chunks_mut(MAX_BLOCK).for_each(|block| effect.process(block, None));
        let mut bins: Vec<Complex<f64>> =
            frames[3 * SIZE..].iter().map(|frame| Complex::new(f64::from(frame[0]), 0.0)).collect();
        FftPlanner::new().plan_fft_forward(SIZE).process(&mut bins);
        bins[..SIZE / 2].iter().map(Complex::norm_sqr).collect()
    }

    #[test]
    fn aliases_of_5_khz_at_full_scale_lie_70_db_below_the_harmonics() {
        for shape in [Shape::Soft, Shape::Tube, Shape::Clip] {
            for drive_db in [0.0, 11.0, 12.0, 18.0, 30.0, 48.0] {
                let powers =
                    spectrum(&Drive { shape, drive_db, tone_hz: 20_000.0, ..Drive::default() }, HIGH_TURNS, 1.0);
                let sum = |harmonic: bool| -> f64 {
                    let bins = powers.iter().enumerate().skip(1).filter(|(bin, _)| (bin % HIGH_TURNS == 0) == harmonic);
                    bins.map(|(_, power)| power).sum()
                };
                // Without oversampling and antiderivatives: -10 to -20 dB.
                let alias_db = 10.0 * (sum(false) / sum(true)).log10();
                assert!(alias_db < -70.0, "{shape:?}, {drive_db} dB: {alias_db}");
            }
        }
    }

    #[test]
    fn the_tube_has_even_harmonics_and_the_others_do_not() {
        for shape in [Shape::Soft, Shape::Tube, Shape::Clip] {
            let powers = spectrum(&Drive { shape, ..Drive::default() }, TURNS, 0.5);
            let second_db = 10.0 * (powers[2 * TURNS] / powers[TURNS]).log10();
            assert_eq!(second_db > -40.0, shape == Shape::Tube, "{shape:?}: {second_db} dB");
        }
    }

    #[test]
    fn a_sine_at_minus_12_dbfs_keeps_its_level() {
        for shape in [Shape::Soft, Shape::Tube, Shape::Clip] {
            for drive_db in [0.0, 12.0, 36.0] {
                let powers = spectrum(&Drive { shape, drive_db, tone_hz: 20_000.0, ..Drive::default() }, TURNS, 0.25);
                let power: f64 = 2.0 * powers[1..].iter().sum::<f64>() / (SIZE * SIZE) as f64;
                let level_db = 10.0 * (power / (0.25f64.powi(2) / 2.0)).log10();
                // Harmonics above the tone filter and Nyquist are lost.
                assert!(level_db.abs() < 0.5, "{shape:?} {drive_db} dB: {level_db} dB");
            }
        }
    }
}
