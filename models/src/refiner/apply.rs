//! Changes of bands over time put onto a sound, frame by frame.

use super::bands::{Analysis, BANDS, FLOOR_DB, Image, Survey, UNIT_DB, band_of, bins_of, unit};
use super::consistency::{Consistent, Frame};
use super::envelope::Envelope;
use super::noise::{PERIOD, even, faded};
use super::sound::{Sound, Spectra};
use super::take::match_loudness;
use super::valleys::valleys;
use riffsmith_dsp::spectral::{Bin, Edges, FrameReader};
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
    sum: Consistent<'a>,
    amount: f32,
    hop: usize,
    levels: Vec<f32>,
    valleys: Vec<f32>,
    gains: Vec<f32>,
    noise_gains: Vec<f32>,
    ring_gains: Vec<f32>,
    /// Of each band: how much of either noise the middle gets, and the side.
    places: Vec<[[f32; 2]; 2]>,
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
            sum: Consistent::new(stft, sound.length, edges),
            amount,
            hop: stft.hop(),
            levels: vec![0.0; bins],
            valleys: Vec::new(),
            gains: vec![0.0; bins],
            noise_gains: vec![0.0; bins],
            ring_gains: vec![0.0; bins],
            places: survey.image.iter().map(noise_place).collect(),
        }
    }

    /// Changes frame `t` of those that `spectra` holds; returns what no later frame changes any more.
    pub fn frame(&mut self, t: usize, spectra: &mut Spectra, change: FrameChange) -> Vec<StereoFrame> {
        let [left, right] = spectra.read(t);
        let sound = [&*left, &*right];
        let [wet, added] = self.set_gains(sound, change);
        let limits = self.envelope.limits(t, self.survey.frames[t], wet, added);
        let frame = self.changed(t, sound, change.rings, limits.map(f32::sqrt));
        self.sum.add(frame)
    }

    /// What each bin is multiplied by; returns the power of the frame's own part then, and of what is added.
    fn set_gains(&mut self, sound: [&[Bin]; 2], change: FrameChange) -> [f32; 2] {
        for (bin, level) in self.levels.iter_mut().enumerate() {
            *level = unit(power(sound, bin) / self.survey.loudest);
        }
        valleys(&self.levels, &mut self.valleys);
        // Amplitudes of a unit are factors of 10.
        let factor = |units: f32| (units * std::f32::consts::LN_10 * (UNIT_DB / 20.0)).exp();
        let floor = self.survey.loudest.sqrt() * db_to_gain(FLOOR_DB) * self.amount;
        let behind_all = bins_of(BANDS - 1).end;
        let (mut wet, mut added) = (0.0, 0.0);
        for (bin, &valley) in self.valleys.iter().enumerate() {
            let band = band_of(bin);
            self.gains[bin] = factor(self.amount * (change.gain[band] + valley * change.valley_gain[band]));
            let level = change.noise[band] + (1.0 - valley) * change.partial_noise[band];
            let level = faded(level, self.survey.threshold).min(MAX_NOISE);
            self.noise_gains[bin] = if bin < behind_all { floor * factor(level) } else { 0.0 };
            self.ring_gains[bin] = self.amount * factor(change.ring[band]);
            wet += self.gains[bin].powi(2) * power(sound, bin);
            added += self.noise_gains[bin].powi(2) + self.ring_gains[bin].powi(2) * power(change.rings, bin);
        }
        [wet, added]
    }

    /// Frame `t` with these gains, its own part and what is added multiplied by `limits`.
    fn changed(&mut self, t: usize, sound: [&[Bin]; 2], rings: [&[Bin]; 2], limits: [f32; 2]) -> Frame {
        let at = t % (self.noise[0].len() / self.hop);
        let noise = [0, 1].map(|channel: usize| self.noise_reader.read(at, |i| self.noise[channel][i]).to_vec());
        let mut frame = Frame::default();
        for (channel, sign) in [1.0, -1.0].into_iter().enumerate() {
            let half = |pair: [&[Bin]; 2], bin: usize| (pair[0][bin] + pair[1][bin] * sign) * 0.5;
            for (bin, (one, other)) in noise[0].iter().zip(&noise[1]).enumerate() {
                let own = half(sound, bin) * (limits[0] * self.gains[bin]);
                let ring = half(rings, bin) * (limits[1] * self.ring_gains[bin]);
                let shares = self.places[band_of(bin)][channel].map(|share| share * limits[1] * self.noise_gains[bin]);
                let hiss = one * shares[0] + other * shares[1];
                frame.channels[channel].push(own + ring + hiss);
                // What has nothing to do with each other adds up by power.
                let hiss = shares[0] * shares[0] + shares[1] * shares[1];
                frame.powers[channel].push(own.norm_sqr() + ring.norm_sqr() + hiss);
            }
        }
        frame
    }

    /// What is left of the changed sound.
    pub fn finish(self) -> Vec<StereoFrame> {
        self.sum.finish()
    }
}

/// Power of a bin, mean of both channels.
fn power(pair: [&[Bin]; 2], bin: usize) -> f32 {
    0.5 * (pair[0][bin].norm_sqr() + pair[1][bin].norm_sqr())
}

/// How much of two independent noises the middle and the side of a band get, so that its noise lies where its sound does and has its own
/// level in the middle, which is what the network has learnt.
fn noise_place(image: &Image) -> [[f32; 2]; 2] {
    let ([left, right], correlation) = (image.gains, image.correlation);
    let (alike, own) = (right * correlation, right * (1.0 - correlation * correlation).sqrt());
    let [middle, side] = [[0.5 * (left + alike), 0.5 * own], [0.5 * (left - alike), -0.5 * own]];
    // Channels of opposite phase have little of it in the middle.
    let level = (middle[0] * middle[0] + middle[1] * middle[1]).sqrt().max(0.5);
    [middle, side].map(|shares| shares.map(|share| share / level))
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

/// Highest level of noise, in units above the floor: as loud in every bin as the loudest frame is as a whole.
const MAX_NOISE: f32 = -FLOOR_DB / UNIT_DB;
