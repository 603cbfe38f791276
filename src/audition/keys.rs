//! The keys and the words of the line mode, one table for both and for the help.

use super::action::{Action, Distance, Step};
use riffsmith_dsp::score::Role;

/// A key, its word, and what it asks for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Binding {
    /// The letter on the keyboard.
    pub key: char,
    /// The word in the line mode.
    pub word: &'static str,
    /// What it does, for the help.
    pub help: &'static str,
    /// What it asks for.
    pub action: Action,
}

const fn bind(key: char, word: &'static str, help: &'static str, action: Action) -> Binding {
    Binding { key, word, help, action }
}

/// All of them, in the order of the help.
pub const BINDINGS: [Binding; 30] = [
    bind('n', "next", "next take at the line (Down)", Action::Next(Step::Line)),
    bind('p', "previous", "take before at the line (Up)", Action::Previous(Step::Line)),
    bind('N', "next-now", "next take at once", Action::Next(Step::Now)),
    bind('P', "previous-now", "take before at once", Action::Previous(Step::Now)),
    bind('k', "keep", "keep, or keep no longer", Action::Keep),
    bind('x', "reject", "reject, and on to the next", Action::Reject),
    bind('v', "vary", "near: an unlocked part anew", Action::Vary(Distance::Near)),
    bind('V', "vary-far", "far: all unlocked parts anew", Action::Vary(Distance::Far)),
    bind('1', "drums", "select the drums", Action::Select(Role::Drums)),
    bind('2', "bass", "select the bass", Action::Select(Role::Bass)),
    bind('3', "chords", "select the chords", Action::Select(Role::Chords)),
    bind('4', "lead", "select the lead", Action::Select(Role::Lead)),
    bind('l', "lock", "lock the part in variations", Action::Lock),
    bind('m', "mute", "mute the part", Action::Mute),
    bind('s', "solo", "solo the part", Action::Solo),
    bind('t', "patch", "another patch for the part", Action::Patch),
    bind('.', "key-up", "a semitone up", Action::Key(1)),
    bind(',', "key-down", "a semitone down", Action::Key(-1)),
    bind('+', "faster", "2 bpm faster", Action::Tempo(2.0)),
    bind('-', "slower", "2 bpm slower", Action::Tempo(-2.0)),
    bind('r', "refine", "refined or plain (A/B)", Action::Refine),
    bind('u', "undo", "undo", Action::Undo),
    bind('e', "export", "write mix, stems and MIDI", Action::Export),
    bind(' ', "pause", "pause, or go on (Space)", Action::Pause),
    bind('>', "louder", "louder", Action::Volume(1.0)),
    bind('<', "softer", "softer", Action::Volume(-1.0)),
    bind('w', "picture", "waveform or spectrogram", Action::Picture),
    bind('\t', "part", "select the next part", Action::SelectNext),
    bind('?', "help", "these keys", Action::Help),
    bind('q', "quit", "quit", Action::Quit),
];

/// What a key asks for.
pub fn of_key(key: char) -> Option<Action> {
    // Shifted or not: on some keyboards plus is there, on others equals.
    let key = if key == '=' { '+' } else { key };
    BINDINGS.iter().find(|binding| binding.key == key).map(|binding| binding.action)
}

/// What a line asks for: a word, or a key.
pub fn of_line(line: &str) -> Option<Action> {
    let line = line.trim();
    let word = BINDINGS.iter().find(|binding| binding.word == line).map(|binding| binding.action);
    let mut letters = line.chars();
    word.or_else(|| letters.next().filter(|_| letters.as_str().is_empty()).and_then(of_key))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn no_key_or_word_is_bound_twice() {
        assert_eq!(BINDINGS.iter().map(|binding| binding.key).collect::<HashSet<_>>().len(), BINDINGS.len());
        assert_eq!(BINDINGS.iter().map(|binding| binding.word).collect::<HashSet<_>>().len(), BINDINGS.len());
    }

    #[test]
    fn a_line_is_a_word_or_a_key() {
        assert_eq!(of_line(" next\n"), Some(Action::Next(Step::Line)));
        assert_eq!((of_line("V"), of_line("=")), (Some(Action::Vary(Distance::Far)), Some(Action::Tempo(2.0))));
        assert_eq!((of_line("nn"), of_line(""), of_line("jump")), (None, None, None));
    }
}
