//! Motifs: short figures of one line that come back, at any pitch.

use crate::score::{Note, Ticks};
use std::collections::BTreeMap;

/// Notes of a motif, the longest first.
const LENGTHS: [usize; 5] = [8, 7, 6, 5, 4];

/// A figure counts from so many appearances on that do not overlap.
const LEAST: usize = 3;

/// Onsets are compared in 32nd notes.
const GRID: u32 = Ticks::PER_QUARTER / 8;

/// A silence this long ends a figure, in ticks: a whole bar of 4/4.
const BREATH: u32 = 4 * Ticks::PER_QUARTER;

/// Most notes of a line that are looked at.
const MOST_NOTES: usize = 20_000;

/// A figure that comes back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Motif {
    /// The first note of each appearance, in order; they do not overlap.
    pub starts: Vec<Ticks>,
    /// The notes of the first one.
    pub notes: Vec<Note>,
    /// How many appearances are at the pitch of the first one.
    pub at_pitch: usize,
}

/// The highest of the notes that start together, within a 64th.
pub fn top_line(notes: &[Note]) -> Vec<Note> {
    let mut line: Vec<Note> = Vec::new();
    for &note in notes {
        match line.last_mut() {
            Some(last) if note.start.0 - last.start.0 < GRID / 2 => {
                if note.pitch > last.pitch {
                    *last = Note { start: last.start, ..note };
                }
            }
            _ => line.push(note),
        }
    }
    line
}

/// At most `most` motifs of a line, those that cover most of it first; none is part of another.
pub fn motifs(notes: &[Note], most: usize) -> Vec<Motif> {
    let line = top_line(notes);
    let line = &line[..line.len().min(MOST_NOTES)];
    let mut found: Vec<(usize, Vec<usize>)> = Vec::new();
    for length in LENGTHS {
        let mut places: BTreeMap<Vec<(i16, u32)>, Vec<usize>> = BTreeMap::new();
        for (at, window) in line.windows(length).enumerate() {
            if let Some(figure) = figure(window) {
                let own = places.entry(figure).or_default();
                if own.last().is_none_or(|&last| at >= last + length) {
                    own.push(at);
                }
            }
        }
        found.extend(places.into_values().filter(|own| own.len() >= LEAST).map(|own| (length, own)));
    }
    found.sort_by_key(|(length, own)| (std::cmp::Reverse(length * own.len()), own[0]));
    let mut taken = vec![false; line.len()];
    let mut chosen = Vec::new();
    for (length, own) in found {
        if chosen.len() == most {
            break;
        }
        let covered = own.iter().flat_map(|&at| at..at + length).filter(|&at| taken[at]).count();
        if 3 * covered > length * own.len() {
            continue;
        }
        own.iter().flat_map(|&at| at..at + length).for_each(|at| taken[at] = true);
        let first = own[0];
        chosen.push(Motif {
            starts: own.iter().map(|&at| line[at].start).collect(),
            notes: line[first..first + length].to_vec(),
            at_pitch: own.iter().filter(|&&at| line[at].pitch == line[first].pitch).count(),
        });
    }
    chosen
}

/// Interval and time from note to note; `None` across a silence, and for a note that only repeats.
fn figure(notes: &[Note]) -> Option<Vec<(i16, u32)>> {
    let step = |pair: &[Note]| {
        let apart = pair[1].start.0 - pair[0].start.0;
        let interval = i16::from(pair[1].pitch.number()) - i16::from(pair[0].pitch.number());
        (apart < BREATH).then_some((interval, (apart + GRID / 2) / GRID))
    };
    let figure: Vec<(i16, u32)> = notes.windows(2).map(step).collect::<Option<_>>()?;
    figure.iter().any(|&(interval, _)| interval != 0).then_some(figure)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score::{Pitch, Velocity};

    fn line(pitches: &[u8]) -> Vec<Note> {
        let note = |(index, &pitch): (usize, &u8)| Note {
            start: Ticks(index as u32 * 240),
            pitch: Pitch::new(pitch),
            length: Ticks(240),
            velocity: Velocity::new(90),
        };
        pitches.iter().enumerate().map(note).collect()
    }

    #[test]
    fn a_figure_is_found_at_every_pitch() {
        // Short-short-short-long of a well-known kind, at three pitches, with other notes between them.
        let notes = line(&[67, 67, 67, 63, 50, 71, 65, 65, 65, 61, 41, 80, 55, 60, 60, 60, 56]);
        let motifs = motifs(&notes, 3);
        assert_eq!(motifs.len(), 1, "{motifs:?}");
        assert_eq!(motifs[0].starts, [Ticks(0), Ticks(6 * 240), Ticks(13 * 240)]);
        assert_eq!((motifs[0].notes.len(), motifs[0].at_pitch), (4, 1));
    }

    #[test]
    fn repeated_notes_and_single_appearances_are_none() {
        assert!(motifs(&line(&[60; 40]), 3).is_empty());
        assert!(motifs(&line(&[60, 62, 64, 65, 61, 70, 45, 44]), 3).is_empty());
        assert!(motifs(&[], 3).is_empty());
    }
}
