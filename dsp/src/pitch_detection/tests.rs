use super::*;
use crate::patch::{self, Patch};
use crate::rng::Seed;
use crate::score::{Meter, Note, Pitch, Role, Score, Tempo, Ticks, Track, Velocity};
use crate::synth::{Ending, render_track};
use crate::units::pitch_to_hz;
use rayon::prelude::*;
use std::f64::consts::TAU;

fn rate(hz: u32) -> SampleRate {
    SampleRate::new(hz).expect("valid")
}

/// A second of a wave that `shape` gives for a phase in cycles.
fn tone(rate: SampleRate, hz: f64, shape: impl Fn(f64) -> f64) -> AudioBuffer {
    let frames = (0..rate.frames(1.0)).map(|n| [shape(hz * n as f64 / rate.hz()) as f32; 2]).collect();
    AudioBuffer { sample_rate: rate, frames }
}

/// Harmonics 1 to as many as there is room for, 6 dB less per octave.
fn saw(hz: f64, rate: SampleRate) -> impl Fn(f64) -> f64 {
    let harmonics = (0.45 * rate.hz() / hz) as usize;
    move |cycles| (1..=harmonics).map(|k| (TAU * k as f64 * cycles).sin() / k as f64).sum::<f64>() * 0.5
}

fn played(patch: &Patch, pitch: u8, seed: u64) -> AudioBuffer {
    let mut score = Score::empty(Ticks(1920), Tempo::new(120.0).expect("valid"), Meter::COMMON);
    let note = Note { start: Ticks(0), pitch: Pitch::new(pitch), length: Ticks(1900), velocity: Velocity::new(100) };
    score.tracks = vec![Track { notes: vec![note], ..Track::default() }];
    render_track(&score, &score.tracks[0], patch, SampleRate::CD, Ending::Cut, Seed(seed))
}

#[test]
fn sines_and_saws_are_found_within_a_cent_from_25_hz_to_4_khz() {
    for rate in [44_100, 48_000, 96_000].map(rate) {
        for hz in [25.0, 27.5, 41.2, 110.0, 261.63, 439.0, 1046.5, 2093.0, 3520.3, 3999.0] {
            let sine = detect_pitch(&tone(rate, hz, |cycles| (TAU * cycles).sin())).expect("a sine has a pitch");
            let rich = detect_pitch(&tone(rate, hz, saw(hz, rate))).expect("a saw has a pitch");
            for found in [sine, rich] {
                assert!(found.cents_above(hz).abs() < 1.0, "{hz} Hz at {rate:?}: {found:?}");
                assert!(found.clarity > 0.95 && found.spread_cents < 1.0, "{hz} Hz: {found:?}");
            }
        }
    }
}

#[test]
fn a_missing_fundamental_is_found() {
    let hz = 98.0;
    let found =
        detect_pitch(&tone(SampleRate::CD, hz, |cycles| (3..9).map(|k| (TAU * f64::from(k) * cycles).sin()).sum()));
    assert!(found.expect("a pitch").cents_above(hz).abs() < 1.0, "{found:?}");
}

#[test]
fn a_strong_octave_does_not_hide_the_fundamental() {
    let hz = 82.4;
    let found =
        detect_pitch(&tone(SampleRate::CD, hz, |cycles| 0.4 * (TAU * cycles).sin() + (TAU * 2.0 * cycles).sin()));
    assert!(found.expect("a pitch").cents_above(hz).abs() < 1.0, "{found:?}");
}

#[test]
fn vibrato_is_measured_round_its_middle() {
    let hz = 440.0;
    // 20 cents each way at 5.5 Hz: a phase deviation of 440 / 5.5 * 0.01162 / tau cycles.
    let depth = hz / 5.5 * (20.0f64 / 1200.0 * 2f64.ln()).sinh() / TAU;
    let wave = |cycles: f64| (TAU * (cycles + depth * (TAU * 5.5 * cycles / hz).sin())).sin();
    let found = detect_pitch(&tone(SampleRate::CD, hz, wave)).expect("a pitch");
    assert!(found.cents_above(hz).abs() < 2.0, "{found:?}");
    // Between the quartiles of a sine lie its values from -0.707 to 0.707.
    assert!((8.0..16.0).contains(&found.spread_cents), "{found:?}");
}

#[test]
fn channels_out_of_phase_do_not_cancel() {
    let hz = 220.0;
    let mut audio = tone(SampleRate::CD, hz, |cycles| (TAU * cycles).sin());
    audio.frames.iter_mut().for_each(|frame| frame[1] = -frame[0]);
    assert!(detect_pitch(&audio).expect("a pitch").cents_above(hz).abs() < 1.0);
}

#[test]
fn noise_silence_and_snatches_have_no_pitch() {
    let mut rng = Seed(7).rng();
    let noise = AudioBuffer { sample_rate: SampleRate::CD, frames: (0..44_100).map(|_| [rng.bipolar(); 2]).collect() };
    assert_eq!(detect_pitch(&noise), None);
    assert_eq!(detect_pitch_near(&noise, 440.0), None);
    for frames in [0, 1, 100, 44_100] {
        assert_eq!(detect_pitch(&AudioBuffer::silence(SampleRate::CD, frames)), None);
    }
}

