//! Patches play their part of the modulation matrix when a wheel or a key is moved, and are as they were while none is.

use super::{Ending, render_track};
use crate::audio::AudioBuffer;
use crate::filter::{FilterMode, Svf, SvfCoefficients};
use crate::instrument::Instrument;
use crate::instrument::subtractive::Source;
use crate::patch::{self, Patch};
use crate::rng::Seed;
use crate::score::{Control, Meter, Note, Pitch, Score, Tempo, Ticks, Track, Velocity};
use crate::units::SampleRate;

/// Two seconds of middle C.
fn played(patch: &Patch, controls: &[(u32, Control)]) -> AudioBuffer {
    let score = Score::empty(Ticks(1920), Tempo::new(120.0).expect("valid"), Meter::COMMON);
    let notes = vec![Note { start: Ticks(0), pitch: Pitch::new(60), length: Ticks(1900), velocity: Velocity::new(96) }];
    let controls = controls.iter().map(|&(at, control)| (Ticks(at), control)).collect();
    let track = Track { notes, controls, ..Track::default() };
    render_track(&score, &track, patch, SampleRate::CD, Ending::Cut, Seed(3))
}

/// Power above 2 kHz in the second half.
fn brightness(audio: &AudioBuffer) -> f32 {
    let high = SvfCoefficients::tuned(FilterMode::High, 2_000.0, 0.7, SampleRate::CD);
    let mut filter = Svf::default();
    audio.frames[44_100..].iter().map(|frame| filter.process(&high, frame[0]).powi(2)).sum()
}

fn routing(source: Source) -> impl Iterator<Item = Patch> {
    patch::builtin().filter(move |patch| patch.instrument.routes(source))
}

#[test]
fn wheels_at_rest_change_no_bit() {
    let rest = [(0, Control::Controller(1, 0)), (0, Control::Pressure(0)), (0, Control::Controller(11, 127))];
    for patch in routing(Source::ModWheel).chain(routing(Source::Pressure)) {
        assert_eq!(played(&patch, &rest), played(&patch, &[]), "{}", patch.name);
    }
}

#[test]
fn pressure_opens_the_pads_and_the_wheel_moves_the_leads() {
    let mut pads = 0;
    for patch in routing(Source::Pressure) {
        let gain = brightness(&played(&patch, &[(0, Control::Pressure(127))])) / brightness(&played(&patch, &[]));
        // 1 dB at least.
        assert!(gain > 1.26, "{}: {gain}", patch.name);
        pads += 1;
    }
    let mut leads = 0;
    for patch in routing(Source::ModWheel) {
        let (still, moved) = (played(&patch, &[]), played(&patch, &[(0, Control::Controller(1, 127))]));
        let apart = |a: &[f32; 2], b: &[f32; 2]| (a[0] - b[0]).powi(2);
        let difference: f32 = still.frames.iter().zip(&moved.frames).map(|(a, b)| apart(a, b)).sum();
        let power: f32 = still.frames.iter().map(|frame| frame[0].powi(2)).sum();
        // Out of phase for a good part of the time.
        assert!(difference > 0.3 * power, "{}: {}", patch.name, difference / power);
        leads += 1;
    }
    assert!(pads >= 8 && leads >= 12, "{pads} pads, {leads} leads");
}

#[test]
fn a_jump_of_the_pressure_does_not_click() {
    let text = "name = \"x\"\ndescription = \"\"\n[instrument]\ntype = \"subtractive\"\nosc1.waveform = \"sine\"\n\
                filter.mode = \"off\"\n[[instrument.modulation]]\nsource = \"pressure\"\ntarget = \"amplitude\"\n\
                amount = -1.0\n";
    let patch = Patch::from_toml(text).expect("valid");
    let audio = played(&patch, &[(480, Control::Pressure(127)), (960, Control::Pressure(0))]);
    let high = SvfCoefficients::tuned(FilterMode::High, 6_000.0, 0.7, SampleRate::CD);
    let mut filters = [Svf::default(); 4];
    let clicks =
        audio.frames.iter().map(|frame| filters.iter_mut().fold(frame[0], |x, filter| filter.process(&high, x)));
    let (quiet, click) = (audio.frames[40_000][0].abs(), clicks.skip(4410).fold(0.0f32, |most, x| most.max(x.abs())));
    assert!(quiet < 1e-3, "{quiet}");
    // -60 dB: the wheel's hand is heard, its step is not.
    assert!(click < 1e-3 * audio.peak(), "{}", click / audio.peak());
}
