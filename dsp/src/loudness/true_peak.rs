//! True peak: the largest value of the signal between its samples, too (ITU-R BS.1770-4, annex 2).

use crate::audio::{AudioBuffer, StereoFrame};
use crate::effect::MAX_BLOCK;
use crate::fir::{convolve, kaiser, sinc};
use rayon::prelude::*;

/// Taps of the standard's phases and of the short sinc.
const TAPS: usize = 12;
/// Taps of the long sinc.
const LONG_TAPS: usize = 64;
/// Frames before the block that the filters look back on.
const HISTORY: usize = LONG_TAPS - 1;

/// The interpolation filter printed in the standard: half of its four phases, which lie 1/8, 3/8, 5/8 and 7/8 of the way between
/// two frames; the others mirror these.
const STANDARD_PHASES: [[f32; TAPS]; 2] = [
    [
        0.001_708_984_4,
        0.010_986_328,
        -0.019_653_32,
        0.033_203_125,
        -0.059_448_242,
        0.137_329_1,
        0.972_167_97,
        -0.102_294_92,
        0.047_607_422,
        -0.026_611_328,
        0.014_892_578,
        -0.008_300_781,
    ],
    [
        -0.029_174_805,
        0.029_296_875,
        -0.051_757_813,
        0.089_111_33,
        -0.166_503_9,
        0.465_087_9,
        0.779_785_16,
        -0.200_317_38,
        0.101_562_5,
        -0.058_227_54,
        0.033_081_055,
        -0.018_920_898,
    ],
];

/// Four times oversampled peaks, frame by frame.
///
/// Meters differ in their filters, by up to two decibels on clicks and near Nyquist. This one takes the largest reading of three: the
/// standard's printed filter, the short Hann-windowed sinc that most meters have, and a long one.
pub struct PeakDetector {
    short: [[f32; TAPS]; 7],
    long: [[f32; LONG_TAPS]; 3],
    history: [StereoFrame; HISTORY + MAX_BLOCK],
    interpolated: [StereoFrame; MAX_BLOCK],
}

impl PeakDetector {
    /// Frames by which [`PeakDetector::process`] lags behind its input.
    pub const LATENCY_FRAMES: usize = LONG_TAPS / 2;

    /// At rest.
    pub fn new() -> Self {
        let mirrored = |mut phase: [f32; TAPS]| {
            phase.reverse();
            phase
        };
        let [near, far] = STANDARD_PHASES;
        let [sinc_1, sinc_2, sinc_3] = [1, 2, 3].map(windowed_sinc);
        Self {
            short: [sinc_1, sinc_2, sinc_3, near, far, mirrored(far), mirrored(near)],
            long: [1, 2, 3].map(windowed_sinc),
            history: [[0.0; 2]; HISTORY + MAX_BLOCK],
            interpolated: [[0.0; 2]; MAX_BLOCK],
        }
    }

    /// For each frame of a block (at most [`MAX_BLOCK`]), the largest absolute value of both channels from the frame
    /// [`PeakDetector::LATENCY_FRAMES`] before it up to the next one.
    pub fn process(&mut self, block: &[StereoFrame], peaks: &mut [f32]) {
        let count = block.len();
        self.history[HISTORY..HISTORY + count].copy_from_slice(block);
        for (peak, [left, right]) in peaks.iter_mut().zip(&self.history[HISTORY - Self::LATENCY_FRAMES..]) {
            *peak = left.abs().max(right.abs());
        }
        let phases = self.short.iter().map(|taps| &taps[..]).chain(self.long.iter().map(|taps| &taps[..]));
        for phase in phases {
            let interpolated = &mut self.interpolated[..count];
            // Filters of every length have their middle at the same frame.
            let newest = HISTORY + phase.len() / 2 - Self::LATENCY_FRAMES;
            convolve(phase, &self.history[newest + 1 - phase.len()..newest + count], interpolated);
            for (peak, [left, right]) in peaks.iter_mut().zip(interpolated) {
                *peak = peak.max(left.abs().max(right.abs()));
            }
        }
        self.history.copy_within(count..count + HISTORY, 0);
    }

    /// How much larger than all its samples a peak can be.
    fn largest_gain(&self) -> f32 {
        let phases = self.short.iter().map(|taps| &taps[..]).chain(self.long.iter().map(|taps| &taps[..]));
        phases.map(|taps| taps.iter().map(|tap| tap.abs()).sum()).fold(1.0, f32::max)
    }

    /// Forgets all input.
    pub fn reset(&mut self) {
        self.history.fill([0.0; 2]);
    }
}

