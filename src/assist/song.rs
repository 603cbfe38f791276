//! A MIDI file with what was found in it.

use crate::error::{Error, Result};
use crate::files;
use riffsmith_dsp::analysis::{Analysis, Function, analyze};
use riffsmith_dsp::score::midi::{self, Document, Voice};
use riffsmith_dsp::score::{Key, Mode, Note, Pitch, PitchClass, Role, Score, Ticks, Velocity};
use riffsmith_models::composer::{BARS, Part, SWINGS};
use riffsmith_models::piece::{Event, Piece, TICKS_PER_STEP};
use riffsmith_models::{is_swung, moment, of_score, step, swung_late};
use std::ops::Range;
use std::path::{Path, PathBuf};

/// How long a drum's note is.
const DRUM_LENGTH: Ticks = Ticks(60);

/// Someone's piece.
#[derive(Debug, Clone)]
pub struct Song {
    path: PathBuf,
    bytes: Vec<u8>,
    /// Its notes, with the key and the chords that were found.
    pub score: Score,
    /// All that was found.
    pub analysis: Analysis,
    /// Its home key; C major where there are no pitches.
    pub key: Key,
    /// Where the second sixteenths lie, 0.5 to 0.75.
    swing: f32,
}

impl Song {
    /// Reads and analyses a file.
    ///
    /// # Errors
    /// A file that cannot be read or changed (format 2), is too long, or has no notes.
    pub fn read(path: &Path) -> Result<Self> {
        let bytes = files::read(path)?;
        let mut score = midi::read(&bytes).map_err(|error| Error::file("read", path, error))?;
        Document::read(&bytes).map_err(|error| Error::file("change", path, error))?;
        let analysis = analyze(&score).map_err(|error| Error::file("analyze", path, error))?;
        if analysis.parts.is_empty() {
            return Err(Error::file("use", path, "it has no notes"));
        }
        let key = analysis.keys.home.map_or(Key { tonic: PitchClass::new(0), mode: Mode::Major }, |(key, _)| key);
        score.keys = vec![(Ticks(0), key)];
        score.chords = analysis.chords.iter().filter_map(|span| Some((span.start, span.chord?))).collect();
        score.chords.dedup_by(|(_, chord), (_, before)| chord == before);
        let swing = analysis.feel.as_ref().and_then(|feel| feel.swing_sixteenths).unwrap_or(0.5) as f32;
        let swing = swing.clamp(*SWINGS.start(), *SWINGS.end());
        Ok(Self { path: path.to_owned(), bytes, score, analysis, key, swing })
    }

    /// Where its second sixteenths lie, 0.5 (straight) to 0.75.
    pub fn swing(&self) -> f32 {
        self.swing
    }

    /// Its file's name without the ending.
    pub fn name(&self) -> String {
        self.path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
    }

