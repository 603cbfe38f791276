//! Four-part settings as MIDI files: open-hymnal and js-fake-chorales (Peracha, "JS Fake Chorales: a Synthetic Dataset of
//! Polyphonic Music with Human Annotation", 2021).

use super::multitrack::Song;
use super::written::{Written, four_part};
use super::{Files, Harvest, grid, split_of};
use crate::error::Result;
use crate::piece::{Event, STEPS_PER_QUARTER, TICKS_PER_STEP};
use riffsmith_dsp::score::{Note, Score, Ticks, Track, midi};

/// Loudness of voices whose files say nothing about it, or only where the beats are.
const VELOCITY: u8 = 80;

/// The loudness of a first beat in open-hymnal's files, which were made with `%%MIDI beat 127 125 110`.
const FIRST_BEAT: u8 = 127;

/// Least share of the first beats that must fall together for the bar lines to be believed: in hymns of free rhythm it is 0.67
/// at most, in all others 0.79 at least.
const FIRST_BEATS: f64 = 0.75;

/// Names of those who wrote the American gospel hymns of 1850 to 1910 (H. Eskew, "Gospel hymnody", 2001, and the sources that
/// the files name), and what such collections are called.
const GOSPEL: [&str; 22] = [
    "gospel",
    "Sankey",
    "Bliss",
    "Crosby",
    "Doane",
    "Lowry",
    "Bradbury",
    "Sweney",
    "Kirkpatrick",
    "Excell",
    "Stebbins",
    "McGranahan",
    "Gabriel",
    "Towner",
    "Hoffman",
    "Spafford",
    "Bilhorn",
    "Fillmore",
    "Sumner",
    "Showalter",
    "Converse",
    "spiritual",
];

/// Hymns; those by gospel writers are gospel first.
pub fn hymnal(files: &Files) -> Result<Harvest> {
    let mut harvest = Harvest::default();
    for (name, bytes) in files.ending(".mid") {
        let stem = name.trim_start_matches("mid/").trim_end_matches(".mid");
        let text = files.bytes(&format!("abc/{stem}.abc")).map(String::from_utf8_lossy).unwrap_or_default();
        let credits: Vec<&str> = text.lines().filter(|line| line.starts_with("C:") || line.starts_with("S:")).collect();
        let is_gospel = credits.iter().any(|line| GOSPEL.iter().any(|word| line.contains(word)));
        let styles: &[&str] = if is_gospel { &["gospel", "chorale"] } else { &["chorale"] };
        let song = song("open-hymnal", name, styles, stem);
        let Some(score) = score(name, bytes, &mut harvest) else { continue };
        let meter = score.meter();
        let first_beats = voices(&score).flat_map(|track| &track.notes).filter(|note| {
            // The very first note is loud whether or not it is a pick-up.
            note.velocity.value() == FIRST_BEAT && note.start > Ticks(2 * TICKS_PER_STEP)
        });
        let phase = |at: Ticks| grid::nearest_step(at) % (meter.bar().0 / TICKS_PER_STEP);
        let Some(phase) =
            most(first_beats.map(|note| phase(note.start)), FIRST_BEATS).filter(|_| score.meters.len() == 1)
        else {
            harvest.drop("hymns without regular bars");
            continue;
        };
        harvest_voices(&score, phase, &song, &mut harvest);
    }
    Ok(harvest)
}

/// Chorales by a program, which has no bar lines: the beat on whose bars most long notes of the soprano fall is the first.
pub fn fakes(files: &Files) -> Result<Harvest> {
    let mut harvest = Harvest::default();
    for (name, bytes) in files.ending(".mid") {
        let song = song("js-fake-chorales", name, &["chorale"], name);
        let Some(score) = score(name, bytes, &mut harvest) else { continue };
        let Some(soprano) = voices(&score).next() else { continue };
        harvest_voices(&score, first_beat(&soprano.notes), &song, &mut harvest);
    }
    Ok(harvest)
}

fn song(set: &str, name: &str, styles: &[&str], split: &str) -> Song {
    let styles = styles.iter().map(|&style| style.to_owned()).collect();
    Song { source: format!("{set}/{name}"), styles, split: split_of(split) }
}

fn score(name: &str, bytes: &[u8], harvest: &mut Harvest) -> Option<Score> {
    let score = midi::read(bytes).map_err(|error| harvest.unread(name, &error.into())).ok()?;
    // Optional instruments or several choirs are not told apart.
    if voices(&score).count() != 4 {
        harvest.drop("settings not in four parts");
        return None;
    }
    Some(score)
}

fn voices(score: &Score) -> impl Iterator<Item = &Track> {
    score.tracks.iter().filter(|track| !track.notes.is_empty())
}

