//! Loop points: the stretch of a held note that a sampler repeats for as long as the key is down.

use crate::audio::{AudioBuffer, StereoFrame};
use realfft::{RealFftPlanner, RealToComplex};
use rustfft::num_complex::Complex32;
use std::f32::consts::PI;
use std::ops::Range;
use std::sync::Arc;

/// What is compared before and after each end of the loop, in seconds: two periods of the lowest notes, and a quarter of a turn of
/// vibrato, so that its direction counts too.
const COMPARED_S: f64 = 0.05;
/// The shortest loop, in seconds: a shorter one that is not perfect flutters.
const SHORTEST_S: f64 = 1.0;
/// How far a start may move to where the sound is smooth, in seconds: a period of the lowest notes, so as to get out of the way of
/// a saw's edge.
const MOVE_S: f64 = 0.03;
/// Frames to either side that are looked at for that.
const SMOOTH_FRAMES: usize = 16;
/// Places at which a loop is tried to start.
const STARTS: usize = 8;
/// Likenesses nearer than this to the best one are as good: then the longer loop counts, of which less is heard.
const AS_GOOD: f32 = 1e-3;
/// The cross-fade of ends that are alike, and of such that have nothing in common, in seconds.
const CROSS_FADE_S: [f64; 2] = [0.02, 0.3];
/// What is left after the loop's end for samplers that read on or do not loop, in seconds; it fades.
const TAIL_S: f64 = 0.1;

/// Frames that repeat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SustainLoop {
    /// The first frame.
    pub first: usize,
    /// The last frame that is played before the first one again.
    pub last: usize,
}

impl SustainLoop {
    /// Length in frames.
    pub fn frames(self) -> usize {
        self.last + 1 - self.first
    }
}

/// A loop, and how like its ends are: 1.0 where the sound comes back exactly.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Found {
    /// Where it repeats.
    pub frames: SustainLoop,
    /// Of what surrounds the first frame and what surrounds the frame after the last: 1.0 = the same, 0.0 = nothing in common.
    pub likeness: f32,
}

/// The best loop within `range` of a sound, by the normalized square difference of what lies around its ends; `None` if there is
/// no room for one.
pub fn find(audio: &AudioBuffer, range: Range<usize>) -> Option<Found> {
    let rate = audio.sample_rate;
    let half = rate.frames(COMPARED_S);
    let (from, to) = (range.start + half, range.end.min(audio.len()).checked_sub(half)?);
    let room = to.checked_sub(from + rate.frames(SHORTEST_S))?;
    let comparison = Comparison::new(&audio.frames[range.start..to + half], half);
    // Starts lie in the first half, so that long loops are tried too.
    let starts = (0..STARTS).map(|index| smoothest(audio, from + index * room / (2 * STARTS)));
    let candidates: Vec<Found> = starts
        .flat_map(|first| {
            let likeness = comparison.likeness(first - range.start);
            let earliest = first + rate.frames(SHORTEST_S);
            (earliest..to).map(move |next| Found {
                frames: SustainLoop { first, last: next - 1 },
                likeness: likeness[next - range.start],
            })
        })
        .collect();
    let best = candidates.iter().fold(f32::NEG_INFINITY, |best, found| best.max(found.likeness));
    candidates.into_iter().filter(|found| found.likeness >= best - AS_GOOD).max_by(|a, b| {
        let length = |found: &Found| found.frames.frames();
        length(a).cmp(&length(b)).then(a.likeness.total_cmp(&b.likeness))
    })
}

/// The frame from `from` on, within [`MOVE_S`], around which the sound has the smallest second differences.
fn smoothest(audio: &AudioBuffer, from: usize) -> usize {
    let rough = |at: usize| {
        let [before, here, after] = [at - 1, at, at + 1].map(|index| audio.frames[index]);
        (0..2).map(|side| (before[side] - 2.0 * here[side] + after[side]).abs()).fold(0.0, f32::max)
    };
    let end = (from + audio.sample_rate.frames(MOVE_S)).min(audio.len().saturating_sub(SMOOTH_FRAMES + 1));
    let roughest = |at: usize| (at - SMOOTH_FRAMES..=at + SMOOTH_FRAMES).map(rough).fold(0.0, f32::max);
    (from..end).min_by(|&a, &b| roughest(a).total_cmp(&roughest(b))).unwrap_or(from)
}

