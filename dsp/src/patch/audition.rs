//! A patch heard for itself: a phrase that suits its role, and how far two patches are apart.

use super::Patch;
use crate::audio::AudioBuffer;
use crate::effect::{Chain, Effect, EffectContext};
use crate::fit::{Ear, Hit, Portrait, hear};
use crate::instrument::InstrumentSpec;
use crate::rng::Seed;
use crate::score::{Meter, Note, Pitch, Role, Score, Tempo, Ticks, Track, Velocity};
use crate::synth::{Ending, MAX_TAIL_S, render_track};
use crate::units::SampleRate;

/// How hard the notes of a phrase are struck.
const VELOCITY: u8 = 96;
/// Length of a phrase in quarter notes, at 120 beats a minute.
const QUARTERS: f64 = 8.0;
/// What is heard of a note where patches are compared, in seconds.
const HEARD_S: f64 = 1.6;
/// How long that note is held, in seconds.
const HELD_S: f64 = 0.8;

/// Start, length (in quarter notes) and pitch.
type Line = &'static [(f64, f64, u8)];

/// Long and short notes from E1 to E2.
const BASS: Line = &[
    (0.0, 1.5, 28),
    (1.5, 0.5, 40),
    (2.0, 0.75, 31),
    (3.0, 1.0, 33),
    (4.0, 2.0, 28),
    (6.0, 0.5, 35),
    (6.5, 0.5, 38),
    (7.0, 1.0, 40),
];
/// A minor and F major, held.
const CHORDS: Line = &[(0.0, 4.0, 57), (0.0, 4.0, 60), (0.0, 4.0, 64), (4.0, 4.0, 53), (4.0, 4.0, 60), (4.0, 4.0, 69)];
/// Long and short notes from A4 to E5.
const LEAD: Line =
    &[(0.0, 1.0, 69), (1.0, 0.5, 72), (1.5, 0.5, 71), (2.0, 2.0, 76), (4.0, 0.5, 74), (4.5, 1.5, 72), (6.0, 2.0, 69)];
/// Two bars of kick, snare and hats.
const DRUMS: Line = &[
    (0.0, 0.25, 36),
    (0.0, 0.25, 42),
    (0.5, 0.25, 42),
    (1.0, 0.25, 38),
    (1.0, 0.25, 42),
    (1.5, 0.25, 42),
    (2.0, 0.25, 36),
    (2.0, 0.25, 42),
    (2.5, 0.25, 36),
    (3.0, 0.25, 38),
    (3.5, 0.5, 46),
    (4.0, 0.25, 36),
    (4.5, 0.25, 42),
    (5.0, 0.25, 38),
    (5.5, 0.25, 42),
    (6.0, 0.25, 36),
    (6.5, 0.25, 42),
    (7.0, 0.25, 38),
    (7.5, 0.5, 46),
];
/// Kick, snare, closed and open hat.
const DRUMS_COMPARED: [u8; 4] = [36, 38, 42, 46];
/// C3 hard and C4 soft, which every pitched patch can play.
const NOTES_COMPARED: [(u8, u8); 2] = [(48, 112), (60, 64)];

/// Integrated loudness to which the patches of a role are brought over its phrase, in LUFS. The median of the first sixty
/// patches to half a unit, so that what was made with them keeps its balance.
pub fn level_lufs(role: Role) -> f32 {
    match role {
        Role::Drums => -17.0,
        Role::Bass => -19.0,
        Role::Chords => -19.5,
        Role::Lead => -18.5,
    }
}

/// A patch's phrase through its instrument and inserts, with all of its tail, at 44.1 kHz.
pub fn audition(patch: &Patch) -> AudioBuffer {
    let (score, track) = phrase(patch.role().unwrap_or(Role::Chords));
    let sample_rate = SampleRate::CD;
    let mut audio = render_track(&score, &track, patch, sample_rate, Ending::Ring, Seed(7));
    let context = EffectContext { sample_rate, tempo: score.tempo(), period_frames: None };
    let mut chain = Chain::new(&patch.inserts, &context);
    let tail = chain.tail_frames().min(sample_rate.frames(MAX_TAIL_S));
    chain.process_piece(&mut audio, None, tail);
    audio
}

