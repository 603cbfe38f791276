//! What is played to make a pair: single notes, chords and short phrases, split so that the test knows no note of the training.

use super::pairing::{Pairing, is_drum, notes};
use crate::piece::Split;
use crate::refiner::Family;
use riffsmith_dsp::score::{Meter, Note, Pitch, Score, Tempo, Ticks, Track, Velocity};
use riffsmith_dsp::{Rng, SampleRate, Seed};

/// Length of every example in seconds.
pub const EXAMPLE_S: f64 = 2.0;

/// Share of the examples that are chords or phrases.
const PHRASE_SHARE: f32 = 0.35;

/// Training pairs of pitched sounds are rendered at rates this far from [`SampleRate::CD`], in steps that have many divisors in common
/// with it, and heard at it: so that pitches are continuous, a semitone up and down from those of the keys.
const DETUNED_STEPS: usize = 8;
const DETUNED_STEP_HZ: u32 = 300;

/// The rate at which both sides of a pair are rendered, to be heard at [`SampleRate::CD`].
pub fn rendering_rate(split: Split, drum: bool, seed: Seed) -> SampleRate {
    if split != Split::Train || drum {
        return SampleRate::CD;
    }
    let steps = seed.rng().below(2 * DETUNED_STEPS + 1) as u32;
    let lowest = SampleRate::CD.as_u32() - DETUNED_STEPS as u32 * DETUNED_STEP_HZ;
    SampleRate::new(lowest + steps * DETUNED_STEP_HZ).expect("near a rate that is allowed")
}

/// The split of a pitch struck at a velocity; `None` is in no part.
///
/// Every fifth pitch, and two bands of 16 velocities, are never trained on. The test is where both meet, validation is on
/// those pitches at velocities of the training. A drum is no pitch, so drums are held out by velocity alone.
pub fn split_of(pitch: u8, velocity: u8, drum: bool) -> Option<Split> {
    let held_out_velocity = velocity / 16 % 4 == 2;
    let held_out_pitch = pitch % 5 == 3;
    match (drum, held_out_pitch, held_out_velocity) {
        (true, _, true) | (false, true, true) => Some(Split::Test),
        (true, _, false) => Some(if velocity % 8 == 5 { Split::Valid } else { Split::Train }),
        (false, true, false) => Some(Split::Valid),
        (false, false, false) => Some(Split::Train),
        (false, false, true) => None,
    }
}

/// A short score of one track.
pub fn example(pairing: &Pairing, split: Split, seed: Seed) -> Score {
    let mut rng = seed.rng();
    let mut track = Track { name: pairing.patch.name.clone(), program: pairing.program, ..Track::default() };
    let drum = is_drum(pairing.family);
    if drum {
        track.channel = Track::DRUM_CHANNEL;
    }
    // At 120 beats a minute a tick is 1/960 s.
    let length = Ticks((EXAMPLE_S * 960.0) as u32);
    if rng.chance(PHRASE_SHARE) {
        let (mut start, whole_kit) = (0, pairing.family == Family::Drums);
        while start < length.0 - 200 {
            let held = [120, 240, 240, 480][rng.below(4)];
            let voices = if drum { 1 + rng.below(2) } else { 1 + 2 * rng.below(2) };
            for _ in 0..voices {
                track.notes.push(draw(pairing, split, start, held * 3 / 4, whole_kit, &mut rng));
            }
            start += held;
        }
    } else {
        let held = [90, 240, 600, 1100][rng.below(4)];
        track.notes.push(draw(pairing, split, 0, held, false, &mut rng));
    }
    track.notes.sort();
    track.notes.dedup_by_key(|note| (note.start, note.pitch));
    let tempo = Tempo::new(120.0).expect("within the range of tempos");
    Score { tracks: vec![track], ..Score::empty(length, tempo, Meter::COMMON) }
}

/// A note of this split, by trial. Phrases of [`Family::Drums`] are of the whole kit.
fn draw(pairing: &Pairing, split: Split, start: u32, length: u32, whole_kit: bool, rng: &mut Rng) -> Note {
    let drum = is_drum(pairing.family);
    let allowed = match whole_kit {
        true => [Family::Kick, Family::Snare, Family::Cymbal, Family::Drums].into_iter().flat_map(notes).collect(),
        false => notes(pairing.family),
    };
    loop {
        let pitch = allowed[rng.below(allowed.len())];
        let velocity = 24 + rng.below(104) as u8;
        if split_of(pitch, velocity, drum) == Some(split) {
            return Note {
                start: Ticks(start),
                pitch: Pitch::new(pitch),
                length: Ticks(length),
                velocity: Velocity::new(velocity),
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::pairing::pairings;
    use super::*;

    #[test]
    fn no_pitch_and_no_velocity_of_the_test_is_trained_on() {
        for pairing in pairings() {
            let drum = is_drum(pairing.family);
            for index in 0..40 {
                for split in [Split::Train, Split::Test] {
                    let score = example(&pairing, split, Seed(1).fork_index(index));
                    assert!(!score.tracks[0].notes.is_empty());
                    for note in &score.tracks[0].notes {
                        let held_out = [note.pitch.number() % 5 == 3 || drum, note.velocity.value() / 16 % 4 == 2];
                        match split {
                            Split::Test => assert_eq!(held_out, [true, true]),
                            _ => assert_eq!(held_out, [drum, false]),
                        }
                    }
                }
            }
        }
    }
}
