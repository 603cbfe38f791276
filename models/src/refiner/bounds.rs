//! Bounds of what refining may move: where attacks or the pitch would move farther, or a loop would open, less is refined.

use super::sound::Sound;
use super::take::Take;
use riffsmith_dsp::AudioBuffer;
use riffsmith_dsp::mix::Recording;
use riffsmith_dsp::pitch_detection::detect_pitch;
use riffsmith_dsp::seam::seam_score;
use riffsmith_dsp::spectral::Edges;

/// Attacks may come so much later or earlier, in milliseconds, and a note's pitch be off by so many cents: within what is promised by the
/// steps of the measures.
const MOST_MS: f32 = 1.5;
const MOST_CENTS: f32 = 2.5;

/// Seam score up to which a loop is closed.
const CLOSED: f32 = 1.0;

/// So near to an attack the ear hears nothing before it (pre-masking; Moore, "Psychology of Hearing", chapter 3), in seconds.
pub const MASKED_S: f64 = 0.002;

/// Shares of the refined sound that are tried, the dry one being the rest.
const SHARES: [f32; 8] = [0.9, 0.8, 0.7, 0.6, 0.5, 0.35, 0.2, 0.0];

/// Sounds longer than this, in seconds, are phrases, which have no one pitch.
const NOTE_S: f64 = 8.0;

/// Blocks in which the course of loudness is compared, and how far apart two courses are looked for.
const BLOCK_S: f64 = 0.0005;
const REACH_S: f64 = 0.02;

/// Share of the best agreement of two courses that is nearly as good.
const NEARLY: f32 = 0.8;

/// Time in which the course of loudness forgets a peak: longer than half a wave of the lowest bass note.
const HELD_S: f64 = 0.03;

/// How clear a pitch must be, before and after, to be compared: that of one note, not of a chord.
const CLEAR: f32 = 0.95;

/// Pitches farther apart than this are another octave or partial that the detector took, not a note out of tune.
const SAME_NOTE_CENTS: f64 = 80.0;

/// Leaves as much of what was made of a sound as keeps attacks and pitch where they were, and loops closed: mostly all of it.
pub fn keep<R: Recording, T: Recording<Error = R::Error>>(
    take: &mut Take<R, T>,
    pitched: bool,
) -> Result<(), R::Error> {
    let dry = &mut take.dry;
    let is_note = pitched && dry.length <= dry.sample_rate.frames(NOTE_S);
    let course = Course::of(dry)?;
    let note = is_note.then(|| dry.whole()).transpose()?;
    let is_loop = dry.edges == Edges::Loop;
    let most_seam = if is_loop { seam_score(&dry.whole()?).max(CLOSED) } else { 0.0 };
    let is_within = |take: &mut Take<R, T>| -> Result<bool, R::Error> {
        if course.lag_ms(&Course::of(&mut take.sound())?).abs() > MOST_MS {
            return Ok(false);
        }
        if is_loop && seam_score(&take.sound().whole()?) > most_seam {
            return Ok(false);
        }
        let Some(note) = &note else { return Ok(true) };
        Ok(pitch_cents(note, &take.sound().whole()?) <= MOST_CENTS)
    };
    let mut shares = SHARES.into_iter();
    while !is_within(take)? {
        let Some(share) = shares.next() else { break };
        take.set_share(share)?;
    }
    Ok(())
}

/// How much later `wet` rises than `dry`: the smallest lag at which the rises of their levels agree nearly as well as at the best one.
pub fn lag_ms(dry: &AudioBuffer, wet: &AudioBuffer) -> f32 {
    let [Ok(dry), Ok(wet)] = [dry, wet].map(|audio| Course::of(&mut Sound::of(audio, Edges::Silence)));
    dry.lag_ms(&wet)
}

/// How a sound's level rises, block by block.
struct Course {
    rises: Vec<f32>,
}

