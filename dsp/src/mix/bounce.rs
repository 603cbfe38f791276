//! A piece of any length, mixed and mastered with memory for a few seconds of it.
//!
//! Its loudness is known only at its end, so it goes to a [`Tape`] first, and is mastered from there.

use super::balance::OctaveMeter;
use super::desk::Desk;
use super::limit::{Limiting, find_gain_db};
use super::piece::Piece;
use super::tape::{Recording, Tape};
use super::{Master, Mix, RAW_CEILING_DBTP};
use crate::audio::{AudioBuffer, StereoFrame};
use crate::effect::{Effect, MAX_BLOCK};
use crate::loudness::{LoudnessMeter, true_peak};
use crate::rng::Seed;
use crate::score::Score;
use crate::synth::Ending;
use crate::units::{SampleRate, db_to_gain, gain_to_db};

/// Frames that are in memory at a time: whole blocks.
const STRETCH: usize = 2048 * MAX_BLOCK;

/// A mix on a tape, two samples a frame.
pub struct Bounce<T> {
    tape: T,
    frames: usize,
    sample_rate: SampleRate,
    loudness_lufs: f32,
}

/// Renders what [`render_sum`](super::render_sum) does to a blank tape.
///
/// # Errors
/// Those of the tape.
///
/// # Panics
/// If `ending` wraps: what goes round is rendered whole.
pub fn bounce<T: Tape>(
    score: &Score,
    mix: &Mix,
    sample_rate: SampleRate,
    ending: Ending,
    seed: Seed,
    mut tape: T,
) -> Result<Bounce<T>, T::Error> {
    assert_ne!(ending, Ending::Wrap, "a loop is no piece");
    let desk = Desk::new(score, mix, sample_rate, ending, seed);
    let mut piece = Piece::sum(&desk);
    let mut meter = LoudnessMeter::new(sample_rate);
    let (mut position, mut heard) = (0, 0);
    while let Some([output]) = piece.next() {
        let stretch = &output.frames;
        tape.append(stretch.as_flattened())?;
        meter.add(stretch);
        if let Some(last) = stretch.iter().rposition(Ending::is_heard) {
            heard = position + last + 1;
        }
        position += stretch.len();
    }
    Ok(Bounce { tape, frames: heard.max(desk.length()), sample_rate, loudness_lufs: meter.integrated_lufs() })
}

impl Bounce<Vec<f32>> {
    /// Of what is in memory anyway.
    pub(super) fn of(audio: AudioBuffer) -> Self {
        let mut meter = LoudnessMeter::new(audio.sample_rate);
        meter.add(&audio.frames);
        Self {
            frames: audio.len(),
            sample_rate: audio.sample_rate,
            loudness_lufs: meter.integrated_lufs(),
            tape: audio.frames.into_flattened(),
        }
    }
}

impl<T: Recording> Bounce<T> {
    /// What is on `tape`, from its start on, as a mix of so many frames.
    ///
    /// # Errors
    /// Those of the tape.
    pub fn recorded(tape: T, frames: usize, sample_rate: SampleRate) -> Result<Self, T::Error> {
        let mut bounce = Self { tape, frames, sample_rate, loudness_lufs: f32::NEG_INFINITY };
        let mut meter = LoudnessMeter::new(sample_rate);
        bounce.for_each_stretch(|frames| {
            meter.add(frames);
            Ok(())
        })?;
        bounce.loudness_lufs = meter.integrated_lufs();
        Ok(bounce)
    }

    /// Loudness of the whole, gated; -infinity for silence.
    pub fn loudness_lufs(&self) -> f32 {
        self.loudness_lufs
    }

    /// True peak of the whole; -infinity for silence.
    ///
    /// # Errors
    /// Those of the tape.
    pub fn true_peak_dbtp(&mut self) -> Result<f32, T::Error> {
        let mut highest = 0.0f32;
        self.for_each_peaks(|peaks| {
            highest = peaks.iter().copied().fold(highest, f32::max);
            Ok(())
        })?;
        Ok(gain_to_db(highest))
    }

    fn for_each_stretch(
        &mut self,
        mut visit: impl FnMut(&mut [StereoFrame]) -> Result<(), T::Error>,
    ) -> Result<(), T::Error> {
        let mut frames = vec![[0.0; 2]; STRETCH.min(self.frames)];
        for start in (0..self.frames).step_by(STRETCH) {
            let frames = &mut frames[..STRETCH.min(self.frames - start)];
            self.tape.read(2 * start, frames.as_flattened_mut())?;
            visit(frames)?;
        }
        Ok(())
    }

