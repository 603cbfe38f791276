//! A refined sound: what the network made of it, as wide and as loud as the sound itself, and as much of it as moves nothing.

use super::sound::Sound;
use riffsmith_dsp::loudness::LoudnessMeter;
use riffsmith_dsp::mix::Recording;
use riffsmith_dsp::spectral::Edges;
use riffsmith_dsp::units::db_to_gain;
use riffsmith_dsp::{AudioBuffer, StereoFrame};
use std::convert::Infallible;

/// Scales of the side that may be needed, steps of bisection to find one, and what difference of correlation is none.
const WIDTHS: [f64; 2] = [0.25, 4.0];
const WIDTH_STEPS: usize = 20;
const LIKE: f64 = 0.01;

/// Steps in which loudness is matched, at most, and what difference of gain is none.
const LOUDNESS_STEPS: usize = 4;
const AS_LOUD: f32 = 1e-4;

/// Around a [`Dip`], the refined sound gives way within so many seconds before it, and is back so many behind it.
const DIP_FALLS_S: [f64; 2] = [0.08, 0.04];
const DIP_RISES_S: [f64; 2] = [0.015, 0.06];

/// An attack around which there is less of what was made of the sound.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Dip {
    /// Where it is, in seconds.
    pub at_s: f64,
    /// How much there is of what was made of the sound, 0.0 ..= 1.0.
    pub share: f32,
}

impl Dip {
    /// The share so many seconds behind it.
    fn share(&self, behind_s: f64) -> f32 {
        let [edge, from] = if behind_s < 0.0 { DIP_FALLS_S } else { [DIP_RISES_S[1], DIP_RISES_S[0]] };
        let gone = ((behind_s.abs() - from) / (edge - from)).clamp(0.0, 1.0);
        self.share + (1.0 - self.share) * gone as f32
    }
}

/// A loop is heard round and round for at least so long to know how loud it is, in seconds.
const LOOP_HEARD_S: f64 = 10.0;

/// A sound and what was made of it, mixed as they are read.
#[derive(Debug)]
pub struct Take<R, T> {
    /// The sound as it was.
    pub dry: Sound<R>,
    /// What was made of it; `None` where nothing was.
    wet: Option<T>,
    /// Scale of the side of `wet`.
    width: f32,
    /// Gain of `wet`.
    gain: f32,
    /// How much of `wet` there is, 0.0 ..= 1.0; the rest is the sound as it was.
    share: f32,
    /// Where there is less of it, the first one first.
    dips: Vec<Dip>,
    /// Gain of the mixture.
    level: f32,
    /// How loud the sound was, and stays; `None` where nothing was made of it.
    wanted: Option<Level>,
    frames: Vec<StereoFrame>,
    shares: Vec<f32>,
}

impl<R: Recording, T: Recording<Error = R::Error>> Take<R, T> {
    /// The sound as it was.
    pub fn unchanged(dry: Sound<R>) -> Self {
        Self {
            dry,
            wet: None,
            width: 1.0,
            gain: 1.0,
            share: 1.0,
            dips: Vec::new(),
            level: 1.0,
            wanted: None,
            frames: Vec::new(),
            shares: Vec::new(),
        }
    }

    /// `wet`, made as wide and as loud as `dry`.
    pub fn matched(mut dry: Sound<R>, wet: T) -> Result<Self, R::Error> {
        let (mut wanted, mut found) = (Image::default(), Image::default());
        dry.for_each_stretch(|frames| wanted.add(frames))?;
        let level = level_of(&mut dry)?;
        let Sound { sample_rate, length, edges, .. } = dry;
        let mut made = Sound { recording: wet, sample_rate, length, edges };
        made.for_each_stretch(|frames| found.add(frames))?;
        let width = found.width_to(&wanted);
        let mut take = Self { wet: Some(made.recording), width, wanted: Some(level), ..Self::unchanged(dry) };
        take.gain = take.gain_to_loudness(|take, gain| take.gain = gain)?;
        Ok(take)
    }

