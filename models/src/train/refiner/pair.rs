//! One pair of sounds, ours and the reference, of the same notes, onsets and level.

use super::distance;
use super::example::{EXAMPLE_S, example, rendering_rate};
use super::pairing::{Pairing, is_drum};
use super::pool::{BINS, Entry};
use crate::piece::Split;
use crate::refiner::Family;
use crate::refiner::bands::{self, Analysis, BANDS, UNIT_DB};
use crate::refiner::ring::Ring;
use crate::refiner::sound::Sound;
use crate::refiner::take::match_loudness;
use half::f16;
use riffsmith_dsp::mix::{self, Channel, Mix};
use riffsmith_dsp::score::Score;
use riffsmith_dsp::soundfont::Reference;
use riffsmith_dsp::spectral::{Bin, Edges};
use riffsmith_dsp::synth::Ending;
use riffsmith_dsp::{AudioBuffer, SampleRate, Seed};

/// Onsets farther apart than this are a different attack, not a late one, and stay where they are.
const MAX_SHIFT_S: f64 = 0.03;

/// Part of the peak at which a sound counts as begun.
const ONSET_LEVEL: f32 = 0.1;

/// Our sound and the reference, equally long, begun together, equally loud.
#[derive(Debug, Clone, PartialEq)]
pub struct Pair {
    /// The family of both.
    pub family: Family,
    /// What was paired: `warm_pad -> program 89`.
    pub label: String,
    /// Our synthesizer's sound.
    pub ours: AudioBuffer,
    /// What it should sound like.
    pub reference: AudioBuffer,
}

impl Pair {
    /// The pair that `seed` draws; `None` if one of the two stays silent.
    pub(super) fn render(pairing: &Pairing, reference: &Reference, split: Split, seed: Seed) -> Option<Self> {
        let score = example(pairing, split, seed.fork("notes"));
        let rate = rendering_rate(split, is_drum(pairing.family), seed.fork("rate"));
        let ours = Self::ours(pairing, &score, seed, rate)?;
        let mut reference = reference.render(&score, &score.tracks[0], rate, ours.len());
        reference.sample_rate = SampleRate::CD;
        Self::matched(pairing.family, pairing.label(), ours, reference)
    }

    /// The one track of `score` played by our patch at `rate`, and heard at [`SampleRate::CD`], [`EXAMPLE_S`] long.
    pub(super) fn ours(pairing: &Pairing, score: &Score, seed: Seed, rate: SampleRate) -> Option<AudioBuffer> {
        let channels = [("1".to_owned(), Channel::new(pairing.patch.clone()))].into();
        let mix = Mix { channels, ..Mix::default() };
        let mut ours = mix::render(score, &mix, rate, Ending::Ring, seed.fork("ours")).pop()?.audio;
        ours.sample_rate = SampleRate::CD;
        ours.frames.resize(ours.sample_rate.frames(EXAMPLE_S), [0.0; 2]);
        Some(ours)
    }

    /// The pair with the reference moved to our onset and brought to our level; `None` if one of the two is silent.
    pub fn matched(family: Family, label: String, ours: AudioBuffer, mut reference: AudioBuffer) -> Option<Self> {
        let shift = onset(&ours)? as isize - onset(&reference)? as isize;
        let frames = reference.len();
        if shift.unsigned_abs() <= ours.sample_rate.frames(MAX_SHIFT_S) {
            let away = shift.unsigned_abs().min(frames);
            if shift > 0 {
                reference.frames.splice(0..0, vec![[0.0; 2]; away]);
            } else {
                reference.frames.drain(..away);
            }
            reference.frames.resize(frames, [0.0; 2]);
        }
        match_loudness(&mut reference, &ours);
        Some(Self { family, label, ours, reference })
    }

    /// What the networks see of it.
    pub(super) fn entry(&self, analysis: &Analysis) -> Entry {
        let Ok(survey) = analysis.survey(&mut Sound::of(&self.ours, Edges::Silence));
        let [mut left, mut right] = [0, 1].map(|_| analysis.stft.frames(self.ours.len(), Edges::Silence));
        let (mut levels, mut units) = (Vec::new(), vec![0.0; BANDS]);
        let (mut rings, bins) = (Vec::new(), analysis.stft.bins());
        let mut ring = Ring::new(bins, analysis.hop_s(self.ours.sample_rate));
        let mut held = [0, 1].map(|_| vec![Bin::default(); bins]);
        for t in 0..left.count() {
            let (left, right) =
                (&*left.read(t, |i| self.ours.frames[i][0]), &*right.read(t, |i| self.ours.frames[i][1]));
            bands::levels(left, right, survey.loudest, &mut units);
            levels.extend(units.iter().copied().map(f16::from_f32));
            let [held_left, held_right] = &mut held;
            ring.follow([left, right], [held_left, held_right]);
            let powers = held_left.iter().zip(held_right.iter()).map(|(left, right)| (0.5 * (left + right)).norm_sqr());
            rings.extend(powers.take(BINS).map(|power| bands::unit(power / survey.loudest)));
        }
        let cells = |audio: &AudioBuffer| {
            let mut cells: Vec<f32> = Vec::new();
            analysis.stft.for_each_frame(&audio.mono(), Edges::Silence, |_, bins| {
                cells.extend(bins[..BINS].iter().map(|bin| bands::unit(bin.norm_sqr() / survey.loudest)));
            });
            cells
        };
        let (ours, reference) = (cells(&self.ours), cells(&self.reference));
        let floor = reference.iter().copied().fold(f32::NEG_INFINITY, f32::max) + distance::FLOOR_DB / UNIT_DB;
        let halves = |cells: Vec<f32>| cells.into_iter().map(f16::from_f32).collect();
        let (ours, reference, rings) = (halves(ours), halves(reference), halves(rings));
        Entry { family: self.family, levels, colour: survey.colour, ours, rings, reference, floor }
    }
}

/// The first frame that reaches [`ONSET_LEVEL`] of the peak.
pub(super) fn onset(audio: &AudioBuffer) -> Option<usize> {
    let threshold = audio.peak() * ONSET_LEVEL;
    audio.frames.iter().position(|frame| frame[0].abs().max(frame[1].abs()) >= threshold && threshold > 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_begin_together_at_the_same_level() {
        let mut ours = AudioBuffer::silence(SampleRate::CD, 5000);
        let mut reference = ours.clone();
        for i in 0..2000 {
            let sample = (i as f32 * 0.1).cos();
            ours.frames[500 + i] = [sample, sample];
            reference.frames[1100 + i] = [0.1 * sample, 0.1 * sample];
        }
        let pair = Pair::matched(Family::Keys, String::new(), ours.clone(), reference).expect("neither is silent");
        for (a, b) in pair.ours.frames.iter().zip(&pair.reference.frames) {
            assert!((a[0] - b[0]).abs() < 1e-5);
        }
        let silent = AudioBuffer::silence(SampleRate::CD, 5000);
        assert_eq!(Pair::matched(Family::Keys, String::new(), ours, silent), None);
    }
}
