//! What can be asked for while takes are auditioned.

use riffsmith_dsp::score::Role;

/// When another take is heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// At the next bar line.
    Line,
    /// At once, by a cross-fade.
    Now,
}

/// How far a variation goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Distance {
    /// One part that is not locked is written anew.
    Near,
    /// All parts that are not locked are.
    Far,
}

/// A wish.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Action {
    /// The take after this one.
    Next(Step),
    /// The take before this one.
    Previous(Step),
    /// Into the session, or out of it again.
    Keep,
    /// Out of the list, and on to the next.
    Reject,
    /// Something like it.
    Vary(Distance),
    /// The part that mute, solo, lock and patch are about.
    Select(Role),
    /// The part after that.
    SelectNext,
    /// The selected part stays when others are written anew, or no longer.
    Lock,
    /// The selected part is silent, or no longer.
    Mute,
    /// Only the selected part and others like that are heard, or no longer.
    Solo,
    /// Transposed by semitones.
    Key(i32),
    /// Faster or slower by beats a minute, at the same pitch.
    Tempo(f64),
    /// Another patch for the selected part.
    Patch,
    /// The other of refined and plain, equally loud.
    Refine,
    /// The last change is taken back.
    Undo,
    /// Written to files.
    Export,
    /// Waveform or spectrogram.
    Picture,
    /// Held, or on again.
    Pause,
    /// Louder or softer by decibels.
    Volume(f32),
    /// The list of keys.
    Help,
    /// The end.
    Quit,
}
