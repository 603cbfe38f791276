//! One-shots: a single note, chord or drum, trimmed and at a common level.

use super::edges;
use super::take::{Length, Take, play};
use riffsmith_dsp::AudioBuffer;
use riffsmith_dsp::patch::Patch;
use riffsmith_dsp::score::{Pitch, Quality, Role};

/// A sample to be struck on its own.
#[derive(Debug, Clone, PartialEq)]
pub struct OneShot {
    /// Its sound; its true peak is at [`edges::LEVEL_DBTP`]. Empty if there was nothing to be heard.
    pub audio: AudioBuffer,
    /// The pitch it sounds at; a chord's root; `None` for a drum.
    pub root: Option<Pitch>,
    /// The true peak that the patch gives it, in dBTP: how loud it is beside others of its kit.
    pub level_dbtp: f32,
}

/// One note of a patch, or one General MIDI drum of a kit.
pub fn one_shot(patch: &Patch, pitch: Pitch, take: &Take) -> OneShot {
    let root = (patch.role() != Some(Role::Drums)).then_some(pitch);
    finished(patch, &[pitch], root, take)
}

/// A chord in root position.
pub fn chord_stab(patch: &Patch, root: Pitch, quality: Quality, take: &Take) -> OneShot {
    let pitches: Vec<Pitch> =
        quality.intervals().iter().map(|&interval| root.transposed(i32::from(interval))).collect();
    finished(patch, &pitches, Some(root), take)
}

fn finished(patch: &Patch, pitches: &[Pitch], root: Option<Pitch>, take: &Take) -> OneShot {
    let length = Length::of(patch);
    let mut audio = play(patch, pitches, length.hold_s, take);
    edges::trim(&mut audio, length.longest_s);
    edges::remove_dc(&mut audio);
    let level_dbtp = edges::normalize(&mut audio);
    OneShot { audio, root, level_dbtp }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pack::kit::DRUMS;
    use riffsmith_dsp::loudness::true_peak::exact_peak;
    use riffsmith_dsp::pitch_detection::detect_pitch_near;
    use riffsmith_dsp::units::gain_to_db;
    use riffsmith_dsp::{Seed, patch};

    /// What every one-shot keeps.
    fn check(what: &str, shot: &OneShot, longest_s: f64) {
        let audio = &shot.audio;
        assert!(audio.len() > 1_000, "{what}: {} frames", audio.len());
        assert!(audio.seconds() <= longest_s, "{what}: {} s", audio.seconds());
        assert!(audio.frames.iter().flatten().all(|sample| sample.is_finite()), "{what}");
        let peak_dbtp = gain_to_db(exact_peak(audio));
        assert!((peak_dbtp - edges::LEVEL_DBTP).abs() < 1e-3, "{what}: {peak_dbtp} dBTP");
        assert!((-40.0..=6.0).contains(&shot.level_dbtp), "{what}: {} dBTP", shot.level_dbtp);
        let floor = 1e-3 * audio.peak();
        let first = audio.frames.iter().position(|frame| frame.iter().any(|sample| sample.abs() > floor));
        // A millisecond.
        assert!(first.is_some_and(|first| first <= 44), "{what}: {first:?}");
        assert!(audio.frames[0].iter().all(|sample| sample.abs() < floor), "{what}: {:?}", audio.frames[0]);
        let last = audio.frames[audio.len() - 1];
        assert!(last.iter().all(|sample| sample.abs() < 1e-5), "{what}: {last:?}");
        for channel in 0..2 {
            let sum: f64 = audio.channel(channel).iter().map(|&sample| f64::from(sample)).sum();
            // -120 dB.
            assert!((sum / audio.len() as f64).abs() < 1e-6, "{what}: {}", sum / audio.len() as f64);
        }
    }

    #[test]
    fn every_patch_gives_trimmed_one_shots_at_one_level() {
        let mut astray = Vec::new();
        for patch in patch::builtin().filter(|patch| patch.role() != Some(Role::Drums)) {
            for pitch in patch.range().step_by(16).map(Pitch::new) {
                let what = format!("{} {pitch}", patch.name);
                let shot = one_shot(&patch, pitch, &Take::new(Seed(1)));
                check(&what, &shot, 8.0);
                assert_eq!(shot.root, Some(pitch));
                // The partials of a church bell share no fundamental.
                if patch.is_pitched() && patch.name != "church_bell" {
                    let cents = detect_pitch_near(&shot.audio, pitch.hz()).map(|found| found.cents_above(pitch.hz()));
                    if cents.is_none_or(|cents| cents.abs() >= 10.0) {
                        astray.push(format!("{what}: {cents:?}"));
                    }
                }
            }
        }
        assert!(astray.is_empty(), "{astray:#?}");
    }

    #[test]
    fn every_drum_of_every_kit_sounds_and_none_is_another_one() {
        for patch in patch::builtin().filter(|patch| patch.role() == Some(Role::Drums)) {
            let shots: Vec<(&str, OneShot)> = DRUMS
                .iter()
                .map(|drum| (drum.name, one_shot(&patch, Pitch::new(drum.key), &Take::new(Seed(1)))))
                .collect();
            for (index, (name, shot)) in shots.iter().enumerate() {
                check(&format!("{} {name}", patch.name), shot, 6.0);
                assert_eq!(shot.root, None);
                let twin = shots[..index].iter().find(|(_, other)| other.audio == shot.audio);
                assert!(twin.is_none(), "{}: {name} is {}", patch.name, twin.map_or("", |(other, _)| other));
            }
        }
    }

    #[test]
    fn a_stab_holds_all_notes_of_its_chord() {
        let patch = patch::find("house_stab").expect("built in");
        let root = Pitch::new(57);
        let stab = chord_stab(&patch, root, Quality::MinorSeventh, &Take::new(Seed(1)));
        check("stab", &stab, 6.0);
        assert_eq!(stab.root, Some(root));
        let single = one_shot(&patch, root, &Take::new(Seed(1)));
        let strength = |audio: &AudioBuffer, hz: f64| {
            let turn = |n: usize| std::f64::consts::TAU * hz * n as f64 / audio.sample_rate.hz();
            let frames = audio.mono();
            let part = |wave: fn(f64) -> f64| {
                frames[..22_050].iter().enumerate().map(|(n, &x)| f64::from(x) * wave(turn(n))).sum::<f64>()
            };
            part(f64::sin).hypot(part(f64::cos))
        };
        for interval in [3, 7, 10] {
            let hz = root.transposed(interval).hz();
            assert!(strength(&stab.audio, hz) > 4.0 * strength(&single.audio, hz), "{interval}");
        }
    }

    #[test]
    fn a_dry_take_leaves_the_effects_out() {
        let patch = patch::find("drive_guitar").expect("built in");
        let wet = one_shot(&patch, Pitch::new(45), &Take::new(Seed(1)));
        let dry = one_shot(&patch, Pitch::new(45), &Take { inserts: false, ..Take::new(Seed(1)) });
        // Overdrive squeezes the decay: at the same peak there is more sound.
        assert!(wet.audio.rms() > 1.5 * dry.audio.rms(), "{} {}", wet.audio.rms(), dry.audio.rms());
    }

    #[test]
    fn the_same_seed_makes_the_same_sample() {
        let patch = patch::find("kit_rock").expect("built in");
        let snare = |seed| one_shot(&patch, Pitch::new(38), &Take::new(Seed(seed)));
        assert_eq!(snare(1), snare(1));
        assert_ne!(snare(1), snare(2));
    }
}
