//! What is heard of a sound: its spectrum at three resolutions, its envelope and texture, aligned in time and level.
//!
//! Several window sizes together see both attacks and partials (Yamamoto, Song and Kim, "Parallel WaveGAN", 2020). Frames are
//! pooled over spans that grow with the time since the onset, as differences in a tail are heard more coarsely than in an
//! attack; pooling also takes out the chance of one noise against another. Cells count by how far they rise above the floor.

use super::Portrait;
use super::texture::Texture;
use crate::audio::AudioBuffer;
use crate::spectral::{BandBank, Edges, Scale, Stft};
use crate::units::SampleRate;
use std::sync::Mutex;

/// Window sizes and bands of the three resolutions, at 44.1 kHz: 6, 23 and 93 ms.
const RESOLUTIONS: [(usize, usize); 3] = [(256, 24), (1024, 48), (4096, 96)];
/// Centres of the outer bands, in hertz.
const BANDS_HZ: [f64; 2] = [30.0, 16_000.0];
/// Each span is at least one hop, and this part of the time since the onset.
const SPAN_GROWTH: f64 = 0.2;
/// Windows of the envelope, in seconds.
const ENVELOPE_S: f64 = 0.002;
/// A sound begins where it first comes this near to its peak: -30 dB.
const ONSET_RATIO: f32 = 0.0316;
/// What is kept before the onset, in seconds.
const LEAD_S: f64 = 0.001;

/// A listener that hears a fixed time of each sound, at 44.1 kHz.
pub struct Ear {
    frames: usize,
    resolutions: Vec<Resolution>,
    texture: Option<Texture>,
    /// Buffers are not worth making anew for every sound.
    scratch: Mutex<Vec<Vec<f32>>>,
}

struct Resolution {
    stft: Stft,
    bank: BandBank,
}

impl Ear {
    /// One that hears `seconds` of a sound from its onset on.
    pub fn new(seconds: f64) -> Self {
        let [low_hz, high_hz] = BANDS_HZ;
        let rate_hz = SampleRate::CD.hz();
        let resolutions = RESOLUTIONS.map(|(size, bands)| Resolution {
            stft: Stft::new(size, size / 2),
            bank: BandBank::new(Scale::Mel, bands, low_hz, high_hz, size, rate_hz),
        });
        let frames = SampleRate::CD.frames(seconds).max(1);
        let texture = Texture::new(frames);
        Self { frames, resolutions: resolutions.into(), texture, scratch: Mutex::new(Vec::new()) }
    }

    /// How much is heard, in seconds.
    pub fn seconds(&self) -> f64 {
        SampleRate::CD.seconds(self.frames)
    }

    /// What is heard of a sound at 44.1 kHz: brought to its onset and to a fixed energy, both channels' powers added.
    ///
    /// # Panics
    /// At another sample rate.
    pub fn portrait(&self, audio: &AudioBuffer) -> Portrait {
        assert_eq!(audio.sample_rate, SampleRate::CD, "the ear hears 44.1 kHz");
        let lead = SampleRate::CD.frames(LEAD_S);
        let onset = onset(audio);
        let start = onset.saturating_sub(lead);
        let silence = lead - (onset - start);
        let heard = &audio.frames[start..audio.len().min(start + self.frames - silence.min(self.frames))];
        let energy: f32 = heard.iter().flatten().map(|sample| sample * sample).sum();
        let gain = if energy > 0.0 { energy.sqrt().recip() } else { 0.0 };
        let sides: &[usize] = if heard.iter().all(|frame| frame[0] == frame[1]) { &[0] } else { &[0, 1] };
        let mut channel = self.scratch.lock().map_or_else(|_| Vec::new(), |mut free| free.pop().unwrap_or_default());
        let share = gain * (2.0 / sides.len() as f32).sqrt();
        let mut spectra: Vec<Vec<f32>> =
            self.resolutions.iter().map(|resolution| resolution.empty(self.frames)).collect();
        let window = SampleRate::CD.frames(ENVELOPE_S);
        let edges = spans(self.frames.div_ceil(window));
        let mut envelope = vec![0.0; edges.len()];
        let mut spectrum = Vec::new();
        for &side in sides {
            channel.clear();
            channel.resize(silence, 0.0);
            channel.extend(heard.iter().map(|frame| share * frame[side]));
            channel.resize(self.frames, 0.0);
            for (resolution, cells) in self.resolutions.iter().zip(&mut spectra) {
                resolution.add_powers(&channel, cells);
            }
            if let Some(texture) = &self.texture {
                texture.add_spectrum(&channel, &mut spectrum);
            }
            for (power, &(from, to)) in envelope.iter_mut().zip(&edges) {
                let span = &channel[from * window..(to * window).min(channel.len())];
                *power += span.iter().map(|sample| sample * sample).sum::<f32>() / span.len().max(1) as f32;
            }
        }
        if let Ok(mut free) = self.scratch.lock() {
            free.push(channel);
        }
        spectra.iter_mut().for_each(|cells| to_db(cells));
        to_db(&mut envelope);
        let texture = self.texture.as_ref().map_or_else(Default::default, |texture| texture.bands(&spectrum));
        Portrait { spectra, envelope, texture }
    }
}

impl Resolution {
    fn empty(&self, frames: usize) -> Vec<f32> {
        vec![0.0; spans(frames.div_ceil(self.stft.hop()) + 1).len() * self.bank.len()]
    }

