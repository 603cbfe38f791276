//! Reverb: a room from a feedback delay network.

use super::diffuser::Diffuser;
use super::fdn::FeedbackDelayNetwork;
use super::{Biquad, Effect, EffectContext, MAX_BLOCK, Parameters, check, crossfade};
use crate::audio::StereoFrame;
use crate::delay_line::DelayLine;
use crate::error::Result;
use serde::{Deserialize, Serialize};

/// Reverb: pre-delay, low cut, diffusion in front, then a feedback delay network whose lines are slowly modulated.
///
/// Fully wet and undamped, it is about as loud as its input, however long it decays.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Reverb {
    /// Time until the room has fallen by 60 dB, below the damping: 0.2 to 20 s, default 1.8.
    pub decay_s: f32,
    /// Size of the room: 0.3 (a closet) to 2.0 (a cathedral), default 1.0.
    pub size: f32,
    /// How much faster the treble decays: 0.0 (as fast as the bass) to 1.0 (ten times as fast at 6 kHz); default 0.5.
    pub damping: f32,
    /// Time before the room answers: 0 to 250 ms, default 15.
    pub predelay_ms: f32,
    /// Keeps bass out of the room: 20 to 1 000 Hz, default 150.
    pub low_cut_hz: f32,
    /// 0.0 (dry) to 1.0 (room alone); default 0.25.
    pub mix: f32,
}

impl Default for Reverb {
    fn default() -> Self {
        Self { decay_s: 1.8, size: 1.0, damping: 0.5, predelay_ms: 15.0, low_cut_hz: 150.0, mix: 0.25 }
    }
}

impl Parameters for Reverb {
    fn validate(&self) -> Result<()> {
        check("decay_s of reverb", self.decay_s, 0.2..=20.0, "s")?;
        check("size of reverb", self.size, 0.3..=2.0, "")?;
        check("damping of reverb", self.damping, 0.0..=1.0, "")?;
        check("predelay_ms of reverb", self.predelay_ms, 0.0..=250.0, "ms")?;
        check("low_cut_hz of reverb", self.low_cut_hz, 20.0..=1_000.0, "Hz")?;
        check("mix of reverb", self.mix, 0.0..=1.0, "")
    }

    fn build(&self, context: &EffectContext) -> Box<dyn Effect> {
        let rate = context.sample_rate;
        let predelay = rate.frames(f64::from(self.predelay_ms) * 1e-3).max(1);
        let line = DelayLine::new(predelay);
        Box::new(RunningReverb {
            mix: self.mix,
            predelay,
            lines: [line.clone(), line],
            low_cut: Biquad::high_pass(rate, f64::from(self.low_cut_hz), std::f64::consts::FRAC_1_SQRT_2),
            diffuser: Diffuser::new(rate, self.size),
            network: FeedbackDelayNetwork::new(context, self.size, self.decay_s, self.damping),
            // 1.5 times as long for -90 dB as for -60 dB; a tenth more for what the diffusion adds.
            tail_frames: predelay + rate.frames(1.6 * f64::from(self.decay_s) + 0.25),
        })
    }
}

struct RunningReverb {
    mix: f32,
    predelay: usize,
    lines: [DelayLine; 2],
    low_cut: Biquad,
    diffuser: Diffuser,
    network: FeedbackDelayNetwork,
    tail_frames: usize,
}

impl Effect for RunningReverb {
    fn process(&mut self, block: &mut [StereoFrame], _key: Option<&[StereoFrame]>) {
        let mut wet = [[0.0; 2]; MAX_BLOCK];
        let wet = &mut wet[..block.len()];
        for (wet, frame) in wet.iter_mut().zip(&*block) {
            for (line, sample) in self.lines.iter_mut().zip(*frame) {
                line.write(sample);
            }
            let delayed = [self.lines[0].read(self.predelay), self.lines[1].read(self.predelay)];
            *wet = self.low_cut.tick(delayed.map(f64::from)).map(|sample| sample as f32);
        }
        self.low_cut.flush();
        self.diffuser.process(wet);
        self.network.process(wet);
        for (frame, wet) in block.iter_mut().zip(wet) {
            *frame = crossfade(*frame, *wet, self.mix);
        }
    }

