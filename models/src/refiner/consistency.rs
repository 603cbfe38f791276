//! Changed spectra made into a sound that has them.
//!
//! Frames overlap, so frames that were changed one by one do not fit together: the sum of them has other levels than each was given.
//! A few steps bring it near: the sum is analysed, and each bin brought to its level again, at the phase that it has now (Griffin and
//! Lim, "Signal Estimation from Modified Short-Time Fourier Transform", 1984). The middle and the side are
//! taken there each for itself: then the sound keeps its levels in mono, too.

use super::bands::CHUNK_FRAMES;
use riffsmith_dsp::StereoFrame;
use riffsmith_dsp::spectral::{Bin, Edges, OverlapAdd, Stft};
use std::collections::VecDeque;

/// Steps towards the levels, and how many frames on either side each of them lets a frame hear of.
const STEPS: usize = 8;
const REACH: usize = 3;

/// Frames on either side that all steps together reach.
const MARGIN: usize = STEPS * REACH;

/// A frame of the middle, half of the sum of both channels, and of the side, half of the difference; and the powers that its bins are to have.
#[derive(Debug, Clone, Default)]
pub struct Frame {
    pub channels: [Vec<Bin>; 2],
    pub powers: [Vec<f32>; 2],
}

/// The sum of changed frames. Between silent edges it holds some seconds, a loop whole.
pub struct Consistent<'a> {
    stft: &'a Stft,
    length: usize,
    edges: Edges,
    /// The number of the first frame that is held, and of the first that is not added yet.
    first: usize,
    next: usize,
    held: VecDeque<Frame>,
    sums: [OverlapAdd<'a>; 2],
}

impl<'a> Consistent<'a> {
    /// For a sound of `length` samples.
    pub fn new(stft: &'a Stft, length: usize, edges: Edges) -> Self {
        let sums = [0, 1].map(|_| stft.overlap_add(length, edges));
        Self { stft, length, edges, first: 0, next: 0, held: VecDeque::new(), sums }
    }

    /// Takes the next frame; returns what no later one changes any more.
    pub fn add(&mut self, frame: Frame) -> Vec<StereoFrame> {
        self.held.push_back(frame);
        let ready = self.first + self.held.len();
        if self.edges == Edges::Loop || ready < self.next + CHUNK_FRAMES + MARGIN {
            return Vec::new();
        }
        self.settle(ready - MARGIN);
        let [middle, side] = &mut self.sums;
        stereo(middle.drain(self.next), side.drain(self.next))
    }

    /// The rest.
    pub fn finish(mut self) -> Vec<StereoFrame> {
        self.settle(self.first + self.held.len());
        let [middle, side] = self.sums.map(OverlapAdd::finish);
        stereo(middle, side)
    }

    /// Adds the frames before `end`, and forgets those that no later ones hear of.
    fn settle(&mut self, end: usize) {
        let length = match self.edges {
            Edges::Loop => self.length,
            // The last frame's centre is at the end or behind it.
            Edges::Silence => {
                (self.held.len().saturating_sub(1) * self.stft.hop()).min(self.length - self.first_sample())
            }
        };
        let mut settled: Vec<[Vec<Bin>; 2]> = self.held.iter().map(|frame| frame.channels.clone()).collect();
        let mut reader = self.stft.frames(length, self.edges);
        for _ in 0..STEPS {
            for channel in [0, 1] {
                let mut sum = self.stft.overlap_add(length, self.edges);
                settled.iter_mut().enumerate().for_each(|(t, frame)| sum.add(t, &mut frame[channel]));
                let sum = sum.finish();
                for (t, (settled, wanted)) in settled.iter_mut().zip(&self.held).enumerate() {
                    let found = reader.read(t, |i| sum[i]);
                    for ((to, &bin), power) in
                        settled[channel].iter_mut().zip(found.iter()).zip(&wanted.powers[channel])
                    {
                        *to = bin * (power / bin.norm_sqr().max(f32::MIN_POSITIVE)).sqrt();
                    }
                }
            }
        }
        for (t, frame) in settled.iter_mut().enumerate().take(end - self.first).skip(self.next - self.first) {
            for (sum, bins) in self.sums.iter_mut().zip(frame) {
                sum.add(self.first + t, bins);
            }
        }
        self.next = end;
        let forgotten = end.saturating_sub(MARGIN).saturating_sub(self.first).min(self.held.len());
        self.held.drain(..forgotten);
        self.first += forgotten;
    }

    fn first_sample(&self) -> usize {
        (self.first * self.stft.hop()).min(self.length)
    }
}

