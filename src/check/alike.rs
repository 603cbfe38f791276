//! Sounds that could be taken for each other.

use super::Violation;
use super::contents::Scores;
use super::sound::Heard;
use crate::pack::variety::{Outline, least_distance};
use crate::pack::{Kind, Row};
use riffsmith_dsp::AudioBuffer;
use riffsmith_dsp::score::Role;
use riffsmith_dsp::spectral::{BandBank, Edges, Scale, Stft};
use std::collections::HashMap;

/// Cells of a fingerprint: bands on the mel scale by slices of the sound's length.
const BANDS: usize = 24;
const SLICES: usize = 32;
const FFT_SIZE: usize = 2048;
/// What is further below the loudest cell is not heard beside it.
const RANGE_DB: f32 = 60.0;
/// Difference of levels that counts as wholly different.
const DIFFERENT_DB: f32 = 24.0;

/// The least distance of two sounds without notes. Of two loops with notes, whose distance is half by their notes and half by
/// their sound, it is half of what their notes alone must have.
const LEAST_SOUND_DISTANCE: f32 = 0.02;

/// What a sound is like: its level in each band and slice.
#[derive(Debug, Clone, PartialEq)]
pub struct Fingerprint {
    levels_db: Vec<f32>,
    seconds: f32,
}

impl Fingerprint {
    /// Of a sound of any length.
    pub fn of(audio: &AudioBuffer) -> Self {
        let mono = audio.mono();
        let rate_hz = audio.sample_rate.hz();
        let bank = BandBank::new(Scale::Mel, BANDS, 40.0, 0.4 * rate_hz.min(44_100.0), FFT_SIZE, rate_hz);
        let stft = Stft::new(FFT_SIZE, FFT_SIZE / 2);
        let mut spectra = Vec::new();
        stft.for_each_frame(&mono, Edges::Silence, |_, bins| {
            let powers: Vec<f32> = bins.iter().map(|bin| bin.norm_sqr()).collect();
            let mut bands = vec![0.0; BANDS];
            bank.powers(&powers, &mut bands);
            spectra.push(bands);
        });
        let mut cells = vec![0.0f32; BANDS * SLICES];
        for (index, spectrum) in spectra.iter().enumerate() {
            let slice = index * SLICES / spectra.len();
            for (cell, power) in cells[slice * BANDS..].iter_mut().zip(spectrum) {
                *cell += power;
            }
        }
        let loudest = cells.iter().copied().fold(f32::MIN_POSITIVE, f32::max);
        let level = |cell: f32| (10.0 * (cell / loudest).max(1e-9).log10()).max(-RANGE_DB);
        Self { levels_db: cells.into_iter().map(level).collect(), seconds: audio.seconds() as f32 }
    }

    /// From 0.0 (the same) to 1.0: the mean difference of the levels, and of the lengths.
    pub fn distance(&self, other: &Self) -> f32 {
        let differences = self.levels_db.iter().zip(&other.levels_db).map(|(a, b)| (a - b).abs());
        let levels = differences.sum::<f32>() / (BANDS * SLICES) as f32 / DIFFERENT_DB;
        let ratio = (self.seconds / other.seconds.max(1e-3)).max(1e-3).ln().abs();
        (levels + ratio).min(1.0)
    }
}

/// What comparing has shown.
pub struct Alike {
    /// Mean distance of each two loops of a kind.
    pub mean: Option<f32>,
    /// The nearest two.
    pub nearest: Option<(f32, String, String)>,
    /// Those that are too near.
    pub violations: Vec<Violation>,
}

/// Compares each two loops of what the same plays, and each two one-shots.
pub fn compare(sounds: &[Heard], scores: &Scores, rows: &[Row]) -> Alike {
    let mut violations = Vec::new();
    let mut first: HashMap<&str, &str> = HashMap::new();
    for heard in sounds.iter().filter(|heard| !heard.samples.is_empty()) {
        if let Some(other) = first.insert(&heard.samples, &heard.path) {
            violations.push(Violation { path: heard.path.clone(), what: format!("holds the same samples as {other}") });
        }
    }
    let notes = |heard: &Heard| {
        let row = rows.iter().find(|row| row.path == heard.path)?;
        scores.outline_of(&row.path)
    };
    let (mut sum, mut count) = (0.0f64, 0u32);
    let mut nearest: Option<(f32, String, String)> = None;
    for (index, heard) in sounds.iter().enumerate() {
        for other in &sounds[..index] {
            let of_a_kind = heard.kind == other.kind && heard.instrument == other.instrument;
            let (Some(own), Some(theirs)) = (&heard.fingerprint, &other.fingerprint) else { continue };
            if !of_a_kind || !matches!(heard.kind, Some(Kind::Loop | Kind::OneShot)) {
                continue;
            }
            let sound = own.distance(theirs);
            let outlines: (Option<&Outline>, Option<&Outline>) = (notes(heard), notes(other));
            let (distance, least) = match outlines {
                (Some(own), Some(theirs)) => {
                    let role = Role::ALL.into_iter().find(|role| heard.instrument.as_deref() == Some(role.name()));
                    (0.5 * own.distance(theirs) + 0.5 * sound, 0.5 * least_distance(role))
                }
                _ => (sound, LEAST_SOUND_DISTANCE),
            };
            if distance < least && heard.samples != other.samples {
                let what = format!("is like {}: their distance is {distance:.3}, below {least}", other.path);
                violations.push(Violation { path: heard.path.clone(), what });
            }
            if heard.kind == Some(Kind::Loop) {
                sum += f64::from(distance);
                count += 1;
                if nearest.as_ref().is_none_or(|(least, ..)| distance < *least) {
                    nearest = Some((distance, other.path.clone(), heard.path.clone()));
                }
            }
        }
    }
    Alike { mean: (count > 0).then(|| (sum / f64::from(count)) as f32), nearest, violations }
}

#[cfg(test)]
mod tests {
    use super::*;
    use riffsmith_dsp::{SampleRate, Seed};

    fn noise(seed: u64, pole: f32) -> AudioBuffer {
        let mut rng = Seed(seed).rng();
        let mut state = 0.0;
        let frames = (0..44_100).map(|n| {
            state = pole * state + (1.0 - pole) * rng.bipolar();
            let beat = if n % 11_025 < 3000 { 1.0 } else { 0.05 };
            [beat * state; 2]
        });
        AudioBuffer { sample_rate: SampleRate::CD, frames: frames.collect() }
    }

    #[test]
    fn a_sound_is_nearer_to_itself_softer_than_to_another() {
        let sound = noise(1, 0.5);
        let own = Fingerprint::of(&sound);
        let mut softer = sound.clone();
        softer.scale(0.3);
        assert!(own.distance(&Fingerprint::of(&softer)) < 1e-4);
        let again = own.distance(&Fingerprint::of(&noise(2, 0.5)));
        let darker = own.distance(&Fingerprint::of(&noise(1, 0.97)));
        assert!(again < 0.12 && darker > 2.0 * again, "{again} {darker}");
        let mut shorter = sound;
        shorter.frames.truncate(22_050);
        assert!(own.distance(&Fingerprint::of(&shorter)) > 0.5);
    }
}
