//! A sound of any length, of which a stretch is held at a time.

use super::bands::Analysis;
use riffsmith_dsp::mix::Recording;
use riffsmith_dsp::spectral::{Bin, Edges, FrameReader};
use riffsmith_dsp::{AudioBuffer, SampleRate, StereoFrame};
use std::ops::Range;

/// Frames that are read at a time where one is looked at after the other.
pub const STRETCH: usize = 1 << 16;

/// A stereo recording, samples interleaved.
#[derive(Debug, Clone)]
pub struct Sound<R> {
    /// Its samples.
    pub recording: R,
    /// Its rate.
    pub sample_rate: SampleRate,
    /// Its frames.
    pub length: usize,
    /// Whether it is a seamless loop.
    pub edges: Edges,
}

impl<'a> Sound<&'a [f32]> {
    /// One in memory.
    pub fn of(audio: &'a AudioBuffer, edges: Edges) -> Self {
        let recording = audio.frames.as_flattened();
        Self { recording, sample_rate: audio.sample_rate, length: audio.len(), edges }
    }
}

impl<R: Recording> Sound<R> {
    /// Reads frames from `start` on.
    ///
    /// # Errors
    /// Those of the recording.
    pub fn read(&mut self, start: usize, frames: &mut [StereoFrame]) -> Result<(), R::Error> {
        self.recording.read(2 * start, frames.as_flattened_mut())
    }

    /// All of it.
    ///
    /// # Errors
    /// Those of the recording.
    pub fn whole(&mut self) -> Result<AudioBuffer, R::Error> {
        let mut audio = AudioBuffer::silence(self.sample_rate, self.length);
        self.read(0, &mut audio.frames)?;
        Ok(audio)
    }

    /// Its stretches, one after the other.
    ///
    /// # Errors
    /// Those of the recording, and of `visit`.
    pub fn for_each_stretch(
        &mut self,
        mut visit: impl FnMut(&[StereoFrame]) -> Result<(), R::Error>,
    ) -> Result<(), R::Error> {
        let mut frames = vec![[0.0; 2]; STRETCH.min(self.length)];
        for start in (0..self.length).step_by(STRETCH) {
            let frames = &mut frames[..STRETCH.min(self.length - start)];
            self.read(start, frames)?;
            visit(frames)?;
        }
        Ok(())
    }
}

/// The spectra of both channels of a sound, of those frames that are held.
pub struct Spectra<'a> {
    readers: [FrameReader<'a>; 2],
    held: Vec<StereoFrame>,
    first: usize,
    length: usize,
}

impl<'a> Spectra<'a> {
    /// None held yet.
    pub fn new<R>(analysis: &'a Analysis, sound: &Sound<R>) -> Self {
        let readers = [0, 1].map(|_| analysis.stft.frames(sound.length, sound.edges));
        Self { readers, held: Vec::new(), first: 0, length: sound.length }
    }

    /// Number of frames of the transform.
    pub fn count(&self) -> usize {
        self.readers[0].count()
    }

    /// Holds what some frames are made of; those before the first one are the last ones of a loop, and so on round it.
    pub fn hold<R: Recording>(&mut self, sound: &mut Sound<R>, frames: Range<isize>) -> Result<(), R::Error> {
        let (span, length) = (self.readers[0].span(frames), self.length as isize);
        let span = match sound.edges {
            Edges::Silence => span.start.clamp(0, length)..span.end.clamp(0, length),
            Edges::Loop if span.len() >= self.length => 0..length,
            Edges::Loop => span,
        };
        self.first = span.start.rem_euclid(length.max(1)) as usize;
        self.held.resize(span.len(), [0.0; 2]);
        // What lies beyond the end of a loop is its start.
        let (there, behind) = self.held.split_at_mut(span.len().min(self.length - self.first));
        sound.read(self.first, there)?;
        sound.read(0, behind)
    }

    /// Frame `t` of both channels, one of those held; free to be changed.
    pub fn read(&mut self, t: usize) -> [&mut [Bin]; 2] {
        let Self { readers: [left, right], held, first, length } = self;
        let place = |i: usize| if i >= *first { i - *first } else { i + *length - *first };
        [left.read(t, |i| held[place(i)][0]), right.read(t, |i| held[place(i)][1])]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use riffsmith_dsp::Seed;

    #[test]
    fn frames_are_the_same_whatever_is_held() {
        let mut rng = Seed(3).rng();
        let frames = (0..30_011).map(|_| [rng.bipolar(), rng.bipolar()]).collect();
        let audio = AudioBuffer { sample_rate: SampleRate::CD, frames };
        let analysis = Analysis::new(SampleRate::CD);
        for edges in [Edges::Silence, Edges::Loop] {
            let mut sound = Sound::of(&audio, edges);
            let mut whole = analysis.stft.frames(audio.len(), edges);
            let mut spectra = Spectra::new(&analysis, &sound);
            let count = spectra.count() as isize;
            for held in [0..3, 10..17, count - 3..count + 4, -5..1, -100..2] {
                let Ok(()) = spectra.hold(&mut sound, held.clone());
                assert!(held.len() > 50 || spectra.held.len() <= 513 * held.len() + 2050);
                for t in held {
                    if edges == Edges::Silence && !(0..count).contains(&t) {
                        continue;
                    }
                    let t = t.rem_euclid(count) as usize;
                    let [left, right] = spectra.read(t);
                    assert!(left == whole.read(t, |i| audio.frames[i][0]));
                    assert!(right == whole.read(t, |i| audio.frames[i][1]));
                }
            }
        }
    }
}
