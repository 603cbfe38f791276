//! Everything that a view shows, as plain data.

use super::meters::BANDS;
use riffsmith_dsp::score::Role;

/// What is on the screen.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Screen {
    /// Where takes come from.
    pub source: String,
    /// The takes, those that were rejected left out.
    pub takes: Vec<TakeLine>,
    /// The take that plays: its name and what is known of it.
    pub playing: String,
    /// Notes of the take that plays.
    pub notes: Vec<Mark>,
    /// Bars of it; 0 if nothing plays.
    pub bars: usize,
    /// The bar that is heard, from 0, and how far the whole is, 0 to 1.
    pub bar: usize,
    /// How far the whole is, 0 to 1.
    pub playhead: f32,
    /// Waveform or spectrogram.
    pub picture: Picture,
    /// The parts.
    pub parts: Vec<PartLine>,
    /// Peaks left and right, in dBFS.
    pub peaks_db: [f32; 2],
    /// Momentary loudness, in LUFS.
    pub lufs: f32,
    /// Volume, in dB.
    pub volume_db: f32,
    /// Refined sound.
    pub is_refined: bool,
    /// Held.
    pub is_paused: bool,
    /// A take is on its way to its bar line, or still being made.
    pub is_waiting: bool,
    /// The device; none: silence.
    pub device: Option<String>,
    /// From a key to its sound at most, in ms.
    pub latency_ms: f64,
    /// Times that the device was given too little.
    pub xruns: u64,
    /// Takes in the session.
    pub kept: usize,
    /// The last thing to be said.
    pub message: String,
    /// The keys are shown.
    pub shows_help: bool,
}

/// A take in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakeLine {
    /// Its number.
    pub number: u64,
    /// What it is called.
    pub name: String,
    /// It is in the session.
    pub is_kept: bool,
    /// It is the selected one.
    pub is_selected: bool,
    /// It plays.
    pub is_playing: bool,
    /// How far it is.
    pub state: State,
}

/// How far a take is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It can be heard.
    Ready,
    /// It is being made, or waits for that.
    Coming,
    /// It cannot be made.
    Failed,
}

/// A note: places and lengths are parts of the whole, 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mark {
    /// Who plays it; none is not known.
    pub role: Option<Role>,
    /// MIDI pitch; of drums, the drum.
    pub pitch: u8,
    /// Where it begins.
    pub start: f32,
    /// How long it is.
    pub length: f32,
}

/// A picture of the sound.
#[derive(Debug, Clone, PartialEq)]
pub enum Picture {
    /// Lowest and highest sample in each part of the whole.
    Waveform(Vec<[f32; 2]>),
    /// Levels in dB of bands from low to high, the latest column last.
    Spectrogram(Vec<[f32; BANDS]>),
}

impl Default for Picture {
    fn default() -> Self {
        Self::Waveform(Vec::new())
    }
}

/// A part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartLine {
    /// Which.
    pub role: Role,
    /// What plays it; none if the take does not have it.
    pub patch: Option<String>,
    /// Keys are about it.
    pub is_selected: bool,
    /// It stays in variations.
    pub is_locked: bool,
    /// It is silent.
    pub is_muted: bool,
    /// Only it and others like it are heard.
    pub is_solo: bool,
    /// It is heard.
    pub is_heard: bool,
}
