//! A MIDI file in which notes are changed and everything else stays: other events keep their bytes and their positions.

use super::file::{File, Scale, WHAT, events};
use crate::error::{Error, Result};
use crate::score::{Note, Pitch, Ticks, Velocity};
use midly::num::{u4, u7, u15, u28};
use midly::{Format, Fps, Header, MetaMessage, MidiMessage, Smf, Timing, TrackEvent, TrackEventKind};
use std::collections::{BTreeMap, VecDeque};
use std::ops::Range;

/// Longest time between two events of a file, in its ticks.
const MAX_DELTA: u64 = (1 << 28) - 1;

/// A channel of a track that plays notes: what is one [`Track`](crate::score::Track) of the score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Voice {
    /// Index of the file's track.
    pub track: usize,
    /// Channel, 0 to 15.
    pub channel: u8,
}

/// A file's events, each with its position in file ticks.
#[derive(Debug, Clone, PartialEq)]
pub struct Document<'a> {
    format: Format,
    division: [u8; 2],
    scale: Scale,
    tracks: Vec<Line<'a>>,
}

/// A track: its events without its end, and where that is.
#[derive(Debug, Clone, PartialEq, Default)]
struct Line<'a> {
    events: Vec<(u64, TrackEventKind<'a>)>,
    end: u64,
}

/// A note of a line: the indices of its events, and how it sounds in file ticks. A note without an end lasts to the end of its track.
struct Sounding {
    on: usize,
    off: Option<usize>,
    key: u8,
    range: Range<u64>,
}

impl<'a> Document<'a> {
    /// Reads a file of format 0 or 1, as [`read`](super::read) does.
    ///
    /// # Errors
    /// As [`read`](super::read); and a file of format 2, whose tracks are pieces of their own.
    pub fn read(bytes: &'a [u8]) -> Result<Self> {
        let file = File::split(bytes)?;
        if file.format == Format::Sequential {
            let reason = "format 2 holds several pieces; only formats 0 and 1 can be changed".to_owned();
            return Err(Error::Unsupported { what: WHAT, reason });
        }
        let mut tracks = Vec::with_capacity(file.tracks.len());
        for (number, bytes) in file.tracks.iter().enumerate() {
            let mut line = Line::default();
            for event in events(number, bytes) {
                let (position, kind) = event?;
                line.end = position;
                if matches!(kind, TrackEventKind::Meta(MetaMessage::EndOfTrack)) {
                    break;
                }
                line.events.push((position, kind));
            }
            file.scale.ticks(line.end, 0)?;
            tracks.push(line);
        }
        Ok(Self { format: file.format, division: file.division, scale: file.scale, tracks })
    }

    /// All that play notes, in the order in which [`read`](super::read) has those tracks that have notes.
    pub fn voices(&self) -> Vec<Voice> {
        let mut voices = Vec::new();
        for (track, line) in self.tracks.iter().enumerate() {
            let mut channels: Vec<u8> =
                line.events.iter().filter_map(|(_, kind)| struck(kind)).map(|(channel, _)| channel).collect();
            channels.sort_unstable();
            channels.dedup();
            voices.extend(channels.into_iter().map(|channel| Voice { track, channel }));
        }
        voices
    }

