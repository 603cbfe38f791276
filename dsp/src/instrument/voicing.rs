//! What the voices of all instruments share: the control grid, velocity, saturation.

use super::{Controllers, Voice};
use crate::audio::StereoFrame;
pub(crate) use crate::filter::saturate;
use crate::score::Velocity;
use crate::units::SampleRate;

/// Frames in a control period: modulation is evaluated once in it, and ramps.
pub(crate) const CONTROL_FRAMES: usize = 32;

/// A voice in two rates: modulation once per control period, sound in between.
pub(crate) trait ControlledVoice: Send {
    /// Evaluates modulation for the [`CONTROL_FRAMES`] frames to come.
    fn control(&mut self, bend_semitones: f32);

    /// Hears where the controllers stand, before [`ControlledVoice::control`].
    fn listen(&mut self, controllers: &Controllers) {
        let _ = controllers;
    }

    /// Adds frames that lie within one control period.
    fn fill(&mut self, block: &mut [StereoFrame]);

    fn release(&mut self);

    fn is_finished(&self) -> bool;
}

/// Control periods per second.
pub(crate) fn control_hz(rate: SampleRate) -> f64 {
    rate.hz() / CONTROL_FRAMES as f64
}

/// Time in which a choked voice fades out along a raised cosine, in seconds: a kink in a sub-bass would be heard.
const CHOKE_S: f64 = 0.009;

/// Runs a [`ControlledVoice`] on a grid that starts with the note, so that the size of the blocks makes no difference.
pub(crate) struct OnGrid<V> {
    voice: V,
    frames_to_control: usize,
    bend_semitones: f32,
    /// What is left of a choked voice's time, and what it loses in each frame.
    choked: Option<f32>,
    choke_step: f32,
}

impl<V: ControlledVoice> OnGrid<V> {
    pub(crate) fn new(voice: V, rate: SampleRate) -> Self {
        let choke_step = (1.0 / (CHOKE_S * rate.hz())) as f32;
        Self { voice, frames_to_control: 0, bend_semitones: 0.0, choked: None, choke_step }
    }
}

impl<V: ControlledVoice> Voice for OnGrid<V> {
    fn render(&mut self, mut block: &mut [StereoFrame]) {
        while !block.is_empty() {
            if self.frames_to_control == 0 {
                self.voice.control(self.bend_semitones);
                self.frames_to_control = CONTROL_FRAMES;
            }
            let (now, later) = block.split_at_mut(self.frames_to_control.min(block.len()));
            if let Some(left) = &mut self.choked {
                let mut scratch = [[0.0; 2]; CONTROL_FRAMES];
                self.voice.fill(&mut scratch[..now.len()]);
                for (frame, sound) in now.iter_mut().zip(&scratch) {
                    *left = (*left - self.choke_step).max(0.0);
                    let level = 0.5 - 0.5 * (std::f32::consts::PI * *left).cos();
                    frame[0] += level * sound[0];
                    frame[1] += level * sound[1];
                }
            } else {
                self.voice.fill(now);
            }
            self.frames_to_control -= now.len();
            block = later;
        }
    }

    fn release(&mut self) {
        self.voice.release();
    }

    fn bend(&mut self, semitones: f32) {
        self.bend_semitones = semitones;
    }

    fn listen(&mut self, controllers: &Controllers) {
        self.voice.listen(controllers);
    }

    fn choke(&mut self) {
        self.choked.get_or_insert(1.0);
    }

    fn is_finished(&self) -> bool {
        self.choked == Some(0.0) || self.voice.is_finished()
    }
}

/// A value that reaches its target at the end of each control period.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Ramp {
    from: f32,
    step: f32,
    target: Option<f32>,
}

impl Ramp {
    /// Where to be at the end of the control period; the first target is taken at once.
    pub(crate) fn aim(&mut self, target: f32) {
        self.from = self.target.unwrap_or(target);
        self.step = (target - self.from) / CONTROL_FRAMES as f32;
        self.target = Some(target);
    }

    /// At a frame of the control period.
    #[inline]
    pub(crate) fn at(&self, frame: usize) -> f32 {
        self.from + self.step * (frame + 1) as f32
    }

    /// At all its frames.
    pub(crate) fn values(&self) -> [f32; CONTROL_FRAMES] {
        std::array::from_fn(|frame| self.at(frame))
    }

    /// At their end, once there is one.
    pub(crate) fn target(&self) -> Option<f32> {
        self.target
    }

    /// True where it stays as it is.
    pub(crate) fn is_still(&self) -> bool {
        self.step == 0.0
    }
}

/// Amplitude for a velocity: 40 log10(velocity / 127) dB, as General MIDI recommends, times `sensitivity` (0.0 ..= 1.0).
pub fn velocity_gain(velocity: Velocity, sensitivity: f32) -> f32 {
    velocity.unit().powf(2.0 * sensitivity)
}

/// Saturation behind a gain, brought back so that a full-scale input stays near full scale; 1.0 is nearly clean.
#[inline]
pub(crate) fn overdrive(x: f32, gain: f32, makeup: f32) -> f32 {
    saturate(x * gain) * makeup
}

/// The makeup of [`overdrive`].
pub(crate) fn overdrive_makeup(gain: f32) -> f32 {
    1.0 / saturate(gain)
}