impl Course {
    fn of<R: Recording>(sound: &mut Sound<R>) -> Result<Self, R::Error> {
        let block = sound.sample_rate.frames(BLOCK_S).max(1);
        let mut energies = Vec::with_capacity(sound.length.div_ceil(block));
        let (mut energy, mut frames_left) = (0.0f32, block);
        sound.for_each_stretch(|frames| {
            for frame in frames {
                energy += frame[0] * frame[0] + frame[1] * frame[1];
                frames_left -= 1;
                if frames_left == 0 {
                    energies.push(energy);
                    (energy, frames_left) = (0.0, block);
                }
            }
            Ok(())
        })?;
        if frames_left < block {
            energies.push(energy);
        }
        let (forget, mut held) = ((-BLOCK_S / HELD_S).exp() as f32, 0.0f32);
        for energy in &mut energies {
            held = energy.max(held * forget);
            *energy = held;
        }
        let floor = energies.iter().copied().fold(f32::MIN_POSITIVE, f32::max) * 1e-4;
        // Before a sound is silence, before a loop its end.
        let mut before = match (sound.edges, energies.last()) {
            (Edges::Loop, Some(last)) => (last + floor).ln(),
            _ => floor.ln(),
        };
        for energy in &mut energies {
            let level = (*energy + floor).ln();
            *energy = (level - before).max(0.0);
            before = level;
        }
        Ok(Self { rises: energies })
    }

    /// How much later `other` rises: the smallest lag at which the rises agree nearly as well as at the best one. A slow attack, which has no
    /// moment of its own, agrees with itself at many.
    fn lag_ms(&self, other: &Self) -> f32 {
        let reach = (REACH_S / BLOCK_S) as isize;
        let agreement = |lag: isize| -> f32 {
            let moved = other.rises.iter().enumerate().map(|(t, rise)| {
                let at = usize::try_from(t as isize - lag).ok();
                rise * at.and_then(|at| self.rises.get(at)).copied().unwrap_or(0.0)
            });
            moved.sum()
        };
        let agreements: Vec<(isize, f32)> = (-reach..=reach).map(|lag| (lag, agreement(lag))).collect();
        let best = agreements.iter().map(|(_, agreement)| *agreement).fold(0.0, f32::max);
        let near = agreements.into_iter().filter(|(_, agreement)| *agreement >= NEARLY * best).map(|(lag, _)| lag);
        near.min_by_key(|lag| lag.abs()).unwrap_or(0) as f32 * BLOCK_S as f32 * 1000.0
    }
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

    /// What is left of `wet`, and how much that is; both have the same loudness here.
    fn kept(dry: &AudioBuffer, wet: &AudioBuffer, pitched: bool) -> (AudioBuffer, f32) {
        let Ok(mut take) = Take::matched(Sound::of(dry, Edges::Silence), wet.frames.as_flattened());
        let Ok(()) = keep(&mut take, pitched);
        let Ok(whole) = take.sound().whole();
        (whole, take.share())
    }

    #[test]
    fn what_moves_nothing_is_kept_whole() {
        let dry = note(220.0, 0);
        let mut duller = dry.clone();
        for i in 1..dry.len() {
            duller.frames[i] = [0, 1].map(|channel| 0.5 * (dry.frames[i][channel] + dry.frames[i - 1][channel]));
        }
        let (whole, share) = kept(&dry, &duller, true);
        assert_eq!(share, 1.0);
        assert!(whole != dry);
    }

    #[test]
    fn a_late_attack_and_a_sharp_note_are_held_back() {
        let dry = note(220.0, 0);
        let (late, share) = kept(&dry, &note(220.0, 441), true);
        assert!(share < 1.0 && lag_ms(&dry, &late).abs() <= MOST_MS);
        // 4.7 cents sharp.
        let sharp = note(220.6, 0);
        assert_eq!(kept(&dry, &sharp, false).1, 1.0);
        let (less_sharp, share) = kept(&dry, &sharp, true);
        assert!(share < 1.0 && pitch_cents(&dry, &less_sharp) <= MOST_CENTS);
    }
}
