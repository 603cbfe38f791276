//! The program's side of the engine: a device or a clock, and what to do when a device is lost.

use super::clock::{self, Clock};
use super::command::{Command, When};
use super::link::{Link, link};
use super::sound::{LAYERS, Sound};
use super::status::Event;
use crate::device::{Choice, Failure, Output, Playing};
use crate::error::Result;
use riffsmith_dsp::{SampleRate, StereoFrame};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How often a lost device is looked for.
const RETRY: Duration = Duration::from_millis(500);

/// A device that asks for nothing for so long is lost, even if it does not say so.
const STALLED: Duration = Duration::from_secs(3);

/// Plays, whatever becomes of the device.
pub struct Engine {
    choice: Choice,
    driver: Driver,
    link: Link,
    rate: SampleRate,
    xruns: u64,
    /// What to go on with on another device: what plays, and what was given since.
    playing: Option<Arc<Sound>>,
    given: Vec<(Arc<Sound>, When)>,
    layers: [f32; LAYERS],
    volume: f32,
    is_paused: bool,
    /// When a lost device is looked for next.
    retry: Option<Instant>,
    /// Frames played when it was last looked, and since when.
    seen: (u64, Instant),
}

/// Who asks for sound.
enum Driver {
    Device { playing: Playing, name: String },
    Clock(#[expect(dead_code, reason = "the thread ends with it")] Clock),
}

/// What the user wants to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// Another sound plays.
    Switched {
        /// Which.
        sound: u64,
        /// The frame of the stream at its bar line.
        frame: u64,
        /// The frame of the sound before that the line is at.
        line: u64,
    },
    /// The device was given too little in time.
    Xrun,
    /// The device is gone; it goes on in silence until there is one again.
    Lost(String),
    /// There is a device again.
    Back(String),
}

impl Engine {
    /// On the device, at the rate of its that is nearest to `rate`.
    ///
    /// # Errors
    /// If there is no such device, or it cannot play.
    pub fn open(choice: Choice, rate: SampleRate) -> Result<Self> {
        let (driver, link, rate) = on_device(&choice, rate)?;
        Ok(Self::new(choice, driver, link, rate))
    }

    /// Without a device, in silence.
    pub fn silent(choice: Choice, rate: SampleRate) -> Self {
        let (driver, link) = on_clock(rate);
        Self::new(choice, driver, link, rate)
    }

    fn new(choice: Choice, driver: Driver, link: Link, rate: SampleRate) -> Self {
        let mut layers = [0.0; LAYERS];
        layers[0] = 1.0;
        Self {
            choice,
            driver,
            link,
            rate,
            xruns: 0,
            playing: None,
            given: Vec::new(),
            layers,
            volume: 1.0,
            is_paused: false,
            retry: None,
            seen: (0, Instant::now()),
        }
    }

    /// The rate at which sounds need no conversion.
    pub fn rate(&self) -> SampleRate {
        self.rate
    }

    /// The device and its format; `None` where there is none.
    pub fn device(&self) -> Option<&str> {
        match &self.driver {
            Driver::Device { name, .. } => Some(name),
            Driver::Clock(_) => None,
        }
    }

    /// Frames that the device asks for at a time.
    pub fn period_frames(&self) -> u32 {
        match &self.driver {
            Driver::Device { playing, .. } => playing.period_frames(),
            Driver::Clock(_) => clock::PERIOD as u32,
        }
    }

    /// From a command until it is heard, in seconds, at most.
    pub fn latency_s(&self) -> f64 {
        match &self.driver {
            Driver::Device { playing, .. } => playing.latency_s(),
            Driver::Clock(_) => self.rate.seconds(clock::PERIOD),
        }
    }

    /// How often a device was given too little in time.
    pub fn xruns(&self) -> u64 {
        self.xruns
    }

    /// Plays a sound; one of another rate is converted first.
    pub fn play(&mut self, sound: &Arc<Sound>, when: When) {
        let sound = self.converted(sound);
        self.link.play(Arc::clone(&sound), when);
        self.given.push((sound, when));
    }

    /// Moves the gains of the layers: the mix, then a stem for each role.
    pub fn set_layers(&mut self, gains: [f32; LAYERS]) {
        self.layers = gains;
        self.link.set_layers(gains);
    }

    /// Moves the volume, an amplitude factor.
    pub fn set_volume(&mut self, volume: f32) {
        self.volume = volume;
        self.link.tell(Command::Volume(volume));
    }

    /// Fades out and holds, or goes on.
    pub fn pause(&mut self, pause: bool) {
        self.is_paused = pause;
        // The whole program may have been stopped.
        self.seen.1 = Instant::now();
        self.link.tell(Command::Pause(pause));
    }

    /// Fades out for good.
    pub fn stop(&mut self) {
        self.link.tell(Command::Stop);
    }

    /// True once nothing but silence will follow.
    pub fn is_finished(&self) -> bool {
        self.link.status().is_finished()
    }