    /// Channels that no event uses, without that of the drums.
    pub fn free_channels(&self) -> Vec<u8> {
        let used = |own: u8| {
            let uses = |(_, kind): &(u64, TrackEventKind<'_>)| matches!(kind, TrackEventKind::Midi { channel, .. } if channel.as_int() == own);
            self.tracks.iter().any(|line| line.events.iter().any(uses))
        };
        (0..16).filter(|&channel| channel != crate::score::Track::DRUM_CHANNEL && !used(channel)).collect()
    }

    /// Puts `notes` in the place of the notes of a voice for whose start `is_gone` holds; the others stay as they are, and a new note that
    /// would sound together with one of them on the same key gives way to it.
    ///
    /// # Panics
    /// If the document has no such track.
    pub fn replace(&mut self, voice: Voice, is_gone: impl Fn(Ticks) -> bool, notes: &[Note]) {
        let scale = self.scale;
        let line = &mut self.tracks[voice.track];
        let all = line.sounding(voice.channel);
        let (gone, kept): (Vec<&Sounding>, Vec<&Sounding>) =
            all.iter().partition(|note| scale.ticks(note.range.start, 0).is_ok_and(&is_gone));
        let new: Vec<(Range<u64>, Note)> = notes
            .iter()
            .filter_map(|note| {
                let start = scale.position(note.start);
                let mut sounds = start..scale.position(note.end()).max(start + 1);
                for other in kept.iter().filter(|other| other.key == note.pitch.number()) {
                    if other.range.contains(&sounds.start) {
                        return None;
                    }
                    if sounds.contains(&other.range.start) {
                        sounds.end = other.range.start;
                    }
                }
                Some((sounds, *note))
            })
            .collect();
        let mut gone: Vec<usize> = gone.iter().flat_map(|note| [Some(note.on), note.off]).flatten().collect();
        gone.sort_unstable();
        let mut index = 0;
        line.events.retain(|_| {
            index += 1;
            gone.binary_search(&(index - 1)).is_err()
        });
        line.insert(voice.channel, &new);
    }

    /// Adds a track with its name and sound. A file of format 0 becomes one of format 1.
    pub fn add(&mut self, name: &'a str, channel: u8, program: u8, notes: &[Note]) -> Voice {
        self.format = Format::Parallel;
        let name = TrackEventKind::Meta(MetaMessage::TrackName(name.as_bytes()));
        let program = MidiMessage::ProgramChange { program: u7::from(program & 0x7f) };
        let program = TrackEventKind::Midi { channel: u4::from(channel & 0x0f), message: program };
        let end = self.tracks.iter().map(|line| line.end).max().unwrap_or(0);
        self.tracks.push(Line { events: vec![(0, name), (0, program)], end });
        let voice = Voice { track: self.tracks.len() - 1, channel };
        self.replace(voice, |_| false, notes);
        voice
    }

    /// The file.
    pub fn write(&self) -> Vec<u8> {
        let timing = match self.division {
            [high @ 0..0x80, low] => Timing::Metrical(u15::new(u16::from_be_bytes([high, low]))),
            [high, low] => {
                let fps = match high.wrapping_neg() {
                    24 => Fps::Fps24,
                    25 => Fps::Fps25,
                    29 => Fps::Fps29,
                    _ => Fps::Fps30,
                };
                Timing::Timecode(fps, low)
            }
        };
        let smf =
            Smf { header: Header::new(self.format, timing), tracks: self.tracks.iter().map(Line::written).collect() };
        let mut bytes = Vec::new();
        smf.write(&mut bytes).expect("a vector takes all bytes, and tracks were added one by one");
        bytes
    }
}

/// Channel and key of a strike.
fn struck(kind: &TrackEventKind<'_>) -> Option<(u8, u8)> {
    match kind {
        TrackEventKind::Midi { channel, message: MidiMessage::NoteOn { key, vel } } if vel.as_int() > 0 => {
            Some((channel.as_int(), key.as_int()))
        }
        _ => None,
    }
}

/// Channel and key of a release.
fn released(kind: &TrackEventKind<'_>) -> Option<(u8, u8)> {
    match kind {
        TrackEventKind::Midi {
            channel,
            message: MidiMessage::NoteOff { key, .. } | MidiMessage::NoteOn { key, .. },
        } => Some((channel.as_int(), key.as_int())),
        _ => None,
    }
}

impl<'a> Line<'a> {
    /// The notes of a channel: a release ends the oldest note of its key.
    fn sounding(&self, channel: u8) -> Vec<Sounding> {
        let mut notes: Vec<Sounding> = Vec::new();
        let mut open: BTreeMap<u8, VecDeque<usize>> = BTreeMap::new();
        for (index, (at, kind)) in self.events.iter().enumerate() {
            if let Some((own, key)) = struck(kind) {
                if own == channel {
                    open.entry(key).or_default().push_back(notes.len());
                    notes.push(Sounding { on: index, off: None, key, range: *at..self.end.max(at + 1) });
                }
            } else if let Some((own, key)) = released(kind).filter(|(own, _)| *own == channel) {
                debug_assert_eq!(own, channel);
                if let Some(note) = open.get_mut(&key).and_then(VecDeque::pop_front) {
                    notes[note].off = Some(index);
                    notes[note].range.end = (*at).max(notes[note].range.start + 1);
                }
            }
        }
        notes
    }

