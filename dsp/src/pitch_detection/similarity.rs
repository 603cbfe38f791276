//! How much a stretch of sound is like itself some time later.

use super::semitones_ratio;
use crate::audio::StereoFrame;
use realfft::{ComplexToReal, RealFftPlanner, RealToComplex};
use rustfft::num_complex::Complex64;
use std::sync::Arc;

/// Where a peak is followed to twice its lag, its height there may have fallen to this part.
const STILL_PERIODIC: f64 = 0.8;

/// A planned autocorrelation.
pub(super) struct SimilarityPlan {
    length: usize,
    shortest_lag: usize,
    longest_lag: usize,
    forward: Arc<dyn RealToComplex<f64>>,
    inverse: Arc<dyn ComplexToReal<f64>>,
}

/// The normalized square difference function by lag: 1.0 where the sound repeats exactly, 0.0 where it has nothing in common, -1.0
/// where it is its own inverse (McLeod and Wyvill, equation 9).
#[derive(Debug, Clone)]
pub(super) struct Similarity {
    shortest_lag: usize,
    by_lag: Vec<f64>,
}

/// A maximum between the lags.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Peak {
    /// In frames.
    pub(super) lag: f64,
    /// Similarity there.
    pub(super) height: f64,
}

impl SimilarityPlan {
    /// For stretches of `length` frames, and peaks from `shortest_lag` to `longest_lag`, at most half of `length`.
    pub(super) fn new(length: usize, shortest_lag: usize, longest_lag: usize) -> Self {
        // Room for the lags, so that the correlation is not circular.
        let size = (length + longest_lag + 2).next_power_of_two();
        let mut planner = RealFftPlanner::new();
        Self {
            length,
            shortest_lag,
            longest_lag,
            forward: planner.plan_fft_forward(size),
            inverse: planner.plan_fft_inverse(size),
        }
    }

    /// Of both channels together: what is out of phase between them does not vanish.
    pub(super) fn of(&self, frames: &[StereoFrame]) -> Similarity {
        debug_assert_eq!(frames.len(), self.length);
        let mut powers = vec![Complex64::default(); self.forward.len() / 2 + 1];
        let mut squares = vec![0.0; self.length];
        for channel in 0..2 {
            let mean = frames.iter().map(|frame| f64::from(frame[channel])).sum::<f64>() / self.length as f64;
            let mut samples = self.forward.make_input_vec();
            for ((sample, square), frame) in samples.iter_mut().zip(&mut squares).zip(frames) {
                *sample = f64::from(frame[channel]) - mean;
                *square += *sample * *sample;
            }
            let mut bins = self.forward.make_output_vec();
            self.forward.process(&mut samples, &mut bins).expect("both vectors were made by this plan");
            for (power, bin) in powers.iter_mut().zip(&bins) {
                *power += bin.norm_sqr();
            }
        }
        let mut correlation = self.inverse.make_output_vec();
        self.inverse.process(&mut powers, &mut correlation).expect("a power spectrum is real");
        let scale = 2.0 / self.forward.len() as f64;
        // Energy of the two stretches that are compared at a lag: each loses a frame as the lag grows.
        let mut energy = 2.0 * squares.iter().sum::<f64>();
        let by_lag = (0..=self.longest_lag + 1).map(|lag| {
            if lag > 0 {
                energy -= squares[lag - 1] + squares[self.length - lag];
            }
            if energy > 0.0 { scale * correlation[lag] / energy } else { 0.0 }
        });
        Similarity { shortest_lag: self.shortest_lag, by_lag: by_lag.collect() }
    }
}

impl Similarity {
    /// The mean of several, of the same plan; of none, nothing.
    pub(super) fn mean(all: &[Self]) -> Self {
        let mut by_lag = vec![0.0; all.first().map_or(0, |first| first.by_lag.len())];
        for one in all {
            by_lag.iter_mut().zip(&one.by_lag).for_each(|(sum, value)| *sum += value / all.len() as f64);
        }
        Self { shortest_lag: all.first().map_or(1, |first| first.shortest_lag), by_lag }
    }

    /// Of the highest peaks between crossings of zero, the first one that is at least `as_good` times as high as the highest.
    pub(super) fn first_of_the_highest(&self, as_good: f64) -> Option<Peak> {
        let mut peaks: Vec<Peak> = Vec::new();
        // Around lag 0 everything is like itself.
        let mut lag = self.by_lag.iter().position(|&value| value < 0.0)?;
        while lag + 1 < self.by_lag.len() {
            let Some(rise) = self.by_lag[lag..].iter().position(|&value| value > 0.0) else { break };
            let start = lag + rise;
            let fall = self.by_lag[start..].iter().position(|&value| value < 0.0);
            let end = fall.map_or(self.by_lag.len(), |fall| start + fall);
            let highest = (start..end).max_by(|&a, &b| self.by_lag[a].total_cmp(&self.by_lag[b]))?;
            if highest >= self.shortest_lag {
                peaks.extend(self.peak_at(highest));
            }
            lag = end;
        }
        let highest = peaks.iter().fold(0.0, |highest: f64, peak| highest.max(peak.height));
        peaks.into_iter().find(|peak| peak.height >= as_good * highest)
    }

    /// The highest peak within `semitones` of a lag.
    pub(super) fn peak_near(&self, lag: f64, semitones: f64) -> Option<Peak> {
        let ratio = semitones_ratio(semitones);
        self.peak_between((lag / ratio).floor() as usize, (lag * ratio).ceil() as usize)
    }

    /// The same period, found from the distance of as many periods as the window holds: a small error in that is a smaller one in
    /// each.
    pub(super) fn over_more_periods(&self, period: Peak) -> Peak {
        let (mut best, mut periods) = (period, 1.0);
        loop {
            let (lag, quarter) = (2.0 * periods * best.lag, 0.25 * best.lag);
            let next = self.peak_between((lag - quarter).floor() as usize, (lag + quarter).ceil() as usize);
            match next.filter(|next| next.height >= STILL_PERIODIC * period.height) {
                Some(next) => {
                    periods *= 2.0;
                    best.lag = next.lag / periods;
                }
                None => return best,
            }
        }
    }

    fn peak_between(&self, from: usize, to: usize) -> Option<Peak> {
        if from < 1 || to + 1 >= self.by_lag.len() {
            return None;
        }
        let highest = (from..=to).max_by(|&a, &b| self.by_lag[a].total_cmp(&self.by_lag[b]))?;
        self.peak_at(highest)
    }

    /// The top of the parabola through a lag and its neighbours, if it is the highest of them.
    fn peak_at(&self, lag: usize) -> Option<Peak> {
        let [before, at, after] = *self.by_lag.get(lag.checked_sub(1)?..lag + 2)? else { return None };
        let bend = before - 2.0 * at + after;
        if at < before || at < after || bend >= 0.0 {
            return None;
        }
        let offset = 0.5 * (before - after) / bend;
        Some(Peak { lag: lag as f64 + offset, height: at - 0.25 * (before - after) * offset })
    }
}
