//! Changes of bands over time put onto a sound, with what keeps it clean: no echo before an attack, the same image and loudness.

use super::bands::{Analysis, BANDS, FLOOR_DB, Image, Survey, UNIT_DB, band_of, unit};
use super::envelope::Envelope;
use super::noise::{PERIOD, even};
use super::valleys::valleys;
use riffsmith_dsp::loudness::integrated_lufs;
use riffsmith_dsp::spectral::{Bin, Edges, FrameReader, OverlapAdd};
use riffsmith_dsp::units::db_to_gain;
use riffsmith_dsp::{AudioBuffer, SampleRate, StereoFrame};

/// Length of the blocks in which energy is compared to find echoes before an attack: well within 2 ms, which the ear does not hear.
const GUARD_BLOCK_S: f64 = 0.0007;

/// A block is before an attack if all that was in the last 12 ms, half a wave of the lowest bass note, is this far below the loudest
/// block within reach of the window.
const GUARD_BEFORE_S: f64 = 0.012;
const GUARD_DEPTH: f32 = 1e-3;

/// Energy of an echo re the attack's that nobody hears: -70 dB.
const INAUDIBLE: f32 = 1e-7;

/// Part of the peak of its block at which an attack has begun.
const ATTACK_BEGUN: f32 = 0.1;

/// Scales of the side that may be needed, steps of bisection to find one, and what difference of correlation is none.
const WIDTHS: [f64; 2] = [0.25, 4.0];
const WIDTH_STEPS: usize = 20;
const LIKE: f64 = 0.01;

