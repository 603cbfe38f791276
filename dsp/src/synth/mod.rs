//! A track through a patch: every note struck on its own frame, let go on its own, and its tail kept.

#[cfg(test)]
mod clicks;
mod controllers;
mod ending;
mod passage;
mod performance;
mod reader;
#[cfg(test)]
mod routings;

pub use ending::Ending;
pub(crate) use reader::TrackReader;

use crate::audio::AudioBuffer;
use crate::patch::Patch;
use crate::rng::Seed;
use crate::score::{Score, Track};
use crate::units::SampleRate;

/// Longest tail of a note after it is let go, in seconds.
pub const MAX_TAIL_S: f64 = 20.0;

/// Renders a track without effects: as long as `ending` says, at the level of the patch.
///
/// The samples depend on nothing but the arguments: each note's voice has its own seed, and notes are added up in groups that are the
/// same on any number of threads.
pub fn render_track(
    score: &Score,
    track: &Track,
    patch: &Patch,
    sample_rate: SampleRate,
    ending: Ending,
    seed: Seed,
) -> AudioBuffer {
    let length = score.frame_at(score.length, sample_rate);
    let mut frames = TrackReader::new(score, track, patch, sample_rate, ending, seed).read_all();
    ending.settle(&mut frames, length, sample_rate);
    AudioBuffer { sample_rate, frames }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::patch;
    use crate::score::{Control, Meter, Note, Pitch, Tempo, Ticks, Velocity};

    fn note(start: u32, pitch: u8, length: u32) -> Note {
        let velocity = Velocity::new(100);
        Note { start: Ticks(start), pitch: Pitch::new(pitch), length: Ticks(length), velocity }
    }

    /// One bar at 120 BPM.
    fn bar(notes: Vec<Note>) -> (Score, Track) {
        let score = Score::empty(Ticks(1920), Tempo::new(120.0).expect("valid"), Meter::COMMON);
        (score, Track { notes, ..Track::default() })
    }

    fn played(score: &Score, track: &Track, name: &str, ending: Ending) -> AudioBuffer {
        let patch = patch::find(name).expect("built in");
        render_track(score, track, &patch, SampleRate::CD, ending, Seed(3))
    }

    #[test]
    fn wrapping_is_the_linear_render_folded_by_its_length() {
        let (score, track) = bar(vec![note(0, 60, 400), note(1500, 64, 400)]);
        for name in ["warm_pad", "glass_bell", "electric_piano"] {
            let wrapped = played(&score, &track, name, Ending::Wrap);
            let linear = played(&score, &track, name, Ending::Ring);
            assert_eq!(wrapped.len(), 88_200);
            assert!(linear.len() > wrapped.len(), "{name}");
            let mut folded = AudioBuffer::silence(SampleRate::CD, 88_200);
            for (index, frame) in linear.frames.iter().enumerate() {
                let sum = &mut folded.frames[index % 88_200];
                *sum = [sum[0] + frame[0], sum[1] + frame[1]];
            }
            let worst = folded.frames.iter().flatten().zip(wrapped.frames.iter().flatten());
            // Ringing stops at -90 dB.
            assert!(worst.fold(0.0f32, |worst, (a, b)| worst.max((a - b).abs())) < 4e-5, "{name}");
        }
    }

    #[test]
    fn notes_sound_on_their_frames() {
        let (score, track) = bar(vec![note(480, 36, 100), note(961, 36, 100)]);
        let audio = played(&score, &track, "kit_house", Ending::Cut);
        let first_sound = |from: usize| from + audio.frames[from..].iter().position(|f| f[0] != 0.0).expect("a hit");
        assert!((22_050..22_060).contains(&first_sound(0)), "{}", first_sound(0));
        assert!(audio.frames[..22_050].iter().all(|frame| *frame == [0.0; 2]));
    }

    #[test]
    fn a_hit_on_the_first_frame_starts_from_silence() {
        let (score, track) = bar(vec![note(0, 38, 100), note(0, 42, 100)]);
        for name in ["kit_house", "kit_lofi", "kit_rock"] {
            let audio = played(&score, &track, name, Ending::Cut);
            assert_eq!(audio.frames[0], [0.0; 2], "{name}");
            assert!(audio.frames[..441].iter().flatten().any(|sample| sample.abs() > 0.01), "{name}");
        }
    }

    #[test]
    fn a_closed_hat_chokes_an_open_one_also_across_the_seam() {
        let open = note(1800, 46, 100);
        let (score, ringing) = bar(vec![open]);
        let (_, choked) = bar(vec![note(0, 42, 100), open]);
        let (_, closed) = bar(vec![note(0, 42, 100)]);
        let energy = |track: &Track| {
            let audio = played(&score, track, "kit_house", Ending::Wrap);
            audio.frames[4410..30_000].iter().flatten().map(|sample| sample * sample).sum::<f32>()
        };
        assert!(energy(&choked) < 0.05 * energy(&ringing) + 1.1 * energy(&closed));
    }

    #[test]
    fn the_pedal_holds_and_volume_scales() {
        let (score, mut track) = bar(vec![note(0, 60, 200)]);
        let late = |track: &Track| {
            let audio = played(&score, track, "saw_lead", Ending::Cut);
            audio.frames[60_000..80_000].iter().flatten().fold(0.0f32, |peak, sample| peak.max(sample.abs()))
        };
        assert!(late(&track) < 1e-3);
        track.controls = vec![(Ticks(10), Control::Controller(64, 127)), (Ticks(1900), Control::Controller(64, 0))];
        let held = late(&track);
        assert!(held > 0.01);
        track.controls.insert(0, (Ticks(0), Control::Controller(7, 64)));
        // 40 log10(64 / 127) = -11.9 dB.
        assert!((late(&track) / held - 0.254).abs() < 0.005, "{}", late(&track) / held);
    }

    #[test]
    fn a_full_bend_is_a_whole_tone() {
        let (score, mut track) = bar(vec![note(0, 69, 1900)]);
        track.controls.push((Ticks(0), Control::PitchBend(8191)));
        let audio = played(&score, &track, "init_sine", Ending::Cut);
        let (_, higher) = bar(vec![note(0, 71, 1900)]);
        let reference = played(&score, &higher, "init_sine", Ending::Cut);
        let crossings = |audio: &AudioBuffer| {
            audio.frames[..80_000].windows(2).filter(|pair| pair[0][0] < 0.0 && pair[1][0] >= 0.0).count()
        };
        assert!(crossings(&audio).abs_diff(crossings(&reference)) <= 1);
    }

    #[test]
    fn a_mono_patch_plays_one_note_at_a_time() {
        let (score, track) = bar(vec![note(0, 40, 1900), note(960, 45, 900)]);
        let (_, second) = bar(vec![note(960, 45, 900)]);
        let mut patch = patch::find("acid_bass").expect("built in");
        patch.glide_s = 0.0;
        patch.legato = false;
        let render = |track: &Track| render_track(&score, track, &patch, SampleRate::CD, Ending::Cut, Seed(3));
        let (both, alone) = (render(&track), render(&second));
        // From 10 ms after the second note on there is nothing of the first.
        let from = 44_100 + 441;
        let left = both.frames[from..].iter().flatten().zip(alone.frames[from..].iter().flatten());
        assert!(left.fold(0.0f32, |worst, (a, b)| worst.max((a - b).abs())) < 1e-4);
    }

    #[test]
    fn a_legato_note_slides_on_where_a_mono_one_strikes_again() {
        let (score, track) = bar(vec![note(0, 57, 1000), note(960, 69, 900)]);
        let mut patch = patch::find("init_sine").expect("built in");
        (patch.mono, patch.legato, patch.glide_s) = (true, true, 0.1);
        let audio = render_track(&score, &track, &patch, SampleRate::CD, Ending::Cut, Seed(3));
        // At the second note the level stays: no attack, no gap.
        let peak = |from: usize, frames: usize| {
            audio.frames[from..from + frames].iter().fold(0.0f32, |peak, frame| peak.max(frame[0].abs()))
        };
        assert!((peak(40_000, 2000) / peak(44_000, 400) - 1.0).abs() < 0.01);
        // 100 ms later it is an octave higher: 440 Hz, within 0.2 %.
        let rising = |from: usize| {
            let pairs = audio.frames[from..from + 22_050].windows(2);
            pairs.filter(|pair| pair[0][0] < 0.0 && pair[1][0] >= 0.0).count()
        };
        assert!(rising(10_000).abs_diff(110) <= 1 && rising(50_000).abs_diff(220) <= 1, "{}", rising(50_000));
    }
}
