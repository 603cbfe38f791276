//! What the engine tells, without waiting for anybody.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Where the engine is, written by the callback and read by others.
#[derive(Debug, Default)]
pub struct Status {
    finished: AtomicBool,
    sound: AtomicU64,
    position: AtomicU64,
    frames: AtomicU64,
}

/// Something that happened in the callback.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// Another sound plays.
    Switched {
        /// Which.
        sound: u64,
        /// The frame, counted from the start of the stream, of its bar line, or of the start of its cross-fade where it began at once.
        frame: u64,
        /// The frame of the sound before that the line is at.
        line: u64,
    },
}

impl Status {
    /// True once nothing but silence will follow.
    pub fn is_finished(&self) -> bool {
        self.finished.load(Ordering::Acquire)
    }

    /// The sound that plays, and the frame of it that is heard next.
    pub fn position(&self) -> (u64, usize) {
        (self.sound.load(Ordering::Acquire), self.position.load(Ordering::Acquire) as usize)
    }

    /// Frames that the device was given since the stream began.
    pub fn frames(&self) -> u64 {
        self.frames.load(Ordering::Acquire)
    }

    pub(super) fn set(&self, sound: u64, position: usize, frames: u64, finished: bool) {
        self.sound.store(sound, Ordering::Release);
        self.position.store(position as u64, Ordering::Release);
        self.frames.store(frames, Ordering::Release);
        self.finished.store(finished, Ordering::Release);
    }
}