#[test]
fn snares_claps_and_cymbals_have_no_pitch() {
    for patch in patch::builtin().filter(|patch| patch.role() == Some(Role::Drums)) {
        for drum in [38, 39, 42, 46, 49, 51, 54, 70] {
            let found = detect_pitch(&played(&patch, drum, 1));
            assert_eq!(found, None, "{} {drum}", patch.name);
        }
    }
}

/// Its partials share no fundamental: what repeats best may be some twenty cents from what the bell is called.
const BELL: &str = "church_bell";

/// Patches that repeat in a longer period than that of their note, and why.
const LOWER: [(&str, &str); 18] = [
    ("dark_drone", "second oscillator an octave below"),
    ("drawbar_organ", "the 16-foot drawbar is an octave below"),
    ("fifths_lead", "a note and its fifth repeat an octave below"),
    ("full_organ", "the 16-foot drawbar is an octave below"),
    ("hollow_pad", "second oscillator an octave below"),
    ("house_bass", "square an octave below"),
    ("jazz_organ", "the 16-foot drawbar is an octave below"),
    ("low_brass", "both oscillators an octave below, the sub two"),
    ("metal_pad", "a note and its fifth repeat an octave below"),
    ("pipe_organ", "sine an octave below"),
    ("pluck_bass", "sine an octave below"),
    ("reese_bass", "sine an octave below"),
    ("swelling_pad", "a note and its fifth repeat an octave below"),
    ("talkbox_lead", "both oscillators an octave below"),
    ("techno_stab", "second oscillator an octave below"),
    ("tubular_bell", "a partial at three and a half times the pitch"),
    ("velvet_pad", "second oscillator an octave below"),
    ("warm_pad", "second oscillator an octave below"),
];

#[test]
fn every_pitched_patch_is_in_tune_over_its_range() {
    const MOST_CENTS: f64 = 10.0;
    let patches: Vec<Patch> = patch::builtin().filter(|patch| patch.is_pitched() && patch.name != BELL).collect();
    let astray: Vec<String> = patches
        .par_iter()
        .flat_map_iter(|patch| patch.range().step_by(8).map(move |pitch| (patch, pitch)))
        .filter_map(|(patch, pitch)| {
            let hz = pitch_to_hz(f64::from(pitch));
            let audio = played(patch, pitch, u64::from(pitch));
            let is_off = |found: Option<DetectedPitch>| found.is_none_or(|it| it.cents_above(hz).abs() >= MOST_CENTS);
            let is_lower = LOWER.iter().any(|(name, _)| *name == patch.name);
            let (near, free) = (detect_pitch_near(&audio, hz), detect_pitch(&audio));
            let is_astray = is_off(near) || (!is_lower && is_off(free));
            is_astray.then(|| format!("{} {pitch} at {hz:.1} Hz: near {near:?}, free {free:?}", patch.name))
        })
        .collect();
    assert!(astray.is_empty(), "{astray:#?}");
}

#[test]
fn a_sub_octave_is_what_repeats_but_not_what_the_note_is_called() {
    let patch = patch::find("pluck_bass").expect("built in");
    let audio = played(&patch, 48, 1);
    let hz = pitch_to_hz(48.0);
    assert!((detect_pitch(&audio).expect("a pitch").cents_above(hz) + 1200.0).abs() < 3.0);
    assert!(detect_pitch_near(&audio, hz).expect("a pitch").cents_above(hz).abs() < 3.0);
    assert_eq!(detect_pitch_near(&audio, 1.3 * hz), None);
}

#[test]
fn versions_of_a_note_are_compared_at_the_same_times() {
    let rate = SampleRate::CD;
    // It glides up by a semitone within 0.4 s.
    let gliding = |hz: f64, fade: f64| {
        let phase = |seconds: f64| {
            let glide = seconds.min(0.4);
            hz * (seconds + (2f64.powf(1.0 / 12.0) - 1.0) * (seconds - glide + 0.5 * glide * glide / 0.4))
        };
        tone(rate, 1.0, |seconds| (TAU * phase(seconds)).sin() * (-fade * seconds).exp())
    };
    let note = gliding(220.0, 1.0);
    let fading = gliding(220.0, 8.0);
    let [held, faded] = [&note, &fading].map(|note| detect_pitch(note).expect("it has a pitch"));
    assert!(held.cents_above(faded.hz) > 3.0, "as notes for themselves they differ: {held:?} {faded:?}");
    let between = |other: &AudioBuffer| cents_between(&note, other, 0.8).expect("both have a pitch");
    assert!(between(&fading).abs() < 1.0, "{}", between(&fading));
    let sharp = between(&gliding(220.0 * 2f64.powf(4.0 / 1200.0), 8.0));
    assert!((sharp - 4.0).abs() < 1.0, "{sharp}");
    let silence = AudioBuffer::silence(rate, note.len());
    assert_eq!(cents_between(&note, &silence, 0.8), None);
}
