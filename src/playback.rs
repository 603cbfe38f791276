//! What the sound device asks for, block by block: the engine behind `play`, without a device.

use riffsmith_dsp::{AudioBuffer, SampleRate, StereoFrame};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Fade before playing stops on request, in seconds: long enough not to click.
const FADE_S: f64 = 0.08;

/// What the thread that waits and the thread that plays tell each other.
#[derive(Debug, Default)]
pub struct Control {
    stop: AtomicBool,
    finished: AtomicBool,
}

impl Control {
    /// Asks for a fade to silence.
    pub fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    /// True once nothing but silence will follow.
    pub fn is_finished(&self) -> bool {
        self.finished.load(Ordering::Relaxed)
    }
}

/// Plays one sound, once or round and round without a gap.
#[derive(Debug)]
pub struct Player {
    frames: Vec<StereoFrame>,
    position: usize,
    repeat: bool,
    channels: usize,
    volume: f32,
    /// Falls from 1.0 to 0.0 after the request to stop.
    fade: f32,
    fade_step: f32,
    control: Arc<Control>,
}

impl Player {
    /// Plays `audio` at `volume` (an amplitude factor; 1.0 leaves the samples as they are) to a device with `channels`
    /// channels.
    pub fn new(audio: AudioBuffer, repeat: bool, volume: f32, channels: usize, control: Arc<Control>) -> Self {
        let fade_step = 1.0 / fade_frames(audio.sample_rate) as f32;
        Self { frames: audio.frames, position: 0, repeat, channels, volume, fade: 1.0, fade_step, control }
    }

    /// Fills `out`, whole frames of interleaved channels. Neither allocates nor locks.
    ///
    /// Stereo goes to the first two channels; one channel gets the mean of both.
    pub fn fill(&mut self, out: &mut [f32]) {
        let stopping = self.control.stop.load(Ordering::Relaxed);
        for device_frame in out.chunks_exact_mut(self.channels.max(1)) {
            let [left, right] = self.next(stopping);
            match device_frame {
                [mono] => *mono = 0.5 * (left + right),
                [first, second, others @ ..] => {
                    *first = left;
                    *second = right;
                    others.fill(0.0);
                }
                [] => {}
            }
        }
    }

    fn next(&mut self, stopping: bool) -> StereoFrame {
        if self.position == self.frames.len() && self.repeat {
            self.position = 0;
        }
        if stopping {
            self.fade = (self.fade - self.fade_step).max(0.0);
        }
        let frame = match self.frames.get(self.position) {
            Some(frame) if self.fade > 0.0 => *frame,
            _ => {
                self.control.finished.store(true, Ordering::Relaxed);
                return [0.0; 2];
            }
        };
        self.position += 1;
        frame.map(|sample| sample * self.volume * self.fade)
    }
}

/// Frames that a fade to silence takes.
pub fn fade_frames(rate: SampleRate) -> usize {
    rate.frames(FADE_S).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ramp(frames: usize) -> AudioBuffer {
        let frames = (0..frames).map(|n| [n as f32 + 1.0, -(n as f32) - 1.0]).collect();
        AudioBuffer { sample_rate: SampleRate::new(8_000).expect("valid"), frames }
    }

    fn play(player: &mut Player, channels: usize, blocks: &[usize]) -> Vec<f32> {
        let mut out = Vec::new();
        for block in blocks {
            let mut buffer = vec![f32::NAN; block * channels];
            player.fill(&mut buffer);
            out.extend(buffer);
        }
        out
    }

    #[test]
    fn a_sound_is_played_as_it_is_whatever_the_blocks_and_then_silence() {
        let control = Arc::new(Control::default());
        let mut player = Player::new(ramp(5), false, 1.0, 2, Arc::clone(&control));
        let out = play(&mut player, 2, &[3, 1, 1]);
        assert_eq!(out, [1.0, -1.0, 2.0, -2.0, 3.0, -3.0, 4.0, -4.0, 5.0, -5.0]);
        assert!(!control.is_finished());
        assert_eq!(play(&mut player, 2, &[2]), [0.0; 4]);
        assert!(control.is_finished());
    }

    #[test]
    fn a_loop_has_no_gap() {
        let mut player = Player::new(ramp(3), true, 1.0, 2, Arc::default());
        let left: Vec<f32> = play(&mut player, 2, &[4, 4]).iter().step_by(2).copied().collect();
        assert_eq!(left, [1.0, 2.0, 3.0, 1.0, 2.0, 3.0, 1.0, 2.0]);
    }

    #[test]
    fn an_empty_sound_ends_at_once() {
        let control = Arc::new(Control::default());
        let mut player = Player::new(ramp(0), true, 1.0, 2, Arc::clone(&control));
        assert_eq!(play(&mut player, 2, &[2]), [0.0; 4]);
        assert!(control.is_finished());
    }

    #[test]
    fn mono_and_surround_devices_are_served() {
        let constant = AudioBuffer { sample_rate: SampleRate::CD, frames: vec![[0.25, 0.75]; 2] };
        let mut mono = Player::new(constant.clone(), false, 0.5, 1, Arc::default());
        assert_eq!(play(&mut mono, 1, &[2]), [0.25, 0.25]);
        let mut surround = Player::new(constant, false, 1.0, 4, Arc::default());
        assert_eq!(play(&mut surround, 4, &[1]), [0.25, 0.75, 0.0, 0.0]);
    }

    #[test]
    fn stopping_fades_without_a_step() {
        let control = Arc::new(Control::default());
        let constant = AudioBuffer { sample_rate: SampleRate::CD, frames: vec![[1.0; 2]; 100] };
        let mut player = Player::new(constant, true, 1.0, 2, Arc::clone(&control));
        play(&mut player, 2, &[500]);
        control.stop();
        let fade = fade_frames(SampleRate::CD);
        let left: Vec<f32> = play(&mut player, 2, &[fade + 10]).iter().step_by(2).copied().collect();
        let largest_step = left.windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0, f32::max);
        // Straight down: each step is one part of the fade, with room for rounding.
        assert!(largest_step < 1.01 / fade as f32, "{largest_step}");
        assert_eq!(left[fade + 1..], [0.0; 9]);
        assert!(control.is_finished());
    }
}
