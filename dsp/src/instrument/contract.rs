//! What every instrument and every patch keeps.

use super::*;
use crate::effect::MAX_BLOCK;
use crate::patch;
use crate::units::{db_to_gain, gain_to_db, pitch_to_hz};
use rustfft::num_complex::Complex64;
use std::f64::consts::TAU;

fn strike(pitch: f64, rate_hz: u32) -> Strike {
    Strike {
        pitch,
        velocity: Velocity::new(96),
        sample_rate: SampleRate::new(rate_hz).expect("valid"),
        bpm: 120.0,
        seed: Seed(5),
    }
}

/// A pitch in the middle of what the instrument plays.
fn usual_pitch(spec: &InstrumentSpec) -> f64 {
    if matches!(spec, InstrumentSpec::Kit(_)) { 36.0 } else { 60.0 }
}

/// `frames` frames, let go at `release`, in blocks whose sizes go round `sizes`.
fn render(voice: &mut dyn Voice, frames: usize, release: usize, sizes: &[usize]) -> Vec<StereoFrame> {
    let mut out = vec![[0.0; 2]; frames];
    let mut sizes = sizes.iter().cycle();
    let mut at = 0;
    while at < frames {
        if at == release {
            voice.release();
        }
        let until = if at < release { release.min(frames) } else { frames };
        let end = until.min(at + sizes.next().expect("endless"));
        voice.render(&mut out[at..end]);
        at = end;
    }
    out
}

fn peak(frames: &[StereoFrame]) -> f32 {
    frames.iter().flatten().fold(0.0, |peak: f32, sample| peak.max(sample.abs()))
}

#[test]
fn every_instrument_is_finite_and_near_its_level() {
    for entry in INSTRUMENTS {
        let spec = (entry.default)();
        assert_eq!(spec.entry().name, entry.name);
        crate::parameters::Checked::check(&spec).expect("defaults are in range");
        let mut voice = spec.strike(&strike(usual_pitch(&spec), 44_100));
        let sound = render(&mut *voice, 44_100, 30_000, &[MAX_BLOCK]);
        assert!(sound.iter().flatten().all(|sample| sample.is_finite()), "{}", entry.name);
        let peak_db = gain_to_db(peak(&sound) * db_to_gain(entry.trim_db));
        assert!((-18.0..=-6.0).contains(&peak_db), "{} peaks at {peak_db} dB", entry.name);
    }
}

#[test]
fn every_instrument_ends_in_silence() {
    for entry in INSTRUMENTS {
        let spec = (entry.default)();
        let mut voice = spec.strike(&strike(usual_pitch(&spec), 44_100));
        let sound = render(&mut *voice, 20 * 44_100, 10_000, &[MAX_BLOCK]);
        assert!(voice.is_finished(), "{}", entry.name);
        assert!(peak(&sound[19 * 44_100..]) < 1e-5, "{}", entry.name);
    }
}

#[test]
fn held_notes_sound_on_or_die_away_as_the_instrument_says() {
    let defaults = INSTRUMENTS.iter().map(|entry| (entry.name.to_owned(), (entry.default)()));
    let patches = patch::builtin().map(|patch| (patch.name, patch.instrument));
    for (name, spec) in defaults.chain(patches).filter(|(_, spec)| !matches!(spec, InstrumentSpec::Kit(_))) {
        let mut voice = spec.strike(&strike(60.0, 44_100));
        let sound = render(&mut *voice, 12 * 44_100, usize::MAX, &[MAX_BLOCK]);
        let left_db = gain_to_db(peak(&sound[11 * 44_100..]) / peak(&sound));
        // The quietest sustain of a patch is -20 dB; the longest decay is 9 s for 60 dB.
        assert!(if spec.sustains() { left_db > -30.0 } else { left_db < -50.0 }, "{name}: {left_db} dB");
    }
}

