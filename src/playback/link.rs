//! The queues between the callback and the program.

use super::command::{Command, When};
use super::mixer::Mixer;
use super::sound::{LAYERS, Sound};
use super::status::{Event, Status};
use riffsmith_dsp::{SampleRate, StereoFrame};
use rtrb::{Consumer, Producer, PushError, RingBuffer};
use std::sync::Arc;

/// Commands, sounds and events that may wait. A person gives some a second, and they wait for one period of the device.
const WAITING: usize = 64;

/// Seconds of sound that wait to be looked at; what does not fit is not shown.
const SHOWN_S: f64 = 0.5;

/// The program's end: tells the callback what to do, and hears what it did.
pub struct Link {
    commands: Producer<Command>,
    spent: Consumer<Arc<Sound>>,
    events: Consumer<Event>,
    heard: Consumer<StereoFrame>,
    status: Arc<Status>,
}

/// The callback's end of the queues.
pub(super) struct Ends {
    pub commands: Consumer<Command>,
    pub spent: Producer<Arc<Sound>>,
    pub events: Producer<Event>,
    pub heard: Producer<StereoFrame>,
    pub status: Arc<Status>,
}

/// A callback for a device of that rate and so many channels, and what speaks to it.
pub fn link(rate: SampleRate, channels: usize) -> (Link, Mixer) {
    let (commands, orders) = RingBuffer::new(WAITING);
    let (returned, spent) = RingBuffer::new(WAITING);
    let (happened, events) = RingBuffer::new(WAITING);
    let (shown, heard) = RingBuffer::new(rate.frames(SHOWN_S));
    let status = Arc::<Status>::default();
    let ends = Ends { commands: orders, spent: returned, events: happened, heard: shown, status: Arc::clone(&status) };
    (Link { commands, spent, events, heard, status }, Mixer::new(ends, rate, channels))
}

impl Link {
    /// Plays a sound, which must be at the device's rate. True if it was taken: not if the callback has stood still for long.
    pub fn play(&mut self, sound: Arc<Sound>, when: When) -> bool {
        self.tell(Command::Play(sound, when))
    }

    /// Moves the gains of the layers.
    pub fn set_layers(&mut self, gains: [f32; LAYERS]) -> bool {
        self.tell(Command::Layers(gains))
    }

    /// Sends any command. True if it was taken.
    pub fn tell(&mut self, command: Command) -> bool {
        match self.commands.push(command) {
            Ok(()) => true,
            Err(PushError::Full(_)) => false,
        }
    }

    /// What happened since it was last asked. Sounds that are done with are freed here.
    pub fn events(&mut self) -> Vec<Event> {
        while self.spent.pop().is_ok() {}
        std::iter::from_fn(|| self.events.pop().ok()).collect()
    }

    /// What was heard since it was last asked, as far as it was kept.
    pub fn heard(&mut self) -> Vec<StereoFrame> {
        std::iter::from_fn(|| self.heard.pop().ok()).collect()
    }

    /// Where the callback is.
    pub fn status(&self) -> &Status {
        &self.status
    }
}