/// The length of a phrase before its tail, in frames at 44.1 kHz.
pub fn phrase_frames() -> usize {
    SampleRate::CD.frames(QUARTERS * 0.5)
}

fn phrase(role: Role) -> (Score, Track) {
    let line = match role {
        Role::Drums => DRUMS,
        Role::Bass => BASS,
        Role::Chords => CHORDS,
        Role::Lead => LEAD,
    };
    let note = |&(start, length, pitch): &(f64, f64, u8)| Note {
        start: Ticks::from_quarters(start),
        pitch: Pitch::new(pitch),
        length: Ticks::from_quarters(length),
        velocity: Velocity::new(VELOCITY),
    };
    let mut notes: Vec<Note> = line.iter().map(note).collect();
    notes.sort_unstable();
    let channel = if role == Role::Drums { Track::DRUM_CHANNEL } else { 0 };
    let track = Track { role: Some(role), channel, notes, ..Track::default() };
    let tempo = Tempo::from_micros_per_quarter(500_000);
    (Score::empty(Ticks::from_quarters(QUARTERS), tempo, Meter::COMMON), track)
}

/// What a patch is told from others by.
#[derive(Debug, Clone)]
pub struct Likeness {
    is_kit: bool,
    portraits: Vec<Portrait>,
}

impl Likeness {
    /// Of some notes, or some drums of a kit.
    pub fn of(patch: &Patch) -> Self {
        let is_kit = matches!(patch.instrument, InstrumentSpec::Kit(_));
        let hit = |pitch, velocity| Hit { pitch: Pitch::new(pitch), velocity: Velocity::new(velocity), held_s: HELD_S };
        let hits: Vec<Hit> = if is_kit {
            DRUMS_COMPARED.map(|drum| hit(drum, VELOCITY)).into()
        } else {
            NOTES_COMPARED.map(|(pitch, velocity)| hit(pitch, velocity)).into()
        };
        let ear = Ear::new(HEARD_S);
        let portraits = hits.iter().map(|hit| ear.portrait(&hear(patch, hit, HEARD_S))).collect();
        Self { is_kit, portraits }
    }

    /// Mean distance of what is heard in dB, by [`Portrait::distance_db`]; `None` between a kit and anything else.
    pub fn distance_db(&self, other: &Self) -> Option<f32> {
        if self.is_kit != other.is_kit {
            return None;
        }
        let pairs = self.portraits.iter().zip(&other.portraits);
        let distances = pairs.map(|(one, other)| one.distance_db(other));
        Some(distances.sum::<f32>() / self.portraits.len() as f32)
    }
}

#[cfg(test)]
mod tests {
    use super::super::find;
    use super::*;

    #[test]
    fn a_louder_patch_is_the_same_and_another_filter_is_not() {
        let patch = find("saw_lead").expect("built in");
        let mut louder = patch.clone();
        louder.gain_db += 6.0;
        let mut darker = patch.clone();
        let InstrumentSpec::Subtractive(spec) = &mut darker.instrument else { panic!("subtractive") };
        spec.filter.cutoff_hz *= 0.5;
        let distance = |other: &Patch| Likeness::of(&patch).distance_db(&Likeness::of(other)).expect("both pitched");
        assert!(distance(&louder) < 0.01, "{}", distance(&louder));
        assert!((0.5..10.0).contains(&distance(&darker)), "{}", distance(&darker));
        let kit = Likeness::of(&find("kit_house").expect("built in"));
        assert_eq!(Likeness::of(&patch).distance_db(&kit), None);
    }

    #[test]
    fn a_phrase_is_heard_with_its_tail() {
        let mut patch = find("init_saw").expect("built in");
        let dry = audition(&patch);
        patch.inserts = vec![crate::effect::EffectSpec::Reverb(crate::effect::Reverb::default())];
        let wet = audition(&patch);
        assert!(dry.len() >= phrase_frames());
        assert!(wet.len() > dry.len() + SampleRate::CD.frames(0.5), "{} {}", wet.len(), dry.len());
    }
}