    /// Whether it is the sound as it was.
    pub fn is_unchanged(&self) -> bool {
        self.wet.is_none()
    }

    /// How much there is of what was made of the sound, 0.0 ..= 1.0.
    pub fn share(&self) -> f32 {
        self.share
    }

    /// Sets that, and keeps the loudness.
    pub fn set_share(&mut self, share: f32) -> Result<(), R::Error> {
        self.share = share;
        self.match_loudness()
    }

    /// Where there is less of it than that.
    pub fn dips(&self) -> &[Dip] {
        &self.dips
    }

    /// Sets those, the first one first, and keeps the loudness.
    pub fn set_dips(&mut self, dips: Vec<Dip>) -> Result<(), R::Error> {
        self.dips = dips;
        self.match_loudness()
    }

    fn match_loudness(&mut self) -> Result<(), R::Error> {
        self.level = 1.0;
        self.level = self.gain_to_loudness(|take, level| take.level = level)?;
        Ok(())
    }

    /// The gain, set by `set`, at which it is as loud as it was.
    fn gain_to_loudness(&mut self, set: impl Fn(&mut Self, f32)) -> Result<f32, R::Error> {
        let Some(wanted) = self.wanted else { return Ok(1.0) };
        gain_to(wanted, |gain| {
            set(self, gain);
            level_of(&mut self.sound())
        })
    }

    /// Sets the shares of `count` frames from `start` on.
    fn set_shares(&mut self, start: usize, count: usize) {
        self.shares.clear();
        self.shares.resize(count, self.share);
        let Sound { sample_rate, length, edges, .. } = self.dry;
        let [before, behind] = [DIP_FALLS_S[0], DIP_RISES_S[1]].map(|seconds| sample_rate.frames(seconds) as isize);
        // Those at a loop's ends reach round them.
        let rounds = if edges == Edges::Loop { -1..=1 } else { 0..=0 };
        for (dip, round) in self.dips.iter().flat_map(|dip| rounds.clone().map(move |round| (dip, round))) {
            let at = sample_rate.frames(dip.at_s) as isize + round * length as isize;
            let [first, last] =
                [at - before, at + behind].map(|frame| (frame - start as isize).clamp(0, count as isize));
            for (share, frame) in self.shares[first as usize..last as usize].iter_mut().zip(first..) {
                let behind_s = (frame + start as isize - at) as f64 / sample_rate.hz();
                *share = share.min(self.share * dip.share(behind_s));
            }
        }
    }

    /// It as a sound.
    pub fn sound(&mut self) -> Sound<&mut Self> {
        let Sound { sample_rate, length, edges, .. } = self.dry;
        Sound { recording: self, sample_rate, length, edges }
    }
}

impl<R: Recording, T: Recording<Error = R::Error>> Recording for Take<R, T> {
    type Error = R::Error;

    fn read(&mut self, start: usize, samples: &mut [f32]) -> Result<(), R::Error> {
        self.dry.recording.read(start, samples)?;
        let Some(wet) = &mut self.wet else { return Ok(()) };
        self.frames.resize(samples.len() / 2, [0.0; 2]);
        wet.read(start, self.frames.as_flattened_mut())?;
        self.set_shares(start / 2, samples.len() / 2);
        for ((out, &frame), &share) in samples.as_chunks_mut::<2>().0.iter_mut().zip(&self.frames).zip(&self.shares) {
            let wet = widened(frame, self.width).map(|sample| self.gain * sample);
            let mixed = if share < 1.0 {
                [0, 1].map(|channel| out[channel] + share * (wet[channel] - out[channel]))
            } else {
                wet
            };
            *out = mixed.map(|sample| self.level * sample);
        }
        Ok(())
    }
}

fn widened([left, right]: StereoFrame, width: f32) -> StereoFrame {
    if width == 1.0 {
        return [left, right];
    }
    let (middle, side) = (0.5 * (left + right), 0.5 * width * (left - right));
    [middle + side, middle - side]
}

