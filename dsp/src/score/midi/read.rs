//! Bytes to a score.

use super::file::{File, Scale, events};
use crate::error::Result;
use crate::score::{Control, Key, Meter, Note, Pitch, Role, Score, Tempo, Ticks, Track, Velocity};
use midly::{Format, MetaMessage, MidiMessage, TrackEventKind};
use std::collections::{BTreeMap, VecDeque};

/// Reads a MIDI file of format 0, 1 or 2, bare or in a RIFF envelope.
///
/// - Positions are rescaled to 480 ticks per quarter note, each rounded on its own, so that no error adds up. SMPTE
///   timing becomes 120 BPM, where a second has 960 ticks.
/// - Each (track, channel) pair becomes a [`Track`]. Channel 10 (here 9) is drums; a track called `bass`, `chords` or
///   `lead` has that role. Settings in a track without notes reach the tracks that play on its channel.
/// - Format 2 holds patterns that stand for themselves: they follow one another.
/// - A note-off ends the oldest note of its pitch; a note without one ends with its track; every note is at least one
///   tick long. Metres and keys outside [`Meter`]'s and the signature's range are skipped.
///
/// # Errors
/// Bytes that are not a MIDI file, break off or hold a broken event; a file longer than 2^32 ticks.
pub fn read(bytes: &[u8]) -> Result<Score> {
    let file = File::split(bytes)?;
    let mut reader = Reader::default();
    let mut origin = 0;
    for (number, bytes) in file.tracks.iter().enumerate() {
        let end = reader.track(number, bytes, file.scale, origin)?;
        if file.format == Format::Sequential {
            origin = end.0;
        }
    }
    Ok(reader.into_score(file.scale.is_seconds))
}

/// What has been read.
#[derive(Default)]
struct Reader {
    length: Ticks,
    tempos: Vec<(Ticks, Tempo)>,
    meters: Vec<(Ticks, Meter)>,
    keys: Vec<(Ticks, Key)>,
    tracks: Vec<Track>,
}

/// One channel of one track while it is read.
#[derive(Default)]
struct Line {
    track: Track,
    has_program: bool,
    /// Indices of the notes that sound, oldest first, by pitch.
    sounding: BTreeMap<u8, VecDeque<usize>>,
}

impl Reader {
    /// Reads a track and returns its end.
    fn track(&mut self, number: usize, bytes: &[u8], scale: Scale, origin: u32) -> Result<Ticks> {
        let mut lines: BTreeMap<u8, Line> = BTreeMap::new();
        let mut name = None;
        let mut position = 0;
        for event in events(number, bytes) {
            let (moment, kind) = event?;
            position = moment;
            let at = scale.ticks(position, origin)?;
            match kind {
                TrackEventKind::Midi { channel, message } => {
                    lines.entry(channel.as_int()).or_default().message(at, message);
                }
                TrackEventKind::Meta(MetaMessage::EndOfTrack) => break,
                TrackEventKind::Meta(MetaMessage::TrackName(text)) => {
                    name.get_or_insert_with(|| decoded(text));
                }
                TrackEventKind::Meta(meta) => self.meta(at, meta),
                TrackEventKind::SysEx(_) | TrackEventKind::Escape(_) => {}
            }
        }
        let end = scale.ticks(position, origin)?;
        self.length = self.length.max(end);
        let name = name.unwrap_or_default();
        for (channel, line) in lines {
            let track = line.into_track(channel, &name, end);
            self.length = track.notes.iter().map(Note::end).fold(self.length, Ticks::max);
            self.tracks.push(track);
        }
        Ok(end)
    }

    fn meta(&mut self, at: Ticks, meta: MetaMessage) {
        match meta {
            MetaMessage::Tempo(micros) => self.tempos.push((at, Tempo::from_micros_per_quarter(micros.as_int()))),
            MetaMessage::TimeSignature(numerator, power, ..) => {
                let denominator = 1u8.checked_shl(u32::from(power));
                let meter = denominator.and_then(|denominator| Meter::new(numerator, denominator).ok());
                self.meters.extend(meter.map(|meter| (at, meter)));
            }
            MetaMessage::KeySignature(sharps, minor) if (-7..=7).contains(&sharps) => {
                self.keys.push((at, Key::from_signature(sharps, minor)));
            }
            _ => {}
        }
    }

