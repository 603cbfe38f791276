//! Ducking: the mix gives way to the kick drum.

use crate::error::Result;
use crate::parameters::check_range;
use crate::score::Score;
use crate::units::SampleRate;
use serde::{Deserialize, Serialize};

/// General MIDI's bass drums.
const KICKS: [u8; 2] = [35, 36];
/// Time in which the level goes down, ending with the kick's onset, in seconds: short, but no click.
const ATTACK_S: f64 = 0.004;

/// Ducking as a side-chain compressor does it, but timed by the kick's notes instead of its sound: the dip is there with the
/// kick, not after it, and the same every time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Duck {
    /// Time until the level is back, in quarter notes: 0.05 to 4, default 0.6.
    pub release_beats: f32,
}

impl Default for Duck {
    fn default() -> Self {
        Self { release_beats: 0.6 }
    }
}

impl Duck {
    pub(super) fn validate(&self) -> Result<()> {
        check_range("release_beats of duck", self.release_beats, 0.05..=4.0)
    }

    /// When the mix gives way in `score`.
    pub(super) fn dips(&self, score: &Score, rate: SampleRate) -> Dips {
        let drums = score.tracks.iter().filter(|track| track.is_drums());
        let kicks = drums.flat_map(|track| &track.notes).filter(|note| KICKS.contains(&note.pitch.number()));
        Dips {
            kicks: kicks.map(|kick| (score.frame_at(kick.start, rate), kick.velocity.unit())).collect(),
            attack: rate.frames(ATTACK_S),
            release: rate.frames(f64::from(self.release_beats) * score.tempo().seconds_per_quarter()).max(1),
        }
    }
}

/// The kicks that the mix gives way to.
#[derive(Debug, Clone, Default)]
pub(super) struct Dips {
    /// Frame and hardness.
    kicks: Vec<(usize, f32)>,
    attack: usize,
    release: usize,
}

impl Dips {
    /// How deep the dip is at each frame of a loop: 1.0 at the hardest kick, 0.0 once its release is over. Empty without kicks.
    pub(super) fn round(&self, length: usize) -> Vec<f32> {
        if self.kicks.is_empty() || length == 0 {
            return Vec::new();
        }
        let mut depth = vec![0.0f32; length];
        for &(onset, hardness) in &self.kicks {
            for step in 0..self.attack + self.release {
                let frame = (onset + step + self.attack * (length - 1)) % length;
                deepen(&mut depth[frame], hardness * self.shape(step));
            }
        }
        depth
    }

    /// The same from frame `start` of a piece on.
    pub(super) fn fill(&self, start: usize, depth: &mut [f32]) {
        depth.fill(0.0);
        let end = start + depth.len();
        for &(onset, hardness) in &self.kicks {
            // Counted from `attack` frames before the start, where a kick on the first frame begins to be heard.
            let from = onset.max(start + self.attack);
            let until = (onset + self.attack + self.release).min(end + self.attack);
            for late in (from..until).map(|late| late - self.attack) {
                let step = late + self.attack - onset;
                deepen(&mut depth[late - start], hardness * self.shape(step));
            }
        }
    }

    /// Half a cosine down, half a cosine up: no kink in what is left alone of the ducked part.
    fn shape(&self, step: usize) -> f32 {
        let Self { attack, release, .. } = *self;
        let (turned, length) = if step < attack { (attack - step, attack) } else { (step - attack, release) };
        0.5 + 0.5 * (std::f32::consts::PI * turned as f32 / length as f32).cos()
    }
}

/// A dip within another one takes its share of what is left: no kink where the second begins.
fn deepen(depth: &mut f32, dip: f32) {
    *depth = 1.0 - (1.0 - *depth) * (1.0 - dip);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::effect::Biquad;
    use crate::score::{Meter, Note, Pitch, Tempo, Ticks, Track, Velocity};

    #[test]
    fn the_dip_is_deepest_at_the_kick_and_over_after_its_release() {
        let mut score = Score::empty(Ticks(1920), Tempo::new(120.0).expect("valid"), Meter::COMMON);
        let kick = Note { start: Ticks(0), pitch: Pitch::new(36), length: Ticks(10), velocity: Velocity::new(127) };
        let snare = Note { start: Ticks(960), pitch: Pitch::new(38), ..kick };
        score.tracks.push(Track { channel: Track::DRUM_CHANNEL, notes: vec![kick, snare], ..Track::default() });
        let depth = Duck { release_beats: 1.0 }.dips(&score, SampleRate::CD).round(88_200);
        assert_eq!(depth.len(), 88_200);
        assert_eq!(depth[0], 1.0);
        assert!((depth[11_025] - 0.5).abs() < 1e-3);
        assert_eq!(depth[22_050], 0.0);
        // Round the loop's end, it goes down before the kick, within 176 frames.
        assert_eq!(depth[88_000], 0.0);
        assert!((1.0 - depth[88_199]) < 1e-3 && depth[88_199] < 1.0);
        // In a piece it is the same, however it is cut into stretches, but for what would come round.
        let mut linear = vec![0.0; 88_200];
        for (index, stretch) in linear.chunks_mut(1000).enumerate() {
            Duck { release_beats: 1.0 }.dips(&score, SampleRate::CD).fill(1000 * index, stretch);
        }
        assert_eq!(linear[88_199], 0.0);
        assert_eq!(linear[..88_000], depth[..88_000]);
    }

    #[test]
    fn the_deepest_dip_does_not_click() {
        let mut score = Score::empty(Ticks(1920), Tempo::new(120.0).expect("valid"), Meter::COMMON);
        // Two hard kicks, the second while the level is still coming back.
        let kick = |start| Note {
            start: Ticks(start),
            pitch: Pitch::new(36),
            length: Ticks(10),
            velocity: Velocity::new(127),
        };
        score.tracks.push(Track {
            channel: Track::DRUM_CHANNEL,
            notes: vec![kick(480), kick(720)],
            ..Track::default()
        });
        let depth = Duck { release_beats: 1.0 }.dips(&score, SampleRate::CD).round(88_200);
        // A tone of 100 Hz at full scale under 12 dB, as far as styles go; above 8 kHz, 24 dB an octave, it is gone.
        let tone = depth.iter().enumerate().map(|(n, depth)| {
            let gain = 10f64.powf(-12.0 / 20.0 * f64::from(*depth));
            [gain * (std::f64::consts::TAU * n as f64 / 441.0).sin(); 2]
        });
        let mut filters = [0.541, 1.307].map(|q| Biquad::high_pass(SampleRate::CD, 8_000.0, q));
        let high = tone.map(|frame| filters.iter_mut().fold(frame, |frame, filter| filter.tick(frame))[0].abs());
        let peak_db = 20.0 * high.skip(200).fold(0.0, f64::max).log10();
        assert!(peak_db < -80.0, "{peak_db} dBFS");
    }
}