    /// The file, to be changed.
    ///
    /// # Errors
    /// None that reading has not found.
    pub fn document(&self) -> Result<Document<'_>> {
        Document::read(&self.bytes).map_err(|error| Error::file("change", &self.path, error))
    }

    /// Its bars in its one metre.
    ///
    /// # Errors
    /// A piece whose metre changes, or whose bars the networks do not know.
    pub fn bars(&self) -> Result<u32> {
        let meter = self.score.meter();
        if let Some(&(at, other)) = self.score.meters.iter().find(|(_, other)| *other != meter) {
            let bar = self.analysis.beats.bar_at(at) + 1;
            let reason =
                format!("its metre changes from {meter} to {other} in bar {bar}: the networks write in one metre");
            return Err(Error::file("write to", &self.path, reason));
        }
        let quarters = f64::from(meter.bar().0) / f64::from(Ticks::PER_QUARTER);
        if !(1.0..=8.0).contains(&quarters) {
            let reason =
                format!("a bar of {meter} is {quarters} quarter notes long: the networks write bars of 1 to 8");
            return Err(Error::file("write to", &self.path, reason));
        }
        let end = self.score.tracks.iter().flat_map(|track| &track.notes).map(Note::end).max().unwrap_or(Ticks(1));
        Ok(end.0.div_ceil(meter.bar().0).max(1))
    }

    /// Steps of some bars.
    pub fn steps(&self, bars: Range<u32>) -> Range<u32> {
        let bar = self.score.meter().bar().0 / TICKS_PER_STEP;
        bars.start * bar..bars.end * bar
    }

    /// The step that a moment belongs to.
    pub fn step(&self, at: Ticks) -> u32 {
        step(at.0, self.swing)
    }

    /// The track that plays a role most.
    pub fn track_of(&self, role: Role) -> Option<usize> {
        let own = self.analysis.parts.iter().filter(|part| role_of(part.function) == Some(role));
        own.max_by_key(|part| part.notes).map(|part| part.track)
    }

    /// The role of a track: the one that was found, or, where none was, lead for a single line and chords for more.
    pub fn role(&self, track: usize) -> Role {
        let part = self.analysis.parts.iter().find(|part| part.track == track);
        let single = part.is_none_or(|part| part.voices < 1.5);
        let found = part.and_then(|part| role_of(part.function));
        found.unwrap_or(if single { Role::Lead } else { Role::Chords })
    }

    /// The track called `name`, of that number (from 1), or that plays that role.
    ///
    /// # Errors
    /// None such; the message lists those that there are.
    pub fn track(&self, name: &str) -> Result<usize> {
        let playing: Vec<usize> = self.analysis.parts.iter().map(|part| part.track).collect();
        let by_number = name.parse::<usize>().ok().and_then(|number| playing.get(number.checked_sub(1)?).copied());
        let is_called = |track: &&usize| self.score.tracks[**track].name.trim().eq_ignore_ascii_case(name.trim());
        let by_role = || Role::ALL.into_iter().find(|role| role.name() == name).and_then(|role| self.track_of(role));
        by_number.or_else(|| playing.iter().find(is_called).copied()).or_else(by_role).ok_or_else(|| {
            let listed = |(index, &track): (usize, &usize)| {
                format!("{} {} ({})", index + 1, self.score.tracks[track].name, self.role(track).name())
            };
            let all: Vec<String> = playing.iter().enumerate().map(listed).collect();
            Error::failed(format!("no track {name:?} in {}: it has {}", self.path.display(), all.join(", ")))
        })
    }

    /// The channel of a track in the file.
    ///
    /// # Errors
    /// None that reading has not found.
    pub fn voice(&self, track: usize) -> Result<Voice> {
        let before = self.score.tracks[..track].iter().filter(|track| !track.notes.is_empty()).count();
        Ok(self.document()?.voices()[before])
    }

    /// The piece as the networks see it, of `bars` bars. A `target` track is the only one of its role.
    pub fn piece(&self, bars: u32, target: Option<usize>) -> Piece {
        let mut score = self.score.clone();
        for (index, track) in score.tracks.iter_mut().enumerate() {
            let found = self.analysis.parts.iter().find(|part| part.track == index);
            track.role = found.and_then(|part| role_of(part.function));
        }
        if let Some(target) = target {
            let role = self.role(target);
            for (index, track) in score.tracks.iter_mut().enumerate() {
                if index == target {
                    track.role = Some(role);
                } else if track.role == Some(role) {
                    track.role = None;
                }
            }
        }
        let piece = of_score(&score, "", &[], self.swing);
        let piece = Piece { bars, is_loop: false, ..piece };
        if piece.harmony.is_empty() {
            return Piece { harmony: vec![(0, Some(self.tonic_chord()))], ..piece };
        }
        piece
    }

    /// The chord of the tonic, at C; also what is under music that has no pitches.
    pub fn tonic_chord(&self) -> riffsmith_dsp::score::Chord {
        let symbol = if self.key.mode.is_minor() { "Cm" } else { "C" };
        symbol.parse().expect("a chord symbol")
    }

    /// How far pitches are moved to bring the tonic to C.
    pub fn shift(&self) -> i32 {
        let tonic = i32::from(self.key.tonic.semitones());
        if tonic <= 6 { -tonic } else { 12 - tonic }
    }

    /// Notes of some events, at their own pitch, with the song's swing; lines lie in the octave in which `track` lies.
    pub fn notes(&self, role: Role, events: impl Iterator<Item = Event>, track: Option<usize>) -> Vec<Note> {
        let octave = track.map_or(0, |track| self.octave(role, track));
        let events: Vec<Event> = events.collect();
        let late = swung_late(events.iter().map(|event| (event.step, i32::from(event.offset))));
        let note = |event: Event| {
            let start = i64::from(moment(event.step, self.swing));
            let deviation = i64::from(event.offset) - i64::from(if is_swung(event.step) { late } else { 0 });
            let start = if role == Role::Drums { start + deviation } else { start };
            let start = Ticks(start.max(0) as u32);
            let end = Ticks(moment(event.step + event.length, self.swing));
            let pitch = if role == Role::Drums {
                i32::from(event.pitch)
            } else {
                i32::from(event.pitch) - self.shift() + octave
            };
            Note {
                start,
                pitch: Pitch::folded(pitch),
                length: if role == Role::Drums { DRUM_LENGTH } else { Ticks(end.0.saturating_sub(start.0).max(1)) },
                velocity: Velocity::new(event.velocity.clamp(1, 127)),
            }
        };
        events.into_iter().map(note).collect()
    }

    /// Octaves, in semitones, by which the networks' range has moved a line.
    fn octave(&self, role: Role, track: usize) -> i32 {
        let (low, high) = match role {
            Role::Bass => (24, 60),
            Role::Lead => (48, 96),
            Role::Drums | Role::Chords => return 0,
        };
        let mut moved: Vec<i32> = self.score.tracks[track]
            .notes
            .iter()
            .map(|note| {
                let pitch = i32::from(note.pitch.number()) + self.shift();
                let folded = (0..11).map(|octave| pitch + 12 * octave).find(|&up| up >= low).unwrap_or(pitch);
                let folded = (0..11).map(|octave| folded - 12 * octave).find(|&down| down <= high).unwrap_or(folded);
                pitch - folded
            })
            .collect();
        moved.sort_unstable();
        moved.get(moved.len() / 2).copied().unwrap_or(0)
    }

    /// Bars `first` to `last`, from 1, as a range from 0.
    ///
    /// # Errors
    /// Bars that the piece does not have, or too many at once.
    pub fn bar_range(&self, first: u32, last: u32) -> Result<Range<u32>> {
        let bars = self.bars()?;
        if first == 0 || first > last || last > bars {
            let name = self.path.display();
            return Err(Error::failed(format!(
                "bars must be within 1-{bars} of {name}, the first not after the last, but were {first}-{last}"
            )));
        }
        if last - first >= *BARS.end() / 2 {
            return Err(Error::failed(format!(
                "bars must be at most {} at once, but were {first}-{last}",
                BARS.end() / 2
            )));
        }
        Ok(first - 1..last)
    }
}

/// The role that a function stands for.
pub fn role_of(function: Function) -> Option<Role> {
    match function {
        Function::Role(role) => Some(role),
        Function::Pad => Some(Role::Chords),
        Function::Other => None,
    }
}

/// The part that writes a role.
pub fn part_of(role: Role) -> Part {
    Part::of_role(role)
}