/// Adds the pieces of a setting whose first bar line is at `phase`, in grid steps.
fn harvest_voices(score: &Score, phase: u32, song: &Song, harvest: &mut Harvest) {
    let meter = score.meter();
    let bar = meter.bar().0 / TICKS_PER_STEP;
    let shift = (bar - phase % bar) % bar;
    let voice = |track: &Track| -> Vec<Event> { track.notes.iter().map(|note| event(note, shift)).collect() };
    let written = Written {
        parts: four_part(voices(score).map(voice).collect()),
        meters: vec![(0, meter)],
        signatures: score.keys.iter().map(|&(_, key)| (0, key)).take(1).collect(),
        tempos: Vec::new(),
        end: (grid::nearest_step(score.length) + shift).next_multiple_of(bar),
    };
    written.harvest(song, harvest);
}

fn event(note: &Note, shift: u32) -> Event {
    let step = grid::nearest_step(note.start);
    let length = grid::nearest_step(note.end()).saturating_sub(step).max(1);
    Event { step: step + shift, pitch: note.pitch.number(), length, velocity: VELOCITY, offset: 0 }
}

/// The value that makes up at least this share of all.
fn most(values: impl Iterator<Item = u32>, share: f64) -> Option<u32> {
    let mut values: Vec<u32> = values.collect();
    values.sort_unstable();
    let longest = values.chunk_by(|a, b| a == b).max_by_key(|run| run.len())?;
    (longest.len() as f64 >= share * values.len() as f64).then_some(longest[0])
}

/// Where the first bar of 4/4 begins, in grid steps: phrases end with long notes on first and third beats, and a pick-up is
/// one beat long or there is none.
fn first_beat(soprano: &[Note]) -> u32 {
    let long = |beat: u32| {
        let on = |note: &&Note| {
            note.length >= Ticks(2 * Ticks::PER_QUARTER) && note.start.0 / Ticks::PER_QUARTER % 2 == beat
        };
        soprano.iter().filter(on).count()
    };
    if long(1) > long(0) { STEPS_PER_QUARTER } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use riffsmith_dsp::score::{Pitch, Role, Velocity};

    /// A hymn in 3/4 with a pick-up: I IV V I V I.
    fn hymn(loud: u8) -> Vec<u8> {
        let chords: [[u8; 4]; 6] = [
            [67, 63, 58, 51],
            [68, 63, 60, 44],
            [65, 62, 58, 46],
            [67, 63, 58, 51],
            [65, 62, 58, 46],
            [63, 58, 55, 51],
        ];
        let track = |voice: usize| {
            let note = |start: u32, length: u32, pitch: u8, velocity: u8| Note {
                start: Ticks(start + 1),
                length: Ticks(length),
                pitch: Pitch::new(pitch),
                velocity: Velocity::new(velocity),
            };
            let mut notes = vec![note(0, 480, chords[0][voice], 127)];
            notes.extend((0..6).map(|bar| {
                note(480 + bar * 1440, 1440, chords[bar as usize][voice], if bar == 4 { loud } else { 127 })
            }));
            Track { channel: voice as u8, notes, ..Track::default() }
        };
        let mut score = Score::empty(
            Ticks(9121),
            riffsmith_dsp::score::Tempo::new(100.0).expect("valid"),
            "3/4".parse().expect("valid"),
        );
        score.tracks = (0..4).map(track).collect();
        score.keys = vec![(Ticks(0), "Eb".parse().expect("a key"))];
        midi::write(&score)
    }

    #[test]
    fn hymns_find_their_bar_lines_by_loudness() {
        let abc = b"C: Music: Ira D. Sankey, 1874".to_vec();
        let files = [
            ("mid/A-B.mid".to_owned(), hymn(127)),
            ("abc/A-B.abc".to_owned(), abc),
            ("mid/C.mid".to_owned(), hymn(125)),
        ];
        let harvest = hymnal(&Files::new(files).expect("no archives")).expect("readable");
        assert_eq!(harvest.pieces.len(), 2);
        let piece = &harvest.pieces[0];
        assert_eq!((piece.bars, piece.styles.join(" ")), (7, "gospel chorale".to_owned()));
        assert_eq!(harvest.pieces[1].styles, ["chorale"]);
        let lead: Vec<_> = piece.part(Role::Lead).iter().map(|event| (event.step, event.pitch)).take(3).collect();
        assert_eq!(lead, [(48, 64), (72, 64), (144, 65)]);
        let chords: Vec<_> =
            piece.harmony.iter().map(|(_, chord)| chord.map_or("-".to_owned(), |chord| chord.to_string())).collect();
        assert_eq!(chords.join(" "), "C F G C G C");
    }

    #[test]
    fn long_notes_tell_the_first_beat() {
        let note = |beat: u32, beats: u32| Note {
            start: Ticks(beat * 480),
            length: Ticks(beats * 480),
            pitch: Pitch::new(60),
            velocity: Velocity::new(90),
        };
        assert_eq!(first_beat(&[note(0, 1), note(1, 1), note(2, 1), note(3, 2)]), 24);
        assert_eq!(first_beat(&[note(0, 1), note(1, 1), note(2, 2)]), 0);
    }
}