/// Makes the sound flow from the loop's last frame into its first one: what leads up to the last turns into what leads up to the
/// first, the less they are alike the more slowly. What follows is cut off after a tenth of a second.
///
/// The gains keep the power as it is at the likeness measured there (Fink, Holters and Zoelzer, "Signal-matched power-complementary
/// cross-fading and dry-wet mixing", DAFx 2016).
pub fn bake(audio: &mut AudioBuffer, found: &Found) {
    let SustainLoop { first, last } = found.frames;
    let rate = audio.sample_rate;
    let [alike, apart] = CROSS_FADE_S;
    let seconds = alike + (apart - alike) * (1.0 - f64::from(found.likeness.clamp(0.0, 1.0)));
    let length = rate.frames(seconds).min(first).min(found.frames.frames());
    let (incoming, outgoing) = (first - length, last + 1 - length);
    let before = audio.frames[incoming..first].to_vec();
    let correlation = correlation(&before, &audio.frames[outgoing..=last]).clamp(0.0, 1.0);
    for (index, entering) in before.into_iter().enumerate() {
        let place = (index + 1) as f32 / length as f32;
        let entered = 0.5 - 0.5 * (PI * place).cos();
        let left = 1.0 - entered;
        let power = entered * entered + left * left + 2.0 * correlation * entered * left;
        let [entered, left] = [entered, left].map(|gain| gain / power.sqrt());
        let frame = &mut audio.frames[outgoing + index];
        *frame = [left * frame[0] + entered * entering[0], left * frame[1] + entered * entering[1]];
    }
    let tail = rate.frames(TAIL_S).min(found.frames.frames());
    audio.frames.truncate(last + 1);
    audio.frames.extend_from_within(first..first + tail);
    for (index, frame) in audio.frames[last + 1..].iter_mut().enumerate() {
        let gain = 0.5 + 0.5 * (PI * (index + 1) as f32 / tail as f32).cos();
        *frame = frame.map(|sample| gain * sample);
    }
}

/// How far two stretches go together: 1.0 = in proportion, 0.0 = not at all.
fn correlation(a: &[StereoFrame], b: &[StereoFrame]) -> f32 {
    let sum = |x: &[StereoFrame], y: &[StereoFrame]| -> f64 {
        x.iter().flatten().zip(y.iter().flatten()).map(|(x, y)| f64::from(x * y)).sum()
    };
    let energies = sum(a, a) * sum(b, b);
    if energies > 0.0 { (sum(a, b) / energies.sqrt()) as f32 } else { 1.0 }
}

/// Compares a stretch of a sound with itself at all distances, by Fourier transform.
struct Comparison<'a> {
    frames: &'a [StereoFrame],
    half: usize,
    forward: Arc<dyn RealToComplex<f32>>,
    spectra: [Vec<Complex32>; 2],
    /// Energy of the `2 half` frames from each one on.
    energies: Vec<f64>,
}

impl<'a> Comparison<'a> {
    fn new(frames: &'a [StereoFrame], half: usize) -> Self {
        // What is compared must not meet itself round the end.
        let size = (frames.len() + 2 * half).next_power_of_two();
        let forward = RealFftPlanner::new().plan_fft_forward(size);
        let spectra = [0, 1].map(|channel| spectrum(&*forward, frames, channel));
        let mut sum_to = vec![0.0f64];
        for frame in frames {
            let power: f64 = frame.iter().map(|&sample| f64::from(sample).powi(2)).sum();
            sum_to.push(sum_to[sum_to.len() - 1] + power);
        }
        let energies = sum_to.windows(2 * half + 1).map(|ends| ends[2 * half] - ends[0]).collect();
        Self { frames, half, forward, spectra, energies }
    }

    /// For each frame, how like its surroundings are to those of `first`, as far as they lie within the sound.
    fn likeness(&self, first: usize) -> Vec<f32> {
        let surroundings = first - self.half..first + self.half;
        let mut product = vec![Complex32::default(); self.forward.len() / 2 + 1];
        for (channel, whole) in self.spectra.iter().enumerate() {
            let part = spectrum(&*self.forward, &self.frames[surroundings.clone()], channel);
            for ((product, whole), part) in product.iter_mut().zip(whole).zip(&part) {
                *product += whole * part.conj();
            }
        }
        // The spectrum of real signals is real at DC and Nyquist.
        product[0].im = 0.0;
        product[self.forward.len() / 2].im = 0.0;
        let inverse = RealFftPlanner::new().plan_fft_inverse(self.forward.len());
        let mut correlations = inverse.make_output_vec();
        inverse.process(&mut product, &mut correlations).expect("sizes are the plan's, and DC and Nyquist are real");
        let own = self.energies[first - self.half];
        let mut likeness = vec![f32::NEG_INFINITY; self.frames.len()];
        for (start, &energy) in self.energies.iter().enumerate() {
            let correlation = 2.0 * f64::from(correlations[start]) / self.forward.len() as f64;
            // Silence is like silence.
            let sum = own + energy;
            likeness[start + self.half] = if sum > 1e-12 { (correlation / sum) as f32 } else { 1.0 };
        }
        likeness
    }
}