/// Steps in which loudness is matched, at most.
const LOUDNESS_STEPS: usize = 4;

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
    audio: &'a AudioBuffer,
    readers: [FrameReader<'a>; 2],
    noise: [Vec<f32>; 2],
    noise_reader: FrameReader<'a>,
    sums: [OverlapAdd<'a>; 2],
    /// What no later frame changes any more.
    refined: Vec<StereoFrame>,
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
    pub fn new(
        analysis: &'a Analysis,
        survey: &'a Survey,
        audio: &'a AudioBuffer,
        edges: Edges,
        amount: f32,
        hop_s: f64,
    ) -> Self {
        let (stft, length) = (&analysis.stft, audio.len());
        let reader = || stft.frames(length, edges);
        let bins = stft.bins();
        let period = survey.frames.len().clamp(1, PERIOD);
        Self {
            survey,
            envelope: Envelope::new(survey, hop_s, stft.fft_size(), edges),
            audio,
            refined: Vec::with_capacity(length),
            readers: [reader(), reader()],
            noise: [0, 1].map(|channel| even(stft, period, channel)),
            noise_reader: stft.frames(period * stft.hop(), Edges::Loop),
            sums: [0, 1].map(|_| stft.overlap_add(length, edges)),
            amount,
            hop: stft.hop(),
            levels: vec![0.0; bins],
            valleys: Vec::new(),
            gains: vec![0.0; bins],
            noise_gains: vec![0.0; bins],
            ring_gains: vec![0.0; bins],
        }
    }

    /// Changes frame `t` and adds it to the result.
    pub fn frame(&mut self, t: usize, change: FrameChange) {
        let [left, right] = &mut self.readers;
        let (left, right) = (left.read(t, |i| self.audio.frames[i][0]), right.read(t, |i| self.audio.frames[i][1]));
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
        self.refined.extend(left.drain(t + 1).into_iter().zip(right.drain(t + 1)).map(|(left, right)| [left, right]));
    }

    /// The changed sound, made clean by comparison with the sound it was.
    pub fn finish(self, fft_size: usize, edges: Edges) -> AudioBuffer {
        let (audio, mut frames) = (self.audio, self.refined);
        let [left, right] = self.sums.map(OverlapAdd::finish);
        frames.extend(left.into_iter().zip(right).map(|(left, right)| [left, right]));
        let mut refined = AudioBuffer { sample_rate: audio.sample_rate, frames };
        let reach_s = fft_size as f64 / audio.sample_rate.hz();
        guard_attacks(&audio.frames, &mut refined.frames, audio.sample_rate, reach_s, edges);
        match_image(&mut refined, audio);
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

/// Noise less than this above the threshold of what is heard, 7 dB in units, is no nearer to a recorded sound's own noise than none: two
/// draws are 6 to 8 dB apart. It is faded by this much more than it is lower: alone it earns nothing, in a thousand bins it hisses.
const FAINT: f32 = 0.35;
const FADE: f32 = 3.0;

/// Highest level of noise, in units above the floor: as loud in every bin as the loudest frame is as a whole.
const MAX_NOISE: f32 = -FLOOR_DB / UNIT_DB;

/// Takes away what the window spread ahead of attacks: where the dry sound has been far below what follows within `reach_s`, the
/// refined one gets no louder than it, or than it was itself before: what rings on is not broken off.
fn guard_attacks(dry: &[StereoFrame], refined: &mut [StereoFrame], rate: SampleRate, reach_s: f64, edges: Edges) {
    let length = dry.len();
    let count = length.div_ceil(rate.frames(GUARD_BLOCK_S).max(1));
    let blocks = |seconds: f64| (seconds / GUARD_BLOCK_S).ceil() as usize;
    let span = |b: usize| b * length / count..(b + 1) * length / count;
    let energy = |frames: &[StereoFrame]| frames.iter().flatten().map(|sample| sample * sample).sum::<f32>();
    let energies: Vec<(f32, f32)> = (0..count).map(|b| (energy(&dry[span(b)]), energy(&refined[span(b)]))).collect();
    // The loudest block from `first` to `last`, counted from before the start so that they are never negative.
    let loudest = |first: usize, last: usize| {
        let is_there = |&at: &usize| edges == Edges::Loop || (count..2 * count).contains(&at);
        (first..=last).filter(is_there).map(|at| energies[at % count].0).fold(0.0, f32::max)
    };
    let (before, reach) = (blocks(GUARD_BEFORE_S).min(count), blocks(reach_s));
    // Mean energy of the refined sound shortly before the stretch that is guarded; of a loop, of its end at first.
    let end = energies[count - before..].iter().map(|energy| energy.1).sum::<f32>() / before as f32;
    let mut lately = if edges == Edges::Loop { end } else { 0.0 };
    let mut gains = Vec::with_capacity(count);
    for (b, &(dry, wet)) in energies.iter().enumerate() {
        let at = b + count;
        let attack = loudest(at + 1, at + reach);
        let is_before_attack = loudest(at - before, at) < GUARD_DEPTH * attack;
        let allowed = dry.max(lately);
        let is_guarded = is_before_attack && wet > allowed.max(INAUDIBLE * attack);
        gains.push(if is_guarded { (allowed / wet).sqrt() } else { 1.0 });
        if !is_before_attack {
            lately += (wet - lately) / before as f32;
        }
    }
    // The gain falls within a block from that of the one before to its own, and rises where the attack itself begins.
    for b in 0..count {
        let from = match (b, edges) {
            (0, Edges::Silence) => gains[0],
            (0, Edges::Loop) => gains[count - 1],
            _ => gains[b - 1],
        };
        if from < 1.0 || gains[b] < 1.0 {
            let (own, frames) = (&dry[span(b)], &mut refined[span(b)]);
            let level = |frame: &StereoFrame| frame[0].abs().max(frame[1].abs());
            let begun = ATTACK_BEGUN * own.iter().map(level).fold(0.0, f32::max);
            let attack = own.iter().position(|frame| level(frame) >= begun).unwrap_or(0);
            let step = (gains[b] - from) / frames.len() as f32;
            for (i, frame) in frames.iter_mut().enumerate() {
                let rising = if i < attack { from } else { gains[b] };
                let gain = if gains[b] > from { rising } else { from + step * (i as f32 + 0.5) };
                *frame = frame.map(|sample| sample * gain);
            }
        }
    }
}

/// Makes `audio` as wide as `model`: scales its side until left and right are as much alike.
fn match_image(audio: &mut AudioBuffer, model: &AudioBuffer) {
    // Energies of the middle and the side, and of their product.
    let sums = |audio: &AudioBuffer| {
        audio.frames.iter().fold([0.0f64; 3], |[middle, side, both], [left, right]| {
            let (m, s) = (f64::from(left + right), f64::from(left - right));
            [middle + m * m, side + s * s, both + m * s]
        })
    };
    let correlation = |[middle, side, both]: [f64; 3], width: f64| {
        let (side, both) = (width * width * side, width * both);
        let product = (middle + side).powi(2) - (2.0 * both).powi(2);
        if product > 0.0 { (middle - side) / product.sqrt() } else { 1.0 }
    };
    let (own, wanted) = (sums(audio), correlation(sums(model), 1.0));
    let [mut narrow, mut wide] = WIDTHS;
    if own[1] <= 0.0 || (correlation(own, 1.0) - wanted).abs() < LIKE {
        return;
    }
    for _ in 0..WIDTH_STEPS {
        let middle = (narrow * wide).sqrt();
        if correlation(own, middle) > wanted { narrow = middle } else { wide = middle }
    }
    let width = (narrow * wide).sqrt() as f32;
    for [left, right] in &mut audio.frames {
        let (middle, side) = (0.5 * (*left + *right), 0.5 * width * (*left - *right));
        (*left, *right) = (middle + side, middle - side);
    }
}

/// Makes `audio` as loud as `model`, in LUFS, or by RMS where that gates all of it; silence stays silence.
pub fn match_loudness(audio: &mut AudioBuffer, model: &AudioBuffer) {
    let wanted = integrated_lufs(model);
    // What is gated changes with the level, so it takes more than one step near the gate.
    for _ in 0..LOUDNESS_STEPS {
        let difference_lu = wanted - integrated_lufs(audio);
        let gain = if difference_lu.is_finite() { db_to_gain(difference_lu) } else { model.rms() / audio.rms() };
        if !gain.is_finite() || (gain - 1.0).abs() < 1e-4 {
            return;
        }
        audio.scale(gain);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use riffsmith_dsp::levels::measure;

    #[test]
    fn a_sound_becomes_as_wide_as_another() {
        let mut rng = riffsmith_dsp::Seed(1).rng();
        let mut wide_by = |width: f32| {
            let frames = (0..20_000).map(|_| {
                let (middle, side) = (rng.bipolar(), width * rng.bipolar());
                [middle + side, middle - side]
            });
            AudioBuffer { sample_rate: SampleRate::CD, frames: frames.collect() }
        };
        let (model, mut audio, mono) = (wide_by(0.3), wide_by(0.8), wide_by(0.0));
        let correlation = |audio: &AudioBuffer| measure(audio).correlation.expect("both sides sound");
        match_image(&mut audio, &model);
        assert!((correlation(&audio) - correlation(&model)).abs() < 1e-3);
        match_image(&mut audio, &mono);
        assert!(correlation(&audio) > 0.9);
        let mut still_mono = mono.clone();
        match_image(&mut still_mono, &model);
        assert_eq!(still_mono, mono);
    }

    #[test]
    fn nothing_is_let_through_before_an_attack_and_the_attack_is_left_alone() {
        let mut dry = vec![[0.0f32; 2]; 10_000];
        dry[5000..].iter_mut().enumerate().for_each(|(i, frame)| *frame = [(0.01 * i as f32).cos(); 2]);
        let mut wet = vec![[0.0f32; 2]; 10_000];
        wet[3000..].fill([0.5; 2]);
        guard_attacks(&dry, &mut wet, SampleRate::CD, 0.05, Edges::Silence);
        // What begins 45 ms before the attack is an echo, turned down within a block; then the wave's troughs are no pauses.
        assert!(wet[3062..5000 - 31].iter().all(|frame| frame[0] == 0.0));
        assert!(wet[5031..].iter().all(|frame| frame[0] == 0.5));
    }

    #[test]
    fn what_rang_on_before_is_not_broken_off_by_an_attack() {
        let mut dry = vec![[0.0f32; 2]; 10_000];
        dry[5000..].fill([1.0; 2]);
        let mut wet = vec![[0.1; 2]; 10_000];
        guard_attacks(&dry, &mut wet, SampleRate::CD, 0.05, Edges::Silence);
        assert!(wet.iter().all(|frame| frame[0] > 0.09), "{:?}", wet.iter().map(|frame| frame[0]).fold(1.0, f32::min));
    }
}
