//! What must hold in a groove that others learn from.

use super::KIT;
use crate::piece::{Event, Piece, STEPS_PER_QUARTER};
use riffsmith_dsp::score::{Chord, PitchClass, Quality, Role};
use std::collections::HashSet;

/// Bars of every groove.
const BARS: u32 = 4;

/// What is wrong with a groove, each in a line; empty if it is sound.
pub fn faults(piece: &Piece) -> Vec<String> {
    let mut faults = Vec::new();
    let mut expect = |holds: bool, what: String| {
        if !holds {
            faults.push(what);
        }
    };
    expect(piece.bars == BARS, format!("it has {} bars, not {BARS}", piece.bars));
    for role in [Role::Bass, Role::Chords, Role::Lead] {
        expect(!piece.part(role).is_empty(), format!("it has no {role}"));
    }
    let in_key = in_key(piece);
    expect(in_key >= 0.95, format!("{in_key:.3} of the notes are in the key or the chord, not 0.95"));
    let roots = roots_at_changes(piece);
    expect(roots >= 0.7, format!("the bass marks {roots:.2} of the changes within an eighth, not 0.7"));
    let strong = chord_tones_on_beats(piece);
    expect(strong >= 0.5, format!("{strong:.2} of the lead's notes on beats are chord tones, not 0.5"));
    for (role, lowest, highest, widest) in [(Role::Bass, 24, 60, 36), (Role::Lead, 55, 91, 22)] {
        let pitches = piece.part(role).iter().map(|event| event.pitch);
        let (low, high) = (pitches.clone().min().unwrap_or(lowest), pitches.max().unwrap_or(lowest));
        let fits = low >= lowest && high <= highest && high - low <= widest;
        expect(fits, format!("{role} from {low} to {high} (at C): {lowest} to {highest}, at most {widest} wide"));
        let overlap = piece.part(role).windows(2).find(|pair| pair[0].step + pair[0].length > pair[1].step);
        expect(overlap.is_none(), format!("{role} must be one voice"));
    }
    for (role, _) in piece.parts.iter().filter(|(role, _)| *role != Role::Chords) {
        expect(bars_of(piece, *role) >= 2, format!("all bars of the {role} are the same"));
    }
    for event in piece.part(Role::Drums).iter().filter(|event| event.pitch == drum("openhat")) {
        let closes = ["hat", "pedal"].map(drum);
        let cut = piece.part(Role::Drums).iter().any(|own| own.step == event.step && closes.contains(&own.pitch));
        expect(!cut, format!("a closed hat cuts the open one at sixteenth {}", 1 + event.step / 6));
    }
    faults
}

/// How different two grooves are in a role, 0 (the same) to 1: Jaccard distance of their sets of (onset, pitch). Two that both
/// lack it are as different as can be: it says nothing.
pub fn distance(a: &Piece, b: &Piece, role: Role) -> f64 {
    let set = |piece: &Piece| -> HashSet<(u32, u8)> {
        piece.part(role).iter().map(|event| (event.step, event.pitch)).collect()
    };
    let (a, b) = (set(a), set(b));
    1.0 - a.intersection(&b).count() as f64 / a.union(&b).count().max(1) as f64
}

/// Why two grooves of a style are too near to each other, if they are.
pub fn too_near(a: &Piece, b: &Piece) -> Option<String> {
    let distances = Role::ALL.map(|role| distance(a, b, role));
    let whole = distances.iter().sum::<f64>() / 4.0;
    let nearest = Role::ALL.into_iter().zip(distances).find(|(_, distance)| *distance < 0.25);
    let (a, b) = (&a.source, &b.source);
    match nearest {
        Some((role, distance)) => Some(format!("{role} of {a} and {b} differ by {distance:.2}, not 0.25")),
        None if whole < 0.7 => Some(format!("{a} and {b} differ by {whole:.2}, not 0.7")),
        None => None,
    }
}

fn bars_of(piece: &Piece, role: Role) -> usize {
    let steps = piece.steps_per_bar();
    let bar = |index| -> Vec<(u32, u8)> {
        let own = piece.part(role).iter().filter(|event| event.step / steps == index);
        own.map(|event| (event.step % steps, event.pitch)).collect()
    };
    (0..piece.bars).map(bar).collect::<HashSet<_>>().len()
}

fn drum(name: &str) -> u8 {
    KIT.iter().find(|(own, _)| *own == name).map_or(0, |&(_, number)| number)
}

fn share<T>(items: &[T], holds: impl Fn(&T) -> bool) -> f64 {
    if items.is_empty() { 1.0 } else { items.iter().filter(|item| holds(item)).count() as f64 / items.len() as f64 }
}

fn class(event: &Event) -> PitchClass {
    PitchClass::new(i32::from(event.pitch))
}

fn chord_at(piece: &Piece, step: u32) -> Option<Chord> {
    let after = piece.harmony.partition_point(|&(start, _)| start <= step);
    piece.harmony.get(after.wrapping_sub(1))?.1
}

/// The share of pitched notes that belong to the mode or to the chord they sound with.
fn in_key(piece: &Piece) -> f64 {
    let pitched: Vec<Event> =
        [Role::Bass, Role::Chords, Role::Lead].into_iter().flat_map(|role| piece.part(role).to_vec()).collect();
    share(&pitched, |event| {
        let in_mode = piece.mode.is_some_and(|mode| mode.intervals().contains(&class(event).semitones()));
        in_mode || chord_at(piece, event.step).is_some_and(|chord| chord.contains(class(event)))
    })
}

/// The share of chord changes at which the bass has the chord's lowest note, held or struck within an eighth.
fn roots_at_changes(piece: &Piece) -> f64 {
    share(&piece.harmony, |&(start, chord)| {
        piece.part(Role::Bass).iter().any(|event| {
            let reaches = event.step + event.length > start;
            chord.is_some_and(|chord| class(event) == chord.lowest())
                && reaches
                && event.step <= start + STEPS_PER_QUARTER / 2
        })
    })
}

/// The share of lead notes on a beat that are chord tones; the third that a power chord leaves open is one.
fn chord_tones_on_beats(piece: &Piece) -> f64 {
    let on_beats: Vec<&Event> =
        piece.part(Role::Lead).iter().filter(|event| event.step.is_multiple_of(STEPS_PER_QUARTER)).collect();
    share(&on_beats, |event| {
        chord_at(piece, event.step).is_some_and(|chord| {
            let is_open_third = chord.quality == Quality::Power && [3, 4].contains(&class(event).above(chord.root));
            chord.contains(class(event)) || is_open_third
        })
    })
}
