//! Rotary: the turning horn and drum of an organ's cabinet.

use super::crossover::Crossover;
use super::one_pole::OnePole;
use super::{Effect, EffectContext, Parameters, Sweep, check, crossfade};
use crate::audio::StereoFrame;
use crate::delay_line::DelayLine;
use crate::error::Result;
use serde::{Deserialize, Serialize};

/// How fast the rotors turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RotarySpeed {
    /// Chorale: 48 and 40 turns a minute.
    #[default]
    Slow,
    /// Tremolo: 400 and 342 turns a minute.
    Fast,
}

impl RotarySpeed {
    /// Turns per second of horn and drum.
    fn turns_hz(self) -> [f32; 2] {
        match self {
            Self::Slow => [0.8, 0.667],
            Self::Fast => [6.67, 5.7],
        }
    }
}

/// Rotary loudspeaker: a horn above and a drum below 800 Hz, heard by two microphones a quarter turn apart; each rotor comes and
/// goes, by Doppler's effect in pitch (Smith, Serafin, Abel and Berners, "Doppler simulation and the Leslie", 2002). As in the
/// cabinet, the input is mono.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rotary {
    /// `slow` (default) or `fast`. In a loop, the nearest whole numbers of turns.
    pub speed: RotarySpeed,
    /// How near the microphones are: 0.0 (far: hardly a change) to 1.0; default 0.7.
    pub depth: f32,
    /// Horn against drum: -12 to 12 dB, default 0.
    pub horn_db: f32,
    /// 0.0 (dry) to 1.0 (default).
    pub mix: f32,
}

impl Default for Rotary {
    fn default() -> Self {
        Self { speed: RotarySpeed::Slow, depth: 0.7, horn_db: 0.0, mix: 1.0 }
    }
}

const CROSSOVER_HZ: f32 = 800.0;
/// Sound's way round half the rotor: 18 cm at 340 m/s; the drum's baffle is closer to the axis.
const SWINGS_MS: [f32; 2] = [0.53, 0.3];
/// How far the level falls on the far side at full depth.
const FADES: [f32; 2] = [0.6, 0.45];
/// What the horn loses above on the far side.
const SHADOW_HZ: f32 = 2_500.0;

impl Parameters for Rotary {
    fn validate(&self) -> Result<()> {
        check("depth of rotary", self.depth, 0.0..=1.0, "")?;
        check("horn_db of rotary", self.horn_db, -12.0..=12.0, "dB")?;
        check("mix of rotary", self.mix, 0.0..=1.0, "")
    }

    fn build(&self, context: &EffectContext) -> Box<dyn Effect> {
        let rate = context.sample_rate;
        let frames = |ms: f32| 1e-3 * ms * rate.hz() as f32;
        // Both rotors share the mean delay, so that they stay in step.
        let mean = frames(SWINGS_MS[0]).ceil() + 3.0;
        let rotors = std::array::from_fn(|rotor| Rotor {
            sweep: Sweep::new(context, self.speed.turns_hz()[rotor]),
            line: DelayLine::new(2 * mean as usize + 2),
            mean,
            swing: self.depth * frames(SWINGS_MS[rotor]),
            fade: self.depth * FADES[rotor],
        });
        Box::new(RunningRotary {
            crossover: Crossover::new(rate, CROSSOVER_HZ),
            rotors,
            shadow: OnePole::new(rate, SHADOW_HZ),
            depth: self.depth,
            horn: crate::units::db_to_gain(self.horn_db),
            mix: self.mix,
        })
    }
}

struct Rotor {
    sweep: Sweep,
    line: DelayLine,
    mean: f32,
    swing: f32,
    fade: f32,
}

