//! Tape delay: echoes that waver, soften and saturate.

use super::one_pole::OnePole;
use super::waveshaper::soft_mean;
use super::wow::Wow;
use super::{Effect, EffectContext, Parameters, check, crossfade, flush};
use crate::audio::StereoFrame;
use crate::error::Result;
use crate::units::db_to_gain;
use serde::{Deserialize, Serialize};

/// Tempo-synced echo of a tape loop: with every round the echoes are darker, thinner and more saturated, and their pitch wavers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TapeDelay {
    /// Time between echoes in quarter notes: 0.0625 to 8, default 0.75 (a dotted eighth).
    pub beats: f32,
    /// Amplitude of a soft echo to the one before: 0.0 to 0.9, default 0.45.
    pub feedback: f32,
    /// Level on the tape above that of the input, and so its saturation: 0 to 24 dB, default 6.
    pub drive_db: f32,
    /// Deepest detuning by the wow, twice a second at most: 0 to 30 cents, default 6. Flutter adds a fifth of it.
    pub wow_cents: f32,
    /// What each echo loses below: 20 to 2 000 Hz, default 120.
    pub low_cut_hz: f32,
    /// What each echo loses above: 500 to 20 000 Hz, default 3 500.
    pub high_cut_hz: f32,
    /// Echoes alternate between left and right; default false.
    pub ping_pong: bool,
    /// 0.0 (dry) to 1.0 (echoes alone); default 0.3.
    pub mix: f32,
}

impl Default for TapeDelay {
    fn default() -> Self {
        Self {
            beats: 0.75,
            feedback: 0.45,
            drive_db: 6.0,
            wow_cents: 6.0,
            low_cut_hz: 120.0,
            high_cut_hz: 3_500.0,
            ping_pong: false,
            mix: 0.3,
        }
    }
}

/// Turns per second of the loop's splice and of the capstan.
const WOW_HZ: f32 = 0.9;
const FLUTTER_HZ: f32 = 7.3;

impl Parameters for TapeDelay {
    fn validate(&self) -> Result<()> {
        check("beats of tape_delay", self.beats, 0.0625..=8.0, "quarter notes")?;
        check("feedback of tape_delay", self.feedback, 0.0..=0.9, "")?;
        check("drive_db of tape_delay", self.drive_db, 0.0..=24.0, "dB")?;
        check("wow_cents of tape_delay", self.wow_cents, 0.0..=30.0, "cents")?;
        check("low_cut_hz of tape_delay", self.low_cut_hz, 20.0..=2_000.0, "Hz")?;
        check("high_cut_hz of tape_delay", self.high_cut_hz, 500.0..=20_000.0, "Hz")?;
        check("mix of tape_delay", self.mix, 0.0..=1.0, "")
    }

    fn build(&self, context: &EffectContext) -> Box<dyn Effect> {
        let rate = context.sample_rate;
        let frames = rate.frames(f64::from(self.beats) * context.tempo.seconds_per_quarter());
        let swings = [(self.wow_cents, WOW_HZ), (0.2 * self.wow_cents, FLUTTER_HZ)];
        let own = Wow::new(context, swings, 0).latency_frames();
        Box::new(RunningTapeDelay {
            spec: self.clone(),
            // The middle of the swing is on the beat.
            tape: Wow::new(context, swings, frames.saturating_sub(own)),
            drive: db_to_gain(self.drive_db),
            low_cut: OnePole::new(rate, self.low_cut_hz),
            high_cuts: [OnePole::new(rate, self.high_cut_hz); 2],
            before: [0.0; 2],
            // Ten time constants of the low cut, the slower filter.
            ring_frames: rate.frames(10.4 / f64::from(std::f32::consts::TAU * self.low_cut_hz)),
        })
    }
}

struct RunningTapeDelay {
    spec: TapeDelay,
    tape: Wow,
    drive: f32,
    low_cut: OnePole,
    high_cuts: [OnePole; 2],
    /// The last frame that went to the tape.
    before: StereoFrame,
    ring_frames: usize,
}

impl Effect for RunningTapeDelay {
    fn process(&mut self, block: &mut [StereoFrame], _key: Option<&[StereoFrame]>) {
        let feedback = self.spec.feedback;
        for frame in block {
            let [darker, dark] = &mut self.high_cuts;
            let echo = self.low_cut.high(darker.low(dark.low(self.tape.read())));
            let fed = if self.spec.ping_pong {
                // The input enters on the left; each side feeds the other.
                [0.5 * (frame[0] + frame[1]) + feedback * echo[1], feedback * echo[0]]
            } else {
                [frame[0] + feedback * echo[0], frame[1] + feedback * echo[1]]
            };
            let driven = fed.map(|sample| flush(self.drive * sample));
            let taped = std::array::from_fn(|side| soft_mean(self.before[side], driven[side]) / self.drive);
            self.before = driven;
            self.tape.write(taped);
            *frame = crossfade(*frame, echo, self.spec.mix);
        }
    }

    fn reset(&mut self) {
        self.tape.reset();
        self.low_cut.reset();
        self.high_cuts.iter_mut().for_each(OnePole::reset);
        self.before = [0.0; 2];
    }

    fn tail_frames(&self) -> usize {
        let echoes = if self.spec.feedback < 1e-4 { 1.0 } else { 1.0 - 90.0 / (20.0 * self.spec.feedback.log10()) };
        echoes.ceil() as usize * (self.tape.latency_frames() + self.ring_frames / 8) + 2 * self.ring_frames
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::effect::MAX_BLOCK;
    use crate::score::Tempo;
    use crate::units::SampleRate;

    /// A short burst of a tone and its echoes; quarter notes of 22 050 frames.
    fn echoes(spec: &TapeDelay, level: f32) -> Vec<StereoFrame> {
        let tempo = Tempo::new(120.0).expect("valid");
        let mut effect = spec.build(&EffectContext { sample_rate: SampleRate::CD, tempo, period_frames: None });
        let tone = |n: usize| level * (0.05 * n as f32).sin() * (std::f32::consts::PI * n as f32 / 4_410.0).sin();
        let mut frames: Vec<StereoFrame> = (0..110_250).map(|n| [if n < 4_410 { tone(n) } else { 0.0 }; 2]).collect();
        frames.chunks_mut(MAX_BLOCK).for_each(|block| effect.process(block, None));
        frames
    }

    fn energy(frames: &[StereoFrame]) -> f32 {
        frames.iter().map(|frame| frame[0] * frame[0]).sum()
    }

    #[test]
    fn echoes_come_on_the_beat_each_softer_and_loud_ones_compressed() {
        let spec = TapeDelay {
            beats: 1.0,
            mix: 1.0,
            feedback: 0.5,
            low_cut_hz: 20.0,
            high_cut_hz: 20_000.0,
            ..TapeDelay::default()
        };
        let echo =
            |frames: &[StereoFrame], number: usize| energy(&frames[number * 22_050 - 100..number * 22_050 + 4_510]);
        let soft = echoes(&spec, 0.01);
        // All of it is where the beats say.
        assert!((1..=4).map(|number| echo(&soft, number)).sum::<f32>() > 0.999 * energy(&soft));
        let fall_db = 10.0 * (echo(&soft, 2) / echo(&soft, 1)).log10();
        assert!((fall_db + 6.02).abs() < 0.2, "{fall_db} dB");
        let loud = echoes(&spec, 1.0);
        let compression_db = 10.0 * (echo(&loud, 1) / echo(&soft, 1)).log10() - 40.0;
        assert!((-9.0..-3.0).contains(&compression_db), "{compression_db} dB");
    }
}
