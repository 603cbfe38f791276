//! The pitch of a recorded note (McLeod and Wyvill, "A smarter way to find pitch", ICMC 2005).
//!
//! Whether a note has a pitch, and in which octave, is decided once for the whole note; then each window says how far the note is
//! from there. So neither a window's octave error nor vibrato, a glide at the start or beating moves the result far.

mod similarity;
#[cfg(test)]
mod tests;

use crate::audio::AudioBuffer;
use crate::units::SampleRate;
use similarity::{Peak, Similarity, SimilarityPlan};

/// The lowest and the highest pitch that is found, in hertz.
pub const RANGE_HZ: [f64; 2] = [25.0, 4200.0];

/// A peak within this part of the highest one's height is as good: of those, the one with the shortest period counts. McLeod and
/// Wyvill found 0.8 to 1.0 to be of use; a bit below 1.0, for a sound whose octave is strong is heard an octave higher.
const AS_GOOD: f64 = 0.9;
/// Similarity of a sound to itself one period later, below which it has no pitch.
const LEAST_CLARITY: f64 = 0.8;
/// Windows quieter than the loudest one by more than this, in power (-40 dB), are not heard.
const QUIETEST: f64 = 1e-4;
/// What is left out at the start, in seconds: hammers, picks and falling pitches settle.
const ATTACK_S: f64 = 0.12;
/// Windows that are left at least, if there are as many.
const LEAST_WINDOWS: usize = 4;
/// Of the shortest period, so many at least must fit into half of a window.
const LEAST_PERIODS: usize = 8;
/// No more windows are taken than this: spread over the note, they say as much as more.
const MOST_WINDOWS: usize = 64;
/// How far from the pitch of the whole a window is searched, and from the given pitch a whole note, in semitones.
const NEAR_SEMITONES: f64 = 1.0;

/// Windows in which two versions of a note are compared hold twice so many of its periods.
const COMPARED_PERIODS: f64 = 8.0;

/// How many periods of the note may make one of the sound: a sub-octave makes two of them one, a bell's hum four.
const OCTAVES_BELOW: [f64; 3] = [1.0, 2.0, 4.0];

/// What was found in a note.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DetectedPitch {
    /// The fundamental, in hertz: the median over the note.
    pub hz: f64,
    /// How much a period is like the next: 0.8 ..= 1.0.
    pub clarity: f32,
    /// How far the pitch moves, in cents: half of what lies between the quartiles.
    pub spread_cents: f32,
}

impl DetectedPitch {
    /// How much higher than `hz` it is, in cents.
    pub fn cents_above(&self, hz: f64) -> f64 {
        1200.0 * (self.hz / hz).log2()
    }
}

/// The pitch of a note, or `None` where the sound has none: noise, most drums.
///
/// What repeats is the longest of its periods: with a strong sub-octave or a bell's hum, that is an octave or more below what the
/// note is called. [`detect_pitch_near`] is for notes whose name is known.
pub fn detect_pitch(note: &AudioBuffer) -> Option<DetectedPitch> {
    let windows = Windows::of(note, note.sample_rate.hz() / RANGE_HZ[0])?;
    let peak = windows.pooled().first_of_the_highest(AS_GOOD)?;
    windows.measure(peak)
}

/// The pitch of a note that is known to lie within a semitone of `hz`: how far it is out of tune. `None` where the sound repeats
/// neither after that period nor after two or four of them.
pub fn detect_pitch_near(note: &AudioBuffer, hz: f64) -> Option<DetectedPitch> {
    let period = note.sample_rate.hz() / hz;
    let most_periods = OCTAVES_BELOW[OCTAVES_BELOW.len() - 1];
    let windows = Windows::of(note, (note.sample_rate.hz() / RANGE_HZ[0]).max(most_periods * period))?;
    let pooled = windows.pooled();
    OCTAVES_BELOW.iter().find_map(|periods| {
        let found = windows.measure(pooled.peak_near(periods * period, NEAR_SEMITONES)?)?;
        Some(DetectedPitch { hz: periods * found.hz, ..found })
    })
}

/// How much higher `other` is than `note`, of which it is another version of the same length, in cents: the median over short windows at the
/// same times, so that a glide which only fades otherwise is none. `None` where one of them has no pitch as clear as `least_clarity`, or not near
/// the other's.
///
/// # Panics
/// If their lengths or rates differ.
pub fn cents_between(note: &AudioBuffer, other: &AudioBuffer, least_clarity: f32) -> Option<f64> {
    assert!(note.len() == other.len() && note.sample_rate == other.sample_rate, "two versions of one note");
    let longest_period = note.sample_rate.hz() / RANGE_HZ[0];
    let whole = Windows::of(note, longest_period)?.pooled().first_of_the_highest(AS_GOOD)?;
    let longest_period = longest_period.min(COMPARED_PERIODS * whole.lag);
    let [mut starts, heard] = [note, other].map(|audio| starts(audio, Windows::sizes(audio, longest_period).0));
    starts.retain(|start| heard.contains(start));
    let [note, other] = [note, other].map(|audio| Windows::at(audio, longest_period, &starts));
    for windows in [&note, &other] {
        let clarity = windows.pooled().peak_near(whole.lag, NEAR_SEMITONES)?.height;
        if clarity < f64::from(least_clarity) {
            return None;
        }
    }
    let ratio = |(note, other): (&Similarity, &Similarity)| Some(lag_near(note, whole)? / lag_near(other, whole)?);
    let ratios = sorted(note.windows.iter().zip(&other.windows).filter_map(ratio));
    if ratios.is_empty() || 2 * ratios.len() < note.windows.len() {
        return None;
    }
    Some(1200.0 * median(&ratios).log2())
}

