//! Changes of bands over time put onto a sound, frame by frame.

use super::bands::{Analysis, BANDS, FLOOR_DB, Image, Survey, UNIT_DB, band_of, unit};
use super::envelope::Envelope;
use super::noise::{PERIOD, even};
use super::sound::{Sound, Spectra};
use super::take::match_loudness;
use super::valleys::valleys;
use riffsmith_dsp::spectral::{Bin, Edges, FrameReader, OverlapAdd};
use riffsmith_dsp::units::db_to_gain;
use riffsmith_dsp::{AudioBuffer, StereoFrame};

/// Change of one frame: [`BANDS`] numbers of each kind, in units; their meanings are those of the generator's `Change`.
#[derive(Debug, Clone, Copy)]
pub struct FrameChange<'a> {
    pub gain: &'a [f32],
    pub valley_gain: &'a [f32],
    pub noise: &'a [f32],
    pub partial_noise: &'a [f32],
    pub ring: &'a [f32],
    /// What would ring on in this frame, of both channels.
    pub rings: [&'a [Bin]; 2],
}

/// A sound on its way through the changes, frame by frame.
pub struct Retouch<'a> {
    survey: &'a Survey,
    envelope: Envelope,
    noise: [Vec<f32>; 2],
    noise_reader: FrameReader<'a>,
    sums: [OverlapAdd<'a>; 2],
    amount: f32,
    hop: usize,
    levels: Vec<f32>,
    valleys: Vec<f32>,
    gains: Vec<f32>,
    noise_gains: Vec<f32>,
    ring_gains: Vec<f32>,
}

impl<'a> Retouch<'a> {
    /// `amount`: above 0.0, to 1.0.
    pub fn new<R>(analysis: &'a Analysis, survey: &'a Survey, sound: &Sound<R>, amount: f32) -> Self {
        let (stft, edges) = (&analysis.stft, sound.edges);
        let hop_s = analysis.hop_s(sound.sample_rate);
        let bins = stft.bins();
        let period = survey.frames.len().clamp(1, PERIOD);
        Self {
            survey,
            envelope: Envelope::new(survey, hop_s, stft.fft_size(), edges),
            noise: [0, 1].map(|channel| even(stft, period, channel)),
            noise_reader: stft.frames(period * stft.hop(), Edges::Loop),
            sums: [0, 1].map(|_| stft.overlap_add(sound.length, edges)),
            amount,
            hop: stft.hop(),
            levels: vec![0.0; bins],
            valleys: Vec::new(),
            gains: vec![0.0; bins],
            noise_gains: vec![0.0; bins],
            ring_gains: vec![0.0; bins],
        }
    }

    /// Changes frame `t` of those that `spectra` holds; returns what no later frame changes any more.
    pub fn frame(
        &mut self,
        t: usize,
        spectra: &mut Spectra,
        change: FrameChange,
    ) -> impl Iterator<Item = StereoFrame> + use<> {
        let [left, right] = spectra.read(t);
        let power = |bin: usize, left: &[Bin], right: &[Bin]| 0.5 * (left[bin].norm_sqr() + right[bin].norm_sqr());
        for (bin, level) in self.levels.iter_mut().enumerate() {
            *level = unit(power(bin, left, right) / self.survey.loudest);
        }
        valleys(&self.levels, &mut self.valleys);

        // Amplitudes of a unit are factors of 10.
        let factor = |units: f32| (units * std::f32::consts::LN_10 * (UNIT_DB / 20.0)).exp();
        let floor = self.survey.loudest.sqrt() * db_to_gain(FLOOR_DB) * self.amount;
        let (mut wet, mut added) = (0.0, 0.0);
        for (bin, &valley) in self.valleys.iter().enumerate() {
            let band = band_of(bin);
            let gain = factor(self.amount * (change.gain[band] + valley * change.valley_gain[band]));
            self.gains[bin] = gain;
            wet += gain * gain * power(bin, left, right);
            let is_banded = bin < super::bands::bins_of(BANDS - 1).end;
            let level = change.noise[band] + (1.0 - valley) * change.partial_noise[band];
            let level = level.min(MAX_NOISE) - FADE * (self.survey.threshold + FAINT - level).max(0.0);
            self.noise_gains[bin] = if is_banded { floor * factor(level) } else { 0.0 };
            self.ring_gains[bin] = self.amount * factor(change.ring[band]);
            let ring = self.ring_gains[bin].powi(2) * power(bin, change.rings[0], change.rings[1]);
            added += self.noise_gains[bin].powi(2) + ring;
        }
        let [gain, scale] = self.envelope.limits(t, self.survey.frames[t], wet, added).map(f32::sqrt);

        let sounds = [left.iter_mut().zip(change.rings[0]), right.iter_mut().zip(change.rings[1])];
        for channel in sounds {
            for ((value, ring), gains) in channel.zip(self.gains.iter().zip(&self.ring_gains)) {
                *value = *value * (gain * gains.0) + ring * (scale * gains.1);
            }
        }
        let at = t % (self.noise[0].len() / self.hop);
        // The first channel's noise is part of the second one's, as far as the sound's channels are alike.
        let (alike, own) =
            (|image: &Image| image.correlation, |image: &Image| (1.0 - image.correlation.powi(2)).sqrt());
        for (index, noise) in self.noise.iter().enumerate() {
            let bins = self.noise_reader.read(at, |i| noise[i]);
            for (bin, (noise, level)) in bins.iter().zip(&self.noise_gains).enumerate() {
                let image = &self.survey.image[band_of(bin)];
                let shares = if index == 0 { [1.0, alike(image)] } else { [0.0, own(image)] };
                left[bin] += *noise * (scale * level * image.gains[0] * shares[0]);
                right[bin] += *noise * (scale * level * image.gains[1] * shares[1]);
            }
        }
        self.sums[0].add(t, left);
        self.sums[1].add(t, right);
        let [left, right] = &mut self.sums;
        left.drain(t + 1).into_iter().zip(right.drain(t + 1)).map(|(left, right)| [left, right])
    }

    /// What is left of the changed sound.
    pub fn finish(self) -> impl Iterator<Item = StereoFrame> {
        let [left, right] = self.sums.map(OverlapAdd::finish);
        left.into_iter().zip(right).map(|(left, right)| [left, right])
    }
}

/// The sound with the same gain of each band from start to end, in units.
pub fn equalize(audio: &AudioBuffer, gains: &[f32]) -> AudioBuffer {
    let analysis = Analysis::new(audio.sample_rate);
    let equalized = |channel: usize| {
        analysis.stft.process(&audio.channel(channel), Edges::Silence, |_, bins| {
            for (bin, value) in bins.iter_mut().enumerate() {
                *value *= db_to_gain(UNIT_DB * gains[band_of(bin)]);
            }
        })
    };
    let frames = equalized(0).into_iter().zip(equalized(1)).map(|(left, right)| [left, right]).collect();
    let mut equalized = AudioBuffer { sample_rate: audio.sample_rate, frames };
    match_loudness(&mut equalized, audio);
    equalized
}

/// Noise less than this above the threshold of what is heard, 7 dB in units, is no nearer to a recorded sound's own noise than none: two
/// draws are 6 to 8 dB apart. It is faded by this much more than it is lower: alone it earns nothing, in a thousand bins it hisses.
const FAINT: f32 = 0.35;
const FADE: f32 = 3.0;

/// Highest level of noise, in units above the floor: as loud in every bin as the loudest frame is as a whole.
const MAX_NOISE: f32 = -FLOOR_DB / UNIT_DB;
