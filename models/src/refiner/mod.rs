//! The refiner: a generator that takes the spectrum of our instruments towards that of recorded ones.
//!
//! It looks at the levels of bands over time and says for each band and frame how much louder or softer our sound should be, on
//! its partials and between them, how much its partials ring on when it has let them go, and how much noise to add where it is silent and
//! recorded sounds are not. Phases of what sounds are kept, but for what it takes to make changed frames fit together; both channels get the
//! same changes, and noise takes the place in the stereo image that the sound has: onsets and pitches stay where they are.

pub(crate) mod apply;
pub(crate) mod attacks;
pub(crate) mod bands;
pub(crate) mod bounds;
mod consistency;
mod envelope;
mod family;
pub(crate) mod generator;
mod guard;
mod local;
pub(crate) mod noise;
pub(crate) mod parameters;
pub(crate) mod ring;
pub(crate) mod sound;
mod split;
pub(crate) mod take;
pub(crate) mod valleys;

pub use family::Family;
pub use sound::Sound;
pub use take::Take;

use crate::error::Result;
use apply::{FrameChange, Retouch};
use bands::{Analysis, BANDS, CHUNK_FRAMES, Survey};
use burn::Tensor;
use burn::tensor::{Device, TensorData};
use generator::{CONTEXT, Generator, family_rows};
use parameters::Maker;
use riffsmith_dsp::mix::{Recording, Tape};
use riffsmith_dsp::spectral::{Bin, Edges};
use riffsmith_dsp::{AudioBuffer, StereoFrame};
use ring::Ring;
use sound::Spectra;
use std::ops::Range;

/// A loop's end rings into its start for so long, in seconds.
const RINGS_S: f64 = 2.0;

/// The weights that the program ships with; their card is `models/weights/refiner.md`.
static BUILTIN: &[u8] = include_bytes!("../../weights/refiner.bin");

/// A trained refiner.
#[derive(Debug, Clone)]
pub struct Refiner {
    network: Generator,
    device: Device,
    hash: u64,
}

/// How much of what the network makes of a sound its bounds leave.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Kept {
    /// Share of all of it: mostly 1.0.
    pub share: f32,
    /// Number of attacks around which there is less.
    pub attacks_less: usize,
}

