//! What is imitated: one or several recorded notes, and the same notes played by a patch.

use super::{DRUM_PARTS, DrumPart, Ear, Portrait};
use crate::audio::AudioBuffer;
use crate::effect::{Chain, EffectContext, MAX_BLOCK};
use crate::instrument::{Instrument, InstrumentSpec, Strike};
use crate::patch::Patch;
use crate::resample::resample;
use crate::rng::Seed;
use crate::score::{Pitch, Role, Tempo, Velocity};
use crate::units::{SampleRate, db_to_gain};

/// Nothing beyond this is compared, in seconds.
const LONGEST_S: f64 = 4.0;
/// A target is heard for this much longer than it sounds, in seconds, so that what rings on is noticed.
const AFTER_S: f64 = 0.4;
/// -60 dB: a target that has fallen below this is over.
const OVER: f32 = 1e-3;
/// Velocities of a soft and a hard note.
const SOFT: u8 = 60;
const HARD: u8 = 110;
/// How long a note is held, in seconds.
const HELD_S: f64 = 1.2;
/// One strike for all comparisons: noise differs from seed to seed, which a fit must not chase.
const SEED: Seed = Seed(1);

/// How a note is played.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hit {
    /// The note, or the drum.
    pub pitch: Pitch,
    /// How hard.
    pub velocity: Velocity,
    /// When the key is let go, in seconds.
    pub held_s: f64,
}

impl Hit {
    /// The notes that stand for a patch: of a kit the drum called `part`, or every drum; else a low note, a middle one soft and hard,
    /// and a high one.
    pub fn usual(patch: &Patch, part: Option<&str>) -> Vec<Self> {
        let hit = |pitch, velocity| Self { pitch, velocity: Velocity::new(velocity), held_s: HELD_S };
        if matches!(patch.instrument, InstrumentSpec::Kit(_)) {
            let is_asked = |drum: &&DrumPart| part.is_none_or(|part| part == drum.name);
            return DRUM_PARTS.iter().filter(is_asked).map(|drum| hit(drum.pitch(), HARD)).collect();
        }
        let [low, middle, high] = match patch.role() {
            Some(Role::Bass) => [28, 38, 48],
            Some(Role::Lead) => [60, 70, 80],
            _ => [45, 57, 69],
        };
        let notes = [(low, HARD), (middle, SOFT), (middle, HARD), (high, SOFT)];
        notes.map(|(pitch, velocity)| hit(Pitch::new(pitch), velocity)).into()
    }
}

/// Recorded notes to imitate, with the ears that compare them.
pub struct Target {
    notes: Vec<(Hit, Ear, Portrait)>,
}

impl Target {
    /// From notes and their recordings, at any sample rate.
    pub fn new(notes: impl IntoIterator<Item = (Hit, AudioBuffer)>) -> Self {
        let listen = |(hit, audio): (Hit, AudioBuffer)| {
            let audio = resample(&audio, SampleRate::CD);
            let ear = Ear::new((sounding_s(&audio) + AFTER_S).min(LONGEST_S));
            let portrait = ear.portrait(&audio);
            (hit, ear, portrait)
        };
        Self { notes: notes.into_iter().map(listen).collect() }
    }

    /// The notes.
    pub fn hits(&self) -> impl Iterator<Item = Hit> {
        self.notes.iter().map(|(hit, ..)| *hit)
    }

    /// Mean distance of a patch to the notes, in dB; see [`Portrait::distance_db`].
    pub fn distance_db(&self, patch: &Patch) -> f32 {
        self.mean(|hit, ear| hear(patch, hit, ear.seconds()))
    }

    /// Mean distance of recordings to the notes, in dB, in the order of the notes.
    pub fn distance_to_db(&self, recordings: &[AudioBuffer]) -> f32 {
        let mut recordings = recordings.iter();
        self.mean(|_, _| {
            let audio = recordings.next().cloned();
            resample(&audio.unwrap_or_else(|| AudioBuffer::silence(SampleRate::CD, 1)), SampleRate::CD)
        })
    }