/// How alike left and right are.
#[derive(Debug, Default)]
struct Image {
    /// Energies of the middle and the side, and of their product.
    sums: [f64; 3],
}

impl Image {
    fn add<E>(&mut self, frames: &[StereoFrame]) -> Result<(), E> {
        self.sums = frames.iter().fold(self.sums, |[middle, side, both], [left, right]| {
            let (m, s) = (f64::from(left + right), f64::from(left - right));
            [middle + m * m, side + s * s, both + m * s]
        });
        Ok(())
    }

    /// Correlation of left and right, the side scaled by `width`.
    fn correlation(&self, width: f64) -> f64 {
        let [middle, side, both] = self.sums;
        let (side, both) = (width * width * side, width * both);
        let product = (middle + side).powi(2) - (2.0 * both).powi(2);
        if product > 0.0 { (middle - side) / product.sqrt() } else { 1.0 }
    }

    /// The scale of the side at which left and right are as much alike as in `model`.
    fn width_to(&self, model: &Self) -> f32 {
        let wanted = model.correlation(1.0);
        let [mut narrow, mut wide] = WIDTHS;
        if self.sums[1] <= 0.0 || (self.correlation(1.0) - wanted).abs() < LIKE {
            return 1.0;
        }
        for _ in 0..WIDTH_STEPS {
            let middle = (narrow * wide).sqrt();
            if self.correlation(middle) > wanted { narrow = middle } else { wide = middle }
        }
        (narrow * wide).sqrt() as f32
    }
}

/// How loud a sound is.
#[derive(Debug, Clone, Copy)]
struct Level {
    lufs: f32,
    rms: f64,
}

fn level_of<R: Recording>(sound: &mut Sound<R>) -> Result<Level, R::Error> {
    let (mut meter, mut energy) = (LoudnessMeter::new(sound.sample_rate), 0.0);
    // The meter leaves out what does not fill its last 100 ms: of a short loop that would be much, and another part if it began elsewhere.
    let heard = if sound.edges == Edges::Loop { sound.sample_rate.frames(LOOP_HEARD_S) } else { 0 };
    let rounds = heard.div_ceil(sound.length.max(1)).max(1);
    for _ in 0..rounds {
        sound.for_each_stretch(|frames| {
            meter.add(frames);
            energy += frames.iter().flatten().map(|&sample| f64::from(sample).powi(2)).sum::<f64>();
            Ok(())
        })?;
    }
    let samples = 2 * rounds * sound.length.max(1);
    Ok(Level { lufs: meter.integrated_lufs(), rms: (energy / samples as f64).sqrt() })
}

/// The gain at which a sound is as loud as wanted in LUFS, or by RMS where that gates all of it; `level_at` measures it with a gain, at
/// first of 1.0. Silence stays silence.
fn gain_to<E>(wanted: Level, mut level_at: impl FnMut(f32) -> Result<Level, E>) -> Result<f32, E> {
    let mut gain = 1.0;
    // What is gated changes with the level, so it takes more than one step near the gate.
    for _ in 0..LOUDNESS_STEPS {
        let level = level_at(gain)?;
        let difference_lu = wanted.lufs - level.lufs;
        let step = if difference_lu.is_finite() { db_to_gain(difference_lu) } else { (wanted.rms / level.rms) as f32 };
        if !step.is_finite() || (step - 1.0).abs() < AS_LOUD {
            break;
        }
        gain *= step;
    }
    Ok(gain)
}

/// Makes `audio` as loud as `model`, in LUFS, or by RMS where that gates all of it; silence stays silence.
pub fn match_loudness(audio: &mut AudioBuffer, model: &AudioBuffer) {
    let Ok(wanted) = level_of(&mut Sound::of(model, Edges::Silence));
    let mut applied = 1.0;
    let found: Result<f32, Infallible> = gain_to(wanted, |gain| {
        audio.scale(gain / applied);
        applied = gain;
        level_of(&mut Sound::of(audio, Edges::Silence))
    });
    let Ok(gain) = found;
    audio.scale(gain / applied);
}