impl Rotor {
    /// What each microphone hears, and how far the rotor is turned away from it: 0.0 to 1.0.
    #[inline]
    fn tick(&mut self, input: f32) -> (StereoFrame, [f32; 2]) {
        let [cos, sin] = self.sweep.tick();
        self.line.write(input);
        // The delay is longest where the rotor is farthest away, and there it is turned away, too.
        let away = [0.5 + 0.5 * sin, 0.5 + 0.5 * cos];
        let heard = [sin, cos].map(|turn| self.line.read_cubic(self.mean + self.swing * turn));
        ([heard[0] * (1.0 - self.fade * away[0]), heard[1] * (1.0 - self.fade * away[1])], away)
    }
}

struct RunningRotary {
    crossover: Crossover,
    /// Horn and drum.
    rotors: [Rotor; 2],
    shadow: OnePole,
    depth: f32,
    horn: f32,
    mix: f32,
}

impl Effect for RunningRotary {
    fn process(&mut self, block: &mut [StereoFrame], _key: Option<&[StereoFrame]>) {
        for frame in block {
            let mono = 0.5 * f64::from(frame[0] + frame[1]);
            let [low, high] = self.crossover.tick([mono; 2]);
            let (horn, away) = self.rotors[0].tick(self.horn * high[0] as f32);
            let (drum, _) = self.rotors[1].tick(low[0] as f32);
            let dull = self.shadow.low(horn);
            let wet = std::array::from_fn(|side| {
                horn[side] + 0.7 * self.depth * away[side] * (dull[side] - horn[side]) + drum[side]
            });
            *frame = crossfade(*frame, wet, self.mix);
        }
        self.crossover.flush();
    }

    fn reset(&mut self) {
        self.crossover.reset();
        self.shadow.reset();
        for rotor in &mut self.rotors {
            rotor.sweep.reset();
            rotor.line.reset();
        }
    }

    fn tail_frames(&self) -> usize {
        // The shadow rings for ten time constants, less than a hundred frames beside the crossover's.
        2 * self.rotors[0].mean as usize + self.crossover.tail_frames() + 200
    }

    fn latency_frames(&self) -> usize {
        self.rotors[0].mean as usize - 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::effect::MAX_BLOCK;
    use crate::score::Tempo;
    use crate::units::SampleRate;

    #[test]
    fn the_pitch_of_the_horn_swings_by_the_speed_of_its_mouth() {
        let tempo = Tempo::new(120.0).expect("valid");
        let context = EffectContext { sample_rate: SampleRate::CD, tempo, period_frames: None };
        for (speed, turns_hz) in [(RotarySpeed::Slow, 0.8f64), (RotarySpeed::Fast, 6.67)] {
            let mut effect = Rotary { speed, depth: 1.0, ..Rotary::default() }.build(&context);
            let sine = |n: usize| (std::f64::consts::TAU * 3_000.0 * n as f64 / 44_100.0).sin() as f32;
            let mut frames: Vec<StereoFrame> = (0..88_200).map(|n| [sine(n); 2]).collect();
            frames.chunks_mut(MAX_BLOCK).for_each(|block| effect.process(block, None));
            // Turns between rising zero crossings, twenty at a time.
            let left: Vec<f64> = frames[4_410..].iter().map(|frame| f64::from(frame[0])).collect();
            let rising = left.windows(2).enumerate().filter(|(_, pair)| pair[0] < 0.0 && pair[1] >= 0.0);
            let crossings: Vec<f64> = rising.map(|(n, pair)| n as f64 + pair[0] / (pair[0] - pair[1])).collect();
            let pitches: Vec<f64> =
                crossings.windows(21).map(|turns| 20.0 * 44_100.0 / (turns[20] - turns[0])).collect();
            let highest = pitches.iter().copied().fold(0.0, f64::max);
            let lowest = pitches.iter().copied().fold(f64::INFINITY, f64::min);
            // Doppler: a delay of d seconds at w radians a second detunes by d w.
            let expected = 3_000.0 * 0.53e-3 * std::f64::consts::TAU * turns_hz;
            assert!((0.5 * (highest - lowest) / expected - 1.0).abs() < 0.1, "{speed:?}: {lowest} to {highest} Hz");
        }
    }
}
