//! A piano's accompaniment as bass and chords.

use super::grid;
use super::written::top_line;
use crate::piece::Event;
use riffsmith_dsp::score::Role;

/// The highest note that can be a bass: G3.
const HIGHEST: u8 = 55;

/// How far above the lowest note of its window a bass note may be, in semitones: a fourth, so that a bass may walk, but the
/// fifth of a broken chord is none.
const REACH: u8 = 5;

/// Splits the left hand's lowest line from the rest. All notes are on the grid and sorted; `window` is how long a low note
/// rules what is above it, in grid steps: half a bar, or the bar where it has no halves.
pub fn split(right: &[Event], left: &[Event], window: u32) -> (Vec<Event>, Vec<Event>) {
    let mut bass = Vec::new();
    let mut chords = right.to_vec();
    for group in left.chunk_by(|a, b| a.step / window == b.step / window) {
        let lowest = group.iter().map(|event| event.pitch).min().unwrap_or(0);
        for together in group.chunk_by(|a, b| a.step == b.step) {
            for (place, &event) in together.iter().enumerate() {
                let is_bass = place == 0 && event.pitch <= HIGHEST && event.pitch <= lowest.saturating_add(REACH);
                // An octave above the bass strengthens it and is no chord.
                let is_octave = place > 0 && event.pitch == together[0].pitch + 12 && together[0].pitch <= HIGHEST;
                if is_bass {
                    bass.push(event);
                } else if !is_octave {
                    chords.push(event);
                }
            }
        }
    }
    grid::tidy(&mut chords);
    (bass, chords)
}

/// The roles of a piano that plays alone: the right hand's top line leads.
pub fn alone(right: &[Event], left: &[Event], window: u32) -> Vec<(Role, Vec<Event>)> {
    let lead = top_line(right.to_vec());
    let is_lead =
        |event: &&Event| lead.binary_search_by_key(&event.step, |top| top.step).is_ok_and(|at| lead[at] == **event);
    let below: Vec<Event> = right.iter().filter(|event| !is_lead(event)).copied().collect();
    let (bass, chords) = split(&below, left, window);
    vec![(Role::Bass, bass), (Role::Chords, chords), (Role::Lead, lead)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(step: u32, pitch: u8) -> Event {
        Event { step, pitch, length: 12, velocity: 90, offset: 0 }
    }

    #[test]
    fn broken_chords_have_one_bass_note_and_walking_basses_all_of_theirs() {
        let broken = [event(0, 36), event(12, 43), event(24, 48), event(36, 43)];
        let (bass, chords) = split(&[event(0, 64)], &broken, 48);
        assert_eq!((bass.len(), bass[0].pitch, chords.len()), (1, 36, 4));
        let walking = [event(0, 36), event(12, 38), event(24, 40), event(36, 41)];
        assert_eq!(split(&[], &walking, 48).0.len(), 4);
        // Octaves are the bass alone; a chord high up has no bass.
        let (bass, chords) = split(&[], &[event(0, 36), event(0, 48), event(48, 60), event(48, 64)], 48);
        assert_eq!((bass.len(), chords.len()), (1, 2));
    }
}
