//! Bounds of what refining may move: around an attack that would move less is refined, and less of it all where the pitch of a note would, or
//! a loop would open.

use super::attacks::{Attack, Course};
use super::take::{Dip, Take};
use riffsmith_dsp::AudioBuffer;
use riffsmith_dsp::mix::Recording;
use riffsmith_dsp::pitch_detection::cents_between;
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

/// Shares of the refined sound that are tried, the dry one being the rest: of all of it, and around one attack.
const SHARES: [f32; 8] = [0.9, 0.8, 0.7, 0.6, 0.5, 0.35, 0.2, 0.0];
const SHARES_OF_ATTACKS: [f32; 3] = [0.6, 0.3, 0.0];

/// Sounds longer than this, in seconds, are phrases, which have no one pitch.
const NOTE_S: f64 = 8.0;

/// How clear a pitch must be, before and after, to be compared: that of one note, not of a chord.
const CLEAR: f32 = 0.95;

/// Leaves as much of what was made of a sound as keeps attacks and pitch where they were, and loops closed: mostly all of it.
pub fn keep<R: Recording, T: Recording<Error = R::Error>>(
    take: &mut Take<R, T>,
    pitched: bool,
) -> Result<(), R::Error> {
    let course = Course::of(&mut take.dry)?;
    let attacks = course.attacks();
    let have_moved = |take: &mut Take<R, T>| -> Result<Vec<bool>, R::Error> {
        if attacks.is_empty() {
            return Ok(Vec::new());
        }
        let made = Course::of(&mut take.sound())?;
        Ok(attacks.iter().map(|attack| course.moved_ms(attack, &made).abs() > MOST_MS).collect())
    };
    let mut attacks_move = refine_attacks_less(take, &attacks, have_moved)?;
    let dry = &mut take.dry;
    let is_note = pitched && dry.length <= dry.sample_rate.frames(NOTE_S);
    let note = is_note.then(|| dry.whole()).transpose()?;
    let is_loop = dry.edges == Edges::Loop;
    let most_seam = if is_loop { seam_score(&dry.whole()?).max(CLOSED) } else { 0.0 };
    let is_within = |take: &mut Take<R, T>| -> Result<bool, R::Error> {
        if is_loop && seam_score(&take.sound().whole()?) > most_seam {
            return Ok(false);
        }
        let Some(note) = &note else { return Ok(true) };
        Ok(pitch_cents(note, &take.sound().whole()?) <= MOST_CENTS)
    };
    let mut shares = SHARES.into_iter();
    while attacks_move || !is_within(take)? {
        let Some(share) = shares.next() else { break };
        take.set_share(share)?;
        attacks_move = have_moved(take)?.contains(&true);
    }
    Ok(())
}

/// Leaves as much around each attack as keeps it where it was; returns whether one still moves.
fn refine_attacks_less<R: Recording, T: Recording<Error = R::Error>>(
    take: &mut Take<R, T>,
    attacks: &[Attack],
    have_moved: impl Fn(&mut Take<R, T>) -> Result<Vec<bool>, R::Error>,
) -> Result<bool, R::Error> {
    let mut tried = vec![0; attacks.len()];
    for _ in SHARES_OF_ATTACKS {
        let moved = have_moved(take)?;
        if !moved.contains(&true) {
            return Ok(false);
        }
        tried.iter_mut().zip(moved).for_each(|(tried, moved)| *tried += usize::from(moved));
        let dips = attacks.iter().zip(&tried).filter(|(_, tried)| **tried > 0);
        let dips = dips.map(|(attack, tried)| Dip { at_s: attack.seconds(), share: SHARES_OF_ATTACKS[tried - 1] });
        take.set_dips(dips.collect())?;
    }
    Ok(have_moved(take)?.contains(&true))
}

/// How far apart their pitches are, in cents; 0 where one of them has no clear pitch.
pub fn pitch_cents(dry: &AudioBuffer, wet: &AudioBuffer) -> f32 {
    cents_between(dry, wet, CLEAR).map_or(0.0, |cents| cents.abs() as f32)
}

#[cfg(test)]
mod tests {
    use super::super::attacks::most_moved_ms;
    use super::super::sound::Sound;
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
    fn around_a_late_attack_the_sound_is_what_it_was_and_elsewhere_what_was_made_of_it() {
        let phrase = |hz: f32, late: usize| {
            let mut audio = note(hz, 0);
            let second = note(1.5 * hz, late);
            audio.frames.resize(150_000, [0.0; 2]);
            audio.frames[60_000..110_000].iter_mut().zip(&second.frames).for_each(|(out, frame)| *out = *frame);
            audio
        };
        let dry = phrase(220.0, 0);
        let (whole, share) = kept(&dry, &phrase(220.0, 441), true);
        assert_eq!(share, 1.0);
        assert!(most_moved_ms(&dry, &phrase(220.0, 441)) > 9.0 && most_moved_ms(&dry, &whole) <= MOST_MS);
        let late = phrase(220.0, 441);
        let ratio = whole.frames[20_000][0] / late.frames[20_000][0];
        assert!(
            whole.frames[8_000..50_000]
                .iter()
                .zip(&late.frames[8_000..])
                .all(|(a, b)| (a[0] - ratio * b[0]).abs() < 1e-5)
        );
    }

    #[test]
    fn a_sharp_note_is_held_back() {
        let dry = note(220.0, 0);
        // 4.7 cents sharp.
        let sharp = note(220.6, 0);
        assert_eq!(kept(&dry, &sharp, false).1, 1.0);
        let (less_sharp, share) = kept(&dry, &sharp, true);
        assert!(share < 1.0 && pitch_cents(&dry, &less_sharp) <= MOST_CENTS);
    }
}
