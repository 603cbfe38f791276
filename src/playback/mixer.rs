//! The audio callback: copies, mixes stems, moves gains, crosses from one sound to the next, and writes silence.

use super::command::{Command, When};
use super::deck::Deck;
use super::link::Ends;
use super::ramp::Ramp;
use super::sound::{LAYERS, Sound};
use super::status::Event;
use riffsmith_dsp::{SampleRate, StereoFrame};
use std::sync::Arc;

/// Fade before a pause and the end, and after a pause, in seconds: long enough not to click.
pub const FADE_S: f64 = 0.08;

/// Cross-fade from one sound to the next, in seconds: at a bar line all of it lies before the line.
pub const CROSSFADE_S: f64 = 0.010;

/// Time in which the gain of a layer or the volume moves, in seconds.
const GAIN_S: f64 = 0.015;

/// Sounds that the callback may hold at once, beside the one that it is given: there must be room to give them all back.
const HELD: usize = 3;

/// Plays one sound after the other. All it needs is built with it.
pub struct Mixer {
    ends: Ends,
    channels: usize,
    current: Option<Deck>,
    /// What the current sound takes the place of.
    leaving: Option<Deck>,
    /// Frames of the cross-fade that are done.
    crossed: usize,
    next: Option<Next>,
    layers: [Ramp; LAYERS],
    volume: Ramp,
    gate: Ramp,
    is_stopping: bool,
    frames: u64,
    crossfade_frames: usize,
    fade_frames: usize,
    gain_frames: usize,
}

/// A sound that waits for its time.
struct Next {
    sound: Arc<Sound>,
    when: When,
    /// Frames until its line, and the frame of the current sound that it is at; of [`When::Line`] only.
    until: usize,
    line: usize,
}

impl Mixer {
    pub(super) fn new(ends: Ends, rate: SampleRate, channels: usize) -> Self {
        let mut layers = [Ramp::at(0.0); LAYERS];
        layers[0] = Ramp::at(1.0);
        Self {
            ends,
            channels: channels.max(1),
            current: None,
            leaving: None,
            crossed: 0,
            next: None,
            layers,
            volume: Ramp::at(1.0),
            gate: Ramp::at(1.0),
            is_stopping: false,
            frames: 0,
            crossfade_frames: rate.frames(CROSSFADE_S).max(1),
            fade_frames: rate.frames(FADE_S).max(1),
            gain_frames: rate.frames(GAIN_S).max(1),
        }
    }

