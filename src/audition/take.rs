//! A take: where it comes from, and what it sounds like once it is made.

use crate::playback::Sound;
use crate::recipe::Recipe;
use riffsmith_dsp::loudness::integrated_lufs;
use riffsmith_dsp::mix::{self, Stem};
use riffsmith_dsp::score::{Role, Score};
use riffsmith_dsp::units::db_to_gain;
use riffsmith_dsp::{AudioBuffer, SampleRate};
use std::path::PathBuf;
use std::sync::Arc;

/// Columns of the overview of its waveform.
const OVERVIEW: usize = 512;

/// Where a take comes from.
#[derive(Debug, Clone, PartialEq)]
pub enum Origin {
    /// Made by us.
    Recipe(Box<Recipe>),
    /// Someone's file.
    File(PathBuf),
}

/// What the user thinks of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Rating {
    /// Nothing yet.
    #[default]
    Open,
    /// It is in the session.
    Kept,
    /// It is not in the list any more.
    Rejected,
}

/// One of the takes in the list.
#[derive(Debug, Clone)]
pub struct Take {
    /// Its number, which no other take of the session has; from 1.
    pub number: u64,
    /// Where it comes from.
    pub origin: Origin,
    /// What was changed, of a variation.
    pub change: Option<String>,
    /// What the user thinks of it.
    pub rating: Rating,
    /// As it is, once it is made.
    pub plain: Option<Arc<Made>>,
    /// Refined, once that is made.
    pub refined: Option<Arc<Made>>,
    /// Why it cannot be made.
    pub failure: Option<String>,
}

/// A take that is made.
#[derive(Debug, Clone, PartialEq)]
pub struct Made {
    /// What is played, at the device's rate.
    pub sound: Arc<Sound>,
    /// Its notes, where they are known.
    pub score: Option<Score>,
    /// How it was made, where that is known: also of files of ours.
    pub recipe: Option<Box<Recipe>>,
    /// Loudness of the mix.
    pub lufs: f32,
    /// Lowest and highest sample in each of as many parts of it.
    pub overview: Vec<[f32; 2]>,
}

impl Take {
    /// A take that is not made yet.
    pub fn new(number: u64, origin: Origin) -> Self {
        Self { number, origin, change: None, rating: Rating::Open, plain: None, refined: None, failure: None }
    }

    /// What made it, or would make it: none of others' files.
    pub fn recipe(&self) -> Option<&Recipe> {
        match &self.origin {
            Origin::Recipe(recipe) => Some(recipe),
            Origin::File(_) => self.plain.as_ref().and_then(|made| made.recipe.as_deref()),
        }
    }

    /// A line about it: `house 124 Amin 8391`, or the file's name.
    pub fn name(&self) -> String {
        let own = match &self.origin {
            Origin::Recipe(recipe) => {
                let Recipe { style, tempo, key, seed, .. } = &**recipe;
                format!("{style} {:.0} {} {}", tempo.bpm(), key.short(), seed.0)
            }
            Origin::File(path) => path.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
        };
        match &self.change {
            Some(change) => format!("{own}, {change}"),
            None => own,
        }
    }

    /// What the engine knows one of its two sounds by.
    pub fn sound_id(number: u64, is_refined: bool) -> u64 {
        2 * number + u64::from(is_refined)
    }

    /// The take that a sound of the engine belongs to, and whether it is the refined one.
    pub fn of_sound(id: u64) -> (u64, bool) {
        (id / 2, id % 2 == 1)
    }
}

impl Made {
    /// A sound with its stems at the level that they have in the mix, at the device's rate.
    ///
    /// The master is not linear: stems of the same loudness as the mix do not add up to it exactly.
    pub fn new(id: u64, audio: AudioBuffer, stems: &[Stem], bar_s: Option<f64>, rate: SampleRate) -> Self {
        let lufs = integrated_lufs(&audio);
        let beside = if stems.is_empty() { f32::NAN } else { lufs - integrated_lufs(&mix::sum(stems)) };
        let gain = if beside.is_finite() { db_to_gain(beside) } else { 1.0 };
        let length = audio.len();
        let stem = |role: Role| {
            let stem = stems.iter().find(|stem| stem.role == Some(role))?;
            let mut audio = stem.audio.clone();
            audio.frames.resize(length, [0.0; 2]);
            audio.scale(gain);
            Some(Arc::new(audio))
        };
        let overview = overview(&audio);
        let sound = Sound { stems: Role::ALL.map(stem), bar_s, ..Sound::plain(id, audio, true) };
        Self { sound: Arc::new(sound.at_rate(rate)), score: None, recipe: None, lufs, overview }
    }

    /// The same, as loud as `lufs`, where that does not clip.
    pub fn as_loud_as(&self, lufs: f32) -> Arc<Sound> {
        let room = 1.0 / self.sound.mix.peak().max(1e-6);
        let gain = db_to_gain(lufs - self.lufs);
        let gain = if gain.is_finite() { gain.min(room.max(1.0)) } else { 1.0 };
        Arc::new(Sound { gain, ..(*self.sound).clone() })
    }
}

fn overview(audio: &AudioBuffer) -> Vec<[f32; 2]> {
    let columns = OVERVIEW.min(audio.len());
    let place = |column: usize| column * audio.len() / columns;
    let reach = |column: usize| {
        let frames = &audio.frames[place(column)..place(column + 1)];
        let mono = frames.iter().map(|[left, right]| 0.5 * (left + right));
        mono.fold([0.0f32, 0.0], |[low, high], sample| [low.min(sample), high.max(sample)])
    };
    (0..columns).map(reach).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(level: f32) -> AudioBuffer {
        let sample = |n: usize| level * (n as f32 * 0.05).sin();
        AudioBuffer { sample_rate: SampleRate::CD, frames: (0..44_100).map(|n| [sample(n); 2]).collect() }
    }

    #[test]
    fn stems_are_as_loud_together_as_the_mix() {
        let stem = |role, level| Stem { name: String::new(), role: Some(role), audio: tone(level) };
        let stems = [stem(Role::Drums, 0.1), stem(Role::Bass, 0.05)];
        let made = Made::new(1, tone(0.6), &stems, Some(0.5), SampleRate::CD);
        let [drums, bass, chords, lead] = made.sound.stems.each_ref();
        assert!(chords.is_none() && lead.is_none());
        let together = drums.as_ref().expect("drums").peak() + bass.as_ref().expect("bass").peak();
        assert!((together - 0.6).abs() < 1e-3, "{together}");
        assert_eq!(made.overview.len(), OVERVIEW);
        assert!(made.overview.iter().all(|[low, high]| *low >= -0.6 && *high <= 0.6));
    }

    #[test]
    fn a_pair_is_equally_loud_but_does_not_clip() {
        let made = |level| Made::new(1, tone(level), &[], None, SampleRate::CD);
        assert!((made(0.2).as_loud_as(made(0.4).lufs).gain - 2.0).abs() < 0.02);
        assert!((made(0.4).as_loud_as(made(0.2).lufs).gain - 0.5).abs() < 0.01);
        assert!(made(0.8).as_loud_as(0.0).gain < 1.26);
    }

    #[test]
    fn sounds_belong_to_their_take() {
        for (number, is_refined) in [(1, false), (1, true), (77, true)] {
            assert_eq!(Take::of_sound(Take::sound_id(number, is_refined)), (number, is_refined));
        }
    }
}
