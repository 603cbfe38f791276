//! Short-time Fourier transform and its inverse by windowed overlap-add (Allen and Rabiner, "A Unified Approach to
//! Short-Time Fourier Analysis and Synthesis", 1977; least-squares synthesis window of Griffin and Lim, 1984).

use super::framing::{Edges, Framing};
use super::spectrogram::Spectrogram;
use super::{Bin, hann};
use crate::units::SampleRate;
use realfft::{ComplexToReal, RealFftPlanner, RealToComplex};
use std::ops::Range;
use std::sync::Arc;

/// A planned transform of one window size and hop. Conventions in the [module](super).
#[derive(Clone)]
pub struct Stft {
    fft_size: usize,
    hop: usize,
    window: Vec<f32>,
    forward: Arc<dyn RealToComplex<f32>>,
    inverse: Arc<dyn ComplexToReal<f32>>,
}

impl Stft {
    /// Plans windows of `fft_size` samples every `hop` samples.
    ///
    /// # Panics
    /// Unless `fft_size` is even and `hop` is 1 to `fft_size / 2`: every sample must lie under a window that is not 0.
    pub fn new(fft_size: usize, hop: usize) -> Self {
        assert!(fft_size.is_multiple_of(2) && (1..=fft_size / 2).contains(&hop), "fft_size even, hop 1 to half of it");
        let mut planner = RealFftPlanner::new();
        Self {
            fft_size,
            hop,
            window: hann(fft_size),
            forward: planner.plan_fft_forward(fft_size),
            inverse: planner.plan_fft_inverse(fft_size),
        }
    }

    /// Samples in a window.
    pub fn fft_size(&self) -> usize {
        self.fft_size
    }

    /// Samples from one frame to the next.
    pub fn hop(&self) -> usize {
        self.hop
    }

    /// Bins in a frame: `fft_size / 2 + 1`.
    pub fn bins(&self) -> usize {
        self.fft_size / 2 + 1
    }

    /// The spectrogram of one channel.
    pub fn analyze(&self, signal: &[f32], sample_rate: SampleRate, edges: Edges) -> Spectrogram {
        let mut values = Vec::new();
        self.for_each_frame(signal, edges, |_, bins| values.extend_from_slice(bins));
        let (fft_size, hop, length) = (self.fft_size, self.hop, signal.len());
        Spectrogram { sample_rate, fft_size, hop, length, edges, values }
    }

    /// The signal that comes closest to having this spectrogram: exactly the original one if it was not changed.
    ///
    /// # Panics
    /// If the spectrogram was made with another window size.
    pub fn synthesize(&self, spectrogram: &Spectrogram) -> Vec<f32> {
        assert_eq!(spectrogram.fft_size, self.fft_size, "same transform both ways");
        let framing = spectrogram.framing();
        let mut sum = OverlapAdd::new(self, framing);
        let mut bins = vec![Bin::default(); self.bins()];
        for t in 0..framing.count {
            bins.copy_from_slice(spectrogram.frame(t));
            sum.add(t, &mut bins);
        }
        sum.finish()
    }

    /// Calls `visit(t, bins)` for each frame in order; memory does not grow with the length.
    pub fn for_each_frame(&self, signal: &[f32], edges: Edges, mut visit: impl FnMut(usize, &mut [Bin])) {
        let mut frames = self.frames(signal.len(), edges);
        for t in 0..frames.count() {
            visit(t, frames.read(t, |i| signal[i]));
        }
    }

    /// Changes a signal in the frequency domain: `edit(t, bins)` may change each frame before it is synthesized.
    pub fn process(&self, signal: &[f32], edges: Edges, mut edit: impl FnMut(usize, &mut [Bin])) -> Vec<f32> {
        let mut sum = self.overlap_add(signal.len(), edges);
        self.for_each_frame(signal, edges, |t, bins| {
            edit(t, bins);
            sum.add(t, bins);
        });
        sum.finish()
    }

