//! Tonal balance: the mix's long-term spectrum, brought nearer to that of finished recordings.

use crate::audio::{AudioBuffer, StereoFrame};
use crate::effect::{Band, Eq};
use crate::error::Result;
use crate::parameters::check_range;
use crate::spectral::{Edges, Stft};
use crate::units::SampleRate;
use serde::{Deserialize, Serialize};

/// Edges of the octaves that are compared, in Hz; the lowest takes in all of the sub-bass.
const EDGES_HZ: [f64; OCTAVES + 1] = [20.0, 60.0, 120.0, 250.0, 500.0, 1e3, 2e3, 4e3, 8e3, 16e3];
pub(super) const OCTAVES: usize = 9;

/// Windows of the long-term spectrum: bins of 5 Hz at 44.1 kHz, a tenth of the lowest octave.
const FFT_SIZE: usize = 8192;

/// What is this far below the whole is no part of the music that could be raised.
const FLOOR_DB: f32 = -60.0;

/// The filters: shelves at both ends, and four wide bells between them, an octave and a half apart.
const LOW_SHELF_HZ: f32 = 70.0;
const BELLS_HZ: [f32; Eq::MAX_PEAKS] = [160.0, 420.0, 1100.0, 2800.0];
const HIGH_SHELF_HZ: f32 = 6500.0;
const FILTERS: usize = Eq::MAX_PEAKS + 2;
const BELL_Q: f32 = 0.8;

/// Keeps neighbouring filters from working against each other, relative to the response of one filter.
const RESTRAINT: f32 = 0.15;

/// An equaliser that finds its own settings: wide filters that take the octaves of a mix towards those of finished recordings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Balance {
    /// Power in the octaves from 20 (to 60), 60, 120, 250, 500, 1 000, 2 000, 4 000 and 8 000 Hz (to 16 000), in dB re the whole: -60
    /// to 0. By default about 2 dB less from octave to octave, and 5 dB above 4 kHz, as Pestana et al. found in popular recordings
    /// ("Spectral Characteristics of Popular Commercial Recordings 1950-2010", AES 135, 2013), with the sub-bass of today.
    pub octaves_db: [f32; OCTAVES],
    /// Share of the difference that is made up: 0.0 (off) ..= 1.0 (all), default 0.8.
    pub strength: f32,
    /// What a filter raises or lowers at most: 0 to 12 dB, default 7.
    pub most_db: f32,
}

impl Default for Balance {
    fn default() -> Self {
        Self { octaves_db: [-7.5, -4.5, -7.5, -9.5, -11.5, -13.5, -15.5, -18.5, -23.5], strength: 0.8, most_db: 7.0 }
    }
}

impl Balance {
    pub(super) fn validate(&self) -> Result<()> {
        self.octaves_db.iter().try_for_each(|&level| check_range("octaves_db of balance", level, -60.0..=0.0))?;
        check_range("strength of balance", self.strength, 0.0..=1.0)?;
        check_range("most_db of balance", self.most_db, 0.0..=12.0)
    }

    /// The settings for a mix with these levels in its octaves, in dB re the whole: the filters whose responses together come closest to the difference, each within `most_db`.
    pub(super) fn eq(&self, levels: [f32; OCTAVES], rate: SampleRate) -> Eq {
        let heard = |octave: usize| levels[octave] > FLOOR_DB;
        let mut wanted: [f32; OCTAVES] = std::array::from_fn(|octave| {
            if heard(octave) { self.strength * (self.octaves_db[octave] - levels[octave]) } else { 0.0 }
        });
        // A difference that all octaves have is loudness, which the master sets.
        let mean = wanted.iter().sum::<f32>() / OCTAVES as f32;
        wanted.iter_mut().for_each(|difference| *difference -= mean);
        settings(&fit(wanted, &responses(rate), self.most_db))
    }
}

/// Power in each octave re the whole, in dB.
pub fn octave_levels_db(audio: &AudioBuffer, edges: Edges) -> [f32; OCTAVES] {
    let mut meter = OctaveMeter::new(audio.sample_rate);
    match edges {
        Edges::Silence => meter.add(&audio.frames),
        Edges::Loop => (0..2).for_each(|channel| meter.add_windows(&audio.channel(channel), edges, |_| true)),
    }
    meter.levels_db()
}

/// Power in the octaves of what is heard stretch by stretch.
pub(super) struct OctaveMeter {
    stft: Stft,
    /// The octave of each bin, if it is in one.
    octaves: Vec<Option<usize>>,
    powers: [f64; OCTAVES],
    /// What lies under windows that are not yet over. It begins as half a window of silence.
    waiting: Vec<StereoFrame>,
}

impl OctaveMeter {
    const HOP: usize = FFT_SIZE / 2;
    /// Hops that are worth a look.
    const HOPS: usize = 64;

