//! A track that is rendered as it is read: memory grows with how long its notes sound, not with the length of the piece.

use super::Ending;
use super::controllers::{Glide, Wheels};
use super::passage::Passage;
use super::performance::{PlayedNote, performance};
use crate::audio::StereoFrame;
use crate::instrument::Strike;
use crate::patch::Patch;
use crate::rng::Seed;
use crate::score::{Score, Track};
use crate::units::{SampleRate, db_to_gain};
use rayon::prelude::*;
use std::ops::Range;

/// Notes that are rendered together, one after the other: so many, of so many seconds.
const GROUP: usize = 32;
const GROUP_S: f64 = 8.0;

/// Groups that are in memory beside the track's sum: enough for all threads to be busy.
const GROUPS_AT_ONCE: usize = 8;

/// A track without effects, from its first frame on.
pub(crate) struct TrackReader<'a> {
    patch: &'a Patch,
    notes: Vec<PlayedNote>,
    wheels: Wheels,
    gain: Glide,
    sample_rate: SampleRate,
    bpm: f64,
    seed: Seed,
    groups: Vec<Group>,
    /// Groups that are rendered.
    rendered: usize,
    /// The next frame, and what is rendered from there on.
    position: usize,
    pending: Vec<StereoFrame>,
}

/// Notes that are rendered together.
struct Group {
    notes: Range<usize>,
    /// Before this frame, neither one of these notes begins nor any later one.
    start_frame: usize,
}

impl<'a> TrackReader<'a> {
    pub(crate) fn new(
        score: &Score,
        track: &Track,
        patch: &'a Patch,
        sample_rate: SampleRate,
        ending: Ending,
        seed: Seed,
    ) -> Self {
        let performance = performance(score, track, patch, sample_rate, ending);
        let gain = db_to_gain(patch.gain_db + patch.instrument.entry().trim_db);
        Self {
            patch,
            groups: groups(&performance.notes, sample_rate),
            notes: performance.notes,
            wheels: performance.wheels,
            gain: Glide::new(performance.gain, gain, sample_rate),
            sample_rate,
            bpm: score.tempo().bpm(),
            seed,
            rendered: 0,
            position: 0,
            pending: Vec::new(),
        }
    }

    /// Where its last tail ends, once all notes are rendered.
    pub(crate) fn end(&self) -> Option<usize> {
        (self.rendered == self.groups.len()).then_some(self.position + self.pending.len())
    }

    /// The next frames; silence after the end.
    pub(crate) fn read(&mut self, frames: &mut [StereoFrame]) {
        self.render_until(self.position + frames.len());
        let count = frames.len().min(self.pending.len());
        let (sounding, silent) = frames.split_at_mut(count);
        sounding.copy_from_slice(&self.pending[..count]);
        silent.fill([0.0; 2]);
        self.pending.drain(..count);
        self.gain.apply(frames);
        // At its end, the position stays where the sound ends.
        self.position += if self.end().is_some() { count } else { frames.len() };
    }

    /// All that is left.
    pub(crate) fn read_all(mut self) -> Vec<StereoFrame> {
        self.render_until(usize::MAX);
        self.gain.apply(&mut self.pending);
        self.pending
    }

    /// Renders all groups of which a note may begin before a frame.
    fn render_until(&mut self, frame: usize) {
        while self.groups.get(self.rendered).is_some_and(|group| group.start_frame < frame) {
            let due = self.groups[self.rendered..].iter().take(GROUPS_AT_ONCE);
            let due: Vec<&Group> = due.take_while(|group| group.start_frame < frame).collect();
            let passages: Vec<Passage> = due.par_iter().map(|group| self.passage(group)).collect();
            self.rendered += passages.len();
            // In their order, whoever is ready first.
            passages.iter().for_each(|passage| passage.add_to(&mut self.pending, self.position));
        }
    }

    fn passage(&self, group: &Group) -> Passage {
        let notes = &self.notes[group.notes.clone()];
        let mut passage = Passage::starting_with(notes);
        for (index, note) in group.notes.clone().zip(notes) {
            let strike = Strike {
                pitch: f64::from(note.note.pitch.number()),
                velocity: note.note.velocity,
                sample_rate: self.sample_rate,
                bpm: self.bpm,
                seed: self.seed.fork_index(index as u64),
            };
            passage.add(note, self.patch, &strike, &self.wheels);
        }
        passage
    }
}

/// The same on any number of threads, and however the track is read.
fn groups(notes: &[PlayedNote], rate: SampleRate) -> Vec<Group> {
    let most_frames = rate.frames(GROUP_S);
    let mut groups: Vec<Group> = Vec::new();
    for (index, note) in notes.iter().enumerate() {
        match groups.last_mut() {
            Some(group)
                if group.notes.len() < GROUP
                    && note.start_frame < notes[group.notes.start].start_frame + most_frames =>
            {
                group.notes.end = index + 1;
                group.start_frame = group.start_frame.min(note.start_frame);
            }
            _ => groups.push(Group { notes: index..index + 1, start_frame: note.start_frame }),
        }
    }
    // Chords are strummed, so a note may begin before one that stands before it.
    let mut earliest = usize::MAX;
    for group in groups.iter_mut().rev() {
        earliest = earliest.min(group.start_frame);
        group.start_frame = earliest;
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::patch;
    use crate::score::{Control, Meter, Note, Pitch, Tempo, Ticks, Velocity};

    /// Sixteen bars: a chord a bar, strummed and swelling, under notes an eighth.
    fn track() -> (Score, Track) {
        let score = Score::empty(Ticks(16 * 1920), Tempo::new(160.0).expect("valid"), Meter::COMMON);
        let note = |start, pitch, length| Note {
            start: Ticks(start),
            pitch: Pitch::new(pitch),
            length: Ticks(length),
            velocity: Velocity::new(90),
        };
        let mut notes = Vec::new();
        for eighth in 0..128 {
            if eighth % 8 == 0 {
                notes.extend([45, 52, 57].map(|pitch| note(240 * eighth, pitch, 1900)));
            }
            notes.push(note(240 * eighth, 64 + (eighth % 7) as u8, 100));
        }
        let controls = (0..64).map(|beat| (Ticks(480 * beat), Control::Controller(11, 60 + beat as u8))).collect();
        (score, Track { notes, controls, ..Track::default() })
    }

    #[test]
    fn however_it_is_read_it_sounds_the_same() {
        let (score, track) = track();
        let mut patch = patch::find("nylon_guitar").expect("built in");
        patch.strum_s = 0.02;
        let reader = || TrackReader::new(&score, &track, &patch, SampleRate::CD, Ending::Ring, Seed(2));
        let whole = reader().read_all();
        assert!(whole.len() > score.frame_at(score.length, SampleRate::CD));
        for stretch in [64, 1000, 100_000] {
            let mut reader = reader();
            let mut read = Vec::new();
            let mut frames = vec![[0.0; 2]; stretch];
            let mut most_pending = 0;
            while reader.end().is_none_or(|end| read.len() < end) {
                reader.read(&mut frames);
                read.extend_from_slice(&frames);
                most_pending = most_pending.max(reader.pending.len());
            }
            assert_eq!(reader.end(), Some(whole.len()));
            assert!(read[whole.len()..].iter().all(|frame| *frame == [0.0; 2]));
            assert!(read[..whole.len()] == whole[..], "in stretches of {stretch}");
            // Groups of 8 s of 24 s, and their tails.
            assert!(most_pending < 2 * whole.len() / 3, "{most_pending} of {}", whole.len());
        }
    }
}