    /// A reader of single frames, in any order, of a signal of `length` samples.
    pub fn frames(&self, length: usize, edges: Edges) -> FrameReader<'_> {
        FrameReader {
            stft: self,
            framing: Framing::new(length, self.fft_size, self.hop, edges),
            windowed: self.forward.make_input_vec(),
            bins: self.forward.make_output_vec(),
            scratch: self.forward.make_scratch_vec(),
        }
    }

    /// The inverse, frame by frame, for a signal of `length` samples.
    pub fn overlap_add(&self, length: usize, edges: Edges) -> OverlapAdd<'_> {
        OverlapAdd::new(self, Framing::new(length, self.fft_size, self.hop, edges))
    }
}

/// Reads the frames of a signal one by one.
pub struct FrameReader<'a> {
    stft: &'a Stft,
    framing: Framing,
    windowed: Vec<f32>,
    bins: Vec<Bin>,
    scratch: Vec<Bin>,
}

impl FrameReader<'_> {
    /// The samples that some frames are made of, counted from the start of the signal, and one on either side; they may lie beyond its
    /// ends, and so may the frames.
    pub fn span(&self, frames: Range<isize>) -> Range<isize> {
        let [first, last] = [frames.start, frames.end - 1].map(|t| self.framing.centre(t));
        let half = self.framing.fft_size as isize / 2;
        first - half - 1..last + half + 1
    }

    /// Number of frames.
    pub fn count(&self) -> usize {
        self.framing.count
    }

    /// The spectrum of frame `t`; `sample(i)` is sample `i` of the signal.
    pub fn read(&mut self, t: usize, sample: impl Fn(usize) -> f32) -> &mut [Bin] {
        self.windowed.fill(0.0);
        let (windowed, window) = (&mut self.windowed, &self.stft.window);
        self.framing.for_each_sample(t, |n, i| windowed[n] = window[n] * sample(i));
        self.stft
            .forward
            .process_with_scratch(&mut self.windowed, &mut self.bins, &mut self.scratch)
            .expect("all three vectors were made by this plan");
        &mut self.bins
    }
}

/// The sum of synthesized frames and of the squared windows over each sample.
///
/// Between silent edges it holds only what [`OverlapAdd::drain`] has not taken yet, so that a long signal can go through in little memory.
pub struct OverlapAdd<'a> {
    stft: &'a Stft,
    framing: Framing,
    /// The first sample that is held.
    first: usize,
    signal: Vec<f32>,
    weight: Vec<f32>,
    frame: Vec<f32>,
    scratch: Vec<Bin>,
}

impl<'a> OverlapAdd<'a> {
    fn new(stft: &'a Stft, framing: Framing) -> Self {
        let held = if framing.edges == Edges::Loop { framing.length } else { 0 };
        let (frame, scratch) = (stft.inverse.make_output_vec(), stft.inverse.make_scratch_vec());
        Self { stft, framing, first: 0, signal: vec![0.0; held], weight: vec![0.0; held], frame, scratch }
    }

    /// Adds frame `t`; its bins are used up.
    pub fn add(&mut self, t: usize, bins: &mut [Bin]) {
        // The spectrum of a real signal is real at DC and Nyquist.
        bins[0].im = 0.0;
        bins[self.stft.fft_size / 2].im = 0.0;
        self.stft
            .inverse
            .process_with_scratch(bins, &mut self.frame, &mut self.scratch)
            .expect("sizes are the plan's, and DC and Nyquist are real");
        let (window, scale) = (&self.stft.window, 1.0 / self.stft.fft_size as f32);
        if self.framing.edges == Edges::Silence {
            let held = self.framing.end(t).saturating_sub(self.first).max(self.signal.len());
            self.signal.resize(held, 0.0);
            self.weight.resize(held, 0.0);
        }
        let (frame, signal, weight, first) = (&self.frame, &mut self.signal, &mut self.weight, self.first);
        self.framing.for_each_sample(t, |n, i| {
            signal[i - first] += frame[n] * window[n] * scale;
            weight[i - first] += window[n] * window[n];
        });
    }

