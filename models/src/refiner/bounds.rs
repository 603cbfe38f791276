//! Bounds of what refining may move: where attacks or the pitch would move farther, less is refined.

use super::apply::match_loudness;
use riffsmith_dsp::pitch_detection::detect_pitch;
use riffsmith_dsp::{AudioBuffer, StereoFrame};

/// Attacks may come so much later or earlier, in milliseconds, and a note's pitch be off by so many cents: within what is promised by the
/// steps of the measures.
const MOST_MS: f32 = 1.5;
const MOST_CENTS: f32 = 2.5;

/// So near to an attack the ear hears nothing before it (pre-masking; Moore, "Psychology of Hearing", chapter 3), in seconds.
pub const MASKED_S: f64 = 0.002;

/// Shares of the refined sound that are tried, the dry one being the rest.
const SHARES: [f32; 4] = [0.75, 0.5, 0.25, 0.0];

/// Sounds longer than this, in seconds, are phrases, which have no one pitch.
const NOTE_S: f64 = 8.0;

/// Blocks in which the course of loudness is compared, and how far apart two courses are looked for.
const BLOCK_S: f64 = 0.0005;
const REACH_S: f64 = 0.02;

/// Time in which the course of loudness forgets a peak: longer than half a wave of the lowest bass note.
const HELD_S: f64 = 0.03;

/// How clear a pitch must be, before and after, to be compared: that of one note, not of a chord.
const CLEAR: f32 = 0.95;

/// Pitches farther apart than this are another octave or partial that the detector took, not a note out of tune.
const SAME_NOTE_CENTS: f64 = 80.0;

/// Mixes as much of `dry` to `refined` as it takes to keep attacks and pitch where they were; returns the share of `refined` that is left,
/// nearly always 1.0. Both have the same phases, so that they add up.
pub fn keep(dry: &AudioBuffer, refined: &mut AudioBuffer, pitched: bool) -> f32 {
    let is_note = pitched && dry.len() <= dry.sample_rate.frames(NOTE_S);
    let is_within =
        |wet: &AudioBuffer| lag_ms(dry, wet).abs() <= MOST_MS && (!is_note || pitch_cents(dry, wet) <= MOST_CENTS);
    if is_within(refined) {
        return 1.0;
    }
    let mut share = 0.0;
    let mut mixed = dry.clone();
    for tried in SHARES {
        share = tried;
        for (out, (dry, wet)) in mixed.frames.iter_mut().zip(dry.frames.iter().zip(&refined.frames)) {
            *out = [0, 1].map(|channel| dry[channel] + tried * (wet[channel] - dry[channel]));
        }
        match_loudness(&mut mixed, dry);
        if is_within(&mixed) {
            break;
        }
    }
    *refined = mixed;
    share
}

/// Silences what refining has put before the first sound: it fades in over the last [`MASKED_S`] before that.
pub fn silence_before(dry: &AudioBuffer, refined: &mut AudioBuffer) {
    let is_silent = |frame: &StereoFrame| frame.iter().all(|&sample| sample == 0.0);
    let first = dry.frames.iter().position(|frame| !is_silent(frame)).unwrap_or(0);
    let fade = dry.sample_rate.frames(MASKED_S).min(first);
    for (index, frame) in refined.frames[..first].iter_mut().enumerate() {
        let gain = (index + fade).saturating_sub(first) as f32 / fade.max(1) as f32;
        *frame = frame.map(|sample| gain * sample);
    }
}