impl Refiner {
    /// A refiner from the bytes of a weights file.
    ///
    /// # Errors
    /// If they are not an undamaged weights file of this version.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let values = parameters::from_bytes(bytes, Generator::size())?;
        Ok(Self::from_values(&values, parameters::checksum(bytes)))
    }

    /// The refiner that the program ships with.
    pub fn builtin() -> Self {
        Self::from_bytes(BUILTIN).expect("the shipped weights are read by a test")
    }

    /// The bytes of the weights file that the program ships with.
    pub fn builtin_weights() -> &'static [u8] {
        BUILTIN
    }

    /// A refiner with these parameters.
    pub(crate) fn from_values(values: &[f32], hash: u64) -> Self {
        let device = Device::flex();
        Self { network: Generator::new(&mut Maker::take(values, &device)), device, hash }
    }

    /// Identifies the weights, in recipes and file metadata: 16 hexadecimal digits.
    pub fn hash(&self) -> String {
        format!("{:016x}", self.hash)
    }

    /// The sound refined.
    ///
    /// - `amount`: 0.0 (off, bit for bit) ..= 1.0 (as trained); the changes in dB are multiplied by it
    /// - `edges`: whether the sound is a seamless loop; it then stays one
    ///
    /// Keeps length, sample rate, loudness and stereo image; and attacks to 2 ms and the pitch of a note to 3 cents, by refining less around
    /// an attack, or less of a note, that would move. A sound that holds a sample that is not finite is left as it is.
    pub fn refine(&self, audio: &AudioBuffer, family: Family, amount: f32, edges: Edges) -> AudioBuffer {
        self.refine_within_bounds(audio, family, amount, edges).0
    }

    /// The sound refined, see [`Refiner::refine`], and how much of that its bounds left.
    pub(crate) fn refine_within_bounds(
        &self,
        audio: &AudioBuffer,
        family: Family,
        amount: f32,
        edges: Edges,
    ) -> (AudioBuffer, Kept) {
        let Ok(mut take) = self.refine_recording(Sound::of(audio, edges), family, amount, [Vec::new(), Vec::new()]);
        let Ok(refined) = take.sound().whole();
        (refined, Kept { share: take.share(), attacks_less: take.dips().len() })
    }

    /// The same of a recording of any length, with memory for some seconds of it and two `blank` tapes for the rest. Of loops all is held.
    ///
    /// # Errors
    /// Those of the recording and of the tapes.
    pub fn refine_recording<R: Recording, T: Tape<Error = R::Error>>(
        &self,
        mut dry: Sound<R>,
        family: Family,
        amount: f32,
        blank: [T; 2],
    ) -> core::result::Result<Take<R, T>, R::Error> {
        let (mut peak, mut is_finite) = (0.0f32, true);
        dry.for_each_stretch(|frames| {
            let samples = || frames.iter().flatten();
            peak = samples().fold(peak, |peak, sample| peak.max(sample.abs()));
            is_finite &= samples().all(|sample| sample.is_finite());
            Ok(())
        })?;
        if amount.is_nan() || amount <= 0.0 || peak == 0.0 || !is_finite {
            return Ok(Take::unchanged(dry));
        }
        let mut take = self.matched(dry, family, amount, blank)?;
        bounds::keep(&mut take, family.is_pitched())?;
        Ok(take)
    }

    /// The sound refined, as wide and as loud as it was, wherever that moves attacks and pitch.
    fn matched<R: Recording, T: Tape<Error = R::Error>>(
        &self,
        mut dry: Sound<R>,
        family: Family,
        amount: f32,
        [blank, other]: [T; 2],
    ) -> core::result::Result<Take<R, T>, R::Error> {
        let analysis = Analysis::new(dry.sample_rate);
        let mut changed = self.changed(&analysis, &mut dry, family, amount.min(1.0), blank)?;
        let reach_s = analysis.stft.fft_size() as f64 / dry.sample_rate.hz();
        let guarded = guard::guard_attacks(&mut dry, &mut changed, reach_s, other)?;
        Take::matched(dry, guarded)
    }

    /// What the network makes of the sound.
    fn changed<R: Recording, T: Tape<Error = R::Error>>(
        &self,
        analysis: &Analysis,
        sound: &mut Sound<R>,
        family: Family,
        amount: f32,
        mut blank: T,
    ) -> core::result::Result<T, R::Error> {
        let survey = analysis.survey(sound)?;
        let hop_s = analysis.hop_s(sound.sample_rate);
        let mut spectra = Spectra::new(analysis, sound);
        let mut retouch = Retouch::new(analysis, &survey, sound, amount);
        let (count, bins, edges) = (spectra.count(), analysis.stft.bins(), sound.edges);
        let mut ring = Ring::new(bins, hop_s);
        if edges == Edges::Loop {
            // The loop has gone round before.
            let run_up = (RINGS_S / hop_s) as usize;
            spectra.hold(sound, -(run_up as isize)..0)?;
            let first = count - run_up % count;
            follow(&mut ring, &mut spectra, bins, (first..first + run_up).map(|t| t % count));
        }
        for start in (0..count).step_by(CHUNK_FRAMES) {
            let part = start..count.min(start + CHUNK_FRAMES);
            let reach = CONTEXT as isize;
            spectra.hold(sound, part.start as isize - reach..part.end as isize + reach)?;
            let rings = follow(&mut ring, &mut spectra, bins, part.clone());
            let levels = window(&survey, &mut spectra, edges, part.clone());
            let ring_levels = bands::ring_levels(&rings, bins, survey.loudest);
            let changes = self.changes(&levels, &ring_levels, &survey.colour, family);
            let mut done: Vec<StereoFrame> = Vec::new();
            for (row, t) in part.enumerate() {
                let [gain, valley_gain, noise, partial_noise, ring] =
                    [0, 1, 2, 3, 4].map(|head: usize| &changes[head][row * BANDS..][..BANDS]);
                let rings = [0, 1].map(|channel: usize| &rings[channel][row * bins..][..bins]);
                let change = FrameChange { gain, valley_gain, noise, partial_noise, ring, rings };
                done.extend(retouch.frame(t, &mut spectra, change));
            }
            blank.append(done.as_flattened())?;
        }
        blank.append(retouch.finish().as_flattened())?;
        Ok(blank)
    }

    /// What the network would change in the frames of a [`window`], by [`generator::Change`]'s fields.
    fn changes(&self, levels: &[f32], rings: &[f32], colour: &[f32], family: Family) -> [Vec<f32>; generator::HEADS] {
        let colours = Tensor::<2>::from_data(TensorData::new(colour.to_vec(), [1, BANDS]), &self.device);
        let change = self.network.forward(levels, rings, family_rows(&[family], &self.device), colours);
        [change.gain, change.valley_gain, change.noise, change.partial_noise, change.ring].map(parameters::numbers)
    }
}

/// What would ring on in some frames of both channels, frame after frame.
fn follow(
    ring: &mut Ring,
    spectra: &mut Spectra,
    bins: usize,
    frames: impl ExactSizeIterator<Item = usize>,
) -> [Vec<Bin>; 2] {
    let mut rings = [0, 1].map(|_| vec![Bin::default(); frames.len() * bins]);
    let [rings_left, rings_right] = &mut rings;
    for (t, rings) in frames.zip(rings_left.chunks_exact_mut(bins).zip(rings_right.chunks_exact_mut(bins))) {
        let [left, right] = spectra.read(t);
        ring.follow([left, right], [rings.0, rings.1]);
    }
    rings
}

/// The levels of the bands of some frames and of [`CONTEXT`] on either side; beyond the ends lies silence, or the loop again.
fn window(survey: &Survey, spectra: &mut Spectra, edges: Edges, frames: Range<usize>) -> Vec<f32> {
    let count = survey.frames.len();
    let rows = frames.len() + 2 * CONTEXT;
    let mut window = vec![0.0; rows * BANDS];
    for (row, out) in window.chunks_exact_mut(BANDS).enumerate() {
        let frame = match edges {
            Edges::Silence => (frames.start + row).checked_sub(CONTEXT).filter(|&frame| frame < count),
            Edges::Loop => Some((frames.start + row + count * CONTEXT - CONTEXT) % count),
        };
        if let Some(t) = frame {
            let [left, right] = spectra.read(t);
            bands::levels(left, right, survey.loudest, out);
        }
    }
    window
}

#[cfg(test)]
mod tests;
