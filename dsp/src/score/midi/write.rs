//! A score to bytes.

use crate::score::{Control, Score, Ticks, Track};
use midly::num::{u4, u7, u15, u24, u28};
use midly::{Format, Header, MetaMessage, MidiMessage, PitchBend, Smf, Timing, TrackEvent, TrackEventKind};

/// Longest time between two events of a file, in ticks.
const MAX_DELTA: u32 = (1 << 28) - 1;

/// Most tracks of a file beside the conductor's.
const MAX_TRACKS: usize = u16::MAX as usize - 1;

/// Writes a file of format 1 with 480 ticks per quarter note: a conductor track with tempo, metre and key, then one
/// for each of the score's tracks (of the first 65 534).
///
/// Every track ends exactly at the score's length, and notes that would sound longer are cut there. At one tick, notes
/// end before controls change and before others start. A mode other than major and minor leaves its signature only;
/// chords are not written. Of two notes of one pitch, the one that starts first must end first to be told apart.
pub fn write(score: &Score) -> Vec<u8> {
    let conductor = ended(conductor(score), score.length);
    let lines = score.tracks.iter().take(MAX_TRACKS).map(|track| ended(line(track, score.length), score.length));
    let smf = Smf {
        header: Header::new(Format::Parallel, Timing::Metrical(u15::new(Ticks::PER_QUARTER as u16))),
        tracks: std::iter::once(conductor).chain(lines).collect(),
    };
    let mut bytes = Vec::new();
    smf.write(&mut bytes).expect("a vector takes all bytes, and the tracks are few enough");
    bytes
}

/// Events with their times, sorted.
type Timed<'a> = Vec<(Ticks, TrackEventKind<'a>)>;

fn conductor(score: &Score) -> Timed<'static> {
    let meta = |(at, message)| (at, TrackEventKind::Meta(message));
    let meters = score.meters.iter().map(|&(at, meter)| {
        let power = meter.denominator().trailing_zeros() as u8;
        // A metronome click each 24 MIDI clocks and 8 32nds in a quarter note are the standard's defaults.
        (at, MetaMessage::TimeSignature(meter.numerator(), power, 24, 8))
    });
    let keys =
        score.keys.iter().map(|&(at, key)| (at, MetaMessage::KeySignature(key.signature(), key.mode.is_minor())));
    let tempos = score.tempos.iter().map(|&(at, tempo)| (at, MetaMessage::Tempo(u24::new(tempo.micros_per_quarter()))));
    let mut events: Timed = meters.chain(keys).chain(tempos).map(meta).collect();
    events.sort_by_key(|&(at, _)| at);
    events
}

fn line(track: &Track, length: Ticks) -> Timed<'_> {
    let channel = u4::new(track.channel & 0x0f);
    let midi = |message| TrackEventKind::Midi { channel, message };
    let name = match track.role {
        Some(role) if track.name.is_empty() => role.name(),
        _ => &track.name,
    };
    let mut ends = Vec::with_capacity(track.notes.len());
    let mut starts = Vec::with_capacity(track.notes.len());
    for note in track.notes.iter().filter(|note| note.start < length) {
        let key = u7::new(note.pitch.number());
        ends.push((note.end().min(length), midi(MidiMessage::NoteOff { key, vel: u7::new(64) })));
        starts.push((note.start, midi(MidiMessage::NoteOn { key, vel: u7::new(note.velocity.value()) })));
    }
    let mut events = vec![
        (Ticks(0), TrackEventKind::Meta(MetaMessage::TrackName(name.as_bytes()))),
        (Ticks(0), midi(MidiMessage::ProgramChange { program: u7::from(track.program) })),
    ];
    // The sort is stable: at one tick the order of this list stands.
    events.extend(ends);
    events.extend(
        track.controls.iter().filter(|(at, _)| *at <= length).map(|&(at, control)| (at, midi(message(control)))),
    );
    events.extend(starts);
    events.sort_by_key(|&(at, _)| at);
    events
}

fn message(control: Control) -> MidiMessage {
    match control {
        Control::Controller(controller, value) => {
            MidiMessage::Controller { controller: u7::from(controller), value: u7::from(value) }
        }
        Control::PitchBend(bend) => MidiMessage::PitchBend { bend: PitchBend::from_int(bend) },
        Control::Pressure(vel) => MidiMessage::ChannelAftertouch { vel: u7::from(vel) },
        Control::Program(program) => MidiMessage::ProgramChange { program: u7::from(program) },
    }
}

/// The events with the time since the one before, and the end of the track at `length`.
fn ended(events: Timed<'_>, length: Ticks) -> Vec<TrackEvent<'_>> {
    let mut now = 0;
    let mut track = Vec::with_capacity(events.len() + 1);
    let end = (length, TrackEventKind::Meta(MetaMessage::EndOfTrack));
    for (at, kind) in events.into_iter().filter(|&(at, _)| at <= length).chain([end]) {
        while at.0 - now > MAX_DELTA {
            now += MAX_DELTA;
            track.push(TrackEvent { delta: u28::new(MAX_DELTA), kind: TrackEventKind::Meta(MetaMessage::Text(b"")) });
        }
        track.push(TrackEvent { delta: u28::new(at.0 - now), kind });
        now = at.0;
    }
    track
}
