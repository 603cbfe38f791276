//! Where targets come from.

use super::plan::{Row, Sound};
use riffsmith_dsp::fit::{Hit, Target};
use riffsmith_dsp::patch::Patch;
use riffsmith_dsp::score::Pitch;
use riffsmith_dsp::soundfont::Reference;
use riffsmith_dsp::{AudioBuffer, SampleRate};
use std::path::{Path, PathBuf};

/// How long a SoundFont's drum and note are heard, in seconds.
const DRUM_S: f64 = 4.0;
const NOTE_S: f64 = 2.2;

pub struct Sources {
    hits: PathBuf,
    soundfont: Reference,
}

impl Sources {
    pub fn open(hits: &Path, soundfont: &Path) -> Self {
        let bytes = std::fs::read(soundfont).expect("a readable SoundFont");
        Self { hits: hits.to_owned(), soundfont: Reference::from_bytes(&bytes).expect("a SoundFont") }
    }

    /// What `row` imitates; `None` if the file is not there.
    pub fn target(&self, row: &Row, patch: &Patch) -> Option<Target> {
        self.target_as(row, row, patch)
    }

    /// What `row` imitates, to be played by the drum or over the range of `player`.
    pub fn target_as(&self, row: &Row, player: &Row, patch: &Patch) -> Option<Target> {
        let played = hits(player, patch);
        let recordings: Option<Vec<AudioBuffer>> = match row.sound {
            Sound::Wav(name) => Some(vec![self.wav(name)?]),
            Sound::Drum(kit) => Some(hits(row, patch).iter().map(|hit| self.note(kit, true, hit)).collect()),
            Sound::Program(program) => Some(played.iter().map(|hit| self.note(program, false, hit)).collect()),
        };
        Some(Target::new(played.into_iter().zip(recordings?)))
    }

    fn note(&self, program: u8, is_kit: bool, hit: &Hit) -> AudioBuffer {
        let seconds = if is_kit { DRUM_S } else { NOTE_S };
        self.soundfont.note(program, is_kit, hit, seconds, SampleRate::CD)
    }

    fn wav(&self, name: &str) -> Option<AudioBuffer> {
        let mut reader = hound::WavReader::open(self.hits.join(format!("{name}.wav"))).ok()?;
        let spec = reader.spec();
        let full = 2f32.powi(i32::from(spec.bits_per_sample) - 1);
        let samples: Vec<f32> = reader.samples::<i32>().map(|sample| sample.expect("a sample") as f32 / full).collect();
        let channels = usize::from(spec.channels);
        let frames = samples.chunks_exact(channels).map(|frame| [frame[0], frame[channels - 1]]).collect();
        Some(AudioBuffer { sample_rate: SampleRate::new(spec.sample_rate).expect("a usual rate"), frames })
    }
}

/// The notes that stand for a row's patch, on the row's own key if it names one.
fn hits(row: &Row, patch: &Patch) -> Vec<Hit> {
    let mut hits = Hit::usual(patch, row.part());
    if let Some(key) = row.key {
        hits.iter_mut().for_each(|hit| hit.pitch = Pitch::new(key));
    }
    hits
}
