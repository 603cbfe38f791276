//! The chords of notes that come without symbols.

use crate::piece::Event;
use riffsmith_dsp::score::{Chord, PitchClass, Quality};

/// Qualities that are looked for, and what speaks against each beforehand, as a share of all that sounds: a seventh or a
/// suspension must be more than a passing note.
const SOUGHT: [(Quality, f64); 10] = [
    (Quality::Major, 0.0),
    (Quality::Minor, 0.0),
    (Quality::Power, 0.0),
    (Quality::Sus4, 0.08),
    (Quality::Sus2, 0.08),
    (Quality::Diminished, 0.08),
    (Quality::Seventh, 0.15),
    (Quality::MinorSeventh, 0.15),
    (Quality::MajorSeventh, 0.15),
    (Quality::Augmented, 0.2),
];

/// What notes outside a chord cost against those inside.
const OUTSIDE: f64 = 0.6;

/// What each chord tone costs that does not sound.
const MISSING: f64 = 0.07;

/// What it brings if the bass plays the root.
const ROOT_IN_BASS: f64 = 0.25;

/// How much of what several chords explain a single one must explain to stand for all of them.
const ONE_IS_ENOUGH: f64 = 0.9;

/// Chord from a grid step on, for each bar or part of one; `None` where nothing sounds.
///
/// Templates are matched to how long each pitch class sounds; what the bass plays counts twice, and more if it is the
/// root. `parts` are the lengths at which a chord may change within the bar, longest first, each a divisor of the one
/// before: half a bar, a beat.
pub fn chords(bass: &[Event], others: &[&[Event]], bars: u32, bar: u32, parts: &[u32]) -> Vec<(u32, Option<Chord>)> {
    (0..bars).flat_map(|index| span(bass, others, index * bar, bar, parts).0).collect()
}

/// The chords of a span, and how much of it they explain.
fn span(
    bass: &[Event],
    others: &[&[Event]],
    start: u32,
    length: u32,
    parts: &[u32],
) -> (Vec<(u32, Option<Chord>)>, f64) {
    let one = Sounding::between(bass, others, start, start + length).best();
    if let Some((&part, shorter)) = parts.split_first().filter(|&(&part, _)| part < length) {
        let several: Vec<_> =
            (0..length / part).map(|index| span(bass, others, start + index * part, part, shorter)).collect();
        let explained = several.iter().map(|(_, explained)| explained).sum::<f64>() / several.len() as f64;
        let chords: Vec<_> = several.into_iter().flat_map(|(chords, _)| chords).collect();
        if chords.iter().any(|&(_, chord)| chord != chords[0].1) && one.1 < ONE_IS_ENOUGH * explained {
            return (chords, explained);
        }
    }
    (vec![(start, one.0)], one.1)
}

/// How much of a stretch each pitch class fills, adding up to 1, and how much in the bass.
struct Sounding {
    all: [f64; 12],
    bass: [f64; 12],
}

impl Sounding {
    fn between(bass: &[Event], others: &[&[Event]], from: u32, to: u32) -> Self {
        let low = weights(bass, from, to);
        let mut all = low.map(|weight| 2.0 * weight);
        for part in others {
            all.iter_mut().zip(weights(part, from, to)).for_each(|(sum, weight)| *sum += weight);
        }
        Self { all: normalised(all), bass: normalised(low) }
    }

    /// The chord that explains most and how much that is; `None` and 0 for silence.
    fn best(&self) -> (Option<Chord>, f64) {
        if self.all.iter().sum::<f64>() == 0.0 {
            return (None, 0.0);
        }
        let chords =
            (0..12).flat_map(|root| SOUGHT.map(|(quality, cost)| (Chord::new(PitchClass::new(root), quality), cost)));
        let (mut best, mut most) = (None, f64::NEG_INFINITY);
        for (chord, cost) in chords {
            let value = self.explained(chord) - cost;
            if value > most {
                (best, most) = (Some(chord), value);
            }
        }
        (best, most)
    }

    fn explained(&self, chord: Chord) -> f64 {
        let tones = || chord.classes().map(|class| self.all[usize::from(class.semitones())]);
        let inside: f64 = tones().sum();
        let missing = tones().filter(|&weight| weight < 0.02).count() as f64;
        let root = self.bass[usize::from(chord.root.semitones())];
        inside - OUTSIDE * (1.0 - inside) - MISSING * missing + ROOT_IN_BASS * root
    }
}

/// Longest note that is still heard, in grid steps: 64 bars of 4/4.
const HELD: u32 = 64 * 96;

/// Steps that each pitch class sounds between two moments.
pub fn weights(events: &[Event], from: u32, to: u32) -> [f64; 12] {
    let mut weights = [0.0; 12];
    let first = events.partition_point(|event| event.step + HELD < from);
    for event in events[first..].iter().take_while(|event| event.step < to) {
        let overlap = (event.step + event.length).min(to).saturating_sub(event.step.max(from));
        weights[usize::from(event.pitch % 12)] += f64::from(overlap);
    }
    weights
}

fn normalised(weights: [f64; 12]) -> [f64; 12] {
    let sum: f64 = weights.iter().sum();
    if sum > 0.0 { weights.map(|weight| weight / sum) } else { weights }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Chords as held notes, one a bar, each with its lowest note in the bass.
    fn found(chords_played: &str) -> String {
        let (mut bass, mut comp) = (Vec::new(), Vec::new());
        let event = |step, pitch| Event { step, pitch, length: 96, velocity: 90, offset: 0 };
        for (index, text) in (0..).zip(chords_played.split(' ')) {
            let Ok(chord) = text.parse::<Chord>() else { continue };
            bass.push(event(index * 96, 36 + chord.lowest().semitones()));
            comp.extend(chord.classes().map(|class| event(index * 96, 60 + class.semitones())));
        }
        let bars = chords_played.split(' ').count() as u32;
        let harmony = chords(&bass, &[&comp], bars, 96, &[48]);
        let names = harmony.iter().map(|(_, chord)| chord.map_or("-".to_owned(), |chord| chord.to_string()));
        names.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn played_chords_are_found() {
        for text in ["C Am F G", "Dm7 G7 Cmaj7 -", "E5 F5", "Gsus4 G", "Bdim C", "C G/B Am"] {
            assert_eq!(found(text), text.replace("/B", ""), "{text}");
        }
    }

    #[test]
    fn two_chords_in_a_bar_are_found_and_passing_notes_are_not_chords() {
        let event = |step, pitch, length| Event { step, pitch, length, velocity: 90, offset: 0 };
        let comp = [
            event(0, 60, 48),
            event(0, 64, 48),
            event(0, 67, 48),
            event(48, 59, 48),
            event(48, 62, 48),
            event(48, 67, 48),
        ];
        let changing = chords(&[event(0, 36, 48), event(48, 43, 48)], &[&comp], 1, 96, &[48]);
        assert_eq!(changing, [(0, "C".parse().ok()), (48, "G".parse().ok())]);
        let held = [event(0, 60, 96), event(0, 64, 96), event(0, 67, 96)];
        let walking = chords(&[event(0, 36, 72), event(72, 38, 24)], &[&held], 1, 96, &[48]);
        assert_eq!(walking, [(0, "C".parse().ok())]);
    }
}