/// A note in overlapping windows, each with its likeness to itself at every lag.
struct Windows {
    rate: SampleRate,
    windows: Vec<Similarity>,
}

impl Windows {
    /// `longest_period` is in frames. `None` if the note is silent or too short to tell.
    fn of(note: &AudioBuffer, longest_period: f64) -> Option<Self> {
        Some(Self::at(note, longest_period, &Self::starts_of(note, longest_period)?))
    }

    /// The windows that start there.
    fn at(note: &AudioBuffer, longest_period: f64, starts: &[usize]) -> Self {
        let rate = note.sample_rate;
        let (length, [shortest_lag, longest_lag]) = Self::sizes(note, longest_period);
        let plan = SimilarityPlan::new(length, shortest_lag, longest_lag.min(length / 2));
        let windows = starts.iter().map(|&start| plan.of(&note.frames[start..start + length])).collect();
        Self { rate, windows }
    }

    /// Length of a window, the shortest lag and the longest one, in frames.
    fn sizes(note: &AudioBuffer, longest_period: f64) -> (usize, [usize; 2]) {
        // Neighbours of the last lag are looked at, too.
        let longest_lag = (longest_period * semitones_ratio(NEAR_SEMITONES)).ceil() as usize + 2;
        let shortest_lag = (note.sample_rate.hz() / RANGE_HZ[1] / semitones_ratio(NEAR_SEMITONES)) as usize;
        ((2 * longest_lag).min(note.len()), [shortest_lag, longest_lag])
    }

    /// Where the windows start in which the note is heard and has settled; `None` if it is silent or too short to tell.
    fn starts_of(note: &AudioBuffer, longest_period: f64) -> Option<Vec<usize>> {
        let (length, [shortest_lag, _]) = Self::sizes(note, longest_period);
        if length < 2 * LEAST_PERIODS * shortest_lag {
            return None;
        }
        let mut starts = starts(note, length);
        let first_loud = *starts.first()?;
        let settled = starts.partition_point(|&start| start < first_loud + note.sample_rate.frames(ATTACK_S));
        starts.drain(..settled.min(starts.len().saturating_sub(LEAST_WINDOWS)));
        Some(starts)
    }

    /// The mean over all windows.
    fn pooled(&self) -> Similarity {
        Similarity::mean(&self.windows)
    }

    /// From the whole note's period to each window's.
    fn measure(&self, whole: Peak) -> Option<DetectedPitch> {
        if whole.height < LEAST_CLARITY {
            return None;
        }
        let lags = sorted(self.windows.iter().filter_map(|window| lag_near(window, whole)));
        if 2 * lags.len() < self.windows.len() {
            return None;
        }
        let quantile = |share: f64| lags[((lags.len() - 1) as f64 * share).round() as usize];
        Some(DetectedPitch {
            hz: self.rate.hz() / median(&lags),
            clarity: whole.height.min(1.0) as f32,
            spread_cents: (600.0 * (quantile(0.75) / quantile(0.25)).log2()) as f32,
        })
    }
}

/// The period of a window, near the whole note's.
fn lag_near(window: &Similarity, whole: Peak) -> Option<f64> {
    let peak = window.peak_near(whole.lag, NEAR_SEMITONES)?;
    Some(window.over_more_periods(peak).lag)
}

fn sorted(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values
}

/// Of sorted values, at least one.
fn median(values: &[f64]) -> f64 {
    0.5 * (values[(values.len() - 1) / 2] + values[values.len() / 2])
}

/// Where the windows of `length` frames start that are loud enough to be heard.
fn starts(note: &AudioBuffer, length: usize) -> Vec<usize> {
    let room = note.len() - length;
    let hop = (length / 4).max(room / MOST_WINDOWS).max(1);
    let power = |start: usize| -> f64 {
        note.frames[start..start + length].iter().flatten().map(|&sample| f64::from(sample).powi(2)).sum()
    };
    let powers: Vec<(usize, f64)> = (0..=room).step_by(hop).map(|start| (start, power(start))).collect();
    let loudest = powers.iter().fold(0.0, |loudest: f64, &(_, power)| loudest.max(power));
    powers
        .into_iter()
        .filter(|&(_, power)| power > 0.0 && power >= QUIETEST * loudest)
        .map(|(start, _)| start)
        .collect()
}

fn semitones_ratio(semitones: f64) -> f64 {
    (semitones / 12.0).exp2()
}