fn stereo(middle: Vec<f32>, side: Vec<f32>) -> Vec<StereoFrame> {
    middle.into_iter().zip(side).map(|(middle, side)| [middle + side, middle - side]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use riffsmith_dsp::{Rng, Seed};

    fn stft() -> Stft {
        Stft::new(512, 128)
    }

    fn frames(middle: &[f32], side: &[f32], edges: Edges, mut edit: impl FnMut(&mut [Bin])) -> Vec<Frame> {
        let stft = stft();
        let mut frames = Vec::new();
        for (channel, signal) in [middle, side].into_iter().enumerate() {
            stft.for_each_frame(signal, edges, |t, bins| {
                edit(bins);
                frames.resize_with(frames.len().max(t + 1), Frame::default);
                frames[t].powers[channel] = bins.iter().map(|bin| bin.norm_sqr()).collect();
                frames[t].channels[channel] = bins.to_vec();
            });
        }
        frames
    }

    fn noise(length: usize, rng: &mut Rng) -> Vec<f32> {
        (0..length).map(|_| rng.bipolar()).collect()
    }

    /// Noise, each 16 bins with gains of their own, to -30 dB, that reach another value every six frames, as those of a network do that hears frames
    /// on either side.
    fn changed(length: usize, edges: Edges) -> Vec<Frame> {
        let mut rng = Seed(1).rng();
        let signal = noise(length, &mut rng);
        let mut t = 0;
        let mut draw = || (0..=256 / 16).map(|_| rng.between(-30.0, 0.0)).collect::<Vec<f32>>();
        let (mut from, mut to) = (draw(), draw());
        frames(&signal, &vec![0.0; length], edges, |bins| {
            if t == 6 {
                (from, to, t) = (std::mem::take(&mut to), draw(), 0);
            }
            for (bins, (from, to)) in bins.chunks_mut(16).zip(from.iter().zip(&to)) {
                let gain = 10f32.powf((from + (to - from) * t as f32 / 6.0) / 20.0);
                bins.iter_mut().for_each(|bin| *bin *= gain);
            }
            t += 1;
        })
    }

    fn settled(frames: &[Frame], length: usize, edges: Edges) -> Vec<StereoFrame> {
        let stft = stft();
        let mut sum = Consistent::new(&stft, length, edges);
        let mut made: Vec<StereoFrame> = frames.iter().flat_map(|frame| sum.add(frame.clone())).collect();
        made.extend(sum.finish());
        made
    }

    /// Root mean square of how far the levels of cells are from those asked for, in dB.
    fn error_db(signal: &[f32], frames: &[Frame], edges: Edges) -> f32 {
        let (mut error, mut cells) = (0.0, 0.0);
        stft().for_each_frame(signal, edges, |t, bins| {
            for (bin, wanted) in bins.iter().zip(&frames[t].powers[0]) {
                error += (10.0 * (bin.norm_sqr() / wanted).log10()).powi(2);
                cells += 1.0;
            }
        });
        (error / cells).sqrt()
    }

    #[test]
    fn cells_come_nearer_to_their_levels() {
        let length = 20_011;
        for edges in [Edges::Silence, Edges::Loop] {
            let frames = changed(length, edges);
            let stft = stft();
            let mut sum = stft.overlap_add(length, edges);
            frames.iter().enumerate().for_each(|(t, frame)| sum.add(t, &mut frame.channels[0].clone()));
            let plain = error_db(&sum.finish(), &frames, edges);
            let made = settled(&frames, length, edges);
            assert_eq!(made.len(), length);
            assert!(made.iter().all(|[left, right]| left == right));
            let left: Vec<f32> = made.iter().map(|frame| frame[0]).collect();
            let settled = error_db(&left, &frames, edges);
            assert!(settled < 0.88 * plain, "{plain} dB, then {settled} dB");
        }
    }

    #[test]
    fn what_fits_together_is_left_as_it_is() {
        let mut rng = Seed(2).rng();
        let [middle, side] = [0, 1].map(|_| noise(9_000, &mut rng));
        let made = settled(&frames(&middle, &side, Edges::Silence, |_| ()), 9_000, Edges::Silence);
        for (frame, (middle, side)) in made.iter().zip(middle.iter().zip(&side)) {
            assert!((frame[0] - (middle + side)).abs() < 1e-4 && (frame[1] - (middle - side)).abs() < 1e-4);
        }
    }

    #[test]
    fn a_long_sound_is_the_same_in_chunks() {
        let length = 128 * (2 * CHUNK_FRAMES + 300) + 77;
        let frames = changed(length, Edges::Silence);
        let stft = stft();
        let mut whole = Consistent::new(&stft, length, Edges::Silence);
        whole.held.extend(frames.iter().cloned());
        let (whole, chunked) = (whole.finish(), settled(&frames, length, Edges::Silence));
        assert_eq!(chunked.len(), length);
        for (at, (a, b)) in chunked.iter().zip(&whole).enumerate() {
            assert!((a[0] - b[0]).abs() < 1e-5, "{at}: {a:?} {b:?}");
        }
    }
}