/// How much later `wet` rises than `dry`: the lag at which the rises of their levels agree best.
pub fn lag_ms(dry: &AudioBuffer, wet: &AudioBuffer) -> f32 {
    let block = dry.sample_rate.frames(BLOCK_S).max(1);
    let rises = |audio: &AudioBuffer| {
        let mut held = 0.0f32;
        let forget = (-BLOCK_S / HELD_S).exp() as f32;
        let energies: Vec<f32> = audio
            .frames
            .chunks(block)
            .map(|frames| {
                held = frames.iter().flatten().map(|sample| sample * sample).sum::<f32>().max(held * forget);
                held
            })
            .collect();
        let floor = energies.iter().copied().fold(f32::MIN_POSITIVE, f32::max) * 1e-4;
        let levels: Vec<f32> = energies.iter().map(|energy| (energy + floor).ln()).collect();
        levels.windows(2).map(|pair| (pair[1] - pair[0]).max(0.0)).collect::<Vec<f32>>()
    };
    let (dry, wet) = (rises(dry), rises(wet));
    let reach = (REACH_S / BLOCK_S) as isize;
    let agreement = |lag: isize| -> f32 {
        let moved = wet.iter().enumerate().map(|(t, rise)| {
            let at = usize::try_from(t as isize - lag).ok();
            rise * at.and_then(|at| dry.get(at)).copied().unwrap_or(0.0)
        });
        moved.sum()
    };
    let best = (-reach..=reach)
        .map(|lag| (lag, agreement(lag)))
        .fold((0, agreement(0)), |best, other| if other.1 > best.1 { other } else { best });
    best.0 as f32 * BLOCK_S as f32 * 1000.0
}

/// How far apart their pitches are, in cents; 0 where one of them has no clear pitch.
pub fn pitch_cents(dry: &AudioBuffer, wet: &AudioBuffer) -> f32 {
    match (detect_pitch(dry), detect_pitch(wet)) {
        (Some(dry), Some(wet)) if dry.clarity.min(wet.clarity) >= CLEAR => {
            let cents = wet.cents_above(dry.hz).abs();
            if cents < SAME_NOTE_CENTS { cents as f32 } else { 0.0 }
        }
        _ => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use riffsmith_dsp::SampleRate;

    fn note(hz: f32, late: usize) -> AudioBuffer {
        let mut audio = AudioBuffer::silence(SampleRate::CD, 50_000);
        for (i, frame) in audio.frames.iter_mut().enumerate().skip(8_000 + late) {
            let seconds = (i - 8_000 - late) as f32 / 44_100.0;
            let wave: f32 = (1..6).map(|k| (std::f32::consts::TAU * hz * k as f32 * seconds).sin() / k as f32).sum();
            *frame = [0.2 * wave * (-3.0 * seconds).exp(); 2];
        }
        audio
    }

    #[test]
    fn what_moves_nothing_is_kept_whole() {
        let dry = note(220.0, 0);
        let mut softer = dry.clone();
        softer.frames.iter_mut().for_each(|frame| frame[0] *= 0.5);
        let expected = softer.clone();
        assert_eq!((keep(&dry, &mut softer, true), softer), (1.0, expected));
    }

    #[test]
    fn nothing_sounds_before_the_first_sound() {
        let dry = note(220.0, 0);
        let mut refined = dry.clone();
        refined.frames.iter_mut().for_each(|frame| *frame = frame.map(|sample| sample + 0.1));
        let expected = refined.clone();
        silence_before(&dry, &mut refined);
        // The note's first sample, at 8000, is zero itself.
        let fade = dry.sample_rate.frames(MASKED_S);
        assert!(refined.frames[..=8_001 - fade].iter().all(|frame| *frame == [0.0; 2]));
        assert_eq!(refined.frames[8_001..], expected.frames[8_001..]);
        let rises = refined.frames[8_001 - fade..8_001].windows(2).all(|pair| pair[0][0] <= pair[1][0]);
        assert!(rises && refined.frames[8_000][0] > 0.09, "{:?}", refined.frames[8_000]);
    }

    #[test]
    fn a_late_attack_and_a_sharp_note_are_held_back() {
        let dry = note(220.0, 0);
        let mut late = note(220.0, 441);
        assert!(keep(&dry, &mut late, true) < 1.0 && lag_ms(&dry, &late).abs() <= MOST_MS);
        // 4.7 cents sharp.
        let mut sharp = note(220.6, 0);
        assert_eq!(keep(&dry, &mut sharp.clone(), false), 1.0);
        assert!(keep(&dry, &mut sharp, true) < 1.0 && pitch_cents(&dry, &sharp) <= MOST_CENTS);
    }
}