/// The sinc under a Hann window, `quarter` quarters of the way from the middle frame of `N` to the next.
fn windowed_sinc<const N: usize>(quarter: usize) -> [f32; N] {
    // Tap j looks at the frame that far from the moment sought.
    let x = |j: usize| j as f64 - N as f64 / 2.0 + quarter as f64 / 4.0;
    let hann = |x: f64| (std::f64::consts::PI * x / N as f64).cos().powi(2);
    std::array::from_fn(|j| (sinc(x(j)) * hann(x(j))) as f32)
}

impl Default for PeakDetector {
    fn default() -> Self {
        Self::new()
    }
}

/// The oversampled peak of each frame: the largest absolute value from it up to the next one. Round the loop if `circular`, else
/// with silence around.
pub fn peaks(audio: &AudioBuffer, circular: bool) -> Vec<f32> {
    let mut peaks = vec![0.0; audio.len()];
    fill_in_parallel(&audio.frames, circular, 0, &mut peaks);
    peaks
}

/// Frames on either side of a stretch that its peaks depend on.
pub(crate) const REACH_FRAMES: usize = LONG_TAPS;

/// The oversampled peaks of the frames from `start` on, with silence around `frames`.
pub(crate) fn peaks_from(frames: &[StereoFrame], start: usize, peaks: &mut [f32]) {
    fill_in_parallel(frames, false, start, peaks);
}

fn fill_in_parallel(frames: &[StereoFrame], circular: bool, start: usize, peaks: &mut [f32]) {
    peaks.par_chunks_mut(STRETCH).enumerate().for_each(|(index, peaks)| {
        fill_peaks(frames, circular, start + index * STRETCH, peaks);
    });
}

/// Raises the peaks of a loop at its ends to those that it has with silence around, where that makes them larger: a loop is also
/// started and stopped, and one that begins with a hard hit overshoots there.
pub fn raise_to_edges(audio: &AudioBuffer, peaks: &mut [f32]) {
    let edge = LONG_TAPS.min(audio.len());
    for start in [0, audio.len() - edge] {
        let mut with_silence = [0.0; LONG_TAPS];
        fill_peaks(&audio.frames, false, start, &mut with_silence[..edge]);
        for (peak, other) in peaks[start..].iter_mut().zip(with_silence) {
            *peak = peak.max(other);
        }
    }
}

/// Frames whose peaks are found at a time, by one thread.
const STRETCH: usize = 1 << 14;

/// The oversampled peaks of the frames from `start` on.
fn fill_peaks(frames: &[StereoFrame], circular: bool, start: usize, peaks: &mut [f32]) {
    const DELAY: usize = PeakDetector::LATENCY_FRAMES;
    let length = frames.len();
    // `index` counts from `LONG_TAPS` frames before `start`.
    let around = |index: usize| match (start + index).checked_sub(LONG_TAPS) {
        Some(frame) if frame < length => frames[frame],
        Some(frame) if circular => frames[frame % length],
        None if circular => frames[(start + index + LONG_TAPS * length - LONG_TAPS) % length],
        _ => [0.0; 2],
    };
    let mut detector = PeakDetector::new();
    let mut block = [[0.0; 2]; MAX_BLOCK];
    let mut found = [0.0; MAX_BLOCK];
    let run_up = LONG_TAPS + DELAY;
    let mut position = 0;
    while position < run_up + peaks.len() {
        // Up to where the first peak comes out, then on.
        let end = if position < run_up { run_up } else { run_up + peaks.len() };
        let count = MAX_BLOCK.min(end - position);
        block[..count].iter_mut().enumerate().for_each(|(offset, frame)| *frame = around(position + offset));
        detector.process(&block[..count], &mut found[..count]);
        if let Some(at) = position.checked_sub(run_up) {
            peaks[at..at + count].copy_from_slice(&found[..count]);
        }
        position += count;
    }
}

/// The peak of the sound between its frames as exactly as makes a difference: eight times oversampled by a sinc of 128 frames, with
/// silence around. Meters, whose filters are shorter or their steps wider, read between this and the highest frame, or a few
/// hundredths of a decibel more.
///
/// For single sounds: it takes its time, and looks closely only where the sound is within 6 dB of its highest frame.
pub fn exact_peak(audio: &AudioBuffer) -> f32 {
    const REACH: usize = 64;
    const STEPS: usize = 8;
    // 63 dB of attenuation, and a transition from 21.4 kHz on at 44.1 kHz (Kaiser's formulas).
    const BETA: f64 = 6.0;
    let phases: [[f32; 2 * REACH]; STEPS - 1] = std::array::from_fn(|phase| {
        std::array::from_fn(|tap| {
            let x = tap as f64 - (REACH as f64 - 1.0) - (phase + 1) as f64 / STEPS as f64;
            (sinc(x) * kaiser(x / REACH as f64, BETA)) as f32
        })
    });
    let silence = [[0.0; 2]; REACH];
    let padded: Vec<StereoFrame> = [&silence[..], &audio.frames, &silence[..]].concat();
    let mut peak = audio.peak();
    let loud = 0.5 * peak;
    let is_loud = |frame: &StereoFrame| frame[0].abs() > loud || frame[1].abs() > loud;
    for around in padded.windows(2 * REACH).filter(|around| around[REACH - 1..=REACH].iter().any(is_loud)) {
        for taps in &phases {
            let mut between = [0.0f32; 2];
            for (tap, frame) in taps.iter().zip(around) {
                between = [between[0] + tap * frame[0], between[1] + tap * frame[1]];
            }
            peak = peak.max(between[0].abs()).max(between[1].abs());
        }
    }
    peak
}

