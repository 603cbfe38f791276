//! What is heard, as meters and a scrolling spectrogram show it.

use riffsmith_dsp::loudness::integrated_lufs;
use riffsmith_dsp::spectral::{Edges, Stft};
use riffsmith_dsp::units::gain_to_db;
use riffsmith_dsp::{AudioBuffer, SampleRate, StereoFrame};
use std::collections::VecDeque;

/// Length of a momentary loudness (EBU Tech 3341), in seconds.
const MOMENTARY_S: f64 = 0.4;

/// How fast a peak falls, in dB a second: as the needles of programme meters do (IEC 60268-10, type I).
const FALL_DB_PER_S: f32 = 12.0;

/// Frames of a column of the spectrogram, and columns that are kept.
const COLUMN: usize = 2048;
const COLUMNS: usize = 240;

/// Bands of a column, evenly spaced in octaves from the lowest to the highest frequency, in Hz.
pub const BANDS: usize = 48;
const LOWEST_HZ: f64 = 40.0;
const HIGHEST_HZ: f64 = 16_000.0;

/// The lowest level that is told from silence, in dB.
pub const FLOOR_DB: f32 = -72.0;

/// Peak, loudness and spectrum of the last moments.
pub struct Meters {
    rate: SampleRate,
    momentary: VecDeque<StereoFrame>,
    peaks_db: [f32; 2],
    column: Vec<f32>,
    columns: VecDeque<[f32; BANDS]>,
    stft: Stft,
}

impl Meters {
    /// Meters that have heard nothing.
    pub fn new(rate: SampleRate) -> Self {
        Self {
            rate,
            momentary: VecDeque::new(),
            peaks_db: [FLOOR_DB; 2],
            column: Vec::new(),
            columns: VecDeque::new(),
            stft: Stft::new(COLUMN, COLUMN / 2),
        }
    }

    /// Hears the next frames.
    pub fn hear(&mut self, frames: &[StereoFrame]) {
        let fall = FALL_DB_PER_S * self.rate.seconds(frames.len()) as f32;
        for (side, peak_db) in self.peaks_db.iter_mut().enumerate() {
            let peak = frames.iter().fold(0.0f32, |peak, frame| peak.max(frame[side].abs()));
            *peak_db = (*peak_db - fall).max(gain_to_db(peak)).max(FLOOR_DB);
        }
        self.momentary.extend(frames);
        let excess = self.momentary.len().saturating_sub(self.rate.frames(MOMENTARY_S));
        self.momentary.drain(..excess);
        for [left, right] in frames {
            self.column.push(0.5 * (left + right));
            if self.column.len() == COLUMN {
                self.columns.push_back(self.bands());
                self.column.clear();
            }
        }
        let excess = self.columns.len().saturating_sub(COLUMNS);
        self.columns.drain(..excess);
    }

    /// Peaks left and right in dBFS, on their way down.
    pub fn peaks_db(&self) -> [f32; 2] {
        self.peaks_db
    }

    /// Momentary loudness; -infinity for silence.
    pub fn lufs(&self) -> f32 {
        let frames = self.momentary.iter().copied().collect();
        integrated_lufs(&AudioBuffer { sample_rate: self.rate, frames })
    }

    /// Levels of the bands in dB, low ones first; the last column is the latest.
    pub fn columns(&self) -> impl DoubleEndedIterator<Item = &[f32; BANDS]> {
        self.columns.iter()
    }

    fn bands(&self) -> [f32; BANDS] {
        let mut powers = [0.0f32; BANDS];
        let spectrum = self.stft.analyze(&self.column, self.rate, Edges::Silence);
        // The frame in the middle of the column.
        let bins = spectrum.frame(spectrum.frames() / 2);
        let octaves = (HIGHEST_HZ / LOWEST_HZ).log2();
        for (bin, value) in bins.iter().enumerate().skip(1) {
            let place = (spectrum.bin_hz(bin) / LOWEST_HZ).log2() / octaves * BANDS as f64;
            if (0.0..BANDS as f64).contains(&place) {
                let band = &mut powers[place as usize];
                *band = band.max(value.norm_sqr());
            }
        }
        // Low bands without a bin of their own are as their neighbour.
        for band in 1..BANDS {
            if powers[band] == 0.0 {
                powers[band] = powers[band - 1];
            }
        }
        // A sine at full scale is 0 dB under a window whose mean is one half.
        let full = (COLUMN as f32 / 4.0).powi(2);
        powers.map(|power| (10.0 * (power / full).max(1e-12).log10()).max(FLOOR_DB))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(hz: f64, level: f64, frames: usize) -> Vec<StereoFrame> {
        let sample = |n: usize| (level * (std::f64::consts::TAU * hz * n as f64 / 44_100.0).sin()) as f32;
        (0..frames).map(|n| [sample(n), 0.5 * sample(n)]).collect()
    }

    #[test]
    fn peaks_and_loudness_are_those_of_the_tone_and_fall_after_it() {
        let mut meters = Meters::new(SampleRate::CD);
        assert_eq!((meters.peaks_db(), meters.lufs()), ([FLOOR_DB; 2], f32::NEG_INFINITY));
        meters.hear(&tone(1000.0, 0.5, 44_100));
        let [left, right] = meters.peaks_db();
        assert!((left + 6.02).abs() < 0.05 && (right + 12.04).abs() < 0.05, "{left} {right}");
        // BS.1770: a sine of 1 kHz at -6 dBFS left and -12 dBFS right.
        assert!((meters.lufs() + 8.06).abs() < 0.3, "{}", meters.lufs());
        meters.hear(&vec![[0.0; 2]; 44_100]);
        assert!((meters.peaks_db()[0] + 18.02).abs() < 0.05);
        assert_eq!(meters.lufs(), f32::NEG_INFINITY);
    }

    #[test]
    fn the_spectrogram_shows_a_tone_in_its_band() {
        for hz in [100.0, 1000.0, 9000.0] {
            let mut meters = Meters::new(SampleRate::CD);
            meters.hear(&tone(hz, 1.0, 20_000));
            let column = meters.columns().next_back().expect("heard");
            let loudest = (0..BANDS).max_by(|a, b| column[*a].total_cmp(&column[*b])).expect("bands");
            let expected = (hz / LOWEST_HZ).log2() / (HIGHEST_HZ / LOWEST_HZ).log2() * BANDS as f64;
            assert!((loudest as f64 + 0.5 - expected).abs() < 1.6, "{hz}: {loudest} for {expected}");
            assert!((-6.0..0.5).contains(&column[loudest]), "{}", column[loudest]);
        }
    }
}