    /// The sound that plays, and the frame of it that is heard next.
    pub fn position(&self) -> (u64, usize) {
        self.link.status().position()
    }

    /// Frames that were played since the stream began.
    pub fn frames(&self) -> u64 {
        self.link.status().frames()
    }

    /// What was heard since it was last asked.
    pub fn heard(&mut self) -> Vec<StereoFrame> {
        self.link.heard()
    }

    /// Looks after the device, and tells what happened. To be called a few times a second.
    pub fn tend(&mut self) -> Vec<Notice> {
        let mut notices = Vec::new();
        for Event::Switched { sound, frame, line } in self.link.events() {
            // Going on elsewhere is no news.
            if self.begin(sound) {
                notices.push(Notice::Switched { sound, frame, line });
            }
        }
        let failures = if let Driver::Device { playing, .. } = &self.driver { playing.failures() } else { Vec::new() };
        let mut lost = self.has_stalled().then(|| "the sound device stands still".to_owned());
        for failure in failures {
            match failure {
                Failure::Xrun => {
                    self.xruns += 1;
                    notices.push(Notice::Xrun);
                }
                Failure::Lost(reason) => lost = Some(reason),
            }
        }
        if let Some(reason) = lost {
            self.go_on(None);
            // Some devices only have to be opened again.
            self.retry = Some(Instant::now());
            notices.push(Notice::Lost(reason));
        }
        if self.retry.is_some_and(|due| due <= Instant::now()) {
            self.retry = Some(Instant::now() + RETRY);
            if let Ok(found) = on_device(&self.choice, self.rate) {
                self.go_on(Some(found));
                self.retry = None;
                notices.extend(self.device().map(|name| Notice::Back(name.to_owned())));
            }
        }
        notices
    }

    /// Until all that was given to the device is heard.
    pub fn drain(&self) {
        if let Driver::Device { playing, .. } = &self.driver {
            /// For what lies behind the device's own buffer.
            const BEHIND_S: f64 = 0.15;
            std::thread::sleep(Duration::from_secs_f64(BEHIND_S + 2.0 * playing.latency_s()));
        }
    }

    fn has_stalled(&mut self) -> bool {
        let frames = self.link.status().frames();
        if frames != self.seen.0 || self.device().is_none() {
            self.seen = (frames, Instant::now());
        }
        self.seen.1.elapsed() > STALLED
    }

    /// One of the sounds that were given plays: those given before it will not. True if it was among them.
    fn begin(&mut self, id: u64) -> bool {
        let found = self.given.iter().position(|(sound, _)| sound.id == id);
        self.playing = found
            .and_then(|index| self.given.drain(..=index).next_back().map(|(sound, _)| sound))
            .or(self.playing.take());
        found.is_some()
    }

    fn converted(&self, sound: &Arc<Sound>) -> Arc<Sound> {
        if sound.rate() == self.rate { Arc::clone(sound) } else { Arc::new(sound.at_rate(self.rate)) }
    }

    /// Goes on where it was, on another device or on none.
    fn go_on(&mut self, found: Option<(Driver, Link, SampleRate)>) {
        let (id, position) = self.position();
        let before = self.rate;
        let (driver, link, rate) = found.unwrap_or_else(|| {
            let (driver, link) = on_clock(before);
            (driver, link, before)
        });
        (self.driver, self.link, self.rate, self.seen) = (driver, link, rate, (0, Instant::now()));
        self.link.tell(Command::Volume(self.volume));
        self.link.set_layers(self.layers);
        if self.is_paused {
            self.link.tell(Command::Pause(true));
        }
        // What waited may have begun to play without a word of it.
        self.begin(id);
        if let Some(sound) = self.playing.take() {
            let sound = self.converted(&sound);
            let position = (position as f64 * rate.hz() / before.hz()).round() as usize;
            self.link.play(Arc::clone(&sound), When::From(position));
            self.playing = Some(sound);
        }
        if let Some((sound, when)) = std::mem::take(&mut self.given).pop() {
            // The first one plays at once, and so must be taken before the second is given.
            let taken = Instant::now() + Duration::from_millis(200);
            while self.link.status().frames() == 0 && Instant::now() < taken {
                std::thread::sleep(Duration::from_millis(2));
            }
            self.play(&sound, when);
        }
    }
}

fn on_device(choice: &Choice, rate: SampleRate) -> Result<(Driver, Link, SampleRate)> {
    let output = Output::open(choice, rate)?;
    let (rate, name) = (output.rate()?, output.describe());
    let (link, mut mixer) = link(rate, output.channels());
    let playing = output.start(move |out| mixer.fill(out))?;
    Ok((Driver::Device { playing, name }, link, rate))
}

fn on_clock(rate: SampleRate) -> (Driver, Link) {
    let (link, mut mixer) = link(rate, 2);
    (Driver::Clock(Clock::start(rate, move |out| mixer.fill(out))), link)
}
