//! Changes of bands over time put onto a sound, with what keeps it clean: no echo before an attack, the same image and loudness.

use super::bands::{Analysis, BANDS, FLOOR_DB, Image, Survey, UNIT_DB, band_of, unit};
use super::envelope::Envelope;
use super::noise::white;
use super::valleys::valleys;
use riffsmith_dsp::loudness::integrated_lufs;
use riffsmith_dsp::spectral::{Bin, Edges, FrameReader, OverlapAdd};
use riffsmith_dsp::units::db_to_gain;
use riffsmith_dsp::{AudioBuffer, StereoFrame};

/// Length of the blocks in which energy is compared to find echoes before an attack.
const GUARD_BLOCK_S: f64 = 0.003;

/// A block is before an attack if it is this far below the loudest block within reach of the window. The trough of the
/// lowest bass note between two half waves is some 20 dB deep in a block of this length.
const GUARD_DEPTH: f32 = 1e-3;

/// Change of one frame: [`BANDS`] numbers each, in units; their meanings are those of the generator's `Change`.
#[derive(Debug, Clone, Copy)]
pub struct FrameChange<'a> {
    pub gain: &'a [f32],
    pub valley_gain: &'a [f32],
    pub noise: &'a [f32],
    pub partial_noise: &'a [f32],
}