/// True peak in dBTP; silence is -infinity.
pub fn true_peak_dbtp(audio: &AudioBuffer) -> f32 {
    crate::units::gain_to_db(highest(audio))
}

/// The largest of all oversampled peaks. Looked for only where samples are large enough to make it: no filter's output is larger than
/// the largest sample that it sees times the sum of its taps.
fn highest(audio: &AudioBuffer) -> f32 {
    /// Frames that are looked at together: several times what the filters reach.
    const LOOK: usize = 4 * MAX_BLOCK;
    let samples = audio.peak();
    let most = samples / PeakDetector::new().largest_gain();
    let loud = |frames: &[StereoFrame]| frames.as_flattened().iter().any(|sample| sample.abs() > most);
    let stretches = (0..audio.len().div_ceil(LOOK)).into_par_iter().map(|look| {
        let (start, end) = (look * LOOK, ((look + 1) * LOOK).min(audio.len()));
        let around = start.saturating_sub(LONG_TAPS)..(end + LONG_TAPS).min(audio.len());
        if !loud(&audio.frames[around]) {
            return samples;
        }
        let mut peaks = [0.0; LOOK];
        fill_peaks(&audio.frames, false, start, &mut peaks[..end - start]);
        peaks.into_iter().fold(samples, f32::max)
    });
    stretches.reduce(|| 0.0, f32::max)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::SampleRate;
    use std::f64::consts::TAU;

    #[test]
    fn peaks_between_samples_are_found() {
        // A quarter of the sample rate at 45 degrees: every sample is 3.01 dB below the sine's peak.
        let frames = (0..4_410).map(|n| [(TAU * (f64::from(n) / 4.0 + 0.125)).sin() as f32, 0.0]).collect();
        let audio = AudioBuffer { sample_rate: SampleRate::CD, frames };
        assert!((audio.peak() - std::f32::consts::FRAC_1_SQRT_2).abs() < 1e-4);
        // From the middle of the burst: its edges are steps that overshoot.
        let middle = peaks(&audio, false)[100..4_300].iter().fold(0.0f32, |peak, &value| peak.max(value));
        assert!((20.0 * middle.log10()).abs() < 0.05, "{middle}");
    }

    #[test]
    fn the_exact_peak_is_that_of_the_band_limited_sound() {
        // A burst of noise below half the sample rate, as the sum of sines whose peak is known from many more points.
        let sines: Vec<(f64, f64)> = (1..400).map(|n| (f64::from(n) * 0.00115, f64::from(n * n) * 0.37)).collect();
        let value = |t: f64| sines.iter().map(|(hz, phase)| (TAU * (hz * t + phase)).sin()).sum::<f64>() / 100.0;
        let envelope = |t: f64| (0.5 - 0.5 * (TAU * t / 2_000.0).cos()).powi(2);
        let frames = (0..2_000).map(|n| [(value(f64::from(n)) * envelope(f64::from(n))) as f32, 0.0]).collect();
        let audio = AudioBuffer { sample_rate: SampleRate::CD, frames };
        let fine = (0..200_000).map(|n| f64::from(n) / 100.0).map(|t| (value(t) * envelope(t)).abs());
        let expected = fine.fold(0.0, f64::max);
        let found = f64::from(exact_peak(&audio));
        // An eighth of a frame next to the top of a sine at 0.46 of the rate: 0.14 dB; usually far less.
        assert!((20.0 * (found / expected).log10()).abs() < 0.05, "{found} {expected}");
        assert!(found > 1.01 * f64::from(audio.peak()));
        assert_eq!(exact_peak(&AudioBuffer::silence(SampleRate::CD, 10)), 0.0);
    }

    #[test]
    fn a_loop_has_its_peaks_wherever_it_is_cut() {
        let sine = |n: usize| [(TAU * (n as f64 * 0.37 + 0.1)).sin() as f32, 0.5];
        let audio = AudioBuffer { sample_rate: SampleRate::CD, frames: (0..1_000).map(sine).collect() };
        let mut rotated = audio.clone();
        rotated.frames.rotate_left(333);
        let mut expected = peaks(&audio, true);
        expected.rotate_left(333);
        assert_eq!(peaks(&rotated, true), expected);
    }
}
