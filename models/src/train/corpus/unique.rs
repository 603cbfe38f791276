//! Leaving out what is there twice.

use super::Report;
use crate::piece::Piece;
use riffsmith_dsp::score::Role;
use std::collections::HashSet;
use std::fmt::Write;

/// Keeps the first of equal pieces; one of the test part comes before one of the validation part, and that before one
/// of the training part, so that nothing is tested that was learnt.
pub fn unique(pieces: Vec<Piece>, report: &mut Report) -> Vec<Piece> {
    let mut order: Vec<usize> = (0..pieces.len()).collect();
    order.sort_by_key(|&index| std::cmp::Reverse(pieces[index].split));
    let mut seen = HashSet::new();
    let mut keep = vec![false; pieces.len()];
    for index in order {
        keep[index] = seen.insert(fingerprint(&pieces[index]));
        if !keep[index] {
            report.dropped(pieces[index].set(), [("the same as another piece", 1)]);
        }
    }
    pieces.into_iter().zip(keep).filter_map(|(piece, keep)| keep.then_some(piece)).collect()
}

/// All that sounds, in words that stay the same when everything is transposed.
fn fingerprint(piece: &Piece) -> String {
    let mut text = format!("{} {} ", piece.meter, piece.bars);
    let pitched = piece.parts.iter().filter(|(role, _)| *role != Role::Drums).flat_map(|(_, events)| events);
    let lowest = pitched.map(|event| event.pitch).min().unwrap_or(0);
    for (role, events) in &piece.parts {
        let origin = if *role == Role::Drums { 0 } else { lowest };
        for event in events {
            let pitch = event.pitch - origin;
            let _ = write!(text, "{role}{}:{pitch}:{}:{}:{} ", event.step, event.length, event.velocity, event.offset);
        }
    }
    let first = piece.harmony.iter().find_map(|(_, chord)| chord.map(|chord| i32::from(chord.root.semitones())));
    for (step, chord) in &piece.harmony {
        match chord {
            Some(chord) => {
                let _ = write!(text, "{step}={} ", chord.transposed(-first.unwrap_or(0)));
            }
            None => {
                let _ = write!(text, "{step}=- ");
            }
        }
    }
    text
}
