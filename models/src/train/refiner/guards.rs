//! What refining must not move: onsets, pitch, level, image, seams, silence.

use crate::refiner::attacks::{Course, Energies};
use crate::refiner::bounds::{MASKED_S, pitch_cents};
use crate::refiner::sound::Sound;
use riffsmith_dsp::levels::measure;
use riffsmith_dsp::loudness::integrated_lufs;
use riffsmith_dsp::seam::seam_score;
use riffsmith_dsp::spectral::Edges;
use riffsmith_dsp::units::gain_to_db;
use riffsmith_dsp::{AudioBuffer, StereoFrame};

/// Silence before and behind a sound that is watched for echoes.
const BEFORE_S: f64 = 0.25;
const BEHIND_S: f64 = 2.0;

/// Part of [`BEHIND_S`], at its end, in which no tail may be left.
const SILENT_S: f64 = 1.0;

/// What one sound's refinement moved.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Moved {
    /// How many attacks there are.
    pub attacks: usize,
    /// By how much the one that moved farthest comes later or earlier, in milliseconds.
    pub onset_ms: f32,
    /// By how much the pitch is off in cents, where both have one.
    pub pitch_cents: f32,
    /// Difference in loudness, in LU.
    pub level_lu: f32,
    /// Difference of the correlation of left and right.
    pub correlation: f32,
    /// Loudest of what sounds before an attack and did not before, in dB: before the first one, the loudest sample re the peak; before others,
    /// the energy of a block that is louder than what sounded before it and than ours, re the attack's.
    pub echo_db: f32,
    /// Loudest sample one second and later after the sound's end, in dBFS.
    pub silence_dbfs: f32,
    /// Seam score of the sound as a loop, refined, where it is closed unrefined: up to 1.0.
    pub seam: f32,
    /// By how much the peak is higher, in dB: what a limiter has to take.
    pub peak_db: f32,
}

impl Moved {
    /// The larger of both, each for itself; of attacks the sum.
    pub fn worst(self, other: Self) -> Self {
        Self {
            attacks: self.attacks + other.attacks,
            onset_ms: self.onset_ms.max(other.onset_ms),
            pitch_cents: self.pitch_cents.max(other.pitch_cents),
            level_lu: self.level_lu.max(other.level_lu),
            correlation: self.correlation.max(other.correlation),
            echo_db: self.echo_db.max(other.echo_db),
            silence_dbfs: self.silence_dbfs.max(other.silence_dbfs),
            seam: self.seam.max(other.seam),
            peak_db: self.peak_db.max(other.peak_db),
        }
    }
}

/// Refines a sound with silence around it, and once more as a loop, and measures what moved; the pitch where it is `pitched`.
pub fn watch(sound: &AudioBuffer, pitched: bool, refine: &dyn Fn(&AudioBuffer, Edges) -> AudioBuffer) -> Moved {
    let rate = sound.sample_rate;
    let (before, behind) = (rate.frames(BEFORE_S), rate.frames(BEHIND_S));
    let mut dry = AudioBuffer::silence(rate, before + sound.len() + behind);
    dry.frames[before..before + sound.len()].copy_from_slice(&sound.frames);
    let wet = refine(&dry, Edges::Silence);
    let correlation = |audio: &AudioBuffer| measure(audio).correlation.unwrap_or(1.0);
    let first = dry.frames.iter().position(|frame| frame.iter().any(|&sample| sample != 0.0)).unwrap_or(before);
    let quiet = first.saturating_sub(rate.frames(MASKED_S));
    let peak = |frames: &[StereoFrame]| frames.iter().flatten().fold(0.0f32, |peak, sample| peak.max(sample.abs()));
    let last = wet.len() - rate.frames(SILENT_S);
    let folded = fold(sound);
    let energies = [&dry, &wet].map(|audio| {
        let Ok(energies) = Energies::of(&mut Sound::of(audio, Edges::Silence));
        energies
    });
    let [course, made] = energies.clone().map(Course::from);
    let attacks = course.attacks();
    let [ours, refined] = &energies;
    let first_echo_db = gain_to_db(peak(&wet.frames[..quiet]) / wet.peak().max(f32::MIN_POSITIVE));
    Moved {
        attacks: attacks.len(),
        onset_ms: attacks.iter().map(|attack| course.moved_ms(attack, &made).abs()).fold(0.0, f32::max),
        pitch_cents: if pitched { pitch_cents(&dry, &wet) } else { 0.0 },
        level_lu: (integrated_lufs(&wet) - integrated_lufs(&dry)).abs(),
        correlation: (correlation(&wet) - correlation(&dry)).abs(),
        echo_db: first_echo_db.max(ours.echo_db(&attacks, refined)),
        silence_dbfs: gain_to_db(peak(&wet.frames[last..])),
        seam: if seam_score(&folded) <= 1.0 { seam_score(&refine(&folded, Edges::Loop)) } else { 0.0 },
        peak_db: gain_to_db(wet.peak() / dry.peak().max(f32::MIN_POSITIVE)),
    }
}

