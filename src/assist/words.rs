//! Musical words for what was written.

use super::song::Song;
use riffsmith_dsp::analysis::numeral;
use riffsmith_dsp::score::{Chord, Pitch};
use riffsmith_models::piece::{Event, Piece, STEPS_PER_QUARTER};

/// `bar 5`, or `bars 5-6`; from 0 and without the end.
pub fn bars(range: &std::ops::Range<u32>) -> String {
    match range.end - range.start {
        1 => format!("bar {}", range.start + 1),
        _ => format!("bars {}-{}", range.start + 1, range.end),
    }
}

/// The chords of a stretch of a piece, in the song's key: `Am F C G`.
pub fn chords(song: &Song, piece: &Piece, steps: &std::ops::Range<u32>) -> String {
    let tonic = i32::from(song.key.tonic.semitones());
    let own: Vec<String> = changes(piece, steps).into_iter().map(|chord| chord.transposed(tonic).to_string()).collect();
    spelled(&own.join(" "), song)
}

/// Chord symbols with the flats of a key that has flats.
fn spelled(symbols: &str, song: &Song) -> String {
    const FLATS: [(&str, &str); 5] = [("A#", "Bb"), ("C#", "Db"), ("D#", "Eb"), ("F#", "Gb"), ("G#", "Ab")];
    match song.key.signature() {
        0.. => symbols.to_owned(),
        _ => FLATS.iter().fold(symbols.to_owned(), |text, (sharp, flat)| text.replace(sharp, flat)),
    }
}

/// The same as Roman numerals: `vi IV I V`.
pub fn numerals(song: &Song, piece: &Piece, steps: &std::ops::Range<u32>) -> String {
    let tonic = i32::from(song.key.tonic.semitones());
    let chords: Vec<Chord> = changes(piece, steps).into_iter().map(|chord| chord.transposed(tonic)).collect();
    let numeral = |(index, &chord): (usize, &Chord)| numeral(chord, song.key, chords.get(index + 1).copied());
    let own: Vec<String> = chords.iter().enumerate().map(numeral).collect();
    own.join(" ")
}

fn changes(piece: &Piece, steps: &std::ops::Range<u32>) -> Vec<Chord> {
    let held = piece.harmony.iter().rfind(|&&(at, _)| at <= steps.start);
    let own = piece.harmony.iter().filter(|(at, _)| *at > steps.start && *at < steps.end);
    held.into_iter().chain(own).filter_map(|&(_, chord)| chord).collect()
}

/// Notes a bar and, of a line, its highest and lowest note: `6.5 notes a bar, C4 to A5`.
pub fn shape(song: &Song, events: &[Event], bars: u32, is_pitched: bool) -> String {
    let rate = events.len() as f64 / f64::from(bars.max(1));
    let pitches = events.iter().map(|event| i32::from(event.pitch) - song.shift());
    match (is_pitched, pitches.clone().min(), pitches.max()) {
        (true, Some(low), Some(high)) => {
            spelled(&format!("{rate:.1} notes a bar, {} to {}", Pitch::folded(low), Pitch::folded(high)), song)
        }
        _ => format!("{rate:.1} strikes a bar"),
    }
}

/// Share of the notes on quarters that are tones of the chord there, in words.
pub fn agreement(piece: &Piece, events: &[Event]) -> String {
    let (mut all, mut inside) = (0, 0);
    for event in events.iter().filter(|event| event.step.is_multiple_of(STEPS_PER_QUARTER)) {
        let after = piece.harmony.partition_point(|&(at, _)| at <= event.step);
        let Some(chord) = after.checked_sub(1).and_then(|index| piece.harmony[index].1) else { continue };
        all += 1;
        inside += usize::from(chord.classes().any(|class| class.semitones() == event.pitch % 12));
    }
    match all {
        0 => "no notes on the beats".to_owned(),
        _ => format!("{} % of the notes on beats are chord tones", 100 * inside / all),
    }
}
