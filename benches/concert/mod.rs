//! A piece for a whole General MIDI band, long and dense enough to time renderers with; always the same.

use riffsmith_dsp::score::{Control, Meter, Note, Pitch, Score, Tempo, Ticks, Track, Velocity};

/// Two minutes at 128 BPM.
const BARS: u32 = 64;
const BEAT: u32 = Ticks::PER_QUARTER;
const BAR: u32 = 4 * BEAT;

/// i, VI, III, VII in A minor, as pitches around middle C.
const CHORDS: [[u8; 4]; 4] = [[57, 60, 64, 67], [53, 57, 60, 64], [60, 64, 67, 71], [55, 59, 62, 65]];

/// A line of the piece: name, General MIDI program, pan (64 is the middle), and the notes of a bar over its chord.
type Line = (&'static str, u8, u8, fn(u32, [u8; 4]) -> Vec<Note>);

const LINES: [Line; 10] = [
    ("piano", 0, 50, |_, chord| repeat(2, |beat| block(&chord, 2 * beat * BEAT, 2 * BEAT - 40, 84))),
    ("strings", 48, 64, |_, chord| block(&chord, 0, BAR - 20, 70)),
    (
        "pad",
        89,
        64,
        |bar, chord| if bar.is_multiple_of(2) { block(&chord[..3], 0, 2 * BAR - 20, 64) } else { Vec::new() },
    ),
    ("organ", 16, 80, |_, chord| repeat(4, |beat| block(&chord[1..], beat * BEAT + BEAT / 2, BEAT / 2 - 30, 72))),
    ("guitar", 25, 30, |_, chord| {
        repeat(16, |step| vec![note(chord[step as usize % 4], step * BEAT / 4, BEAT / 2, 80)])
    }),
    ("bass", 33, 64, |_, chord| repeat(8, |step| vec![note(chord[0] - 24, step * BEAT / 2, BEAT / 2 - 30, 100)])),
    ("brass", 61, 90, |_, chord| repeat(2, |step| block(&chord[1..], (1 + 2 * step) * BEAT, BEAT / 3, 96))),
    ("vibraphone", 11, 100, |bar, chord| {
        repeat(4, |beat| vec![note(chord[(bar + beat) as usize % 4] + 12, beat * BEAT + BEAT / 4, BEAT, 76)])
    }),
    ("lead", 81, 64, |bar, chord| {
        repeat(4, |beat| vec![note(chord[(2 * bar + 3 * beat) as usize % 4] + 12, beat * BEAT, BEAT - 60, 88)])
    }),
    ("drums", 0, 64, |bar, _| drums(bar)),
];

/// The piece: over 4 000 notes, of which 16 and more sound at almost any time.
pub fn score() -> Score {
    let mut score = Score::empty(Ticks(BARS * BAR), Tempo::new(128.0).expect("within the range"), Meter::COMMON);
    score.tracks = LINES.iter().enumerate().map(|(index, line)| track(index, line)).collect();
    score
}

fn track(index: usize, &(name, program, pan, notes): &Line) -> Track {
    let bars = (0..BARS).flat_map(|bar| {
        let chord = CHORDS[bar as usize % CHORDS.len()];
        notes(bar, chord).into_iter().map(move |note| Note { start: note.start + Ticks(bar * BAR), ..note })
    });
    let mut notes: Vec<Note> = bars.collect();
    notes.sort();
    // Channel 10 is the drums'.
    Track {
        name: name.to_owned(),
        channel: index as u8,
        program,
        notes,
        controls: vec![(Ticks(0), Control::Controller(7, 90)), (Ticks(0), Control::Controller(10, pan))],
        ..Track::default()
    }
}

fn drums(bar: u32) -> Vec<Note> {
    let mut notes = repeat(4, |beat| vec![note(36, beat * BEAT, 60, 110)]);
    notes.extend(repeat(2, |beat| vec![note(38, (1 + 2 * beat) * BEAT, 60, 100)]));
    notes.extend(repeat(8, |step| {
        vec![note(if step == 7 { 46 } else { 42 }, step * BEAT / 2, 60, 70 + 20 * (step % 2) as u8)]
    }));
    if bar.is_multiple_of(8) {
        notes.push(note(49, 0, 60, 105));
    }
    notes
}

fn repeat(times: u32, notes: impl Fn(u32) -> Vec<Note>) -> Vec<Note> {
    (0..times).flat_map(notes).collect()
}

fn block(pitches: &[u8], start: u32, length: u32, velocity: u8) -> Vec<Note> {
    pitches.iter().map(|&pitch| note(pitch, start, length, velocity)).collect()
}

fn note(pitch: u8, start: u32, length: u32, velocity: u8) -> Note {
    Note { start: Ticks(start), pitch: Pitch::new(pitch), length: Ticks(length), velocity: Velocity::new(velocity) }
}
