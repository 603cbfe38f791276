//! What every built-in patch keeps, heard by itself.

use super::*;
use crate::levels::measure;
use crate::loudness::integrated_lufs;
use crate::synth::MAX_TAIL_S;
use crate::units::{SampleRate, db_to_gain, gain_to_db};
use rayon::prelude::*;

fn patches() -> Vec<Patch> {
    builtin().collect()
}

/// The patches that do not keep a promise, with what they measure.
fn breaches(promise: impl Fn(&Patch) -> Option<String> + Sync) -> Vec<String> {
    let breach = |patch: &Patch| promise(patch).map(|what| format!("{}: {what}", patch.name));
    patches().par_iter().filter_map(breach).collect()
}

#[test]
fn every_patch_is_at_its_roles_level_with_room_above_it() {
    // A patch is at most 1 LU off: less than what a change of notes does. Its loudest peak leaves a mix its headroom.
    const OFF_LU: f32 = 1.0;
    const MOST_DBFS: f32 = 3.0;
    let breaches = breaches(|patch| {
        let audio = audition(patch);
        assert!(audio.frames.iter().flatten().all(|sample| sample.is_finite()), "{}", patch.name);
        let loudness = integrated_lufs(&audio);
        let missing = level_lufs(patch.role()?) - loudness;
        let peak_dbfs = gain_to_db(audio.peak());
        let keeps = missing.abs() <= OFF_LU && peak_dbfs <= MOST_DBFS;
        (!keeps).then(|| format!("{loudness:.1} LUFS, {missing:+.1} LU missing, peak {peak_dbfs:.1} dBFS"))
    });
    assert!(breaches.is_empty(), "{breaches:#?}");
}

#[test]
fn every_patch_is_silent_after_its_tail() {
    let floor = db_to_gain(-80.0);
    let latest = phrase_frames() + SampleRate::CD.frames(MAX_TAIL_S) - SampleRate::CD.frames(0.1);
    let breaches = breaches(|patch| {
        let audio = audition(patch);
        let last = audio.frames.iter().rposition(|frame| frame.iter().any(|sample| sample.abs() > floor));
        let last = last.unwrap_or(usize::MAX);
        (last >= latest).then(|| format!("sounds until frame {last}"))
    });
    assert!(breaches.is_empty(), "{breaches:#?}");
}

#[test]
fn every_patch_survives_mono_and_has_no_offset() {
    const LEAST_CORRELATION: f32 = -0.2;
    const LEAST_MONO_DB: f32 = -6.0;
    // Of the sound's RMS; an offset of this size costs 0.01 dB of headroom.
    const MOST_OFFSET: f32 = 0.02;
    let breaches = breaches(|patch| {
        let audio = audition(patch);
        let levels = measure(&audio);
        let correlation = levels.correlation.unwrap_or(1.0);
        let mono = audio.mono();
        let rms = (mono.iter().map(|sample| sample * sample).sum::<f32>() / mono.len() as f32).sqrt();
        let mono_db = gain_to_db(rms) - levels.rms_dbfs;
        let offset = levels.dc[0].abs().max(levels.dc[1].abs()) / audio.rms();
        let keeps = correlation >= LEAST_CORRELATION && mono_db >= LEAST_MONO_DB && offset <= MOST_OFFSET;
        (!keeps).then(|| format!("correlation {correlation:.2}, mono {mono_db:.1} dB, offset {offset:.4}"))
    });
    assert!(breaches.is_empty(), "{breaches:#?}");
}

#[test]
fn no_two_patches_sound_the_same() {
    // Two strikes of one drum are about 2 dB apart (see `Portrait::distance_db`).
    const LEAST_DB: f32 = 2.0;
    let heard: Vec<(String, Likeness)> =
        patches().par_iter().map(|patch| (patch.name.clone(), Likeness::of(patch))).collect();
    let alike: Vec<String> = (0..heard.len())
        .into_par_iter()
        .flat_map_iter(|index| {
            let (name, likeness) = &heard[index];
            heard[..index].iter().filter_map(move |(other, theirs)| {
                let distance = likeness.distance_db(theirs)?;
                (distance < LEAST_DB).then(|| format!("{name} and {other}: {distance:.2} dB"))
            })
        })
        .collect();
    assert!(alike.is_empty(), "{alike:#?}");
}
