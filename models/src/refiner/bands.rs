//! How the network sees sound: levels of bands over time, the same at every sample rate.
//!
//! Bins are 21.5 Hz apart at every rate (to 0.1 %), so bands are told by their bins. Low ones are single bins, for the ear and the
//! partials of notes are fine there; higher ones are wider.

use super::sound::{Sound, Spectra};
use riffsmith_dsp::SampleRate;
use riffsmith_dsp::mix::Recording;
use riffsmith_dsp::spectral::{Bin, Stft};
use std::ops::Range;

/// Number of bands: 160 of a bin each, to 3.4 kHz; 80 of two, to 6.9 kHz; 80 of four, to 13.8 kHz; 48 of eight.
pub const BANDS: usize = 368;

/// First band, its first bin and the bins of each band, for each part of the scale.
const SCALE: [(usize, usize, usize); 4] = [(0, 0, 1), (160, 160, 2), (240, 320, 4), (320, 640, 8)];

/// Levels this far below the loudest frame, in dB, count as silence.
pub const FLOOR_DB: f32 = -90.0;

/// Decibels in one unit of the network's input and output.
pub const UNIT_DB: f32 = 20.0;

/// What is softer than a sound's loudest bin by more than this is not heard beside it, in dB: the floor of the distances that the
/// network is trained on.
pub const HEARD_DB: f32 = 70.0;

/// Frames that are held, and go through the network, at once: memory does not grow with the length.
pub const CHUNK_FRAMES: usize = 512;

/// Hop at 44.1 kHz. The window, four hops or 46 ms, separates the partials of notes from C3 on.
const HOP_AT_CD: f64 = 512.0;

/// The bins of a band.
pub fn bins_of(band: usize) -> Range<usize> {
    let (first_band, first_bin, width) = SCALE[SCALE.iter().rposition(|part| part.0 <= band).unwrap_or(0)];
    let start = first_bin + (band - first_band) * width;
    start..start + width
}

/// The band of a bin; bins above all bands belong to the highest.
pub fn band_of(bin: usize) -> usize {
    let (first_band, first_bin, width) = SCALE[SCALE.iter().rposition(|part| part.1 <= bin).unwrap_or(0)];
    (first_band + (bin - first_bin) / width).min(BANDS - 1)
}

/// A level in units of [`UNIT_DB`] above [`FLOOR_DB`], of a power over the reference's; far below 0 for none.
pub fn unit(power_ratio: f32) -> f32 {
    (10.0 * power_ratio.max(1e-20).log10() - FLOOR_DB) / UNIT_DB
}

/// Transform for one sample rate, of equal resolution in Hz and in seconds at all of them.
#[derive(Clone)]
pub struct Analysis {
    pub stft: Stft,
}

/// What is known of a whole sound before any of it is changed.
#[derive(Debug, Clone, PartialEq)]
pub struct Survey {
    /// Power of each frame, summed over its bins, mean of both channels.
    pub frames: Vec<f32>,
    /// The largest of them: the reference of all levels.
    pub loudest: f32,
    /// Level of the loudest bin of all less [`HEARD_DB`], in units: what is softer is not heard beside the sound.
    pub threshold: f32,
    /// The sound's own mean spectrum, [`BANDS`] levels in units, re the sum of all.
    pub colour: Vec<f32>,
    /// Where each band lies between the channels.
    pub image: Vec<Image>,
}

/// How a band's sound lies between two channels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Image {
    /// Amplitude of each channel re the root mean square of both.
    pub gains: [f32; 2],
    /// Correlation of the channels, -1.0 ..= 1.0.
    pub correlation: f32,
}

impl Image {
    /// From the energies of both channels and of their product.
    fn new([left, right, product]: [f64; 3]) -> Self {
        let both = left + right;
        let gain = |energy: f64| (2.0 * energy / both).sqrt() as f32;
        let correlation = if left * right > 0.0 { product / (left * right).sqrt() } else { 1.0 };
        Self { gains: [gain(left), gain(right)], correlation: correlation.clamp(-1.0, 1.0) as f32 }
    }
}

impl Analysis {
    pub fn new(rate: SampleRate) -> Self {
        let hop = (HOP_AT_CD * rate.hz() / SampleRate::CD.hz()).round().max(1.0) as usize;
        Self { stft: Stft::new(4 * hop, hop) }
    }

    /// Seconds from frame to frame.
    pub fn hop_s(&self, rate: SampleRate) -> f64 {
        self.stft.hop() as f64 / rate.hz()
    }

    /// Looks through a sound once.
    pub fn survey<R: Recording>(&self, sound: &mut Sound<R>) -> Result<Survey, R::Error> {
        let mut spectra = Spectra::new(self, sound);
        let mut energies = vec![[0.0f64; 3]; BANDS];
        let mut frames = Vec::with_capacity(spectra.count());
        let mut peak = 0.0f32;
        for t in 0..spectra.count() {
            if t.is_multiple_of(CHUNK_FRAMES) {
                spectra.hold(sound, t as isize..(t + CHUNK_FRAMES) as isize)?;
            }
            let [left, right] = spectra.read(t);
            let mut sum = 0.0;
            for (bin, (a, b)) in left.iter().zip(right.iter()).enumerate() {
                let powers = [a.norm_sqr(), b.norm_sqr(), a.re * b.re + a.im * b.im];
                sum += 0.5 * (powers[0] + powers[1]);
                peak = peak.max(0.5 * (powers[0] + powers[1]));
                for (energy, power) in energies[band_of(bin)].iter_mut().zip(powers) {
                    *energy += f64::from(power);
                }
            }
            frames.push(sum);
        }
        let whole = energies.iter().fold([0.0; 3], |sum, band| [0, 1, 2].map(|k| sum[k] + band[k]));
        let total = (whole[0] + whole[1]).max(f64::MIN_POSITIVE);
        let colour = energies.iter().enumerate().map(|(band, [left, right, _])| {
            unit(((left + right) / total / bins_of(band).len() as f64) as f32).max(0.0)
        });
        let image = energies.iter().map(|&band| Image::new(if band[0] + band[1] > 0.0 { band } else { whole }));
        let loudest = frames.iter().copied().fold(0.0, f32::max);
        let threshold = unit(peak / loudest.max(f32::MIN_POSITIVE)) - HEARD_DB / UNIT_DB;
        Ok(Survey { loudest, threshold, colour: colour.collect(), image: image.collect(), frames })
    }
}