#[cfg(test)]
mod tests {
    use super::*;
    use riffsmith_dsp::SampleRate;
    use riffsmith_dsp::levels::measure;
    use riffsmith_dsp::loudness::integrated_lufs;

    fn matched(audio: &AudioBuffer, model: &AudioBuffer) -> AudioBuffer {
        let Ok(mut take) = Take::matched(Sound::of(model, Edges::Silence), audio.frames.as_flattened());
        let Ok(whole) = take.sound().whole();
        whole
    }

    #[test]
    fn a_sound_becomes_as_wide_and_as_loud_as_another() {
        let mut rng = riffsmith_dsp::Seed(1).rng();
        let mut wide_by = |width: f32| {
            let frames = (0..70_000).map(|_| {
                let (middle, side) = (0.2 * rng.bipolar(), 0.2 * width * rng.bipolar());
                [middle + side, middle - side]
            });
            AudioBuffer { sample_rate: SampleRate::CD, frames: frames.collect() }
        };
        let (model, audio, mono) = (wide_by(0.3), wide_by(0.8), wide_by(0.0));
        let correlation = |audio: &AudioBuffer| measure(audio).correlation.expect("both sides sound");
        let as_model = matched(&audio, &model);
        assert!((correlation(&as_model) - correlation(&model)).abs() < 1e-3);
        assert!((integrated_lufs(&as_model) - integrated_lufs(&model)).abs() < 0.01);
        assert!(correlation(&matched(&audio, &mono)) > 0.9);
        let still_mono = matched(&mono, &model);
        assert!(still_mono.frames.iter().all(|[left, right]| left == right));
    }

    #[test]
    fn a_share_lies_between_at_the_same_loudness() {
        let mut rng = riffsmith_dsp::Seed(2).rng();
        let frames = (0..70_000).map(|_| [0.3 * rng.bipolar(); 2]).collect();
        let dry = AudioBuffer { sample_rate: SampleRate::CD, frames };
        let wet: Vec<f32> = dry.frames.as_flattened().iter().map(|_| 0.1 * rng.bipolar()).collect();
        let Ok(mut take) = Take::matched(Sound::of(&dry, Edges::Silence), wet);
        for share in [0.75, 0.25, 0.0] {
            let Ok(()) = take.set_share(share);
            let Ok(mixed) = take.sound().whole();
            assert!((integrated_lufs(&mixed) - integrated_lufs(&dry)).abs() < 0.01, "{share}");
            assert_eq!(mixed == dry, share == 0.0);
        }
        let Ok(same) = Take::<_, Vec<f32>>::unchanged(Sound::of(&dry, Edges::Silence)).sound().whole();
        assert_eq!(same, dry);
    }

    #[test]
    fn a_dip_is_smooth_and_reaches_round_a_loop() {
        let audio = |value: f32| AudioBuffer { sample_rate: SampleRate::CD, frames: vec![[value; 2]; 44_100] };
        let dry = audio(0.1);
        for edges in [Edges::Silence, Edges::Loop] {
            let Ok(mut take) = Take::matched(Sound::of(&dry, edges), vec![-0.1; 88_200]);
            let Ok(()) = take.set_dips(vec![Dip { at_s: 0.01, share: 0.0 }, Dip { at_s: 0.5, share: 0.5 }]);
            take.set_shares(0, 44_100);
            let whole = take.shares.clone();
            let at = |seconds: f64| whole[SampleRate::CD.frames(seconds)];
            assert_eq!((at(0.01), at(0.1), at(0.4), at(0.5), at(0.6)), (0.0, 1.0, 1.0, 0.5, 1.0));
            assert_eq!(whole[44_099] < 1.0, edges == Edges::Loop);
            assert!(whole.windows(2).all(|pair| (pair[1] - pair[0]).abs() < 1e-3));
            // In parts they are the same.
            let mut parts = Vec::new();
            for start in (0..44_100).step_by(4_410) {
                take.set_shares(start, 4_410);
                parts.extend_from_slice(&take.shares);
            }
            assert_eq!(parts, whole);
        }
    }
}
