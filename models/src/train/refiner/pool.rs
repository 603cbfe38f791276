//! The examples in memory: a few new ones with every step, and when there are enough, in the place of the oldest.

use super::pair::Pair;
use super::pairing::has_more_to_learn;
use crate::refiner::Family;
use crate::refiner::bands::{Analysis, BANDS, UNIT_DB, band_of, bins_of};
use crate::refiner::generator::CONTEXT;
use crate::refiner::noise::even;
use crate::refiner::valleys::valleys;
use half::f16;
use riffsmith_dsp::Rng;
use riffsmith_dsp::spectral::Edges;
use std::collections::VecDeque;

/// Change of the level of a whole pair, in dB: the loudest frame of a stem is louder than that of its single notes.
const LEVEL_JITTER_DB: (f32, f32) = (-8.0, 1.0);

/// Bins of a frame that are kept: those in bands.
pub const BINS: usize = 1024;

/// Level of nothing, in units.
const NOTHING: f32 = -5.0;

/// One pair as pictures, in half precision.
pub(super) struct Entry {
    pub family: Family,
    /// Levels of bands as the network sees them, frame after frame.
    pub levels: Vec<f16>,
    /// The sound's own mean spectrum.
    pub colour: Vec<f32>,
    /// Levels of the [`BINS`] of each frame, mean of both channels, in units above the network's floor and also below it.
    pub ours: Vec<f16>,
    /// The same of what would ring on.
    pub rings: Vec<f16>,
    pub reference: Vec<f16>,
    /// Level below which the measure hears nothing.
    pub floor: f32,
}

impl Entry {
    pub fn frames(&self) -> usize {
        self.ours.len() / BINS
    }
}

/// Pairs as the networks see them, of each family the oldest first; each with its number.
pub struct Pool {
    families: Vec<(Family, VecDeque<(usize, Entry)>)>,
    hiss: Hiss,
}

/// A batch cut from the pool; rows are frames, those of one time together; see `Cells` for what each of them is.
#[derive(Default)]
pub struct Batch {
    pub families: Vec<Family>,
    /// With [`CONTEXT`] frames more on either side.
    pub levels: Vec<f32>,
    pub colours: Vec<f32>,
    /// Levels of bands of what would ring on.
    pub ring_levels: Vec<f32>,
    pub ours: Vec<f32>,
    pub rings: Vec<f32>,
    pub valleys: Vec<f32>,
    pub reference: Vec<f32>,
    pub floor: Vec<f32>,
    pub hiss: [Vec<f32>; 2],
}

/// Spectra of even noise of mean power 1.
struct Hiss {
    bins: Vec<[f32; 2]>,
}

impl Hiss {
    const FRAMES: usize = 512;

    fn new(analysis: &Analysis, channel: u64) -> Self {
        let noise = even(&analysis.stft, Self::FRAMES, channel);
        let mut bins = Vec::with_capacity(Self::FRAMES * BINS);
        analysis.stft.for_each_frame(&noise, Edges::Loop, |_, frame| {
            bins.extend(frame[..BINS].iter().map(|bin| [bin.re, bin.im]));
        });
        Self { bins }
    }
}

impl Pool {
    /// An empty one, with noise of its own for each `channel`.
    pub fn new(analysis: &Analysis, channel: u64) -> Self {
        Self { families: Vec::new(), hiss: Hiss::new(analysis, channel) }
    }

    /// Number of pairs.
    pub fn len(&self) -> usize {
        self.families.iter().map(|(_, entries)| entries.len()).sum()
    }

    /// Adds the pair of this number, higher than those before.
    pub fn add(&mut self, number: usize, pair: &Pair, analysis: &Analysis) {
        let entry = (number, pair.entry(analysis));
        match self.families.iter_mut().find(|(family, _)| *family == pair.family) {
            Some((_, entries)) => entries.push_back(entry),
            None => self.families.push((pair.family, VecDeque::from([entry]))),
        }
    }

    /// Forgets the pairs of lower numbers than `first`, but of each family keeps one.
    pub fn forget_before(&mut self, first: usize) {
        for (_, entries) in &mut self.families {
            while entries.len() > 1 && entries[0].0 < first {
                entries.pop_front();
            }
        }
    }

    /// `size` stretches of `frames` frames, each of a family drawn evenly, but that one which has more to learn is drawn twice as often.
    pub fn batch(&self, size: usize, frames: usize, rng: &mut Rng) -> Batch {
        let cells = frames * size * BANDS;
        let mut batch = Batch {
            levels: vec![0.0; (frames + 2 * CONTEXT) * size * BANDS],
            ring_levels: vec![0.0; cells],
            ours: vec![0.0; cells],
            rings: vec![NOTHING; cells],
            valleys: vec![0.0; cells],
            reference: vec![0.0; cells],
            floor: vec![0.0; frames * size],
            hiss: [vec![0.0; cells], vec![0.0; cells]],
            ..Batch::default()
        };
        for example in 0..size {
            let entries = self.draw_family(rng);
            let (_, entry) = &entries[rng.below(entries.len())];
            self.cut(entry, example, size, frames, rng, &mut batch);
        }
        batch
    }