    fn reset(&mut self) {
        self.lines.iter_mut().for_each(DelayLine::reset);
        self.low_cut.reset();
        self.diffuser.reset();
        self.network.reset();
    }

    fn tail_frames(&self) -> usize {
        self.tail_frames
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score::Tempo;
    use crate::units::SampleRate;
    use rustfft::{FftPlanner, num_complex::Complex};

    /// What a click on both sides leaves on the left.
    fn impulse_response(spec: &Reverb, seconds: f64) -> Vec<f32> {
        let tempo = Tempo::new(120.0).expect("valid");
        let mut effect = spec.build(&EffectContext { sample_rate: SampleRate::CD, tempo, period_frames: None });
        let mut frames = vec![[0.0; 2]; SampleRate::CD.frames(seconds)];
        frames[0] = [1.0; 2];
        frames.chunks_mut(MAX_BLOCK).for_each(|block| effect.process(block, None));
        frames.iter().map(|frame| frame[0]).collect()
    }

    #[test]
    fn the_room_decays_by_60_db_in_the_time_set() {
        for (decay_s, size) in [(0.5, 0.3), (1.8, 1.0), (4.0, 2.0)] {
            let spec = Reverb { decay_s, size, damping: 0.4, mix: 1.0, low_cut_hz: 60.0, ..Reverb::default() };
            // Below the damping.
            let mut low = Biquad::low_pass(SampleRate::CD, 600.0);
            let response = impulse_response(&spec, 1.5 * f64::from(decay_s));
            let filtered: Vec<f64> = response.iter().map(|&x| low.tick([f64::from(x); 2])[0]).collect();
            // Schroeder's backward integration, "New method of measuring reverberation time", 1965; -5 to -35 dB.
            let mut energy = 0.0;
            let mut curve: Vec<f64> = filtered
                .iter()
                .rev()
                .map(|x| {
                    energy += x * x;
                    energy
                })
                .collect();
            curve.reverse();
            let reach = |db: f64| curve.iter().position(|&e| e < curve[0] * 10f64.powf(db / 10.0)).expect("decays");
            let measured_s = 2.0 * SampleRate::CD.seconds(reach(-35.0) - reach(-5.0));
            assert!((measured_s / f64::from(decay_s) - 1.0).abs() < 0.1, "{measured_s} s for {decay_s} s");
        }
    }

    #[test]
    fn no_mode_stands_out_late_in_the_tail() {
        let spec = Reverb { decay_s: 3.0, damping: 0.0, mix: 1.0, ..Reverb::default() };
        let response = impulse_response(&spec, 3.0);
        let late = &response[44_100..44_100 + 65_536];
        let hann = |n: usize| (std::f32::consts::PI * n as f32 / 65_536.0).sin().powi(2);
        let mut bins: Vec<Complex<f32>> =
            late.iter().enumerate().map(|(n, x)| Complex::new(x * hann(n), 0.0)).collect();
        FftPlanner::new().plan_fft_forward(bins.len()).process(&mut bins);
        let powers: Vec<f32> = bins[..32_768].iter().map(Complex::norm_sqr).collect();
        // 300 Hz to 4 kHz, each bin against the mean of 200 Hz around it.
        let worst = (446..5_945).map(|bin| powers[bin] / (powers[bin - 149..bin + 149].iter().sum::<f32>() / 298.0));
        let worst_db = 10.0 * worst.fold(0.0, f32::max).log10();
        // The largest of 5 500 bins of decaying Gaussian noise lies about 10 dB above the mean; a ringing mode 20 and more.
        assert!(worst_db < 14.0, "{worst_db} dB");
    }
}