    /// Fills `out`, whole frames of interleaved channels. Neither allocates, frees, locks nor waits.
    ///
    /// Stereo goes to the first two channels; one channel gets the mean of both.
    pub fn fill(&mut self, out: &mut [f32]) {
        self.obey();
        for device_frame in out.chunks_mut(self.channels) {
            let frame = self.next_frame();
            // What nobody looks at in time is not shown.
            let _ = self.ends.heard.push(frame);
            let [left, right] = frame;
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
        let (sound, position) = self.current.as_ref().map_or((0, 0), |deck| (deck.sound.id, deck.position));
        self.ends.status.set(sound, position, self.frames, self.is_finished());
    }

    fn is_finished(&self) -> bool {
        let has_ended = self.next.is_none() && self.current.as_ref().is_some_and(Deck::is_over);
        has_ended || self.is_stopping && (self.gate.is_shut() || self.current.is_none())
    }

    fn obey(&mut self) {
        while let Ok(command) = self.ends.commands.peek() {
            if matches!(command, Command::Play(..)) && self.ends.spent.slots() <= HELD {
                return;
            }
            let Ok(command) = self.ends.commands.pop() else { return };
            // Before there is anything to hear, there is nothing to move smoothly.
            let frames = if self.current.is_none() { 1 } else { self.gain_frames };
            match command {
                Command::Play(sound, when) => self.play(sound, when),
                Command::Layers(gains) => {
                    self.layers.iter_mut().zip(gains).for_each(|(layer, gain)| layer.go(gain, frames));
                }
                Command::Volume(gain) => self.volume.go(gain, frames),
                Command::Pause(pause) => self.gate.go(if pause { 0.0 } else { 1.0 }, self.fade_frames),
                Command::Stop => {
                    self.is_stopping = true;
                    self.gate.go(0.0, self.fade_frames);
                }
            }
        }
    }

    fn play(&mut self, sound: Arc<Sound>, when: When) {
        if let Some(replaced) = self.next.take() {
            self.give_back(replaced.sound);
        }
        let (until, line) = match (&self.current, when) {
            (Some(deck), When::Line) => deck.until_line(self.crossfade_frames),
            _ => (0, 0),
        };
        self.next = Some(Next { sound, when, until, line });
    }

    fn next_frame(&mut self) -> StereoFrame {
        let gate = self.gate.next();
        if self.gate.is_shut() {
            // Holds where it is, until it is told to go on.
            self.frames += 1;
            return [0.0; 2];
        }
        self.begin_next();
        let gains = self.layers.each_mut().map(Ramp::next);
        let mut frame = self.current.as_mut().map_or([0.0; 2], |deck| deck.next(&gains));
        if let Some(leaving) = &mut self.leaving {
            let other = leaving.next(&gains);
            self.crossed += 1;
            let share = self.crossed as f32 / self.crossfade_frames as f32;
            let [new, old] = [frame, other];
            let weight = 0.5 - 0.5 * (std::f32::consts::PI * share).cos();
            frame = [old[0] + weight * (new[0] - old[0]), old[1] + weight * (new[1] - old[1])];
            if self.crossed >= self.crossfade_frames {
                frame = new;
                self.end_crossfade();
            }
        }
        self.frames += 1;
        let gain = self.volume.next() * gate;
        frame.map(|sample| sample * gain)
    }

    /// Begins the next sound, if it is time.
    fn begin_next(&mut self) {
        let Some(next) = &mut self.next else { return };
        let crossfade = self.crossfade_frames;
        let deck = match (&self.current, next.when) {
            // There is nothing to wait for, and nothing to come from.
            (None, When::From(position)) => Deck::at(Arc::clone(&next.sound), position),
            (None, _) => Deck::at(Arc::clone(&next.sound), 0),
            (Some(current), When::Now | When::From(_)) if self.leaving.is_none() => {
                let position = match next.when {
                    When::From(position) => position,
                    _ => current.mirrored(&next.sound),
                };
                Deck::at(Arc::clone(&next.sound), position)
            }
            (Some(_), When::Line) => {
                if next.until > crossfade {
                    next.until -= 1;
                    return;
                }
                // The cross-fade before must be over; it is, unless a bar is shorter than one.
                if self.leaving.is_some() {
                    return;
                }
                Deck::before_its_start(Arc::clone(&next.sound), crossfade)
            }
            (Some(_), When::Now | When::From(_)) => return,
        };
        let Some(Next { sound, when, line, .. }) = self.next.take() else { return };
        let lead = if when == When::Line && self.current.is_some() { crossfade as u64 } else { 0 };
        let event = Event::Switched { sound: sound.id, frame: self.frames + lead, line: line as u64 };
        // Without room for it, nobody is listening.
        let _ = self.ends.events.push(event);
        // The deck holds it too, so this frees nothing.
        drop(sound);
        let before = self.current.replace(deck);
        match before {
            Some(over) if over.is_over() => self.give_back(over.sound),
            before => (self.leaving, self.crossed) = (before, 0),
        }
    }

    fn end_crossfade(&mut self) {
        if let Some(left) = self.leaving.take() {
            self.give_back(left.sound);
        }
    }

    /// Back to who may free it.
    fn give_back(&mut self, sound: Arc<Sound>) {
        if let Err(rtrb::PushError::Full(sound)) = self.ends.spent.push(sound) {
            // A sound is only taken while there is room to give back all; were there none, losing it is better than freeing it here.
            std::mem::forget(sound);
        }
    }
}