    pub(super) fn new(rate: SampleRate) -> Self {
        let bin_hz = rate.hz() / FFT_SIZE as f64;
        let octave = |hz: f64| EDGES_HZ.windows(2).position(|edge| (edge[0]..edge[1]).contains(&hz));
        Self {
            stft: Stft::new(FFT_SIZE, Self::HOP),
            octaves: (0..=FFT_SIZE / 2).map(|bin| octave(bin as f64 * bin_hz)).collect(),
            powers: [0.0; OCTAVES],
            waiting: vec![[0.0; 2]; Self::HOP],
        }
    }

    /// Hears the next frames.
    pub(super) fn add(&mut self, frames: &[StereoFrame]) {
        self.waiting.extend_from_slice(frames);
        let hops = self.waiting.len() / Self::HOP;
        if hops > Self::HOPS {
            self.look(hops);
        }
    }

    /// Power in each octave re the whole, in dB.
    pub(super) fn levels_db(mut self) -> [f32; OCTAVES] {
        if self.waiting.len() > Self::HOP {
            let hops = self.waiting.len().div_ceil(Self::HOP) + 1;
            self.waiting.resize(hops * Self::HOP, [0.0; 2]);
            self.look(hops);
        }
        let whole = self.powers.iter().sum::<f64>().max(f64::MIN_POSITIVE);
        self.powers.map(|power| (10.0 * (power / whole).max(1e-12).log10()) as f32)
    }

    /// Adds the windows that lie within the first `hops` hops of what waits.
    fn look(&mut self, hops: usize) {
        for channel in 0..2 {
            let signal: Vec<f32> = self.waiting[..hops * Self::HOP].iter().map(|frame| frame[channel]).collect();
            // Window t reaches a hop to either side of t hops.
            self.add_windows(&signal, Edges::Silence, |t| (1..hops).contains(&t));
        }
        self.waiting.drain(..(hops - 1) * Self::HOP);
    }

    fn add_windows(&mut self, signal: &[f32], edges: Edges, is_wanted: impl Fn(usize) -> bool) {
        let Self { stft, octaves, powers, .. } = self;
        stft.for_each_frame(signal, edges, |t, bins| {
            for (bin, octave) in bins.iter().zip(octaves.iter()).filter(|_| is_wanted(t)) {
                if let Some(octave) = octave {
                    powers[*octave] += f64::from(bin.norm_sqr());
                }
            }
        });
    }
}

/// The equaliser with these gains, low shelf first.
fn settings(gains_db: &[f32; FILTERS]) -> Eq {
    let shelf = |hz, gain_db| Some(Band { hz, gain_db, q: std::f32::consts::FRAC_1_SQRT_2 });
    let bells = BELLS_HZ.iter().zip(&gains_db[1..]).map(|(&hz, &gain_db)| Band { hz, gain_db, q: BELL_Q });
    Eq {
        low_shelf: shelf(LOW_SHELF_HZ, gains_db[0]),
        peaks: bells.collect(),
        high_shelf: shelf(HIGH_SHELF_HZ, gains_db[FILTERS - 1]),
        ..Eq::default()
    }
}

/// What each filter does in the middle of each octave, in dB per dB of its gain.
fn responses(rate: SampleRate) -> [[f32; OCTAVES]; FILTERS] {
    // Responses in dB grow almost in proportion to the gain; 6 dB is the middle of what is used.
    const PROBE_DB: f32 = 6.0;
    std::array::from_fn(|filter| {
        let mut gains_db = [0.0; FILTERS];
        gains_db[filter] = PROBE_DB;
        let filters = settings(&gains_db).filters(rate);
        std::array::from_fn(|octave| {
            let middle_hz = (EDGES_HZ[octave] * EDGES_HZ[octave + 1]).sqrt();
            let gain = filters.iter().map(|filter| filter.gain_at(rate, middle_hz)).product::<f64>();
            20.0 * gain.log10() as f32 / PROBE_DB
        })
    })
}

