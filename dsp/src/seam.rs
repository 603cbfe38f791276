//! How well a loop closes.

use crate::audio::AudioBuffer;

/// Share of a file's own second differences that may be larger than those across the seam.
const PERCENTILE: f64 = 0.999;

/// Windows in which a file is at its roughest: its notes' attacks.
const ATTACK_S: f64 = 0.01;
/// Share of these windows that may be rougher than the seam.
const ATTACKS: f64 = 0.995;

/// The largest second difference across the seam, relative to the file's own: the 99.9th percentile of them, or, where notes are few
/// and hard, the 99.5th percentile of the largest in each 10 ms. Up to 1.0 the seam is no rougher than the music. 0.0 for silence and for
/// less than four frames.
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
    let window = audio.sample_rate.frames(ATTACK_S).max(1);
    let mut attacks: Vec<f32> = own.chunks(window).map(|own| own.iter().copied().fold(0.0, f32::max)).collect();
    let usual = percentile(&mut own, PERCENTILE).max(percentile(&mut attacks, ATTACKS));
    if seam == 0.0 { 0.0 } else { seam / usual.max(f32::MIN_POSITIVE) }
}

/// The value below which this share of the values lies.
fn percentile(values: &mut [f32], share: f64) -> f32 {
    let index = ((values.len() - 1) as f64 * share) as usize;
    *values.select_nth_unstable_by(index, f32::total_cmp).1
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
        // Twenty short, bright strikes in a quiet file of eight seconds, one of them at its start.
        let mut audio = AudioBuffer::silence(SampleRate::CD, 8 * 44_100);
        for strike in 0..20 {
            for n in 0..400 {
                let sample = (TAU * 3_000.0 * n as f64 / 44_100.0).sin() as f32 * (1.0 - n as f32 / 400.0);
                audio.frames[strike * 17_640 + n] = [0.5 * sample; 2];
            }
        }
        assert!(seam_score(&audio) <= 1.0, "{}", seam_score(&audio));
        audio.frames[8 * 44_100 - 1] = [0.9; 2];
        assert!(seam_score(&audio) > 3.0, "{}", seam_score(&audio));
    }

    #[test]
    fn silence_closes() {
        assert_eq!(seam_score(&AudioBuffer::silence(SampleRate::CD, 1_000)), 0.0);
        assert_eq!(seam_score(&AudioBuffer::silence(SampleRate::CD, 0)), 0.0);
    }
}
