//! A mix for a score that did not come with one: any General MIDI file.

use riffsmith_dsp::instrument::general_midi::patch_of_track;
use riffsmith_dsp::mix::{Channel, Mix};
use riffsmith_dsp::patch::{self, Patch};
use riffsmith_dsp::score::{Control, Score, Ticks, Track};

/// MIDI's controllers for a track's place and its share of the room; its level is part of its performance.
const PAN: u8 = 10;
const REVERB_SEND: u8 = 91;

/// Level sent to the room where the file says nothing.
const ROOM_DB: f32 = -18.0;

/// Every track on a channel of its own, played by `patch`, or by what comes closest to its General MIDI program.
pub fn arrange(score: &Score, patch: Option<&Patch>) -> Mix {
    let channel = |track: &Track| {
        let own = || patch::find(patch_of_track(track)).expect("every program has a built-in patch");
        let patch = patch.cloned().unwrap_or_else(own);
        Channel {
            pan: at_start(track, PAN).map_or(0.0, |value| ((f32::from(value) - 64.0) / 63.0).clamp(-1.0, 1.0)),
            reverb_send_db: match at_start(track, REVERB_SEND) {
                Some(0) => None,
                Some(value) => Some(ROOM_DB + 20.0 * (f32::from(value) / 40.0).log10()),
                None => Some(ROOM_DB),
            },
            ..Channel::new(patch)
        }
    };
    let numbered = score.tracks.iter().enumerate();
    Mix {
        channels: numbered.map(|(index, track)| ((index + 1).to_string(), channel(track))).collect(),
        ..Mix::default()
    }
}

/// The value that a controller has when the first note is struck.
fn at_start(track: &Track, controller: u8) -> Option<u8> {
    let first = track.notes.first().map_or(Ticks(0), |note| note.start);
    let until_then = track.controls.iter().filter(|(at, _)| *at <= first);
    until_then.rev().find_map(|(_, control)| match control {
        Control::Controller(number, value) if *number == controller => Some(*value),
        _ => None,
    })
}
