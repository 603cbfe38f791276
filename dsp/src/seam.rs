//! How well a loop closes.

use crate::audio::AudioBuffer;

/// Share of a file's own second differences that may be larger than those across the seam.
const PERCENTILE: f64 = 0.999;

/// How far around the seam a note's attack reaches.
const ATTACK_S: f64 = 0.005;
/// Second differences there that must be at least as large for the seam to be part of an attack: a click is alone.
const ATTACK_FRAMES: usize = 8;

/// The largest second difference across the seam, relative to the 99.9th percentile of the file's own; up to 1.0 the seam is no
/// rougher than the music. Where a hard note begins at the seam of a sparse file, more than that is usual: then relative to the eighth
/// largest within 5 ms of the seam, its own two left out. 0.0 for silence and for less than four frames.
///
/// The second difference x[n-1] - 2 x[n] + x[n+1] is small where the sound runs on, large where it jumps or kinks.
pub fn seam_score(audio: &AudioBuffer) -> f32 {
    let length = audio.len();
    if length < 4 {
        return 0.0;
    }
    let rough = |before: usize, at: usize, after: usize, channel: usize| {
        let [a, b, c] = [before, at, after].map(|index| audio.frames[index][channel]);
        (a - 2.0 * b + c).abs()
    };
    let both = |before, at, after| rough(before, at, after, 0).max(rough(before, at, after, 1));
    let seam = both(length - 2, length - 1, 0).max(both(length - 1, 0, 1));
    let mut own: Vec<f32> = (1..length - 1).map(|at| both(at - 1, at, at + 1)).collect();
    let near = audio.sample_rate.frames(ATTACK_S).min(own.len() / 2);
    let mut nearby = [&own[..near], &own[own.len() - near..]].concat();
    nearby.sort_by(|a, b| b.total_cmp(a));
    let attack = nearby.get(ATTACK_FRAMES - 1).copied().unwrap_or(0.0);
    let index = ((own.len() - 1) as f64 * PERCENTILE) as usize;
    let usual = own.select_nth_unstable_by(index, f32::total_cmp).1.max(attack);
    if seam == 0.0 { 0.0 } else { seam / usual.max(f32::MIN_POSITIVE) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::SampleRate;
    use std::f64::consts::TAU;

    fn sine(turns: f64) -> AudioBuffer {
        let sample = |n: usize| (TAU * turns * n as f64 / 44_100.0).sin() as f32;
        AudioBuffer { sample_rate: SampleRate::CD, frames: (0..44_100).map(|n| [sample(n); 2]).collect() }
    }

    #[test]
    fn whole_turns_close_and_broken_ones_do_not() {
        // A sine's second difference is largest at its crest, wherever the seam is.
        assert!(seam_score(&sine(100.0)) <= 1.0);
        assert!(seam_score(&sine(100.25)) > 10.0);
        assert!(seam_score(&sine(100.5)) > 1.5);
    }

    #[test]
    fn a_note_that_begins_at_the_seam_is_no_rougher_than_the_others() {
        // Three short, bright strikes in a silent file of eight seconds, fewer than one frame in a thousand, one of them at its start;
        // each takes half a millisecond to begin.
        let mut audio = AudioBuffer::silence(SampleRate::CD, 8 * 44_100);
        for strike in 0..3 {
            for n in 0..100 {
                let sample =
                    (TAU * 3_000.0 * n as f64 / 44_100.0).sin() as f32 * (n as f32 / 22.0).min(1.0 - n as f32 / 100.0);
                audio.frames[strike * 88_200 + n] = [0.5 * sample; 2];
            }
        }
        assert!(seam_score(&audio) <= 1.0, "{}", seam_score(&audio));
        let mut clicking = audio.clone();
        clicking.frames[8 * 44_100 - 1] = [0.9; 2];
        assert!(seam_score(&clicking) > 2.0, "{}", seam_score(&clicking));
        // Where nothing else begins, a click a fifth as loud as the strikes is one.
        let mut elsewhere = audio;
        elsewhere.frames.rotate_left(1_000);
        elsewhere.frames[8 * 44_100 - 1] = [0.1; 2];
        assert!(seam_score(&elsewhere) > 2.0, "{}", seam_score(&elsewhere));
    }

    #[test]
    fn silence_closes() {
        assert_eq!(seam_score(&AudioBuffer::silence(SampleRate::CD, 1_000)), 0.0);
        assert_eq!(seam_score(&AudioBuffer::silence(SampleRate::CD, 0)), 0.0);
    }
}