/// A loop of half the length, the second half folded round its end; what still sounds there fades out first.
fn fold(sound: &AudioBuffer) -> AudioBuffer {
    let half = sound.len().div_ceil(2);
    let mut sound = sound.clone();
    let count = sound.len();
    for (i, frame) in sound.frames.iter_mut().enumerate().skip(half) {
        *frame = frame.map(|sample| sample * (count - i) as f32 / (count - half) as f32);
    }
    let mut folded = AudioBuffer { sample_rate: sound.sample_rate, frames: sound.frames[..half].to_vec() };
    folded.add(&AudioBuffer { sample_rate: sound.sample_rate, frames: sound.frames[half..].to_vec() });
    folded
}

#[cfg(test)]
mod tests {
    use super::*;
    use riffsmith_dsp::SampleRate;

    fn pluck(hz: f32) -> AudioBuffer {
        let mut audio = AudioBuffer::silence(SampleRate::CD, 60_000);
        for (i, frame) in audio.frames.iter_mut().enumerate() {
            let seconds = i as f32 / 44_100.0;
            let wave: f32 = (1..8).map(|k| (std::f32::consts::TAU * hz * k as f32 * seconds).sin() / k as f32).sum();
            *frame = [0.2 * wave * (-4.0 * seconds).exp(), 0.1 * wave * (-4.0 * seconds).exp()];
        }
        audio
    }

    #[test]
    fn nothing_moved_is_seen_as_that() {
        let moved = watch(&pluck(220.0), true, &|audio, _| audio.clone());
        let Moved { onset_ms, pitch_cents, level_lu, correlation, echo_db, silence_dbfs, peak_db, .. } = moved;
        assert_eq!((onset_ms, pitch_cents, level_lu, correlation, peak_db), (0.0, 0.0, 0.0, 0.0, 0.0));
        assert_eq!((echo_db, silence_dbfs), (f32::NEG_INFINITY, f32::NEG_INFINITY));
    }

    #[test]
    fn what_moved_is_found() {
        let late = watch(&pluck(220.0), true, &|audio, _| {
            let mut late = audio.clone();
            late.frames.rotate_right(44 * 5);
            late.scale(0.5);
            late.frames.iter_mut().for_each(|frame| frame[1] = -frame[1]);
            late
        });
        assert!((late.onset_ms - 5.0).abs() <= 0.5, "{late:?}");
        assert!((late.level_lu - 6.02).abs() < 0.2 && (late.correlation - 2.0).abs() < 1e-3, "{late:?}");
        let hissing = watch(&pluck(220.0), true, &|audio, _| {
            let mut hissing = audio.clone();
            hissing.frames.iter_mut().for_each(|frame| *frame = frame.map(|sample| sample + 1e-3));
            hissing
        });
        assert!(hissing.echo_db > -60.0 && (hissing.silence_dbfs + 60.0).abs() < 0.1, "{hissing:?}");
        let sharp = watch(&pluck(220.0), true, &|audio, _| {
            let first = audio.frames.iter().position(|frame| frame[0] != 0.0).unwrap_or(0);
            let mut sharp = pluck(221.0);
            sharp.frames.splice(0..0, vec![[0.0; 2]; first]);
            sharp.frames.resize(audio.len(), [0.0; 2]);
            sharp
        });
        // 221 Hz is 7.85 cents above 220 Hz.
        assert!((sharp.pitch_cents - 7.85).abs() < 0.5, "{sharp:?}");
    }
}