    fn into_score(self, is_seconds: bool) -> Score {
        let tempos = if is_seconds { Vec::new() } else { self.tempos };
        Score {
            length: self.length.max(Ticks(1)),
            tempos: from_the_start(tempos, Tempo::from_micros_per_quarter(500_000)),
            meters: from_the_start(self.meters, Meter::COMMON),
            keys: in_order(self.keys),
            chords: Vec::new(),
            tracks: with_shared_settings(self.tracks),
        }
    }
}

impl Line {
    fn message(&mut self, at: Ticks, message: MidiMessage) {
        let control = match message {
            MidiMessage::NoteOn { key, vel } if vel.as_int() > 0 => {
                self.sounding.entry(key.as_int()).or_default().push_back(self.track.notes.len());
                self.track.notes.push(Note {
                    start: at,
                    pitch: Pitch::new(key.as_int()),
                    length: Ticks(0),
                    velocity: Velocity::new(vel.as_int()),
                });
                return;
            }
            MidiMessage::NoteOn { key, .. } | MidiMessage::NoteOff { key, .. } => {
                if let Some(index) = self.sounding.get_mut(&key.as_int()).and_then(VecDeque::pop_front) {
                    self.end_note(index, at);
                }
                return;
            }
            MidiMessage::ProgramChange { program } if !self.has_program && self.track.notes.is_empty() => {
                self.has_program = true;
                self.track.program = program.as_int();
                return;
            }
            MidiMessage::ProgramChange { program } => Control::Program(program.as_int()),
            MidiMessage::Controller { controller, value } => Control::Controller(controller.as_int(), value.as_int()),
            MidiMessage::PitchBend { bend } => Control::PitchBend(bend.as_int()),
            MidiMessage::ChannelAftertouch { vel } => Control::Pressure(vel.as_int()),
            MidiMessage::Aftertouch { .. } => return,
        };
        self.track.controls.push((at, control));
    }

    fn end_note(&mut self, index: usize, at: Ticks) {
        let note = &mut self.track.notes[index];
        note.length = (at - note.start).max(Ticks(1));
    }

    fn into_track(mut self, channel: u8, name: &str, end: Ticks) -> Track {
        for index in std::mem::take(&mut self.sounding).into_values().flatten() {
            self.end_note(index, end);
        }
        self.track.notes.sort_unstable();
        let named = Role::ALL.into_iter().find(|role| name.trim().eq_ignore_ascii_case(role.name()));
        let role = if channel == Track::DRUM_CHANNEL { Some(Role::Drums) } else { named };
        Track { name: name.to_owned(), role, channel, ..self.track }
    }
}

/// UTF-8, or Latin-1 where it is not; NUL padding is dropped.
fn decoded(text: &[u8]) -> String {
    let text = std::str::from_utf8(text).map_or_else(|_| text.iter().copied().map(char::from).collect(), str::to_owned);
    text.trim_matches('\0').to_owned()
}

/// Sorts by time; of several entries at one tick the last one counts.
fn in_order<T>(mut entries: Vec<(Ticks, T)>) -> Vec<(Ticks, T)> {
    entries.sort_by_key(|&(at, _)| at);
    entries.dedup_by(|later, kept| {
        let same = later.0 == kept.0;
        if same {
            std::mem::swap(later, kept);
        }
        same
    });
    entries
}

/// In order, and with an entry at tick 0.
fn from_the_start<T>(entries: Vec<(Ticks, T)>, default: T) -> Vec<(Ticks, T)> {
    let mut entries = in_order(entries);
    if entries.first().is_none_or(|&(at, _)| at > Ticks(0)) {
        entries.insert(0, (Ticks(0), default));
    }
    entries
}

/// Gives the settings of tracks without notes to the tracks that play on the same channel.
fn with_shared_settings(tracks: Vec<Track>) -> Vec<Track> {
    let plays = |channel: u8| tracks.iter().any(|track| track.channel == channel && !track.notes.is_empty());
    let (settings, mut kept): (Vec<_>, Vec<_>) =
        tracks.clone().into_iter().partition(|track| track.notes.is_empty() && plays(track.channel));
    for setting in settings {
        for track in kept.iter_mut().filter(|track| track.channel == setting.channel) {
            if track.program == 0 {
                track.program = setting.program;
            }
            track.controls.extend(&setting.controls);
            track.controls.sort_by_key(|&(at, _)| at);
        }
    }
    kept
}