#[test]
fn a_choked_voice_is_gone_within_100_ms() {
    for spec in INSTRUMENTS.iter().map(|entry| (entry.default)()) {
        let pitch = if matches!(spec, InstrumentSpec::Kit(_)) { 46.0 } else { 60.0 };
        let mut voice = spec.strike(&strike(pitch, 44_100));
        let before = render(&mut *voice, 4410, usize::MAX, &[MAX_BLOCK]);
        voice.choke();
        let after = render(&mut *voice, 4410, usize::MAX, &[MAX_BLOCK]);
        assert!(peak(&after[3000..]) < 0.01 * peak(&before), "{}", spec.entry().name);
        render(&mut *voice, 44_100, usize::MAX, &[MAX_BLOCK]);
        assert!(voice.is_finished(), "{}", spec.entry().name);
    }
}

#[test]
fn letting_go_and_choking_are_no_steps() {
    const EVENT: usize = 12_000;
    // A step would show as a second difference of its own height: here, -66 dB of the peak.
    const STEP: f32 = 5e-4;
    let pitched = patch::builtin().filter(|patch| !matches!(patch.instrument, InstrumentSpec::Kit(_)));
    for patch in pitched {
        for choked in [false, true] {
            let mut voice = patch.instrument.strike(&strike(45.0, 44_100));
            let mut sound = render(&mut *voice, EVENT, usize::MAX, &[MAX_BLOCK]);
            if choked {
                voice.choke()
            } else {
                voice.release()
            }
            sound.extend(render(&mut *voice, 64, usize::MAX, &[MAX_BLOCK]));
            let bent = |at: usize| (sound[at - 1][0] - 2.0 * sound[at][0] + sound[at + 1][0]).abs();
            let own = (EVENT - 4410..EVENT - 8).map(bent).fold(0.0, f32::max);
            let at_event = (EVENT - 1..EVENT + 32).map(bent).fold(0.0, f32::max);
            let what = if choked { "choked" } else { "let go" };
            assert!(at_event <= 1.5 * own + STEP * peak(&sound), "{} {what}: {at_event} after {own}", patch.name);
        }
    }
}

#[test]
fn the_size_of_the_blocks_makes_no_difference() {
    for entry in INSTRUMENTS {
        let spec = (entry.default)();
        let pitches =
            if entry.name == "kit" { vec![36.0, 38.0, 39.0, 42.0, 46.0, 49.0, 54.0, 56.0] } else { vec![57.3] };
        for pitch in pitches {
            let [whole, pieces] = [&[MAX_BLOCK][..], &[1, 17, 32, 5, 64, 33]].map(|sizes| {
                let mut voice = spec.strike(&strike(pitch, 48_000));
                render(&mut *voice, 30_000, 12_345, sizes)
            });
            assert!(whole == pieces, "{} at {pitch}", entry.name);
        }
    }
}

#[test]
fn seeds_repeat_and_differ() {
    for entry in INSTRUMENTS {
        let spec = (entry.default)();
        let play = |seed| {
            let mut voice = spec.strike(&Strike { seed, ..strike(usual_pitch(&spec), 44_100) });
            render(&mut *voice, 2000, 1000, &[MAX_BLOCK])
        };
        assert!(play(Seed(1)) == play(Seed(1)), "{}", entry.name);
    }
}

/// Frequency near `hz` from the phase that a Hann-windowed stretch gains over another.
fn measured_hz(samples: &[f32], hz: f64, rate_hz: f64) -> f64 {
    let length = (0.4 * rate_hz) as usize;
    let hop = (8.0 * rate_hz / hz).round() as usize;
    let bin = |start: usize| -> Complex64 {
        (0..length)
            .map(|n| {
                let window = 0.5 - 0.5 * (TAU * n as f64 / length as f64).cos();
                Complex64::from_polar(f64::from(samples[start + n]) * window, -TAU * hz / rate_hz * (start + n) as f64)
            })
            .sum()
    };
    let start = (0.1 * rate_hz) as usize;
    let gained = (bin(start + hop) * bin(start).conj()).arg();
    hz + gained / TAU * rate_hz / hop as f64
}