/// The levels of the bands of one frame in units re a frame of power `loudest`, nothing below 0: mean of both channels.
pub fn levels(left: &[Bin], right: &[Bin], loudest: f32, levels: &mut [f32]) {
    for (band, level) in levels.iter_mut().enumerate() {
        let bins = bins_of(band);
        let width = bins.len();
        let power: f32 =
            bins.filter(|&bin| bin < left.len()).map(|bin| 0.5 * (left[bin].norm_sqr() + right[bin].norm_sqr())).sum();
        *level = if loudest > 0.0 { unit(power / (width as f32 * loudest)).max(0.0) } else { 0.0 };
    }
}

/// The levels of the bands of frames of `bins` bins of what rings on, in units re a frame of power `loudest`, nothing below 0: each band's
/// loudest bin, mean of both channels.
pub fn ring_levels(rings: &[Vec<Bin>; 2], bins: usize, loudest: f32) -> Vec<f32> {
    let frames = rings[0].chunks_exact(bins).zip(rings[1].chunks_exact(bins));
    let level = |(left, right): (&[Bin], &[Bin]), band: usize| {
        let powers = bins_of(band).filter(|&bin| bin < bins).map(|bin| left[bin].norm_sqr() + right[bin].norm_sqr());
        unit(0.5 * powers.fold(0.0, f32::max) / loudest).max(0.0)
    };
    frames.flat_map(|frame| (0..BANDS).map(move |band| level(frame, band))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use riffsmith_dsp::AudioBuffer;
    use riffsmith_dsp::spectral::Edges;

    fn survey(audio: &AudioBuffer, edges: Edges) -> Survey {
        let Ok(survey) = Analysis::new(audio.sample_rate).survey(&mut Sound::of(audio, edges));
        survey
    }

    #[test]
    fn every_bin_has_one_band_and_every_band_its_bins() {
        assert_eq!((bins_of(0), bins_of(160), bins_of(BANDS - 1)), (0..1, 160..162, 1016..1024));
        for band in 0..BANDS {
            assert!(bins_of(band).all(|bin| band_of(bin) == band), "band {band}");
            assert_eq!(bins_of(band).start, if band == 0 { 0 } else { bins_of(band - 1).end });
        }
        assert_eq!(band_of(5000), BANDS - 1);
    }

    fn sine(sample_rate: SampleRate, gain: f32) -> AudioBuffer {
        let rate_hz = sample_rate.hz();
        let wave = |i: usize| gain * (std::f64::consts::TAU * 440.0 * i as f64 / rate_hz).sin() as f32;
        AudioBuffer { sample_rate, frames: (0..rate_hz as usize).map(|i| [wave(i); 2]).collect() }
    }

    #[test]
    fn a_tone_looks_the_same_at_every_level_and_rate() {
        let analyse = |rate: u32, gain| {
            let rate = SampleRate::new(rate).expect("valid");
            let (analysis, sound) = (Analysis::new(rate), sine(rate, gain));
            let survey = survey(&sound, Edges::Loop);
            let mut reader = analysis.stft.frames(sound.len(), Edges::Loop);
            let bins = reader.read(20, |i| sound.frames[i][0]).to_vec();
            let mut units = vec![0.0; BANDS];
            levels(&bins, &bins, survey.loudest, &mut units);
            units
        };
        let reference = analyse(44_100, 1.0);
        for (other, tolerance) in
            [(analyse(44_100, 0.01), 1e-3), (analyse(48_000, 0.5), 0.05), (analyse(96_000, 1.0), 0.05)]
        {
            for (band, (a, b)) in reference.iter().zip(&other).enumerate() {
                // A bin's spacing differs by up to 0.1 % between rates; only levels near the floor notice more than 1 dB.
                assert!((a - b).abs() < tolerance || *a < 1.5, "band {band}: {a} and {b}");
            }
        }
    }

    #[test]
    fn the_image_of_a_sound_is_found() {
        let mut rng = riffsmith_dsp::Seed(1).rng();
        let frames = (0..40_000).map(|_| rng.bipolar()).map(|sample| [sample, -0.5 * sample]).collect();
        let audio = AudioBuffer { sample_rate: SampleRate::CD, frames };
        for image in survey(&audio, Edges::Silence).image {
            assert!((image.gains[0] / image.gains[1] - 2.0).abs() < 1e-3 && image.correlation < -0.999);
        }
    }

    #[test]
    fn silence_is_zero() {
        let survey = survey(&AudioBuffer::silence(SampleRate::CD, 3000), Edges::Silence);
        assert_eq!((survey.frames.len(), survey.loudest), (7, 0.0));
        assert!(survey.colour.iter().all(|&unit| unit == 0.0));
        let mut units = vec![1.0; BANDS];
        levels(&[Bin::default(); 1025], &[Bin::default(); 1025], survey.loudest, &mut units);
        assert!(units.iter().all(|&unit| unit == 0.0));
    }
}