/// A sound on its way through the changes, frame by frame.
pub struct Retouch<'a> {
    survey: &'a Survey,
    envelope: Envelope,
    channels: [&'a [f32]; 2],
    readers: [FrameReader<'a>; 2],
    noise: [FrameReader<'a>; 2],
    sums: [OverlapAdd<'a>; 2],
    amount: f32,
    /// Of the bins of white noise of variance 1, to have a mean power of 1.
    noise_scale: f32,
    levels: Vec<f32>,
    valleys: Vec<f32>,
    gains: Vec<f32>,
    noise_gains: Vec<f32>,
}

impl<'a> Retouch<'a> {
    /// `amount`: above 0.0, to 1.0.
    pub fn new(
        analysis: &'a Analysis,
        survey: &'a Survey,
        channels: [&'a [f32]; 2],
        edges: Edges,
        amount: f32,
        hop_s: f64,
    ) -> Self {
        let (stft, length) = (&analysis.stft, channels[0].len());
        let reader = || stft.frames(length, edges);
        let bins = stft.bins();
        Self {
            survey,
            envelope: Envelope::new(survey, hop_s, stft.fft_size(), edges),
            channels,
            readers: [reader(), reader()],
            noise: [reader(), reader()],
            sums: [0, 1].map(|_| stft.overlap_add(length, edges)),
            amount,
            // The mean of Hann's square is 3/8.
            noise_scale: (0.375 * stft.fft_size() as f32).sqrt().recip(),
            levels: vec![0.0; bins],
            valleys: Vec::new(),
            gains: vec![0.0; bins],
            noise_gains: vec![0.0; bins],
        }
    }

    /// Changes frame `t` and adds it to the result.
    pub fn frame(&mut self, t: usize, change: FrameChange) {
        let [left, right] = &mut self.readers;
        let (left, right) = (left.read(t, |i| self.channels[0][i]), right.read(t, |i| self.channels[1][i]));
        let power = |bin: usize, left: &[Bin], right: &[Bin]| 0.5 * (left[bin].norm_sqr() + right[bin].norm_sqr());
        for (bin, level) in self.levels.iter_mut().enumerate() {
            *level = unit(power(bin, left, right) / self.survey.loudest);
        }
        valleys(&self.levels, &mut self.valleys);

        // Amplitudes of a unit are factors of 10.
        let factor = |units: f32| (units * std::f32::consts::LN_10 * (UNIT_DB / 20.0)).exp();
        let floor = self.survey.loudest.sqrt() * db_to_gain(FLOOR_DB) * self.amount;
        let (mut wet, mut hiss) = (0.0, 0.0);
        for (bin, &valley) in self.valleys.iter().enumerate() {
            let band = band_of(bin);
            let gain = factor(self.amount * (change.gain[band] + valley * change.valley_gain[band]));
            self.gains[bin] = gain;
            wet += gain * gain * power(bin, left, right);
            let is_banded = bin < super::bands::bins_of(BANDS - 1).end;
            let level = change.noise[band] + (1.0 - valley) * change.partial_noise[band];
            let level = level.min(MAX_NOISE) - FADE * (self.survey.threshold - level).max(0.0);
            self.noise_gains[bin] = if is_banded { floor * factor(level) } else { 0.0 };
            hiss += self.noise_gains[bin].powi(2);
        }
        let [gain, hiss] = self.envelope.limits(t, self.survey.frames[t], wet, hiss).map(f32::sqrt);
        let scale = hiss * self.noise_scale;

        let [first, second] = &mut self.noise;
        let (first, second) = (first.read(t, |i| white(0, i)), second.read(t, |i| white(1, i)));
        for bin in 0..left.len() {
            let Image { gains, correlation } = self.survey.image[band_of(bin)];
            let noise = [first[bin], first[bin] * correlation + second[bin] * (1.0 - correlation.powi(2)).sqrt()];
            left[bin] = left[bin] * (gain * self.gains[bin]) + noise[0] * (scale * gains[0] * self.noise_gains[bin]);
            right[bin] = right[bin] * (gain * self.gains[bin]) + noise[1] * (scale * gains[1] * self.noise_gains[bin]);
        }
        self.sums[0].add(t, left);
        self.sums[1].add(t, right);
    }

    /// The changed sound, made clean by comparison with `audio`, the sound it was.
    pub fn finish(self, audio: &AudioBuffer, fft_size: usize, edges: Edges) -> AudioBuffer {
        let [left, right] = self.sums.map(OverlapAdd::finish);
        let frames = left.into_iter().zip(right).map(|(left, right)| [left, right]).collect();
        let mut refined = AudioBuffer { sample_rate: audio.sample_rate, frames };
        let block = audio.sample_rate.frames(GUARD_BLOCK_S).max(1);
        guard_attacks(&audio.frames, &mut refined.frames, block, fft_size / block, edges);
        match_loudness(&mut refined, audio);
        refined
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

/// Noise below the threshold of what is heard is this much farther below it: alone it earns nothing, in a thousand bins it hisses.
const FADE: f32 = 3.0;

/// Highest level of noise, in units above the floor: as loud in every bin as the loudest frame is as a whole.
const MAX_NOISE: f32 = -FLOOR_DB / UNIT_DB;

/// Takes away what the window spread ahead of attacks: where the dry sound is far below what follows within `reach` blocks,
/// the refined one gets no louder than it. Blocks are about `block` frames long, and all equally so.
fn guard_attacks(dry: &[StereoFrame], refined: &mut [StereoFrame], block: usize, reach: usize, edges: Edges) {
    let (length, count) = (dry.len(), dry.len().div_ceil(block));
    let span = |b: usize| b * length / count..(b + 1) * length / count;
    let energy = |frames: &[StereoFrame]| frames.iter().flatten().map(|sample| sample * sample).sum::<f32>();
    let energies: Vec<(f32, f32)> = (0..count).map(|b| (energy(&dry[span(b)]), energy(&refined[span(b)]))).collect();
    let gain = |b: usize| {
        let ahead = (b + 1..=b + reach).filter(|&later| later < count || edges == Edges::Loop);
        let loudest = ahead.map(|later| energies[later % count].0).fold(0.0, f32::max);
        let (dry, wet) = energies[b];
        if dry < GUARD_DEPTH * loudest && wet > dry { (dry / wet).sqrt() } else { 1.0 }
    };
    let gains: Vec<f32> = (0..count).map(gain).collect();
    // Within a block the gain moves in a straight line from edge to edge; an edge has the larger gain of its two blocks, so
    // that the attack itself is left alone.
    let at_edge = |b: usize, neighbour: usize| match edges {
        Edges::Silence if neighbour == count => gains[b],
        _ => gains[b].max(gains[neighbour % count]),
    };
    for b in 0..count {
        let before = if b > 0 || edges == Edges::Loop { at_edge(b, (b + count - 1) % count) } else { gains[b] };
        let after = at_edge(b, b + 1);
        if before < 1.0 || after < 1.0 {
            let frames = &mut refined[span(b)];
            let step = (after - before) / frames.len() as f32;
            for (i, frame) in frames.iter_mut().enumerate() {
                let gain = before + step * (i as f32 + 0.5);
                *frame = frame.map(|sample| sample * gain);
            }
        }
    }
}

/// Makes `audio` as loud as `model`, in LUFS, or by RMS where that gates all of it; silence stays silence.
pub fn match_loudness(audio: &mut AudioBuffer, model: &AudioBuffer) {
    let difference_lu = integrated_lufs(model) - integrated_lufs(audio);
    let gain = if difference_lu.is_finite() { db_to_gain(difference_lu) } else { model.rms() / audio.rms() };
    if gain.is_finite() {
        audio.scale(gain);
    }
}
