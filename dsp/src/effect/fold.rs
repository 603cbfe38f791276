//! Wave-folder: what is too loud turns back instead of being cut off.

use super::frame_delay::FrameDelay;
use super::waveshaper::{Waveshaper, compensation, sine_mean};
use super::{Biquad, Effect, EffectContext, MAX_BLOCK, Parameters, check, crossfade};
use crate::audio::StereoFrame;
use crate::error::Result;
use crate::units::db_to_gain;
use serde::{Deserialize, Serialize};

/// Sine wave-folder, antialiased; the louder the input, the more folds. A sine at -12 dBFS keeps its level.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Fold {
    /// Gain into the folds: 0 to 30 dB, default 12. At 0 dB full scale is just bent; every 10 dB fold it three times more.
    pub drive_db: f32,
    /// How far the folds are off their centre, for even harmonics: 0.0 (none, default) to 1.0 (even ones alone).
    pub asymmetry: f32,
    /// Low-pass behind it: 500 to 20 000 Hz, default 12 000.
    pub tone_hz: f32,
    /// 0.0 (dry) to 1.0 (default).
    pub mix: f32,
    /// Gain behind it all: -24 to 24 dB, default 0.
    pub output_db: f32,
}

impl Default for Fold {
    fn default() -> Self {
        Self { drive_db: 12.0, asymmetry: 0.0, tone_hz: 12_000.0, mix: 1.0, output_db: 0.0 }
    }
}

impl Fold {
    /// The working point, up to the top of the sine.
    fn bias(&self) -> f32 {
        self.asymmetry * std::f32::consts::FRAC_PI_2
    }
}

impl Parameters for Fold {
    fn validate(&self) -> Result<()> {
        check("drive_db of fold", self.drive_db, 0.0..=30.0, "dB")?;
        check("asymmetry of fold", self.asymmetry, 0.0..=1.0, "")?;
        check("tone_hz of fold", self.tone_hz, 500.0..=20_000.0, "Hz")?;
        check("mix of fold", self.mix, 0.0..=1.0, "")?;
        check("output_db of fold", self.output_db, -24.0..=24.0, "dB")
    }

    fn build(&self, context: &EffectContext) -> Box<dyn Effect> {
        let rate = context.sample_rate;
        let (gain, bias) = (db_to_gain(self.drive_db), self.bias());
        // A folded sine has harmonics up to about its amplitude in radians (Carson's rule): 32 at 30 dB.
        let waveshaper = Waveshaper::new(if self.drive_db <= 12.0 { 2 } else { 3 });
        Box::new(RunningFold {
            gain,
            bias,
            mix: self.mix,
            makeup: compensation(gain, |x| (x + bias).sin()),
            output: db_to_gain(self.output_db),
            dry: FrameDelay::new(waveshaper.latency_frames()),
            waveshaper,
            dc_blocker: Biquad::high_pass(rate, 10.0, 0.707),
            tone: Biquad::low_pass(rate, f64::from(self.tone_hz)),
        })
    }
}

struct RunningFold {
    gain: f32,
    bias: f32,
    mix: f32,
    makeup: f32,
    output: f32,
    dry: FrameDelay,
    waveshaper: Waveshaper,
    dc_blocker: Biquad,
    tone: Biquad,
}

impl Effect for RunningFold {
    fn process(&mut self, block: &mut [StereoFrame], _key: Option<&[StereoFrame]>) {
        let mut dry = [[0.0; 2]; MAX_BLOCK];
        let dry = &mut dry[..block.len()];
        dry.copy_from_slice(block);
        self.dry.process(dry);
        let bias = self.bias;
        let rest = sine_mean(bias, bias);
        self.waveshaper.process(block, self.gain, |a, b| sine_mean(a + bias, b + bias) - rest);
        self.tone.process(block);
        if bias > 0.0 {
            self.dc_blocker.process(block);
        }
        for (frame, dry) in block.iter_mut().zip(dry) {
            let wet = [self.makeup * frame[0], self.makeup * frame[1]];
            *frame = crossfade(*dry, wet, self.mix).map(|sample| self.output * sample);
        }
    }

    fn reset(&mut self) {
        self.dry.reset();
        self.waveshaper.reset();
        self.dc_blocker.reset();
        self.tone.reset();
    }

    fn tail_frames(&self) -> usize {
        let blocker = if self.bias > 0.0 { self.dc_blocker.tail_frames() } else { 0 };
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
    use std::f64::consts::TAU;

    const SIZE: usize = 8_192;

    /// Powers of the bins of a folded sine with `turns` in [`SIZE`] frames.
    fn spectrum(spec: &Fold, turns: usize) -> Vec<f64> {
        let tempo = Tempo::new(120.0).expect("valid");
        let mut effect = spec.build(&EffectContext { sample_rate: SampleRate::CD, tempo, period_frames: None });
        let sine = |n: usize| (TAU * ((turns * n) % SIZE) as f64 / SIZE as f64).sin() as f32;
        let mut frames: Vec<StereoFrame> = (0..3 * SIZE).map(|n| [sine(n); 2]).collect();
        frames.chunks_mut(MAX_BLOCK).for_each(|block| effect.process(block, None));
        let mut bins: Vec<Complex<f64>> =
            frames[2 * SIZE..].iter().map(|frame| Complex::new(f64::from(frame[0]), 0.0)).collect();
        FftPlanner::new().plan_fft_forward(SIZE).process(&mut bins);
        bins[..SIZE / 2].iter().map(Complex::norm_sqr).collect()
    }

    #[test]
    fn aliases_of_5_khz_at_full_scale_lie_70_db_below_the_harmonics() {
        for (drive_db, asymmetry) in [(0.0, 0.0), (12.0, 0.5), (13.0, 0.0), (24.0, 1.0), (30.0, 0.3)] {
            let powers = spectrum(&Fold { drive_db, asymmetry, tone_hz: 20_000.0, ..Fold::default() }, 929);
            let sum = |harmonic: bool| -> f64 {
                let bins = powers.iter().enumerate().skip(1).filter(|(bin, _)| (bin % 929 == 0) == harmonic);
                bins.map(|(_, power)| power).sum()
            };
            let alias_db = 10.0 * (sum(false) / sum(true)).log10();
            assert!(alias_db < -70.0, "{drive_db} dB, {asymmetry}: {alias_db}");
        }
    }

    #[test]
    fn harmonics_are_bessel_functions_of_the_drive() {
        // sin(z sin t) = 2 J1(z) sin t + 2 J3(z) sin 3t + ...; J3(4) / J1(4) = 0.430 171 / -0.066 043 (Abramowitz and Stegun).
        let powers = spectrum(&Fold { drive_db: 12.041_2, tone_hz: 20_000.0, ..Fold::default() }, 31);
        let ratio_db = 10.0 * (powers[3 * 31] / powers[31]).log10();
        assert!((ratio_db - 20.0 * (0.430_171f64 / 0.066_043).log10()).abs() < 0.05, "{ratio_db} dB");
    }
}
