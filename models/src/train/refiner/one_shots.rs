//! Pairs of our patches and someone's own one-shots.

use super::example::{EXAMPLE_S, rendering_rate, split_of};
use super::pair::{Pair, onset};
use super::pairing::{Pairing, is_drum, pairings};
use super::source::PairSource;
use crate::piece::Split;
use crate::refiner::Family;
use riffsmith_dsp::resample::resample;
use riffsmith_dsp::score::{Meter, Note, Pitch, Score, Tempo, Ticks, Track, Velocity};
use riffsmith_dsp::{AudioBuffer, Rng, SampleRate, Seed};

/// One in so many one-shots of a family is held out for the test, one for validation.
const HOLD_OUT: usize = 5;

/// A held note ends where the one-shot is this far below its peak.
const HELD_TO: f32 = 0.03;

/// A recorded note.
#[derive(Debug, Clone, PartialEq)]
pub struct OneShot {
    /// Its name, for the histogram.
    pub name: String,
    /// What it is.
    pub family: Family,
    /// The note that it plays; of a drum, its General MIDI number.
    pub pitch: u8,
    /// Its sound, at any rate.
    pub audio: AudioBuffer,
}

/// Our patches and a collection of one-shots: the families in turn, within each its one-shots in turn, each against all patches
/// of its family.
///
/// One-shots in order of pitch and name are dealt out: of five, one is for the test and one for validation. Our own velocities
/// are split as they are with a SoundFont, so that the test is of notes and of velocities that were never trained on. Where a
/// family has fewer than five, its test is on the same one-shots, at other velocities.
pub struct OneShotPairs {
    families: Vec<Shots>,
    seed: Seed,
}

struct Shots {
    shots: Vec<OneShot>,
    pairings: Vec<Pairing>,
}

impl OneShotPairs {
    /// Pairs with velocities drawn from `seed`.
    pub fn new(shots: Vec<OneShot>, seed: Seed) -> Self {
        let all = pairings();
        let of = |family: Family| {
            let mut shots: Vec<OneShot> = shots.iter().filter(|shot| shot.family == family).cloned().collect();
            shots.sort_by(|a, b| (a.pitch, &a.name).cmp(&(b.pitch, &b.name)));
            for shot in &mut shots {
                let start = onset(&shot.audio).unwrap_or(0);
                // What lies before the attack is kept to where it matters.
                shot.audio.frames.drain(..start.saturating_sub(shot.audio.sample_rate.frames(0.02)));
                if shot.audio.sample_rate != SampleRate::CD {
                    shot.audio = resample(&shot.audio, SampleRate::CD);
                }
            }
            Shots { shots, pairings: all.iter().filter(|pairing| pairing.family == family).cloned().collect() }
        };
        let families = Family::ALL.map(of).into_iter().filter(|family| !family.shots.is_empty()).collect();
        Self { families, seed }
    }
}

impl Shots {
    /// The one-shots of a split; all of them where there are too few.
    fn of(&self, split: Split) -> Vec<&OneShot> {
        let deal = |index: usize| match index % HOLD_OUT {
            2 => Split::Test,
            4 => Split::Valid,
            _ => Split::Train,
        };
        let few = self.shots.len() < HOLD_OUT;
        self.shots.iter().enumerate().filter(|&(index, _)| few || deal(index) == split).map(|(_, shot)| shot).collect()
    }
}

impl PairSource for OneShotPairs {
    fn pair(&self, split: Split, index: usize) -> Option<Pair> {
        let family = self.families.get(index % self.families.len().max(1))?;
        let round = index / self.families.len();
        let shots = family.of(split);
        let shot = shots[round % shots.len()];
        let pairing = &family.pairings[round / shots.len() % family.pairings.len()];
        let seed = self.seed.fork(&format!("{split:?}")).fork_index(index as u64);
        let frames = SampleRate::CD.frames(EXAMPLE_S);
        let rate = rendering_rate(split, is_drum(shot.family), seed.fork("rate"));
        let mut reference = AudioBuffer { sample_rate: SampleRate::CD, ..resample(&shot.audio, rate) };
        reference.frames.resize(frames, [0.0; 2]);
        let score = score(shot, pairing, velocity(split, is_drum(shot.family), &mut seed.fork("velocity").rng()));
        let ours = Pair::ours(pairing, &score, seed, rate)?;
        Pair::matched(shot.family, format!("{} -> {}", pairing.patch.name, shot.name), ours, reference)
    }
}