    /// Adds the mean power of each band in each span to `cells`.
    fn add_powers(&self, channel: &[f32], cells: &mut [f32]) {
        let bands = self.bank.len();
        let edges = spans(channel.len().div_ceil(self.stft.hop()) + 1);
        let (mut bins, mut powers) = (vec![0.0; self.stft.bins()], vec![0.0; bands]);
        let mut span = 0;
        self.stft.for_each_frame(channel, Edges::Silence, |frame, spectrum| {
            for (power, bin) in bins.iter_mut().zip(spectrum.iter()) {
                *power = bin.norm_sqr();
            }
            self.bank.powers(&bins, &mut powers);
            while frame >= edges[span].1 {
                span += 1;
            }
            let (from, to) = edges[span];
            let weight = 1.0 / (to - from) as f32;
            for (cell, power) in cells[span * bands..][..bands].iter_mut().zip(&powers) {
                *cell += weight * power;
            }
        });
    }
}

/// The frame from which on there is sound.
fn onset(audio: &AudioBuffer) -> usize {
    let floor = ONSET_RATIO * audio.peak();
    let sounds = |frame: &[f32; 2]| frame.iter().any(|sample| sample.abs() > floor);
    audio.frames.iter().position(sounds).unwrap_or(0)
}

/// Splits `count` frames into spans `(from, to)` that grow with their distance from the first.
fn spans(count: usize) -> Vec<(usize, usize)> {
    let mut spans = Vec::new();
    let mut from = 0;
    while from < count {
        let length = ((SPAN_GROWTH * from as f64).round() as usize).max(1);
        spans.push((from, (from + length).min(count)));
        from += length;
    }
    spans
}

fn to_db(powers: &mut [f32]) {
    for power in powers {
        *power = 10.0 * power.max(1e-12).log10();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Seed;
    use std::f32::consts::TAU;

    fn sound(sample: impl FnMut(usize) -> f32) -> AudioBuffer {
        AudioBuffer { sample_rate: SampleRate::CD, frames: (0..22_050).map(sample).map(|x| [x, x]).collect() }
    }

    fn ping(hz: f32, decay_s: f32, gain: f32, late: usize) -> AudioBuffer {
        sound(|n| {
            let time = n.saturating_sub(late) as f32 / 44_100.0;
            if n < late { 0.0 } else { gain * (TAU * hz * time).sin() * (-6.9 * time / decay_s).exp() }
        })
    }

    fn apart(a: &AudioBuffer, b: &AudioBuffer) -> f32 {
        let ear = Ear::new(0.4);
        ear.portrait(a).distance_db(&ear.portrait(b))
    }

    #[test]
    fn level_and_delay_make_no_difference() {
        let plain = ping(300.0, 0.3, 1.0, 0);
        assert_eq!(apart(&plain, &plain), 0.0);
        // The delay is found to the sample; what is left is single precision.
        assert!(apart(&plain, &ping(300.0, 0.3, 0.05, 3000)) < 0.05);
    }

    #[test]
    fn distance_grows_with_pitch_and_decay_and_is_symmetrical() {
        let plain = ping(300.0, 0.3, 1.0, 0);
        let (near, far) = (ping(310.0, 0.3, 1.0, 0), ping(600.0, 0.3, 1.0, 0));
        assert!(apart(&plain, &near) < 0.5 * apart(&plain, &far));
        let (longer, longest) = (ping(300.0, 0.4, 1.0, 0), ping(300.0, 1.2, 1.0, 0));
        assert!(apart(&plain, &longer) < 0.5 * apart(&plain, &longest));
        assert!((apart(&plain, &far) - apart(&far, &plain)).abs() < 1e-4);
    }

    #[test]
    fn two_noises_are_nearer_than_noise_and_tone() {
        let noise = |seed| {
            let mut rng = Seed(seed).rng();
            sound(move |n| rng.bipolar() * (-6.9 * n as f32 / 13_230.0).exp())
        };
        let chance = apart(&noise(1), &noise(2));
        assert!(chance > 0.0 && chance < 4.0, "{chance}");
        assert!(apart(&noise(1), &ping(300.0, 0.3, 1.0, 0)) > 5.0 * chance);
    }

    #[test]
    fn partials_and_noise_of_one_spectrum_are_told_apart() {
        // Forty sines over the same octave as noise that is made of many more.
        let cluster = |count: usize| {
            let mut rng = Seed(5).rng();
            let tones: Vec<(f32, f32)> =
                (0..count).map(|_| (rng.between(2_000.0, 4_000.0), TAU * rng.uniform())).collect();
            sound(move |n| tones.iter().map(|(hz, phase)| (TAU * hz * n as f32 / 44_100.0 + phase).sin()).sum())
        };
        let (sparse, dense, denser) = (cluster(40), cluster(1_500), cluster(1_400));
        assert!(
            apart(&sparse, &dense) > 1.5 * apart(&denser, &dense),
            "{} {}",
            apart(&sparse, &dense),
            apart(&denser, &dense)
        );
    }

    #[test]
    fn silence_can_be_heard_too() {
        let silence = sound(|_| 0.0);
        assert_eq!(apart(&silence, &silence), 0.0);
        assert!(apart(&silence, &ping(300.0, 0.3, 1.0, 0)).is_finite());
    }

    #[test]
    fn spans_cover_every_frame_once() {
        for count in [1, 2, 7, 500] {
            let spans = spans(count);
            assert_eq!((spans[0].0, spans[spans.len() - 1].1), (0, count));
            assert!(spans.windows(2).all(|pair| pair[0].1 == pair[1].0));
        }
    }
}