    /// Calls `visit` with the true peaks of one stretch after the other.
    fn for_each_peaks(&mut self, mut visit: impl FnMut(&[f32]) -> Result<(), T::Error>) -> Result<(), T::Error> {
        let mut around = Vec::new();
        let mut peaks = vec![0.0; STRETCH];
        for start in (0..self.frames).step_by(STRETCH) {
            let end = (start + STRETCH).min(self.frames);
            let first = start.saturating_sub(true_peak::REACH_FRAMES);
            around.resize((end + true_peak::REACH_FRAMES).min(self.frames) - first, [0.0; 2]);
            self.tape.read(2 * first, around.as_flattened_mut())?;
            let peaks = &mut peaks[..end - start];
            true_peak::peaks_from(&around, start - first, peaks);
            visit(peaks)?;
        }
        Ok(())
    }
}

impl<T: Tape> Bounce<T> {
    /// Length in frames.
    pub fn len(&self) -> usize {
        self.frames
    }

    /// True if there is not one frame.
    pub fn is_empty(&self) -> bool {
        self.frames == 0
    }

    /// As it is, only turned down where its true peak would be above -1 dBTP; as [`raw`](super::raw).
    ///
    /// # Errors
    /// Those of the tape and of `sink`, which is given all frames in order.
    pub fn raw(mut self, mut sink: impl FnMut(&[StereoFrame]) -> Result<(), T::Error>) -> Result<(), T::Error> {
        let gain = db_to_gain((RAW_CEILING_DBTP - self.true_peak_dbtp()?).min(0.0));
        self.for_each_stretch(|frames| {
            scale(frames, gain);
            sink(frames)
        })
    }

    /// Mastered, as by [`master`](super::master()). `blank` are two more tapes: for the mix behind the bus effects, and for its true peaks.
    ///
    /// # Errors
    /// Those of the tapes and of `sink`, which is given all frames in order.
    pub fn mastered(
        self,
        master: &Master,
        blank: [T; 2],
        mut sink: impl FnMut(&[StereoFrame]) -> Result<(), T::Error>,
    ) -> Result<(), T::Error> {
        let [effected, mut peaks] = blank;
        let mut bounce = self;
        if !bounce.loudness_lufs.is_finite() {
            return bounce.for_each_stretch(|frames| sink(frames));
        }
        bounce = bounce.through_bus(master, effected)?;
        if !bounce.loudness_lufs.is_finite() {
            return bounce.for_each_stretch(|frames| sink(frames));
        }
        let mut highest = 0.0f32;
        bounce.for_each_peaks(|stretch| {
            highest = stretch.iter().copied().fold(highest, f32::max);
            peaks.append(stretch)
        })?;
        let (rate, loudness_lufs) = (bounce.sample_rate, bounce.loudness_lufs);
        let gain_db = find_gain_db(master, loudness_lufs, highest, |gain_db| {
            let mut meter = LoudnessMeter::new(rate);
            bounce.limited(&mut peaks, Limiting::new(master, rate, gain_db), |frames| {
                meter.add(frames);
                Ok(())
            })?;
            Ok(meter.integrated_lufs())
        })?;
        bounce.limited(&mut peaks, Limiting::new(master, rate, gain_db), sink)
    }

    /// Through tonal balance and bus effects, to a blank tape.
    fn through_bus(mut self, master: &Master, blank: T) -> Result<Self, T::Error> {
        let Self { frames: length, sample_rate, .. } = self;
        let mut levels_db = None;
        if master.balance.is_some() {
            let mut meter = OctaveMeter::new(sample_rate);
            self.for_each_stretch(|frames| {
                meter.add(frames);
                Ok(())
            })?;
            levels_db = Some(meter.levels_db());
        }
        let mut chain = master.bus(levels_db, sample_rate, None);
        let gain = db_to_gain(Master::REFERENCE_LUFS - self.loudness_lufs);
        let mut meter = LoudnessMeter::new(sample_rate);
        let mut effected = blank;
        // The first frames that come out of late effects belong before the beginning.
        let mut late = chain.latency_frames();
        let end = length + late;
        let mut frames = vec![[0.0; 2]; STRETCH];
        for start in (0..end).step_by(STRETCH) {
            let frames = &mut frames[..STRETCH.min(end - start)];
            let (heard, silent) = frames.split_at_mut(length.saturating_sub(start).min(frames.len()));
            self.tape.read(2 * start, heard.as_flattened_mut())?;
            silent.fill([0.0; 2]);
            scale(heard, gain);
            frames.chunks_mut(MAX_BLOCK).for_each(|block| chain.process(block, None));
            let before = late.min(frames.len());
            late -= before;
            meter.add(&frames[before..]);
            effected.append(frames[before..].as_flattened())?;
        }
        Ok(Self { tape: effected, loudness_lufs: meter.integrated_lufs(), ..self })
    }