    fn mean(&self, mut sound: impl FnMut(&Hit, &Ear) -> AudioBuffer) -> f32 {
        let distances =
            self.notes.iter().map(|(hit, ear, portrait)| ear.portrait(&sound(hit, ear)).distance_db(portrait));
        distances.sum::<f32>() / self.notes.len().max(1) as f32
    }
}

/// Time from the first sound to the last above -60 dB, in seconds.
fn sounding_s(audio: &AudioBuffer) -> f64 {
    let floor = OVER * audio.peak();
    let sounds = |frame: &[f32; 2]| frame.iter().any(|sample| sample.abs() > floor);
    let first = audio.frames.iter().position(sounds).unwrap_or(0);
    let last = audio.frames.iter().rposition(sounds).unwrap_or(0);
    audio.sample_rate.seconds(last - first)
}

/// The first `seconds` of a note, played by `patch` with its inserts, at 44.1 kHz; without the chance in how a kit is struck.
pub fn hear(patch: &Patch, hit: &Hit, seconds: f64) -> AudioBuffer {
    let rate = SampleRate::CD;
    let frames = rate.frames(seconds) + rate.frames(0.02);
    let mut audio = AudioBuffer::silence(rate, frames);
    let bpm = 120.0;
    let strike =
        Strike { pitch: f64::from(hit.pitch.number()), velocity: hit.velocity, sample_rate: rate, bpm, seed: SEED };
    let mut voice = steady(&patch.instrument).strike(&strike);
    let release = rate.frames(hit.held_s).next_multiple_of(MAX_BLOCK);
    for (index, block) in audio.frames.chunks_mut(MAX_BLOCK).enumerate() {
        if index * MAX_BLOCK == release {
            voice.release();
        }
        if voice.is_finished() {
            break;
        }
        voice.render(block);
    }
    audio.scale(db_to_gain(patch.gain_db + patch.instrument.entry().trim_db));
    if let (false, Ok(tempo)) = (patch.inserts.is_empty(), Tempo::new(bpm)) {
        let context = EffectContext { sample_rate: rate, tempo, period_frames: None };
        Chain::new(&patch.inserts, &context).process_piece(&mut audio, None, 0);
    }
    audio
}

/// A kit that strikes every hit alike.
fn steady(instrument: &InstrumentSpec) -> InstrumentSpec {
    let mut steady = instrument.clone();
    if let InstrumentSpec::Kit(kit) = &mut steady {
        kit.humanize = 0.0;
    }
    steady
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::patch;

    #[test]
    fn a_patch_is_at_no_distance_from_its_own_sound_and_far_from_others() {
        let kit = patch::find("kit_house").expect("built in");
        let hit = |key| Hit { pitch: Pitch::new(key), velocity: Velocity::new(100), held_s: 0.1 };
        let sound = |key| hear(&kit, &hit(key), 4.0);
        let target = Target::new([(hit(38), sound(38))]);
        assert!(target.distance_db(&kit) < 0.01, "{}", target.distance_db(&kit));
        for other in [36, 42, 45, 49] {
            assert!(target.distance_to_db(&[sound(other)]) > 5.0, "{other}");
        }
    }

    #[test]
    fn a_note_is_let_go_in_time() {
        let patch = patch::find("init_saw").expect("built in");
        let hit = Hit { pitch: Pitch::new(60), velocity: Velocity::new(100), held_s: 0.2 };
        let audio = hear(&patch, &hit, 1.0);
        let peak = |frames: &[[f32; 2]]| frames.iter().flatten().fold(0.0f32, |peak, x| peak.max(x.abs()));
        assert!(peak(&audio.frames[..8_000]) > 0.1 && peak(&audio.frames[30_000..]) < 0.01);
    }
}