    /// The entries of a family.
    fn draw_family(&self, rng: &mut Rng) -> &VecDeque<(usize, Entry)> {
        loop {
            let (family, entries) = &self.families[rng.below(self.families.len())];
            if has_more_to_learn(*family) || rng.chance(0.5) {
                return entries;
            }
        }
    }

    fn cut(&self, entry: &Entry, example: usize, size: usize, frames: usize, rng: &mut Rng, batch: &mut Batch) {
        let jitter = rng.between(LEVEL_JITTER_DB.0, LEVEL_JITTER_DB.1) / UNIT_DB;
        // Attacks matter most: half of the stretches begin with the example.
        let latest = entry.frames().saturating_sub(frames);
        let start = if rng.chance(0.5) { 0 } else { rng.below(latest + 1) };
        let drawn: Vec<usize> = (0..BANDS).map(|band| bins_of(band).start + rng.below(bins_of(band).len())).collect();
        let hiss_start = rng.below(Hiss::FRAMES);
        batch.families.push(entry.family);
        batch.colours.extend(&entry.colour);
        let shifted = |level: &f16| if *level > f16::ZERO { (level.to_f32() + jitter).max(0.0) } else { 0.0 };
        for row in 0..frames + 2 * CONTEXT {
            let frame = (start + row).checked_sub(CONTEXT).and_then(|t| entry.levels.chunks_exact(BANDS).nth(t));
            if let Some(levels) = frame {
                let out = &mut batch.levels[(row * size + example) * BANDS..][..BANDS];
                out.iter_mut().zip(levels).for_each(|(out, level)| *out = shifted(level));
            }
        }
        let floor = entry.floor + jitter;
        let (mut valley, mut ours) = (Vec::new(), Vec::new());
        for t in 0..frames {
            let row = t * size + example;
            batch.floor[row] = floor;
            // Beyond the end of a short example both are silent.
            let at = (start + t) * BINS;
            let Some((own, reference)) = entry.ours.get(at..at + BINS).zip(entry.reference.get(at..at + BINS)) else {
                batch.ours[row * BANDS..][..BANDS].fill(NOTHING);
                batch.reference[row * BANDS..][..BANDS].fill(floor);
                continue;
            };
            ours.clear();
            ours.extend(own.iter().map(|level| level.to_f32()));
            valleys(&ours, &mut valley);
            let rings = &entry.rings[at..at + BINS];
            for (band, out) in batch.ring_levels[row * BANDS..][..BANDS].iter_mut().enumerate() {
                let loudest = rings[bins_of(band)].iter().map(|level| level.to_f32()).fold(0.0, f32::max);
                *out = if loudest > 0.0 { (loudest + jitter).max(0.0) } else { 0.0 };
            }
            let hiss = &self.hiss.bins[(hiss_start + t) % Hiss::FRAMES * BINS..][..BINS];
            for (band, &bin) in drawn.iter().enumerate() {
                let cell = row * BANDS + band;
                batch.ours[cell] = ours[bin] + jitter;
                batch.rings[cell] = (rings[bin].to_f32() + jitter).max(NOTHING);
                batch.valleys[cell] = valley[bin];
                batch.reference[cell] = (reference[bin].to_f32() + jitter).max(floor);
                batch.hiss[0][cell] = hiss[bin][0];
                batch.hiss[1][cell] = hiss[bin][1];
            }
        }
    }

    /// For each family, the gain of each band in units that brings our levels closest to the reference's in the least-squares
    /// sense, in those cells that the measure hears: the one best static equalizer.
    pub fn best_equalizers(&self) -> Vec<(Family, Vec<f32>)> {
        let fit = |(family, entries): &(Family, VecDeque<(usize, Entry)>)| {
            let mut gains = vec![0.0f32; BANDS];
            for _ in 0..EQUALIZER_STEPS {
                let (mut sums, mut counts) = (vec![0.0f64; BANDS], vec![0u32; BANDS]);
                for (_, entry) in entries {
                    for (cell, (ours, reference)) in entry.ours.iter().zip(&entry.reference).enumerate() {
                        let band = band_of(cell % BINS);
                        let level = ours.to_f32() + gains[band];
                        if level > entry.floor {
                            sums[band] += f64::from(reference.to_f32().max(entry.floor) - level);
                            counts[band] += 1;
                        }
                    }
                }
                for ((gain, sum), count) in gains.iter_mut().zip(sums).zip(counts) {
                    *gain += (sum / f64::from(count.max(1))) as f32;
                }
            }
            (*family, gains)
        };
        self.families.iter().map(fit).collect()
    }
}

/// Times that the equalizer is fitted to the cells that it leaves above the floor.
const EQUALIZER_STEPS: usize = 6;