/// A velocity of this split, by trial; the pitch's part of the split is the one-shot's.
fn velocity(split: Split, is_drum: bool, rng: &mut Rng) -> u8 {
    let pitch = if split == Split::Train { 0 } else { 3 };
    loop {
        let velocity = 24 + rng.below(104) as u8;
        if split_of(pitch, velocity, is_drum) == Some(split) {
            return velocity;
        }
    }
}

/// One note, as long as the one-shot's.
fn score(shot: &OneShot, pairing: &Pairing, velocity: u8) -> Score {
    let threshold = HELD_TO * shot.audio.peak();
    let is_loud = |frame: &[f32; 2]| frame.iter().any(|sample| sample.abs() > threshold);
    let seconds = shot.audio.frames.iter().rposition(is_loud).unwrap_or(0) as f64 / shot.audio.sample_rate.hz();
    // At 120 beats a minute a tick is 1/960 s.
    let ticks = |seconds: f64| Ticks((seconds * 960.0) as u32);
    let note = Note {
        start: Ticks(0),
        pitch: Pitch::new(shot.pitch),
        length: ticks(seconds.clamp(0.05, EXAMPLE_S - 0.2)),
        velocity: Velocity::new(velocity),
    };
    let mut track = Track { name: pairing.patch.name.clone(), program: pairing.program, ..Track::default() };
    track.notes.push(note);
    if is_drum(shot.family) {
        track.channel = Track::DRUM_CHANNEL;
    }
    let tempo = Tempo::new(120.0).expect("within the range of tempos");
    Score { tracks: vec![track], ..Score::empty(ticks(EXAMPLE_S), tempo, Meter::COMMON) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn shots(count: u8) -> Vec<OneShot> {
        let shot = |index: u8| {
            let pitch = 36 + index;
            let hz = 440.0 * 2f32.powf((f32::from(pitch) - 69.0) / 12.0);
            let wave =
                |i: usize| (std::f32::consts::TAU * hz * i as f32 / 44_100.0).sin() * (-(i as f32) / 9000.0).exp();
            let frames = (0..30_000).map(|i| [wave(i); 2]).collect();
            let audio = AudioBuffer { sample_rate: SampleRate::CD, frames };
            OneShot { name: format!("note{pitch}"), family: Family::Bass, pitch, audio }
        };
        (0..count).map(shot).collect()
    }

    fn names(source: &OneShotPairs, split: Split) -> BTreeSet<String> {
        let label = |index| source.pair(split, index).expect("it sounds").label;
        (0..6).map(label).map(|label| label.split(" -> ").nth(1).unwrap_or_default().to_owned()).collect()
    }

    #[test]
    fn no_one_shot_of_the_test_is_trained_on() {
        let source = OneShotPairs::new(shots(10), Seed(1));
        let (train, test) = (names(&source, Split::Train), names(&source, Split::Test));
        assert_eq!(test, BTreeSet::from(["note38".to_owned(), "note43".to_owned()]));
        assert!(train.len() == 6 && train.is_disjoint(&test));
        assert!(names(&source, Split::Valid).is_disjoint(&train));
    }

    #[test]
    fn a_pair_has_the_one_shot_s_pitch_and_begins_with_it() {
        let source = OneShotPairs::new(shots(3), Seed(1));
        let pitch = |audio: &AudioBuffer, hz: f64| {
            riffsmith_dsp::pitch_detection::detect_pitch_near(audio, hz).expect("a bass has a pitch").cents_above(hz)
        };
        for (split, round) in [(Split::Test, 0), (Split::Train, 1), (Split::Train, 4)] {
            let pair = source.pair(split, round).expect("it sounds");
            let key = if round == 0 { 36.0 } else { 37.0 };
            assert!(pair.label.ends_with(&format!("note{key}")), "{}", pair.label);
            let [ours, reference] =
                [&pair.ours, &pair.reference].map(|audio| pitch(audio, 440.0 * 2f64.powf((key - 69.0) / 12.0)));
            assert!((ours - reference).abs() < 30.0, "{ours} and {reference} cents");
            let detuned = if split == Split::Train { 102.0 } else { 0.0 };
            assert!(reference.abs() < detuned + 5.0, "{reference}");
            assert_eq!(pair.ours.len(), pair.reference.len());
        }
    }
}