    /// Takes the samples that no frame from `t` on changes any more, those taken before left out; in a loop there are none before
    /// [`OverlapAdd::finish`].
    ///
    /// # Panics
    /// Later, if a frame before `t` is added.
    pub fn drain(&mut self, t: usize) -> Vec<f32> {
        let count = match self.framing.edges {
            Edges::Silence => self.framing.start(t).saturating_sub(self.first).min(self.signal.len()),
            Edges::Loop => 0,
        };
        self.first += count;
        self.signal.drain(..count).zip(self.weight.drain(..count)).map(|(sample, weight)| sample / weight).collect()
    }

    /// The rest of the signal, once every frame was added.
    pub fn finish(self) -> Vec<f32> {
        self.signal.into_iter().zip(self.weight).map(|(sample, weight)| sample / weight).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Seed;
    use std::f64::consts::TAU;

    fn noise(length: usize) -> Vec<f32> {
        let mut rng = Seed(1).rng();
        (0..length).map(|_| rng.bipolar()).collect()
    }

    /// Energy of the difference re the energy of `b`, in dB.
    fn error_db(a: &[f32], b: &[f32]) -> f64 {
        assert_eq!(a.len(), b.len());
        let difference: f64 = a.iter().zip(b).map(|(a, b)| f64::from(a - b).powi(2)).sum();
        10.0 * (difference / b.iter().map(|b| f64::from(*b).powi(2)).sum::<f64>()).log10()
    }

    #[test]
    fn frames_are_the_naive_dft_of_the_windowed_signal() {
        let (size, hop) = (64, 16);
        let signal = noise(500);
        let spectrogram = Stft::new(size, hop).analyze(&signal, SampleRate::CD, Edges::Silence);
        for (t, k) in [(0, 0), (1, 5), (7, 32), (31, 17), (spectrogram.frames() - 1, 3)] {
            let (mut re, mut im) = (0.0, 0.0);
            for n in 0..size {
                let i = (t * hop + n) as isize - size as isize / 2;
                let x = usize::try_from(i).ok().and_then(|i| signal.get(i)).copied().map_or(0.0, f64::from);
                let w = 0.5 - 0.5 * (TAU * n as f64 / size as f64).cos();
                re += w * x * (TAU * (k * n) as f64 / size as f64).cos();
                im -= w * x * (TAU * (k * n) as f64 / size as f64).sin();
            }
            let bin = spectrogram.frame(t)[k];
            // 24-bit mantissas and sums of 64 terms below 1.
            assert!((f64::from(bin.re) - re).abs() < 1e-5 && (f64::from(bin.im) - im).abs() < 1e-5);
        }
    }

    #[test]
    fn synthesis_undoes_analysis_over_the_whole_length() {
        for (size, hop) in [(1024, 256), (1024, 512), (1024, 341), (1116, 279), (64, 1)] {
            for length in [1, 2, 63, 1000, 5000, 12_345] {
                let (stft, signal) = (Stft::new(size, hop), noise(length));
                for edges in [Edges::Silence, Edges::Loop] {
                    let back = stft.synthesize(&stft.analyze(&signal, SampleRate::CD, edges));
                    // Single precision leaves about -130 dB; -100 dB is what an editor of spectra may rely on.
                    let error = error_db(&back, &signal);
                    assert!(error < -100.0, "{size}/{hop}, {length} samples, {edges:?}: {error} dB");
                    assert_eq!(stft.process(&signal, edges, |_, _| ()), back);
                }
            }
        }
    }

    #[test]
    fn a_signal_drained_in_parts_is_the_same() {
        let (stft, signal) = (Stft::new(64, 16), noise(5000));
        for edges in [Edges::Silence, Edges::Loop] {
            let (mut sum, mut parts, mut held) = (stft.overlap_add(signal.len(), edges), Vec::new(), 0);
            stft.for_each_frame(&signal, edges, |t, bins| {
                parts.extend(sum.drain(t));
                sum.add(t, bins);
                held = held.max(sum.signal.len());
            });
            parts.extend(sum.finish());
            assert_eq!(parts, stft.process(&signal, edges, |_, _| ()));
            assert!(edges == Edges::Loop || held <= 64, "{held}");
        }
    }

    #[test]
    fn frames_are_made_of_the_samples_of_their_span() {
        let (stft, length) = (Stft::new(64, 16), 1003);
        for edges in [Edges::Silence, Edges::Loop] {
            let mut reader = stft.frames(length, edges);
            let count = reader.count() as isize;
            for frames in [0..1, 3..9, count - 2..count, -3..2] {
                let span = reader.span(frames.clone());
                assert!(span.len() <= 66 + 16 * frames.len(), "{frames:?}: {span:?}");
                for t in frames.filter(|&t| edges == Edges::Loop || t >= 0) {
                    reader.read(t.rem_euclid(count) as usize, |i| {
                        let rounds = if edges == Edges::Loop { -1..=1 } else { 0..=0 };
                        let places = rounds.map(|round: isize| i as isize + round * length as isize);
                        assert!(places.clone().any(|place| span.contains(&place)), "{t}: {i} in {span:?}");
                        0.0
                    });
                }
            }
        }
    }

    #[test]
    fn an_empty_signal_has_no_frames() {
        let stft = Stft::new(64, 16);
        let spectrogram = stft.analyze(&[], SampleRate::CD, Edges::Loop);
        assert_eq!(spectrogram.frames(), 0);
        assert!(stft.synthesize(&spectrogram).is_empty());
    }

    #[test]
    fn energy_is_the_same_in_both_domains() {
        let (size, signal) = (256, noise(256));
        let frames = Stft::new(size, 64).analyze(&signal, SampleRate::CD, Edges::Silence);
        // Frame 2 is centred on the middle of the 256 samples.
        let time: f64 = signal.iter().zip(hann(size)).map(|(x, w)| f64::from(x * w).powi(2)).sum();
        let bins = frames.frame(2);
        let twice: f64 = bins[1..size / 2].iter().map(|bin| 2.0 * f64::from(bin.norm_sqr())).sum();
        let frequency = (twice + f64::from(bins[0].norm_sqr() + bins[size / 2].norm_sqr())) / size as f64;
        assert!((time / frequency - 1.0).abs() < 1e-5);
    }

    #[test]
    fn a_full_scale_sine_is_at_0_db_in_its_bin() {
        let (size, bin) = (1024, 40);
        let sine: Vec<f32> = (0..8192).map(|i| (TAU * (bin * i) as f64 / size as f64).sin() as f32).collect();
        let spectrogram = Stft::new(size, 256).analyze(&sine, SampleRate::CD, Edges::Loop);
        let levels = spectrogram.levels_db(-120.0);
        for frame in levels.chunks_exact(spectrogram.bins()) {
            assert!(frame[bin].abs() < 0.01);
            // Hann's neighbours are at half the height, all others at none.
            assert!((frame[bin + 1] + 6.02).abs() < 0.01 && frame[bin + 2] < -100.0);
        }
        assert!((spectrogram.bin_hz(bin) - 1722.66).abs() < 0.01);
    }

    #[test]
    fn no_position_of_a_loop_is_special() {
        // A filter that keeps some bins, applied to a loop and to the loop turned by 1280 samples (5 hops).
        let (stft, signal) = (Stft::new(1024, 256), noise(256 * 40));
        let mut turned = signal.clone();
        turned.rotate_left(1280);
        let keep = |_: usize, bins: &mut [Bin]| bins[30..].fill(Bin::default());
        let filtered = stft.process(&signal, Edges::Loop, keep);
        let mut expected = filtered.clone();
        expected.rotate_left(1280);
        assert!(error_db(&stft.process(&turned, Edges::Loop, keep), &expected) < -100.0);
    }
}