#[test]
fn every_pitched_instrument_is_in_tune_at_every_rate() {
    for entry in INSTRUMENTS.iter().filter(|entry| entry.name != "kit") {
        for rate_hz in [44_100, 48_000, 96_000] {
            for pitch in [24.0, 33.0, 45.0, 60.0, 72.5, 84.0, 96.0, 108.0] {
                let mut voice = (entry.default)().strike(&strike(pitch, rate_hz));
                let sound = render(&mut *voice, rate_hz as usize, usize::MAX, &[MAX_BLOCK]);
                let left: Vec<f32> = sound.iter().map(|frame| frame[0]).collect();
                let hz = pitch_to_hz(pitch);
                let cents = 1200.0 * (measured_hz(&left, hz, f64::from(rate_hz)) / hz).log2();
                assert!(cents.abs() < 0.1, "{} at {rate_hz} Hz, pitch {pitch}: {cents:.3} cents", entry.name);
            }
        }
    }
}

#[test]
fn a_bend_of_a_whole_tone_is_in_tune() {
    for entry in INSTRUMENTS.iter().filter(|entry| entry.name != "kit") {
        let mut voice = (entry.default)().strike(&strike(57.0, 44_100));
        voice.bend(2.0);
        let sound = render(&mut *voice, 44_100, usize::MAX, &[MAX_BLOCK]);
        let left: Vec<f32> = sound.iter().map(|frame| frame[0]).collect();
        let hz = pitch_to_hz(59.0);
        let cents = 1200.0 * (measured_hz(&left, hz, 44_100.0) / hz).log2();
        assert!(cents.abs() < 1.0, "{}: {cents:.3} cents", entry.name);
    }
}

#[test]
fn every_general_midi_drum_sounds() {
    let kit = kit::Kit::default();
    for number in 0..=127 {
        let mut voice = kit.strike(&strike(f64::from(number), 44_100));
        let sound = render(&mut *voice, 8 * 44_100, usize::MAX, &[MAX_BLOCK]);
        assert!(sound.iter().flatten().all(|sample| sample.is_finite()), "{number}");
        assert!(peak(&sound) > 0.03, "{number} peaks at {}", peak(&sound));
        assert!(voice.is_finished(), "{number}");
    }
}

#[test]
fn a_splash_is_shorter_than_a_crash() {
    let kit = kit::Kit::default();
    let left_after_a_second = |pitch: f64| {
        let mut voice = kit.strike(&strike(pitch, 44_100));
        let sound = render(&mut *voice, 2 * 44_100, usize::MAX, &[MAX_BLOCK]);
        peak(&sound[44_100..]) / peak(&sound)
    };
    assert!(left_after_a_second(55.0) < 0.01 && left_after_a_second(49.0) > 0.05);
}

#[test]
fn hats_choke_open_hats_only() {
    let kit = kit::Kit::default();
    for (struck, sounding, chokes) in
        [(42.0, 46.0, true), (44.0, 46.0, true), (46.0, 46.0, true), (36.0, 46.0, false), (42.0, 49.0, false)]
    {
        assert_eq!(kit.chokes(struck, sounding), chokes, "{struck} {sounding}");
    }
}

#[test]
fn every_patch_sounds_and_ends_at_soft_and_hard_strikes() {
    for patch in patch::builtin() {
        let spec = &patch.instrument;
        let pitches: &[f64] = if matches!(spec, InstrumentSpec::Kit(_)) { &[36.0, 42.0] } else { &[28.0, 60.0, 96.0] };
        for &pitch in pitches {
            for velocity in [1, 127] {
                let mut voice = spec.strike(&Strike { velocity: Velocity::new(velocity), ..strike(pitch, 44_100) });
                let sound = render(&mut *voice, 4 * 44_100, 30_000, &[MAX_BLOCK]);
                assert!(sound.iter().flatten().all(|sample| sample.is_finite()), "{}", patch.name);
                let peak_db = gain_to_db(peak(&sound) * db_to_gain(spec.entry().trim_db + patch.gain_db));
                assert!((-100.0..=6.0).contains(&peak_db), "{} {pitch} {velocity}: {peak_db} dB", patch.name);
                assert!(peak(&sound[3 * 44_100..]) < 0.1 * peak(&sound), "{} {pitch}", patch.name);
            }
        }
    }
}