    /// Adds notes: at one tick new ones end before all else and begin after it.
    fn insert(&mut self, channel: u8, notes: &[(Range<u64>, Note)]) {
        let midi = |message| TrackEventKind::Midi { channel: u4::from(channel & 0x0f), message };
        let on = |note: &Note| {
            let (pitch, velocity): (Pitch, Velocity) = (note.pitch, note.velocity);
            midi(MidiMessage::NoteOn { key: u7::new(pitch.number()), vel: u7::new(velocity.value()) })
        };
        let off = |note: &Note| midi(MidiMessage::NoteOff { key: u7::new(note.pitch.number()), vel: u7::new(64) });
        let mut all: Vec<(u64, u8, TrackEventKind<'a>)> = Vec::with_capacity(self.events.len() + 2 * notes.len());
        all.extend(notes.iter().map(|(range, note)| (range.end, 0, off(note))));
        all.extend(self.events.iter().map(|&(at, kind)| (at, 1, kind)));
        all.extend(notes.iter().map(|(range, note)| (range.start, 2, on(note))));
        all.sort_by_key(|&(at, order, _)| (at, order));
        self.end = all.last().map_or(self.end, |&(at, ..)| self.end.max(at));
        self.events = all.into_iter().map(|(at, _, kind)| (at, kind)).collect();
    }

    /// Its events with the time since the one before, and its end.
    fn written(&self) -> Vec<TrackEvent<'a>> {
        let mut now = 0;
        let mut track = Vec::with_capacity(self.events.len() + 1);
        for &(at, kind) in self.events.iter().chain([&(self.end, TrackEventKind::Meta(MetaMessage::EndOfTrack))]) {
            while at - now > MAX_DELTA {
                now += MAX_DELTA;
                let kind = TrackEventKind::Meta(MetaMessage::Text(b""));
                track.push(TrackEvent { delta: u28::new(MAX_DELTA as u32), kind });
            }
            track.push(TrackEvent { delta: u28::new((at - now) as u32), kind });
            now = at;
        }
        track
    }
}

#[cfg(test)]
mod tests {
    use super::super::read;
    use super::*;

    /// Bytes of a file from the bytes of its tracks, 96 ticks a quarter.
    fn file(format: u8, tracks: &[&[u8]]) -> Vec<u8> {
        let mut bytes = b"MThd\0\0\0\x06\0".to_vec();
        bytes.extend([format, 0, tracks.len() as u8, 0, 96]);
        for track in tracks {
            bytes.extend(b"MTrk");
            bytes.extend((track.len() as u32).to_be_bytes());
            bytes.extend(*track);
        }
        bytes
    }

    /// A tempo, an exclusive message, an unknown meta event, running status, a controller; notes of C4 at 0 and 96 and of E4 at 96.
    const PLAIN: &[u8] = &[
        0, 0xff, 0x51, 3, 0x07, 0xa1, 0x20, // 120 BPM
        0, 0xf0, 4, 0x7e, 1, 2, 0xf7, // exclusive
        0, 0xff, 0x60, 2, 9, 9, // unknown
        0, 0x90, 60, 100, 48, 60, 0, // C4, released by a strike without velocity, in running status
        0, 0xb0, 7, 90, // volume
        48, 0x90, 60, 90, 0, 64, 80, // C4 and E4
        96, 0x80, 60, 33, 0, 64, 33, 0, 0xff, 0x2f, 0,
    ];

    fn note(start: u32, key: u8, length: u32) -> Note {
        Note { start: Ticks(start), pitch: Pitch::new(key), length: Ticks(length), velocity: Velocity::new(70) }
    }

    #[test]
    fn what_is_not_changed_comes_back() {
        let bytes = file(0, &[PLAIN]);
        let document = Document::read(&bytes).expect("a file");
        let again = document.write();
        assert_eq!(Document::read(&again).expect("its copy"), document);
        assert_eq!(read(&again).expect("a score"), read(&bytes).expect("a score"));
    }

