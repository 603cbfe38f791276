//! What is played to make a pair: single notes, chords, short phrases and beats, split so that the test knows no note of the training.

use super::pairing::{Pairing, is_drum, notes};
use crate::piece::Split;
use crate::refiner::Family;
use riffsmith_dsp::score::{Meter, Note, Pitch, Score, Tempo, Ticks, Track, Velocity};
use riffsmith_dsp::{Rng, SampleRate, Seed};

/// Length of every example in seconds.
pub const EXAMPLE_S: f64 = 2.0;

/// Share of the examples that are chords or phrases.
const PHRASE_SHARE: f32 = 0.35;

/// Share of the examples of [`Family::Drums`] that are beats: what a drum stem is, and far denser than notes one after the other.
const BEAT_SHARE: f32 = 0.5;

/// A sixteenth in ticks, at the tempo of all examples; and how likely hi-hats skip one that is off the beat.
const SIXTEENTH: u32 = 120;
const SKIPPED: f32 = 0.3;

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
    let whole_kit = pairing.family == Family::Drums;
    track.notes = if whole_kit && rng.chance(BEAT_SHARE) {
        beat(split, length.0, &mut rng)
    } else if rng.chance(PHRASE_SHARE) {
        let allowed = if whole_kit { kit() } else { notes(pairing.family) };
        phrase(&allowed, split, drum, length.0, &mut rng)
    } else {
        let held = [90, 240, 600, 1100][rng.below(4)];
        vec![draw(&notes(pairing.family), split, drum, [0, held], &mut rng)]
    };
    track.notes.sort();
    track.notes.dedup_by_key(|note| (note.start, note.pitch));
    let tempo = Tempo::new(120.0).expect("within the range of tempos");
    Score { tracks: vec![track], ..Score::empty(length, tempo, Meter::COMMON) }
}

/// All drums.
fn kit() -> Vec<u8> {
    [Family::Kick, Family::Snare, Family::Cymbal, Family::Drums].into_iter().flat_map(notes).collect()
}

/// Notes or chords, or strokes of one or two drums, one after the other.
fn phrase(allowed: &[u8], split: Split, drum: bool, length: u32, rng: &mut Rng) -> Vec<Note> {
    let (mut notes, mut start) = (Vec::new(), 0);
    while start < length - 200 {
        let held = [120, 240, 240, 480][rng.below(4)];
        let voices = if drum { 1 + rng.below(2) } else { 1 + 2 * rng.below(2) };
        notes.extend((0..voices).map(|_| draw(allowed, split, drum, [start, held * 3 / 4], rng)));
        start += held;
    }
    notes
}

/// A bar of drums: kicks on beats and some sixteenths, snares on two and four, one cymbal in sixteenths or eighths, and a few other drums.
fn beat(split: Split, length: u32, rng: &mut Rng) -> Vec<Note> {
    let mut pick = |family| {
        let drums = notes(family);
        drums[rng.below(drums.len())]
    };
    let [kick, snare, cymbal, other] = [Family::Kick, Family::Snare, Family::Cymbal, Family::Drums].map(&mut pick);
    let (every, busy) = (1 + rng.below(2) as u32, rng.between(0.0, 0.3));
    let mut struck = Vec::new();
    for sixteenth in 0..length / SIXTEENTH {
        let (on_beat, back_beat) = (sixteenth % 4 == 0, sixteenth % 8 == 4);
        let parts = [
            (kick, rng.chance(if on_beat { 0.7 } else { busy })),
            (snare, rng.chance(if back_beat { 0.95 } else { 0.3 * busy })),
            (cymbal, sixteenth % every == 0 && !rng.chance(if on_beat { 0.0 } else { SKIPPED })),
            (other, rng.chance(0.5 * busy)),
        ];
        let here = parts.into_iter().filter(|(_, is_struck)| *is_struck).map(|(drum, _)| (sixteenth, drum));
        struck.extend(here);
    }
    struck.into_iter().map(|(sixteenth, drum)| draw(&[drum], split, true, [sixteenth * SIXTEENTH, 100], rng)).collect()
}

/// One of the `allowed` pitches at a velocity, both of this split, by trial; it starts and lasts so many ticks.
fn draw(allowed: &[u8], split: Split, drum: bool, [start, length]: [u32; 2], rng: &mut Rng) -> Note {
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

    #[test]
    fn some_drums_are_beats_as_dense_as_a_drum_stem() {
        let drums =
            pairings().into_iter().find(|pairing| pairing.family == Family::Drums).expect("a family of its own");
        let strokes = |index| example(&drums, Split::Train, Seed(1).fork_index(index)).tracks[0].notes.len();
        let counts: Vec<usize> = (0..60).map(strokes).collect();
        let beats = counts.iter().filter(|&&count| count >= 14).count();
        assert!((15..=45).contains(&beats), "{counts:?}");
        assert!(counts.contains(&1), "single strokes too");
    }
}