/// Least squares within bounds, one gain after the other until nothing moves (coordinate descent; the problem is convex).
fn fit(wanted: [f32; OCTAVES], responses: &[[f32; OCTAVES]; FILTERS], most_db: f32) -> [f32; FILTERS] {
    const ROUNDS: usize = 60;
    let mut gains = [0.0f32; FILTERS];
    let mut left = wanted;
    for _ in 0..ROUNDS {
        for (gain, response) in gains.iter_mut().zip(responses) {
            let power: f32 = response.iter().map(|r| r * r).sum();
            let along: f32 = response.iter().zip(&left).map(|(r, left)| r * left).sum();
            let next = ((along + power * *gain) / (power * (1.0 + RESTRAINT))).clamp(-most_db, most_db);
            let step = next - *gain;
            left.iter_mut().zip(response).for_each(|(left, r)| *left -= r * step);
            *gain = next;
        }
    }
    gains
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::effect::{Chain, EffectContext, EffectSpec};
    use crate::rng::Seed;
    use crate::score::Tempo;

    /// Noise that falls by 3 dB an octave (each octave has the same power) through `eq`.
    fn pink(eq: Eq) -> AudioBuffer {
        let mut rng = Seed(4).rng();
        // Three leaky integrators a decade and more apart: pink within a dB from 40 Hz up.
        let mut states = [0.0f32; 4];
        let frames = (0..132_300).map(|_| {
            let white = rng.bipolar();
            let poles = [(0.997, 0.03), (0.97, 0.1), (0.75, 0.32), (0.1, 0.55)];
            states.iter_mut().zip(poles).for_each(|(state, (pole, gain))| *state = pole * *state + gain * white);
            [0.1 * states.iter().sum::<f32>(); 2]
        });
        let mut audio = AudioBuffer { sample_rate: SampleRate::CD, frames: frames.collect() };
        process(eq, &mut audio);
        audio
    }

    fn process(eq: Eq, audio: &mut AudioBuffer) {
        let context = EffectContext {
            sample_rate: audio.sample_rate,
            tempo: Tempo::from_micros_per_quarter(500_000),
            period_frames: Some(audio.len()),
        };
        Chain::new(&[EffectSpec::Eq(eq)], &context).process_loop(audio, None);
    }

    /// Root mean square of the octaves' distances from `wanted`, their mean taken out.
    fn distance(audio: &AudioBuffer, wanted: [f32; OCTAVES]) -> f32 {
        let levels = octave_levels_db(audio, Edges::Loop);
        let differences: Vec<f32> = levels.iter().zip(wanted).map(|(level, wanted)| level - wanted).collect();
        let mean = differences.iter().sum::<f32>() / OCTAVES as f32;
        (differences.iter().map(|d| (d - mean).powi(2)).sum::<f32>() / OCTAVES as f32).sqrt()
    }

    #[test]
    fn octaves_are_measured_re_the_whole() {
        let sine = |hz: f64| {
            let sample = |n: usize| (std::f64::consts::TAU * hz * n as f64 / 44_100.0).sin() as f32;
            AudioBuffer { sample_rate: SampleRate::CD, frames: (0..44_100).map(|n| [sample(n); 2]).collect() }
        };
        for (hz, octave) in [(40.0, 0), (90.0, 1), (700.0, 4), (12_000.0, 8)] {
            let levels = octave_levels_db(&sine(hz), Edges::Loop);
            assert!(levels[octave] > -0.01, "{hz} Hz: {levels:?}");
        }
    }

    #[test]
    fn a_dull_mix_becomes_brighter_and_a_bright_one_duller() {
        let balance = Balance { strength: 1.0, ..Balance::default() };
        for shelf_db in [-12.0, 12.0] {
            let high_shelf = Some(Band { hz: 1500.0, gain_db: shelf_db, q: 0.7 });
            let mut audio = pink(Eq { high_shelf, ..Eq::default() });
            let before = distance(&audio, balance.octaves_db);
            process(balance.eq(octave_levels_db(&audio, Edges::Loop), audio.sample_rate), &mut audio);
            let after = distance(&audio, balance.octaves_db);
            assert!(after < 0.62 * before, "{shelf_db} dB: from {before} to {after}");
        }
    }

    #[test]
    fn no_filter_goes_further_than_allowed_and_none_works_at_strength_zero() {
        let audio = pink(Eq { high_cut_hz: Some(300.0), ..Eq::default() });
        let gains = |eq: &Eq| {
            eq.peaks.iter().chain(&eq.low_shelf).chain(&eq.high_shelf).map(|band| band.gain_db).collect::<Vec<_>>()
        };
        let bounded =
            Balance { most_db: 2.0, ..Balance::default() }.eq(octave_levels_db(&audio, Edges::Loop), audio.sample_rate);
        assert!(gains(&bounded).iter().all(|gain| gain.abs() <= 2.0));
        assert!(gains(&bounded).contains(&2.0));
        let off = Balance { strength: 0.0, ..Balance::default() }
            .eq(octave_levels_db(&audio, Edges::Loop), audio.sample_rate);
        assert!(gains(&off).iter().all(|&gain| gain == 0.0));
    }

    #[test]
    fn in_stretches_the_levels_are_the_same() {
        let audio = pink(Eq::default());
        let whole = octave_levels_db(&audio, Edges::Silence);
        let mut meter = OctaveMeter::new(audio.sample_rate);
        audio.frames.chunks(10_007).for_each(|frames| meter.add(frames));
        let stretched = meter.levels_db();
        // Written out: every window of the whole, once.
        let mut direct = OctaveMeter::new(audio.sample_rate);
        (0..2).for_each(|channel| direct.add_windows(&audio.channel(channel), Edges::Silence, |_| true));
        let direct = direct.levels_db();
        for octave in 0..OCTAVES {
            assert!((whole[octave] - direct[octave]).abs() < 1e-3, "{whole:?} {direct:?}");
            assert!((stretched[octave] - direct[octave]).abs() < 1e-3, "{stretched:?} {direct:?}");
        }
    }
}
