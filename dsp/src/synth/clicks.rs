//! Nothing clicks where notes start and end, and where their volume jumps: what a sine has far above its pitch.

use super::{Ending, render_track};
use crate::filter::{FilterMode, Svf, SvfCoefficients};
use crate::patch;
use crate::rng::Seed;
use crate::score::{Control, Meter, Note, Pitch, Score, Tempo, Ticks, Track, Velocity};
use crate::units::{SampleRate, gain_to_db};

/// A second long, let go after half of it, at 120 BPM.
fn note(start: u32, pitch: u8) -> Note {
    Note { start: Ticks(start), pitch: Pitch::new(pitch), length: Ticks(480), velocity: Velocity::new(96) }
}

/// Peak above 6 kHz (48 dB per octave) over the peak, in decibels.
fn click_db(notes: Vec<Note>, controls: Vec<(Ticks, Control)>, mono: bool) -> f32 {
    let score = Score::empty(Ticks(1920), Tempo::new(120.0).expect("valid"), Meter::COMMON);
    let track = Track { notes, controls, ..Track::default() };
    let mut patch = patch::find("init_sine").expect("built in");
    patch.mono = mono;
    let audio = render_track(&score, &track, &patch, SampleRate::CD, Ending::Cut, Seed(3));
    let high = SvfCoefficients::tuned(FilterMode::High, 6_000.0, 0.7, SampleRate::CD);
    let mut filters = [Svf::default(); 4];
    let (mut click, mut peak) = (0.0f32, 0.0f32);
    for frame in &audio.frames {
        let left = filters.iter_mut().fold(frame[0], |signal, filter| filter.process(&high, signal));
        (click, peak) = (click.max(left.abs()), peak.max(frame[0].abs()));
    }
    gain_to_db(click / peak)
}

#[test]
fn notes_start_end_and_cut_each_other_off_without_a_click() {
    for pitch in [24, 41, 60] {
        let db = click_db(vec![note(0, pitch)], Vec::new(), false);
        assert!(db < -80.0, "pitch {pitch}: {db:.1} dB");
        let db = click_db(vec![note(0, pitch), note(333, pitch + 7)], Vec::new(), true);
        assert!(db < -80.0, "pitch {pitch}, cut off: {db:.1} dB");
    }
}

#[test]
fn a_jump_of_the_volume_does_not_click() {
    let volume = |at, value| (Ticks(at), Control::Controller(7, value));
    let jumps = vec![volume(0, 127), volume(200, 0), volume(300, 127), volume(350, 20)];
    let db = click_db(vec![note(0, 48)], jumps, false);
    assert!(db < -80.0, "{db:.1} dB");
}