/// One channel's spectrum, with silence after the frames.
fn spectrum(forward: &dyn RealToComplex<f32>, frames: &[StereoFrame], channel: usize) -> Vec<Complex32> {
    let mut samples = forward.make_input_vec();
    samples.iter_mut().zip(frames).for_each(|(sample, frame)| *sample = frame[channel]);
    let mut bins = forward.make_output_vec();
    forward.process(&mut samples, &mut bins).expect("both vectors were made by this plan");
    bins
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Seed;
    use crate::seam::seam_score;
    use crate::units::SampleRate;
    use std::f64::consts::TAU;

    fn sound(seconds: f64, wave: impl Fn(f64) -> f64) -> AudioBuffer {
        let frames = (0..SampleRate::CD.frames(seconds)).map(|n| [wave(n as f64 / 44_100.0) as f32; 2]).collect();
        AudioBuffer { sample_rate: SampleRate::CD, frames }
    }

    fn looped(audio: &AudioBuffer, found: &Found) -> AudioBuffer {
        let frames = audio.frames[found.frames.first..=found.frames.last].to_vec();
        AudioBuffer { sample_rate: audio.sample_rate, frames }
    }

    #[test]
    fn a_steady_tone_is_looped_over_whole_periods() {
        // 441 Hz: a period of exactly 100 frames.
        let mut audio = sound(3.0, |t| (TAU * 441.0 * t).sin() + 0.5 * (TAU * 1323.0 * t).sin());
        let found = find(&audio, 44_100..130_000).expect("room");
        assert_eq!(found.frames.frames() % 100, 0, "{found:?}");
        assert!(found.likeness > 0.9999 && found.frames.first >= 44_100 && found.frames.last < 130_000, "{found:?}");
        let before = looped(&audio, &found);
        bake(&mut audio, &found);
        // The cross-fade of a sound with itself changes nothing.
        let after = looped(&audio, &found);
        let worst = before.frames.iter().zip(&after.frames).map(|(a, b)| (a[0] - b[0]).abs()).fold(0.0, f32::max);
        assert!(worst < 1e-3, "{worst}");
        assert!(seam_score(&after) <= 1.0);
    }

    #[test]
    fn vibrato_is_looped_over_whole_turns() {
        let vibrato_hz = 5.0;
        let phase = |t: f64| 300.0 * t + 0.4 * (TAU * vibrato_hz * t).sin();
        let audio = sound(4.0, |t| (TAU * phase(t)).sin());
        let found = find(&audio, 44_100..170_000).expect("room");
        let turns = found.frames.frames() as f64 / 44_100.0 * vibrato_hz;
        assert!((turns - turns.round()).abs() < 0.02, "{turns} turns, {found:?}");
    }

    #[test]
    fn the_seam_keeps_away_from_the_edge_of_a_saw() {
        // It jumps every 1470 frames, and at 1.05 s, where the first loop is tried: 50 ms into the range.
        let audio = sound(3.0, |t| (30.0 * (t - 1.05) + 1e-9).rem_euclid(1.0) - 0.5);
        let Found { frames: SustainLoop { first, last }, .. } = find(&audio, 44_100..130_000).expect("room");
        let jump = |at: usize| (audio.frames[at + 1][0] - audio.frames[at][0]).abs();
        for near in [first, last] {
            assert!((near - 16..near + 16).all(|at| jump(at) < 0.01), "{first} {last}");
        }
    }

    #[test]
    fn sounds_that_never_come_back_are_joined_without_a_click_or_a_dip() {
        let mut rng = Seed(4).rng();
        let frames = (0..176_400).map(|_| [0.3 * rng.bipolar(), 0.3 * rng.bipolar()]).collect();
        let mut audio = AudioBuffer { sample_rate: SampleRate::CD, frames };
        let found = find(&audio, 44_100..170_000).expect("room");
        assert!(found.likeness < 0.2 && found.frames.frames() >= 44_100, "{found:?}");
        let before = looped(&audio, &found);
        bake(&mut audio, &found);
        let after = looped(&audio, &found);
        assert_eq!(after.frames[after.len() - 1], audio.frames[found.frames.first - 1]);
        assert!(seam_score(&after) <= 1.0);
        // In the middle of the cross-fade, both halves together are as strong as either.
        let end = after.len();
        let middle = |audio: &AudioBuffer| {
            let frames = audio.frames[end - 8_800..end - 4_400].to_vec();
            AudioBuffer { sample_rate: SampleRate::CD, frames }.rms()
        };
        assert!((20.0 * (middle(&after) / middle(&before)).log10()).abs() < 0.5);
    }

    #[test]
    fn what_follows_the_loop_is_its_start_fading() {
        let mut audio = sound(3.0, |t| (TAU * 220.5 * t).sin());
        let found = find(&audio, 44_100..130_000).expect("room");
        bake(&mut audio, &found);
        let SustainLoop { first, last } = found.frames;
        assert_eq!(audio.len(), last + 1 + 4_410);
        // Samplers that interpolate read some frames on.
        for ahead in 0..32 {
            assert!((audio.frames[last + 1 + ahead][0] - audio.frames[first + ahead][0]).abs() < 2e-4);
        }
        assert!(audio.frames[audio.len() - 1][0].abs() < 1e-6);
    }

    #[test]
    fn without_room_there_is_no_loop() {
        let audio = sound(0.3, |t| (TAU * 441.0 * t).sin());
        assert_eq!(find(&audio, 0..audio.len()), None);
        assert_eq!(find(&audio, 0..0), None);
    }
}
