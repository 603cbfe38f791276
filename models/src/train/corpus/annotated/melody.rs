//! A melody over chords that come without one.

use super::TimeLine;
use riffsmith_dsp::Rng;
use riffsmith_dsp::score::{Key, Note, Pitch, PitchClass, Ticks, Track, Velocity};

/// Where it starts.
const MIDDLE: i32 = 69;

/// The range that it keeps to.
const RANGE: [i32; 2] = [58, 81];

/// How often a note on a beat is a tone of the chord: elsewhere steps of the scale decide. In popular song two thirds to three
/// quarters of the notes on beats are.
const ON_BEAT: f32 = 0.7;

/// How often an eighth is silent.
const REST: f32 = 0.25;

/// A melody in eighths that walks in a scale and comes to chord tones on beats.
pub fn invent(chords: &TimeLine, key: Key, beat: Ticks, rng: &mut Rng) -> Track {
    let half = Ticks((beat.0 / 2).max(1));
    let mut notes: Vec<Note> = Vec::new();
    let mut pitch = MIDDLE;
    for &(start, end, chord) in chords {
        let Some(chord) = chord else { continue };
        for place in 0..(end - start).0 / half.0 {
            if rng.chance(REST) {
                continue;
            }
            let step = [-2, -1, -1, -1, 0, 1, 1, 1, 2][rng.below(9)];
            pitch = stepped(pitch, step, key);
            if place % 2 == 0 && rng.chance(ON_BEAT) {
                pitch = nearest(pitch, |class| chord.contains(class));
            }
            let at = start + half * place;
            let length = half * [1, 1, 2][rng.below(3)];
            notes.push(Note { start: at, pitch: Pitch::folded(pitch), length, velocity: Velocity::new(95) });
        }
    }
    for index in 1..notes.len() {
        let next = notes[index].start;
        let before = &mut notes[index - 1];
        before.length = before.length.min(next - before.start);
    }
    // A flute of General MIDI.
    Track { channel: 2, program: 73, notes, ..Track::default() }
}

/// So many notes of the scale higher, turned back at the ends of the range.
fn stepped(pitch: i32, steps: i32, key: Key) -> i32 {
    let up = if pitch <= RANGE[0] { 1 } else { -1 };
    let direction = if (RANGE[0]..=RANGE[1]).contains(&pitch) { steps.signum() } else { up };
    let mut pitch = pitch;
    for _ in 0..steps.abs() {
        pitch += direction;
        while !key.contains(PitchClass::new(pitch)) {
            pitch += direction;
        }
    }
    pitch
}

fn nearest(pitch: i32, is_wanted: impl Fn(PitchClass) -> bool) -> i32 {
    let near = (0..12).flat_map(|distance| [pitch - distance, pitch + distance]);
    near.into_iter().find(|&near| is_wanted(PitchClass::new(near))).unwrap_or(pitch)
}

#[cfg(test)]
mod tests {
    use super::*;
    use riffsmith_dsp::Seed;

    #[test]
    fn a_melody_stays_in_range_and_has_notes_that_are_not_in_the_chord() {
        let chords: TimeLine =
            (0..64).map(|bar| (Ticks(bar * 1920), Ticks(bar * 1920 + 1920), "C".parse().ok())).collect();
        let key: Key = "C".parse().expect("a key");
        let melody = invent(&chords, key, Ticks::QUARTER, &mut Seed(1).rng());
        let inside =
            melody.notes.iter().filter(|note| chords[0].2.is_some_and(|c| c.contains(note.pitch.class()))).count();
        let share = inside as f64 / melody.notes.len() as f64;
        assert!((0.5..0.8).contains(&share), "{share}");
        for pair in melody.notes.windows(2) {
            assert!(pair[0].end() <= pair[1].start && key.contains(pair[0].pitch.class()));
            assert!((50..=90).contains(&pair[0].pitch.number()));
        }
    }
}