    #[test]
    fn notes_of_a_stretch_are_exchanged_and_all_else_stays() {
        let bytes = file(0, &[PLAIN]);
        let mut document = Document::read(&bytes).expect("a file");
        let [voice] = document.voices()[..] else { panic!("one voice") };
        document.replace(voice, |at| (480..960).contains(&at.0), &[note(480, 67, 240), note(500, 72, 480)]);
        let changed = document.write();
        let (before, after) = (read(&bytes).expect("a score"), read(&changed).expect("a score"));
        let heard: Vec<_> =
            after.tracks[0].notes.iter().map(|note| (note.start.0, note.pitch.number(), note.length.0)).collect();
        assert_eq!(heard, [(0, 60, 240), (480, 67, 240), (500, 72, 480)]);
        assert_eq!((&after.tempos, &after.tracks[0].controls), (&before.tempos, &before.tracks[0].controls));
        let others = |bytes: &[u8]| -> Vec<(u64, String)> {
            let line = &Document::read(bytes).expect("a file").tracks[0];
            let is_note = |kind: &TrackEventKind<'_>| struck(kind).is_some() || released(kind).is_some();
            line.events.iter().filter(|(_, kind)| !is_note(kind)).map(|(at, kind)| (*at, format!("{kind:?}"))).collect()
        };
        assert_eq!(others(&changed), others(&bytes));
    }

    #[test]
    fn new_notes_give_way_to_kept_ones_on_their_key() {
        let bytes = file(0, &[PLAIN]);
        let mut document = Document::read(&bytes).expect("a file");
        let voice = document.voices()[0];
        // One within the kept C4 at 0, one that would run into the kept notes at 480.
        document.replace(voice, |at| (100..480).contains(&at.0), &[note(120, 60, 60), note(300, 64, 960)]);
        let score = read(&document.write()).expect("a score");
        let heard: Vec<_> =
            score.tracks[0].notes.iter().map(|note| (note.start.0, note.pitch.number(), note.length.0)).collect();
        assert_eq!(heard, [(0, 60, 240), (300, 64, 180), (480, 60, 480), (480, 64, 480)]);
    }

    #[test]
    fn a_track_is_added_to_any_format_and_is_read_as_a_voice_of_its_own() {
        let bytes = file(0, &[PLAIN]);
        let mut document = Document::read(&bytes).expect("a file");
        assert!(!document.free_channels().contains(&0) && !document.free_channels().contains(&9));
        let voice = document.add("bass", 1, 33, &[note(0, 36, 2000)]);
        let bytes = document.write();
        let score = read(&bytes).expect("a score");
        assert_eq!((score.tracks.len(), score.tracks[1].program, score.tracks[1].notes.len()), (2, 33, 1));
        assert_eq!(score.length, Ticks(2000));
        assert_eq!(Document::read(&bytes).expect("a file").voices(), [Voice { track: 0, channel: 0 }, voice]);
    }

    #[test]
    fn voices_are_the_tracks_of_the_score_that_have_notes() {
        let empty: &[u8] = &[0, 0xc2, 5, 0, 0xff, 0x2f, 0];
        let two: &[u8] = &[0, 0x93, 60, 9, 0, 0x92, 60, 9, 96, 0xff, 0x2f, 0];
        let bytes = file(1, &[empty, PLAIN, two]);
        let voices = Document::read(&bytes).expect("a file").voices();
        let score = read(&bytes).expect("a score");
        let channels: Vec<u8> =
            score.tracks.iter().filter(|track| !track.notes.is_empty()).map(|track| track.channel).collect();
        assert_eq!(voices.iter().map(|voice| voice.channel).collect::<Vec<_>>(), channels);
        assert_eq!(voices.iter().map(|voice| voice.track).collect::<Vec<_>>(), [1, 2, 2]);
    }

    #[test]
    fn patterns_of_format_2_are_refused() {
        let error = Document::read(&file(2, &[PLAIN, PLAIN])).expect_err("format 2").to_string();
        assert!(error.contains("format 2"), "{error}");
    }
}