    /// Raised and limited; `peaks` are its true peaks before.
    fn limited(
        &mut self,
        peaks: &mut T,
        mut limiting: Limiting,
        mut sink: impl FnMut(&[StereoFrame]) -> Result<(), T::Error>,
    ) -> Result<(), T::Error> {
        let length = self.frames;
        let latency = limiting.latency_frames();
        let mut ahead = vec![0.0; latency.max(STRETCH)];
        // What lies behind the end is silent, and allows everything.
        let mut look = |start: usize, count: usize, ahead: &mut [f32]| {
            let (sounding, silent) = ahead[..count].split_at_mut(length.saturating_sub(start).min(count));
            silent.fill(0.0);
            peaks.read(start, sounding)
        };
        look(0, latency, &mut ahead)?;
        ahead[..latency].iter().for_each(|&peak| {
            limiting.next(peak);
        });
        let mut position = 0;
        self.for_each_stretch(|frames| {
            look(position + latency, frames.len(), &mut ahead)?;
            for (frame, &peak) in frames.iter_mut().zip(&ahead) {
                let gain = limiting.next(peak);
                *frame = [gain * frame[0], gain * frame[1]];
            }
            position += frames.len();
            sink(frames)
        })
    }
}

fn scale(frames: &mut [StereoFrame], gain: f32) {
    frames.iter_mut().for_each(|frame| *frame = [gain * frame[0], gain * frame[1]]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loudness::{integrated_lufs, true_peak_dbtp};
    use crate::mix::{raw, render_sum};
    use crate::score::{Meter, Note, Pitch, Role, Tempo, Ticks, Track, Velocity};

    /// Twenty bars of a bass and of chords, the last of which ring.
    fn piece() -> (Score, Mix) {
        let mut score = Score::empty(Ticks(20 * 1920), Tempo::new(140.0).expect("valid"), Meter::COMMON);
        let note = |start, pitch, length| Note {
            start: Ticks(start),
            pitch: Pitch::new(pitch),
            length: Ticks(length),
            velocity: Velocity::new(100),
        };
        let track = |role, notes| Track { role: Some(role), notes, ..Track::default() };
        let bass = (0..160).map(|eighth| note(240 * eighth, 33 + (eighth % 5) as u8, 200)).collect();
        let chords = (0..20).flat_map(|bar| [57, 60, 64].map(|pitch| note(1920 * bar, pitch, 1900))).collect();
        score.tracks = vec![track(Role::Bass, bass), track(Role::Chords, chords)];
        let text = "[channels.bass]\npatch = \"house_bass\"\nloudness_lufs = -18.0\n[channels.chords]\n\
                    patch = \"glass_pad\"\nreverb_send_db = -12.0\ninserts = [{ type = \"gate\" }]\n";
        (score, toml::from_str(text).expect("valid"))
    }

    fn bounced() -> Bounce<Vec<f32>> {
        let (score, mix) = piece();
        bounce(&score, &mix, SampleRate::CD, Ending::Ring, Seed(4), Vec::new()).expect("infallible")
    }

    fn collected(write: impl FnOnce(&mut dyn FnMut(&[StereoFrame]))) -> AudioBuffer {
        let mut frames = Vec::new();
        write(&mut |stretch| frames.extend_from_slice(stretch));
        AudioBuffer { sample_rate: SampleRate::CD, frames }
    }

    #[test]
    fn a_bounce_is_the_mix_and_raw_is_raw() {
        let (score, mix) = piece();
        let sum = render_sum(&score, &mix, SampleRate::CD, Ending::Ring, Seed(4));
        assert!(sum.len() > 4 * STRETCH && sum.len() > score.frame_at(score.length, SampleRate::CD));
        let bounce = bounced();
        assert_eq!(bounce.len(), sum.len());
        assert!((bounce.loudness_lufs - integrated_lufs(&sum)).abs() < 0.01);
        let played = collected(|sink| {
            bounce
                .raw(|frames| {
                    sink(frames);
                    Ok(())
                })
                .expect("infallible");
        });
        assert!(played == raw(sum));
    }

    #[test]
    fn what_is_recorded_is_measured_as_it_is_in_memory() {
        let (score, mix) = piece();
        let sum = render_sum(&score, &mix, SampleRate::CD, Ending::Ring, Seed(4));
        let Ok(mut recorded) = Bounce::recorded(sum.frames.as_flattened(), sum.len(), SampleRate::CD);
        assert_eq!(recorded.loudness_lufs(), integrated_lufs(&sum));
        let Ok(peak_dbtp) = recorded.true_peak_dbtp();
        assert!((peak_dbtp - true_peak_dbtp(&sum)).abs() < 1e-4);
    }

    #[test]
    fn a_master_is_as_loud_as_asked_for_and_below_its_ceiling() {
        let length = bounced().len();
        for target_lufs in [-20.0, -12.0] {
            let spec = Master { target_lufs, balance: Some(super::super::Balance::default()), ..Master::default() };
            let mastered = collected(|sink| {
                bounced()
                    .mastered(&spec, [Vec::new(), Vec::new()], |frames| {
                        sink(frames);
                        Ok(())
                    })
                    .expect("infallible");
            });
            assert_eq!(mastered.len(), length);
            assert!((integrated_lufs(&mastered) - target_lufs).abs() < 0.2, "{}", integrated_lufs(&mastered));
            assert!(true_peak_dbtp(&mastered) < -1.0);
        }
    }
}
